package telegram

import (
	"errors"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// tags are those of Telegram's HTML (channels 1.6).
var tags = map[string]bool{
	"b": true, "strong": true, "i": true, "em": true, "u": true, "ins": true,
	"s": true, "strike": true, "del": true, "code": true, "pre": true, "a": true,
	"blockquote": true, "tg-spoiler": true, "span": true, "tg-emoji": true, "tg-time": true,
}

// tagForm matches one tag. A quoted value may hold ">".
var tagForm = regexp.MustCompile(`^<(/?)([A-Za-z][A-Za-z0-9-]*)((?:\s+[A-Za-z-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?)*)\s*>`)

var errMarkup = errors.New("the markup is not Telegram's HTML")

// readMarkup takes markup apart. It refuses what the platform would refuse as
// well: unknown tags, tags that do not nest.
func readMarkup(s string) ([]atom, error) {
	var atoms []atom
	var open []string
	for i := 0; i < len(s); {
		rest := s[i:]
		switch rest[0] {
		case '<':
			m := tagForm.FindStringSubmatch(rest)
			if m == nil {
				return nil, errMarkup
			}
			name := strings.ToLower(m[2])
			if m[1] == "" {
				if !tags[name] {
					return nil, errMarkup
				}
				open = append(open, name)
			} else {
				if len(open) == 0 || open[len(open)-1] != name {
					return nil, errMarkup
				}
				open = open[:len(open)-1]
				name = "/" + name
			}
			atoms = append(atoms, atom{raw: m[0], tag: name})
			i += len(m[0])
		case '&':
			raw, plain := reference(rest)
			atoms = append(atoms, atom{raw: raw, plain: plain})
			i += len(raw)
		default:
			_, n := utf8.DecodeRuneInString(rest)
			c := strings.ToValidUTF8(rest[:n], "\uFFFD")
			atoms = append(atoms, atom{raw: c, plain: c})
			i += n
		}
	}
	if len(open) > 0 {
		return nil, errMarkup
	}
	return atoms, nil
}

// reference reads a character reference: the four names and the numbers that
// the platform knows. Any other "&" is itself.
func reference(s string) (raw, plain string) {
	end := strings.IndexByte(s[:min(len(s), 12)], ';')
	if end < 2 {
		return "&", "&"
	}
	name := s[1:end]
	switch name {
	case "lt", "gt", "amp", "quot":
		return s[:end+1], html.UnescapeString(s[:end+1])
	}
	if name[0] != '#' {
		return "&", "&"
	}
	digits, base := name[1:], 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || !utf8.ValidRune(rune(n)) || n > utf8.MaxRune {
		return "&", "&"
	}
	return s[:end+1], string(rune(n))
}
