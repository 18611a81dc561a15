package mail

import (
	"strings"

	"filodiretto/channels/mail/rfc822"
)

// event is what people want to know of a calendar file.
type event struct {
	method, summary, start, end, location, organizer string
}

// readEvent reads the first event of an iCalendar text (RFC 5545), leniently.
func readEvent(text string) event {
	var e event
	text = strings.NewReplacer("\n ", "", "\n\t", "").Replace(text[:min(len(text), 256<<10)])
	inEvent := false
	for line := range strings.SplitSeq(text, "\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		name, _, _ = strings.Cut(strings.ToUpper(name), ";")
		value = unescapeCalendar(value)
		switch {
		case name == "METHOD" && e.method == "":
			e.method = strings.ToUpper(value)
		case name == "BEGIN":
			inEvent = inEvent || strings.EqualFold(value, "VEVENT")
		case name == "END" && inEvent:
			return e
		case inEvent:
			e.take(name, value)
		}
	}
	return e
}

func (e *event) take(name, value string) {
	for want, field := range map[string]*string{
		"SUMMARY": &e.summary, "DTSTART": &e.start, "DTEND": &e.end, "LOCATION": &e.location, "ORGANIZER": &e.organizer,
	} {
		if name == want && *field == "" {
			*field = value
		}
	}
}

func unescapeCalendar(s string) string {
	s = strings.NewReplacer(`\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(s)
	s = rfc822.CleanLine(s)
	if len(s) > 500 {
		s = strings.ToValidUTF8(s[:500], "")
	}
	return s
}

// describe is the event in a few lines.
func (e event) describe() string {
	var b strings.Builder
	line := func(label, value string) {
		if value != "" {
			b.WriteString(label + value + "\n")
		}
	}
	line("", e.summary)
	when := calendarTime(e.start)
	if end := calendarTime(e.end); end != "" {
		when += " - " + end
	}
	line("", when)
	line("", e.location)
	line("", strings.TrimPrefix(strings.TrimPrefix(e.organizer, "mailto:"), "MAILTO:"))
	return strings.TrimSpace(b.String())
}

// calendarTime writes 20260302T100000Z as 2026-03-02 10:00 UTC.
func calendarTime(s string) string {
	digits := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	if len(s) < 8 || !digits(s[:8]) {
		return ""
	}
	out := s[:4] + "-" + s[4:6] + "-" + s[6:8]
	if len(s) >= 13 && s[8] == 'T' && digits(s[9:13]) {
		out += " " + s[9:11] + ":" + s[11:13]
	}
	if strings.HasSuffix(s, "Z") {
		out += " UTC"
	}
	return out
}
