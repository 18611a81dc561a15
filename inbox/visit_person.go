package inbox

import (
	"context"
	"errors"

	"filodiretto/internal/db"
	"filodiretto/internal/person"
)

// visitor finds or makes the record of who came, and adds what they said of
// themselves. A mail address that is known is the person; a telephone number or
// codice fiscale that somebody else has makes a proposal. source is where they
// said it: "counter" or "phone".
func (in *Inbox) visitor(ctx context.Context, tx *db.Tx, v Viewer, w Visit, source string) (*Citizen, error) {
	z, err := in.visitorRow(ctx, tx, v, w)
	if err != nil {
		return nil, err
	}
	for _, n := range []NewIdentity{
		{Kind: "cf", Value: w.CF, OverrideReason: w.CFReason},
		{Kind: "phone", Value: w.Phone},
		{Kind: "email", Value: w.Email},
		{Kind: "address", Value: w.Address},
	} {
		if n.Value == "" {
			continue
		}
		n.Source = source
		if err := in.addSaid(ctx, tx, v, z.ID, n, w.DocumentSeen); err != nil {
			return nil, err
		}
	}
	return z, nil
}

func (in *Inbox) visitorRow(ctx context.Context, tx *db.Tx, v Viewer, w Visit) (*Citizen, error) {
	z := new(Citizen)
	if w.CitizenID != 0 {
		err := tx.NewSelect().Model(z).Where("z.id = ?", w.CitizenID).Scan(ctx)
		return z, notFound(err)
	}
	if mail, ok := person.Email(w.Email); ok {
		err := tx.NewSelect().Model(z).Where("z.id = (SELECT i.citizen_id FROM identities AS i WHERE i.kind = 'email' AND i.scope = '' AND i.value = ? AND i.removed_at = 0 AND i.kind IN ('email','telegram','pec'))", mail).Scan(ctx)
		if err == nil || notFound(err) != ErrNotFound {
			return z, err
		}
	}
	name := w.Person
	if name == "" {
		name = map[bool]string{true: "No name given", false: "Senza nome"}[in.set.Lang == "en"]
	}
	source := "operator"
	if w.DocumentSeen {
		source = "document"
	}
	return in.createCitizen(ctx, tx, v, NewCitizen{Name: name, NameSource: source})
}

// addSaid adds an identity that the visitor told. What is known of them already
// is no error; an address of somebody else stays a proposal.
func (in *Inbox) addSaid(ctx context.Context, tx *db.Tx, v Viewer, citizenID int64, n NewIdentity, seen bool) error {
	row, err := n.normalise()
	if err != nil {
		return fieldOf(err, n.Kind)
	}
	row.CitizenID = citizenID
	if seen && n.Kind == "cf" {
		row.Proof, row.ProofSource, row.VerifiedAt, row.VerifiedBy = Certain, "document_seen", tx.Now, v.OperatorID
	}
	err = in.addIdentity(ctx, tx, v, row)
	var taken *TakenError
	var invalid *InvalidError
	if errors.As(err, &taken) || errors.As(err, &invalid) && invalid.Code == "known" {
		return nil
	}
	return err
}

// fieldOf names the field of the visit's form instead of "value".
func fieldOf(err error, field string) error {
	var invalid *InvalidError
	if errors.As(err, &invalid) {
		return &InvalidError{field, invalid.Code}
	}
	var warning *WarningError
	if errors.As(err, &warning) {
		return &WarningError{field, warning.Code}
	}
	return err
}
