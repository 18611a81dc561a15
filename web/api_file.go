package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clamd"
	"filodiretto/web/openapi"
)

var fileName = openapi.Param{Name: "name", In: "query", Schema: openapi.Filled(255), Doc: "The file's name.", Required: true}

func (a *api) fileOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{
			Method: "POST", Path: "/files", ID: "uploadFile", Tag: "messages", Scope: "write", Summary: "Upload a file that an answer or a note will name by its sha256",
			Doc: "The body is the bytes themselves. What no message names in the end is cleared from the store.", OK: http.StatusCreated,
			Params: []openapi.Param{fileName}, Body: openapi.Bytes(), BodyType: "application/octet-stream", Out: fileRefSchema,
		}, apiRead(a.uploaded)).after(a.keep),
		op(openapi.Operation{Method: "GET", Path: "/files/{id}", ID: "getFile", Tag: "messages", Scope: "read", Summary: "The bytes of a file of a message", Out: openapi.Bytes(), OutType: "application/octet-stream"}, apiRead(a.getFile)),
	}
}

// keep takes in the file that is the body.
func (a *api) keep(q *apiCall) error {
	if kind, _, _ := mime.ParseMediaType(q.r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		return &apiError{status: http.StatusUnsupportedMediaType, code: "not_bytes", detail: "This address takes the bytes of one file, and no form.", remedy: "Send the file as the body, with its name in ?name=."}
	}
	ref, err := a.Inbox.KeepFile(q.ctx, q.query("name"), q.r.Body)
	var invalid *inbox.InvalidError
	if errors.As(err, &invalid) && invalid.Code == "too_large" {
		return &apiError{status: http.StatusRequestEntityTooLarge, code: "too_large", detail: "A file may have at most 25 MiB."}
	}
	if err != nil {
		return err
	}
	q.upload = &ref
	q.body = []byte(ref.SHA256 + " " + ref.Name) // what an idempotency key stands for
	return nil
}

func (a *api) uploaded(q *apiCall) (apiFileRef, error) { return apiFileRef(*q.upload), nil }

func (a *api) getFile(q *apiCall) (*apiFile, error) {
	p, f, err := a.Inbox.OpenPart(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return nil, heldProblem(err)
	}
	return &apiFile{Name: p.Name, Size: p.Size, Body: f}, nil
}

// heldProblem says of a file that the malware scan holds back what a program needs to
// decide; other errors are as they were.
func heldProblem(err error) error {
	var held *inbox.HeldError
	if !errors.As(err, &held) {
		return err
	}
	e := &apiError{status: http.StatusLocked, code: "file_" + held.Code, detail: "The malware scan holds the file back: " + held.Code + ".", remedy: "Nobody gives this file out; look at the case's page."}
	if held.Code == string(clamd.Pending) {
		e.remedy, e.retryAfter = "Ask again when it was scanned.", 15*time.Second
	}
	return e
}

// apiFile is an answer that is bytes and no JSON.
type apiFile struct {
	Name string
	Type string // of what our own bytes say; empty is application/octet-stream
	Size int64  // -1 when it is not known
	Body io.ReadCloser
}

// write sends the bytes as a download, whatever they look like.
func (f *apiFile) write(w http.ResponseWriter, _ *http.Request) {
	defer f.Body.Close()
	attachment(w, f.Name)
	if f.Type != "" {
		w.Header().Set("Content-Type", f.Type)
	}
	if f.Size >= 0 {
		w.Header().Set("Content-Length", formatID(f.Size))
	}
	if _, err := io.Copy(w, f.Body); err != nil && f.Size < 0 {
		panic(http.ErrAbortHandler) // no length tells that something is missing
	} // else the program went away, or the store broke: the length tells
}
