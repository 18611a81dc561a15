package queue

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"filodiretto/internal/db"
)

// presence remembers who was in each room, so that thousands who wait are not read
// again because one was called: only versions are, and the rows that they show to
// have changed.
type presence struct {
	sites sync.Map // *present by site
}

// present are the steps of a room as they were read last. It is never changed.
type present struct {
	house int64   // the version of the set-up, which places people anew
	steps []*Step // by id
}

// here are the steps that go on in a room's own sight, by id: who waits, is called,
// served or held. They are what the database says now. They are shared and must not
// be changed.
func (q *Queue) here(ctx context.Context, h *House) ([]*Step, error) {
	site := h.Site.ID
	last := &present{house: h.Site.Version}
	if got, ok := q.presence.sites.Load(site); ok && got.(*present).house == last.house {
		last = got.(*present)
	}
	now := &present{house: last.house, steps: make([]*Step, 0, len(last.steps)+8)}
	var changed []int64
	var id, version int64
	old := last.steps
	err := q.db.AskEach(ctx, "SELECT id, version FROM steps WHERE site_id = ? AND state IN ('waiting','called','serving','held') ORDER BY id", []any{site}, func() {
		for len(old) > 0 && old[0].ID < id {
			old = old[1:]
		}
		if len(old) > 0 && old[0].ID == id && old[0].Version == version {
			now.steps = append(now.steps, old[0])
		} else {
			changed = append(changed, id)
		}
	}, &id, &version)
	if err != nil {
		return nil, fmt.Errorf("who is in the room: %w", err)
	}
	fresh, err := q.changedSteps(ctx, site, changed)
	if err != nil {
		return nil, fmt.Errorf("who is in the room: %w", err)
	}
	if len(fresh) > 0 {
		now.steps = append(now.steps, fresh...)
		slices.SortFunc(now.steps, func(a, b *Step) int { return cmp.Compare(a.ID, b.ID) })
	}
	q.presence.sites.Store(site, now)
	return now.steps, nil
}

// fewChanged is up to how many rows are asked for by their ids.
const fewChanged = 64

// changedSteps reads some steps of a room; many are read with the whole room. Those
// who have gone meanwhile are left out.
func (q *Queue) changedSteps(ctx context.Context, site int64, ids []int64) ([]*Step, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	wanted, args := "site_id = ?", []any{site}
	if len(ids) <= fewChanged {
		marks, list := db.In(ids)
		wanted, args = "id IN ("+marks+")", list
	}
	var rows []*Step
	if err := q.db.Ask(ctx, "SELECT * FROM steps WHERE "+wanted+" AND state IN ('waiting','called','serving','held')", args, &rows); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rows, func(s *Step) bool { _, is := slices.BinarySearch(ids, s.ID); return !is }), nil
}
