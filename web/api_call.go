package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/router"
	"filodiretto/web/openapi"
)

// apiCall is one request to the API, after all that is the same for every
// operation was checked.
type apiCall struct {
	inbox.Viewer
	r     *http.Request
	ctx   context.Context
	op    *apiOp
	token *router.Token
	dir   *router.Directory

	body    []byte         // checked against the operation's schema; nil when there is none
	upload  *inbox.FileRef // a file that came as the body, kept
	hashed  string         // of a password that came
	after   []func()       // what is done once all is committed
	etag    string         // of the answer, when it has a version
	at      string         // Location of what was made
	again   bool           // the same had been done before
	taken   *inbox.Handed  // a message that was handed over
	takenBy int64          // the account that took it
}

// handler is the frame of an operation: who asks, may they, is the request well
// formed; then the operation, and its answer or a problem document.
func (a *api) handler(op *apiOp) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &apiCall{r: r, ctx: r.Context(), op: op}
		done, err := a.serve(q)
		if err != nil {
			a.refuse(w, q, err)
			return
		}
		if !done.replayed {
			for _, f := range q.after {
				f()
			}
		}
		done.write(w, r)
	})
}

func (a *api) serve(q *apiCall) (*apiAnswer, error) {
	if q.op.Scope != "" {
		if err := a.authenticate(q); err != nil {
			return nil, err
		}
	}
	if err := q.checkParams(); err != nil {
		return nil, err
	}
	if err := q.readBody(); err != nil {
		return nil, err
	}
	if q.op.prepare != nil {
		if err := q.op.prepare(q); err != nil {
			return nil, err
		}
	}
	if key := q.r.Header.Get("Idempotency-Key"); q.op.Method == http.MethodPost && key != "" && !q.op.keyless {
		return a.once(q, key)
	}
	return q.run()
}

// run does the operation and puts its answer into bytes.
func (q *apiCall) run() (*apiAnswer, error) {
	out, err := q.op.run(q)
	if err != nil {
		return nil, err
	}
	ans := &apiAnswer{Status: q.op.OK, ETag: q.etag, Location: q.at}
	if q.again {
		ans.Status = q.op.Again
	}
	switch out := out.(type) {
	case nil:
	case *apiFile:
		ans.file = out
	default:
		if ans.Body, err = jsonBytes(out); err != nil {
			return nil, err
		}
	}
	return ans, nil
}

// jsonBytes writes a value as it is, without escapes for HTML: nothing reads it
// as HTML, see its content type and nosniff.
func jsonBytes(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// apiAnswer is what a call is answered with. What has an idempotency key is
// stored in this form.
type apiAnswer struct {
	Status   int             `json:"status"`
	ETag     string          `json:"etag,omitempty"`
	Location string          `json:"location,omitempty"`
	Body     json.RawMessage `json:"body,omitempty"`

	replayed bool
	file     *apiFile
}

func (ans *apiAnswer) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if ans.ETag != "" {
		h.Set("ETag", ans.ETag)
	}
	if ans.Location != "" {
		h.Set("Location", ans.Location)
	}
	if ans.replayed {
		h.Set("Idempotent-Replayed", "true")
	}
	if ans.file != nil {
		ans.file.write(w, r)
		return
	}
	if ans.Body == nil {
		w.WriteHeader(ans.Status)
		return
	}
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(ans.Body)))
	w.WriteHeader(ans.Status)
	_, _ = w.Write(ans.Body)
}

// checkParams holds the parameters of path and query against the document. One
// that is misspelt is told and not ignored: a filter that does not filter shows
// what nobody asked for.
func (q *apiCall) checkParams() error {
	var faults []openapi.Fault
	known := map[string]bool{}
	values := q.r.URL.Query()
	for _, p := range q.op.Params {
		switch p.In {
		case "path":
			if len(checkText(p, q.r.PathValue(p.Name))) > 0 {
				return inbox.ErrNotFound
			}
		case "query":
			known[p.Name] = true
			switch v := values[p.Name]; {
			case len(v) > 1:
				faults = append(faults, openapi.Fault{Path: p.Name, Code: "twice", Detail: "it must be there once"})
			case len(v) == 1:
				faults = append(faults, checkText(p, v[0])...)
			case p.Required:
				faults = append(faults, openapi.Fault{Path: p.Name, Code: "required", Detail: "it must be there"})
			}
		}
	}
	for name := range values {
		if !known[name] {
			faults = append(faults, openapi.Fault{Path: name, Code: "unknown", Detail: "there is no such parameter of this address"})
		}
	}
	if len(faults) > 0 {
		return &faultsError{faults}
	}
	return nil
}

// checkText checks a parameter, which is text whatever its schema says.
func checkText(p openapi.Param, text string) []openapi.Fault {
	var v any = text
	switch p.Schema.Type {
	case "integer":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return []openapi.Fault{{Path: p.Name, Code: "type", Detail: "it must be a whole number"}}
		}
		v = json.Number(strconv.FormatInt(n, 10))
	case "boolean":
		if text != "true" && text != "false" {
			return []openapi.Fault{{Path: p.Name, Code: "type", Detail: "it must be true or false"}}
		}
		v = text == "true"
	}
	faults := p.Schema.Check(v)
	for i := range faults {
		faults[i].Path = p.Name
	}
	return faults
}

// readBody reads a JSON body and checks it. Operations that take something else
// read it by themselves.
func (q *apiCall) readBody() error {
	if q.op.Method == http.MethodGet || q.op.BodyType != "" {
		return nil
	}
	if q.r.ContentLength > apiMostJSON {
		return &http.MaxBytesError{Limit: apiMostJSON}
	}
	b, err := io.ReadAll(http.MaxBytesReader(nil, q.r.Body, apiMostJSON))
	if err != nil {
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			return tooLarge
		}
		return &apiError{status: http.StatusBadRequest, code: "body_cut", detail: "The body ended before its length."}
	}
	b = bytes.TrimSpace(b)
	if len(b) == 0 && (q.op.Body == nil || q.op.BodyOpt) {
		return nil
	}
	if err := q.checkType(b); err != nil {
		return err
	}
	v, err := openapi.Read(b)
	if err != nil {
		return &apiError{status: http.StatusBadRequest, code: "bad_json", detail: "The body is no JSON: " + err.Error() + "."}
	}
	schema := q.op.Body
	if schema == nil {
		schema = openapi.Object()
	}
	if faults := schema.Check(v); len(faults) > 0 {
		return &faultsError{faults}
	}
	q.body = b
	return nil
}

func (q *apiCall) checkType(b []byte) error {
	kind, params, err := mime.ParseMediaType(q.r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json")) && (charset == "" || strings.EqualFold(charset, "utf-8")) {
		return nil
	}
	if len(b) == 0 {
		return &apiError{status: http.StatusBadRequest, code: "no_body", detail: "The body is missing."}
	}
	return &apiError{status: http.StatusUnsupportedMediaType, code: "not_json", detail: "This address takes JSON.", remedy: "Send the body as JSON in UTF-8, with the header Content-Type: application/json."}
}

// into fills a struct with the body. The schema was checked, so that only what a
// schema cannot say is wrong here.
func (q *apiCall) into(dst any) error {
	if q.body == nil {
		return nil
	}
	if err := json.Unmarshal(q.body, dst); err != nil {
		return &apiError{status: http.StatusUnprocessableEntity, code: "unreadable", detail: "A member of the body has a value that cannot be used."}
	}
	return nil
}

// limit is ?limit=, or the default.
func (q *apiCall) limit(def int) int {
	if n, err := strconv.Atoi(q.query("limit")); err == nil {
		return n
	}
	return def
}

func (q *apiCall) query(name string) string { return q.r.URL.Query().Get(name) }

// instant is a parameter that was checked to be one; 0 when it is not there.
func (q *apiCall) instant(name string) clock.Instant {
	at, err := time.Parse(time.RFC3339Nano, q.query(name))
	if err != nil {
		return 0
	}
	return clock.At(at)
}

func (q *apiCall) id(name string) int64 { return parseID(q.r.PathValue(name)) }

// version is the one that the caller saw, from If-Match or from the body; 0 when
// neither says. Where both do and differ, the request contradicts itself.
func (q *apiCall) version(body int64) (int64, error) {
	h := strings.TrimSpace(q.r.Header.Get("If-Match"))
	if h == "" || h == "*" {
		return body, nil
	}
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(h, "W/"), `"`), 10, 64)
	if err != nil || n < 1 {
		return 0, &apiError{status: http.StatusUnprocessableEntity, code: "bad_etag", field: "If-Match", detail: "If-Match must hold the ETag that this address answered.", remedy: "Read the resource again and send its ETag as it is."}
	}
	if body != 0 && body != n {
		return 0, &apiError{status: http.StatusUnprocessableEntity, code: "two_versions", field: "version", detail: "If-Match and the member version differ.", remedy: "Send one of them."}
	}
	return n, nil
}

// needVersion is version for what is never changed blindly.
func (q *apiCall) needVersion(body int64) (int64, error) {
	v, err := q.version(body)
	if err == nil && v == 0 {
		err = &apiError{
			status: http.StatusPreconditionRequired, code: "version_required", field: "version", detail: "The change must say which version it was decided on.",
			remedy: "Read the resource, and send its ETag in If-Match or its version in the body.",
		}
	}
	return v, err
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }
