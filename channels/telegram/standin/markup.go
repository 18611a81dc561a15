package standin

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Entity is a formatted passage, in UTF-16 units.
type Entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	URL    string `json:"url,omitempty"`
}

// formatted reads a text with its formatting, given as parse_mode or as
// entities, and trims it as the platform does.
func formatted(p *params, textName, entitiesName string) (string, []Entity, *refusal) {
	text := p.text(textName)
	if !utf8.ValidString(text) {
		return "", nil, bad("strings must be encoded in UTF-8")
	}
	var entities []Entity
	switch strings.ToLower(p.text("parse_mode")) {
	case "":
		if !p.decode(entitiesName, &entities) {
			return "", nil, bad("can't parse entities JSON object")
		}
	case "html":
		var err error
		text, entities, err = parseHTML(text)
		if err != nil {
			return "", nil, bad("can't parse entities: " + err.Error())
		}
	default:
		return "", nil, bad("unsupported parse_mode")
	}
	text, entities = trim(text, entities)
	return text, entities, nil
}

// fault is an error in the platform's own words, capital letter and all.
type fault string

func (f fault) Error() string { return string(f) }

func faultf(format string, args ...any) error { return fault(fmt.Sprintf(format, args...)) }

func utf16Len(s string) int { return len(utf16.Encode([]rune(s))) }

// trim takes white space off both ends and moves the entities along.
func trim(text string, entities []Entity) (string, []Entity) {
	left := strings.TrimLeft(text, " \t\r\n")
	shift := utf16Len(text[:len(text)-len(left)])
	text = strings.TrimRight(left, " \t\r\n")
	end := utf16Len(text)
	var out []Entity
	for _, e := range entities {
		from, to := max(e.Offset-shift, 0), min(e.Offset+e.Length-shift, end)
		if from < to {
			e.Offset, e.Length = from, to-from
			out = append(out, e)
		}
	}
	return text, out
}

// kinds are the tags of the HTML mode and the entities that they make.
var kinds = map[string]string{
	"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
	"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
	"a": "text_link", "blockquote": "blockquote", "tg-spoiler": "spoiler", "span": "spoiler", "tg-emoji": "custom_emoji",
}

// htmlReader reads Telegram's HTML as the real server does: byte by byte, with
// its own words for each fault and the byte at which it lies.
type htmlReader struct {
	s    string
	i    int
	text strings.Builder
	at   int // UTF-16 units written
	open []openTag
	out  []Entity
}

type openTag struct {
	name, url string
	at        int
}

func parseHTML(s string) (string, []Entity, error) {
	r := &htmlReader{s: s}
	for r.i < len(r.s) {
		var err error
		switch c := r.s[r.i]; {
		case c == '&':
			r.write(r.reference())
		case c != '<':
			_, n := utf8.DecodeRuneInString(r.s[r.i:])
			r.write(r.s[r.i : r.i+n])
			r.i += n
		case r.peek(1) == '/':
			err = r.endTag()
		default:
			err = r.startTag()
		}
		if err != nil {
			return "", nil, err
		}
	}
	if n := len(r.open); n > 0 {
		return "", nil, faultf("Can't find end tag corresponding to start tag %q", r.open[n-1].name)
	}
	return r.text.String(), r.out, nil
}

func (r *htmlReader) write(s string) {
	r.text.WriteString(s)
	r.at += utf16Len(s)
}

// peek is the byte n ahead, 0 at the end.
func (r *htmlReader) peek(n int) byte {
	if r.i+n < len(r.s) {
		return r.s[r.i+n]
	}
	return 0
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// reference reads a character reference, or "&" as itself.
func (r *htmlReader) reference() string {
	end := strings.IndexByte(r.s[r.i:], ';')
	if end > 1 && end <= 10 {
		raw := r.s[r.i : r.i+end+1]
		known := raw[1] == '#' || raw == "&lt;" || raw == "&gt;" || raw == "&amp;" || raw == "&quot;"
		if plain := html.UnescapeString(raw); known && plain != raw {
			r.i += len(raw)
			return plain
		}
	}
	r.i++
	return "&"
}

func (r *htmlReader) startTag() error {
	begin := r.i
	r.i++
	from := r.i
	for r.peek(0) != 0 && !isSpace(r.peek(0)) && r.peek(0) != '>' {
		r.i++
	}
	if r.peek(0) == 0 {
		return faultf("Unclosed start tag at byte offset %d", begin)
	}
	name := strings.ToLower(r.s[from:r.i])
	if kinds[name] == "" {
		return faultf("Unsupported start tag %q at byte offset %d", name, begin)
	}
	attributes, err := r.attributes(name, begin)
	if err != nil {
		return err
	}
	if name == "span" && attributes["class"] != "tg-spoiler" {
		return faultf("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", begin)
	}
	r.open = append(r.open, openTag{name, attributes["href"], r.at})
	r.i++ // the >
	return nil
}

// attributes reads up to the ">" of a tag.
func (r *htmlReader) attributes(tag string, begin int) (map[string]string, error) {
	out := map[string]string{}
	for {
		for isSpace(r.peek(0)) {
			r.i++
		}
		if r.peek(0) == '>' {
			return out, nil
		}
		from := r.i
		for c := r.peek(0); c != 0 && !isSpace(c) && c != '=' && c != '>'; c = r.peek(0) {
			r.i++
		}
		name := strings.ToLower(r.s[from:r.i])
		if name == "" {
			if r.peek(0) == 0 {
				return nil, faultf("Unclosed start tag %q at byte offset %d", tag, begin)
			}
			return nil, faultf("Empty attribute name in the tag %q at byte offset %d", tag, begin)
		}
		for isSpace(r.peek(0)) {
			r.i++
		}
		if r.peek(0) != '=' {
			if r.peek(0) == 0 {
				return nil, faultf("Unclosed start tag %q at byte offset %d", tag, begin)
			}
			out[name] = ""
			continue
		}
		r.i++
		for isSpace(r.peek(0)) {
			r.i++
		}
		value, err := r.value(tag, begin)
		if err != nil {
			return nil, err
		}
		out[name] = value
	}
}

func (r *htmlReader) value(tag string, begin int) (string, error) {
	quote := r.peek(0)
	if quote != '"' && quote != '\'' {
		from := r.i
		for c := r.peek(0); c == '.' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'; c = r.peek(0) {
			r.i++
		}
		if c := r.peek(0); !isSpace(c) && c != '>' {
			return "", faultf("Unexpected end of name token at byte offset %d", from)
		}
		return r.s[from:r.i], nil
	}
	r.i++
	end := strings.IndexByte(r.s[r.i:], quote)
	if end < 0 {
		return "", faultf("Unclosed start tag %q at byte offset %d", tag, begin)
	}
	v := r.s[r.i : r.i+end]
	r.i += end + 1
	return html.UnescapeString(v), nil
}

func (r *htmlReader) endTag() error {
	begin := r.i
	if len(r.open) == 0 {
		return faultf("Unexpected end tag at byte offset %d", begin)
	}
	r.i += 2
	from := r.i
	for c := r.peek(0); c != 0 && !isSpace(c) && c != '>'; c = r.peek(0) {
		r.i++
	}
	name := strings.ToLower(r.s[from:r.i])
	for isSpace(r.peek(0)) {
		r.i++
	}
	if r.peek(0) != '>' {
		return faultf("Unclosed end tag at byte offset %d", begin)
	}
	r.i++
	tag := r.open[len(r.open)-1]
	if name != "" && name != tag.name {
		return faultf("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", begin, tag.name, name)
	}
	r.open = r.open[:len(r.open)-1]
	if r.at > tag.at {
		r.out = append(r.out, Entity{Type: kinds[tag.name], Offset: tag.at, Length: r.at - tag.at, URL: tag.url})
	}
	return nil
}
