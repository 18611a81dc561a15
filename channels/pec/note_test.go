package pec

import "testing"

func TestNotesAreExplained(t *testing.T) {
	for _, code := range []string{
		"daticert_missing", "daticert_unreadable", "pec:anomaly", "pec:posta-certificata", "pec:ordinary", "pec_sender_differs", "text_cut", NoteClaimed + anna, "pec_uncovered", "pec:not_proven", "pec:not_whole", "charset:utf-8",
	} {
		if it, en := ExplainNote(code); it == "" || en == "" || it == en {
			t.Errorf("%s: %q, %q", code, it, en)
		}
	}
	if it, _ := ExplainNote("nothing_of_the_kind"); it != "" {
		t.Errorf("an unknown code became %q", it)
	}
}
