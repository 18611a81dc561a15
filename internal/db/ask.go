package db

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Asker puts questions that were made ready: a database, or a transaction.
type Asker interface {
	// Ask puts a question and scans the answer into dest as bun does. Question
	// marks stand for args in both databases; whatever differs from call to call
	// belongs into args, or each call would be a new question. A condition that
	// must name a partial index stays in the text.
	Ask(ctx context.Context, query string, args []any, dest ...any) error
}

// asked are the questions that are put often, made ready once for each
// connection. For a list of a few rows, reading and planning the question's text
// takes a database longer than answering it.
type asked struct {
	pool  *sql.DB
	mu    sync.Mutex
	ready map[string]*question
}

// question is a text made ready. It is closed when it was dropped and nobody
// uses it any more.
type question struct {
	*sql.Stmt
	users   int
	dropped bool
}

// mostAsked bounds the texts that are kept: they are as many as there are ways
// to put a question together, and each connection holds each of them.
const mostAsked = 300

// Ask puts a question outside of any transaction.
func (d *DB) Ask(ctx context.Context, query string, args []any, dest ...any) error {
	q := d.asked.take(query)
	if q == nil {
		var err error
		if q, err = d.asked.makeReady(ctx, query, d.text(query)); err != nil {
			return err
		}
	}
	defer d.asked.giveBack(q)
	d.watchAsk(query)
	rows, err := q.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	return d.Read.ScanRows(ctx, rows, dest...)
}

// Ask puts a question within the transaction. The first time it is put as it is,
// and made ready after the commit: to do so takes a connection, and there may be
// no other one.
func (tx *Tx) Ask(ctx context.Context, query string, args []any, dest ...any) error {
	tx.d.watchAsk(query)
	if q := tx.d.askedInTx.take(query); q != nil {
		defer tx.d.askedInTx.giveBack(q)
		rows, err := tx.StmtContext(ctx, q.Stmt).QueryContext(ctx, args...)
		if err != nil {
			return err
		}
		return tx.d.Write.ScanRows(ctx, rows, dest...)
	}
	rows, err := tx.Tx.Tx.QueryContext(ctx, tx.d.text(query), args...)
	if err != nil {
		return err
	}
	tx.After(func() {
		if q, err := tx.d.askedInTx.makeReady(context.WithoutCancel(ctx), query, tx.d.text(query)); err == nil {
			tx.d.askedInTx.giveBack(q) // else the next one tries
		}
	})
	return tx.d.Write.ScanRows(ctx, rows, dest...)
}

// text is a question as the database wants it.
func (d *DB) text(query string) string {
	if d.Postgres {
		return numbered(query)
	}
	return query
}

func (d *DB) watchAsk(query string) {
	if d.watch != nil {
		d.watch(query)
	}
}

// AskOne is Ask for one row, which it gives as a T; sql.ErrNoRows without any.
func AskOne[T any](ctx context.Context, a Asker, query string, args []any) (*T, error) {
	var rows []*T
	if err := a.Ask(ctx, query, args, &rows); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, sql.ErrNoRows
	}
	return rows[0], nil
}

// Columns lists the columns of T's table under an alias, but for some.
func Columns[T any](d *DB, alias string, without ...string) string {
	var out []string
	for _, f := range d.Read.Table(reflect.TypeFor[T]()).Fields {
		if !slices.Contains(without, f.Name) {
			out = append(out, alias+"."+f.Name)
		}
	}
	return strings.Join(out, ", ")
}

// WatchAsk has f told of each question that Ask puts, for tests that count them:
// bun's own hooks see those of bun only. Call it before the first question.
func (d *DB) WatchAsk(f func(query string)) { d.watch = f }

// In writes the question marks of "x IN (...)" for some ids, with the ids as
// arguments. There are as many as the next power of two, the last id being said
// again, so that lists of all lengths make few texts. Of no ids it makes one
// that nothing has.
func In(ids []int64) (marks string, args []any) {
	n := 1
	for n < len(ids) {
		n *= 2
	}
	last := int64(-1)
	for i := range n {
		if i < len(ids) {
			last = ids[i]
		}
		args = append(args, last)
	}
	return strings.Repeat(", ?", n)[len(", "):], args
}

// makeReady makes a text ready for the caller's use.
func (a *asked) makeReady(ctx context.Context, query, text string) (*question, error) {
	st, err := a.pool.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("make a question ready: %w", err)
	}
	return a.keep(query, st), nil
}

func (a *asked) take(query string) *question {
	a.mu.Lock()
	defer a.mu.Unlock()
	q := a.ready[query]
	if q != nil {
		q.users++
	}
	return q
}

// keep puts a text in for the caller's use. Where somebody else was quicker, it
// is used this once.
func (a *asked) keep(query string, st *sql.Stmt) *question {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.ready) >= mostAsked {
		a.drop()
	}
	q := &question{Stmt: st, users: 1, dropped: a.ready[query] != nil}
	if a.ready == nil {
		a.ready = map[string]*question{}
	}
	if !q.dropped {
		a.ready[query] = q
	}
	return q
}

func (a *asked) giveBack(q *question) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if q.users--; q.dropped && q.users == 0 {
		q.end()
	}
}

// drop forgets all texts. The caller holds the lock.
func (a *asked) drop() {
	for _, q := range a.ready {
		if q.dropped = true; q.users == 0 {
			q.end()
		}
	}
	a.ready = nil
}

// end closes a question by itself: to close it waits for every connection that knows
// it, and one of them may be waiting for a row that the caller's transaction holds.
func (q *question) end() { go func() { _ = q.Close() }() }

// numbered writes $1, $2, ... for question marks. No text of ours holds one in
// quotes.
func numbered(query string) string {
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(query, "?") {
		if n > 0 {
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
		}
		n++
		b.WriteString(part)
	}
	return b.String()
}
