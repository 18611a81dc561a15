package demo

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

func TestHistoryTry(t *testing.T) {
	d := &Demo{opt: Options{Dir: t.TempDir(), Env: nil, Listen: "127.0.0.1:0"}}
	defer d.Stop()
	if err := d.defaults(); err != nil {
		t.Fatal(err)
	}
	fresh, err := d.openFolder()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.openWorld(fresh); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := d.world.tellHistory(context.Background(), d.config, slog.New(slog.NewTextHandler(t.Output(), nil)), nil); err != nil {
		t.Fatal(err)
	}
	t.Log("took", time.Since(began))
	x, err := db.Open(t.Context(), d.config.Database.URL.Reveal(), clock.System{}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	for _, q := range []string{
		"select count(*) from cases", "select count(*) from messages", "select count(*) from raws", "select count(*) from events", "select count(*) from citizens", "select count(*) from parts",
	} {
		var n int
		x.Read.QueryRow(q).Scan(&n)
		t.Log(q, n)
	}
	for _, q := range []string{
		"select status, count(*) from cases group by 1", "select o.name, count(*) from cases c join offices o on o.id=c.office_id group by 1",
		"select state, count(*) from deliveries group by 1", "select state||' '||reason, count(*) from quarantine group by 1", "select state, count(*) from proposals group by 1",
		"select kind, count(*) from events group by 1", "select channel||direction||origin, count(*) from messages group by 1", "select state, count(*) from raws group by 1",
		"select o.name||' '||c.status, count(*) from cases c join offices o on o.id=c.office_id where c.status<>'closed' group by 1", "select kind, count(*) from cases group by 1",
		"select state, count(*) from parts group by 1",
		"select class||' '||code||' '||text, count(*) from deliveries where class<>'' group by 1",
	} {
		rows, err := x.Read.Query(q)
		if err != nil {
			t.Log(err)
			continue
		}
		t.Log(q)
		for rows.Next() {
			var s string
			var n int
			rows.Scan(&s, &n)
			t.Log("   ", s, n)
		}
		rows.Close()
	}
}
