package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue/estimate"
)

// storedEstimator is what a site's estimator has learnt, up to and with an event.
type storedEstimator struct {
	bun.BaseModel `bun:"table:estimators,alias:es"`

	SiteID    int64  `bun:",pk"`
	State     []byte // JSON of estimate.Estimator
	Upto      int64
	UpdatedAt clock.Instant
}

// stored reads what a site's estimator has learnt; nil when nothing yet.
func (q *Queue) stored(ctx context.Context, siteID int64) (*storedEstimator, error) {
	out := new(storedEstimator)
	err := q.db.Read.NewSelect().Model(out).Where("es.site_id = ?", siteID).Scan(ctx)
	switch notFound(err) {
	case nil:
		return out, nil
	case ErrNotFound:
		return nil, nil
	}
	return nil, fmt.Errorf("what was learnt: %w", err)
}

// learntBy is the estimator of a site as it has learnt by now, for asking it; last is
// the one of before, which is given again while it is the newest. One that cannot be
// read knows nothing until it is made again.
func (q *Queue) learntBy(ctx context.Context, h *House, last *learnt) (*learnt, error) {
	var upto int64
	err := q.db.Ask(ctx, "SELECT upto FROM estimators WHERE site_id = ?", []any{h.Site.ID}, &upto)
	if err := notFound(err); err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("what was learnt: %w", err)
	}
	if last != nil && last.upto == upto && last.Fits(h.estimates()) {
		return last, nil
	}
	stored, err := q.stored(ctx, h.Site.ID)
	if err != nil {
		return nil, err
	}
	out := &learnt{}
	if stored != nil {
		out.upto = stored.Upto
		if e, err := estimate.Load(stored.State); err == nil && e.Fits(h.estimates()) {
			out.Estimator = e
		}
	}
	if out.Estimator == nil {
		out.Estimator, err = estimate.New(h.estimates())
	}
	return out, err
}

// store writes what a pupil has learnt, and the outcomes of promises, if nobody else
// has done so since it was read: errLearnt.
func (q *Queue) store(ctx context.Context, p *pupil) error {
	state, err := json.Marshal(p.Estimator)
	if err != nil {
		return err
	}
	return q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		row := &storedEstimator{SiteID: p.h.Site.ID, State: state, Upto: p.upto, UpdatedAt: tx.Now}
		write := func() (interface{ RowsAffected() (int64, error) }, error) {
			if !p.isStored {
				return tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
			}
			return tx.NewUpdate().Model(row).WherePK().Where("upto = ?", p.stored).Exec(ctx)
		}
		res, err := write()
		if err != nil {
			return fmt.Errorf("keep what was learnt: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return orError(err, errLearnt)
		}
		for _, o := range p.outcomes {
			_, err := tx.NewRaw("UPDATE promises SET outcome = ?, waited_s = ?, ended_at = ? WHERE id = ? AND outcome = ''", o.Outcome, o.WaitedS, o.EndedAt, o.ID).Exec(ctx)
			if err != nil {
				return fmt.Errorf("keep what became of a promise: %w", err)
			}
		}
		return nil
	})
}
