package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"filodiretto/internal/db"
)

// withConn gives the PostgreSQL connection beneath the pool.
func withConn(ctx context.Context, d *db.DB, f func(*pgx.Conn) error) error {
	c, err := d.Write.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Raw(func(driver any) error {
		s, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("unexpected driver %T", driver)
		}
		return f(s.Conn())
	})
}

// inTx runs f in a transaction, which is taken back when f fails.
func inTx(ctx context.Context, c *pgx.Conn, o pgx.TxOptions, f func() error) error {
	tx, err := c.BeginTx(ctx, o)
	if err != nil {
		return err
	}
	if err := f(); err != nil {
		return errors.Join(err, tx.Rollback(context.WithoutCancel(ctx)))
	}
	return tx.Commit(ctx)
}

// dumpPostgres writes every table in PostgreSQL's own binary form, all as of
// the instant at which the transaction began. It needs no program but this one.
func dumpPostgres(ctx context.Context, d *db.DB, m *Manifest, w *writer) (named []string, err error) {
	err = withConn(ctx, d, func(c *pgx.Conn) error {
		return inTx(ctx, c, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func() error {
			if m.Columns, err = columns(ctx, c); err != nil {
				return err
			}
			m.Tables = map[string]int64{}
			for _, t := range slices.Sorted(maps.Keys(m.Columns)) {
				e, err := w.add(tableName(t), func(out io.Writer) error {
					tag, err := c.PgConn().CopyTo(ctx, out, "COPY "+tableWith(t, m.Columns[t])+" TO STDOUT (FORMAT binary)")
					m.Tables[t] = tag.RowsAffected()
					return err
				})
				if err != nil {
					return fmt.Errorf("%s: %w", t, err)
				}
				m.Contents = append(m.Contents, e)
			}
			rows, err := c.Query(ctx, namedBlobs)
			if err != nil {
				return err
			}
			named, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
	})
	return named, err
}

func tableName(t string) string { return "database/" + t + ".copy" }

func tableWith(t string, columns []string) string {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = pgx.Identifier{c}.Sanitize()
	}
	return pgx.Identifier{t}.Sanitize() + " (" + strings.Join(quoted, ", ") + ")"
}

// columns are the tables with the columns that hold something of their own.
func columns(ctx context.Context, c *pgx.Conn) (map[string][]string, error) {
	rows, err := c.Query(ctx, `SELECT t.relname::text, array_agg(a.attname::text ORDER BY a.attnum)
		FROM pg_class AS t JOIN pg_attribute AS a ON a.attrelid = t.oid
		WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		GROUP BY t.relname`)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	var name string
	var list []string
	_, err = pgx.ForEachRow(rows, []any{&name, &list}, func() error {
		out[name] = slices.Clone(list)
		return nil
	})
	return out, err
}

// restorePostgres fills the tables of an empty database in one transaction.
func restorePostgres(ctx context.Context, c *Copy, d *db.DB) error {
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	_, want, err := d.Current(ctx)
	if err != nil {
		return err
	}
	if want != c.Schema {
		return fmt.Errorf("its tables have version %d and this program makes version %d: restore it with program %s, then update the program", c.Schema, want, c.Program)
	}
	return withConn(ctx, d, func(conn *pgx.Conn) error {
		return inTx(ctx, conn, pgx.TxOptions{}, func() error { return c.fill(ctx, conn) })
	})
}

func (c *Copy) fill(ctx context.Context, conn *pgx.Conn) error {
	here, err := columns(ctx, conn)
	if err != nil {
		return err
	}
	if !maps.EqualFunc(here, c.Columns, slices.Equal[[]string]) {
		return fmt.Errorf("its tables are not those of this program: restore it with program %s, then update the program", c.Program)
	}
	order, err := parentsFirst(ctx, conn, slices.Sorted(maps.Keys(here)))
	if err != nil {
		return err
	}
	var all []string
	for _, t := range order {
		all = append(all, pgx.Identifier{t}.Sanitize())
	}
	if _, err := conn.Exec(ctx, "TRUNCATE "+strings.Join(all, ", ")); err != nil {
		return err
	}
	rows := map[string]int64{}
	for _, t := range order {
		r, err := c.reader.open(tableName(t))
		if err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		tag, err := conn.PgConn().CopyFrom(ctx, r, "COPY "+tableWith(t, c.Columns[t])+" FROM STDIN (FORMAT binary)")
		r.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		rows[t] = tag.RowsAffected()
	}
	if err := sameRows(c.Tables, rows); err != nil {
		return err
	}
	return moveSequences(ctx, conn)
}

// parentsFirst orders tables so that rows are there before others name them.
func parentsFirst(ctx context.Context, conn *pgx.Conn, tables []string) ([]string, error) {
	rows, err := conn.Query(ctx, `SELECT c.conrelid::regclass::text, c.confrelid::regclass::text FROM pg_constraint AS c
		JOIN pg_class AS t ON t.oid = c.conrelid WHERE c.contype = 'f' AND c.conrelid <> c.confrelid AND t.relnamespace = current_schema()::regnamespace`)
	if err != nil {
		return nil, err
	}
	needs := map[string][]string{}
	var child, parent string
	if _, err := pgx.ForEachRow(rows, []any{&child, &parent}, func() error {
		needs[child] = append(needs[child], parent)
		return nil
	}); err != nil {
		return nil, err
	}
	var order []string
	for len(order) < len(tables) {
		before := len(order)
		for _, t := range tables {
			ready := !slices.ContainsFunc(needs[t], func(p string) bool { return !slices.Contains(order, p) })
			if ready && !slices.Contains(order, t) {
				order = append(order, t)
			}
		}
		if len(order) == before {
			return nil, errors.New("its tables name each other in a circle")
		}
	}
	return order, nil
}

// moveSequences makes what counts by itself go on after the highest number.
func moveSequences(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, `SELECT t.relname::text, a.attname::text, pg_get_serial_sequence(t.oid::regclass::text, a.attname)
		FROM pg_class AS t JOIN pg_attribute AS a ON a.attrelid = t.oid
		WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
		AND pg_get_serial_sequence(t.oid::regclass::text, a.attname) IS NOT NULL`)
	if err != nil {
		return err
	}
	type counter struct{ table, column, sequence string }
	list, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (counter, error) {
		var x counter
		return x, r.Scan(&x.table, &x.column, &x.sequence)
	})
	if err != nil {
		return err
	}
	for _, x := range list {
		q := fmt.Sprintf("SELECT setval($1::text::regclass, COALESCE(max(%s), 0) + 1, false) FROM %s", pgx.Identifier{x.column}.Sanitize(), pgx.Identifier{x.table}.Sanitize())
		if _, err := conn.Exec(ctx, q, x.sequence); err != nil {
			return err
		}
	}
	return nil
}

// emptyPostgres tells whether the database has no tables yet.
func emptyPostgres(ctx context.Context, d *db.DB) error {
	return withConn(ctx, d, func(c *pgx.Conn) error {
		have, err := columns(ctx, c)
		if err != nil {
			return err
		}
		if len(have) > 0 {
			return fmt.Errorf("the database has %d tables already: a restore never overwrites: make an empty database and name it under [database]", len(have))
		}
		return nil
	})
}
