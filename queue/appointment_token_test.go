package queue

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"filodiretto/inbox"
	"filodiretto/internal/secret"
)

// it-at-m/eappointment #2982 (queue 3, row 17): the key to cancel was kept where others
// could read it. Ours is nowhere but in the citizen's message, is good for one
// thing, and ends.
func TestIssue2982CancelKeyIsNowhere(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		_, token := e.books(e.slot(tuesday, 9, 0), "lucia@example.org")
		mailed := e.lastLink(ToChange)
		if len(token) != 43 || mailed != token {
			t.Fatal(token, mailed)
		}
		e.nowhere(t, token)
		if n := e.number64("SELECT COUNT(*) FROM booking_tokens WHERE hash = ? AND purpose = 'change'", secret.HashToken(token)); n != 1 {
			t.Fatal(n)
		}
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
	if err := e.db.Read.NewRaw(query).Scan(t.Context(), &rows); err != nil || len(rows) < 300 {
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

// Each purpose opens its own door alone; a token that is wrong, over, used or for
// something else is not found, and nothing tells these apart.
func TestTokensTellNothing(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		ap, change := e.books(e.slot(tuesday, 9, 0), "lucia@example.org")
		tokens := map[Purpose]string{ToChange: change}
		err := e.in(t.Context(), system, e.agenda.ID, func(ctx context.Context, k *booking) error {
			if err := k.lock(ctx, ap.StartAt); err != nil {
				return err
			}
			for _, p := range []Purpose{ToConfirm, ToCancel, ToOffer, ToLeave} {
				token, _, err := k.token(ctx, p, ap.ID, 7, ap.StartAt)
				if err != nil {
					return err
				}
				tokens[p] = token
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		doors := map[string]struct {
			open []Purpose
			try  func(string) error
		}{
			"confirm": {[]Purpose{ToConfirm}, func(s string) error { _, err := e.Confirm(t.Context(), s); return err }},
			"change": {[]Purpose{ToChange}, func(s string) error {
				_, err := e.Change(t.Context(), inbox.Viewer{}, ChangeRequest{Token: s, Start: ap.StartAt})
				return err
			}},
			"cancel": {[]Purpose{ToChange, ToCancel}, func(s string) error {
				_, err := e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: s})
				return err
			}},
			"accept":   {nil, func(s string) error { _, err := e.Accept(t.Context(), s); return err }},
			"leave":    {nil, func(s string) error { return e.LeaveList(t.Context(), inbox.Viewer{}, s, 0) }},
			"look":     {[]Purpose{ToConfirm, ToChange, ToCancel, ToOffer}, func(s string) error { _, err := e.Look(t.Context(), s); return err }},
			"calendar": {[]Purpose{ToChange}, func(s string) error { _, _, err := e.CalendarFile(t.Context(), s); return err }},
			"phone":    {nil, func(s string) error { _, err := e.CheckInByPhone(t.Context(), s, "1234"); return err }},
			"join": {[]Purpose{ToChange}, func(s string) error {
				_, err := e.Join(t.Context(), inbox.Viewer{}, JoinRequest{Token: s, Key: e.key(), From: tuesday, To: tuesday})
				return err
			}},
		}
		for name, door := range doors {
			for p, token := range tokens {
				may := false
				for _, o := range door.open {
					may = may || o == p
				}
				if may {
					continue
				}
				err := door.try(token)
				if name == "phone" && p == ToChange {
					refused(t, err, WrongDay)
					continue
				}
				if err != ErrNotFound && !errors.Is(err, ErrNotFound) {
					t.Errorf("%s with a link to %s: %v", name, p, err)
				}
			}
			for _, forged := range []string{"x", secret.Token(32), change + "x", secret.HashToken(change)} {
				if err := door.try(forged); !errors.Is(err, ErrNotFound) {
					t.Errorf("%s with a forged token: %v", name, err)
				}
			}
		}
		e.clockTo(23, 0)
		e.after(minutes(10*60 + 15)) // Tuesday 9:15: over
		for name, door := range doors {
			for _, p := range door.open {
				if err := door.try(tokens[p]); !errors.Is(err, ErrNotFound) {
					t.Errorf("%s, when it is over: %v", name, err)
				}
			}
		}
		must(e.Settle(t.Context()))(t)
		if n := e.number64("SELECT COUNT(*) FROM booking_tokens"); n != 0 {
			t.Error("they are forgotten", n)
		}
	})
}

// Two devices of one person use the same link at the same moment: it works once.
func TestConfirmTwiceAtOnce(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		must(e.Book(t.Context(), inbox.Viewer{}, e.web(e.slot(tuesday, 9, 0), "lucia@example.org")))(t)
		link := e.lastLink(ToConfirm)
		errs := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := e.Confirm(t.Context(), link)
				errs <- err
			}()
		}
		a, b := <-errs, <-errs
		if a == nil {
			a, b = b, a
		}
		if !errors.Is(a, ErrNotFound) || b != nil || len(e.deliver(e.mail)) != 1 {
			t.Fatal(a, b)
		}
	})
}
