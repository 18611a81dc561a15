package queue

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"filodiretto/inbox"
)

// votes writes votes as they would be given.
func (e *votesEnv) votes(service, channel string, day Day, green, yellow int, reds ...string) {
	e.t.Helper()
	site := e.site
	if channel != "counter" {
		site = 0
	}
	write := func(face Face, reason string) {
		e.n++
		e.exec("INSERT INTO votes (id, site_id, office_id, service, channel, face, reason, day) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", 1_000_000+e.n, site, e.urp, service, channel, face, reason, day)
	}
	for range green {
		write(Green, "")
	}
	for range yellow {
		write(Yellow, "")
	}
	for _, r := range reds {
		write(Red, r)
	}
}

func rows(t *VoteTable) string {
	out := ""
	for i, r := range t.Rows {
		if i > 0 {
			out += ", "
		}
		out += fmt.Sprintf("%s %d/%d/%d", r.Key, r.Green, r.Yellow, r.Red)
	}
	return out
}

func TestNumbersSuppressTheFew(t *testing.T) {
	eachVotes(t, func(t *testing.T, e *votesEnv) {
		numbers := func(site int64, from, to string, by VoteBy) *VoteTable {
			t.Helper()
			return must(e.Numbers(t.Context(), e.anna, site, from, to, by))(t)
		}
		e.votes("cards", "counter", "2026-10-05", 40, 5, "waiting", "waiting", "waiting", "waiting", "waiting", "operator", "unclear", "")
		e.votes("registry", "counter", "2026-10-06", 6, 0)
		e.votes("taxes", "counter", "2026-10-07", 2, 1)
		got := numbers(0, "2026-10", "2026-10", VotesByService)
		// Three for taxes alone would be told by the difference to the total: they go
		// together with the next.
		if s := rows(got); s != "cards 40/5/8, few 8/1/0" || got.Rows[1].Groups != 2 || got.Total.Votes() != 62 {
			t.Fatal(s)
		}
		if r := got.Rows[0].Reasons; len(r) != 1 || r["waiting"]+r[Few] != 8 {
			t.Fatalf("reasons that few gave: %+v", r)
		}
		if got.Share(&got.Rows[0], 40) < 0.75 || got.Share(&got.Rows[1], 8) != -1 || got.Rows[0].Alarm {
			t.Fatalf("%+v", got.Rows[0])
		}
		e.votes("cards", "counter", "2026-09-05", 3, 1)
		if s := numbers(0, "2026-09", "2026-09", VotesByService); len(s.Rows) != 0 || s.Total != nil {
			t.Fatal("four are told in no way", rows(s))
		}
		if s := numbers(0, "2026-09", "2026-10", VotesByService); s.Total.Votes() != 62 {
			t.Fatal("nor as the difference of two months and one", s.Total.Votes())
		}
		e.votes("residenza", "mail", "2026-10-08", 2, 0)
		if s := numbers(e.site, "2026-10", "2026-10", VotesBySite); s.Total != nil {
			t.Fatal("nor as the difference of all and a site", rows(s))
		}
		e.votes("residenza", "telegram", "2026-10-08", 3, 0)
		if s := numbers(e.site, "2026-10", "2026-10", VotesByService); s.Total.Votes() != 62 {
			t.Fatal(rows(s))
		}
		if s := rows(numbers(0, "2026-10", "2026-10", VotesByChannel)); s != "counter 48/6/8, few 5/0/0" {
			t.Fatal(s)
		}
		if s := rows(numbers(0, "2026-08", "2026-11", VotesByMonth)); s != "2026-10 53/6/8" {
			t.Fatal(s)
		}
		e.votes("cards", "counter", "2026-11-23", 10, 0) // today
		if s := numbers(0, "2026-11", "2026-11", VotesByService); s.Total != nil {
			t.Fatal("nobody watches the votes come in")
		}
		e.after(minutes(24 * 60))
		if s := numbers(0, "2026-11", "2026-11", VotesByService); s.Total.Votes() != 10 {
			t.Fatal(rows(s))
		}
	})
}

func TestNumbersAlarmAndServed(t *testing.T) {
	eachVotes(t, func(t *testing.T, e *votesEnv) {
		e.visit(0)
		e.visit(0)
		e.after(minutes(24 * 60))
		reds := make([]string, 9)
		e.votes("cards", "counter", "2026-11-23", 30, 0, reds...)
		got := must(e.Numbers(t.Context(), e.anna, 0, "2026-11", "2026-11", VotesByService))(t)
		if !got.Rows[0].Alarm || got.Rows[0].Served != 2 || got.Rows[0].Reasons[""] != 9 {
			t.Fatalf("%+v", got.Rows[0])
		}
		if _, err := e.Numbers(t.Context(), inbox.Viewer{}, 0, "2026-11", "2026-11", VotesByService); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		for _, bad := range [][2]string{{"2026-11", "2026-10"}, {"x", "2026-11"}, {"2020-01", "2026-11"}} {
			if _, err := e.Numbers(t.Context(), e.anna, 0, bad[0], bad[1], VotesByService); !errors.Is(err, ErrInvalid) {
				t.Error(bad, err)
			}
		}
		if _, err := e.Numbers(t.Context(), e.anna, 0, "2026-11", "2026-11", "day"); !errors.Is(err, ErrInvalid) {
			t.Error("days are not told apart", err)
		}
		for _, by := range VoteBys {
			must(e.Numbers(t.Context(), e.anna, 0, "2026-11", "2026-11", by))(t)
		}
	})
}

// No table tells of fewer than five, whatever the votes are, and the rows that are
// told make up all votes or none.
func TestSuppressProperties(t *testing.T) {
	v := &Votes{set: DefaultVoteSettings()}
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 12), 0, 12).Draw(t, "sizes")
		var groups []VoteNumber
		all := 0
		for i, n := range sizes {
			groups = append(groups, VoteNumber{Key: fmt.Sprint("g", i), Groups: 1, Green: n, Served: -1, Reasons: map[string]int{}})
			all += n
		}
		told, sum := v.suppress(groups), 0
		for _, r := range told {
			if r.Votes() < 5 {
				t.Fatalf("a row of %d in %v", r.Votes(), sizes)
			}
			sum += r.Votes()
		}
		if sum != all && (sum != 0 || all >= 5) {
			t.Fatalf("%d of %d are told: %v", sum, all, sizes)
		}
	})
}

func TestMonthReport(t *testing.T) {
	eachVotes(t, func(t *testing.T, e *votesEnv) {
		e.votes("cards", "counter", "2026-10-05", 40, 5, "waiting", "waiting", "waiting", "waiting", "waiting", "operator", "operator", "operator", "operator", "operator")
		e.votes("taxes", "counter", "2026-10-07", 2, 1)
		e.votes("residenza", "mail", "2026-10-08", 3, 0)
		e.votes("residenza", "telegram", "2026-10-08", 3, 1)
		e.votes("request", "phone", "2026-10-08", 4, 0)
		names := map[string]string{"cards": "=Carta d'identità; rilascio", "residenza": `Cambio di "residenza"`}
		r := must(e.Votes.Month(t.Context(), e.anna, "Comune di Pontelieto", "2026-10", func(k string) string { return names[k] }))(t)
		for lang, got := range map[string][]byte{"it": r.CSV("it"), "en": r.CSV("en")} {
			path := filepath.Join("testdata", "votes", lang+".csv")
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%v\n%s", err, got)
			}
		}
		sheet := must(r.XLSX("it"))(t)
		f := must(excelize.OpenReader(bytes.NewReader(sheet)))(t)
		defer f.Close()
		cells := must(f.GetRows("Mettiamoci la faccia"))(t)
		table := r.Table("it")
		if len(cells) != len(table) || cells[0][0] != "Amministrazione" || cells[1][3] != "=Carta d'identità; rilascio" || cells[1][4] != "40" {
			t.Fatalf("%v", cells)
		}
		if formula, err := f.GetCellFormula("Mettiamoci la faccia", "D2"); err != nil || formula != "" {
			t.Fatal("a text is no formula", formula, err)
		}
		if empty := must(e.Votes.Month(t.Context(), e.anna, "X", "2026-01", func(k string) string { return k }))(t); len(empty.Rows) != 0 || len(empty.Table("it")) != 1 {
			t.Fatal(empty)
		}
		if _, err := e.Votes.Month(t.Context(), inbox.Viewer{}, "X", "2026-01", nil); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
	})
}

func TestWaitBand(t *testing.T) {
	for minutes, want := range map[float64]string{0: "0-5", 5: "0-5", 5.01: "5-15", 15: "5-15", 29: "15-30", 60: "30-60", 61: "60+", 600: "60+"} {
		if got := waitBand(minutes); got != want {
			t.Errorf("%v: %s", minutes, got)
		}
	}
}
