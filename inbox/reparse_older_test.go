package inbox

import (
	"fmt"
	"testing"

	"filodiretto/channels/mail"
)

// asksForTaxes brings n mails of Ada's, "Tassa 0" the first.
func (e *env) asksForTaxes(n int) {
	e.t.Helper()
	for i := range n {
		e.arrive(e.mail, letter("Ada <ada@posta.example>", fmt.Sprintf("a%d@posta.example", i), fmt.Sprintf("Tassa %d", i), "Quanto devo?"))
	}
}

// What a former parser read badly is read again after an update, a few at a time and
// once; the former reading is kept, and the rest stays as it is (mail rule 20).
func TestRule20OlderReadingsAreReadAgainOnce(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.asksForTaxes(3)
		e.readOlderAgain(0) // all were read by the parser of today
		e.exec(t, "UPDATE messages SET text = 'letto male' WHERE subject <> 'Tassa 1' AND direction = 'in'")
		e.exec(t, "UPDATE raws SET parser = 1")
		kept := e.number("SELECT count(*) FROM raws WHERE parser = 1")
		for _, want := range []int{2, 1, 0} {
			if n, err := e.readOlder(t.Context(), 2); err != nil || n != want {
				t.Fatalf("%d of %d, want %d: %v", n, kept, want, err)
			}
		}
		if n := e.number("SELECT count(*) FROM messages WHERE text = 'letto male'"); n != 0 {
			t.Error(n, "were not read again")
		}
		if n := e.number("SELECT count(*) FROM messages WHERE version = 2 AND subject <> 'Tassa 1'"); n != 2 {
			t.Error(n, "changed")
		}
		if n := e.number("SELECT count(*) FROM messages WHERE version = 1 AND subject = 'Tassa 1'"); n != 1 {
			t.Error("what reads as before was changed")
		}
		if n := e.number("SELECT count(*) FROM message_versions WHERE text = 'letto male'"); n != 2 {
			t.Error(n, "former readings are kept")
		}
		if n := e.number("SELECT count(*) FROM raws WHERE parser <> ?", mail.ParserVersion); n != 0 {
			t.Error(n, "originals wait still")
		}
	})
}

// An original that cannot be had any more is tried once and stands in nobody's way.
func TestRule23AnOriginalThatIsGoneStopsNoOther(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.asksForTaxes(2)
		e.exec(t, "UPDATE messages SET text = 'letto male' WHERE direction = 'in'")
		e.exec(t, "UPDATE raws SET parser = 1")
		e.exec(t, "UPDATE raws SET body = NULL, blob = ? WHERE id = (SELECT min(id) FROM raws)", "00000000000000000000000000000000000000000000000000000000000000ff")
		e.readOlderAgain(2)
		if n := e.number("SELECT count(*) FROM messages WHERE text = 'letto male'"); n != 1 {
			t.Error(n, "are as they were")
		}
		e.readOlderAgain(0) // it is not tried again
	})
}

// A receipt and a certified message are read again with what is known of them; files
// that are the same keep their place.
func TestRule20CertifiedMailIsReadAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o, r := receiptsHere(t, e)
		was := e.delivery(r.Deliveries[0].ID)
		e.exec(t, "UPDATE raws SET parser = 1003")
		e.exec(t, "UPDATE receipts SET certified = '{}', proven = ? WHERE kind = 'avvenuta-consegna'", false)
		e.exec(t, "UPDATE messages SET certified = '{}' WHERE direction = 'in'")
		parts := e.number("SELECT COALESCE(sum(id % 1000003), 0) FROM parts")
		e.readOlderAgain(3)
		for _, x := range o.receipts() {
			if !x.Proven || x.CertifiedBy().Original != r.Message.ExternalID {
				t.Errorf("%+v", x)
			}
		}
		if m := o.message("m.direction = 'in'"); !m.CertifiedBy().Proven() || m.Version != 2 {
			t.Errorf("%+v", m)
		}
		if n := e.number("SELECT count(*) FROM message_versions"); n != 0 {
			t.Error("the text is the same:", n)
		}
		if n := e.number("SELECT COALESCE(sum(id % 1000003), 0) FROM parts"); n != parts {
			t.Error("files were replaced by themselves")
		}
		if d := e.delivery(was.ID); d.State != Delivered || d.LegalArrivedAt != was.LegalArrivedAt {
			t.Errorf("%+v", d)
		}
	})
}

// What was proven when it came is proven after an update too, though an authority has
// left the list since (mail rule 20).
func TestRule20AnAuthorityThatLeftTheListUnprovesNothing(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o, r := receiptsHere(t, e)
		e.exec(t, "UPDATE raws SET parser = 1")
		o.box.trust = nil
		e.chans.put(o.acc, o.box)
		e.readOlderAgain(3)
		if n := e.number("SELECT count(*) FROM receipts WHERE proven AND message_id = ?", r.Message.ID); n != 2 {
			t.Error(n, "receipts are proven")
		}
		if m := o.message("m.direction = 'in'"); !m.CertifiedBy().Proven() || m.Version != 1 {
			t.Errorf("the citizen's letter: %+v", m)
		}
	})
}

// A receipt that names no message of ours any more stays with the one that it named.
func TestRule20AReceiptKeepsItsTieUnderAnotherSecret(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		_, r := receiptsHere(t, e)
		e.exec(t, "UPDATE receipts SET certified = '{}', proven = ?", false)
		e.exec(t, "DELETE FROM message_keys")
		e.exec(t, "UPDATE raws SET parser = 1")
		e.sign.key = []byte("another secret of thirty-two by.")
		e.readOlderAgain(3)
		if n := e.number("SELECT count(*) FROM receipts WHERE proven AND message_id = ? AND delivery_id = ?", r.Message.ID, r.Deliveries[0].ID); n != 2 {
			t.Error(n, "receipts are proven and tied to the message")
		}
	})
}
