package queue

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// CalendarEntry is an appointment as a calendar file tells it (RFC 5545). The same
// UID with a higher Sequence replaces what an earlier file put into a calendar.
type CalendarEntry struct {
	UID         string
	Sequence    int
	Start, End  clock.Instant
	Stamp       clock.Instant // when the file was made
	Summary     string
	Location    string
	Description string
	Organizer   string // an address or URL; empty when there is none
	Cancelled   bool
}

// romeRules are the zone as it is since 1996: the clocks change at 1:00 UTC on the
// last Sundays of March and October.
const romeZone = "Europe/Rome"

var romeRules = []struct {
	daylight                        bool
	start, rule, from, to, zoneName string
}{
	{true, "19810329T020000", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "+0100", "+0200", "CEST"},
	{false, "19961027T030000", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "+0200", "+0100", "CET"},
}

// File writes the entry as a calendar of one event, with METHOD PUBLISH or CANCEL:
// nobody is asked to answer, which would send mail to an address that nobody reads.
// In Italy times are local with the zone's rules, so that a calendar that learns of
// a new rule keeps the hour on the wall; elsewhere they are in UTC.
func (c CalendarEntry) File(zone *time.Location) []byte {
	cal := ics.NewCalendar()
	cal.SetProductId("-//Filo Diretto//IT")
	cal.SetCalscale("GREGORIAN")
	cal.SetMethod(ics.MethodPublish)
	status := ics.ObjectStatusConfirmed
	if c.Cancelled {
		cal.SetMethod(ics.MethodCancel)
		status = ics.ObjectStatusCancelled
	}
	local := zone.String() == romeZone
	if local {
		addRome(cal)
	}
	e := cal.AddEvent(c.UID)
	e.SetDtStampTime(c.Stamp.Time())
	e.SetSequence(c.Sequence)
	for _, x := range []struct {
		name ics.ComponentProperty
		at   clock.Instant
	}{{ics.ComponentPropertyDtStart, c.Start}, {ics.ComponentPropertyDtEnd, c.End}} {
		if local {
			e.SetProperty(x.name, x.at.Time().In(zone).Format("20060102T150405"), &ics.KeyValues{Key: "TZID", Value: []string{romeZone}})
			continue
		}
		e.SetProperty(x.name, x.at.Time().Format("20060102T150405Z"))
	}
	e.SetStatus(status)
	e.SetSummary(oneLine(c.Summary))
	e.SetLocation(oneLine(c.Location))
	if c.Description != "" {
		e.SetDescription(strings.ReplaceAll(c.Description, "\r", ""))
	}
	if c.Organizer != "" {
		e.SetProperty(ics.ComponentPropertyOrganizer, c.Organizer) // SetOrganizer would make a mail address of it
	}
	return []byte(cal.Serialize(ics.WithNewLineWindows))
}

func addRome(cal *ics.Calendar) {
	z := cal.AddTimezone(romeZone)
	for _, r := range romeRules {
		part := ics.ComponentBase{}
		part.AddProperty(ics.ComponentPropertyDtStart, r.start)
		part.AddProperty(ics.ComponentProperty(ics.PropertyRrule), r.rule)
		part.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), r.from)
		part.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), r.to)
		part.AddProperty(ics.ComponentProperty(ics.PropertyTzname), r.zoneName)
		if r.daylight {
			z.Components = append(z.Components, &ics.Daylight{ComponentBase: part})
			continue
		}
		z.Components = append(z.Components, &ics.Standard{ComponentBase: part})
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// uid is the name of an appointment in calendars. It is the same whatever becomes
// of the appointment, and tells nothing.
func (b *Bookings) uid(id int64) string {
	m := hmac.New(sha256.New, b.q.key)
	fmt.Fprintf(m, "calendar\x00%d", id)
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(m.Sum(nil)[:15])) + "@filodiretto.invalid"
}

// calendarFile is the file that goes with a message.
func (k *booking) calendarFile(ap *Appointment, cancelled bool) inbox.NoticeFile {
	data := k.b.entry(k.h, k.a, ap, k.now, cancelled).File(k.h.Calendar.Zone)
	method := map[bool]string{false: "PUBLISH", true: "CANCEL"}[cancelled]
	return inbox.NoticeFile{Name: calendarName(ap.Lang), Type: "text/calendar; charset=utf-8; method=" + method, Data: data}
}

func calendarName(lang string) string {
	if english(lang) {
		return "appointment.ics"
	}
	return "appuntamento.ics"
}

func (b *Bookings) entry(h *House, a *Agenda, ap *Appointment, now clock.Instant, cancelled bool) CalendarEntry {
	c := CalendarEntry{
		UID: b.uid(ap.ID), Sequence: ap.Sequence, Start: ap.StartAt, End: ap.EndAt, Stamp: now, Location: h.Site.where(), Organizer: b.url, Cancelled: cancelled,
	}
	if s := h.Service(ap.ServiceID); s != nil {
		c.Summary = s.Names.In(ap.Lang)
	}
	var lines []string
	if ap.Code != "" {
		lines = append(lines, map[bool]string{true: "Code for the kiosk: ", false: "Codice per il totem: "}[english(ap.Lang)]+ap.Code)
	}
	if d := a.Settings.Documents.own(ap.Lang); d != "" {
		lines = append(lines, d)
	}
	c.Description = strings.Join(lines, "\n")
	return c
}
