package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/templates"
)

func (e *env) automatic(list ...automatic) {
	e.t.Helper()
	err := e.db.Tx(e.t.Context(), func(ctx context.Context, tx *db.Tx) error { return e.sendAutomatics(ctx, tx, list) })
	if err != nil {
		e.t.Fatal(err)
	}
}

func (k contact) receipt() automatic {
	return automatic{Event: templates.Receipt, Case: k.c, To: *k.id, Answer: k.m}
}

func TestReceiptByMail(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		k.c.DueAt = clock.At(time.Date(2026, 12, 21, 23, 30, 0, 0, time.UTC))
		e.set.Zone = time.FixedZone("CET", 3600)
		e.automatic(k.receipt())
		e.deliver(e.mail)
		o := s.arrived()[0]
		if !o.Automatic || o.AnswerTo != k.m.ExternalID || !strings.HasPrefix(o.Subject, "Messaggio ricevuto: pratica "+k.c.Ref()) ||
			!strings.Contains(o.Subject, e.sign.SubjectToken(k.c.Year, k.c.Number)) {
			t.Fatalf("%+v", o)
		}
		for _, want := range []string{k.c.Ref(), "URP", "22 dicembre 2026", "/p/case?number=2026%2F", "secret=" + k.c.Secret} {
			if !strings.Contains(o.Text, want) {
				t.Error("the receipt says", want, "\n", o.Text)
			}
		}
		if n, ok := e.sign.ParseMessageID(o.ExternalID); !ok || n == 0 {
			t.Fatal(o.ExternalID)
		}
		c := e.theCase(k.c.ID)
		if c.LastMessageID != k.m.ID || !c.Unread || c.Status != Open {
			t.Fatal("a receipt answers nobody's question", c)
		}
		cmd := k.reply("x")
		cmd.SeenID = k.m.ID
		e.mustReply(cmd) // and it does not stop an answer
		if got := e.happened(k.c.ID); !slices.Equal(got[:2], []string{"automatic.sent", "delivery.accepted"}) {
			t.Fatal(got)
		}
	})
}

func TestReceiptInTheCitizensLanguageAndChannel(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.tg)
		k := e.writes(e.tg, "501", "una")
		k.m.Lang = "en-GB"
		k.c.Subject = "<b>{case_number}</b> #{x} {{.}}"
		e.automatic(k.receipt())
		e.deliver(e.tg)
		o := s.arrived()[0]
		if o.ThreadKey != "501" || o.AnswerTo != "501:una" || o.Subject != "" || !strings.Contains(o.Text, "We have received") && !strings.Contains(o.Text, "received") {
			t.Fatalf("%+v", o)
		}
		if strings.Contains(o.Markup, "<b>") {
			t.Fatal("what a citizen wrote is no markup", o.Markup)
		}
	})
}

// Robots, copies, old messages and our own addresses get no automatic answer
// (mail rule 56).
func TestWithheld(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		e.exec(t, "UPDATE accounts SET settings = ? WHERE id = ?", `{"address":"URP@comune.example","aliases":"protocollo@comune.example, info@comune.example"}`, e.mail.ID)
		for i, c := range []struct {
			why    string
			change func(*contact)
		}{
			{"automatic", func(k *contact) { k.m.Auto = string(channels.Vacation) }},
			{"automatic", func(k *contact) { k.m.Auto = string(channels.Bulk) }},
			{"only_copied", func(k *contact) { k.m.Notes = "charset:x only_copied" }},
			{"old", func(k *contact) { k.m.At = k.m.At.Add(-25 * time.Hour) }},
			{"own_address", func(k *contact) { k.id.Value = "urp@comune.example" }},
			{"own_address", func(k *contact) { k.id.Value = "info+c.1.x@comune.example" }},
			{"robot", func(k *contact) { k.id.Value = "mailer-daemon@example.org" }},
			{"robot", func(k *contact) { k.id.Value = "noreply@example.org" }},
			{"blocked", func(k *contact) { k.id.Status = "blocked" }},
			{"opted_out", func(k *contact) { k.id.OptedOutAt = 1 }},
			{"bad", func(k *contact) { k.id.Status = "bad" }},
			{"no_channel", func(k *contact) { k.id.Kind = "telegram" }},
			{"account_off", func(k *contact) { k.m.AccountID = 99 }},
		} {
			k := e.writes(e.mail, fmt.Sprintf("c%d@example.org", i), "una")
			c.change(&k)
			e.automatic(k.receipt())
			var data string
			if err := e.db.Read.NewRaw("SELECT data FROM events WHERE case_id = ? AND kind = 'automatic.withheld'", k.c.ID).Scan(t.Context(), &data); err != nil || !strings.Contains(data, `"why":"`+c.why+`"`) {
				t.Fatal(c.why, data, err)
			}
		}
		if n := e.count(t, "deliveries"); n != 0 {
			t.Fatal(n)
		}
	})
}

func TestBudgetOfAnAddress(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		e.set.AutoPerCase = 100
		e.exec(t, "UPDATE messages SET at = at") // the message stays fresh below
		out := func(n int) (sent, suppressed int) {
			t.Helper()
			e.exec(t, "DELETE FROM delivery_events")
			e.exec(t, "DELETE FROM deliveries")
			list := make([]automatic, n)
			for i := range list {
				k.m.At = e.manual.Now()
				list[i] = k.receipt()
			}
			e.automatic(list...)
			var rows []State
			if err := e.db.Read.NewRaw("SELECT state FROM deliveries").Scan(t.Context(), &rows); err != nil {
				t.Fatal(err)
			}
			for _, s := range rows {
				if s == Suppressed {
					suppressed++
				} else {
					sent++
				}
			}
			return sent, suppressed
		}
		if a, b := out(5); a != 3 || b != 2 {
			t.Fatal("three an hour", a, b)
		}
		if a, b := out(1); a != 0 || b != 1 {
			t.Fatal("also over several batches", a, b)
		}
		total := 3
		for range 10 {
			e.manual.Advance(61 * time.Minute)
			a, _ := out(5)
			total += a
		}
		if total != 10 {
			t.Fatal("ten a day", total)
		}
		e.manual.Advance(24 * time.Hour)
		if a, _ := out(5); a != 3 {
			t.Fatal("and again the next day", a)
		}
		if got := e.happened(k.c.ID); !slices.Contains(got, "automatic.suppressed") {
			t.Fatal("people see it", got)
		}
	})
}

func TestBudgetOfCaseAccountAndAll(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		e.sender(e.tg)
		e.set.AutoPerCase, e.set.AutoGlobal = 2, 7
		why := func(acc Account, who string, same *contact) string {
			t.Helper()
			k := e.writes(acc, who, "una")
			if same != nil {
				k.c = same.c
			}
			e.automatic(k.receipt())
			var code string
			if err := e.db.Read.NewRaw("SELECT d.code FROM deliveries AS d WHERE d.address = ?", who).Scan(t.Context(), &code); err != nil {
				t.Fatal(err)
			}
			return code
		}
		k := e.writes(e.mail, "k@example.org", "una")
		for i, want := range []string{"", "", "budget_case"} {
			if got := why(e.mail, fmt.Sprintf("case%d@example.org", i), &k); got != want {
				t.Fatal(i, got)
			}
		}
		for i, want := range []string{"", "", "budget_account"} { // four is half of seven, rounded up
			if got := why(e.mail, fmt.Sprintf("acc%d@example.org", i), nil); got != want {
				t.Fatal(i, got)
			}
		}
		for i, want := range []string{"", "", "", "budget_all"} {
			if got := why(e.tg, fmt.Sprint(500+i), nil); got != want {
				t.Fatal(i, got)
			}
		}
	})
}

// What somebody asks of a bot is answered also when they opted out, and more
// often than a receipt.
func TestDialogue(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.tg)
		k := e.writes(e.tg, "501", "/stop")
		e.exec(t, "UPDATE messages SET case_id = NULL, kind = 'command' WHERE id = ?", k.m.ID)
		e.exec(t, "UPDATE identities SET status = 'opted_out', opted_out_at = 1 WHERE id = ?", k.id.ID)
		k.id, k.m.Kind, k.m.CaseID = e.identity(k.id.ID), "command", 0
		for _, event := range []string{templates.OptedOut, templates.Privacy, templates.Start, templates.Privacy} {
			e.automatic(automatic{Event: event, To: *k.id, Answer: k.m})
		}
		e.deliver(e.tg)
		got := s.arrived()
		if len(got) != 4 || got[0].ThreadKey != "501" || !strings.Contains(got[0].Text, "/start") || !got[0].Automatic {
			t.Fatal(len(got), got[0].Text)
		}
	})
}

func TestReceiptAfterAnOptOutBetweenQueueAndSending(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		e.automatic(k.receipt())
		e.exec(t, "UPDATE identities SET status = 'opted_out', opted_out_at = 1 WHERE id = ?", k.id.ID)
		e.deliver(e.mail)
		if len(s.tried) != 0 {
			t.Fatal("the check is when sending")
		}
		if got := e.happened(k.c.ID); !slices.Equal(got, []string{"automatic.sent", "delivery.suppressed"}) {
			t.Fatal(got)
		}
	})
}

// A receipt that bounces marks the address and reopens nothing: nobody waits for it.
func TestBouncedReceipt(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		s.refuse(&channels.Error{Class: channels.RecipientGone, Code: "550 5.1.1"})
		k := e.writes(e.mail, "lucia@example.org", "una")
		e.automatic(k.receipt())
		e.exec(t, "UPDATE cases SET status = 'closed' WHERE id = ?", k.c.ID)
		e.deliver(e.mail)
		if c := e.theCase(k.c.ID); c.Failed || c.Status != Closed || e.identity(k.id.ID).Status != "bad" {
			t.Fatalf("%+v", c)
		}
	})
}

// A text of the municipality that lacks a value is told, and stops nothing.
func TestTextThatCannotBeFilled(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		a := k.receipt()
		a.Event = "no_such_event"
		b := k.receipt()
		b.Event = templates.HandoverDone // wants the names of two offices
		e.automatic(a, b, k.receipt())
		if got := e.happened(k.c.ID); !slices.Equal(got, []string{"automatic.failed", "automatic.failed", "automatic.sent"}) {
			t.Fatal(got)
		}
	})
}

func TestManyReceiptsAtOnce(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		var list []automatic
		for i := range 200 {
			list = append(list, e.writes(e.mail, fmt.Sprintf("c%d@example.org", i), "una").receipt())
		}
		e.automatic(list...)
		e.deliver(e.mail)
		if len(s.arrived()) != 200 {
			t.Fatal(len(s.arrived()))
		}
	})
}

func TestDateText(t *testing.T) {
	rome := time.FixedZone("CET", 3600)
	at := clock.At(time.Date(2026, 1, 31, 23, 30, 0, 0, time.UTC))
	for lang, want := range map[string]string{"it": "1 febbraio 2026", "en": "1 February 2026"} {
		if got := dateText(at, rome, lang); got != want {
			t.Error(got)
		}
	}
	if dateText(0, rome, "it") != "" {
		t.Error("no term, no date")
	}
}

func TestOwnAddresses(t *testing.T) {
	for settings, want := range map[string]string{
		`{"address":"URP@Comune.example"}`:                                    "urp@comune.example",
		`{"address":"a@x.example","aliases":"b@x.example, c@x.example"}`:      "a@x.example b@x.example c@x.example",
		`{"address":"a@x.example","aliases":["b@x.example"],"connections":4}`: "a@x.example b@x.example",
		`{}`: "", `nonsense`: "",
	} {
		if got := strings.Join(ownAddresses(settings), " "); got != want {
			t.Errorf("%s: %q", settings, got)
		}
	}
}
