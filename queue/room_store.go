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

// store writes everything that the turn changed, table by table. What leaves a
// counter is written before what comes to it, so that the indexes that make two
// tickets at a counter impossible are content at every moment.
func (r *room) store(ctx context.Context) error {
	if r.changes == 0 {
		return r.finish(ctx)
	}
	if err := r.finish(ctx); err != nil {
		return err
	}
	for _, f := range []func(context.Context) error{
		r.storeSession, r.storeNumbers, r.storeTickets, r.storeSittings, r.storeSteps, r.storeSegments, r.storeCalls, r.storeVerbs, r.storeEvents, r.storeRest, r.storeNews,
	} {
		if err := f(ctx); err != nil {
			return err
		}
	}
	return nil
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

func (r *room) storeSession(ctx context.Context) error {
	if r.newDay {
		if _, err := r.tx.NewInsert().Model(r.session).Exec(ctx); err != nil {
			return fmt.Errorf("open the day: %w", err)
		}
	}
	for _, s := range r.endings {
		if _, err := r.tx.NewRaw("UPDATE site_sessions SET ended_at = ? WHERE site_id = ? AND day = ?", s.EndedAt, s.SiteID, s.Day).Exec(ctx); err != nil {
			return fmt.Errorf("end the day: %w", err)
		}
	}
	return nil
}

// later puts a statement off to the one journey that takes all those of which
// nothing has to be known but that they went well.
func (r *room) later(statement string) { r.rest = append(r.rest, statement) }

// insertLater is insertAll among them.
func insertLater[T any](r *room, rows []T) {
	if len(rows) > 0 {
		r.later(r.tx.NewInsert().Model(&rows).String())
	}
}

func (r *room) storeRest(ctx context.Context) error {
	if len(r.rest) == 0 {
		return nil
	}
	if _, err := r.tx.Tx.Tx.ExecContext(ctx, strings.Join(r.rest, ";\n")); err != nil {
		return fmt.Errorf("write what happened: %w", err)
	}
	return nil
}

func insertAll[T any](ctx context.Context, r *room, what string, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	if _, err := r.tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return nil
}

// update writes columns of changed rows, each only if it still has the version that
// was read. A row is its id, that version, and the columns in their order.
func update(ctx context.Context, r *room, table string, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
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
	res, err := r.tx.NewRaw(b.String(), args...).Exec(ctx)
	if err != nil {
		return fmt.Errorf("write %s: %w", table, err)
	}
	if n, err := res.RowsAffected(); err != nil || int(n) != len(rows) {
		return errors.Join(err, errOvertaken)
	}
	return nil
}
