package inbox

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/pec/standin"
	"filodiretto/internal/cms"
)

// clean fails where a word of what was erased is anywhere.
func (x *erasure) clean(when string) {
	x.t.Helper()
	x.finished()
	if w := x.found(); len(w) != 0 {
		x.t.Fatalf("%s it is in %v", when, w)
	}
}

// markedTo is marked, to somebody else than the front office.
func markedTo(to, from, id string) []byte {
	return []byte(strings.Replace(marked(from, id), "To: urp@comune.pontelieto.example", "To: "+to, 1))
}

// sendingProof is what must outlive the contents: whatever tells that it was sent, by whom it
// was carried, when, and whether the provider's signature held.
type sendingProof struct {
	Kind, Outcome, Recipient string
	Message, Delivery        int64
	Proven                   bool
	LegalAt                  int64
	Provider, ID, Original   string
	Receipt                  string
	Signature                cms.Outcome
}

func (o *certifiedOffice) proofs() (out []sendingProof) {
	o.t.Helper()
	for _, r := range o.receipts() {
		c := r.CertifiedBy()
		if c.At != r.LegalAt {
			o.t.Errorf("%s: the provider's time is %d, and was %d", r.Kind, c.At, r.LegalAt)
		}
		out = append(out, sendingProof{r.Kind, r.Outcome, r.Recipient, r.MessageID, r.DeliveryID, r.Proven, int64(r.LegalAt), c.Provider, c.ID, c.Original, c.Receipt, c.Signature.Outcome})
	}
	return out
}

// Rules 81b and 83: a certified mail that came goes whole, with the confirmation that
// repeats its subject and what the provider sent back of that; that it was certified, by
// whom, when and under which id stays.
func TestRule81bCertifiedMailThatCame(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		x := newErasure(t, e)
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		letter := markedTo(pecBox, "Anna Verdi <"+annaPEC+">", "a1@pec.example")
		raw, err := o.provider.Envelope(annaPEC, pecBox, letter, e.manual.Now())
		must(t, err)
		e.arrive(o.acc, string(raw))
		o.deliver(o.acc)
		m := o.message("m.direction = 'in'")
		was := m.CertifiedBy()
		out := o.box.arrived()[0] // the confirmation
		confirmation := letterOf(pecBox, annaPEC, out.ExternalID, "Re: Oggetto "+markText)
		must(t, out.Keep(t.Context(), letterBytes(confirmation)))
		posts, err := o.provider.Submit(pecBox, pecBox, []string{annaPEC}, confirmation, e.manual.Now())
		must(t, err)
		e.arrive(o.acc, string(posts[0].Raw))
		for _, table := range []string{"sent_mails.data", "receipts.subject", "receipts.certified", "messages.certified"} {
			if !slices.Contains(x.found(), table) {
				t.Errorf("nothing to erase in %s: the test looks at too little", table)
			}
		}
		proven := o.proofs()
		must(t, e.Erase(t.Context(), e.giulia, m.ID, EraseAsked, "lo ha chiesto"))
		x.clean("erased,")

		again := o.message("m.id = ?", m.ID)
		c := again.CertifiedBy()
		if c == nil || c.Kind != was.Kind || c.Provider != was.Provider || c.ID != was.ID || c.Original != was.Original || c.At != was.At || c.Signature.Outcome != cms.Valid || c.Signature.Issuer != was.Signature.Issuer {
			t.Errorf("%+v is left of %+v", c, was)
		}
		if again.Certification() != CertifiedProven || again.Sender != m.Sender || again.At != m.At {
			t.Errorf("%+v", again)
		}
		if got := o.proofs(); len(got) != 1 || !slices.Equal(got, proven) {
			t.Errorf("%+v is left of %+v", got, proven)
		}
		if _, err := e.Evidence(t.Context(), e.giulia, m.ID); !errors.Is(err, ErrNotFound) {
			t.Error("a package of what is gone:", err)
		}

		e.manual.Advance(time.Hour)
		messages := e.number("SELECT count(*) FROM messages")
		e.arrive(o.acc, string(posts[1].Raw)) // the confirmation arrived: the provider tells it with the whole
		e.arrive(o.acc, string(raw), "Received: by another way\r\n"+string(raw))
		must(t, e.Accept(t.Context(), o.acc.ID, channels.Batch{Stream: "archive", Items: []channels.Raw{{DedupKey: "archive/1", ContentType: mail.TypeMessage, Body: []byte("Received: by archive\r\n" + string(raw)), Archive: true}}}))
		e.ingest(o.acc)
		x.clean("come again,")
		if n := e.number("SELECT count(*) FROM messages"); n != messages {
			t.Errorf("%d messages, and %d before", n, messages)
		}
		if n := e.number("SELECT count(*) FROM deliveries WHERE state = 'delivered' AND legal_sent_at > 0 AND legal_arrived_at > 0"); n != 1 {
			t.Error("the confirmation's receipt moved nothing")
		}
		if n := e.number("SELECT count(*) FROM quarantine"); n != 0 {
			t.Errorf("%d wait for a person", n)
		}
	})
}

// certifiedAnswer is a certified answer all of which is marked, as it left and as its
// provider sends it back: the receipts hold the whole letter.
func certifiedAnswer(t *testing.T, o *certifiedOffice) (r *Reply, receipts []string) {
	t.Helper()
	o.comes(o.provider, "a1@pec.example")
	c := o.allCases()[0]
	m := o.message("m.id = ?", c.LastInID)
	file, err := o.KeepFile(t.Context(), markName+".txt", strings.NewReader(strings.Repeat(markFile+" ", 9000)))
	must(t, err)
	r = o.mustReply(ReplyCommand{
		CaseID: c.ID, SeenInID: m.ID, AccountID: o.acc.ID, To: []Recipient{{IdentityID: m.IdentityID}},
		Subject: "Oggetto " + markText, Text: "Ecco " + markText + ".", Files: []FileRef{file}, Undo: AtOnce,
	})
	o.deliver(o.acc)
	out := o.box.arrived()[0]
	letter := markedTo(annaPEC, "Protocollo <"+pecBox+">", out.ExternalID)
	must(t, out.Keep(t.Context(), letterBytes(letter)))
	o.provider.Fate = func(string) standin.Fate { return standin.Fate{Late: true} }
	posts, err := o.provider.Submit(pecBox, pecBox, []string{annaPEC}, letter, o.manual.Now())
	must(t, err)
	for _, p := range posts {
		if p.Box == pecBox {
			receipts = append(receipts, string(p.Raw))
		}
	}
	if len(receipts) != 3 || !strings.Contains(receipts[2], "postacert.eml") || len(receipts[2]) < 100_000 {
		t.Fatalf("%d receipts, the last of %d bytes: the test has too little to erase", len(receipts), len(receipts[len(receipts)-1]))
	}
	return r, receipts
}

// Rules 81b and 84: of a certified mail that we sent the whole goes, that in the receipts
// too. What proves the sending stays, and a receipt that comes afterwards adds to it.
func TestRule81bCertifiedMailThatWeSent(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		x := newErasure(t, e)
		r, receipts := certifiedAnswer(t, o)
		id := r.Deliveries[0].ID
		e.arrive(o.acc, receipts[0])
		e.manual.Advance(12 * time.Hour)
		e.arrive(o.acc, receipts[1], o.receiptAbout(func(l *standin.Letter) { // not yet, and quotes
			l.Receipt, l.Data, l.Error, l.Detail = "preavviso-errore-consegna", "preavviso-errore-consegna", "altro", "4.4.1 - GESTORE - "+markText
			l.Original, l.Subject = r.Message.ExternalID, "Oggetto "+markText
		}))
		was, proven := e.delivery(id), o.proofs()
		if was.State != Sent || !was.Delayed || len(proven) != 3 || len(x.found()) < 10 {
			t.Fatalf("%+v %+v %v", was, proven, x.found())
		}
		must(t, e.Erase(t.Context(), e.giulia, r.Message.ID, EraseMistaken, "alla persona sbagliata"))
		x.clean("erased,")
		if d := e.delivery(id); d.State != Sent || d.LegalSentAt != was.LegalSentAt || d.Address != was.Address || !d.Delayed || d.Sending != was.Sending {
			t.Errorf("%+v is left of %+v", d, was)
		}
		if got := o.proofs(); !slices.Equal(got, proven) {
			t.Errorf("%+v is left of %+v", got, proven)
		}

		e.manual.Advance(time.Hour)
		e.arrive(o.acc, receipts[2])
		d := e.delivery(id)
		if d.State != Delivered || d.LegalSentAt != was.LegalSentAt || d.LegalArrivedAt == 0 {
			t.Errorf("the receipt that came later moved nothing: %+v", d)
		}
		e.arrive(o.acc, receipts[2], "X-Way: other\r\n"+receipts[2], receipts[0])
		x.clean("with its receipts,")
		if got := o.proofs(); len(got) != 5 || !slices.Equal(got[:3], proven) || got[3].Kind != "avvenuta-consegna" || !got[3].Proven || got[3].Delivery != id || got[3].Original != r.Message.ExternalID {
			t.Errorf("%+v, and %+v before", got, proven)
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'delivery.delivered' AND message_id = ?", r.Message.ID); n != 1 {
			t.Errorf("it was told %d times that it arrived", n)
		}
		if n := e.number("SELECT count(*) FROM raws WHERE parser > 0 AND body IS NULL AND blob = '' AND size > 0"); n != 0 {
			t.Errorf("%d originals without bytes will be read again by a later version", n)
		}
		e.exec(t, "UPDATE raws SET parser = 1 WHERE parser > 0")
		e.readOlderAgain(e.number("SELECT count(*) FROM raws WHERE state = 'filed' AND parser = 1"))
		x.clean("read again,")
	})
}
