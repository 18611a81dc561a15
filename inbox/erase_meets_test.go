package inbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/db"
)

// TestErasingWhatWaitsToBeFiledAgain: the same bytes wait to be filed again: they make nothing, and what waits behind them is filed.
func TestErasingWhatWaitsToBeFiledAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		newErasure(t, e)
		l := letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "Prova.")
		e.arrive(e.mail, l)
		m := e.lastIn(t)
		must(t, e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{
			{DedupKey: "again/1", ContentType: mail.TypeMessage, Body: []byte(l)},
			{DedupKey: "again/2", ContentType: mail.TypeMessage, Body: []byte(letter("Bea <bea@posta.example>", "b1@posta.example", "Altro", "Urgente."))},
		}}))
		must(t, e.Erase(t.Context(), e.giulia, m.ID, EraseAsked, "x"))
		e.ingest(e.mail)
		if n := e.number("SELECT count(*) FROM raws WHERE state = 'pending'"); n != 0 || e.number("SELECT count(*) FROM messages WHERE text LIKE 'Urgente.%'") != 1 {
			t.Errorf("%d wait, and what came behind is not there", n)
		}
	})
}

// TestErasingWhileAMessageIsReadAgain: a reading that began before brings nothing back.
func TestErasingWhileAMessageIsReadAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		newErasure(t, e)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "Il segreto."))
		m := e.lastIn(t)
		raw := new(Raw)
		must(t, e.db.Read.NewSelect().Model(raw).Where("r.id = ?", m.RawID).Scan(t.Context()))
		ch, _, _ := e.chans.Channel(e.mail.ID)
		rd, err := e.read(t.Context(), ch, raw)
		must(t, err)
		i := itemOf(rd, m)
		rd.items[i].Text += "\nletto meglio"
		must(t, e.Erase(t.Context(), e.giulia, m.ID, EraseAsked, "x"))
		if _, err := e.rereadMessage(t.Context(), Viewer{System: true}, m, rd, i); !errors.Is(err, ErrChanged) {
			t.Error("reading again what was erased meanwhile:", err)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE id = ? AND text <> ''", m.ID); n != 0 {
			t.Error("text is back")
		}
		if n := e.number("SELECT count(*) FROM message_versions WHERE message_id = ? AND text <> ''", m.ID); n != 0 {
			t.Error("version is back")
		}
	})
}

// TestErasingLeavesTheDoubtOfAMergedCase: a warning of another message stands until somebody looks at it (mail rule 51).
func TestErasingLeavesTheDoubtOfAMergedCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		newErasure(t, e)
		e.arrive(e.mail, letter("Ufficio Tributi <truffa@posta.example>", "d1@posta.example", "Uno", "Pagate qui."))
		doubted, _, _ := e.remarks()
		e.arrive(e.mail, letter("Ufficio Tributi <truffa@posta.example>", "b1@posta.example", "Altro", "Buongiorno."))
		m := e.lastIn(t)
		e.exec(t, "DELETE FROM lookalikes WHERE message_id = ?", m.ID)
		e.exec(t, "UPDATE cases SET suspect = ? WHERE id = (SELECT case_id FROM messages WHERE id = ?)", false, m.ID)
		var root *Case
		for _, c := range e.allCases() {
			if c.ID != doubted.ID {
				root = c
			}
		}
		e.mergeCase(doubted, root)
		if !e.theCase(root.ID).Suspect {
			t.Fatal("not suspect before")
		}
		must(t, e.Erase(t.Context(), e.giulia, m.ID, EraseAsked, "x"))
		if !e.theCase(root.ID).Suspect {
			t.Error("the warning is gone, and nobody looked")
		}
	})
}

// TestErasedFileThatIsOpenedGoesAsideAnew: a backup or a scan that opens a file within its hour keeps it no longer than that.
func TestErasedFileThatIsOpenedGoesAsideAnew(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		x := newErasure(t, e)
		e.arrive(e.mail, marked("Ada <ada@posta.example>", "a1@posta.example"))
		m := e.lastIn(t)
		var sum string
		must(t, e.db.Read.NewRaw("SELECT sha256 FROM parts WHERE message_id = ? AND size > 100000", m.ID).Scan(t.Context(), &sum))
		must(t, e.Erase(t.Context(), e.giulia, m.ID, EraseAsked, "x"))
		f, err := e.blobs.Open(t.Context(), sum) // a backup that began before, a scan
		must(t, err)
		_, _ = io.Copy(io.Discard, f)
		f.Close()
		for range 2 { // found to be back; aside anew
			e.manual.Advance(erasedFor + time.Minute)
			_, err = e.FinishErasing(t.Context())
			must(t, err)
		}
		x.finished()
		if ok, _ := e.blobs.Has(t.Context(), sum); ok {
			t.Error("the file is still there, and nothing is left to do")
		}
	})
}

// TestErasingWithinACallThatIsDoneOnce: what follows the commit is no part of the transaction that the call is.
func TestErasingWithinACallThatIsDoneOnce(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		newErasure(t, e)
		e.arrive(e.mail, marked("Ada <ada@posta.example>", "a1@posta.example"))
		m := e.lastIn(t)
		begun := 0
		err := e.db.Whole(t.Context(), db.Whole{Begin: func(context.Context, *db.Tx) error {
			if begun++; begun > 1 {
				return io.EOF // as takeKey
			}
			return nil
		}, End: func(context.Context, *db.Tx, error) error { return nil }}, func(ctx context.Context) error {
			return e.Erase(ctx, e.giulia, m.ID, EraseAsked, "x")
		})
		must(t, err)
		if begun != 1 {
			t.Errorf("the call was begun %d times", begun)
		}
		e.arrive(e.mail, letter("Bea <bea@posta.example>", "b1@posta.example", "Altro", "Buongiorno."))
	})
}

// TestErasingForgetsTheSubjectInKeptAnswers: answers of the API that are kept for two days repeat a case with its subject.
func TestErasingForgetsTheSubjectInKeptAnswers(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		newErasure(t, e)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Oggetto "+markText, "Uno."))
		m := e.lastIn(t)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a2@posta.example", "Re: altro", "Due.", "References: <a1@posta.example>"))
		c := e.allCases()[0]
		body := []byte(`{"status":200,"body":{"id":"` + strconv.FormatInt(c.ID, 10) + `","subject":"` + c.Subject + `","last_in_id":"` + strconv.FormatInt(c.LastInID, 10) + `"}}`)
		e.exec(t, "INSERT INTO idempotency_keys (operator_id, key, request_hash, status, body, created_at) VALUES (1, 'k', 'h', 200, ?, 0)", body)
		must(t, e.Erase(t.Context(), e.giulia, m.ID, EraseAsked, "x"))
		var after []byte
		must(t, e.db.Read.NewRaw("SELECT body FROM idempotency_keys").Scan(t.Context(), &after))
		if bytes.Contains(after, []byte(markText)) {
			t.Error("the subject stays in a kept answer")
		}
	})
}

// TestErasedItemOfTheQuarantineIsStillListed: what was let in and then erased can be looked at as what was decided.
func TestErasedItemOfTheQuarantineIsStillListed(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		newErasure(t, e)
		must(t, e.HoldSender(t.Context(), e.giulia, "email", "ada@posta.example", e.urp, "insiste"))
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "Uno."))
		q := e.held(t)
		_, err := e.Release(t.Context(), e.giulia, q.ID, 0, "")
		must(t, err)
		_, err = e.Quarantine(t.Context(), e.giulia, q.ID)
		must(t, err)
		must(t, e.Erase(t.Context(), e.giulia, e.lastIn(t).ID, EraseAsked, "x"))
		if _, err = e.Quarantine(t.Context(), e.giulia, q.ID); err != nil {
			t.Error("the item that the list has:", err)
		}
		list, _, err := e.QuarantinePage(t.Context(), e.giulia, HeldFilter{Decided: true}, "", 9)
		if err != nil || len(list) != 1 {
			t.Errorf("%d are listed: %v", len(list), err)
		}
	})
}

// TestErasingTellsNobodyOfABlindCopy: only its own office knows of a blind copy (mail rule 27).
func TestErasingTellsNobodyOfABlindCopy(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		newErasure(t, e)
		trib := e.mailbox(e.trib, "tributi", "tributi@comune.pontelieto.example")
		l := letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "Uno.")
		e.arrive(e.mail, l)
		e.arrive(trib, "Received: by mx2\r\n"+l)
		m := e.lastIn(t)
		look, err := e.LookErase(t.Context(), e.giulia, m.ID)
		must(t, err)
		if len(look.Offices) != 0 {
			t.Error("the office is told of the blind copy of", look.Offices)
		}
	})
}

// TestErasingCertifiesNoAutomaticAnswer: the provider’s statement is of the citizen’s mail alone.
func TestErasingCertifiesNoAutomaticAnswer(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		newErasure(t, e)
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "Uno."))
		m := e.lastIn(t)
		e.exec(t, "UPDATE deliveries SET state = 'sent'")
		e.exec(t, "UPDATE messages SET certified = ? WHERE id = ?", stored(&channels.Certified{Kind: "posta-certificata", ID: "opec1@pec.example"}, true), m.ID)
		if n := e.number("SELECT count(*) FROM messages WHERE origin = 'automation' AND certified <> ''"); n != 0 {
			t.Fatal(n)
		}
		must(t, e.Erase(t.Context(), e.giulia, m.ID, EraseAsked, "x"))
		if n := e.number("SELECT count(*) FROM messages WHERE origin = 'automation' AND certified <> ''"); n != 0 {
			t.Error("the automatic answer has the provider's statement of the citizen's mail")
		}
	})
}

// TestErasingLeavesWhatAnotherMailboxMisses: numbers of messages are those of one mailbox.
func TestErasingLeavesWhatAnotherMailboxMisses(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		x := newErasure(t, e)
		other := x.mailbox("mail2")
		must(t, e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{{DedupKey: "INBOX/1/1", ContentType: mail.TypeMessage, Body: []byte(letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "Uno."))}}}))
		e.ingest(e.mail)
		e.exec(t, "INSERT INTO reconcile_runs (id, account_id, asked_at, state) VALUES (5, ?, 0, 'done')", other.ID)
		e.exec(t, "INSERT INTO reconcile_items (run_id, stream, dedup_key, subject, state) VALUES (5, 'INBOX', 'INBOX/1/1', 'Altra cosa', 'absent')")
		must(t, e.Erase(t.Context(), e.giulia, e.lastIn(t).ID, EraseAsked, "x"))
		if n := e.number("SELECT count(*) FROM reconcile_items WHERE subject = 'Altra cosa'"); n != 1 {
			t.Error("another mailbox's item lost its subject")
		}
	})
}

// TestErasingWhileAReceiptIsReadAgain: a reading of a receipt that began before brings back neither subject nor words, whether it names the message still or not.
func TestErasingWhileAReceiptIsReadAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o, r := receiptsHere(t, e)
		newErasure(t, e)
		raw := new(Raw)
		must(t, e.db.Read.NewSelect().Model(raw).Where("r.id = ?", o.receipts()[0].RawID).Scan(t.Context()))
		rd, err := e.read(t.Context(), o.box, raw)
		must(t, err)
		it := &rd.items[0]
		it.Subject, it.Certified.Subject, it.Certified.Detail = markText, markText, markText
		must(t, e.Erase(t.Context(), e.giulia, r.Message.ID, EraseAsked, "x"))
		must(t, e.rereadReceipt(t.Context(), raw, it))
		it.Certified.Original, it.Certified.ID = "altro@altro.example", "" // as after the mailbox was renamed
		must(t, e.rereadReceipt(t.Context(), raw, it))
		for _, x := range o.receipts() {
			if x.MessageID != r.Message.ID || x.Subject != "" || strings.Contains(x.Certified, markText) || !x.Proven || x.LegalAt == 0 {
				t.Errorf("%+v", x)
			}
		}
	})
}

// TestErasingWhileAMergedCaseIsFiledOn: a change of another message, which was under way, does not bring the beginning of the erased one back to a case that was put into another.
func TestErasingWhileAMergedCaseIsFiledOn(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		newErasure(t, e)
		e.onceGivenChat()
		said := func(id, text string) channels.Item {
			return channels.Item{Kind: channels.Message, ExternalID: id, Text: text}
		}
		e.fromChat(said("1", "La buca."))
		e.fromChat(said("2", "Il mio segreto."))
		merged, m := e.allCases()[0], e.lastIn(t)
		e.fromChat(channels.Item{Kind: channels.Message, ExternalID: "9", Text: "Altro.", From: channels.Address{Kind: "telegram", Value: "88", Display: "Ada"}, ThreadKey: "88"})
		root := e.allCases()[1]
		_, err := e.Merge(t.Context(), e.giulia, root.CitizenID, merged.CitizenID, "la stessa persona")
		must(t, err)
		e.mergeCase(merged, root)
		done := e.meanwhile(func() { err = e.Erase(t.Context(), e.giulia, m.ID, EraseAsked, "x") })
		e.fromChat(edited(said("1", "La buca in via Roma.")), channels.Item{Kind: channels.Message, ExternalID: "7", Text: "Orari?", From: channels.Address{Kind: "telegram", Value: "99", Display: "Bea"}, ThreadKey: "99"})
		<-done
		must(t, err)
		if c := e.theCase(merged.ID); c.Snippet != "" {
			t.Errorf("it begins with %q", c.Snippet)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE text = 'La buca in via Roma.' OR text = 'Orari?'"); n != 2 {
			t.Errorf("%d of 2 came meanwhile", n)
		}
	})
}
