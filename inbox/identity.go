package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"filodiretto/channels/pec"
	"filodiretto/internal/db"
	"filodiretto/internal/fiscalcode"
	"filodiretto/internal/person"
)

// reachedBy says with which kind of identity a channel reaches a person. Those
// with none are ways in that need no address.
var reachedBy = map[string]string{"mail": "email", "pec": "pec", "telegram": "telegram", "phone": "phone", "counter": ""}

// NewIdentity is an identity as a person typed it.
type NewIdentity struct {
	Kind    string // "email", "pec", "phone", "cf", "address"
	Value   string // as typed
	Display string // a label; empty takes the value as typed
	Source  string // "operator" when empty; "counter", "phone", "form"
	// OverrideReason lets a codice fiscale with a wrong check character pass,
	// since typing errors in the registry itself exist (italian-pa section 3).
	OverrideReason string
}

// WarningError is a doubt that the caller may override, each in its own way.
type WarningError struct{ Field, Code string }

// The doubts.
const (
	WarnCheckLetter = "cf_wrong_check" // of a codice fiscale; overridden with a reason
	WarnOtherPerson = "other_person"   // a visit to the case of somebody else; overridden by Visit.OtherPerson
)

// Error names the field and the code.
func (e *WarningError) Error() string { return "doubtful: " + e.Field + ": " + e.Code }

// Is makes errors.Is(err, ErrInvalid) true, for callers that cannot ask back.
func (e *WarningError) Is(target error) bool { return target == ErrInvalid }

// TakenError says that an address is another person's already. A proposal that
// the two are one person has been made.
type TakenError struct {
	CitizenID int64 // root of the other person
	Name      string
}

// Error tells what is wrong and no name.
func (e *TakenError) Error() string { return "the address belongs to another person" }

// Is makes errors.Is(err, ErrInvalid) true.
func (e *TakenError) Is(target error) bool { return target == ErrInvalid }

// How long texts of people may be, in characters. What is longer is cut.
const (
	mostName   = 200
	mostReason = 500
	mostNote   = 10_000
)

// region is the country whose numbers are written without a prefix.
const region = "IT"

// AddIdentity adds to a citizen row what an operator learned of the person, as
// declared, and proposes whoever else has the same. Errors: InvalidError on
// "kind" or "value" ("bad_form", "refused", "known" when the person has it
// already), *WarningError "cf_wrong_check" that OverrideReason overrides,
// *TakenError for an e-mail address of somebody else.
func (in *Inbox) AddIdentity(ctx context.Context, v Viewer, citizenID int64, n NewIdentity) (*Identity, error) {
	if !v.mayOpenFiles() {
		return nil, ErrNotFound
	}
	row, err := n.normalise()
	if err != nil {
		return nil, err
	}
	var taken *TakenError
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		taken = nil
		row.CitizenID = citizenID
		err := in.addIdentity(ctx, tx, v, row)
		if errors.As(err, &taken) {
			return nil // the proposal stays
		}
		return err
	})
	if err == nil && taken != nil {
		err = taken
	}
	if err != nil {
		return nil, err
	}
	return row, nil
}

// addIdentity is AddIdentity within a transaction. After a TakenError the
// transaction may go on and keeps the proposal.
func (in *Inbox) addIdentity(ctx context.Context, tx *db.Tx, v Viewer, row *Identity) error {
	root, err := findRoot(ctx, tx, row.CitizenID)
	if err != nil {
		return err
	}
	if err := in.refuseKnown(ctx, tx, root, row); err != nil {
		return err
	}
	row.ID, row.FirstSeen, row.LastSeen = db.NewID(in.clock), tx.Now, tx.Now
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("add identity: %w", err)
	}
	data := map[string]any{"identity": row.ID, "kind": row.Kind, "source": row.Source}
	if row.Warning != "" {
		data["warning"], data["override_reason"] = row.Warning, row.OverrideReason
	}
	if err := AppendEvents(ctx, tx, in.citizenEvent(tx, v, "identity.added", row.CitizenID, data)); err != nil {
		return fmt.Errorf("add identity: %w", err)
	}
	if err := indexCitizens(ctx, tx, nil, []*Identity{row}); err != nil {
		return fmt.Errorf("add identity: %w", err)
	}
	if err := in.proposeFor(ctx, tx, []Identity{*row}); err != nil {
		return err
	}
	return in.tellPeople(ctx, tx, root)
}

// refuseKnown looks whether the person has the identity already, or whether it
// is an address of somebody else.
func (in *Inbox) refuseKnown(ctx context.Context, tx *db.Tx, root int64, row *Identity) error {
	var same []struct{ CitizenID, RootID int64 }
	q := tx.NewSelect().TableExpr("identities AS i").Join("JOIN citizens AS z ON z.id = i.citizen_id").
		Column("i.citizen_id", "z.root_id").Where("i.removed_at = 0 AND i.kind = ? AND i.scope = ? AND i.value = ?", row.Kind, row.Scope, row.Value)
	if isAddress(row.Kind) {
		q = q.Where("i.kind IN ('email','telegram','pec')") // names the unique index
	} else {
		q = q.Where("i.match_key = ? AND z.root_id = ?", row.MatchKey, root)
	}
	if err := q.Scan(ctx, &same); err != nil {
		return fmt.Errorf("add identity: %w", err)
	}
	if len(same) == 0 {
		return nil
	}
	if same[0].RootID == root {
		return &InvalidError{"value", "known"}
	}
	if err := in.propose(ctx, tx, []pair{newPair(row.CitizenID, same[0].CitizenID, "email")}); err != nil {
		return fmt.Errorf("add identity: %w", err)
	}
	names, err := personNames(ctx, tx, []int64{same[0].RootID})
	if err != nil {
		return fmt.Errorf("add identity: %w", err)
	}
	return &TakenError{same[0].RootID, names[same[0].RootID]}
}

// normalise checks what was typed and makes a row of it, without ids.
func (n NewIdentity) normalise() (*Identity, error) {
	typed := cut(clean(n.Value), 300)
	row := &Identity{Kind: n.Kind, Display: cut(clean(n.Display), mostName), Source: n.Source, Proof: Declared, Status: "active"}
	if row.Display == "" {
		row.Display = typed
	}
	if row.Source == "" {
		row.Source = "operator"
	}
	var ok bool
	switch n.Kind {
	case "email", "pec":
		row.Value, ok = person.Email(typed)
		ok = ok && !pec.Relays(row.Value)
	case "phone":
		row.Value, ok = person.Phone(typed, region)
		row.MatchKey = row.Value
	case "address":
		// Kept as written: it goes on envelopes, and a better reader may come.
		a := person.Address(typed)
		row.Value, row.Display, ok = a.String(), typed, !a.IsZero()
		row.MatchKey = postalKey(a)
	case "cf":
		return row, n.codiceFiscale(row, typed)
	default:
		return nil, &InvalidError{"kind", "unknown"}
	}
	if !ok {
		return nil, &InvalidError{"value", "bad_form"}
	}
	return row, nil
}

func (n NewIdentity) codiceFiscale(row *Identity, typed string) error {
	row.Value = fiscalcode.Normalise(typed)
	row.MatchKey = row.Value
	switch fiscalcode.Check(row.Value).Status {
	case fiscalcode.Valid:
		return nil
	case fiscalcode.WrongCheck:
		row.Warning, row.OverrideReason = WarnCheckLetter, cut(clean(n.OverrideReason), mostReason)
		if row.OverrideReason == "" {
			return &WarningError{"value", row.Warning}
		}
		return nil
	case fiscalcode.Refused:
		return &InvalidError{"value", "refused"}
	}
	return &InvalidError{"value", "bad_form"}
}

// postalKey is the rough key by which addresses are looked up: the number and
// the last word of the street, since "via Garibaldi 14" and "v. G. Garibaldi 14
// int. 3" may be one place. It is empty without a number.
func postalKey(a person.Postal) string {
	words := strings.Fields(a.Street)
	if len(words) == 0 || a.Civic == "" {
		return ""
	}
	return words[len(words)-1] + " " + a.Civic
}

// findIdentity reads one identity, removed or not.
func findIdentity(ctx context.Context, idb bun.IDB, id int64) (*Identity, error) {
	row := new(Identity)
	if err := idb.NewSelect().Model(row).Where("i.id = ?", id).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return row, nil
}

// clean makes one line of what was typed: no control characters, no characters
// that change the direction of the text, single blanks.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// cut shortens s to at most n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
