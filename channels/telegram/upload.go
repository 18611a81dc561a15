package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // sizes of photos
	_ "image/png"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"

	"filodiretto/channels"
)

// Limits of a photo (channels 1.6). Other images go as documents, which the
// platform does not shrink.
const (
	photoBytes = 10 << 20
	photoSides = 10000 // width plus height
	photoRatio = 20
	headerSize = 1 << 20 // in which an image must say its size
)

// checkFiles refuses what the platform would refuse, before anything is sent.
func (c *Channel) checkFiles(files []channels.OutgoingFile) error {
	for _, f := range files {
		switch {
		case f.Open == nil || f.Size <= 0:
			return channels.Errorf(channels.ContentRejected, "", "send: a file is empty")
		case f.Size > c.set.maxUpload:
			return channels.Errorf(channels.ContentRejected, CodeTooLarge, "send: a file is above the limit of %d MB", c.set.maxUpload>>20)
		}
	}
	return nil
}

// isPhoto reports whether a file can go as a photo. A file that cannot be
// opened now is no photo; opening it for the upload will tell.
func isPhoto(f *channels.OutgoingFile) bool {
	if (f.Type != "image/jpeg" && f.Type != "image/png") || f.Size > photoBytes {
		return false
	}
	r, err := f.Open()
	if err != nil {
		return false
	}
	defer r.Close()
	c, _, err := image.DecodeConfig(io.LimitReader(r, headerSize))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return false
	}
	return c.Width+c.Height <= photoSides && max(c.Width, c.Height) <= photoRatio*min(c.Width, c.Height)
}

// isPhotoTrouble recognises the refusals of a photo that a document does not meet.
func isPhotoTrouble(why string) bool {
	return strings.Contains(why, "photo") || strings.Contains(why, "image")
}

// upload writes a request as a form with one file. The file is streamed: only
// the fields around it are in memory.
func upload(r request, field string, f *channels.OutgoingFile) (*payload, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := formFields(w, r); err != nil {
		return nil, err
	}
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", multipart.FileContentDisposition(field, cleanName(f.Name, "documento")))
	kind := f.Type
	if kind == "" || strings.ContainsAny(kind, "\r\n") {
		kind = "application/octet-stream"
	}
	h.Set("Content-Type", kind)
	if _, err := w.CreatePart(h); err != nil {
		return nil, channels.Errorf(channels.ContentRejected, "", "send: the form cannot be written")
	}
	before := bytes.Clone(b.Bytes())
	b.Reset()
	w.Close()
	after := b.Bytes()
	size := f.Size
	return &payload{
		kind: w.FormDataContentType(),
		size: int64(len(before)) + size + int64(len(after)),
		open: func() (io.ReadCloser, error) {
			file, err := f.Open()
			if err != nil {
				return nil, fmt.Errorf("open the file: %w", err)
			}
			return &formBody{io.MultiReader(bytes.NewReader(before), &exactly{r: file, left: size}, bytes.NewReader(after)), file}, nil
		},
	}, nil
}

// formFields writes the fields that are set; those that are not plain values
// are JSON (channels 1.1).
func formFields(w *multipart.Writer, r request) error {
	all, err := json.Marshal(r)
	if err != nil {
		return channels.Errorf(channels.ContentRejected, "", "send: the message cannot be written as JSON")
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(all, &values); err != nil {
		return channels.Errorf(channels.ContentRejected, "", "send: the message cannot be written as a form")
	}
	for _, name := range sortedKeys(values) {
		v := string(values[name])
		if v[0] == '"' {
			if err := json.Unmarshal(values[name], &v); err != nil {
				return channels.Errorf(channels.ContentRejected, "", "send: field %s cannot be written", name)
			}
		}
		if err := w.WriteField(name, v); err != nil {
			return channels.Errorf(channels.ContentRejected, "", "send: field %s cannot be written", name)
		}
	}
	return nil
}

type formBody struct {
	io.Reader
	io.Closer
}

// exactly reads a file that must have as many bytes as was said: the length
// of the form was announced from it.
type exactly struct {
	r    io.Reader
	left int64
}

var (
	errShorter = errors.New("a file is shorter than it was said to be")
	errLonger  = errors.New("a file is longer than it was said to be")
)

func (e *exactly) Read(p []byte) (int, error) {
	if e.left == 0 {
		var one [1]byte
		if n, _ := io.ReadFull(e.r, one[:]); n > 0 {
			return 0, errLonger
		}
		return 0, io.EOF
	}
	if int64(len(p)) > e.left {
		p = p[:e.left]
	}
	n, err := e.r.Read(p)
	e.left -= int64(n)
	if err == io.EOF && e.left > 0 {
		return n, errShorter
	}
	if err == io.EOF {
		err = nil
	}
	return n, err
}
