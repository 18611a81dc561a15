package inbox

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// chat makes a citizen as the ingest does when somebody writes to the bot.
func (e *env) chat(name, user string) (*Citizen, *Identity) {
	e.t.Helper()
	z := &Citizen{ID: db.NewID(e.clock), Name: name, NameSource: "telegram", Version: 1, CreatedAt: e.manual.Now()}
	z.RootID = z.ID
	id := &Identity{
		ID: db.NewID(e.clock), CitizenID: z.ID, Kind: "telegram", Value: user, Display: name, Handle: "@" + user + "_f", Proof: Confirmed,
		Source: "telegram", Status: "active", VerifiedAt: e.manual.Now(), FirstSeen: e.manual.Now(), LastSeen: e.manual.Now(),
	}
	e.tx(func(ctx context.Context, tx *db.Tx) error {
		if err := insertAll(ctx, tx, []*Citizen{z}); err != nil {
			return err
		}
		if err := insertAll(ctx, tx, []*Identity{id}); err != nil {
			return err
		}
		return indexCitizens(ctx, tx, []*Citizen{z}, []*Identity{id})
	})
	return z, id
}

func (e *env) use(token string, identityID int64) (ok bool) {
	e.t.Helper()
	e.tx(func(ctx context.Context, tx *db.Tx) error {
		to, err := e.useLink(ctx, tx, token, identityID, "it")
		ok = to != ""
		return err
	})
	return ok
}

func (e *env) link(z *Citizen) string {
	e.t.Helper()
	l, err := e.MakeLink(e.t.Context(), e.giulia, z.ID, 0)
	if err != nil {
		e.t.Fatal(err)
	}
	return l.Word
}

func TestLinkMergesAndIsReversible(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		z := e.citizen("Lucia Ferrante", "phone:333 1234567")
		chat, id := e.chat("lucia", "555")
		token := e.link(z)
		if s, err := e.LinkOf(t.Context(), e.giulia, z.ID); err != nil || s.UsedAt != 0 || s.ExpiresAt.Sub(s.MadeAt) != 24*time.Hour || s.ByName != "Giulia Moretti" {
			t.Errorf("not used yet: %+v %v", s, err)
		}
		if len(token) != 22 {
			t.Errorf("token of %d characters", len(token))
		}
		before := e.snapshot()
		if !e.use(token, id.ID) {
			t.Fatal("a good token was refused")
		}
		p := e.person(e.giulia, chat.ID)
		if p.ID != z.ID || p.Name != "Lucia Ferrante" || len(p.Identities) != 2 || p.Merges[0].ByName != "" || p.Merges[0].Reason != "link" {
			t.Errorf("%+v", p)
		}
		if got := p.Identities[1]; got.Proof != Certain || got.ProofSource != "link" {
			t.Errorf("identity: %+v", got)
		}
		if p.Link == nil || p.Link.UsedAt != e.manual.Now() || p.Link.With != id.Shown() {
			t.Errorf("the file does not tell by whom it was used: %+v", p.Link)
		}
		if e.use(token, id.ID) {
			t.Error("used twice")
		}
		e.undo(&p.Merges[0].Merge)
		if diff := cmp.Diff(before, e.snapshot()); diff != "" {
			t.Error("after undo:", diff)
		}
		if s, err := e.LinkOf(t.Context(), e.giulia, z.ID); err != nil || s != nil {
			t.Errorf("a link that was undone is told as in force: %+v %v", s, err)
		}
	})
}

func TestLinkRefusals(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		z, other := e.citizen("Lucia Ferrante"), e.citizen("Marco Conti")
		chat, id := e.chat("lucia", "555")
		before := e.snapshot()
		refused := func(what, token string) {
			t.Helper()
			if e.use(token, id.ID) {
				t.Error(what, "was accepted")
			}
			if diff := cmp.Diff(before, e.snapshot()); diff != "" {
				t.Error(what, "changed something:", diff)
			}
		}
		refused("an empty token", "")
		refused("a forged token", "AAAAAAAAAAAAAAAAAAAAAA")
		late := e.link(z)
		e.manual.Advance(24 * time.Hour)
		refused("an expired token", late)
		replaced := e.link(z)
		e.link(z)
		refused("a token for which another was made", replaced)
		apart := e.link(z)
		if err := e.NotSame(t.Context(), e.giulia, z.ID, chat.ID); err != nil {
			t.Fatal(err)
		}
		before = e.snapshot()
		refused("a token of somebody said to be another", apart)
		if n := count(e.kinds(chat.ID), "link.refused"); n != 5 {
			t.Errorf("%d events tell of it, want 5", n)
		}
		if !e.use(e.link(other), id.ID) {
			t.Error("a good token was refused")
		}
		if _, err := e.MakeLink(t.Context(), Viewer{OperatorID: 3}, z.ID, 0); !errors.Is(err, ErrNotFound) {
			t.Error("no office:", err)
		}
		if _, err := e.MakeLink(t.Context(), e.giulia, 4711, 0); !errors.Is(err, ErrNotFound) {
			t.Error("unknown citizen:", err)
		}
		if _, err := e.MakeLink(t.Context(), e.giulia, z.ID, e.case_(other, e.urp, "mail", "x").ID); !errors.Is(err, ErrNotFound) {
			t.Error("somebody else's case:", err)
		}
	})
}

func TestLinkOfTheSamePersonOnlyProves(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		chat, id := e.chat("lucia", "555")
		if !e.use(e.link(chat), id.ID) {
			t.Fatal("refused")
		}
		p := e.person(e.giulia, chat.ID)
		if len(p.Merges) != 0 || p.Identities[0].Proof != Certain {
			t.Errorf("%+v", p)
		}
	})
}

// What somebody proved after the link must outlive the link's undoing, and one
// of two links must not take the other's proof away.
func TestLinkUndoneKeepsOtherProof(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a, b := e.citizen("Anna"), e.citizen("Anna B.")
		chat, id := e.chat("anna", "555")
		proof := func() (Proof, string) {
			t.Helper()
			got, err := findIdentity(t.Context(), e.db.Read, id.ID)
			if err != nil {
				t.Fatal(err)
			}
			return got.Proof, got.ProofSource
		}
		e.use(e.link(a), id.ID)
		e.use(e.link(b), id.ID)
		merges := e.person(e.giulia, chat.ID).Merges // newest first
		e.undo(&merges[1].Merge)
		if p, s := proof(); p != Certain || s != "link" {
			t.Errorf("the second link still holds: %d %s", p, s)
		}
		e.undo(&merges[0].Merge)
		if p, s := proof(); p != Confirmed || s != "" {
			t.Errorf("both undone: %d %q", p, s)
		}
		e.use(e.link(a), id.ID)
		if err := e.SetProof(t.Context(), e.giulia, id.ID, Certain, "document_seen"); err != nil {
			t.Fatal(err)
		}
		e.undo(&e.person(e.giulia, chat.ID).Merges[0].Merge)
		if p, s := proof(); p != Certain || s != "document_seen" {
			t.Errorf("a document was seen: %d %q", p, s)
		}
	})
}

func TestLinkSameIdentity(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a := e.citizen("Lucia Ferrante", "email:lucia@posta.example", "phone:333 1234567")
		chat, _ := e.chat("Lucia F.", "555")
		find := func(given ...channels.Address) (id int64, ok bool) {
			t.Helper()
			e.tx(func(ctx context.Context, tx *db.Tx) (err error) {
				id, ok, err = e.linkSameIdentity(ctx, tx, given)
				return err
			})
			return id, ok
		}
		mail := channels.Address{Kind: "email", Value: "lucia@posta.example"}
		bot := channels.Address{Kind: "telegram", Value: "555"}
		if id, ok := find(mail); !ok || id != a.ID {
			t.Error("known address:", id, ok)
		}
		if _, ok := find(channels.Address{Kind: "phone", Value: "+393331234567"}); ok {
			t.Error("a telephone is no identity, only a reason to ask")
		}
		if _, ok := find(channels.Address{Kind: "email", Value: "nobody@posta.example"}, channels.Address{Kind: "email"}); ok {
			t.Error("unknown addresses")
		}
		if id, ok := find(bot, mail); !ok || id != chat.ID {
			t.Error("the first address counts:", id, ok)
		}
		if got := e.asked(a.ID); len(got) != 1 || got[0] != "Lucia F.: form name 90" {
			t.Errorf("a form that names two persons: %q", got)
		}
	})
}
