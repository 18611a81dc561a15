package inbox

import (
	"testing"

	"filodiretto/channels"
)

// Mail rule 80 and PEC reference 1.1: what programs and providers write before a subject
// goes, what somebody wrote stays.
func TestCleanSubject(t *testing.T) {
	for subject, want := range map[string]string{
		"I: POSTA CERTIFICATA: Accesso agli atti":                        "Accesso agli atti",
		"Fwd: POSTA CERTIFICATA: POSTA CERTIFICATA: R: Accesso":          "Accesso",
		"R: POSTA CERTIFICATA: Re: Accesso [FD-2026-000012-K]":           "Accesso",
		"I: POSTA CERTIFICATA:":                                          "",
		"POSTA CERTIFICATA: guida per i cittadini":                       "POSTA CERTIFICATA: guida per i cittadini",
		"R: Posta certificata: come si attiva?":                          "Posta certificata: come si attiva?",
		"I: ACCETTAZIONE: Accesso agli atti":                             "ACCETTAZIONE: Accesso agli atti",
		"Domanda sulla POSTA CERTIFICATA: I: come":                       "Domanda sulla POSTA CERTIFICATA: I: come",
		"I: ANOMALIA MESSAGGIO: POSTA CERTIFICATA: R: Accesso agli atti": "ANOMALIA MESSAGGIO: POSTA CERTIFICATA: R: Accesso agli atti",
	} {
		if got := cleanSubject(subject); got != want {
			t.Errorf("%q became %q, not %q", subject, got, want)
		}
	}
}

// A certified mail that somebody attached is passed on, whatever the subject says.
func TestSubjectOfACertifiedMailPassedOn(t *testing.T) {
	it := &channels.Item{Subject: "POSTA CERTIFICATA: Accesso agli atti", Text: "Ci pensate voi?"}
	if got := caseSubject(it); got != it.Subject {
		t.Errorf("somebody's own subject became %q", got)
	}
	it.Forwarded = []channels.Forwarded{{From: channels.Address{Kind: "pec", Value: "anna@pec.example"}}}
	if got := caseSubject(it); got != "Accesso agli atti" {
		t.Errorf("%q", got)
	}
	if it.Subject = "POSTA CERTIFICATA:"; caseSubject(it) != "Ci pensate voi?" {
		t.Errorf("%q", caseSubject(it))
	}
}
