package standin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// Limits of a request.
const (
	maxForm   = 1 << 20  // fields together
	maxUpload = 50 << 20 // one file (channels 1.6)
)

// params are the parameters of a call, from the query, a form, JSON or a form
// with files (channels 1.1). Nested values are JSON strings everywhere.
type params struct {
	values map[string]string
	files  map[string]*uploaded
}

type uploaded struct {
	name, kind string
	body       []byte
}

var errTooLarge = &refusal{Code: http.StatusRequestEntityTooLarge, Description: "Request Entity Too Large"}

func readParams(r *http.Request) (*params, *refusal) {
	p := &params{values: map[string]string{}, files: map[string]*uploaded{}}
	for name, v := range r.URL.Query() {
		p.values[name] = v[0]
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		return p, p.readJSON(r.Body)
	case "application/x-www-form-urlencoded":
		r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			return nil, tooLargeOr(err, bad("can't parse the request"))
		}
		for name, v := range r.PostForm {
			p.values[name] = v[0]
		}
	case "multipart/form-data":
		return p, p.readMultipart(r)
	}
	return p, nil
}

func (p *params) readJSON(body io.Reader) *refusal {
	b, err := io.ReadAll(io.LimitReader(body, maxForm+1))
	if err != nil || len(b) > maxForm {
		return errTooLarge
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return nil
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(b, &values); err != nil {
		return bad("can't parse JSON object")
	}
	for name, raw := range values {
		v := string(raw)
		if raw[0] == '"' {
			if err := json.Unmarshal(raw, &v); err != nil {
				return bad("can't parse JSON object")
			}
		}
		if v != "null" {
			p.values[name] = v
		}
	}
	return nil
}

func (p *params) readMultipart(r *http.Request) *refusal {
	m, err := r.MultipartReader()
	if err != nil {
		return bad("can't parse multipart form")
	}
	room := int64(maxForm)
	for {
		part, err := m.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return bad("can't parse multipart form")
		}
		limit := room
		if part.FileName() != "" {
			limit = maxUpload
		}
		b, err := io.ReadAll(io.LimitReader(part, limit+1))
		if err != nil {
			return bad("can't parse multipart form")
		}
		if int64(len(b)) > limit {
			return errTooLarge
		}
		if part.FileName() != "" {
			p.files[part.FormName()] = &uploaded{part.FileName(), part.Header.Get("Content-Type"), b}
			continue
		}
		room -= int64(len(b))
		p.values[part.FormName()] = string(b)
	}
}

func tooLargeOr(err error, other *refusal) *refusal {
	var m *http.MaxBytesError
	if errors.As(err, &m) {
		return errTooLarge
	}
	return other
}

func (p *params) text(name string) string { return p.values[name] }

func (p *params) number(name string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSpace(p.values[name]), 10, 64)
	return n
}

func (p *params) yes(name string) bool {
	switch strings.ToLower(p.values[name]) {
	case "true", "yes", "1":
		return true
	}
	return false
}

// decode reads a parameter that is JSON; one that is not there stays zero.
func (p *params) decode(name string, into any) bool {
	v := p.values[name]
	return v == "" || json.Unmarshal([]byte(v), into) == nil
}
