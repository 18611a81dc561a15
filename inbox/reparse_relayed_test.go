package inbox

import (
	"errors"
	"testing"
)

// Certified mail that ordinary mailboxes got before envelopes were opened there stays as
// it was filed: nothing of it becomes its citizen's by half, and nothing comes twice.
// Nobody can answer the address that relayed it.
func TestRule20RelayedMailStaysAsItWasFiled(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := ordinaryBox(t, e)
		today, _, _ := e.chans.Channel(e.mail.ID)
		ourMail(e) // its reader opens no envelopes
		other := e.mailbox(e.trib, "tributi", "tributi@comune.pontelieto.example")
		raw := o.toOrdinary(o.provider, annaPEC, "Anna Verdi", "a1@pec.example")
		e.arrive(e.mail, raw)
		if _, err := e.Release(t.Context(), e.giulia, e.held(t).ID, 0, ""); err != nil {
			t.Fatal(err)
		}
		e.arrive(other, raw)
		e.exec(t, "UPDATE identities SET kind = 'email', value = 'posta-certificata@gestore.example'")
		was := e.lastIn(t)
		if was.Channel != "mail" || was.Certified != "" || e.number("SELECT count(*) FROM copies WHERE message_id = ?", was.ID) != 2 {
			t.Fatalf("not as it was filed then: %+v", was)
		}
		e.chans.put(e.mail, today)
		e.chans.put(other, today)
		e.readOlderAgain(2)
		e.readOlderAgain(0)
		if changed, err := e.ReadMessageAgain(t.Context(), e.giulia, was.ID); err != nil || changed {
			t.Error("a person has it read again:", changed, err)
		}
		e.ingest(e.mail)
		e.ingest(other)
		if n := e.number("SELECT count(*) FROM messages WHERE direction = 'in'"); n != 1 {
			t.Error(n, "messages")
		}
		if m := e.lastIn(t); m.Version != 1 || m.Certified != "" || m.Text != was.Text || m.Subject != was.Subject {
			t.Errorf("it is Anna's by half: %+v", m)
		}
		_, err := e.Reply(t.Context(), e.giulia, ReplyCommand{CaseID: was.CaseID, SeenInID: was.ID, AccountID: e.mail.ID, To: []Recipient{{IdentityID: was.IdentityID}}, Text: "Ecco.", Undo: AtOnce})
		if inv := (*InvalidError)(nil); !errors.As(err, &inv) || inv.Code != "relay" || inv.Field != "to.0.identity" {
			t.Errorf("the provider's robot is written to: %v", err)
		}
		if opts, err := e.Options(t.Context(), e.giulia, was.CaseID); err != nil || opts.Default >= 0 && opts.Default < len(opts.List) && opts.List[opts.Default].Barred == "" {
			t.Errorf("it is offered: %+v %v", opts, err)
		}
	})
}
