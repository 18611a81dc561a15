package queue

import (
	"fmt"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/templates"
)

// notify tells the person of an appointment. asked says that it follows from what
// they did themselves.
func (k *booking) notify(ap *Appointment, event string, asked bool, vars map[string]string) {
	if ap.CitizenID == 0 && ap.IdentityID == 0 {
		return
	}
	n := inbox.Notice{
		Event: event, CitizenID: ap.CitizenID, IdentityID: ap.IdentityID, AccountID: ap.AccountID, CaseID: ap.CaseID,
		Lang: ap.Lang, Asked: asked, Vars: k.words(ap.ServiceID, ap.StartAt, ap.Lang),
	}
	if s := k.h.Service(ap.ServiceID); s != nil {
		n.OfficeID = s.OfficeID
	}
	n.Vars["code"], n.Vars["documents"] = ap.Code, k.a.Settings.Documents.own(ap.Lang)
	for name, value := range vars {
		n.Vars[name] = value
	}
	switch event {
	case templates.AppointmentBooked, templates.AppointmentChanged, templates.AppointmentReminder:
		n.Files = []inbox.NoticeFile{k.calendarFile(ap, false)}
	case templates.AppointmentCancelled:
		n.Files = []inbox.NoticeFile{k.calendarFile(ap, true)}
	}
	k.notices = append(k.notices, n)
	k.mine = len(k.notices)
}

// words are what all texts of the agenda may say.
func (k *booking) words(serviceID int64, start clock.Instant, lang string) map[string]string {
	w := map[string]string{"site": k.h.Site.where(), "when": whenText(start, k.h.Calendar.Zone, lang)}
	if s := k.h.Service(serviceID); s != nil {
		w["service"] = s.Names.In(lang)
	}
	if k.b.url != "" {
		w["booking_link"] = k.b.url + "/p/book"
	}
	return w
}

func (k *booking) untilText(at clock.Instant, lang string) string {
	return untilText(at, k.now, k.h.Calendar.Zone, lang)
}

// where is the name of a site with its address.
func (s *Site) where() string {
	if s.Address == "" {
		return s.Name
	}
	return s.Name + ", " + s.Address
}

// own is the text in a language, or in Italian; empty when there is neither.
func (n Names) own(lang string) string {
	if len(n) == 0 {
		return ""
	}
	return n.In(lang)
}

var (
	weekdaysIt = [...]string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"}
	monthsIt   = [...]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"}
)

// english reports whether a text in a language that may not be ours is English.
// Texts that are in neither are in Italian (templates.Set.Pick), and so are their
// values.
func english(lang string) bool { return lang == "en" || len(lang) > 2 && lang[:3] == "en-" }

// dayText writes a day as people do: "martedì 1 dicembre 2026".
func dayText(t time.Time, lang string) string {
	if english(lang) {
		return t.Format("Monday 2 January 2006")
	}
	return fmt.Sprintf("%s %d %s %d", weekdaysIt[t.Weekday()], t.Day(), monthsIt[t.Month()-1], t.Year())
}

// whenText writes day and time: "martedì 1 dicembre 2026, ore 09:30".
func whenText(at clock.Instant, zone *time.Location, lang string) string {
	t := at.Time().In(zone)
	if english(lang) {
		return dayText(t, lang) + fmt.Sprintf(", %02d:%02d", t.Hour(), t.Minute())
	}
	return dayText(t, lang) + fmt.Sprintf(", ore %02d:%02d", t.Hour(), t.Minute())
}

// untilText writes until when something holds: "oggi alle 12:30", "domani alle
// 09:00", "martedì 1 dicembre 2026 alle 09:00".
func untilText(at, now clock.Instant, zone *time.Location, lang string) string {
	t := at.Time().In(zone)
	day := dayText(t, lang)
	switch d := DayOf(at, zone); {
	case d == DayOf(now, zone):
		day = map[bool]string{true: "today", false: "oggi"}[english(lang)]
	case d == DayOf(now, zone).Add(1):
		day = map[bool]string{true: "tomorrow", false: "domani"}[english(lang)]
	}
	if english(lang) {
		return day + fmt.Sprintf(" at %02d:%02d", t.Hour(), t.Minute())
	}
	return day + fmt.Sprintf(" alle %02d:%02d", t.Hour(), t.Minute())
}

// daysText writes a stretch of days: "dal 1 dicembre al 18 dicembre 2026".
func daysText(from, to Day, lang string) string {
	f, t := from.date(), to.date()
	if english(lang) {
		return "from " + f.Format("2 January") + " to " + t.Format("2 January 2006")
	}
	return fmt.Sprintf("dal %d %s al %d %s %d", f.Day(), monthsIt[f.Month()-1], t.Day(), monthsIt[t.Month()-1], t.Year())
}
