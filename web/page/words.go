package page

import (
	"fmt"
	"strconv"
	"time"

	"filodiretto/internal/clock"
)

// words says facts in one language, at the municipality's time.
type words struct {
	lang  Lang
	cat   *catalogue
	clock clock.Clock
	zone  *time.Location
}

// T is the text with the id; pairs are placeholders by name and value.
func (w *words) T(id string, pairs ...any) (string, error) {
	if len(pairs) == 0 {
		return w.cat.text(w.lang, id, nil)
	}
	args := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		k, ok := pairs[i].(string)
		if !ok {
			return "", fmt.Errorf("text %q: placeholder %d has no name", id, i/2)
		}
		args[k] = pairs[i+1]
	}
	return w.cat.text(w.lang, id, args)
}

// either is the text prefix+key, or other when the catalogue does not know it.
func (w *words) either(prefix, key, other string) (string, error) {
	if id := prefix + key; w.cat.has(w.lang, id) {
		return w.T(id)
	}
	return other, nil
}

func (w *words) must(id string, pairs ...any) string {
	s, err := w.T(id, pairs...)
	if err != nil {
		return id // the completeness test keeps this from happening
	}
	return s
}

// local is the instant on the municipality's wall clock.
func (w *words) local(i clock.Instant) time.Time { return i.Time().In(w.zone) }

func (w *words) now() time.Time { return w.local(w.clock.Now()) }

// days counts calendar days from now to t: 0 today, -1 yesterday.
func (w *words) days(t time.Time) int {
	a := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	n := w.now()
	b := time.Date(n.Year(), n.Month(), n.Day(), 0, 0, 0, 0, time.UTC)
	return int(a.Sub(b) / (24 * time.Hour))
}

// Hour is "11:04".
func (w *words) Hour(i clock.Instant) string { return w.local(i).Format("15:04") }

// Short is the age of something in a list: "11:04", "ieri", "13 nov", "13 nov 2025".
func (w *words) Short(i clock.Instant) string {
	t := w.local(i)
	switch d := w.days(t); {
	case d == 0:
		return t.Format("15:04")
	case d == -1:
		return w.must("time.yesterday")
	case t.Year() == w.now().Year():
		return w.dayMonth(t)
	}
	return w.dayMonth(t) + " " + strconv.Itoa(t.Year())
}

// Moment is a day and an hour: "oggi alle 11:04", "13 nov, 11:04".
func (w *words) Moment(i clock.Instant) string {
	t := w.local(i)
	h := t.Format("15:04")
	switch w.days(t) {
	case 0:
		return w.must("time.today_at", "hour", h)
	case -1:
		return w.must("time.yesterday_at", "hour", h)
	case 1:
		return w.must("time.tomorrow_at", "hour", h)
	}
	day := w.dayMonth(t)
	if t.Year() != w.now().Year() {
		day += " " + strconv.Itoa(t.Year())
	}
	return day + ", " + h
}

// Date is "10 nov 2026".
func (w *words) Date(i clock.Instant) string {
	t := w.local(i)
	return w.dayMonth(t) + " " + strconv.Itoa(t.Year())
}

// Stamp is an instant as registers write it, which is true on any day and on paper:
// "22/11/2026 21:25:31".
func (w *words) Stamp(i clock.Instant) string { return w.local(i).Format("02/01/2006 15:04:05") }

// LongDate is "sabato 12 dicembre 2026".
func (w *words) LongDate(i clock.Instant) string {
	t := w.local(i)
	return w.must("time.long_date", "weekday", w.weekday(t), "day", t.Day(), "month", w.month(t), "year", t.Year())
}

// Day is the heading of a day on a timeline: "Oggi", "Ieri", "Martedì 10 novembre".
func (w *words) Day(i clock.Instant) string {
	t := w.local(i)
	switch w.days(t) {
	case 0:
		return w.must("time.day_today")
	case -1:
		return w.must("time.day_yesterday")
	}
	s := w.must("time.day", "weekday", w.weekday(t), "day", t.Day(), "month", w.month(t))
	if t.Year() != w.now().Year() {
		s += " " + strconv.Itoa(t.Year())
	}
	return capital(s)
}

// Since is how long ago: "da 40 secondi", "da 5 minuti", "da 3 ore", "da 2 giorni".
func (w *words) Since(i clock.Instant) string {
	d := w.clock.Now().Sub(i)
	switch {
	case d < 0:
		d = 0
		fallthrough
	case d < time.Minute:
		return w.must("time.since_seconds", "n", int(d/time.Second))
	case d < time.Hour:
		return w.must("time.since_minutes", "n", int(d/time.Minute))
	case d < 24*time.Hour:
		return w.must("time.since_hours", "n", int(d/time.Hour))
	}
	return w.must("time.since_days", "n", int(d/(24*time.Hour)))
}

// Due is the term in words: "Scade oggi 17:00", "Scaduta da 2 giorni".
func (w *words) Due(d Due) string {
	if d.Paused {
		return w.must("due.paused")
	}
	t := w.local(d.At)
	n := w.days(t)
	if late := w.clock.Now().Sub(d.At); late > 0 {
		if n == 0 {
			return w.must("due.late_today", "hour", t.Format("15:04"))
		}
		return w.must("due.late_days", "n", -n)
	}
	switch n {
	case 0:
		return w.must("due.today", "hour", t.Format("15:04"))
	case 1:
		return w.must("due.tomorrow")
	}
	return w.must("due.in_days", "n", n)
}

// ISO is the instant for a datetime attribute.
func (w *words) ISO(i clock.Instant) string { return w.local(i).Format("2006-01-02T15:04:05Z07:00") }

func (w *words) dayMonth(t time.Time) string {
	return w.must("time.day_month", "day", t.Day(), "month", w.must("time.mon_"+strconv.Itoa(int(t.Month()))))
}

func (w *words) month(t time.Time) string {
	return w.must("time.month_" + strconv.Itoa(int(t.Month())))
}

func (w *words) weekday(t time.Time) string {
	return w.must("time.weekday_" + strconv.Itoa(int(t.Weekday())))
}
