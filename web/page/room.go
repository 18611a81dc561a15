package page

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"filodiretto/internal/clock"
)

// Names is a text by language, as the office wrote it.
type Names map[string]string

// In is the text in a language, else in Italian, else in any.
func (n Names) In(l Lang) string {
	if s := n[string(l)]; s != "" {
		return s
	}
	if s := n[string(Italian)]; s != "" {
		return s
	}
	for _, k := range slices.Sorted(maps.Keys(n)) {
		if n[k] != "" {
			return n[k]
		}
	}
	return ""
}

// Wait is what is known of a wait. It is a range in whole minutes, never a single
// one; with fewer than 30 observations only how many are ahead (queue 4.4).
type Wait struct {
	Known bool `json:"known,omitempty"`
	Low   int  `json:"low,omitempty"`
	High  int  `json:"high,omitempty"`
	Ahead int  `json:"ahead"`
	// Was is until when a range promised that was shown before and has grown since, ms;
	// 0 while it has not: a promise never rises without saying so (queue 4.4, point 5).
	Was int64 `json:"was,omitempty"`
	// Nobody says that nobody sits at a counter that does the service, so that no wait
	// can be told; From is when the shifts say that one opens today, ms, 0 when they do
	// not.
	Nobody bool  `json:"nobody,omitempty"`
	From   int64 `json:"from,omitempty"`
	// Differ says, of several services together, that their waits differ too much for
	// one range: only Low is said, the least of theirs; see GroupWait.
	Differ bool `json:"differ,omitempty"`
}

// Opens is From as an instant.
func (w Wait) Opens() clock.Instant { return clock.Instant(w.From * 1000) }

// Until is Was as an instant.
func (w Wait) Until() clock.Instant { return clock.Instant(w.Was * 1000) }

// RoomTime is what a device needs to show the municipality's time, whatever its own
// clock says: the present in milliseconds, and minutes east of Greenwich.
type RoomTime struct {
	Now    int64 `json:"now"`
	Offset int   `json:"offset"`
}

// Wait is a range in words: "tra 10 e 20 minuti". It must be known.
func (s Say) Wait(w Wait) string {
	switch {
	case w.High <= 5:
		return s.Text("room.range_little")
	case w.Low == 0:
		return s.Text("room.range_under", "high", w.High)
	}
	return s.Text("room.range", "low", w.Low, "high", w.High)
}

// Millis is an instant in milliseconds, as browsers count; 0 stays 0.
func Millis(i clock.Instant) int64 { return int64(i) / 1000 }

// RoomTime is the present for a device.
func (s Say) RoomTime(now clock.Instant) RoomTime {
	_, east := s.w.local(now).Zone()
	return RoomTime{Now: Millis(now), Offset: east / 60}
}

// Hour is "11:04".
func (s Say) Hour(i clock.Instant) string { return s.w.Hour(i) }

// Taken is the day and hour at which a number was given, for its paper.
func (s Say) Taken(i clock.Instant) string {
	return s.Text("kiosk.paper_taken", "day", s.w.LongDate(i), "hour", s.w.Hour(i))
}

// Place is where somebody goes: what stands before the number, and the number,
// which is drawn as a sign. Without a number the word is the sign.
type Place struct {
	Word string `json:"word,omitempty"` // "Sportello"
	Mark string `json:"mark"`           // "4"
}

// PlaceOf parts the name of a counter: "Sportello 4".
func PlaceOf(name string) Place {
	name = strings.TrimSpace(name)
	i := strings.LastIndexByte(name, ' ')
	if mark := name[i+1:]; i > 0 && len(mark) <= 3 {
		return Place{Word: strings.TrimSpace(name[:i]), Mark: mark}
	}
	return Place{Mark: name}
}

// Spaced is a number as people read it: "A 131" for "A131".
func Spaced(label string) string {
	i := strings.IndexFunc(label, unicode.IsDigit)
	if i <= 0 {
		return label
	}
	return label[:i] + "\u00a0" + label[i:]
}

// Phrase is a text for scripts, with its placeholders in braces: "{n}". One is set
// where the number chooses.
type Phrase struct {
	One   string `json:"one,omitempty"`
	Other string `json:"other"`
}

// Phrases are the texts whose ids begin with one of the prefixes.
func (s Say) Phrases(prefixes ...string) map[string]Phrase {
	plain := strings.NewReplacer("{{.", "{", "}}", "}")
	out := map[string]Phrase{}
	for id, m := range s.w.cat.known[s.w.lang] {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(id, p) }) {
			out[id] = Phrase{plain.Replace(m.One), plain.Replace(m.Other)}
		}
	}
	return out
}

// Phrases are the texts for scripts in every language of the room.
func (r *Renderer) Phrases(prefixes ...string) map[Lang]map[string]Phrase {
	out := make(map[Lang]map[string]Phrase, len(RoomLangs))
	for _, l := range RoomLangs {
		out[l] = r.Say(l).Phrases(prefixes...)
	}
	return out
}
