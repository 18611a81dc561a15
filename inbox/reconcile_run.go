package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// Codes of the warnings that a comparison gives.
const (
	WarnReconcileFetched = "reconcile_fetched" // something was missing and has come
	WarnReconcileAbsent  = "reconcile_absent"  // something is missing and does not come
)

// itemsMost is how many missing items of a stream are described; their number
// is told beyond that too.
const itemsMost = 1000

func (in *Inbox) reconciles(accountID int64) bool {
	ch, _, ok := in.channels.Channel(accountID)
	_, can := ch.(channels.Reconciler)
	return ok && can
}

// Reconcile does the comparison that was asked of an account, if one was. What
// is missing here is taken in through k at once; what is then still missing is
// told. The caller holds the account's lease for it, so that a run that is
// "running" already is one whose process died: it is done again.
func (in *Inbox) Reconcile(ctx context.Context, accountID int64, k channels.Intake) error {
	var runs []ReconcileRun
	err := in.db.Read.NewSelect().Model(&runs).Where("rr.account_id = ? AND rr.state IN ('asked','running')", accountID).Scan(ctx)
	if err != nil || len(runs) == 0 {
		return err
	}
	ch, acc, _ := in.channels.Channel(accountID)
	r, can := ch.(channels.Reconciler)
	if !can {
		return nil // the account was closed meanwhile; it is asked for again when it is open
	}
	w := &reconciling{in: in, run: &runs[0], acc: acc, r: r, k: k}
	err = w.do(ctx)
	var platform *channels.Error
	if errors.As(err, &platform) && ctx.Err() == nil {
		return w.fail(ctx, platform)
	}
	return err
}

// reconciling is one run under way.
type reconciling struct {
	in   *Inbox
	run  *ReconcileRun
	acc  Account
	r    channels.Reconciler
	k    channels.Intake
	told int // of Done, what was written down
}

func (w *reconciling) do(ctx context.Context) error {
	if w.run.BeganAt.IsZero() {
		w.run.BeganAt = w.in.clock.Now()
	}
	w.run.State, w.run.Done, w.run.Todo = "running", 0, 0
	if err := w.phase(ctx, "listing"); err != nil {
		return err
	}
	held, err := w.r.Held(ctx, func(stream string) ([]byte, error) { return w.in.Cursor(ctx, w.acc.ID, stream) })
	if err != nil {
		return err
	}
	if err := w.phase(ctx, "comparing"); err != nil {
		return err
	}
	var items []ReconcileItem
	for _, h := range held {
		s, found, err := w.stream(ctx, h)
		if err != nil {
			return err
		}
		w.run.Streams = append(w.run.Streams, s)
		items = append(items, found...)
	}
	return w.finish(ctx, items)
}

// phase tells how far the run is.
func (w *reconciling) phase(ctx context.Context, name string) error {
	w.run.Phase = name
	_, err := w.in.db.Write.NewUpdate().Model(w.run).WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("a comparison: %w", err)
	}
	w.in.publishAccount(w.acc.ID)
	return nil
}

// stream compares one stream and takes in what is missing.
func (w *reconciling) stream(ctx context.Context, h channels.Held) (ReconcileStream, []ReconcileItem, error) {
	s := ReconcileStream{RunID: w.run.ID, Stream: h.Stream, Renumbered: h.Renumbered}
	if h.Renumbered {
		return s, nil, nil
	}
	d, err := CompareHeld(ctx, w.in.db, w.acc.ID, h)
	if err != nil {
		return s, nil, err
	}
	s.Held, s.Here, s.Waiting, s.Gone, s.Older = len(h.Keys), d.Here, h.Waiting, d.Gone, d.Older
	if len(d.Missing) == 0 {
		return s, nil, nil
	}
	cursor, err := w.in.Cursor(ctx, w.acc.ID, h.Stream)
	if err != nil {
		return s, nil, err
	}
	described, err := w.r.Describe(ctx, h.Stream, cursor, d.Missing)
	if err != nil {
		return s, nil, err
	}
	keys := make([]string, len(described)) // what is gone by now is not missing
	for i, x := range described {
		keys[i] = x.Key
	}
	s.Held -= len(d.Missing) - len(keys)
	s.Missing = len(keys)
	if w.run.Todo += len(keys); len(keys) == 0 {
		return s, nil, nil
	}
	if err := w.phase(ctx, "fetching"); err != nil {
		return s, nil, err
	}
	if err := w.fetch(ctx, h.Stream, keys); err != nil {
		return s, nil, err
	}
	here, err := w.in.keysHere(ctx, w.acc.ID, keys)
	if err != nil {
		return s, nil, err
	}
	s.Fetched = len(here)
	s.Absent = s.Missing - s.Fetched
	return s, w.items(h.Stream, described, here), nil
}

// fetch takes in what is missing and tells the progress now and then. What the
// platform does at that moment not give is no failure of the comparison: it is
// counted as absent, and tried again the next day.
func (w *reconciling) fetch(ctx context.Context, stream string, keys []string) error {
	const tellEvery = 25
	err := w.r.Refetch(ctx, w.k, stream, keys, func(string) {
		if w.run.Done++; w.run.Done >= w.told+tellEvery {
			w.told = w.run.Done
			_ = w.phase(ctx, "fetching") // only the progress: the end is written for sure
		}
	})
	var platform *channels.Error
	if errors.As(err, &platform) && ctx.Err() == nil {
		w.run.ErrorClass, w.run.ErrorText = string(platform.Class), platform.Text
		return nil
	}
	return err
}

func (w *reconciling) items(stream string, described []channels.HeldItem, here map[string]bool) []ReconcileItem {
	var out []ReconcileItem
	for _, x := range described {
		it := ReconcileItem{RunID: w.run.ID, Stream: stream, DedupKey: x.Key, At: x.At, Size: x.Size, State: "fetched"}
		if !here[x.Key] {
			it.State, it.Subject = "absent", clean(x.Subject)
		}
		if len(out) < itemsMost {
			out = append(out, it)
		}
	}
	return out
}

// finish writes down what was found, and one warning for all that was missing.
func (w *reconciling) finish(ctx context.Context, items []ReconcileItem) error {
	missing, absent := 0, 0
	for _, s := range w.run.Streams {
		missing, absent = missing+s.Missing, absent+s.Absent
	}
	err := w.in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		w.run.State, w.run.Phase, w.run.EndedAt = "done", "", tx.Now
		if _, err := tx.NewUpdate().Model(w.run).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("end a comparison: %w", err)
		}
		for _, table := range []string{"reconcile_items", "reconcile_streams"} { // of a process that died on the way
			if _, err := tx.NewRaw("DELETE FROM "+table+" WHERE run_id = ?", w.run.ID).Exec(ctx); err != nil {
				return fmt.Errorf("end a comparison: %w", err)
			}
		}
		if len(w.run.Streams) > 0 {
			if _, err := tx.NewInsert().Model(&w.run.Streams).Exec(ctx); err != nil {
				return fmt.Errorf("end a comparison: %w", err)
			}
		}
		for step := range slices.Chunk(items, 500) {
			if _, err := tx.NewInsert().Model(&step).Exec(ctx); err != nil {
				return fmt.Errorf("end a comparison: %w", err)
			}
		}
		// What was absent before and is here now needs its subject no longer.
		_, err := tx.NewRaw(`UPDATE reconcile_items SET subject = '', state = 'fetched' WHERE state = 'absent' AND run_id IN (SELECT id FROM reconcile_runs WHERE account_id = ?)
			AND EXISTS (SELECT 1 FROM raws AS r WHERE r.account_id = ? AND r.dedup_key = reconcile_items.dedup_key)`, w.acc.ID, w.acc.ID).Exec(ctx)
		if err != nil || missing == 0 {
			return err
		}
		code, text := WarnReconcileFetched, fmt.Sprintf("%d messages were missing here and have been fetched", missing)
		if absent > 0 {
			code, text = WarnReconcileAbsent, fmt.Sprintf("%d messages are missing here and could not be fetched: see the account's reconciliation", absent)
		}
		ev := NewEvent(tx, w.in.clock, "account.warning", map[string]any{"account": w.acc.ID, "code": code, "text": text})
		ev.OfficeID = w.acc.OfficeID
		return AppendEvents(ctx, tx, ev)
	})
	if err != nil {
		return err
	}
	w.in.publishAccount(w.acc.ID)
	if missing > 0 {
		w.in.log.WarnContext(ctx, "messages were missing", "account", w.acc.Key, "missing", missing, "still", absent)
	}
	return nil
}

func (w *reconciling) fail(ctx context.Context, e *channels.Error) error {
	w.run.State, w.run.EndedAt, w.run.ErrorClass, w.run.ErrorText = "failed", w.in.clock.Now(), string(e.Class), e.Text
	return w.phase(ctx, "")
}

// keysHere are those of the keys that raw items of the account have.
func (in *Inbox) keysHere(ctx context.Context, accountID int64, keys []string) (map[string]bool, error) {
	here := make(map[string]bool, len(keys))
	for step := range slices.Chunk(keys, 500) {
		var found []string
		if err := in.db.Write.NewRaw("SELECT dedup_key FROM raws WHERE account_id = ? AND dedup_key IN (?)", accountID, bun.List(step)).Scan(ctx, &found); err != nil {
			return nil, fmt.Errorf("a comparison: %w", err)
		}
		for _, k := range found {
			here[k] = true
		}
	}
	return here, nil
}
