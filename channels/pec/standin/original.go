package standin

import (
	"bytes"
	"mime"
)

// renamed is the sender's message as providers hand it on: with the id of the
// envelope in the place of its own, which is kept beside it.
func renamed(raw []byte, l Letter) []byte {
	raw = crlf(raw)
	head, body, ok := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !ok {
		head, body = raw, nil
	}
	var out bytes.Buffer
	if l.Original != "" {
		out.WriteString("X-Riferimento-Message-ID: <" + l.Original + ">\r\n")
	}
	out.WriteString("Message-ID: <" + l.ID + ">\r\n")
	skipping := false
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		folded := len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
		if !folded {
			name, _, _ := bytes.Cut(line, []byte(":"))
			skipping = bytes.EqualFold(bytes.TrimSpace(name), []byte("Message-ID"))
		}
		if !skipping {
			out.Write(line)
			out.WriteString("\r\n")
		}
	}
	out.WriteString("\r\n")
	out.Write(body)
	return out.Bytes()
}

func crlf(b []byte) []byte {
	if bytes.Contains(b, []byte("\r\n")) {
		return b
	}
	return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
}

// decoded is a header's text; what cannot be decoded stays as it is.
func decoded(s string) string {
	d := mime.WordDecoder{}
	if text, err := d.DecodeHeader(s); err == nil {
		return text
	}
	return s
}
