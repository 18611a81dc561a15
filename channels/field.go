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
	name, word, found := strings.Cut(f.When, "=")
	return !found || slices.Contains(strings.Split(word, "|"), value(name))
}
