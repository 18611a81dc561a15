package inbox

import (
	"context"
	"errors"
	"testing"

	"filodiretto/internal/db"
)

func (e *env) meet(c Contact) (m Met, err error) {
	e.t.Helper()
	err = e.db.Tx(e.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		m, err = e.MeetTx(ctx, tx, Viewer{}, c)
		return err
	})
	return m, err
}

func TestMeetKnownAndNew(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		k := e.writes(e.mail, "lucia@example.org", "una")
		got, err := e.meet(Contact{Name: "Somebody Else", Email: " Lucia@Example.org", Phone: "333 1234567", Source: "form"})
		if err != nil || got.CitizenID != k.id.CitizenID || got.IdentityID != k.id.ID || got.RootID != k.id.CitizenID {
			t.Fatalf("%+v %v", got, err)
		}
		if n := e.count(t, "identities"); n != 1 {
			t.Fatal("who types a known address changes nothing of the file", n)
		}
		p, err := e.Person(t.Context(), e.giulia, k.id.CitizenID)
		if err != nil || p.Name != "Lucia Ferrante" {
			t.Fatal(p.Name, err)
		}
		fresh, err := e.meet(Contact{Name: "Nuovo Arrivato", Email: "nuovo@example.org", Phone: "333 1234567", Lang: "en", Source: "form"})
		if err != nil || fresh.CitizenID == 0 || fresh.CitizenID != fresh.RootID {
			t.Fatalf("%+v %v", fresh, err)
		}
		if id := e.identity(fresh.IdentityID); id.Kind != "email" || id.Value != "nuovo@example.org" || id.Proof != Declared || id.Source != "form" {
			t.Fatalf("%+v", id)
		}
		phone, err := e.meet(Contact{Name: "Senza Posta", Phone: "0575 123456", Source: "counter"})
		if err != nil || e.identity(phone.IdentityID).Kind != "phone" {
			t.Fatalf("%+v %v", phone, err)
		}
		if _, err := e.meet(Contact{Name: "X", Email: "no address"}); !errors.Is(err, ErrInvalid) {
			t.Fatal(err)
		}
		if _, err := e.meet(Contact{Email: "other@example.org"}); !errors.Is(err, ErrInvalid) {
			t.Fatal(err)
		}
	})
}

func TestProveTakesNothingAway(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		k := e.writes(e.mail, "lucia@example.org", "una")
		prove := func() Proof {
			t.Helper()
			if err := e.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return e.ProveTx(ctx, tx, k.id.ID) }); err != nil {
				t.Fatal(err)
			}
			return e.identity(k.id.ID).Proof
		}
		if got := prove(); got != Confirmed {
			t.Fatal(got)
		}
		e.exec(t, "UPDATE identities SET proof = 2 WHERE id = ?", k.id.ID)
		if got := prove(); got != Certain {
			t.Fatal(got)
		}
		e.exec(t, "UPDATE identities SET proof = 0, removed_at = 1 WHERE id = ?", k.id.ID)
		if got := prove(); got != Declared {
			t.Fatal("an identity that was taken off is proved by nothing", got)
		}
	})
}
