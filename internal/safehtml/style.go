package safehtml

import "strings"

// properties are the style properties that are kept: how text looks, and
// tables. Nothing that loads, positions or covers.
var properties = map[string]bool{
	"color": true, "background-color": true, "font-family": true, "font-size": true, "font-style": true,
	"font-weight": true, "font-variant": true, "line-height": true, "letter-spacing": true, "text-align": true,
	"text-decoration": true, "text-indent": true, "text-transform": true, "vertical-align": true,
	"white-space": true, "direction": true, "list-style-type": true,
	"margin": true, "margin-top": true, "margin-right": true, "margin-bottom": true, "margin-left": true,
	"padding": true, "padding-top": true, "padding-right": true, "padding-bottom": true, "padding-left": true,
	"border": true, "border-top": true, "border-right": true, "border-bottom": true, "border-left": true,
	"border-color": true, "border-style": true, "border-width": true, "border-collapse": true,
	"border-spacing": true, "border-radius": true, "width": true, "max-width": true, "height": true,
	"page-break-inside": true, "word-break": true, "overflow-wrap": true,
}

// cleanStyle keeps the harmless declarations of a style attribute. hidden says
// that it makes the element invisible.
func cleanStyle(s string) (style string, hidden bool) {
	var b strings.Builder
	for n := 0; s != "" && n < 60; n++ {
		var decl string
		decl, s = cutDeclaration(s)
		name, value, ok := strings.Cut(decl, ":")
		if !ok {
			continue
		}
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		hidden = hidden || hides(name, strings.ToLower(value))
		value = strings.ReplaceAll(value, `"`, "'")
		if !properties[name] || !harmless(value) {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(name)
		b.WriteString(": ")
		b.WriteString(value)
	}
	return b.String(), hidden
}

func hides(name, value string) bool {
	switch name {
	case "display":
		return strings.HasPrefix(value, "none")
	case "visibility":
		return strings.HasPrefix(value, "hidden")
	case "mso-hide":
		return value == "all"
	default:
		return false
	}
}

// cutDeclaration takes what stands before the next ";" outside quotes.
func cutDeclaration(s string) (decl, rest string) {
	var quote byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == ';':
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// harmless allows plain words, numbers, colours and rgb(); no url(), no
// escapes, no comments, no negative margins that would cover other things.
func harmless(v string) bool {
	if v == "" || len(v) > 200 || v[0] == '-' || strings.Contains(v, " -") {
		return false
	}
	for i := range len(v) {
		c := v[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("#%.,'() +!-", c) >= 0:
		default:
			return false
		}
	}
	l := strings.ToLower(v)
	if i := strings.IndexByte(l, '('); i >= 0 {
		return (strings.HasPrefix(l, "rgb(") || strings.HasPrefix(l, "rgba(") || strings.HasPrefix(l, "hsl(")) &&
			strings.Count(l, "(") == 1
	}
	return !strings.Contains(l, "expression") && !strings.Contains(l, "javascript")
}
