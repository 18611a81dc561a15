package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// shown writes options as "kind:value@account", with "!code" when barred and
// "*" for the default.
func shown(o *Options) string {
	var out []string
	for i, opt := range o.List {
		s := fmt.Sprintf("%s:%s@%s", opt.Identity.Kind, opt.Identity.Value, opt.Account.Key)
		if opt.Barred != "" {
			s += "!" + opt.Barred
		}
		if opt.Failed {
			s += "~"
		}
		if i == o.Default {
			s += "*"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func (e *env) options(k contact) string {
	e.t.Helper()
	o, err := e.Options(e.t.Context(), e.giulia, k.c.ID)
	if err != nil {
		e.t.Fatal(err)
	}
	return shown(o)
}

// join makes the second contact's person the first one's.
func (e *env) join(a, b contact) {
	e.t.Helper()
	if _, err := e.db.Write.NewRaw("UPDATE citizens SET root_id = ? WHERE id = ?", a.c.CitizenID, b.c.CitizenID).Exec(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
}

func TestOptions(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		tg := e.sender(e.tg)
		a, b := e.writes(e.mail, "lucia@example.org", "una"), e.writes(e.tg, "501", "due")
		if got := e.options(a); got != "email:lucia@example.org@mail*" {
			t.Fatal(got)
		}
		e.join(a, b)
		if got := e.options(a); got != "email:lucia@example.org@mail* telegram:501@telegram" {
			t.Fatal("where the citizen wrote last on this case comes first:", got)
		}
		if got := e.options(b); got != "telegram:501@telegram* email:lucia@example.org@mail" {
			t.Fatal(got)
		}
		for _, c := range []struct{ set, want string }{
			{"status = 'opted_out', opted_out_at = 1", "telegram:501@telegram* email:lucia@example.org@mail"},
			{"status = 'blocked'", "email:lucia@example.org@mail* telegram:501@telegram!blocked"},
			{"status = 'gone'", "email:lucia@example.org@mail* telegram:501@telegram!gone"},
			{"status = 'bad', status_until = 1", "telegram:501@telegram* email:lucia@example.org@mail"},
			{"status = 'active', opted_out_at = 0", "telegram:501@telegram* email:lucia@example.org@mail"},
		} {
			e.exec(t, "UPDATE identities SET "+c.set+" WHERE id = ?", b.id.ID)
			if got := e.options(b); got != c.want {
				t.Fatal(c.set, got)
			}
		}
		e.exec(t, "UPDATE accounts SET enabled = FALSE WHERE id = ?", e.tg.ID)
		if got := e.options(b); got != "email:lucia@example.org@mail* telegram:501@telegram!account_off" {
			t.Fatal(got)
		}
		e.exec(t, "UPDATE accounts SET enabled = TRUE WHERE id = ?", e.tg.ID)
		tg.refuse(&channels.Error{Class: channels.WindowClosed})
		e.mustReply(b.reply("x"))
		e.deliver(e.tg)
		if got := e.options(b); got != "email:lucia@example.org@mail* telegram:501@telegram~" {
			t.Fatal("after a failure another way of the same person is proposed:", got)
		}
		if _, err := e.Options(t.Context(), e.elena, a.c.ID); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
	})
}

func TestOptionsWithoutAWay(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		k := e.writes(e.mail, "lucia@example.org", "una")
		e.chans.put(e.mail, nil)
		if got := e.options(k); got != "email:lucia@example.org@mail!cannot_send" {
			t.Fatal(got)
		}
		e.exec(t, "UPDATE identities SET removed_at = 5 WHERE id = ?", k.id.ID)
		o, err := e.Options(t.Context(), e.giulia, k.c.ID)
		if err != nil || o.Default != -1 || len(o.List) != 0 {
			t.Fatal(o, err)
		}
	})
}

// A bot that the person never wrote to is no way, though it is the same kind.
func TestOptionsOfABotThatNeverMet(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		e.sender(e.tg)
		k := e.writes(e.mail, "lucia@example.org", "una")
		err := e.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			rows := []*Identity{
				{ID: db.NewID(e.clock), CitizenID: k.c.CitizenID, Kind: "telegram", Value: "900", Status: "active", FirstSeen: 1, LastSeen: 1},
				{ID: db.NewID(e.clock), CitizenID: k.c.CitizenID, Kind: "phone", Value: "+39340", Status: "active", FirstSeen: 1, LastSeen: 1},
				{ID: db.NewID(e.clock), CitizenID: k.c.CitizenID, Kind: "cf", Value: "X", Status: "active", FirstSeen: 1, LastSeen: 1},
			}
			return insertAll(ctx, tx, rows)
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := e.options(k); got != "email:lucia@example.org@mail* telegram:900@telegram!never_wrote_here" {
			t.Fatal(got)
		}
	})
}

func TestOptionsSubject(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		e.exec(t, "UPDATE messages SET subject = 'R: Re: Fwd: Lampione spento [PL-2026-000001-A]' WHERE id = ?", k.m.ID)
		o, err := e.Options(t.Context(), e.giulia, k.c.ID)
		if err != nil || o.Subject != "Re: Lampione spento" || o.SeenInID != k.m.ID || o.SeenID != k.m.ID {
			t.Fatal(o, err)
		}
		y, n, ok := e.sign.ParseSubjectToken(o.Token)
		if !ok || y != k.c.Year || n != k.c.Number {
			t.Fatal(o.Token)
		}
		r := e.mustReply(k.reply("x"))
		if r.Message.Subject != "Re: Lampione spento ["+o.Token+"]" {
			t.Fatal(r.Message.Subject)
		}
		cmd := k.reply("y")
		cmd.Subject = r.Message.Subject
		if r = e.mustReply(cmd); strings.Count(r.Message.Subject, o.Token) != 1 {
			t.Fatal("the token stands there once", r.Message.Subject)
		}
	})
}
