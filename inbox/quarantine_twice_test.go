package inbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// waits puts an original into quarantine as one that could not be filed when it came.
func (e *env) waits(t *testing.T, acc Account, key, contentType string, body []byte) *Quarantined {
	t.Helper()
	must(t, e.Accept(t.Context(), acc.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{{DedupKey: key, ContentType: contentType, ReceivedAt: e.clock.Now(), Body: body}}}))
	raw := new(Raw)
	must(t, e.db.Read.NewSelect().Model(raw).OrderExpr("r.id DESC").Limit(1).Scan(t.Context()))
	q := &Quarantined{ID: db.NewID(e.clock), RawID: raw.ID, AccountID: acc.ID, OfficeID: e.urp, Reason: "not_filed", At: e.clock.Now(), State: "waiting"}
	_, err := e.db.Write.NewInsert().Model(q).Exec(t.Context())
	must(t, err)
	e.exec(t, "UPDATE raws SET state = 'quarantined' WHERE id = ?", raw.ID)
	return q
}

// What is read again and has another reason to wait waits with that one, and can be
// let in then.
func TestReadAgainWaitsAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		for reason, body := range map[string]string{
			"spam_suspected":  letter("Ada <ada@posta.example>", "a1@posta.example", "Aiuto", "Testo.", "X-Spam-Flag: YES"),
			"auto":            letter("Ada <ada@posta.example>", "a2@posta.example", "Risposta automatica", "Sono in ferie.", "Auto-Submitted: auto-replied"),
			"unknown_receipt": dsnOf("MAILER-DAEMON@x.example", "nobody@x.example", "failed", "5.1.1", "", "", toNobody),
		} {
			q := e.waits(t, e.mail, reason, "message/rfc822", []byte(body))
			if filed, err := e.ReadAgain(t.Context(), e.giulia, q.ID); filed || err != nil {
				t.Fatal(reason, filed, err)
			}
			now, err := e.Quarantine(t.Context(), e.giulia, q.ID)
			if err != nil || now.State != "waiting" || now.Reason != reason || now.DecidedBy != 0 || now.Sender == "" {
				t.Errorf("%s: %+v, %v", reason, now, err)
			}
			if n := e.number("SELECT count(*) FROM events WHERE kind IN ('quarantine.released', 'quarantine.added') AND data LIKE ?", "%"+fmt.Sprint(q.RawID)+"%"); n != 2 {
				t.Error(reason, n, "events tell of it")
			}
			if c, err := e.Release(t.Context(), e.giulia, q.ID, 0, ""); err != nil || c == nil {
				t.Error(reason, "cannot be let in:", err)
			}
		}
		if n := e.number("SELECT count(*) FROM messages"); n != 3 {
			t.Error(n, "messages")
		}
	})
}

// severalItems is a channel whose originals hold several items.
type severalItems struct{ onceGiven }

func (*severalItems) Parse(raw channels.Raw) (items []channels.Item, err error) {
	return items, json.Unmarshal(raw.Body, &items)
}

// An original that could not be filed waits as a whole: all its items come in. Of one
// of which a single item waits, the others were dealt with.
func TestLetInWholeOrInPart(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.chans.put(e.tg, &severalItems{})
		for i, again := range []bool{true, false} {
			for j, reason := range []string{"not_filed", "over_limit"} {
				var items []channels.Item
				for k := range 2 {
					who := string(rune('a'+4*i+2*j)) + string(rune('0'+k))
					items = append(items, channels.Item{Kind: channels.Message, ExternalID: who, From: channels.Address{Kind: "telegram", Value: who}, Text: who})
				}
				body, err := json.Marshal(items)
				must(t, err)
				q := e.waits(t, e.tg, items[0].ExternalID, "application/json", body)
				e.exec(t, "UPDATE quarantine SET reason = ? WHERE id = ?", reason, q.ID)
				before := len(e.everything())
				if again {
					_, err = e.ReadAgain(t.Context(), e.giulia, q.ID)
				} else {
					_, err = e.Release(t.Context(), e.giulia, q.ID, 0, "")
				}
				must(t, err)
				want := []string{items[0].ExternalID, items[1].ExternalID}[:2-j]
				var got []string
				for _, m := range e.everything()[before:] {
					got = append(got, m.ExternalID)
				}
				if !slices.Equal(got, want) {
					t.Errorf("read again %v, %s: filed %v, want %v", again, reason, got, want)
				}
			}
		}
	})
}
