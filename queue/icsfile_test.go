package queue

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

func entryAt(at time.Time) CalendarEntry {
	start := clock.At(at)
	return CalendarEntry{
		UID: "abc@filodiretto.invalid", Sequence: 2, Start: start, End: start.Add(minutes(15)), Stamp: clock.At(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)),
		Summary: "Carta d'identità; rilascio, duplicato", Location: "Municipio,\r\npiazza Roma 1", Organizer: "https://filo.example",
		Description: "Codice per il totem: K7M4QX\nUna foto tessera recente, formato 35 × 45 mm, e la vecchia carta; chi l'ha persa porta la denuncia.",
	}
}

func TestCalendarFileGolden(t *testing.T) {
	cancelled := entryAt(time.Date(2026, 12, 1, 8, 30, 0, 0, time.UTC))
	cancelled.Cancelled, cancelled.Sequence = true, 3
	for name, got := range map[string][]byte{
		"booked.ics":    entryAt(time.Date(2026, 12, 1, 8, 30, 0, 0, time.UTC)).File(rome),
		"cancelled.ics": cancelled.File(rome),
		"utc.ics":       entryAt(time.Date(2026, 12, 1, 8, 30, 0, 0, time.UTC)).File(time.UTC),
	} {
		path := filepath.Join("testdata", "calendar", name)
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
		for _, line := range strings.Split(string(got), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
				t.Errorf("%s: a line of %d bytes: %q (RFC 5545 3.1)", name, len(line), line)
			}
		}
		if _, err := ics.ParseCalendar(bytes.NewReader(got)); err != nil {
			t.Error(name, err)
		}
	}
}

// The rules of the zone in the file give the instant that was meant, at every hour
// around both changes of the clocks: they are read here as a calendar would, and
// not with our own code.
func TestCalendarFileOverBothChanges(t *testing.T) {
	for _, day := range []time.Time{
		time.Date(2026, 3, 28, 20, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC), time.Date(2027, 3, 27, 20, 0, 0, 0, time.UTC),
	} {
		for h := range 48 * 4 {
			at := day.Add(time.Duration(h) * 15 * time.Minute)
			cal, err := ics.ParseCalendar(bytes.NewReader(entryAt(at).File(rome)))
			if err != nil {
				t.Fatal(err)
			}
			p := cal.Events()[0].GetProperty(ics.ComponentPropertyDtStart)
			if p.ICalParameters["TZID"][0] != "Europe/Rome" {
				t.Fatal(p.ICalParameters)
			}
			got := readLocal(t, cal, p.Value)
			if twice := at.In(rome).Format("20060102T150405") == at.Add(-time.Hour).In(rome).Format("20060102T150405"); twice {
				continue // the second time of the hour that is twice has no slots (Agenda.Times)
			}
			if !got.Equal(at) {
				t.Fatalf("%s is read as %s, and was %s", p.Value, got, at)
			}
		}
	}
}

// readLocal makes an instant of a local time by the VTIMEZONE of the file: each
// rule begins on the last Sunday of its month, every year from its DTSTART on.
func readLocal(t *testing.T, cal *ics.Calendar, value string) time.Time {
	t.Helper()
	local, err := time.Parse("20060102T150405", value)
	if err != nil {
		t.Fatal(err)
	}
	var newest time.Time
	offset := time.Duration(0)
	for _, part := range cal.Timezones()[0].Components {
		var props *ics.ComponentBase
		switch c := part.(type) {
		case *ics.Standard:
			props = &c.ComponentBase
		case *ics.Daylight:
			props = &c.ComponentBase
		}
		text := func(name ics.Property) string { return props.GetProperty(ics.ComponentProperty(name)).Value }
		start, err := time.Parse("20060102T150405", props.GetProperty(ics.ComponentPropertyDtStart).Value)
		if err != nil {
			t.Fatal(err)
		}
		month := time.March
		if strings.Contains(text(ics.PropertyRrule), "BYMONTH=10") {
			month = time.October
		}
		if start.Weekday() != time.Sunday || start.Month() != month || start.AddDate(0, 0, 7).Month() == month {
			t.Fatal("a rule must begin with an onset of its own (RFC 5545 3.6.5)", start)
		}
		for year := local.Year() - 1; year <= local.Year(); year++ {
			last := time.Date(year, month+1, 1, start.Hour(), 0, 0, 0, time.UTC).AddDate(0, 0, -1)
			last = last.AddDate(0, 0, -int(last.Weekday()))
			if !last.After(local) && last.After(newest) {
				newest = last
				to, err := time.Parse("-0700", text(ics.PropertyTzoffsetto))
				if err != nil {
					t.Fatal(err)
				}
				_, s := to.Zone()
				offset = time.Duration(s) * time.Second
			}
		}
	}
	return local.Add(-offset)
}

// A file that follows another is the same entry of the calendar, newer.
func TestCalendarFileKeepsItsUID(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		_, token := e.books(e.slot(tuesday, 9, 0), "lucia@example.org")
		read := func() (uid, seq, method string) {
			t.Helper()
			mails := e.deliver(e.mail)
			f := mails[len(mails)-1].Files[0]
			r := must(f.Open())(t)
			defer r.Close()
			cal := must(ics.ParseCalendar(r))(t)
			ev := cal.Events()[0]
			for _, p := range cal.CalendarProperties {
				if p.IANAToken == "METHOD" {
					method = p.Value
				}
			}
			return ev.Id(), ev.GetProperty(ics.ComponentPropertySequence).Value, method
		}
		uid, seq, method := read()
		if seq != "0" || method != "PUBLISH" {
			t.Fatal(seq, method)
		}
		must(e.Change(t.Context(), inbox.Viewer{}, ChangeRequest{Token: token, Start: e.slot(tuesday, 10, 0)}))(t)
		if u, s, m := read(); u != uid || s != "1" || m != "PUBLISH" {
			t.Fatal(u, s, m)
		}
		name, data, err := e.CalendarFile(t.Context(), token)
		if err != nil || name != "appuntamento.ics" || !bytes.Contains(data, []byte(uid)) || !bytes.Contains(data, []byte("SEQUENCE:1\r\n")) {
			t.Fatal(name, err)
		}
		must(e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: token}))(t)
		if u, s, m := read(); u != uid || s != "2" || m != "CANCEL" {
			t.Fatal(u, s, m)
		}
	})
}
