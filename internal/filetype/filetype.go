// Package filetype tells what a file is by its bytes (mail rule 37).
package filetype

import (
	"bytes"
	"errors"
	"io"

	"github.com/gabriel-vasile/mimetype"
)

// HeadLength is how many bytes at the beginning of a file are looked at.
const HeadLength = 3072

// tnef begins what Outlook calls winmail.dat ([MS-OXTNEF] 2.1.3.1, little-endian).
var tnef = []byte{0x78, 0x9f, 0x3e, 0x22}

var pdf = []byte("%PDF-")

// Of is the media type of a file that begins with head, with its charset where it is
// text; "application/octet-stream" for what nobody knows.
func Of(head []byte) string {
	head = head[:min(len(head), HeadLength)]
	if bytes.HasPrefix(head, tnef) {
		return "application/ms-tnef"
	}
	m := mimetype.Detect(head)
	if m.Is("application/pdf") && !beginsAsPDF(head) { // a file with a PDF in it is none
		m = mimetype.Detect(bytes.ReplaceAll(head, pdf, []byte("     ")))
	}
	return m.String()
}

// beginsAsPDF allows white space and a byte order mark before a PDF.
func beginsAsPDF(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	return bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n\x00"), pdf)
}

// OfReader is Of for a file that is read from its beginning.
func OfReader(r io.Reader) (string, error) {
	head := make([]byte, HeadLength)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	return Of(head[:n]), nil
}
