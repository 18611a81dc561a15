package templates

import (
	"net/url"
	"strings"
	"unicode"
)

// cleanValue makes a value safe to stand in a text of its kind: valid UTF-8,
// no control characters, none that turn the direction of the text around, and
// line breaks only in a Block.
func cleanValue(kind Kind, s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if kind != Block {
		return strings.Join(strings.Fields(strings.Map(cleanRune, s)), " ")
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var lines []string
	for l := range strings.SplitSeq(strings.Map(lineEnds, s), "\n") {
		l = strings.TrimRightFunc(strings.Map(cleanRune, l), unicode.IsSpace)
		if l == "" && len(lines) > 0 && lines[len(lines)-1] == "" {
			continue // one blank line is enough
		}
		lines = append(lines, l)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// lineEnds turns every kind of line break into \n.
func lineEnds(r rune) rune {
	switch r {
	case '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return '\n'
	}
	return r
}

// cleanRune turns white space into blanks and drops what is not to be seen.
func cleanRune(r rune) rune {
	switch {
	case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
		return ' '
	case unicode.IsControl(r):
		return -1
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069': // bidi embeddings, overrides, isolates
		return -1
	case r == '\ufeff', r >= '\ufff9' && r <= '\ufffb', r >= 0xe0000 && r <= 0xe007f: // BOM, annotations, tags
		return -1
	}
	return r
}

// goodLink reports whether a cleaned value is an absolute http or https
// address and nothing more.
func goodLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil &&
		!strings.ContainsAny(s, " <>\"'`\\{}|^")
}

// inAddress escapes a value that continues an address: nothing in it can end
// the address or add a part to it.
func inAddress(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
