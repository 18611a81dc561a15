package config

import (
	"errors"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// hints say in our words what the TOML parser means. Its own words quote what
// it found, which may be a secret that somebody forgot to put in quotes.
var hints = []struct{ begins, what, remedy string }{
	{"expected value", "a value is not in quotes, or missing", `Write key = "text", key = 12, key = true or key = ["a", "b"]`},
	{"expected a digit", "a number is not one", `Put text in quotes: key = "text"`},
	{"expected a top-level item", "something stands after the value", "Put each key on a line of its own, and the whole text in quotes"},
	{"expected '.' or '='", "a key has no =", `Write key = "text"`},
	{"unexpected EOF; expected key", "a key has no =", `Write key = "text"`},
	{"unexpected EOF", "the file ends in the middle of a value", "Close the quotes or the bracket"},
	{"strings cannot contain newlines", "a text is not closed on its line", `Write the closing quotes`},
	{"invalid escape", `a text holds a \ that means nothing`, `Write \ twice, or put the text in single quotes: 'C:\path'`},
	{"expected a comma", "a list is not closed, or lacks a comma", `Write key = ["a", "b"]`},
	{"expected end of table", "the name of a section is not closed", "Write [name], or [[channel]]"},
	{"expected '.' or ']'", "the name of a section is not closed", "Write [name], or [[channel]]"},
	{"unexpected end of table", "a section has no name", "Write [name], or [[channel]]"},
	{"Invalid integer", "a number is not written as one", "Write it without leading zeroes; a code with zeroes goes in quotes"},
	{"invalid UTF-8", "a letter is not UTF-8", "Save the file as UTF-8"},
	{"TOML files cannot contain control", "there is a control character", "Take it away"},
	{"newlines not allowed within inline", "a {...} goes over several lines", "Write [section] and its keys, one a line"},
}

// syntax reports where the file stops being TOML.
func (l *loader) syntax(err error, text string) {
	place := Place{File: l.file}
	var pe toml.ParseError
	if !errors.As(err, &pe) {
		l.add(place, "", "is not valid TOML", hints[0].remedy)
		return
	}
	place.Line = pe.Position.Line
	what, remedy := "is not valid TOML", hints[0].remedy
	for _, h := range hints {
		if strings.HasPrefix(pe.Message, h.begins) {
			what, remedy = h.what, h.remedy
			break
		}
	}
	if strings.HasPrefix(pe.Message, "Key '") {
		what, remedy = "the key "+strconv.Quote(pe.LastKey)+" or its section is there twice", "Keep one of the two"
	}
	// A section's name that is not closed is noticed on the next line.
	if strings.Contains(what, "section is not closed") {
		lines := strings.Split(text, "\n")
		for place.Line > 1 && !strings.HasPrefix(strings.TrimSpace(lines[min(place.Line, len(lines))-1]), "[") {
			place.Line--
		}
	}
	l.add(place, "", what, remedy)
}

// withoutDoubled is the text without the line of a key that is there twice, with all lines
// in their places; false where the fault is another, or the line is not all of it.
func withoutDoubled(err error, text string) (string, bool) {
	var pe toml.ParseError
	if !errors.As(err, &pe) || !strings.HasPrefix(pe.Message, "Key '") {
		return "", false
	}
	lines := strings.Split(text, "\n")
	at := pe.Position.Line - 1
	if at < 0 || at >= len(lines) {
		return "", false
	}
	key, value, pair := strings.Cut(lines[at], "=")
	if !pair || strings.HasPrefix(strings.TrimSpace(key), "[") {
		return "", false
	}
	if _, err := toml.Decode("x ="+value, &map[string]any{}); err != nil {
		return "", false // the value goes on below
	}
	lines[at] = ""
	return strings.Join(lines, "\n"), true
}
