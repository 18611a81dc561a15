package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/templates"
)

func (e *env) notify(list ...Notice) []Noticed {
	e.t.Helper()
	var out []Noticed
	err := e.db.Tx(e.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		var err error
		out, err = e.NotifyTx(ctx, tx, list...)
		return err
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return out
}

func called(k contact) Notice {
	return Notice{
		Event: templates.TicketCalled, IdentityID: k.id.ID, CitizenID: k.id.CitizenID, Asked: true,
		Vars: map[string]string{"ticket": "B12", "service": "Anagrafe", "site": "Municipio", "desk": "Sportello 3"},
	}
}

func TestNoticeGoesOutInTheSameChat(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.tg)
		k := e.writes(e.tg, "501", "una")
		got := e.notify(called(k))
		if got[0].Held != "" || got[0].MessageID == 0 || got[0].Channel != "telegram" {
			t.Fatalf("%+v", got)
		}
		e.deliver(e.tg)
		o := s.arrived()[0]
		if o.ThreadKey != "501" || !o.Automatic || o.Text != "Numero B12: tocca a te. Vai a Sportello 3." || o.AnswerTo != "" {
			t.Fatalf("%+v", o)
		}
		story, _, err := e.PersonStory(t.Context(), e.giulia, k.id.CitizenID, StoryFilter{What: "messages"}, "")
		if err != nil || len(story) != 2 || story[0].Message.ID != got[0].MessageID {
			t.Fatal("it stands beside what the citizen wrote", len(story), err)
		}
		if c := e.theCase(k.c.ID); c.LastMessageID != k.m.ID || !c.Unread {
			t.Fatal("a notice answers no case")
		}
	})
}

func TestNoticeOnACase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		n := called(k)
		n.CaseID, n.OfficeID, n.Lang = k.c.ID, e.trib, "en"
		e.notify(n)
		e.deliver(e.mail)
		o := s.arrived()[0]
		if !strings.Contains(o.Subject, e.sign.SubjectToken(k.c.Year, k.c.Number)) || !strings.HasPrefix(o.Subject, "Number B12") || o.FromName != "Comune di Pontelieto - Ufficio tributi" {
			t.Fatalf("%q %q", o.Subject, o.FromName)
		}
		if got := e.happened(k.c.ID); got[0] != "automatic.sent" {
			t.Fatal(got)
		}
	})
}

// A person without a named address is told where they wrote last, or where they
// prefer, and never at an address that somebody only said to be theirs.
func TestNoticeChoosesTheAddress(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		e.sender(e.tg)
		k := e.writes(e.mail, "lucia@example.org", "una")
		e.manual.Advance(time.Minute)
		other := e.writes(e.tg, "501", "due")
		e.exec(t, "UPDATE identities SET citizen_id = ? WHERE id = ?", k.id.CitizenID, other.id.ID)
		e.exec(t, "UPDATE messages SET citizen_id = ? WHERE id = ?", k.id.CitizenID, other.m.ID)
		n := called(k)
		n.IdentityID = 0
		for _, c := range []struct {
			prepare, want string
		}{
			{"", "telegram"},
			{"UPDATE citizens SET preferred = 'mail' WHERE id = ?", "mail"},
			{"UPDATE identities SET status = 'gone' WHERE kind = 'email' AND citizen_id = ?", "telegram"},
			{"UPDATE identities SET status = 'gone' WHERE citizen_id = ?", ""},
		} {
			if c.prepare != "" {
				e.exec(t, c.prepare, k.id.CitizenID)
			}
			got := e.notify(n)[0]
			if got.Channel != c.want || (c.want == "") != (got.Held == "no_address") {
				t.Fatalf("%q: %+v", c.prepare, got)
			}
		}
		said := e.writes(e.mail, "said@example.org", "una")
		e.exec(t, "DELETE FROM messages WHERE id = ?", said.m.ID)
		byPerson := called(said)
		byPerson.IdentityID = 0
		if got := e.notify(byPerson)[0]; got.Held != "no_address" {
			t.Fatalf("an address that somebody only said: %+v", got)
		}
		if got := e.notify(called(said))[0]; got.Held != "" {
			t.Fatalf("but one that the caller names is used: %+v", got)
		}
	})
}

func TestNoticeRespectsWhatCitizensDecided(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.tg)
		k := e.writes(e.tg, "501", "una")
		unasked := called(k)
		unasked.Asked = false
		for _, c := range []struct {
			set, asked, unasked string
		}{
			{"status = 'active'", "", ""},
			{"status = 'opted_out', opted_out_at = 1", "", "opted_out"},
			{"status = 'blocked'", "blocked", "blocked"},
			{"status = 'withdrawn'", "withdrawn", "withdrawn"},
			{"removed_at = 5", "removed", "removed"},
		} {
			e.exec(t, "UPDATE identities SET "+c.set+" WHERE id = ?", k.id.ID)
			got := e.notify(called(k), unasked)
			if got[0].Held != c.asked || got[1].Held != c.unasked {
				t.Fatalf("%s: %+v", c.set, got)
			}
		}
		e.exec(t, "UPDATE identities SET status = 'opted_out', removed_at = 0 WHERE id = ?", k.id.ID)
		e.deliver(e.tg)
		if n := len(s.arrived()); n != 2 { // the look before sending is as strict
			t.Fatal(n)
		}
	})
}

func TestNoticesHaveBudgets(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		unasked := called(k)
		unasked.Asked = false
		var list []Notice
		for range 4 {
			list = append(list, unasked)
		}
		got := e.notify(list...)
		if got[2].Held != "" || got[3].Held != "budget_hour" || got[3].MessageID == 0 {
			t.Fatalf("%+v", got)
		}
		list = nil
		for range 8 {
			list = append(list, called(k))
		}
		got = e.notify(list...)
		if got[6].Held != "" || got[7].Held != "budget_hour" {
			t.Fatalf("what was asked for may be more, and not without end: %+v", got)
		}
	})
}

func TestNoticeCannotReach(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		e.sender(e.tg)
		k := e.writes(e.mail, "lucia@example.org", "una")
		stranger := e.writes(e.tg, "77", "una")
		e.exec(t, "DELETE FROM messages WHERE id = ?", stranger.m.ID)
		text := called(k)
		text.Vars = nil
		got := e.notify(called(stranger), Notice{Event: templates.TicketCalled}, Notice{Event: templates.TicketCalled, IdentityID: 99}, text, called(k))
		for i, want := range []string{"no_channel", "no_address", "no_address", "text", ""} {
			if got[i].Held != want {
				t.Errorf("%d: %+v, want %s", i, got[i], want)
			}
		}
		e.exec(t, "UPDATE accounts SET enabled = FALSE WHERE id = ?", e.mail.ID)
		if got := e.notify(called(k))[0]; got.Held != "no_channel" {
			t.Error(got)
		}
		var why []string
		if err := e.db.Read.NewRaw("SELECT data FROM events WHERE kind = 'automatic.withheld' ORDER BY id").Scan(t.Context(), &why); err != nil || len(why) != 2 {
			t.Error("who is known has it on the file", why, err)
		}
	})
}

// What fails with the caller's transaction is not sent.
func TestNoticeIsWholeWithItsCause(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.tg)
		k := e.writes(e.tg, "501", "una")
		boom := errors.New("boom")
		err := e.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if _, err := e.NotifyTx(ctx, tx, called(k)); err != nil {
				return err
			}
			return boom
		})
		e.deliver(e.tg)
		if !errors.Is(err, boom) || len(s.arrived()) != 0 || e.count(t, "deliveries") != 0 {
			t.Fatal(err, len(s.arrived()))
		}
	})
}

// The token of a link is in what the citizen gets and nowhere in the tables.
func TestTokensAreSealedAtRest(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		mail, tg := e.sender(e.mail), e.sender(e.tg)
		token, sealed := e.NewToken()
		if len(token) != 43 || len(sealed) != 43 || token == sealed {
			t.Fatal(token, sealed)
		}
		for _, k := range []contact{e.writes(e.mail, "lucia@example.org", "una"), e.writes(e.tg, "501", "~"+strings.Repeat("a", 42))} {
			got := e.notify(Notice{
				Event: templates.VoteInvitation, IdentityID: k.id.ID,
				Vars: map[string]string{"service": "Anagrafe", "until": "domani", "vote_link": "https://filo.example/p/vote/" + sealed},
			})
			if got[0].Held != "" {
				t.Fatalf("%+v", got)
			}
		}
		e.deliver(e.mail)
		e.deliver(e.tg)
		m, c := mail.arrived()[0], tg.arrived()[0]
		for name, text := range map[string]string{"text": m.Text, "html": m.HTML, "chat": c.Text, "markup": c.Markup} {
			if !strings.Contains(text, "/p/vote/"+token) || strings.Contains(text, sealed) {
				t.Errorf("%s: %q", name, text)
			}
		}
		e.nowhere(t, token)
	})
}

// nowhere looks for a word in every column of every table.
func (e *env) nowhere(t *testing.T, word string) {
	t.Helper()
	var rows []struct{ Name, Col, Kind string }
	query := "SELECT m.name AS name, p.name AS col, p.type AS kind FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p WHERE m.type = 'table' AND m.name NOT LIKE '%fts%'"
	if e.db.Postgres {
		query = "SELECT table_name AS name, column_name AS col, data_type AS kind FROM information_schema.columns WHERE table_schema = current_schema()"
	}
	if err := e.db.Read.NewRaw(query).Scan(t.Context(), &rows); err != nil || len(rows) < 100 {
		t.Fatal(len(rows), err)
	}
	for _, r := range rows {
		text := fmt.Sprintf(`CAST("%s" AS TEXT)`, r.Col)
		if r.Kind == "bytea" {
			text = fmt.Sprintf(`encode("%s", 'escape')`, r.Col)
		}
		var n int
		if err := e.db.Read.NewRaw(fmt.Sprintf(`SELECT count(*) FROM "%s" WHERE %s LIKE ?`, r.Name, text), "%"+word+"%").Scan(t.Context(), &n); err != nil {
			t.Fatal(r.Name, r.Col, err)
		}
		if n > 0 {
			t.Errorf("%s.%s holds it", r.Name, r.Col)
		}
	}
}

func TestNoticeFilesGoByMailOnly(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		mail, tg := e.sender(e.mail), e.sender(e.tg)
		for _, k := range []contact{e.writes(e.mail, "lucia@example.org", "una"), e.writes(e.tg, "501", "una")} {
			n := called(k)
			n.Files = []NoticeFile{{Name: "a.ics", Type: "text/calendar; method=PUBLISH", Data: []byte("BEGIN:VCALENDAR")}}
			e.notify(n)
		}
		e.deliver(e.mail)
		e.deliver(e.tg)
		if f := mail.arrived()[0].Files; len(f) != 1 || f[0].Type != "text/calendar; method=PUBLISH" || f[0].Size != 15 || bytesOf(t, f[0]) != "BEGIN:VCALENDAR" {
			t.Fatalf("%+v", f)
		}
		if len(tg.arrived()[0].Files) != 0 {
			t.Fatal("a chat gets the text")
		}
	})
}

func bytesOf(t *testing.T, f channels.OutgoingFile) string {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b := make([]byte, f.Size)
	if _, err := r.Read(b); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What a citizen wrote that looks like a stand-in is left as it is in all that is
// not a notice with sealed links.
func TestUnsealTouchesNothingElse(t *testing.T) {
	s := Signer{key: []byte("k")}
	word := "~" + strings.Repeat("x", 42)
	for _, m := range []*Message{nil, {Origin: FromOperator, Notes: sealedNote}, {Origin: FromAutomation, Notes: "event:x"}} {
		o := &channels.Outgoing{Text: word}
		if s.unseal(m, o); o.Text != word {
			t.Fatalf("%+v", m)
		}
	}
	o := &channels.Outgoing{Text: word}
	s.unseal(&Message{Origin: FromAutomation, Notes: "event:x " + sealedNote, At: clock.Instant(1)}, o)
	if o.Text != s.token(word) {
		t.Fatal(o.Text)
	}
}
