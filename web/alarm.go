package web

import (
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/page"
)

// AlarmLetter is the mail that tells what is wrong with accounts, for those who keep
// the system running: it names accounts, and nothing of any message. town and url are
// the municipality's name and the address of its pages.
func AlarmLetter(lang page.Lang, town, url string, zone *time.Location, c clock.Clock, news []inbox.Alarm) (subject, text string, err error) {
	r, err := page.New(page.Options{Clock: c, Zone: zone})
	if err != nil {
		return "", "", err
	}
	say := r.Say(lang)
	subject = say.Text("said.alarm_subject_many", "n", len(news))
	if len(news) == 1 {
		subject = say.Text("said.alarm_subject", "what", alarmWords(say, &news[0]), "name", news[0].Account.Name)
	}
	var b strings.Builder
	b.WriteString(say.Text("said.alarm_begin", "town", town) + "\n")
	for _, a := range news {
		day, _ := inbox.PasswordEnds(a.Account, c.Now())
		b.WriteString("\n" + a.Account.Name + ": " + alarmWords(say, &a))
		if a.Cause != inbox.AlarmPassword { // its day is told; since when it is near says nothing
			b.WriteString(" (" + say.Text("said.alarm_since", "when", say.DayAndHour(a.BegunAt)) + ")")
		}
		b.WriteString("\n")
		b.WriteString(say.Text("said.alarm_"+a.Cause+"_text", "day", say.Date(day)) + "\n")
		if a.Cause == inbox.AlarmRefused {
			if words := codeWords(say, a.Account.ErrorText); words != "" {
				b.WriteString(words + "\n")
			}
		}
	}
	b.WriteString("\n" + say.Text("said.alarm_end", "url", strings.TrimSuffix(url, "/")+"/channels") + "\n")
	return subject, b.String(), nil
}

// alarmWords are a cause in a few words, with the number of what it is about.
func alarmWords(say page.Say, a *inbox.Alarm) string {
	return say.Text("said.alarm_"+a.Cause, "n", a.Account.Unaccepted)
}

// codeWords are our words for the code with which a trouble's text begins; "" where we
// have none for it.
func codeWords(say page.Say, text string) string {
	code, _, _ := strings.Cut(text, ":")
	code, _, _ = strings.Cut(strings.TrimSpace(code), " ")
	return say.Either("channel_code.", code, "")
}
