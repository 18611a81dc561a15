package inbox

import (
	"strings"
	"testing"
)

// Of two mails of one id with different texts both are kept, and the later one tells the
// first, on whichever of our mailboxes they came; the same text is no other one.
func TestRule26TheLaterMailOfAnIDIsFlagged(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		second := e.mailbox(e.urp, "info", "info@comune.pontelieto.example")
		first := letter("Ada <ada@posta.example>", "same@posta.example", "Uno", "primo")
		e.arrive(e.mail, first, letter("Eva <eva@posta.example>", "same@posta.example", "Due", "secondo"))
		e.arrive(e.mail, "Received: by mx\r\n"+first, letter("Ada <ada@posta.example>", "other@posta.example", "Altro", "altro"))
		e.arrive(second, letter("Ada <ada@posta.example>", "same@posta.example", "Tre", "terzo"), letter("Gino <gino@posta.example>", "alone@posta.example", "Solo", "solo"))
		all := e.everything()
		if len(all) != 5 {
			t.Fatalf("%d messages", len(all))
		}
		for i, want := range []string{"", "Uno", "", "Uno", ""} {
			m, _, err := e.MessageWithParts(t.Context(), e.giulia, all[i].ID)
			must(t, err)
			got := ""
			if m.SameID != nil {
				got = m.SameID.Subject
				if m.SameID.MessageID != all[0].ID || m.SameID.Ref() != e.theCase(all[0].CaseID).Ref() {
					t.Errorf("%q tells of another mail: %+v", m.Subject, m.SameID)
				}
			}
			if got != want || hasNote(m, SameIDNote) != (want != "") {
				t.Errorf("%q tells of %q, want %q; notes %q", m.Subject, got, want, m.Notes)
			}
		}
		cv := e.seen(e.giulia, all[1].CaseID)
		if cv.Entries[0].Message.SameID == nil {
			t.Error("the case's page does not tell")
		}
		// Whatever is read again, what came before it stays said.
		e.exec(t, "UPDATE messages SET text = 'as a former version read it' WHERE id = ?", all[1].ID)
		if changed, err := e.ReadMessageAgain(t.Context(), e.giulia, all[1].ID); err != nil || !changed {
			t.Fatal(changed, err)
		}
		if m, _, _ := e.MessageWithParts(t.Context(), e.giulia, all[1].ID); m.SameID == nil || strings.Count(m.Notes, SameIDNote) != 1 {
			t.Errorf("after it was read again: %q", m.Notes)
		}
		if changed, err := e.ReadMessageAgain(t.Context(), e.giulia, all[1].ID); err != nil || changed {
			t.Error("it differs from itself:", err)
		}
	})
}

// Who may not see the case of the first mail is told nothing of it.
func TestRule26ACaseThatIsNotSeenIsNotTold(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		social := e.office("sociali", true)
		e.arrive(e.mailbox(social.Offices[0], "sociali", "sociali@comune.pontelieto.example"), letter("Ada <ada@posta.example>", "same@posta.example", "Uno", "primo"))
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "same@posta.example", "Due", "secondo"), letter("Ada <ada@posta.example>", "same@posta.example", "Tre", "terzo"))
		e.arrive(e.mailbox(social.Offices[0], "sociali2", "sociali2@comune.pontelieto.example"), letter("Ada <ada@posta.example>", "same@posta.example", "Quattro", "quarto"))
		all := e.everything()
		for i, want := range map[int]string{1: "", 2: "Due"} {
			m, _, err := e.MessageWithParts(t.Context(), e.giulia, all[i].ID)
			must(t, err)
			if got := m.SameID; got == nil && want != "" || got != nil && got.Subject != want {
				t.Errorf("%q tells URP of %+v, want %q", m.Subject, got, want)
			}
		}
		m, _, err := e.MessageWithParts(t.Context(), social, all[3].ID)
		must(t, err)
		if m.SameID == nil || m.SameID.Subject != "Uno" {
			t.Errorf("the reserved office sees its own: %+v", m.SameID)
		}
	})
}
