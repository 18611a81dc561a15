package inbox

import (
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels/pec/standin"
	"filodiretto/internal/db/dbtest"
)

// receiptAbout is a receipt of delivery as some provider may write it.
func (o *certifiedOffice) receiptAbout(change func(*standin.Letter)) string {
	o.t.Helper()
	l := standin.Letter{
		Receipt: "avvenuta-consegna", Data: "avvenuta-consegna", ID: "e9@gestore.example", From: pecBox, About: annaPEC, Addressee: pecBox,
		To: []standin.Recipient{{Address: annaPEC}}, Subject: "x", Kind: "sintetica", At: o.manual.Now(), MessageID: "r9@gestore.example",
	}
	change(&l)
	raw, err := o.provider.Write(l)
	if err != nil {
		o.t.Fatal(err)
	}
	return string(raw)
}

// A receipt finds its message by our id, by that inside what it returns, by the
// envelope's id that the acceptance told, and by our id under another domain if
// the recipient fits; by nothing else (PEC reference section 5).
func TestRule84WaysToFindTheMessage(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		for _, x := range []struct {
			name    string
			learnt  bool // the acceptance came before
			change  func(l *standin.Letter, ours string)
			arrives bool
		}{
			{"our id", false, func(l *standin.Letter, ours string) { l.Original = ours }, true},
			{"our id in other letters", false, func(l *standin.Letter, ours string) { l.Original = strings.ToUpper(ours) }, true},
			{"only in what is returned", false, func(l *standin.Letter, ours string) {
				l.Inner = letterOf(pecBox, annaPEC, "e9@gestore.example", "x", "X-Riferimento-Message-ID: <"+ours+">")
			}, true},
			{"the envelope's id", true, func(*standin.Letter, string) {}, true},
			{"the envelope's id, not learnt", false, func(*standin.Letter, string) {}, false},
			{"another domain", false, func(l *standin.Letter, ours string) {
				l.Original, _, _ = strings.Cut(ours, "@")
				l.Original += "@altro.example"
			}, true},
			{"another domain and recipient", false, func(l *standin.Letter, ours string) {
				l.Original, _, _ = strings.Cut(ours, "@")
				l.Original += "@altro.example"
				l.About, l.To = "luca@pec.example", []standin.Recipient{{Address: "luca@pec.example"}}
			}, false},
			{"an id that we did not sign", false, func(l *standin.Letter, ours string) { l.Original = "fd.zzzz.0000000000@" + o.set.Domain }, false},
			{"the subject alone", false, func(l *standin.Letter, _ string) { l.Subject = "Re: Richiesta di copia" }, false},
		} {
			o.comes(o.provider, strings.ReplaceAll(x.name, " ", "-")+"@pec.example")
			r, posts := o.answered(standin.Fate{})
			d := r.Deliveries[0]
			if x.learnt {
				e.arrive(o.acc, string(posts[0].Raw))
			}
			raw := o.receiptAbout(func(l *standin.Letter) {
				l.MessageID = strings.ReplaceAll(x.name, " ", ".") + "@gestore.example"
				if x.learnt {
					rows := o.receipts()
					l.ID = rows[len(rows)-1].CertifiedBy().ID
				}
				x.change(l, r.Message.ExternalID)
			})
			e.arrive(o.acc, raw)
			if got := e.delivery(d.ID).State == Delivered; got != x.arrives {
				t.Errorf("%s: delivered %v", x.name, got)
			}
			rows := o.receipts()
			if last := rows[len(rows)-1]; last.Kind != "avvenuta-consegna" || (last.DeliveryID == d.ID) != x.arrives {
				t.Errorf("%s: kept as %+v", x.name, last)
			}
		}
		if n := e.number("SELECT count(*) FROM quarantine"); n != 0 {
			t.Error("what fits nothing is data", n)
		}
	})
}

// One answer to three people: each has a state of its own (mail rule 84).
func TestRule84EachRecipientHasAState(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		c := e.allCases()[0]
		m := o.message("m.id = ?", c.LastInID)
		luca, gone := "luca@posta.example", "edil@pec.example"
		r := o.mustReply(ReplyCommand{
			CaseID: c.ID, SeenInID: m.ID, AccountID: o.acc.ID, Text: "Ecco la copia.", Undo: AtOnce,
			To: []Recipient{{IdentityID: m.IdentityID}, {Address: luca, Confirmed: true}}, Cc: []Recipient{{Address: gone, Confirmed: true}},
		})
		o.deliver(o.acc)
		o.provider.Fate = func(a string) standin.Fate {
			switch a {
			case luca:
				return standin.Fate{External: true}
			case gone:
				return standin.Fate{Fails: "no-dest", Words: "5.1.1 - GESTORE - indirizzo non valido"}
			}
			return standin.Fate{}
		}
		var all []string
		sent := o.box.arrived()
		if len(sent) != 3 {
			t.Fatal(len(sent))
		}
		for _, out := range sent {
			posts, err := o.provider.Submit(pecBox, pecBox, []string{out.To.Value}, letterOf(pecBox, out.To.Value, out.ExternalID, out.Subject), e.manual.Now())
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range posts {
				if p.Box == pecBox {
					all = append(all, string(p.Raw))
				}
			}
		}
		slices.Reverse(all) // deliveries before acceptances
		e.arrive(o.acc, all...)
		want := map[string]State{annaPEC: Delivered, luca: Sent, gone: Failed}
		for _, d := range r.Deliveries {
			got := e.delivery(d.ID)
			if got.State != want[got.Address] || got.Outside != (got.Address == luca) || got.LegalSentAt == 0 {
				t.Errorf("%s: %+v", got.Address, got)
			}
		}
		if n := e.number("SELECT count(*) FROM receipts WHERE message_id = ?", r.Message.ID); n != 5 {
			t.Error("three acceptances, a delivery, a failure:", n)
		}
		if k := e.theCase(c.ID); !k.Failed {
			t.Error("one failure marks the case")
		}
		if n := e.number("SELECT count(*) FROM deliveries WHERE address = ? AND class = 'recipient_gone'", gone); n != 1 {
			t.Error("an address that does not exist is told as such", n)
		}
	})
}

// What was lost after it left stays in doubt, is not repeated, and is settled by
// the receipt that bears our id, whatever becomes of it (mail rule 67).
func TestRule86InDoubtUntilAReceiptComes(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		for _, x := range []struct {
			name  string
			fate  standin.Fate
			posts int // how many of them come
			state State
		}{
			{"accepted", standin.Fate{}, 1, Sent},
			{"accepted and delivered", standin.Fate{}, 2, Delivered},
			{"refused", standin.Fate{Fails: "altro", Words: "5.1.1 - x"}, 2, Failed},
			{"never heard of", standin.Fate{}, 0, Unknown},
		} {
			e.exec(t, "UPDATE identities SET status = 'active'")
			o.comes(o.provider, strings.ReplaceAll(x.name, " ", "-")+"@pec.example")
			r, posts := o.answered(x.fate)
			id := r.Deliveries[0].ID
			e.exec(t, "UPDATE deliveries SET state = 'unknown', class = 'unknown_outcome' WHERE id = ?", id)
			for _, p := range posts[:x.posts] {
				e.arrive(o.acc, string(p.Raw))
			}
			before := len(o.box.arrived())
			e.manual.Advance(time.Hour)
			o.deliver(o.acc)
			if len(o.box.arrived()) != before {
				t.Errorf("%s: sent again", x.name)
			}
			if d := e.delivery(id); d.State != x.state {
				t.Errorf("%s: %s", x.name, d.State)
			}
			if n, err := e.SweepReceipts(t.Context()); err != nil || (n == 1) != (x.posts == 0) {
				t.Errorf("%s: %d alarms, %v", x.name, n, err)
			}
		}
	})
}

// Files that the provider would not take are refused while the operator still
// writes (PEC reference section 9).
func TestFilesTooHeavyForTheProvider(t *testing.T) {
	e := newEnv(t, dbtest.SQLite(t))
	o := newCertifiedOffice(t, e)
	o.comes(o.provider, "a1@pec.example")
	o.box.most = 1000
	e.chans.put(o.acc, o.box)
	m := o.message("m.external_id <> ''")
	for _, x := range []struct {
		sizes []int
		ok    bool
	}{{[]int{600, 500}, false}, {[]int{1001}, false}, {[]int{600, 400}, true}} {
		cmd := ReplyCommand{CaseID: m.CaseID, SeenInID: m.ID, SeenID: e.theCase(m.CaseID).LastMessageID, AccountID: o.acc.ID, To: []Recipient{{IdentityID: m.IdentityID}}, Text: "Ecco.", Undo: AtOnce}
		for i, n := range x.sizes {
			sum, _, err := e.blobs.Put(t.Context(), strings.NewReader(strings.Repeat(string(rune('a'+i)), n)))
			if err != nil {
				t.Fatal(err)
			}
			cmd.Files = append(cmd.Files, FileRef{SHA256: sum, Name: "a.txt"})
		}
		_, err := e.Reply(t.Context(), e.giulia, cmd)
		if !x.ok {
			wantCode(t, err, "files", "too_heavy")
		} else if err != nil {
			t.Error(x.sizes, err)
		}
	}
}

// The notice of lateness has one word for 12 and for 24 hours: where the provider
// gives no code, the time since acceptance tells which it is (PEC reference section 6).
func TestRule86NoticesOfLatenessByTheirTime(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		r, posts := o.answered(standin.Fate{})
		id := r.Deliveries[0].ID
		e.arrive(o.acc, string(posts[0].Raw))
		for _, x := range []struct {
			after   time.Duration
			state   State
			delayed bool
		}{{12 * time.Hour, Sent, true}, {9 * time.Hour, Sent, true}, {2 * time.Hour, Failed, false}} {
			e.manual.Advance(x.after)
			e.arrive(o.acc, o.receiptAbout(func(l *standin.Letter) {
				l.Receipt, l.Data, l.Error, l.Original = "preavviso-errore-consegna", "preavviso-errore-consegna", "altro", r.Message.ExternalID
				l.MessageID = x.after.String() + "@gestore.example"
			}))
			if d := e.delivery(id); d.State != x.state || d.Delayed != x.delayed {
				t.Errorf("after %s: %s, delayed %v", x.after, d.State, d.Delayed)
			}
		}
		if d := e.delivery(id); d.Code != "5.4.1" {
			t.Error(d.Code)
		}
	})
}
