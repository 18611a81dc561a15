package inbox

import (
	"slices"
	"strings"
	"testing"

	"filodiretto/channels/pec/standin"
)

// One message to two certified recipients is submitted twice, each time under an id
// of its own: what the provider says of one submission moves no other, in whatever
// order it comes and however little it names (PEC reference section 5.1).
func TestRule84EachSubmissionHasAnIDOfItsOwn(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		c := e.allCases()[0]
		m := o.message("m.id = ?", c.LastInID)
		edil := "edil@pec.example"
		r := o.mustReply(ReplyCommand{
			CaseID: c.ID, SeenInID: m.ID, AccountID: o.acc.ID, Text: "Ecco la copia.", Undo: AtOnce,
			To: []Recipient{{IdentityID: m.IdentityID}, {Address: edil, Confirmed: true}},
		})
		o.deliver(o.acc)
		ids := map[string]string{}
		for _, out := range o.box.arrived() {
			ids[out.To.Value] = out.ExternalID
			if n, ok := e.sign.ParseMessageID(out.ExternalID); !ok || n != r.Message.ID {
				t.Errorf("%s is no id of the message", out.ExternalID)
			}
		}
		if ids[annaPEC] == "" || ids[edil] == "" || ids[annaPEC] == ids[edil] {
			t.Fatalf("ids %v", ids)
		}
		var came []string
		posts, err := o.provider.Submit(pecBox, pecBox, []string{annaPEC}, letterOf(pecBox, annaPEC, ids[annaPEC], "x"), e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range posts {
			if p.Box == pecBox {
				came = append(came, string(p.Raw))
			}
		}
		slices.Reverse(came) // delivery before acceptance
		refusal := o.receiptAbout(func(l *standin.Letter) {
			l.Receipt, l.Data, l.Error, l.Detail = "non-accettazione", "non-accettazione", "altro", "5.6.0 - GESTORE - messaggio non accettato"
			l.Original, l.About, l.To = ids[edil], "", nil
		})
		e.arrive(o.acc, append([]string{refusal}, came...)...)
		want := map[string]State{annaPEC: Delivered, edil: Failed}
		for _, d := range r.Deliveries {
			got := e.delivery(d.ID)
			if got.State != want[got.Address] || (got.LegalSentAt > 0) != (got.Address == annaPEC) {
				t.Errorf("%s: %+v", got.Address, got)
			}
		}
		stranger := o.receiptAbout(func(l *standin.Letter) { // the id of one, the address of the other
			l.Original, l.About, l.To, l.MessageID = ids[edil], annaPEC, nil, "r10@gestore.example"
		})
		e.arrive(o.acc, stranger)
		if n := e.number("SELECT count(*) FROM receipts WHERE delivery_id = 0 AND message_id = ?", r.Message.ID); n != 1 {
			t.Error("a receipt that contradicts itself belongs to no delivery", n)
		}
		for _, d := range r.Deliveries {
			if got := e.delivery(d.ID); got.State != want[got.Address] {
				t.Errorf("afterwards %s: %s", got.Address, got.State)
			}
		}
	})
}

// An answer that cites both submissions, or either, comes to the same case.
func TestRule75AnswersToASubmissionFindTheCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		c := e.allCases()[0]
		m := o.message("m.id = ?", c.LastInID)
		r := o.mustReply(ReplyCommand{
			CaseID: c.ID, SeenInID: m.ID, AccountID: o.acc.ID, Text: "Ecco la copia.", Undo: AtOnce,
			To: []Recipient{{IdentityID: m.IdentityID}, {Address: "edil@pec.example", Confirmed: true}},
		})
		o.deliver(o.acc)
		one, two := e.sign.SubmissionID(r.Message.ID, r.Deliveries[0].ID, 0), e.sign.SubmissionID(r.Message.ID, r.Deliveries[1].ID, 0)
		o.comes(o.provider, "a2@pec.example", "In-Reply-To: <"+one+">")
		o.comes(o.provider, "a3@pec.example", "In-Reply-To: <"+two+">", "References: <"+one+"> <"+two+">")
		if n := e.number("SELECT count(*) FROM messages WHERE case_id = ? AND direction = 'in'", c.ID); n != 3 {
			t.Errorf("%d messages in the case, %d cases", n, len(e.allCases()))
		}
	})
}

// Whoever knows our Message-ID may send a letter under it from a certified mailbox of
// his own: the true receipts of that letter are not of ours.
func TestRule84AReceiptOfAnotherMailboxMovesNothing(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		r, _ := o.answered(standin.Fate{})
		const his = "furbo@pec.example"
		posts, err := o.provider.Submit(his, his, []string{annaPEC}, letterOf(his, annaPEC, r.Message.ExternalID, "x"), e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range posts {
			if p.Box == his {
				e.arrive(o.acc, string(p.Raw))
			}
		}
		if d := e.delivery(r.Deliveries[0].ID); d.State == Delivered || d.LegalSentAt > 0 || d.LegalArrivedAt > 0 {
			t.Errorf("%+v", d)
		}
		if n := e.number("SELECT count(*) FROM receipts WHERE message_id = 0 AND proven"); n != 2 {
			t.Errorf("%d kept", n)
		}
	})
}

func TestSubmissionIDs(t *testing.T) {
	ours, other := Signer{key: []byte("ours"), domain: "filo.example"}, Signer{key: []byte("other"), domain: "filo.example"}
	for sending := range 3 {
		id := ours.SubmissionID(7, 9, sending)
		n, ok := ours.ParseMessageID(strings.ToUpper(id))
		if d, again := ours.ParseSubmission(id); !ok || n != 7 || d != 9 || again != sending || len(id) > 120 {
			t.Errorf("%s: message %d, %v, delivery %d, sending %d", id, n, ok, d, again)
		}
	}
	if d, sending := ours.ParseSubmission(ours.MessageID(7)); d != 0 || sending != 0 {
		t.Errorf("the message's own id names delivery %d, sending %d", d, sending)
	}
	plain, _, _ := strings.Cut(ours.MessageID(7), "@")
	forged, _, _ := strings.Cut(other.SubmissionID(7, 9, 0), "@")
	first, _, _ := strings.Cut(ours.SubmissionID(7, 9, 0), "@")
	second, _, _ := strings.Cut(ours.SubmissionID(7, 9, 1), "@")
	for _, bad := range []string{
		forged, plain + strings.TrimPrefix(forged, "fd.7"), first[:len(first)-1], plain + ".9.", plain + "..",
		first + ".1", first + ".0", first + ".", strings.TrimSuffix(second, ".1"), strings.TrimSuffix(second, "1") + "2", second + "x", second + ".1",
	} {
		if n, ok := ours.ParseMessageID(bad + "@filo.example"); ok {
			t.Errorf("%s counts as message %d", bad, n)
		}
	}
}
