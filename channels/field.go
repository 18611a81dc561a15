package channels

import (
	"slices"
	"strings"
)

// Choice is one of the words that a setting may be.
type Choice struct {
	Value string
	Label map[string]string // "it", "en"
}

// Words are the values of the field's Choices.
func (f Field) Words() []string {
	var out []string
	for _, c := range f.Choices {
		out = append(out, c.Value)
	}
	return out
}

// Matters reports whether the field counts among settings: it does unless When
// names another one that is not as it says.
func (f Field) Matters(value func(name string) string) bool {
	for part := range strings.SplitSeq(f.When, "&") {
		name, words, found := strings.Cut(part, "=")
		if found && !slices.Contains(strings.Split(words, "|"), value(name)) {
			return false
		}
	}
	return true
}

// SteeredBy reports whether the field counts or not by what the named one is.
func (f Field) SteeredBy(name string) bool {
	return slices.ContainsFunc(strings.Split(f.When, "&"), func(part string) bool { return strings.HasPrefix(part, name+"=") })
}
