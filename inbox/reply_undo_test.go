package inbox

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestUndoReply(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		ref, err := e.KeepFile(t.Context(), "modulo.txt", strings.NewReader("Il modulo"))
		if err != nil {
			t.Fatal(err)
		}
		cmd := k.reply("Buongiorno,\n\necco il modulo.")
		cmd.Undo, cmd.Waiting, cmd.Files, cmd.IdempotencyKey = 0, true, []FileRef{ref}, "k1"
		cmd.Cc = []Recipient{{Address: "vigile@comune.example"}}
		r := e.mustReply(cmd)
		e.manual.Advance(9 * time.Second)
		if _, err := e.UndoReply(t.Context(), e.elena, r.Message.ID); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		marco := e.giulia
		marco.OperatorID++
		if _, err := e.UndoReply(t.Context(), marco, r.Message.ID); !errors.Is(err, ErrForbidden) {
			t.Fatal("only the author takes back", err)
		}
		d, err := e.UndoReply(t.Context(), e.giulia, r.Message.ID)
		if err != nil {
			t.Fatal(err)
		}
		if d.Body != "Buongiorno,\n\necco il modulo." || d.Choice.Subject != "Re: Buca in via Garibaldi" || d.Choice.AccountID != e.mail.ID ||
			len(d.Choice.Files) != 1 || d.Choice.Files[0].Name != "modulo.txt" || len(d.Choice.To) != 1 || len(d.Choice.Cc) != 1 || d.Choice.Cc[0].Address != "vigile@comune.example" {
			t.Fatalf("all is given back: %+v", d)
		}
		c, was := e.theCase(k.c.ID), k.c
		if c.Status != was.Status || c.AssigneeID != 0 || !c.Unread || c.LastMessageID != k.m.ID || c.LastAt != was.LastAt || c.Snippet != snippet("una") {
			t.Fatalf("the case is as before: %+v", c)
		}
		m, err := e.Message(t.Context(), e.giulia, r.Message.ID)
		if err != nil || m.Text != "" || m.HTML != "" || m.Subject != "" || m.ErasedAt == 0 || m.Notes != "taken_back" {
			t.Fatalf("an empty shell remains: %+v %v", m, err)
		}
		e.manual.Advance(time.Hour)
		e.deliver(e.mail)
		if len(s.tried) != 0 {
			t.Fatal("nothing leaves", s.tried)
		}
		if _, err := e.UndoReply(t.Context(), e.giulia, r.Message.ID); !errors.Is(err, ErrChanged) {
			t.Fatal(err)
		}
		again, err := e.Reply(t.Context(), e.giulia, cmd)
		if err != nil || !again.Repeated || again.Message.ErasedAt == 0 || e.count(t, "deliveries") != 2 {
			t.Fatal("a repeated click does not send what was taken back", again, err)
		}
		if got := e.happened(k.c.ID); !slices.Equal(got, []string{"message.sent", "case.assigned", "case.status", "message.taken_back"}) {
			t.Fatal(got)
		}
	})
}

func TestUndoGivesTheTextBackOnce(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		for draft, want := range map[string]string{
			" Passiamo domani.\n": "Passiamo domani.", // the second of two clicks kept it
			"E poi ancora":        "Passiamo domani.\n\nE poi ancora",
		} {
			cmd := k.reply("Passiamo domani.")
			cmd.Undo = 0
			r := e.mustReply(cmd)
			if _, err := e.SaveDraft(t.Context(), e.giulia, Draft{CaseID: k.c.ID, Kind: ReplyDraft, Body: draft, Pen: "a", Step: 1}); err != nil {
				t.Fatal(err)
			}
			d, err := e.UndoReply(t.Context(), e.giulia, r.Message.ID)
			if err != nil || d.Body != want || d.Pen != "" { // the form that wrote the rest does not know the whole
				t.Errorf("over the draft %q: %q %v, want %q", draft, d.Body, err, want)
			}
			if err := e.DiscardDraft(t.Context(), e.giulia, k.c.ID, ReplyDraft); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestUndoIsBounded(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		cmd := e.writes(e.mail, "lucia@example.org", "una").reply("x")
		cmd.Undo = 24 * time.Hour
		if r := e.mustReply(cmd); r.UndoUntil != e.manual.Now().Add(mostUndo) {
			t.Fatal(r.UndoUntil)
		}
	})
}

func TestUndoComesTooLate(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		cmd := k.reply("x")
		cmd.Undo = 10 * time.Second
		cmd.Cc = []Recipient{{Address: "vigile@comune.example"}}
		r := e.mustReply(cmd)
		e.manual.Advance(10 * time.Second)
		if _, err := e.UndoReply(t.Context(), e.giulia, r.Message.ID); !errors.Is(err, ErrChanged) {
			t.Fatal("due is too late, sent or not", err)
		}
		for _, d := range r.Deliveries {
			if e.delivery(d.ID).State != Queued {
				t.Fatal("all or nothing")
			}
		}
		e.deliver(e.mail)
		if _, err := e.UndoReply(t.Context(), e.giulia, r.Message.ID); !errors.Is(err, ErrChanged) {
			t.Fatal(err)
		}
		if m, _ := e.Message(t.Context(), e.giulia, r.Message.ID); m.Written() != "x" {
			t.Fatal("the answer stays")
		}
	})
}

// What changed on the case since the answer was queued is not undone with it,
// and what the operator began to write is not lost.
func TestUndoKeepsWhatCameAfter(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		cmd := k.reply("prima")
		cmd.Undo, cmd.Waiting = 0, true
		r := e.mustReply(cmd)
		if _, err := e.SaveDraft(t.Context(), e.giulia, Draft{CaseID: k.c.ID, Kind: ReplyDraft, Body: "seconda"}); err != nil {
			t.Fatal(err)
		}
		e.again(&k, e.mail, "due")
		d, err := e.UndoReply(t.Context(), e.giulia, r.Message.ID)
		if err != nil || d.Body != "prima\n\nseconda" {
			t.Fatal(d, err)
		}
		if c := e.theCase(k.c.ID); c.Status != Waiting || c.LastMessageID != k.m.ID || c.LastInID != k.m.ID {
			t.Fatalf("%+v", c)
		}
	})
}

func TestReplyIsIdempotent(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		cmd := k.reply("x")
		cmd.IdempotencyKey = "form-7"
		done := make(chan *Reply, 3)
		for range 3 {
			go func() {
				r, err := e.Reply(t.Context(), e.giulia, cmd)
				if err != nil {
					t.Error(err)
				}
				done <- r
			}()
		}
		a, b, c := <-done, <-done, <-done
		if t.Failed() || a.Message.ID != b.Message.ID || b.Message.ID != c.Message.ID || len(c.Deliveries) != 1 {
			t.Fatal("three clicks are one answer")
		}
		e.deliver(e.mail)
		if len(s.arrived()) != 1 {
			t.Fatal(len(s.arrived()))
		}
		cmd.Text = "y"
		_, err := e.Reply(t.Context(), e.giulia, cmd)
		wantCode(t, err, "idempotency_key", "reused")
		other := e.giulia
		other.OperatorID++
		if r, err := e.Reply(t.Context(), other, cmd); err != nil || r.Repeated {
			t.Fatal("keys are each operator's own", err)
		}
	})
}
