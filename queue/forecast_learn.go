package queue

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

const (
	// settled is how long after an event it is learnt from. By then nothing can take
	// it back any more, its promises are written, and what other machines did before
	// it is committed, though their clocks may be some seconds apart.
	settled = UndoFor + 2*promptly
	// lesson is how many events are learnt from at once.
	lesson = 4000
	// idle is by how much a cursor may lag behind while nothing happens at its site.
	idle = settled * 12
)

// errLearnt says that another process has learnt from the same events meanwhile.
var errLearnt = errors.New("queue: learnt by another process")

// Learn has the estimators of all sites learn from what has happened since, and keeps
// the outcome of each promise. It is a chore of one process at a time, and harmless
// when two do it: what is learnt and up to which event are written in one
// transaction, which one of them wins. At its first start it learns from all that
// the site's events tell.
func (q *Queue) Learn(ctx context.Context) error {
	sites, err := q.Sites(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range sites {
		for more := true; more; {
			if more, err = q.learnMore(ctx, s.ID); err != nil {
				errs = append(errs, fmt.Errorf("learn at site %d: %w", s.ID, err))
			}
		}
	}
	return errors.Join(errs...)
}

// learnMore is one lesson of one site; more says that others wait.
func (q *Queue) learnMore(ctx context.Context, siteID int64) (more bool, err error) {
	h, err := q.House(ctx, siteID)
	if err != nil {
		return false, err
	}
	stored, err := q.stored(ctx, siteID)
	if err != nil {
		return false, err
	}
	if stored != nil {
		if e, err := estimate.Load(stored.State); err != nil || !e.Fits(h.estimates()) {
			q.log.Info("what a site's estimates have learnt does not fit any more and is made again", "site", siteID, "error", err)
			return false, q.Rebuild(ctx, siteID)
		}
	}
	p, err := q.pupil(h, stored)
	if err != nil {
		return false, err
	}
	l, err := q.readLesson(ctx, siteID, p.upto, math.MaxInt64, q.clock.Now().Add(-settled))
	if err != nil {
		return false, err
	}
	if err := p.teach(ctx, q, l); err != nil {
		return false, err
	}
	if !p.changed && p.isStored && db.MadeAt(l.upto).Sub(db.MadeAt(p.stored)) < idle {
		return false, nil
	}
	err = q.store(ctx, p)
	if errors.Is(err, errLearnt) {
		return false, nil
	}
	return l.full, err
}

// Rebuild makes a site's estimator again from its events and promises, up to where it
// had learnt. It is the same, to the bit, as the one that has lived through them.
func (q *Queue) Rebuild(ctx context.Context, siteID int64) error {
	h, err := q.House(ctx, siteID)
	if err != nil {
		return err
	}
	stored, err := q.stored(ctx, siteID)
	if err != nil || stored == nil {
		return err
	}
	p, err := q.pupil(h, nil)
	if err != nil {
		return err
	}
	for more := true; more; {
		l, err := q.readLesson(ctx, siteID, p.upto, stored.Upto, math.MaxInt64)
		if err != nil {
			return err
		}
		if err := p.teach(ctx, q, l); err != nil {
			return err
		}
		more = l.full
	}
	p.upto, p.stored, p.isStored = stored.Upto, stored.Upto, true
	if err := q.store(ctx, p); !errors.Is(err, errLearnt) {
		return err
	}
	return nil
}

// estimates are the settings of a site's estimator.
func (h *House) estimates() estimate.Settings {
	s := estimate.Settings{Seed: uint64(h.Site.ID), Zone: h.Calendar.Zone.String(), Groups: map[int64]string{}}
	for _, sv := range h.Services {
		if g := h.Group(sv.GroupID); g != nil {
			s.Groups[sv.ID] = g.Key
		}
	}
	return s
}

// classKey names a class of precedence.
func (h *House) classKey(id int64) order.Class {
	if c := h.Class(id); c != nil {
		return c.Key
	}
	return order.WalkIn
}

// pupil is an estimator that learns.
type pupil struct {
	*estimate.Estimator
	h        *House
	upto     int64 // it has learnt up to this event
	stored   int64 // and as it is stored, up to this one
	isStored bool
	changed  bool
	outcomes []*Promise
}

func (q *Queue) pupil(h *House, stored *storedEstimator) (*pupil, error) {
	p := &pupil{h: h}
	var err error
	if stored == nil {
		p.Estimator, err = estimate.New(h.estimates())
		return p, err
	}
	p.upto, p.stored, p.isStored = stored.Upto, stored.Upto, true
	if p.Estimator, err = estimate.Load(stored.State); err == nil {
		p.Fits(h.estimates())
	}
	return p, err
}

// teach has it learn from a lesson: each event, and with a call the promises that it
// settles.
func (p *pupil) teach(ctx context.Context, q *Queue, l *lessonOf) error {
	all := observe(l.events, l.undone, p.h.classKey)
	promises, err := q.promisesOf(ctx, all)
	if err != nil {
		return err
	}
	for i := range all {
		o := &all[i]
		p.Observe(o.Event)
		if o.ends == "" {
			continue
		}
		for _, pr := range promises[o.step] {
			if pr.At > o.At || pr.Outcome != "" && pr.EndedAt != o.At {
				continue
			}
			if err := p.outcome(pr, o); err != nil {
				return err
			}
		}
	}
	p.changed = p.changed || len(l.events) > 0
	p.upto = l.upto
	return nil
}

// outcome keeps what became of a promise, and learns from one whose person was called.
func (p *pupil) outcome(pr *Promise, o *observed) error {
	kept := pr.Outcome != ""
	pr.Outcome, pr.EndedAt = o.ends, o.At
	if o.ends == PromiseCalled {
		s, err := pr.settled(o.At, o.Class)
		if err != nil {
			return err
		}
		pr.WaitedS = o.At.Sub(pr.At).Seconds()
		p.Learn(s)
	}
	if !kept {
		p.outcomes = append(p.outcomes, pr)
	}
	return nil
}

// promisesOf are the promises of the steps whose wait ends, the oldest first.
func (q *Queue) promisesOf(ctx context.Context, all []observed) (map[int64][]*Promise, error) {
	var steps []int64
	for _, o := range all {
		if o.ends != "" {
			steps = append(steps, o.step)
		}
	}
	out := map[int64][]*Promise{}
	if len(steps) == 0 {
		return out, nil
	}
	var rows []*Promise
	if err := q.db.Read.NewSelect().Model(&rows).Where("pr.step_id IN (?)", bun.List(steps)).OrderExpr("pr.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("what was promised: %w", err)
	}
	for _, r := range rows {
		out[r.StepID] = append(out[r.StepID], r)
	}
	return out, nil
}

// lessonOf are events of a site in their order.
type lessonOf struct {
	events []happened
	undone map[int64]bool // acts that were taken back
	upto   int64          // all events up to this one were read
	full   bool           // there are more
}

// readLesson reads on after an event, up to and with another, and not beyond the first
// of the site that is not before an instant. What came soon after the lesson is looked
// at for acts that were taken back: UndoFor later at most, by clocks that may be a
// little apart.
func (q *Queue) readLesson(ctx context.Context, siteID, after, upto int64, before clock.Instant) (*lessonOf, error) {
	l := &lessonOf{upto: after, undone: map[int64]bool{}}
	for size := lesson; ; size *= 2 {
		var rows []happened
		err := q.db.Read.NewRaw("SELECT id, at, kind, data FROM events WHERE id > ? AND id <= ? AND kind IN (?) ORDER BY id LIMIT ?",
			after, upto, bun.List(taughtBy), size).Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("read events: %w", err)
		}
		end, quiet := before, min(upto, db.FirstID(before)-1)
		if l.full = len(rows) == size; l.full {
			last := rows[size-1]
			end, quiet = min(before, last.At.Add(-settled)), min(quiet, last.ID)
		}
		for i := range rows {
			if err := rows[i].read(); err != nil {
				return nil, err
			}
		}
		rows = slices.DeleteFunc(rows, func(e happened) bool { return e.facts.Site != siteID })
		n := len(rows)
		if i := slices.IndexFunc(rows, func(e happened) bool { return e.At >= end }); i >= 0 {
			n = i
		}
		l.full = l.full && end < before
		if n == 0 && l.full && (len(rows) > 0 || quiet <= after) {
			continue // one instant with more events than a lesson has
		}
		l.cut(rows, n, quiet)
		return l, nil
	}
}

// cut makes a lesson of the first so many rows. Without any, it reaches to where
// nothing has happened, so that the quiet time is not read again.
func (l *lessonOf) cut(rows []happened, n int, quiet int64) {
	l.events = rows[:n]
	if n == 0 {
		l.upto = max(l.upto, quiet)
		return
	}
	l.upto = rows[n-1].ID
	for _, e := range rows {
		if e.Kind == "ticket.undone" {
			l.undone[e.facts.Undoes] = true
		}
	}
}
