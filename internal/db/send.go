package db

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"
)

// Send runs statements in their order, to PostgreSQL in one journey, and says how
// many rows each of them changed. It is for writing much at the end of a
// transaction: with one statement after the other, two processes would wait for
// each other most of the time. The first that fails ends it, and the transaction
// with it. Statements hold their values, as bun's String writes them.
func (tx *Tx) Send(ctx context.Context, statements []string) (changed []int64, err error) {
	if len(statements) == 0 {
		return nil, nil
	}
	for _, s := range statements {
		tx.d.watchAsk(strings.ReplaceAll(s, "?", " ")) // it is in a value, and asks for none
	}
	if !tx.Postgres {
		return tx.sendEach(ctx, statements)
	}
	err = tx.conn.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("send: the driver is %T", driver)
		}
		results, err := c.Conn().PgConn().Exec(ctx, strings.Join(statements, ";\n")).ReadAll()
		for _, r := range results {
			changed = append(changed, r.CommandTag.RowsAffected())
		}
		return err
	})
	if err == nil && len(changed) != len(statements) {
		err = fmt.Errorf("send: %d answers to %d statements", len(changed), len(statements))
	}
	return changed, err
}

func (tx *Tx) sendEach(ctx context.Context, statements []string) (changed []int64, err error) {
	for _, s := range statements {
		res, err := tx.Tx.Tx.ExecContext(ctx, s)
		if err != nil {
			return changed, err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return changed, err
		}
		changed = append(changed, n)
	}
	return changed, nil
}
