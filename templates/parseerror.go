package templates

import (
	"fmt"
	"strings"
)

// The fields of a text, as ParseError.Field names them.
const (
	FieldSubject = "subject"
	FieldPlain   = "plain"
)

// Code names a kind of mistake in a text.
type Code string

// The mistakes.
const (
	UnknownEvent     Code = "unknown_event"
	UnknownVariable  Code = "unknown_variable"
	BadName          Code = "bad_name"
	UnclosedBrace    Code = "unclosed_brace"
	LoneBrace        Code = "lone_brace"
	NewlineInSubject Code = "newline_in_subject"
	Empty            Code = "empty"
)

// ParseError is one mistake in a text and where it is.
type ParseError struct {
	Field     string // FieldSubject or FieldPlain
	Line, Col int    // from 1; Col counts characters
	Code      Code
	Name      string // as written between the braces
	Suggest   string // the variable that was probably meant, or empty
}

// Error is Text in English with the place.
func (e ParseError) Error() string {
	if e.Code == UnknownEvent {
		return e.Text("en")
	}
	return fmt.Sprintf("%s, line %d, column %d: %s", e.Field, e.Line, e.Col, e.Text("en"))
}

// Text says in the language what is wrong and what to write instead. It holds
// what was written: escape it like any other text.
func (e ParseError) Text(lang string) string {
	it := lang != "en"
	say := func(italian, english string, args ...any) string {
		if it {
			return fmt.Sprintf(italian, args...)
		}
		return fmt.Sprintf(english, args...)
	}
	switch e.Code {
	case UnknownEvent:
		return say("Non c'è nessun evento «%s».", "There is no event “%s”.", e.Name)
	case UnknownVariable:
		s := say("«{%s}» non è una variabile di questo testo.", "“{%s}” is not a variable of this text.", e.Name)
		if e.Suggest != "" {
			return s + say(" Forse volevi scrivere «{%s}».", " Did you mean “{%s}”?", e.Suggest)
		}
		return s + say(" Scegline una dall'elenco.", " Choose one from the list.")
	case BadName:
		return say("«{%s}» non è il nome di una variabile. Per scrivere una graffa, raddoppiala: {{ oppure }}.",
			"“{%s}” is not the name of a variable. To write a brace, double it: {{ or }}.", e.Name)
	case UnclosedBrace:
		return say("Questa graffa aperta non si chiude sulla stessa riga. Chiudila con }, o scrivi {{ per una graffa.",
			"This opening brace is not closed on the same line. Close it with }, or write {{ for a brace.")
	case LoneBrace:
		return say("Questa graffa chiusa non ha quella aperta. Toglila, o scrivi }} per una graffa.",
			"This closing brace has no opening one. Remove it, or write }} for a brace.")
	case NewlineInSubject:
		return say("L'oggetto sta su una riga sola.", "The subject must be one line.")
	case Empty:
		return say("Il testo è vuoto.", "The text is empty.")
	}
	return string(e.Code)
}

// ParseErrors is all that is wrong in a text, in its order.
type ParseErrors []ParseError

// Error lists the mistakes in English, one a line.
func (e ParseErrors) Error() string {
	var out []string
	for _, x := range e {
		out = append(out, x.Error())
	}
	return strings.Join(out, "\n")
}
