package mail

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
)

var (
	_ channels.Slimmer = (*mailbox)(nil)
	_ channels.Slimmer = (*popBox)(nil)
	_ channels.Slimmer = (*handedBox)(nil)
)

const (
	// cutFrom is how many encoded bytes a file must have to be taken out.
	cutFrom = 1 << 20
	// headLength is how much of a file is kept to tell its type.
	headLength = 4 << 10
	// slimMost is the most that may remain of a slim mail.
	slimMost = 16 << 20
)

// errWhole says that a mail must be parsed whole.
var errWhole = errors.New("not to be slimmed")

// Slim takes the large files out of a mail while it is read (mail rule 11).
func (m *mailbox) Slim(raw channels.Raw, body io.Reader, keep func(io.Reader) (string, int64, error)) (channels.Raw, bool, error) {
	return Slim(raw, body, keep)
}

// Slim is what mailbox.Slim does. It cuts only what it is sure of: files in
// well-formed base64 whose bytes the parser need not look into. A mail that is
// signed or encrypted as a whole, or holds another mail, stays whole: its bytes
// are needed together.
func Slim(raw channels.Raw, body io.Reader, keep func(io.Reader) (string, int64, error)) (channels.Raw, bool, error) {
	return slim(raw, body, keep, cutFrom)
}

func slim(raw channels.Raw, body io.Reader, keep func(io.Reader) (string, int64, error), from int64) (channels.Raw, bool, error) {
	s := &slimming{in: bufio.NewReaderSize(body, 64<<10), keep: keep, from: from, whole: raw.Blob}
	err := s.run()
	if errors.Is(err, errWhole) {
		return raw, false, nil
	}
	if err != nil {
		return raw, false, err
	}
	if m := rfc822.Read(s.out.Bytes(), rfc822.DefaultLimits); s.out.Len()-len(m.Body) != s.top {
		return raw, false, nil // its header is not where it seemed to be
	}
	raw.Body, raw.Cuts, raw.BodyHash = s.out.Bytes(), s.cuts, s.hash.sum()
	return raw, true, nil
}

// slimming is the work on one mail. It sees lines only; whether its cuts lie
// where files are is seen by the parser, which knows the mail's build.
type slimming struct {
	in    *bufio.Reader
	keep  func(io.Reader) (string, int64, error)
	from  int64  // encoded bytes from which a file is cut out
	whole string // hash of the whole mail
	out   bytes.Buffer
	cuts  []channels.Cut
	hash  *bodyHasher // nil while in the mail's own header
	top   int         // bytes of the mail's own header, with the empty line
	line  []byte      // read last, with its end; valid until the next
	end   error       // why there is no other line
}

func (s *slimming) run() error {
	header, err := s.header()
	if err != nil {
		return err
	}
	for {
		if s.hash == nil {
			s.hash, s.top = newBodyHasher(header), s.out.Len()
		}
		if takes, err := s.takes(header); err != nil {
			return err
		} else if takes {
			if err := s.file(); err != nil {
				return err
			}
		}
		for !s.atBoundary() {
			if !s.next() {
				return s.ended()
			}
			if s.copy(s.line); s.out.Len() > slimMost {
				return errWhole
			}
		}
		if header, err = s.header(); err != nil {
			return err
		}
	}
}

// next reads a line, and is false at the end.
func (s *slimming) next() bool {
	if s.end != nil {
		s.line = nil
		return false
	}
	s.line, s.end = s.in.ReadSlice('\n')
	if errors.Is(s.end, bufio.ErrBufferFull) {
		s.end = nil // a piece of a long line
	}
	if s.hash != nil {
		s.hash.write(s.line)
		if len(s.hash.space) > slimMost {
			s.end = errWhole
		}
	}
	return len(s.line) > 0
}

func (s *slimming) copy(b []byte) { s.out.Write(b) }

func (s *slimming) ended() error {
	switch {
	case s.end != nil && !errors.Is(s.end, io.EOF):
		return s.end
	case len(s.cuts) == 0:
		return errWhole
	}
	return nil
}

// atBoundary reports whether the line read last may be one between two parts.
func (s *slimming) atBoundary() bool { return len(s.line) > 2 && s.line[0] == '-' && s.line[1] == '-' }

// header copies lines up to an empty one, and gives those of the last header
// among them: after the end of one multipart may follow the boundary of another.
func (s *slimming) header() ([]byte, error) {
	var header []byte
	for s.next() {
		if s.copy(s.line); s.out.Len() > slimMost {
			return nil, errWhole
		}
		if len(bytes.TrimRight(s.line, "\r\n")) == 0 {
			return header, nil
		}
		if s.hash != nil && s.atBoundary() { // in the mail's own header such a line is garbage
			header = header[:0]
			continue
		}
		if header = append(header, s.line...); len(header) > rfc822.DefaultLimits.Header {
			return nil, errWhole
		}
	}
	return header, nil
}

// takes reports whether the part under a header is a file to be cut out.
func (s *slimming) takes(header []byte) (bool, error) {
	e := &rfc822.Read(append(slices.Clone(header), '\r', '\n'), rfc822.DefaultLimits).Entity
	kind, sub, _ := strings.Cut(e.Type.Main, "/")
	switch {
	case kind == "message", e.Type.Main == "multipart/signed", e.Type.Main == "multipart/encrypted", strings.Contains(sub, "pkcs7"):
		return false, errWhole
	case kind != "application" && kind != "image" && kind != "audio" && kind != "video", looksInside[sub]:
		return false, nil
	case !strings.EqualFold(strings.TrimSpace(e.Header.Get("Content-Transfer-Encoding")), "base64"):
		return false, nil
	}
	for _, name := range []string{e.Type.Text("name", ""), rfc822.ParseValue(e.Header.Get("Content-Disposition")).Text("filename", "")} {
		if looksInside[strings.TrimPrefix(strings.ToLower(path.Ext(name)), ".")] {
			return false, nil
		}
	}
	return true, nil
}

// looksInside are the types, and the ends of names, into which the parser looks.
var looksInside = map[string]bool{
	"ms-tnef": true, "vnd.ms-tnef": true, "dat": true, "p7m": true, "p7s": true, "m7m": true, "tsd": true, "p7c": true,
	"ics": true, "vcf": true, "eml": true, "xml": true, "json": true, "xhtml+xml": true, "rtf": true, "pgp-encrypted": true,
}

// file reads a part's base64. A small one is copied; a large one goes to the
// store as it is read, and a mark stands for it. At the end the line of the
// boundary has been copied.
func (s *slimming) file() error {
	r := &fileLines{s: s}
	first, err := io.ReadAll(io.LimitReader(r, s.from))
	if err != nil {
		return err
	}
	if int64(len(first)) < s.from {
		s.copy(r.seen.Bytes())
		s.copy(s.line)
		return nil
	}
	r.cutting = true
	r.seen = bytes.Buffer{}
	head := &headReader{r: base64.NewDecoder(base64.StdEncoding, io.MultiReader(bytes.NewReader(first), r))}
	sum, size, err := s.keep(head)
	var broken base64.CorruptInputError
	switch {
	case errors.Is(err, errWhole), errors.As(err, &broken), errors.Is(err, io.ErrUnexpectedEOF):
		return errWhole
	case err != nil:
		return fmt.Errorf("keep a file of a large mail: %w", err)
	}
	c := channels.Cut{Mark: s.mark(), Blob: sum, Size: size, Head: head.head}
	s.cuts = append(s.cuts, c)
	s.copy([]byte(c.Mark + "\r\n"))
	s.copy(s.line)
	return nil
}

// mark is a line that nobody can have written into the mail: it is made of the
// hash of the mail itself.
func (s *slimming) mark() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", s.whole, len(s.cuts)))
	return "cut" + hex.EncodeToString(sum[:])
}

// fileLines gives the base64 of a part without its line ends, up to the line of
// the boundary, which is then the line read last.
type fileLines struct {
	s       *slimming
	seen    bytes.Buffer // the lines as they came, until cutting
	cutting bool
	padded  bool // the base64 is at its end
	rest    []byte
	over    bool
}

func (f *fileLines) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		if f.over || !f.s.next() || f.s.atBoundary() {
			f.over = true
			if err := f.s.end; err != nil && !errors.Is(err, io.EOF) {
				return 0, err
			}
			return 0, io.EOF
		}
		f.rest = bytes.TrimRight(f.s.line, " \t\r\n")
		if !isBase64(f.rest) || len(f.s.line) > 1000 || f.padded && len(f.rest) > 0 {
			return 0, errWhole
		}
		f.padded = f.padded || bytes.HasSuffix(f.rest, []byte("="))
		if !f.cutting {
			f.seen.Write(f.s.line)
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// isBase64 reports whether a line has nothing but base64, with at most two signs
// of padding at its end.
func isBase64(line []byte) bool {
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("=")), []byte("="))
	for _, c := range line {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '+' && c != '/' {
			return false
		}
	}
	return true
}

// headReader remembers the first bytes that were read.
type headReader struct {
	r    io.Reader
	head []byte
}

func (h *headReader) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	if room := headLength - len(h.head); room > 0 {
		h.head = append(h.head, p[:min(n, room)]...)
	}
	return n, err
}
