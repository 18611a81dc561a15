package seed

import (
	"log/slog"
	"testing"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/textfold"
	"filodiretto/router"
)

// A town of three windows holds three times what was lived, in each of its parts,
// and the program finds its way in it.
func TestATownIsWholeInEveryCopy(t *testing.T) {
	for name, url := range map[string]string{
		"sqlite":   dbtest.SQLite(t),
		"postgres": dbtest.Postgres(t),
	} {
		t.Run(name, func(t *testing.T) {
			size := Size{Cases: 60, Messages: 300, Citizens: 12, Times: 3}
			log := slog.New(slog.NewTextHandler(t.Output(), nil))
			if err := Fill(t.Context(), url, t.TempDir(), size, log); err != nil {
				t.Fatal(err)
			}
			d, err := db.Open(t.Context(), url, clock.System{}, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			checkCounts(t, d, size)
			checkWhole(t, d)
			checkFound(t, d, log)
		})
	}
}

func number(t *testing.T, d *db.DB, q string) (n int) {
	t.Helper()
	if err := d.Read.NewRaw(q).Scan(t.Context(), &n); err != nil {
		t.Fatal(q, err)
	}
	return n
}

func checkCounts(t *testing.T, d *db.DB, size Size) {
	t.Helper()
	for q, want := range map[string]int{
		"SELECT count(*) FROM cases": size.Cases * size.Times,
		"SELECT count(*) FROM messages WHERE direction <> 'out' OR origin <> 'automation'": size.Messages * size.Times,
		"SELECT count(*) FROM citizens":                                     size.Citizens * size.Times,
		"SELECT count(DISTINCT year * 1000000 + number) FROM cases":         size.Cases * size.Times,
		"SELECT count(DISTINCT value) FROM identities WHERE kind = 'email'": size.Citizens * size.Times,
		"SELECT count(*) FROM cases WHERE id IN (SELECT case_id FROM messages GROUP BY case_id HAVING sum(CASE WHEN origin <> 'automation' THEN 1 ELSE 0 END) = 20)": size.Times,
	} {
		if n := number(t, d, q); n != want {
			t.Errorf("%d, want %d: %s", n, want, q)
		}
	}
	for _, table := range append(tables, "search") {
		if n := number(t, d, "SELECT count(*) FROM "+table); n%size.Times != 0 && table != "events" {
			t.Errorf("%d rows of %s are not the same in every copy", n, table)
		}
	}
}

// checkWhole looks for rows that point nowhere.
func checkWhole(t *testing.T, d *db.DB) {
	t.Helper()
	for _, q := range []string{
		"SELECT count(*) FROM messages AS m LEFT JOIN cases AS c ON c.id = m.case_id WHERE m.case_id IS NOT NULL AND c.id IS NULL",
		"SELECT count(*) FROM messages AS m LEFT JOIN citizens AS z ON z.id = m.citizen_id WHERE z.id IS NULL",
		"SELECT count(*) FROM messages AS m LEFT JOIN raws AS r ON r.id = m.raw_id WHERE m.raw_id > 0 AND r.id IS NULL",
		"SELECT count(*) FROM cases AS c LEFT JOIN messages AS m ON m.id = c.last_message_id WHERE m.id IS NULL OR m.case_id <> c.id OR m.at <> c.last_at",
		"SELECT count(*) FROM cases AS c LEFT JOIN messages AS m ON m.id = c.last_in_id WHERE m.id IS NULL OR m.direction <> 'in'",
		"SELECT count(*) FROM deliveries AS d LEFT JOIN messages AS m ON m.id = d.message_id LEFT JOIN identities AS i ON i.id = d.identity_id WHERE m.id IS NULL OR i.id IS NULL OR i.value <> d.address",
		"SELECT count(*) FROM events AS e LEFT JOIN cases AS c ON c.id = e.case_id WHERE e.case_id > 0 AND c.id IS NULL",
		"SELECT count(*) FROM cases WHERE status = 'snoozed' AND snoozed_until <= last_at",
		"SELECT count(*) FROM raws WHERE state = 'pending'",
		"SELECT count(*) FROM deliveries WHERE state IN ('queued','sending')",
		"SELECT count(*) FROM cases AS c JOIN case_numbers AS n ON n.year = c.year WHERE c.number > n.last",
	} {
		if n := number(t, d, q); n != 0 {
			t.Errorf("%d rows: %s", n, q)
		}
	}
}

// checkFound searches: a word is found in every copy.
func checkFound(t *testing.T, d *db.DB, log *slog.Logger) {
	t.Helper()
	in := inbox.New(inbox.Deps{DB: d, Log: log, Settings: inbox.DefaultSettings(), SignKey: make([]byte, 32), Router: router.New(d, log, nil)})
	q, problems := textfold.Parse("richiesta", textfold.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	found, err := in.Search(t.Context(), inbox.Viewer{System: true}, q, 100)
	if err != nil || len(found.Hits) == 0 {
		t.Fatal("nothing is found:", len(found.Hits), err)
	}
	copies := map[int64]bool{}
	for _, h := range found.Hits {
		copies[(h.Case.Number-1)/60] = true
	}
	if len(copies) != 3 {
		t.Error("found in", len(copies), "copies of 3")
	}
	if number(t, d, "SELECT count(*) FROM cases WHERE failed") == 0 && number(t, d, "SELECT count(*) FROM cases WHERE status = 'snoozed'") == 0 {
		t.Error("every state of a case should occur")
	}
}
