package inbox

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
)

// While a long backlog is filed, a mail that has just arrived does not wait for
// all of it, not even when it answers a mail of the backlog: that one comes to its
// case. All are filed once.
func TestRule7JustArrivedIsFiledAheadOfABacklog(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		const n = 900
		old := e.clock.Now().Add(-5 * time.Hour)
		var items []channels.Raw
		for i := range n {
			items = append(items, letterRaw(fmt.Sprint("old", i), "", old))
		}
		now := e.clock.Now()
		items = append(items, letterRaw("fresh", "", now), letterRaw("answer", "old800", now), letterRaw("stranger", "nowhere", now))
		e.chans.put(e.mail, letters{})
		if err := e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "INBOX", Items: items}); err != nil {
			t.Fatal(err)
		}
		filed := func(name string) bool {
			t.Helper()
			var n int
			if err := e.db.Read.NewRaw("SELECT count(*) FROM messages WHERE external_id = ?", name).Scan(t.Context(), &n); err != nil || n > 1 {
				t.Fatal(name, n, err)
			}
			return n == 1
		}
		if _, err := e.Ingest(t.Context(), e.mail.ID); err != nil {
			t.Fatal(err)
		}
		if !filed("fresh") || !filed("answer") || !filed("stranger") || filed("old800") {
			t.Errorf("after one batch: fresh %v, answer %v, stranger %v, old %v", filed("fresh"), filed("answer"), filed("stranger"), filed("old800"))
		}
		for {
			k, err := e.Ingest(t.Context(), e.mail.ID)
			if err != nil {
				t.Fatal(err)
			}
			if k == 0 {
				break
			}
		}
		var cases, messages int
		if err := e.db.Read.NewRaw("SELECT count(*), (SELECT count(*) FROM messages) FROM cases").Scan(t.Context(), &cases, &messages); err != nil || messages != n+3 || cases != n+2 {
			t.Errorf("%d messages on %d cases: the answer is not on the case of what it answers: %v", messages, cases, err)
		}
	})
}

// letters reads raw items that a test made.
type letters struct{}

func (letters) ParserVersion() int { return 1 }

func (letters) Parse(raw channels.Raw) ([]channels.Item, error) {
	it := channels.Item{
		Kind: channels.Message, ExternalID: cmp.Or(raw.Meta["id"], raw.DedupKey), BodyHash: cmp.Or(raw.Meta["hash"], raw.DedupKey), ReceivedAt: raw.ReceivedAt, Subject: cmp.Or(raw.Meta["subject"], "Buca"), Text: "Buca in via Roma",
		From:       channels.Address{Kind: "email", Value: cmp.Or(raw.Meta["from"], raw.Meta["answers"], raw.DedupKey) + "@posta.example"},
		References: strings.Fields(raw.Meta["answers"]),
	}
	if raw.Meta["forged"] != "" {
		it.Certified = &channels.Certified{Signature: cms.Signature{Outcome: cms.Invalid}}
	}
	if raw.Meta["doubted"] != "" {
		it.Notes = append(it.Notes, "dmarc:fail/posta.example")
	}
	if raw.Meta["own"] != "" {
		it.Kind = channels.Own
	}
	return []channels.Item{it}, nil
}

func letterRaw(name, answers string, at clock.Instant) channels.Raw {
	return channels.Raw{DedupKey: name, ContentType: "message/rfc822", Body: []byte(name), ReceivedAt: at, Meta: map[string]string{"answers": answers}}
}
