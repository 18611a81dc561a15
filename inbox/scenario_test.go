package inbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
)

// TestScenario1TenDaysStopped: the hub was stopped for ten days and 3,000 mails
// wait. All come in, in order, and none older than a day gets a receipt.
func TestScenario1TenDaysStopped(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		e.set.AutoGlobal, e.set.AutoPerHour = 1_000_000, 1_000_000
		const n = 3000
		const quiet = 10 * time.Minute // since the last of them: what has just arrived would come first
		step := 10 * 24 * time.Hour / n
		began := e.manual.Now().Add(-quiet - n*step)
		for i := 0; i < n; i += 100 {
			b := channels.Batch{Stream: "INBOX"}
			for j := i; j < i+100; j++ {
				b.Items = append(b.Items, channels.Raw{
					DedupKey: fmt.Sprintf("INBOX/9/%d", j), ContentType: mail.TypeMessage, ReceivedAt: began.Add(time.Duration(j) * step),
					Body: []byte(letter(fmt.Sprintf("P%d <p%d@posta.example>", j, j), fmt.Sprintf("s%d@posta.example", j), fmt.Sprintf("Numero %d", j), "testo")),
				})
			}
			if err := e.Accept(t.Context(), e.mail.ID, b); err != nil {
				t.Fatal(err)
			}
		}
		e.ingest(e.mail)
		cs := e.allCases()
		if len(cs) != n {
			t.Fatal(len(cs), "cases")
		}
		for i, c := range cs {
			if c.Number != int64(i+1) || c.Subject != fmt.Sprintf("Numero %d", i) {
				t.Fatalf("order was not kept: %d is %q", c.Number, c.Subject)
			}
		}
		day := int((24*time.Hour - quiet) / step)
		if got := e.number("SELECT count(*) FROM deliveries"); got > day+1 || got < day-1 {
			t.Errorf("%d receipts, want only those of the last day, %d", got, day)
		}
	})
}

// TestScenario6TwoRobots: an answering machine that does not say it is one faces
// ours for an hour. No more than the budget goes out, and one alarm is given.
func TestScenario6TwoRobots(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		for i := range 120 {
			e.manual.Advance(30 * time.Second)
			if e.number("SELECT count(*) FROM deliveries WHERE state = 'queued'") < i && i > e.set.AutoPerHour {
				break // it only answers what it got
			}
			e.arrive(e.mail, letter("Robot <robot@posta.example>", fmt.Sprintf("r%d@posta.example", i), fmt.Sprintf("Ricevuto %d", i), "Risposta automatica non dichiarata."))
		}
		if got := e.number("SELECT count(*) FROM deliveries WHERE state = 'queued'"); got > e.set.AutoPerHour {
			t.Errorf("%d automatic mails in an hour to one address, the budget is %d", got, e.set.AutoPerHour)
		}
		if got := e.number("SELECT count(*) FROM deliveries WHERE state = 'queued'"); got == 0 {
			t.Error("the first receipt must go out")
		}
	})
}

// TestScenario13TextThatLooksLikeCode: citizens' text is never interpreted.
func TestScenario13TextThatLooksLikeCode(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		odd := "{{ .Secret }} #{ticket} %{name} {case_number} \u202egnp.exe <script>alert(1)</script>"
		e.arrive(e.mail, letter("{{.}} <odd@posta.example>", "o1@posta.example", odd, odd+"\r\n"+strings.Repeat("x", 1<<20)))
		cs := e.allCases()
		if len(cs) != 1 {
			t.Fatal(len(cs))
		}
		cv, err := e.ViewCase(t.Context(), e.giulia, cs[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range cv.Entries {
			if m := x.Message; m != nil && (!strings.Contains(m.Text, "{{ .Secret }}") || !strings.Contains(m.Text, "%{name}") || len(m.Text) < 1<<20 && !strings.Contains(m.Notes, "text_cut")) {
				t.Error("the text must be what was written:", len(m.Text), m.Notes)
			}
		}
	})
}
