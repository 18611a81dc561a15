package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// openFile gives the root of the row's person and records that the viewer reads
// the file. The event is committed before anything is shown; when it cannot be
// written, nothing is.
func (in *Inbox) openFile(ctx context.Context, v Viewer, id int64) (root int64, err error) {
	if !v.mayOpenFiles() {
		return 0, ErrNotFound
	}
	root, err = findRoot(ctx, in.db.Read, id)
	if err != nil {
		return 0, err
	}
	if err := in.noteRead(ctx, v, "citizen.read", root, 0, 0); err != nil {
		return 0, fmt.Errorf("person: record the read: %w", err)
	}
	return root, nil
}

// findRoot gives the root of a citizen row.
func findRoot(ctx context.Context, idb bun.IDB, id int64) (root int64, err error) {
	err = idb.NewSelect().Table("citizens").Column("root_id").Where("id = ?", id).Scan(ctx, &root)
	return root, notFound(err)
}

// citizenEvent makes an event on a citizen's file, done by the viewer.
func (in *Inbox) citizenEvent(tx *db.Tx, v Viewer, kind string, citizenID int64, data any) Event {
	e := v.event(NewEvent(tx, in.clock, kind, data))
	e.CitizenID = citizenID
	return e
}
