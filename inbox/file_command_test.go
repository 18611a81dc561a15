package inbox

import (
	"fmt"
	"strings"
	"testing"

	"filodiretto/channels"
)

// bot reads each raw body as the text of a chat message.
type bot struct{ *fakeSender }

func (bot) ParserVersion() int { return 1 }

func (bot) Parse(raw channels.Raw) ([]channels.Item, error) {
	text := string(raw.Body)
	word, rest, _ := strings.Cut(text, " ")
	return []channels.Item{{
		Kind: channels.Command, Command: word[1:], Payload: rest, Text: text, ExternalID: raw.DedupKey, ThreadKey: "chat:" + raw.Meta["from"],
		From: channels.Address{Kind: "telegram", Value: raw.Meta["from"], Display: "Ada"}, SentAt: raw.ReceivedAt, ReceivedAt: raw.ReceivedAt,
	}}, nil
}

func TestWordsBehindACommandReachPeople(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.chans.put(e.tg, bot{&fakeSender{tried: map[int64]int{}}})
		for i, x := range []struct {
			text, event string
			cases       int
		}{
			{"/stop", "opted_out", 0},
			{"/stop non mi arrivano le bollette", "opted_out", 1},
			{"/privacy chi legge i miei dati?", "privacy", 1},
			{"/dati", "privacy", 1},
			{"/dati anche quelli del 2019", "privacy", 1},
			{"/start", "start", 0},
			{"/start vorrei un certificato", "start", 1},
			{"/start AAAAAAAAAAAAAAAAAAAAAA", "link_expired", 0},
		} {
			cases, answers := len(e.allCases()), e.number("SELECT count(*) FROM messages WHERE direction = 'out' AND notes LIKE ?", "event:"+x.event+"%")
			err := e.Accept(t.Context(), e.tg.ID, channels.Batch{Stream: "updates", Items: []channels.Raw{{
				DedupKey: fmt.Sprint("u", i), Body: []byte(x.text), ReceivedAt: e.manual.Now(), Meta: map[string]string{"from": fmt.Sprint(1000 + i)},
			}}})
			if err != nil {
				t.Fatal(err)
			}
			e.ingest(e.tg)
			if n := len(e.allCases()) - cases; n != x.cases {
				t.Errorf("%q: %d cases, want %d", x.text, n, x.cases)
			}
			if n := e.number("SELECT count(*) FROM messages WHERE case_id > 0 AND text = ?", x.text); n != x.cases {
				t.Errorf("%q: on %d cases, want %d", x.text, n, x.cases)
			}
			if n := e.number("SELECT count(*) FROM messages WHERE direction = 'out' AND notes LIKE ?", "event:"+x.event+"%"); n != answers+1 {
				t.Errorf("%q: %d answers %s", x.text, n-answers, x.event)
			}
		}
	})
}
