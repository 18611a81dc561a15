package mail

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"

	"filodiretto/channels"
)

// lineLength is the length of a line of base64 (RFC 2045 6.8).
const lineLength = 76

// writeText writes one text part. Plain ASCII with short lines goes as it is,
// everything else as quoted-printable, which every server carries.
func writeText(b *bytes.Buffer, h *header, kind, text string) {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	h.field("Content-Type", kind+"; charset=utf-8")
	if sevenBit(text) {
		h.field("Content-Transfer-Encoding", "7bit")
		b.Write(h.end())
		b.WriteString(strings.ReplaceAll(text, "\n", "\r\n"))
		return
	}
	h.field("Content-Transfer-Encoding", "quoted-printable")
	b.Write(h.end())
	qp := quotedprintable.NewWriter(b)
	_, _ = io.WriteString(qp, strings.ReplaceAll(text, "\n", "\r\n")) // a bytes.Buffer takes everything
	_ = qp.Close()
}

// sevenBit tells whether the text survives every relay as it is: printable
// ASCII, lines well under the limit, no line that mbox files would change.
func sevenBit(text string) bool {
	line := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\n':
			line = 0
			continue
		case c >= utf8.RuneSelf || (c < ' ' && c != '\t') || c == 0x7f:
			return false
		case line == 0 && strings.HasPrefix(text[i:], "From "):
			return false
		}
		if line++; line > 78 {
			return false
		}
	}
	return true
}

// errShort means that a file is not as long as it was announced.
var errShort = errors.New("the file has another size than announced")

// writeFile writes a file in base64, in lines. A file that ends early is an
// error: half an attachment must not look like a whole one.
func writeFile(w io.Writer, f channels.OutgoingFile) (written int64, err error) {
	r, err := f.Open()
	if err != nil {
		return 0, &fileError{err}
	}
	defer r.Close()
	const lines = 100
	in := make([]byte, lines*lineLength/4*3)
	out := make([]byte, 0, lines*(lineLength+2))
	var total int64
	for readErr := error(nil); readErr == nil; {
		var n int
		n, readErr = readFull(r, in)
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return written, &fileError{readErr}
		}
		total += int64(n)
		k, err := w.Write(appendLines(out[:0], in[:n]))
		written += int64(k)
		if err != nil {
			return written, err
		}
	}
	if total != f.Size {
		return written, &fileError{errShort}
	}
	return written, nil
}

// readFull fills p. Unlike io.ReadFull it tells the end of the stream (io.EOF)
// from a stream that was cut off (io.ErrUnexpectedEOF).
func readFull(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var k int
		k, err = r.Read(p[n:])
		n += k
	}
	return n, err
}

// appendLines adds b in base64, with CRLF after each line.
func appendLines(out, b []byte) []byte {
	for len(b) > 0 {
		k := min(len(b), lineLength/4*3)
		out = base64.StdEncoding.AppendEncode(out, b[:k])
		out = append(out, '\r', '\n')
		b = b[k:]
	}
	return out
}
