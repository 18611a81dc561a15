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

// writeFile writes a file in base64, in lines.
func writeFile(w io.Writer, f channels.OutgoingFile) (written int64, err error) {
	r, err := f.Open()
	if err != nil {
		return 0, &fileError{err}
	}
	defer r.Close()
	const lines = 100
	in := make([]byte, lines*lineLength/4*3)
	out := make([]byte, 0, lines*(lineLength+2))
	for {
		n, readErr := io.ReadFull(r, in)
		out = out[:0]
		for piece := in[:n]; len(piece) > 0; {
			k := min(len(piece), lineLength/4*3)
			out = base64.StdEncoding.AppendEncode(out, piece[:k])
			out = append(out, '\r', '\n')
			piece = piece[k:]
		}
		k, writeErr := w.Write(out)
		written += int64(k)
		switch {
		case writeErr != nil:
			return written, writeErr
		case errors.Is(readErr, io.EOF), errors.Is(readErr, io.ErrUnexpectedEOF):
			return written, nil
		case readErr != nil:
			return written, &fileError{readErr}
		}
	}
}
