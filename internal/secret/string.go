// Package secret keeps what must not be read by others: values that refuse to
// be printed, values sealed before they reach the database, random tokens of
// which only the hash is stored, and the master key they all hang from.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// mask stands wherever a secret would have been printed.
const mask = "•••"

// String is text that no log, error, page or JSON shows by accident. Only
// Reveal gives it. The text sits behind a pointer because fmt does not call
// methods on unexported fields: there it prints an address instead.
type String struct{ text *string }

// New hides s. The empty text is the zero String.
func New(s string) String {
	if s == "" {
		return String{}
	}
	return String{text: &s}
}

// Reveal gives the text in clear. Call it where it is used, not before.
func (s String) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether there is no text.
func (s String) IsZero() bool { return s.text == nil }

// Equal compares two secrets in a time that does not depend on where they differ.
func (s String) Equal(t String) bool { return Equal(s.Reveal(), t.Reveal()) }

// String shows that there is a secret, and not which.
func (s String) String() string {
	if s.IsZero() {
		return ""
	}
	return mask
}

// GoString hides the text from %#v.
func (s String) GoString() string { return "secret.String(" + s.String() + ")" }

// Format hides the text from every verb; a Stringer alone would let %d through.
func (s String) Format(f fmt.State, verb rune) { format(f, verb, s) }

// MarshalJSON hides the text.
func (s String) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// MarshalText hides the text from every other encoder.
func (s String) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue hides the text from slog.
func (s String) LogValue() slog.Value { return slog.StringValue(s.String()) }

// format prints v's own String or GoString for whatever verb was asked.
func format(f fmt.State, verb rune, v interface {
	fmt.Stringer
	fmt.GoStringer
},
) {
	text := v.String()
	if verb == 'v' && f.Flag('#') {
		text = v.GoString()
	}
	_, _ = io.WriteString(f, text)
}
