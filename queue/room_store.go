package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// errOvertaken says that a row was changed by somebody who did not hold the site's
// lock. The turn is then done again.
var errOvertaken = errors.New("queue: a row was changed meanwhile")

// undone is what a turn marks as undone.
type undone struct {
	verbs, calls []int64
	segments     []int64
}

// store writes everything that the turn changed, table by table, in one journey. What leaves a
// counter is written before what comes to it, so that the indexes that make two
// tickets at a counter impossible are content at every moment.
func (r *room) store(ctx context.Context) error {
	if r.changes == 0 {
		return r.finish(ctx)
	}
	if err := r.finish(ctx); err != nil {
		return err
	}
	for _, f := range []func(){
		r.storeSession, r.storeNumbers, r.storeTickets, r.storeSittings, r.storeSteps, r.storeSegments, r.storeCalls, r.storeVerbs, r.storeEvents,
	} {
		f()
	}
	if err := r.send(ctx); err != nil {
		return err
	}
	r.keepPlaces()
	return r.storeNews(ctx)
}

// finish reads the tickets that are named and were not looked at, and does what
// was put off until then.
func (r *room) finish(ctx context.Context) error {
	var ids []int64
	for _, e := range r.events {
		if e.ticket != 0 {
			ids = append(ids, e.ticket)
		}
	}
	for _, k := range r.steps {
		if k.changed {
			ids = append(ids, k.row.TicketID)
		}
	}
	slices.Sort(ids)
	if err := r.loadTickets(ctx, slices.Compact(ids)); err != nil {
		return err
	}
	for _, f := range r.finishing {
		f()
	}
	return nil
}

func (r *room) storeSession() {
	if r.newDay {
		r.later("open the day", r.tx.NewInsert().Model(r.session).String())
	}
	for _, s := range r.endings {
		r.later("end the day", r.tx.NewRaw("UPDATE site_sessions SET ended_at = ? WHERE site_id = ? AND day = ?", s.EndedAt, s.SiteID, s.Day).String())
	}
}

// written is a statement of a turn.
type written struct {
	what, statement string
	rows            int // that it must change; -1 when that may be any
}

// later puts a statement off to the one journey that takes all of them.
func (r *room) later(what, statement string) {
	r.written = append(r.written, written{what, statement, -1})
}

// guarded is later for one that must change so many rows, or the turn is overtaken.
func (r *room) guarded(what, statement string, rows int) {
	r.written = append(r.written, written{what, statement, rows})
}

func (r *room) send(ctx context.Context) error {
	statements := make([]string, len(r.written))
	for i, w := range r.written {
		statements[i] = w.statement
	}
	changed, err := r.tx.Send(ctx, statements)
	for i, n := range changed {
		if w := r.written[i]; w.rows >= 0 && int(n) != w.rows {
			return fmt.Errorf("%s: %w", w.what, errOvertaken)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", r.written[min(len(changed), len(r.written)-1)].what, err)
	}
	return nil
}

func insertAll[T any](r *room, what string, rows []T) {
	if len(rows) > 0 {
		r.later(what, r.tx.NewInsert().Model(&rows).String())
	}
}

// update writes columns of changed rows, each only if it still has the version that
// was read. A row is its id, that version, and the columns in their order.
func update(r *room, table string, columns []string, rows [][]any) {
	if len(rows) == 0 {
		return
	}
	var b strings.Builder
	b.WriteString("WITH v (id, stored")
	for _, c := range columns {
		b.WriteString(", " + c)
	}
	b.WriteString(") AS (VALUES ")
	args := make([]any, 0, len(rows)*len(rows[0]))
	for i, row := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("(?" + strings.Repeat(",?", len(row)-1) + ")")
		args = append(args, row...)
	}
	b.WriteString(") UPDATE " + table + " SET ")
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c + " = v." + c)
	}
	b.WriteString(" FROM v WHERE " + table + ".id = v.id AND " + table + ".version = v.stored")
	r.guarded("write "+table, r.tx.NewRaw(b.String(), args...).String(), len(rows))
}
