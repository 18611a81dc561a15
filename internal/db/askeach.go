package db

import "context"

// AskEach puts a question with many rows: each is scanned into dest, as
// database/sql does, and then told to row. Nothing is looked up by reflection, so
// that thousands of rows of a few columns cost little.
func (d *DB) AskEach(ctx context.Context, query string, args []any, row func(), dest ...any) error {
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
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		row()
	}
	return rows.Err()
}
