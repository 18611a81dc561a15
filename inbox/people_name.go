package inbox

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
	"filodiretto/internal/live"
)

// nameRank orders the sources of a name by how far we trust them. A name that
// is only an address or a handle ("mail_address") is the last resort.
func nameRank(z *Citizen) int {
	switch {
	case z.Name == "":
		return 0
	case strings.HasSuffix(z.NameSource, "_address"):
		return 1
	case z.NameSource == "operator":
		return 3
	case z.NameSource == "document":
		return 4
	}
	return 2
}

// realName is the row's name where it is one, and empty where it is only an
// address or a handle.
func realName(z *Citizen) string {
	if nameRank(z) < 2 {
		return ""
	}
	return z.Name
}

// bestName gives the row whose name a person bears: the root's, unless that is
// what a platform said and another row has a name from a better source. rows
// begin with the root and are not empty.
func bestName(rows []Citizen) *Citizen {
	best := &rows[0]
	if nameRank(best) >= 3 {
		return best
	}
	for i := range rows {
		if nameRank(&rows[i]) > nameRank(best) {
			best = &rows[i]
		}
	}
	return best
}

// personNames gives the names of persons, by root, as lists show them.
func personNames(ctx context.Context, idb bun.IDB, roots []int64) (map[int64]string, error) {
	names := map[int64]string{}
	if len(roots) == 0 {
		return names, nil
	}
	rows, err := findRows(ctx, idb, roots...)
	for start := 0; start < len(rows); {
		end := start
		for end < len(rows) && rows[end].RootID == rows[start].RootID {
			end++
		}
		names[rows[start].RootID] = bestName(rows[start:end]).Name
		start = end
	}
	return names, err
}

// refreshNames writes the names of persons into their cases, where lists read
// them, and tells the lists. The cases' versions stay: nothing of the matter
// has changed, and nobody who answers it should be stopped.
func (in *Inbox) refreshNames(ctx context.Context, tx *db.Tx, roots []int64) error {
	names, err := personNames(ctx, tx, roots)
	if err != nil {
		return err
	}
	for root, name := range names {
		var changed []struct{ ID, OfficeID, Version int64 }
		err := tx.NewRaw(`UPDATE cases SET person = ? WHERE person <> ? AND citizen_id IN (SELECT id FROM citizens WHERE root_id = ?)
			RETURNING id, office_id, version`, name, name, root).Scan(ctx, &changed)
		if err != nil {
			return err
		}
		tx.After(func() {
			for _, c := range changed {
				in.hub.Publish(live.Event{Topic: "case", ID: c.ID, Version: c.Version, Office: c.OfficeID, Kind: "changed"})
			}
		})
	}
	return nil
}
