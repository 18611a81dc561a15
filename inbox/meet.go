package inbox

import (
	"context"
	"errors"
	"fmt"

	"filodiretto/channels"
	"filodiretto/internal/db"
	"filodiretto/internal/person"
)

// Contact is what somebody says of themselves where they ask for something
// without writing a message, as when an appointment is booked on a page.
type Contact struct {
	Name   string
	Email  string
	PEC    string // a certified address; where there is one, it is who they are known by
	Phone  string
	Lang   string
	Source string // "form", "counter"; where it was said
}

// Met is who that is.
type Met struct {
	CitizenID  int64 // the row of the address; a new one where none was known
	RootID     int64
	IdentityID int64 // of the certified address, else of the mail address, else of the telephone; 0 without any
}

// MeetTx finds the citizen whom a contact means, or makes a file for them, within
// a transaction of the caller. A mail address that is known is its person,
// whatever name was typed beside it, and nothing of the file is changed: the
// caller must not take who typed an address for who reads there. A telephone
// number that somebody else has makes a proposal. *InvalidError on "name",
// "email", "pec" or "phone".
func (in *Inbox) MeetTx(ctx context.Context, tx *db.Tx, v Viewer, c Contact) (Met, error) {
	for _, a := range []channels.Address{{Kind: "pec", Value: c.PEC}, {Kind: "email", Value: c.Email}} {
		if a.Value == "" {
			continue
		}
		var ok bool
		if a.Value, ok = person.Email(a.Value); !ok {
			return Met{}, &InvalidError{a.Kind, "bad_form"}
		}
		row, known, err := in.linkSameIdentity(ctx, tx, []channels.Address{a})
		if err != nil {
			return Met{}, err
		}
		if known {
			return in.met(ctx, tx, row, a.Kind, a.Value)
		}
	}
	name := c.Name
	if name == "" {
		return Met{}, &InvalidError{"name", "missing"}
	}
	z, err := in.createCitizen(ctx, tx, v, NewCitizen{Name: name, Lang: c.Lang})
	if err != nil {
		return Met{}, fmt.Errorf("meet: %w", err)
	}
	out := Met{CitizenID: z.ID, RootID: z.RootID}
	for _, n := range []NewIdentity{{Kind: "phone", Value: c.Phone, Source: c.Source}, {Kind: "email", Value: c.Email, Source: c.Source}, {Kind: "pec", Value: c.PEC, Source: c.Source}} {
		if n.Value == "" {
			continue
		}
		row, err := n.normalise()
		if err != nil {
			return Met{}, fieldOf(err, n.Kind)
		}
		row.CitizenID = z.ID
		var taken *TakenError
		switch err := in.addIdentity(ctx, tx, v, row); {
		case errors.As(err, &taken): // between the look and now
			return Met{}, ErrChanged
		case err != nil:
			return Met{}, fieldOf(err, n.Kind)
		}
		out.IdentityID = row.ID // the last there is
	}
	return out, nil
}

// met names an identity that is known.
func (in *Inbox) met(ctx context.Context, tx *db.Tx, citizenID int64, kind, value string) (Met, error) {
	out := Met{CitizenID: citizenID}
	err := tx.NewRaw(`SELECT i.id AS identity_id, z.root_id FROM identities AS i JOIN citizens AS z ON z.id = i.citizen_id
		WHERE i.kind = ? AND i.scope = '' AND i.value = ? AND i.removed_at = 0 AND i.kind IN ('email','telegram','pec')`, kind, value).Scan(ctx, &out.IdentityID, &out.RootID)
	if err != nil {
		return out, fmt.Errorf("meet: %w", notFound(err))
	}
	return out, nil
}

// ProveTx records that whoever reads at an identity gave back what was sent there.
// It takes no proof away.
func (in *Inbox) ProveTx(ctx context.Context, tx *db.Tx, identityID int64) error {
	id, err := findIdentity(ctx, tx, identityID)
	if err != nil || id.Proof >= Confirmed || !id.RemovedAt.IsZero() {
		return err
	}
	_, err = tx.NewRaw("UPDATE identities SET proof = ?, proof_source = 'code_returned', verified_at = ?, verified_by = 0 WHERE id = ? AND proof < ?",
		Confirmed, tx.Now, id.ID, Confirmed).Exec(ctx)
	if err != nil {
		return fmt.Errorf("prove identity: %w", err)
	}
	e := in.citizenEvent(tx, Viewer{}, "identity.proved", id.CitizenID,
		map[string]any{"identity": id.ID, "kind": id.Kind, "before": id.Proof, "level": Confirmed, "source": "code_returned"})
	e.Actor = "citizen"
	if err := AppendEvents(ctx, tx, e); err != nil {
		return fmt.Errorf("prove identity: %w", err)
	}
	return in.tellPeople(ctx, tx, id.CitizenID)
}
