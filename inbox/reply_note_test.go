package inbox

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestNote(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		e.exec(t, "UPDATE operators SET login = 'Elena' WHERE id = ?", e.elena.OperatorID)
		cmd := NoteCommand{CaseID: k.c.ID, Text: "Chiedo a @elena, poi chiamo.", IdempotencyKey: "n1"}
		n, err := e.Note(t.Context(), e.giulia, cmd)
		if err != nil || len(n.Mentioned) != 0 || !slices.Equal(n.Blind, []int64{e.elena.OperatorID}) {
			t.Fatal("who may not see the case is not told, and the author knows", n, err)
		}
		if again, err := e.Note(t.Context(), e.giulia, cmd); err != nil || !again.Repeated || again.Message.ID != n.Message.ID {
			t.Fatal(again, err)
		}
		e.exec(t, "INSERT INTO case_offices (case_id, office_id, since_at) VALUES (?, ?, 1)", k.c.ID, e.trib)
		cmd.IdempotencyKey, cmd.Mentions = "n2", []int64{e.elena.OperatorID, e.giulia.OperatorID, 77}
		if n, err = e.Note(t.Context(), e.giulia, cmd); err != nil || !slices.Equal(n.Mentioned, []int64{e.elena.OperatorID}) || len(n.Blind) != 0 {
			t.Fatal(n, err)
		}
		back, err := e.Note(t.Context(), e.elena, NoteCommand{CaseID: k.c.ID, Text: "Fatto", Mentions: []int64{e.giulia.OperatorID}})
		if err != nil || !slices.Equal(back.Mentioned, []int64{e.giulia.OperatorID}) {
			t.Fatal(back, err)
		}
		if got := e.happened(k.c.ID); !slices.Equal(got, []string{"note.added", "note.added", "note.mention", "note.added", "note.mention"}) {
			t.Fatal(got)
		}
		c := e.theCase(k.c.ID)
		if c.LastMessageID != k.m.ID || c.Snippet != k.c.Snippet || !c.Unread {
			t.Fatal("a note is no answer", c)
		}
		e.deliver(e.mail)
		if len(s.tried) != 0 || e.count(t, "deliveries") != 0 {
			t.Fatal("and never leaves")
		}
		if _, err := e.Reply(t.Context(), e.giulia, k.reply("x")); err != nil {
			t.Fatal("a note does not stop an answer", err)
		}
		if m := n.Message; m.Direction != Note || m.AccountID != 0 || m.Channel != "note" {
			t.Fatal(m)
		}
	})
}

func TestNoteChecks(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		k := e.writes(e.mail, "lucia@example.org", "una")
		_, err := e.Note(t.Context(), e.giulia, NoteCommand{CaseID: k.c.ID, Text: " "})
		wantCode(t, err, "text", "empty")
		_, err = e.Note(t.Context(), e.giulia, NoteCommand{CaseID: k.c.ID, Text: "x", Files: make([]FileRef, mostFiles+1)})
		wantCode(t, err, "files", "too_many")
		if _, err := e.Note(t.Context(), e.elena, NoteCommand{CaseID: k.c.ID, Text: "x"}); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if _, err := e.Note(t.Context(), Viewer{System: true}, NoteCommand{CaseID: k.c.ID, Text: "x"}); !errors.Is(err, ErrForbidden) {
			t.Fatal("a note has an author", err)
		}
	})
}

func TestMentionOfTheFrontDesk(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		k := e.writes(e.mail, "lucia@example.org", "una")
		e.exec(t, "UPDATE operator_roles SET role = 'reception' WHERE operator_id = ?", e.elena.OperatorID)
		cmd := NoteCommand{CaseID: k.c.ID, Text: "x", Mentions: []int64{e.elena.OperatorID}}
		if n, err := e.Note(t.Context(), e.giulia, cmd); err != nil || len(n.Mentioned) != 1 {
			t.Fatal("reception sees", n, err)
		}
		e.exec(t, "UPDATE offices SET reserved = TRUE WHERE id = ?", e.urp)
		if n, err := e.Note(t.Context(), e.giulia, cmd); err != nil || len(n.Blind) != 1 {
			t.Fatal("but no reserved office's cases", n, err)
		}
	})
}

func TestLogins(t *testing.T) {
	for text, want := range map[string]string{
		"@elena": "elena", "chiedi a @Elena.": "elena", "(@a, @b-c)": "a b-c", "lucia@example.org": "", "@": "", "@@x": "@x", "": "",
	} {
		if got := strings.Join(logins(text), " "); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
