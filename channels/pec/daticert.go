package pec

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/clock"
)

// Limits of daticert.xml; real ones have a few kilobytes.
const (
	maxDaticert   = 1 << 20
	maxElements   = 20_000
	maxDepth      = 20
	maxRecipients = 2000
	maxWords      = 500 // bytes of a text
)

var (
	errTooLarge = errors.New("daticert: too large")
	errDoctype  = errors.New("daticert: a document type declaration")
	errRoot     = errors.New("daticert: no postacert element")
)

// parseDaticert reads the certification data (PEC reference section 4). What
// is missing stays empty; unknown words are kept; only what is no XML, declares
// entities or is enormous is an error.
func parseDaticert(b []byte) (*channels.Certified, error) {
	if len(b) > maxDaticert {
		return nil, errTooLarge
	}
	if i := bytes.LastIndex(b, []byte("</postacert>")); i >= 0 {
		b = b[:i+len("</postacert>")] // some end with line ends that no parser likes
	}
	r := reader{c: &channels.Certified{}}
	d := xml.NewDecoder(bytes.NewReader(b))
	d.CharsetReader = latin
	d.Entity = nil
	if err := r.read(d); err != nil {
		return nil, err
	}
	if !r.root {
		return nil, errRoot
	}
	r.finish()
	return r.c, nil
}

// latin reads the two older charsets that daticert.xml is seen in.
func latin(charset string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "iso-8859-1", "latin1", "windows-1252":
		return charmap.Windows1252.NewDecoder().Reader(in), nil
	case "us-ascii":
		return in, nil
	}
	return nil, fmt.Errorf("daticert: charset %.20q", charset)
}

// reader walks the elements and knows where it is by their names.
type reader struct {
	c        *channels.Certified
	root     bool
	path     []string
	elements int
	text     strings.Builder
	external bool // of the recipient being read
	zone     string
	day      string
	hour     string
}

func (r *reader) read(d *xml.Decoder) error {
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("daticert: %w", err)
		}
		switch t := token.(type) {
		case xml.Directive:
			return errDoctype
		case xml.StartElement:
			if err := r.open(t); err != nil {
				return err
			}
		case xml.CharData:
			if r.text.Len() < 4*maxWords {
				r.text.Write(t)
			}
		case xml.EndElement:
			r.close()
		}
	}
}

func (r *reader) open(t xml.StartElement) error {
	name := strings.ToLower(t.Name.Local)
	if r.elements++; r.elements > maxElements || len(r.path) >= maxDepth {
		return errTooLarge
	}
	if len(r.path) == 0 && name == "postacert" {
		r.root = true
		r.c.Kind, r.c.Error = attribute(t, "tipo"), attribute(t, "errore")
	}
	switch name {
	case "destinatari":
		r.external = attribute(t, "tipo") == "esterno"
	case "data":
		r.zone = attribute(t, "zona")
	case "ricevuta":
		r.c.Receipt = attribute(t, "tipo")
	}
	r.path = append(r.path, name)
	r.text.Reset()
	return nil
}

func (r *reader) close() {
	if len(r.path) == 0 {
		return
	}
	name := r.path[len(r.path)-1]
	r.path = r.path[:len(r.path)-1]
	text := words(r.text.String())
	r.text.Reset()
	switch name {
	case "mittente":
		r.c.Sender = address(text)
	case "destinatari":
		if a := address(text); a != "" && len(r.c.Recipients) < maxRecipients {
			r.c.Recipients = append(r.c.Recipients, channels.CertifiedRecipient{Address: a, External: r.external})
		}
	case "oggetto":
		r.c.Subject = text
	case "gestore-emittente":
		r.c.Provider = text
	case "giorno":
		r.day = text
	case "ora":
		r.hour = text
	case "identificativo":
		r.c.ID = id(text)
	case "msgid":
		r.c.Original = id(text)
	case "consegna":
		r.c.Recipient = address(text)
	case "errore-esteso":
		r.c.Detail = text
	}
}

// finish puts day, hour and zone together. Without a zone the time is that of
// nobody and left out: it would be wrong by an hour for half of the year.
func (r *reader) finish() {
	if r.c.Error == "" {
		r.c.Error = "nessuno"
	}
	zone := strings.ReplaceAll(r.zone, ":", "")
	if t, err := time.Parse("02/01/2006 15:04:05 -0700", r.day+" "+r.hour+" "+zone); err == nil && t.Year() >= 2000 && t.Year() < 2200 {
		r.c.At = clock.At(t)
	}
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if strings.EqualFold(a.Name.Local, name) {
			return lowered(a.Value)
		}
	}
	return ""
}

// address is a mail address as addresses are compared, or "".
func address(s string) string {
	a, ok := rfc822.NormalizeAddress(strings.Trim(s, "<> \t"))
	if !ok {
		return ""
	}
	return a
}

// words is a text from outside on one line.
func words(s string) string {
	s = strings.Join(strings.Fields(rfc822.CleanLine(rfc822.Clean(s))), " ")
	if len(s) > maxWords {
		s = strings.ToValidUTF8(s[:maxWords], "")
	}
	return s
}
