package webpage

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"filodiretto/internal/filetype"
)

// mostParts is how many parts of a form are read: a browser sends a few fields
// and files.
const mostParts = 100

// Form is what a citizen sent from a page.
type Form struct {
	Key    string // of the form: the same key and words twice is one message
	Number string // of the case that the page was about, as the form says
	Text   string
	Files  []File
}

// File is one that came with a form.
type File struct {
	Name     string // safe, and unique in the form
	Claimed  string
	Detected string
	Body     []byte
}

// ErrNoForm says that the bytes are no form with fields and files.
var ErrNoForm = errors.New("not a form")

// ReadForm reads a form of the type multipart/form-data. Of a form that ends
// too early, as when too much was sent, it gives what was read whole, and
// io.ErrUnexpectedEOF.
func ReadForm(contentType string, body []byte) (*Form, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, ErrNoForm
	}
	f := &Form{}
	names := map[string]bool{}
	r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for range mostParts {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return f, nil
		}
		if err != nil {
			return f, cut(err)
		}
		b, err := io.ReadAll(p)
		if err != nil {
			return f, cut(err)
		}
		f.add(p, b, names)
	}
	return nil, fmt.Errorf("%w: more than %d parts", ErrNoForm, mostParts)
}

// cut tells a form that ends too early from one that is wrong.
func cut(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: a part cannot be read", ErrNoForm)
}

func (f *Form) add(p *multipart.Part, b []byte, names map[string]bool) {
	_, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
	if err != nil {
		return
	}
	name, isFile := params["filename"]
	switch field := params["name"]; {
	case !isFile && field == "key":
		f.Key = cleanLine(string(b))
	case !isFile && field == "number":
		f.Number = cleanLine(string(b))
	case !isFile && field == "text":
		f.Text = cleanText(string(b))
	case isFile && (len(b) > 0 || name != ""): // an empty choice of files comes as a file without a name
		x := File{Name: uniqueName(safeName(name), names), Claimed: claimed(p.Header.Get("Content-Type")), Body: b}
		x.Detected, _, _ = strings.Cut(filetype.Of(b), ";")
		f.Files = append(f.Files, x)
	}
}

func claimed(header string) string {
	kind, _, err := mime.ParseMediaType(header)
	if err != nil {
		return ""
	}
	return cleanLine(kind)
}

// Empty reports whether the form says nothing.
func (f *Form) Empty() bool { return f.Text == "" && len(f.Files) == 0 }

// Size is how many bytes all files have.
func (f *Form) Size() (n int64) {
	for i := range f.Files {
		n += int64(len(f.Files[i].Body))
	}
	return n
}

// ID names what was sent: the same form with the same words and files, sent
// twice, has one; a form that was gone back to and changed has another. place
// keeps forms of different cases apart.
func (f *Form) ID(place string) string {
	h := sha256.New()
	for _, s := range []string{place, f.Key, f.Text} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	for i := range f.Files {
		sum := sha256.Sum256(f.Files[i].Body)
		fmt.Fprintf(h, "%d:%s", len(f.Files[i].Name), f.Files[i].Name)
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:20])
}
