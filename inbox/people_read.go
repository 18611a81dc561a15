package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// readAgain is how long one event stands for all reads of a file by the same
// operator: a page that refreshes itself is one look, not a hundred.
const readAgain = 10 * time.Minute

// openFile gives the root of the row's person and records that the viewer reads
// the file. The event is committed before anything is shown; when it cannot be
// written, nothing is. Jobs leave no trace, since nobody reads.
func (in *Inbox) openFile(ctx context.Context, v Viewer, id int64) (root int64, err error) {
	if !v.mayOpenFiles() {
		return 0, ErrNotFound
	}
	root, err = findRoot(ctx, in.db.Read, id)
	if err != nil || v.OperatorID == 0 {
		return root, err
	}
	var last int64
	err = in.db.Read.NewSelect().Table("citizen_reads").Column("at").Where("operator_id = ? AND citizen_id = ?", v.OperatorID, root).Scan(ctx, &last)
	if err = notFound(err); err != nil && !errors.Is(err, ErrNotFound) {
		return 0, fmt.Errorf("person: last read: %w", err)
	}
	if last > int64(in.clock.Now().Add(-readAgain)) {
		return root, nil
	}
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return in.recordRead(ctx, tx, v, root) })
	if err != nil {
		return 0, fmt.Errorf("person: record the read: %w", err)
	}
	return root, nil
}

// recordRead appends citizen.read unless another page of the same operator has
// done so meanwhile.
func (in *Inbox) recordRead(ctx context.Context, tx *db.Tx, v Viewer, root int64) error {
	res, err := tx.NewRaw(`INSERT INTO citizen_reads (operator_id, citizen_id, at) VALUES (?, ?, ?)
		ON CONFLICT (operator_id, citizen_id) DO UPDATE SET at = excluded.at WHERE citizen_reads.at <= ?`,
		v.OperatorID, root, tx.Now, tx.Now.Add(-readAgain)).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return AppendEvents(ctx, tx, in.citizenEvent(tx, v, "citizen.read", root, nil))
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
