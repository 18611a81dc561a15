package rfc822

import (
	"slices"
	"strconv"
	"strings"
)

// Value is a header value with parameters, such as Content-Type.
type Value struct {
	Main   string // lower case: "text/plain", "attachment"
	params []param
}

// param is one parameter. n is its place in an RFC 2231 continuation, extended
// says that its bytes are percent-encoded and, in the first, begin with
// charset'language'.
type param struct {
	name     string
	n        int
	extended bool
	split    bool // has a number: name*0
	value    string
}

// maxParams bounds what a hostile header can cost; real ones have under 20.
const maxParams = 200

// ParseValue reads a value with parameters however it is written: missing
// semicolons, missing quotes, comments, spaces around "=", text after the type.
func ParseValue(s string) Value {
	var v Value
	if semi := strings.IndexByte(s, ';'); semi >= 0 {
		s = dropComments(s[:semi]) + s[semi:]
	} else {
		s = dropComments(s)
	}
	s = strings.TrimLeft(s, " \t")
	end := strings.IndexAny(s, "; \t,")
	if end < 0 {
		end = len(s)
	}
	if strings.IndexByte(s[:end], '=') < 0 {
		v.Main = strings.ToLower(strings.Trim(s[:end], "\"'<>"))
		s = s[end:]
	}
	for len(s) > 0 && len(v.params) < maxParams {
		s = strings.TrimLeft(s, "; \t,")
		eq := strings.IndexByte(s, '=')
		if eq < 0 {
			break
		}
		name := strings.ToLower(strings.TrimSpace(s[:eq]))
		if cut := strings.LastIndexAny(name, "; \t,"); cut >= 0 {
			name = name[cut+1:]
		}
		var value string
		value, s = paramValue(strings.TrimLeft(s[eq+1:], " \t"))
		if !strings.Contains(name, "name") { // "file (1).pdf" is a name, "(Plain text)" a comment
			value = strings.TrimSpace(dropComments(value))
		}
		v.params = append(v.params, splitName(name, value))
	}
	return v
}

// paramValue takes a quoted or bare value off s.
func paramValue(s string) (value, rest string) {
	if s == "" || s[0] != '"' {
		end := strings.IndexByte(s, ';')
		if end < 0 {
			end = len(s)
		}
		// "charset=utf-8 format=flowed": a space ends the value only when
		// another parameter follows.
		if sp := strings.IndexAny(s[:end], " \t"); sp >= 0 && strings.IndexByte(s[sp:end], '=') > 0 &&
			!strings.HasPrefix(s, "=?") {
			end = sp
		}
		return strings.TrimSpace(s[:end]), s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:]
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	// No closing quote: the value is what stands before the next parameter.
	end := strings.IndexByte(s, ';')
	if end < 0 {
		end = len(s)
	}
	return strings.TrimSpace(s[1:end]), s[end:]
}

func splitName(name, value string) param {
	p := param{name: name, value: value}
	if strings.HasSuffix(p.name, "*") {
		p.extended = true
		p.name = p.name[:len(p.name)-1]
	}
	if base, number, ok := strings.Cut(p.name, "*"); ok {
		n, err := strconv.Atoi(number)
		if err == nil && n >= 0 && n < maxParams {
			p.name, p.n, p.split = base, n, true
		}
	}
	return p
}

// Raw is a parameter byte for byte, joined from its continuations.
func (v Value) Raw(name string) string {
	s, _, _ := v.join(name)
	return s
}

// Has reports whether the parameter is there.
func (v Value) Has(name string) bool {
	_, _, ok := v.join(name)
	return ok
}

// Text is a parameter for people: RFC 2231, or else RFC 2047 words, which do
// not belong there and often are. hint is for raw 8-bit text.
func (v Value) Text(name, hint string) string {
	s, charset, ok := v.join(name)
	switch {
	case !ok:
		return ""
	case charset != "":
		s, _ = DecodeCharset([]byte(s), charset)
		return CleanLine(s)
	default:
		return CleanLine(DecodeWords(s, hint))
	}
}

// join finds the best form of a parameter: name*, then name*0..., then name.
// charset is "" when the form does not name one.
func (v Value) join(name string) (s, charset string, ok bool) {
	var parts []param
	plain := -1
	for i, p := range v.params {
		switch {
		case p.name != name:
		case p.extended && !p.split:
			s, charset = extended(p.value)
			return s, charset, true
		case p.split:
			parts = append(parts, p)
		case plain < 0:
			plain = i
		}
	}
	if len(parts) == 0 {
		if plain < 0 {
			return "", "", false
		}
		return v.params[plain].value, "", true
	}
	slices.SortStableFunc(parts, func(a, b param) int { return a.n - b.n })
	var b strings.Builder
	for i, p := range parts {
		switch {
		case i > 0 && p.n == parts[i-1].n: // the same piece twice
		case p.extended && i == 0:
			var text string
			text, charset = extended(p.value)
			b.WriteString(text)
		case p.extended:
			b.WriteString(percent(p.value))
		default:
			b.WriteString(p.value)
		}
	}
	return b.String(), charset, true
}

// extended splits charset'language'text; without the quotes all is text.
func extended(s string) (text, charset string) {
	if charset, rest, ok := strings.Cut(s, "'"); ok {
		if _, text, ok := strings.Cut(rest, "'"); ok {
			if charset == "" {
				charset = UTF8
			}
			return percent(text), charset
		}
	}
	return percent(s), UTF8
}

func percent(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if v, ok := hexByte(s[i+1], s[i+2]); ok {
				b = append(b, v)
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// dropComments takes (comments) out, leaving quoted text alone. Brackets that
// are never closed stay.
func dropComments(s string) string {
	if strings.IndexByte(s, '(') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	quoted := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s):
			b = append(b, c, s[i+1])
			i++
			continue
		case c == '"':
			quoted = !quoted
		case c == '(' && !quoted:
			end := commentEnd(s[i:])
			if end < 0 {
				return string(append(b, s[i:]...))
			}
			i += end
			continue
		}
		b = append(b, c)
	}
	return string(b)
}

// commentEnd is the index of the bracket that closes the comment at s[0], or -1.
func commentEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
