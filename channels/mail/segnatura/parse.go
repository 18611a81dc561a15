package segnatura

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of a file; real ones have a few kilobytes.
const (
	MaxSize       = 1 << 20 // bytes
	maxElements   = 20_000
	maxDepth      = 40
	maxWords      = 2000 // bytes of one text
	maxRecipients = 50
	maxDocuments  = 200
)

// Why a file is none that can be read.
var (
	ErrTooLarge = errors.New("segnatura: too large")
	ErrRoot     = errors.New("segnatura: no Segnatura or SegnaturaInformatica")
)

// Parse reads a file of either form. What is missing stays empty and what is
// unknown is passed over; a document type declaration is tolerated, and no entity
// is ever expanded but those of HTML. Errors: ErrTooLarge, ErrRoot, and what is
// no XML at all before the root.
func Parse(b []byte) (*Record, error) {
	if len(b) > MaxSize {
		return nil, ErrTooLarge
	}
	d := xml.NewDecoder(strings.NewReader(utf8Text(b)))
	d.Strict = false
	d.Entity = xml.HTMLEntity // single letters; what a file declares itself is not looked at
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	r := reader{rec: &Record{}}
	err := r.read(d)
	switch {
	case errors.Is(err, ErrTooLarge):
		return nil, err
	case r.rec.Form == "" && err != nil:
		return nil, fmt.Errorf("segnatura: %w", err)
	case r.rec.Form == "":
		return nil, ErrRoot
	}
	r.finish() // a file that breaks off is read as far as it goes
	return r.rec, nil
}

// reader walks the elements and knows where it is by their names, in lower case
// and without namespaces: files are seen in either of the two of Allegato 6.
type reader struct {
	rec      *Record
	path     []string
	elements int
	text     strings.Builder
	party    party
	doc      Document
	hash     hashText
	levels   []string
	class    class
	main     int // documents that are the principal one
}

func (r *reader) read(d *xml.Decoder) error {
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := r.open(t); err != nil {
				return err
			}
		case xml.CharData:
			if room := maxWords - r.text.Len(); room > 0 {
				r.text.Write(t[:min(len(t), room)])
			}
		case xml.EndElement:
			r.close()
		}
	}
}

func (r *reader) open(t xml.StartElement) error {
	name := strings.ToLower(t.Name.Local)
	if r.elements++; r.elements > maxElements || len(r.path) >= maxDepth {
		return ErrTooLarge
	}
	if len(r.path) == 0 && r.rec.Form == "" {
		switch name {
		case "segnaturainformatica":
			r.rec.Form = Allegato6
		case "segnatura":
			r.rec.Form = Circular
		default:
			return ErrRoot
		}
	}
	r.path = append(r.path, name)
	r.text.Reset()
	r.begin(name, t)
	return nil
}

func (r *reader) close() {
	if len(r.path) == 0 {
		return
	}
	name := r.path[len(r.path)-1]
	text := words(r.text.String())
	r.text.Reset()
	r.end(name, text)
	r.path = r.path[:len(r.path)-1]
}

// in reports whether the reader is within elements of these names, the last being
// the innermost, with whatever between them.
func (r *reader) in(names ...string) bool {
	i := 0
	for _, p := range r.path {
		if i < len(names) && p == names[i] {
			i++
		}
	}
	return i == len(names)
}

// parent is the name of the element around the innermost one.
func (r *reader) parent() string {
	if len(r.path) < 2 {
		return ""
	}
	return r.path[len(r.path)-2]
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if strings.EqualFold(a.Name.Local, name) {
			return words(a.Value)
		}
	}
	return ""
}
