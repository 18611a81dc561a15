package page

import (
	"maps"
	"slices"

	"filodiretto/internal/clock"
)

// Say gives handlers words for the few fields that say "in words". It speaks
// one language and is made for one answer.
type Say struct{ w *words }

// Say gives the words of a language; an unknown one is taken as Italian.
func (r *Renderer) Say(l Lang) Say {
	if w, ok := r.words[l]; ok {
		return Say{w}
	}
	return Say{r.words[Italian]}
}

// Text is the text with the id. Pairs are placeholders by name and value. A text
// that is missing shows its id; Known asks first.
func (s Say) Text(id string, pairs ...any) string { return s.w.must(id, pairs...) }

// Known reports whether there is a text with the id.
func (s Say) Known(id string) bool { return s.w.cat.has(s.w.lang, id) }

// Either is the text with the id prefix+key, or other when there is none.
func (s Say) Either(prefix, key, other string) string {
	if id := prefix + key; s.Known(id) {
		return s.Text(id)
	}
	return other
}

// Name is that of a person, or words for one of whom nothing is known: of whoever
// wrote an original that names nobody.
func (s Say) Name(name string) string {
	if name != "" {
		return name
	}
	return s.w.must("person.unreadable")
}

// Size is a file's size, in bytes, as people read it: "2,1 MB".
func (s Say) Size(n int64) string { return s.w.size(n) }

// Moment is a day and an hour: "oggi alle 11:04".
func (s Say) Moment(i clock.Instant) string { return s.w.Moment(i) }

// Date is "10 nov 2026".
func (s Say) Date(i clock.Instant) string { return s.w.Date(i) }

// DayAndHour is a day and an hour that stay true on paper: "venerdì 20 novembre, ore 10:32".
func (s Say) DayAndHour(i clock.Instant) string {
	return s.Text("said.day_hour", "day", s.w.LongDate(i), "hour", s.w.Hour(i))
}

// Keys are the ids of the catalogue that begin with the prefix, without it, in order.
func (s Say) Keys(prefix string) []string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(s.w.cat.known[s.w.lang])) {
		if len(id) > len(prefix) && id[:len(prefix)] == prefix {
			out = append(out, id[len(prefix):])
		}
	}
	return out
}
