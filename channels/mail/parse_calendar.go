package mail

import (
	"strings"

	"filodiretto/channels/mail/rfc822"
)

// event is what people want to know of a calendar file.
type event struct {
	method, summary, start, end, location, organizer string
	status, sequence, repeats                        string
	attendee, answer                                 string // the first ATTENDEE and its PARTSTAT
}

// readEvent reads the first event of an iCalendar text (RFC 5545), leniently.
func readEvent(text string) event {
	var e event
	text = strings.NewReplacer("\n ", "", "\n\t", "").Replace(text[:min(len(text), 256<<10)])
	inEvent := false
	for line := range strings.SplitSeq(text, "\n") {
		name, value, ok := cutProperty(line)
		if !ok {
			continue
		}
		name, params, _ := strings.Cut(name, ";")
		name, value = strings.ToUpper(name), unescapeCalendar(value)
		switch {
		case name == "METHOD" && e.method == "":
			e.method = strings.ToUpper(value)
		case name == "BEGIN":
			inEvent = inEvent || strings.EqualFold(value, "VEVENT")
		case name == "END" && inEvent && strings.EqualFold(value, "VEVENT"):
			return e
		case inEvent:
			e.take(name, params, value)
		}
	}
	return e
}

// cutProperty parts a line at the first colon that stands in no quotation marks.
func cutProperty(line string) (name, value string, ok bool) {
	quoted := false
	for i := range len(line) {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == ':' && !quoted:
			return line[:i], line[i+1:], true
		}
	}
	return "", "", false
}

func (e *event) take(name, params, value string) {
	if name == "ATTENDEE" && e.attendee == "" {
		e.answer = partStat(params)
	}
	for want, field := range map[string]*string{
		"SUMMARY": &e.summary, "DTSTART": &e.start, "DTEND": &e.end, "LOCATION": &e.location, "ORGANIZER": &e.organizer,
		"STATUS": &e.status, "SEQUENCE": &e.sequence, "RRULE": &e.repeats, "ATTENDEE": &e.attendee,
	} {
		if name == want && *field == "" {
			*field = value
		}
	}
}

// partStat is what somebody answered to an invitation (RFC 5545 section 3.2.12).
func partStat(params string) string {
	for p := range strings.SplitSeq(params, ";") {
		if name, value, _ := strings.Cut(p, "="); strings.EqualFold(name, "PARTSTAT") {
			return strings.ToLower(strings.Trim(value, `"`))
		}
	}
	return ""
}

func unescapeCalendar(s string) string {
	s = strings.NewReplacer(`\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(s)
	s = rfc822.CleanLine(s)
	if len(s) > 500 {
		s = strings.ToValidUTF8(s[:500], "")
	}
	return s
}

// meaning is what a calendar file wants of who reads it, as the code in the note
// "calendar:" (RFC 5546 section 3.2); empty where it says nothing.
func (e event) meaning() string {
	switch {
	case e.method == "CANCEL", strings.EqualFold(e.status, "CANCELLED") && e.method != "REPLY":
		return "cancel"
	case e.method == "REPLY" && (e.answer == "accepted" || e.answer == "declined" || e.answer == "tentative" || e.answer == "delegated"):
		return e.answer
	case e.method == "REQUEST" && strings.Trim(e.sequence, "0") != "":
		return "update"
	default:
		return strings.ToLower(e.method)
	}
}

// headings say what a calendar file is, above what it is about: the readable form is
// a text of its own, in the language of the municipality.
var headings = map[string]string{
	"request": "Invito a un appuntamento", "update": "Invito cambiato", "cancel": "Appuntamento annullato", "add": "Altra data di un appuntamento",
	"reply": "Risposta a un invito", "accepted": "Invito accettato", "declined": "Invito rifiutato", "tentative": "Invito accettato con riserva", "delegated": "Invito passato ad altri",
	"counter": "Chiede di cambiare l’appuntamento", "declinecounter": "Rifiuta di cambiare l’appuntamento", "refresh": "Chiede di nuovo i dati dell’appuntamento",
}

// describe is the event in a few lines.
func (e event) describe() string {
	var b strings.Builder
	line := func(value string) {
		if value != "" {
			b.WriteString(value + "\n")
		}
	}
	meaning := e.meaning()
	line(headings[meaning])
	line(e.summary)
	when := calendarTime(e.start)
	if end := calendarTime(e.end); end != "" {
		when += " - " + end
	}
	line(when)
	line(repetition(e.repeats))
	line(e.location)
	who := e.organizer
	if (e.method == "REPLY" || e.method == "COUNTER" || e.method == "REFRESH") && e.attendee != "" {
		who = e.attendee
	}
	if len(who) > len("mailto:") && strings.EqualFold(who[:len("mailto:")], "mailto:") {
		who = who[len("mailto:"):]
	}
	line(who)
	return strings.TrimSpace(b.String())
}

// repetition says in words how an event is repeated (RFC 5545 section 3.3.10): how
// often and how long; the finer rules are in the file.
func repetition(rule string) string {
	of := map[string]string{}
	for p := range strings.SplitSeq(strings.ToUpper(rule), ";") {
		name, value, _ := strings.Cut(p, "=")
		of[name] = value
	}
	units := map[string][2]string{"DAILY": {"giorno", "giorni"}, "WEEKLY": {"settimana", "settimane"}, "MONTHLY": {"mese", "mesi"}, "YEARLY": {"anno", "anni"}}
	unit, known := units[of["FREQ"]]
	number := func(s string) bool { return s != "" && len(s) < 6 && strings.Trim(s, "0123456789") == "" }
	var s string
	switch n := of["INTERVAL"]; {
	case rule == "":
		return ""
	case !known:
		return "Si ripete"
	case number(n) && n != "1":
		s = "Si ripete ogni " + n + " " + unit[1]
	default:
		s = "Si ripete ogni " + unit[0]
	}
	if n := of["COUNT"]; number(n) {
		s += ", volte in tutto: " + n
	}
	if until := calendarTime(of["UNTIL"]); until != "" {
		s += ", fino al " + until[:len("2006-01-02")]
	}
	return s
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
