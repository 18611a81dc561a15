package seed

import (
	"context"
	"fmt"
	"strings"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// tables are those that grow with a town, parents before children.
var tables = []string{
	"raws", "citizens", "citizen_words", "identities", "cases", "case_offices", "messages", "message_keys", "copies", "parts",
	"deliveries", "delivery_events", "events", "auto_sends", "proposals", "suggestions",
}

// kept are the numbers that stay what they are: of the house, not of the town.
var kept = map[string]bool{"office_id": true, "owner_id": true, "account_id": true, "operator_id": true, "assignee_id": true, "from_office": true, "to_office": true}

// instants are the columns of time whose name does not end in _at or _until.
var instants = map[string]bool{"at": true, "first_seen": true, "last_seen": true, "recent_since": true}

// unique says how the copies differ where rows must not be alike: {k} is the
// number of the copy in two digits.
var unique = map[string]string{
	"raws.dedup_key":          "dedup_key || '/{k}'",
	"message_keys.key":        "key || ':{k}'",
	"messages.external_id":    "CASE WHEN external_id = '' THEN '' ELSE '{k}.' || external_id END",
	"identities.value":        "CASE kind WHEN 'email' THEN replace(value, '@', '{k}@') WHEN 'phone' THEN substr(value, 1, length(value) - 2) || '{k}' ELSE value END",
	"identities.match_key":    "CASE kind WHEN 'phone' THEN substr(match_key, 1, length(match_key) - 2) || '{k}' ELSE match_key END",
	"citizen_words.word":      "CASE WHEN word LIKE '%@%' THEN replace(word, '@', '{k}@') WHEN word BETWEEN '0' AND ':' THEN substr(word, 1, length(word) - 2) || '{k}' ELSE word END",
	"deliveries.address":      "replace(address, '@', '{k}@')",
	"auto_sends.address":      "replace(address, '@', '{k}@')",
	"cases.number":            "number + {offset}",
	"cases.year":              "{year}",
	"cases.secret":            "substr(secret, 1, 8) || '{k}'",
	"messages.sender":         "replace(sender, '@', '{k}@')",
	"identities.recent_since": "0", // the window of a storm is over
}

// multiply copies the lived window times-1 times, each further back by one
// window. Numbers begin with their time, so both are moved together.
func multiply(ctx context.Context, d *db.DB, times int) error {
	sql := map[string]string{}
	for _, t := range tables {
		columns, err := columnsOf(ctx, d, t)
		if err != nil {
			return err
		}
		sql[t] = copySQL(t, columns)
	}
	var n struct{ Cases, First int64 }
	// what was lived has greater numbers than any copy
	if err := d.Read.NewRaw("SELECT (SELECT max(number) FROM cases) AS cases, (SELECT min(id) FROM raws) AS first").Scan(ctx, &n); err != nil {
		return fmt.Errorf("count what was lived: %w", err)
	}
	end, first := d.Clock.Now().Time(), fmt.Sprint(n.First)
	if err := prepareSearch(ctx, d, first); err != nil {
		return err
	}
	for k := 1; k < times; k++ {
		fill := strings.NewReplacer("{k}", fmt.Sprintf("%02d", k), "{year}", fmt.Sprint(end.Add(-time.Duration(k)*window).Year()),
			"{offset}", fmt.Sprint(int64(times-k)*n.Cases), "{id}", fmt.Sprint(int64(k)*window.Milliseconds()<<22), "{time}", fmt.Sprint(int64(k)*window.Microseconds()), "{first}", first)
		if err := copyAll(ctx, d, sql, fill); err != nil {
			return fmt.Errorf("copy %d: %w", k, err)
		}
	}
	return finish(ctx, d)
}

func columnsOf(ctx context.Context, d *db.DB, table string) (columns []string, err error) {
	q := "SELECT name FROM pragma_table_info(?) ORDER BY cid"
	if d.Postgres {
		q = "SELECT column_name FROM information_schema.columns WHERE table_name = ? AND table_schema = 'public' ORDER BY ordinal_position"
	}
	if err := d.Read.NewRaw(q, table).Scan(ctx, &columns); err != nil || len(columns) == 0 {
		return nil, fmt.Errorf("columns of %s: %d, %w", table, len(columns), err)
	}
	return columns, nil
}

// copySQL copies the rows of the lived window. A placeholder word stands for
// what differs from copy to copy.
func copySQL(table string, columns []string) string {
	from := make([]string, len(columns))
	for i, c := range columns {
		from[i] = moved(table, c)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s >= {first}", table, strings.Join(columns, ", "), strings.Join(from, ", "), table, numberOf(table))
}

func moved(table, c string) string {
	if how, ok := unique[table+"."+c]; ok {
		return how
	}
	switch {
	case kept[c]:
		return c
	case instants[c], strings.HasSuffix(c, "_at"), strings.HasSuffix(c, "_until"):
		return fmt.Sprintf("CASE WHEN %s > 0 THEN %s - {time} ELSE %s END", c, c, c)
	case c == "external_id", c == "content_id":
		return c
	case c == "id", c == "merged_into", strings.HasSuffix(c, "_id"):
		return fmt.Sprintf("CASE WHEN %s > 0 THEN %s - {id} ELSE %s END", c, c, c)
	}
	return c
}

// numberOf is the column by which the rows of a table are known to be lived.
func numberOf(table string) string {
	switch table {
	case "citizen_words":
		return "citizen_id"
	case "case_offices":
		return "case_id"
	case "message_keys", "copies":
		return "message_id"
	}
	return "id"
}

// copyAll makes one copy, with its part of the search.
func copyAll(ctx context.Context, d *db.DB, sql map[string]string, fill *strings.Replacer) error {
	return d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, t := range tables {
			if _, err := tx.Tx.Tx.ExecContext(ctx, fill.Replace(sql[t])); err != nil {
				return fmt.Errorf("%s: %w", t, err)
			}
		}
		q := "INSERT INTO search (rowid, words) SELECT doc - {id}, words FROM temp.lived"
		if tx.Postgres {
			q = "INSERT INTO search (message_id, words) SELECT message_id - {id}, words FROM search WHERE message_id >= {first}"
		}
		if _, err := tx.Tx.Tx.ExecContext(ctx, fill.Replace(q)); err != nil {
			return fmt.Errorf("search: %w", err)
		}
		return nil
	})
}

// prepareSearch reads back the words of the lived messages on SQLite, whose
// index keeps no texts: each word of each message is there once.
func prepareSearch(ctx context.Context, d *db.DB, first string) error {
	if d.Postgres {
		return nil
	}
	for _, q := range []string{
		"CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, search, instance)",
		"CREATE TEMP TABLE lived AS SELECT doc, group_concat(term, ' ') AS words FROM temp.vocabulary WHERE doc >= " + first + " GROUP BY doc ORDER BY doc",
	} {
		if _, err := d.Write.DB.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("read the search index back: %w", err)
		}
	}
	return nil
}

// finish does what the program's chores would have done over the years, and lets
// the database see what it holds. The mailbox is empty again, so its cursor goes.
func finish(ctx context.Context, d *db.DB) error {
	day := int64(24 * time.Hour / time.Microsecond)
	list := []string{
		fmt.Sprintf("UPDATE cases SET raised_at = created_at + %d WHERE assignee_id = 0 AND raised_at = 0 AND status = 'open' AND created_at < %d", day, int64(clock.System{}.Now())-day),
		"DELETE FROM cursors",
		"DELETE FROM case_numbers",
		"INSERT INTO case_numbers (year, last) SELECT year, max(number) FROM cases GROUP BY year",
	}
	if d.Postgres {
		list = append(list, "VACUUM ANALYZE", "CHECKPOINT")
	} else {
		list = append(list, "INSERT INTO search (search) VALUES ('optimize')", "DROP TABLE temp.lived", "DROP TABLE temp.vocabulary", "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	for _, q := range list {
		if _, err := d.Write.DB.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("finish: %s: %w", strings.Fields(q)[0], err)
		}
	}
	return nil
}
