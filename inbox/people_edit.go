package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/uptrace/bun"
	"golang.org/x/text/language"

	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/internal/person"
)

// NewCitizen is a file that an operator opens by hand.
type NewCitizen struct {
	Name       string
	NameSource string // "operator" when empty; "document" when one was seen
	Lang       string // BCP 47, or empty
	Preferred  string // channel, or empty
	Note       string
	Identities []NewIdentity
}

// CreateCitizen opens a file. It makes no second one for an address that is
// known: that is a *TakenError and nothing is stored, so look with
// SearchCitizens first. Other errors are those of AddIdentity, with the field
// "identities" for all of them, and InvalidError on "name", "lang", "preferred".
func (in *Inbox) CreateCitizen(ctx context.Context, v Viewer, n NewCitizen) (*Citizen, error) {
	if !v.mayOpenFiles() {
		return nil, ErrNotFound
	}
	var z *Citizen
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		z, err = in.createCitizen(ctx, tx, v, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	return z, nil
}

// createCitizen is CreateCitizen within a transaction.
func (in *Inbox) createCitizen(ctx context.Context, tx *db.Tx, v Viewer, n NewCitizen) (*Citizen, error) {
	z := &Citizen{ID: db.NewID(in.clock), Version: 1, CreatedAt: tx.Now}
	z.RootID = z.ID
	if n.NameSource == "" {
		n.NameSource = "operator"
	}
	edit := CitizenEdit{Name: &n.Name, NameSource: n.NameSource, Lang: &n.Lang, Preferred: &n.Preferred, Note: &n.Note}
	if _, err := edit.apply(z); err != nil {
		return nil, err
	}
	if _, err := tx.NewInsert().Model(z).Exec(ctx); err != nil {
		return nil, fmt.Errorf("create citizen: %w", err)
	}
	if err := AppendEvents(ctx, tx, in.citizenEvent(tx, v, "citizen.created", z.ID, map[string]any{"source": "operator"})); err != nil {
		return nil, fmt.Errorf("create citizen: %w", err)
	}
	if err := indexCitizens(ctx, tx, []*Citizen{z}, nil); err != nil {
		return nil, fmt.Errorf("create citizen: %w", err)
	}
	for _, i := range n.Identities {
		row, err := i.normalise()
		if err != nil {
			return nil, err
		}
		row.CitizenID = z.ID
		if err := in.addIdentity(ctx, tx, v, row); err != nil {
			return nil, err
		}
	}
	return z, in.tellPeople(ctx, tx, z.ID)
}

// CitizenEdit says what to change of a person; nil leaves a field as it is.
type CitizenEdit struct {
	Version    int64 // Person.Version as seen
	Name       *string
	NameSource string // of a new name: "operator" when empty, or "document"
	Lang       *string
	Preferred  *string
	Note       *string // of the root row
}

// UpdateCitizen changes the root row of the person to whom the row id belongs;
// what is written there goes on with it when a merge is undone. ErrChanged when
// somebody else changed or merged the person after Version was read.
func (in *Inbox) UpdateCitizen(ctx context.Context, v Viewer, id int64, edit CitizenEdit) error {
	if !v.mayOpenFiles() {
		return ErrNotFound
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		root, err := findRoot(ctx, tx, id)
		if err != nil {
			return err
		}
		z := new(Citizen)
		if err := tx.NewSelect().Model(z).Where("z.id = ?", root).Scan(ctx); err != nil {
			return notFound(err)
		}
		if z.Version != edit.Version {
			return ErrChanged
		}
		changed, err := edit.apply(z)
		if err != nil || len(changed) == 0 {
			return err
		}
		return in.storeCitizen(ctx, tx, v, z, changed)
	})
}

func (in *Inbox) storeCitizen(ctx context.Context, tx *db.Tx, v Viewer, z *Citizen, changed []string) error {
	seen := z.Version
	z.Version++
	res, err := tx.NewUpdate().Model(z).Column("name", "name_source", "name_key", "lang", "preferred", "note", "version").
		WherePK().Where("version = ?", seen).Exec(ctx)
	if err != nil {
		return fmt.Errorf("update citizen: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrChanged)
	}
	e := in.citizenEvent(tx, v, "citizen.updated", z.ID, map[string]any{"fields": changed})
	if err := AppendEvents(ctx, tx, e); err != nil {
		return fmt.Errorf("update citizen: %w", err)
	}
	if err := reindexCitizen(ctx, tx, z.ID); err != nil {
		return fmt.Errorf("update citizen: %w", err)
	}
	if err := in.refreshNames(ctx, tx, []int64{z.RootID}); err != nil {
		return fmt.Errorf("update citizen: %w", err)
	}
	return in.tellPeople(ctx, tx, z.RootID)
}

// apply changes z and names the fields that are different now.
func (edit CitizenEdit) apply(z *Citizen) (changed []string, err error) {
	set := func(field string, to *string, value string) {
		if *to != value {
			*to = value
			changed = append(changed, field)
		}
	}
	if edit.Name != nil {
		name := cut(clean(*edit.Name), mostName)
		if name == "" {
			return nil, &InvalidError{"name", "missing"}
		}
		source := edit.NameSource
		if source == "" {
			source = "operator"
		}
		if source != "operator" && source != "document" {
			return nil, &InvalidError{"name_source", "unknown"}
		}
		set("name", &z.Name, name)
		set("name_source", &z.NameSource, source)
		z.NameKey = person.Name(name)
	}
	if edit.Lang != nil {
		lang := strings.TrimSpace(*edit.Lang)
		if lang != "" {
			tag, err := language.Parse(lang)
			if err != nil {
				return nil, &InvalidError{"lang", "unknown"}
			}
			lang = tag.String()
		}
		set("lang", &z.Lang, lang)
	}
	if edit.Preferred != nil {
		if _, known := reachedBy[*edit.Preferred]; !known && *edit.Preferred != "" {
			return nil, &InvalidError{"preferred", "unknown"}
		}
		set("preferred", &z.Preferred, *edit.Preferred)
	}
	if edit.Note != nil {
		set("note", &z.Note, cut(cleanLines(*edit.Note), mostNote))
	}
	return changed, nil
}

// cleanLines is clean for a text of several lines.
func cleanLines(s string) string {
	s = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(s)
}

// tellPeople lets open pages know, after the commit, that the files of rows and
// the rows of their cases are to be read again.
func (in *Inbox) tellPeople(ctx context.Context, tx *db.Tx, ids ...int64) error {
	var people []struct{ ID, Version int64 }
	err := tx.NewSelect().TableExpr("citizens AS z").Column("z.id", "z.version").
		Where("z.id IN (SELECT root_id FROM citizens WHERE id IN (?))", bun.List(ids)).Scan(ctx, &people)
	if err != nil {
		return err
	}
	tx.After(func() {
		for _, p := range people {
			in.hub.Publish(live.Event{Topic: "citizen", ID: p.ID, Version: p.Version, Kind: "changed"})
		}
	})
	return nil
}
