package templates

import (
	"fmt"
	"slices"
	"strings"
)

// Set is the texts that a municipality uses: its own over the built-in ones.
// It does not change and may be used by many goroutines; make a new one when
// a text was edited.
type Set struct {
	own      map[key]Text
	problems []Problem
}

type key struct{ event, channel, lang string }

// Problem is an own text that cannot be used. The built-in one stands in for it.
type Problem struct {
	Text Text
	Err  error // a ParseErrors
}

// NewSet lays the municipality's own texts over the built-in ones. A text that
// does not parse is left out and told by Problems: an old text must not keep a
// receipt from going out.
func NewSet(own []Text) *Set {
	s := &Set{own: map[key]Text{}}
	for _, t := range own {
		if _, err := Parse(t); err != nil {
			s.problems = append(s.problems, Problem{t, err})
			continue
		}
		s.own[key{t.Event, t.Channel, t.Lang}] = t
	}
	return s
}

// Problems lists the own texts that were left out.
func (s *Set) Problems() []Problem { return slices.Clone(s.problems) }

// Pick gives the text to use: of the language, else of the language without
// its region ("en" for "en-GB"), else in Italian. Within a language an own text
// goes before a built-in one, and one for the channel before one for all;
// PEC takes the texts of mail where it has none. ok is false for an unknown
// event only. Text.Lang tells in which language to write the values.
func (s *Set) Pick(event, channel, lang string) (t Text, ok bool) {
	channels := []string{channel, Any}
	if channel == PEC {
		channels = []string{PEC, Mail, Any}
	}
	lang = strings.ToLower(lang)
	base, _, _ := strings.Cut(strings.ReplaceAll(lang, "_", "-"), "-")
	for _, l := range []string{lang, base, DefaultLang} {
		for _, texts := range []map[key]Text{s.own, builtin} {
			for _, c := range channels {
				if t, ok := texts[key{event, c, l}]; ok {
					return t, true
				}
			}
		}
	}
	return Text{}, false
}

// Render picks the text and fills in the values.
func (s *Set) Render(event, channel, lang string, values map[string]string) (Rendered, error) {
	t, ok := s.Pick(event, channel, lang)
	if !ok {
		return Rendered{}, fmt.Errorf("text of %s: %w", event, ParseErrors{{Code: UnknownEvent, Name: event}})
	}
	return Render(t, values, channel)
}

// Builtin lists the built-in texts, sorted by event, channel and language.
func Builtin() []Text {
	var out []Text
	for _, t := range builtin {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b Text) int {
		return slices.Compare([]string{a.Event, a.Channel, a.Lang}, []string{b.Event, b.Channel, b.Lang})
	})
	return out
}
