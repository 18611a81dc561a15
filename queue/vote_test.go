package queue

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"filodiretto/internal/db"
)

// votesEnv is agendaEnv with the three faces and a tablet at the first counter.
type votesEnv struct {
	*agendaEnv
	*Votes
	tablet *Device
}

func eachVotes(t *testing.T, f func(t *testing.T, e *votesEnv)) {
	eachAgenda(t, func(t *testing.T, a *agendaEnv) {
		e := &votesEnv{agendaEnv: a, Votes: NewVotes(a.Queue, a.inbox, "https://filo.example/", VoteSettings{})}
		_, token, err := a.SaveDevice(t.Context(), a.admin, DeviceEdit{SiteID: a.site, Kind: "tablet", Name: "Tavoletta 1", CounterID: a.c1})
		if err != nil {
			t.Fatal(err)
		}
		e.tablet = must(a.DeviceByToken(t.Context(), token))(t)
		a.sit(a.anna, a.c1)
		f(t, e)
	})
}

// visit is somebody who waits, is served for ten minutes and leaves.
func (e *votesEnv) visit(wait time.Duration) *Issued {
	e.t.Helper()
	i := e.take(e.cards)
	e.after(wait)
	d := e.serve(e.anna, e.c1)
	e.after(10 * time.Minute)
	e.finish(e.anna, d.Step.ID)
	return i
}

func (e *votesEnv) theVote() voteRow {
	e.t.Helper()
	var rows []voteRow
	if err := e.env.db.Read.NewSelect().Model(&rows).Scan(e.t.Context()); err != nil || len(rows) != 1 {
		e.t.Fatal(len(rows), err)
	}
	return rows[0]
}

func TestVoteAtTheTablet(t *testing.T) {
	eachVotes(t, func(t *testing.T, e *votesEnv) {
		i := e.visit(12 * time.Minute)
		e.exec("INSERT INTO promises (id, step_id, site_id, at, ahead, low_s, mean_s, high_s) VALUES (1, ?, ?, 1, 0, 1, 2, 900), (2, ?, ?, 2, 0, 1, 2, 3)", i.Step.ID, e.site, i.Step.ID, e.site)
		token := must(e.TabletInvitation(t.Context(), e.tablet))(t)
		if again := must(e.TabletInvitation(t.Context(), e.tablet))(t); again != token {
			t.Fatal("the same visit has the same invitation")
		}
		if phone := must(e.PhoneInvitation(t.Context(), Owner{Secret: i.Secret}))(t); phone != token {
			t.Fatal("on the telephone too")
		}
		want := VoteFacts{SiteID: e.site, OfficeID: e.urp, Service: "cards", Channel: "counter", WaitBand: "5-15", Promise: "kept", Day: "2026-11-23"}
		if f := must(e.LookVote(t.Context(), token))(t); *f != want {
			t.Fatalf("%+v", f)
		}
		if more := must(e.Vote(t.Context(), token, Green))(t); more != "" {
			t.Fatal("no reason is asked of the content")
		}
		if got := e.theVote(); got.VoteFacts != want || got.Face != Green || got.Reason != "" {
			t.Fatalf("%+v", got)
		}
		for name, f := range map[string]func() error{
			"vote":   func() error { _, err := e.Vote(t.Context(), token, Red); return err },
			"look":   func() error { _, err := e.LookVote(t.Context(), token); return err },
			"tablet": func() error { _, err := e.TabletInvitation(t.Context(), e.tablet); return err },
			"phone":  func() error { _, err := e.PhoneInvitation(t.Context(), Owner{Secret: i.Secret}); return err },
		} {
			if err := f(); !errors.Is(err, ErrNotFound) {
				t.Errorf("one press for each ticket: %s: %v", name, err)
			}
		}
		if _, err := e.Vote(t.Context(), "x", 4); !errors.Is(err, ErrInvalid) {
			t.Error(err)
		}
	})
}

// Who comes to the counter next does not vote for who was there before.
func TestTabletForgets(t *testing.T) {
	eachVotes(t, func(t *testing.T, e *votesEnv) {
		if _, err := e.TabletInvitation(t.Context(), e.tablet); !errors.Is(err, ErrNotFound) {
			t.Fatal("nobody was here", err)
		}
		e.visit(time.Minute)
		first := must(e.TabletInvitation(t.Context(), e.tablet))(t)
		e.after(tabletFor)
		if _, err := e.TabletInvitation(t.Context(), e.tablet); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		e.visit(0)
		if second := must(e.TabletInvitation(t.Context(), e.tablet))(t); second == first {
			t.Fatal("another visit is another invitation")
		}
		if _, err := e.TabletInvitation(t.Context(), e.kiosk); !errors.Is(err, ErrForbidden) && !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
	})
}

func TestReasonAfterRed(t *testing.T) {
	eachVotes(t, func(t *testing.T, e *votesEnv) {
		e.visit(time.Hour)
		more := must(e.Vote(t.Context(), must(e.TabletInvitation(t.Context(), e.tablet))(t), Red))(t)
		if got := e.theVote(); got.Face != Red || got.Reason != "" || got.WaitBand != "30-60" || got.Promise != "" {
			t.Fatalf("it counts already: %+v", got)
		}
		if err := e.GiveReason(t.Context(), more, "weather"); !errors.Is(err, ErrInvalid) {
			t.Fatal(err)
		}
		if err := e.GiveReason(t.Context(), more, "waiting"); err != nil {
			t.Fatal(err)
		}
		if got := e.theVote(); got.Reason != "waiting" || got.ReasonHash != "" || got.ReasonUntil != 0 {
			t.Fatalf("%+v", got)
		}
		for _, word := range []string{more, "", "x"} {
			if err := e.GiveReason(t.Context(), word, "other"); !errors.Is(err, ErrNotFound) {
				t.Errorf("%q: %v", word, err)
			}
		}
		e.visit(0)
		late := must(e.Vote(t.Context(), must(e.TabletInvitation(t.Context(), e.tablet))(t), Red))(t)
		e.after(minutes(reasonFor))
		if err := e.GiveReason(t.Context(), late, "other"); !errors.Is(err, ErrNotFound) {
			t.Fatal("who went away gives no reason any more", err)
		}
		if err := e.TidyVotes(t.Context()); err != nil || e.number64("SELECT COUNT(*) FROM votes WHERE reason_hash <> ''") != 0 || e.number64("SELECT COUNT(*) FROM votes") != 2 {
			t.Fatal(err)
		}
	})
}

// Nothing that is stored leads from a vote to a person, an operator, a ticket or a
// moment: every value of every vote is looked for in every other table, and nothing
// but the facts that many share is found.
func TestNothingJoinsAVoteWithAPerson(t *testing.T) {
	eachVotes(t, func(t *testing.T, e *votesEnv) {
		lucia := e.citizen("Lucia Ferrante")
		e.take(e.cards, func(n *NewTicket) { n.Key = "lucia" })
		e.exec("UPDATE tickets SET citizen_id = ?", lucia)
		e.exec("UPDATE steps SET citizen_id = ?", lucia)
		e.after(3 * time.Minute)
		d := e.serve(e.anna, e.c1)
		e.after(time.Minute)
		e.finish(e.anna, d.Step.ID)
		token := must(e.TabletInvitation(t.Context(), e.tablet))(t)
		e.after(17 * time.Second)
		before := e.number64("SELECT COUNT(*) FROM events")
		more := must(e.Vote(t.Context(), token, Red))(t)
		if err := e.GiveReason(t.Context(), more, "operator"); err != nil {
			t.Fatal(err)
		}
		if n := e.number64("SELECT COUNT(*) FROM events"); n != before {
			t.Fatal("an event has an instant and would tell who it was")
		}
		if n := e.number64("SELECT COUNT(*) FROM vote_invitations"); n != 0 {
			t.Fatal("the invitation is gone")
		}
		e.nowhere(t, token)
		e.nowhere(t, more)
		vote := e.theVote()
		shared := map[string]bool{ // facts of a whole site and day
			fmt.Sprint(vote.SiteID): true, fmt.Sprint(vote.OfficeID): true, vote.Service: true, vote.Channel: true, string(vote.Day): true,
			vote.WaitBand: true, "": true, "1": true, "0": true, vote.Reason: true,
		}
		columns := map[string]string{}
		var row map[string]any
		if err := e.env.db.Read.NewRaw("SELECT * FROM votes").Scan(t.Context(), &row); err != nil {
			t.Fatal(err)
		}
		for name, value := range row {
			columns[name] = fmt.Sprint(value)
		}
		for name, value := range columns {
			if name != "id" && !shared[value] {
				t.Errorf("a vote has %s = %s, which only one visit may have", name, value)
			}
			if name == "id" {
				e.inOtherTables(t, "votes", value)
			}
		}
		for _, forbidden := range []string{"citizen", "operator", "ticket", "step", "case", "sitting", "counter", "at", "idem"} {
			for name := range columns {
				if strings.Contains(name, forbidden) && name != "operator_reason" && !strings.HasPrefix(name, "wait_") && name != "reason_until" {
					t.Errorf("a vote must have no %s", name)
				}
			}
		}
		near := db.NewID(e.env.clock)
		if diff := near - vote.ID; diff > -(1<<32) && diff < 1<<32 {
			t.Error("the id of a vote tells when it was given")
		}
	})
}

// inOtherTables looks for a value in every column of every other table.
func (e *env) inOtherTables(t *testing.T, but, value string) {
	t.Helper()
	var rows []struct{ Name, Col string }
	query := "SELECT m.name AS name, p.name AS col FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p WHERE m.type = 'table' AND m.name NOT LIKE '%fts%' AND m.name <> ?"
	if e.db.Postgres {
		query = "SELECT table_name AS name, column_name AS col FROM information_schema.columns WHERE table_schema = current_schema() AND table_name <> ?"
	}
	if err := e.db.Read.NewRaw(query, but).Scan(t.Context(), &rows); err != nil || len(rows) < 300 {
		t.Fatal(len(rows), err)
	}
	for _, r := range rows {
		if n := e.number64(fmt.Sprintf(`SELECT count(*) FROM "%s" WHERE CAST("%s" AS TEXT) LIKE ?`, r.Name, r.Col), "%"+value+"%"); n > 0 {
			t.Errorf("%s.%s has it too", r.Name, r.Col)
		}
	}
}

func TestInviteVisitsByMessage(t *testing.T) {
	eachVotes(t, func(t *testing.T, e *votesEnv) {
		citizen, identity := e.chat("501")
		i := e.visit(time.Minute)
		e.exec("UPDATE tickets SET citizen_id = ?, identity_id = ?, account_id = ?, lang = 'en' WHERE id = ?", citizen, identity, e.bot.acc.ID, i.Ticket.ID)
		e.visit(0) // somebody whom nobody knows
		if n := must(e.InviteVisits(t.Context()))(t); n != 0 {
			t.Fatal("not at once", n)
		}
		e.after(askAfter)
		if a, b := must(e.InviteVisits(t.Context()))(t), must(e.InviteVisits(t.Context()))(t); a != 1 || b != 0 {
			t.Fatal("once", a, b)
		}
		text := e.deliver(e.bot)[0].Text
		contains(t, text, "How did it go with cards?", "anonymous")
		token := text[strings.Index(text, votePath)+len(votePath):][:43]
		e.nowhere(t, token)
		if f := must(e.LookVote(t.Context(), token))(t); f.Service != "cards" || f.WaitBand != "0-5" {
			t.Fatalf("%+v", f)
		}
		if _, err := e.PhoneInvitation(t.Context(), Owner{Secret: i.Secret}); !errors.Is(err, ErrNotFound) {
			t.Fatal("who was asked in one way is not asked in another", err)
		}
		must(e.Vote(t.Context(), token, Yellow))(t)
		again := e.visit(0)
		e.exec("UPDATE tickets SET citizen_id = ?, identity_id = ?, account_id = ? WHERE id = ?", citizen, identity, e.bot.acc.ID, again.Ticket.ID)
		e.after(askAfter)
		must(e.InviteVisits(t.Context()))(t)
		if got := e.deliver(e.bot); len(got) != 0 {
			t.Fatal("and not again so soon")
		}
	})
}

func TestInviteCases(t *testing.T) {
	eachVotes(t, func(t *testing.T, e *votesEnv) {
		citizen, identity := e.chat("501")
		now := e.env.clock.Now()
		n := int64(0)
		closed := func(office int64, due bool) int64 {
			n++
			id, message := db.NewID(e.env.clock), db.NewID(e.env.clock)
			dueAt := now.Add(-time.Hour)
			if due {
				dueAt = now.Add(time.Hour)
			}
			e.exec(`INSERT INTO cases (id, year, number, secret, citizen_id, person, office_id, kind, procedure, status, subject, channel, account_id, last_in_id, due_at, closed_at, last_at, version, created_at)
				VALUES (?, 2026, ?, 'x', ?, 'x', ?, 'request', 'residenza', 'closed', 's', 'telegram', ?, ?, ?, ?, ?, 1, ?)`, id, n, citizen, office, e.bot.acc.ID, message, dueAt, now, now, now)
			e.exec(`INSERT INTO messages (id, case_id, citizen_id, identity_id, account_id, channel, direction, origin, kind, thread_key, sender, lang, at, sent_at, version)
				VALUES (?, ?, ?, ?, ?, 'telegram', 'in', 'citizen', 'message', '501', 'x', 'it', ?, ?, 1)`, message, id, citizen, identity, e.bot.acc.ID, now, now)
			e.exec("INSERT INTO events (id, at, kind, actor, case_id, citizen_id, data) VALUES (?, ?, 'case.closed', 'operator', ?, ?, '{}')", db.NewID(e.env.clock), now, id, citizen)
			return id
		}
		closed(e.urp, true)
		reserved := e.office("sociale", "back")
		e.exec("UPDATE offices SET reserved = TRUE WHERE id = ?", reserved)
		closed(reserved, false)
		if n := must(e.InviteCases(t.Context()))(t); n != 0 {
			t.Fatal("not at once", n)
		}
		e.after(askAfter)
		if a, b := must(e.InviteCases(t.Context()))(t), must(e.InviteCases(t.Context()))(t); a != 1 || b != 0 {
			t.Fatal(a, b)
		}
		text := e.deliver(e.bot)[0].Text
		contains(t, text, "la pratica 2026/000001")
		must(e.Vote(t.Context(), text[strings.Index(text, votePath)+len(votePath):][:43], Green))(t)
		want := VoteFacts{OfficeID: e.urp, Service: "residenza", Channel: "telegram", Promise: "kept", Day: "2026-11-23"}
		if got := e.theVote(); got.VoteFacts != want {
			t.Fatalf("%+v", got)
		}
	})
}

// Who wants no notices is not asked, and leaves no invitation that nobody has.
func TestVoteInvitationRespectsTheOptOut(t *testing.T) {
	eachVotes(t, func(t *testing.T, e *votesEnv) {
		citizen, identity := e.chat("501")
		e.exec("UPDATE identities SET opted_out_at = 1 WHERE id = ?", identity)
		i := e.visit(time.Minute)
		e.exec("UPDATE tickets SET citizen_id = ?, identity_id = ?, account_id = ? WHERE id = ?", citizen, identity, e.bot.acc.ID, i.Ticket.ID)
		e.after(askAfter)
		must(e.InviteVisits(t.Context()))(t)
		if len(e.deliver(e.bot)) != 0 || e.number64("SELECT COUNT(*) FROM vote_invitations") != 0 {
			t.Fatal("asked all the same")
		}
	})
}

func TestInvitationsExpire(t *testing.T) {
	eachVotes(t, func(t *testing.T, e *votesEnv) {
		e.visit(0)
		token := must(e.TabletInvitation(t.Context(), e.tablet))(t)
		e.after(15 * 24 * time.Hour)
		if _, err := e.Vote(t.Context(), token, Green); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if err := e.TidyVotes(t.Context()); err != nil || e.number64("SELECT COUNT(*) FROM vote_invitations") != 0 || e.number64("SELECT COUNT(*) FROM vote_asked") != 1 {
			t.Fatal(err)
		}
		e.after(40 * 24 * time.Hour)
		if err := e.TidyVotes(t.Context()); err != nil || e.number64("SELECT COUNT(*) FROM vote_asked") != 0 {
			t.Fatal(err)
		}
	})
}
