package inbox

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// scatter makes n cases of all states over both offices.
func (e *env) scatter(n int) []*Case {
	e.t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	now := e.manual.Now()
	z := &Citizen{ID: db.NewID(e.clock), Name: "Ada", Version: 1}
	z.RootID = z.ID
	if _, err := e.db.Write.NewInsert().Model(z).Exec(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	var all []*Case
	for i := range n {
		c := &Case{
			ID: db.NewID(e.clock), Year: 2026, Number: int64(i + 1), Secret: "S", CitizenID: z.ID, Person: "Ada", Subject: fmt.Sprint(i), Channel: "mail", AccountID: e.mail.ID,
			OfficeID: []int64{e.urp, e.trib}[rng.IntN(2)], Kind: CaseKinds[rng.IntN(len(CaseKinds))], Status: []Status{Open, Open, Waiting, Snoozed, Closed}[rng.IntN(5)],
			LastAt: now.Add(-time.Duration(rng.IntN(50)) * time.Hour), CreatedAt: now, Version: 1, Failed: rng.IntN(10) == 0,
		}
		if rng.IntN(2) == 0 {
			c.AssigneeID = []int64{e.giulia.OperatorID, e.elena.OperatorID}[rng.IntN(2)]
		}
		if rng.IntN(3) == 0 {
			c.DueAt = now.Add(time.Duration(rng.IntN(200)-100) * time.Hour)
		}
		if i%7 == 0 {
			c.Channel = "pec"
		}
		if c.Status == Snoozed {
			c.SnoozedUntil = now.Add(time.Duration(1+rng.IntN(9)) * time.Hour)
		}
		all = append(all, c)
	}
	if _, err := e.db.Write.NewInsert().Model(&all).Exec(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return all
}

// hand is an office that had a hand in a case, by a copy of its mail or otherwise.
type hand struct {
	office int64
	copied bool
	seen   bool
}

// involve gives offices that had a hand in some of the cases.
func (e *env) involve(all []*Case) map[int64]hand {
	e.t.Helper()
	hands := map[int64]hand{}
	for i, c := range all {
		if i%5 == 0 {
			h := hand{[]int64{e.urp, e.trib}[i/5%2], i%3 == 0, i%4 == 0}
			hands[c.ID] = h
			live := c.Status == Open || c.Status == Waiting
			listed := clock.Instant(0)
			if h.copied && h.office != c.OfficeID && (live || !h.seen) {
				listed = c.LastAt
			}
			one := map[bool]int{true: 1}
			_, err := e.db.Write.NewRaw("INSERT INTO case_offices (case_id, office_id, since_at, copied_at, seen_at, live, listed_at, owner_id) VALUES (?, ?, 1, ?, ?, ?, ?, ?)",
				c.ID, h.office, one[h.copied], one[h.seen], live, listed, c.OfficeID).Exec(e.t.Context())
			if err != nil {
				e.t.Fatal(err)
			}
		}
	}
	return hands
}

// fits says in plain Go which cases a view shows. h is an office that had a hand in
// the case, or zero.
func fits(v Viewer, vw View, c *Case, h hand, now clock.Instant, open bool) bool {
	live := c.Status == Open || c.Status == Waiting
	if vw == ViewMine { // who left an office left its cases there
		return live && c.AssigneeID == v.OperatorID && (v.Member(c.OfficeID) || v.Member(h.office) || v.FrontDesk && open)
	}
	if vw == ViewCopied {
		return (live || !h.seen) && h.copied && v.Member(h.office) && !v.Member(c.OfficeID)
	}
	if !v.Member(c.OfficeID) && !(vw == ViewAll && v.FrontDesk && open) {
		return false
	}
	switch vw {
	case ViewUnassigned:
		return live && c.AssigneeID == 0
	case ViewDueSoon:
		return live && c.DueAt >= now && c.DueAt < now.Add(DueSoon)
	case ViewOverdue:
		return live && c.DueAt > 0 && c.DueAt < now
	case ViewComplaints:
		return live && c.Kind == Complaint
	case ViewPEC:
		return live && c.Channel == "pec"
	case ViewWaiting:
		return c.Status == Waiting
	case ViewSnoozed:
		return c.Status == Snoozed
	case ViewFailed:
		return c.Failed
	case ViewClosed:
		return c.Status == Closed
	}
	return live
}

func TestViewsShowWhatTheySay(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		all := e.scatter(400)
		hands := e.involve(all)
		left := Viewer{OperatorID: e.elena.OperatorID, Offices: []int64{e.urp}} // and tributi no more
		both := Viewer{OperatorID: e.elena.OperatorID, Offices: []int64{e.urp, e.trib}}
		for _, v := range []Viewer{e.giulia, e.elena, both, left, {OperatorID: 99}} {
			counts, err := e.Counts(t.Context(), v)
			if err != nil {
				t.Fatal(err)
			}
			for _, vw := range Views {
				var want []*Case
				for _, c := range all {
					if fits(v, vw, c, hands[c.ID], e.manual.Now(), true) {
						want = append(want, c)
					}
				}
				_, _, o := vw.condition(e.manual.Now())
				slices.SortFunc(want, func(a, b *Case) int {
					x := cmp.Or(cmp.Compare(o.value(a), o.value(b)), cmp.Compare(a.ID, b.ID))
					if !o.asc {
						x = -x
					}
					return x
				})
				var got []*Case
				cursor := ""
				for {
					p, err := e.List(t.Context(), v, vw, cursor, 7)
					if err != nil {
						t.Fatal(vw, err)
					}
					got = append(got, p.Cases...)
					if cursor = p.Next; cursor == "" {
						break
					}
				}
				ids := func(cs []*Case) (out []int64) {
					for _, c := range cs {
						out = append(out, c.ID)
					}
					return out
				}
				if !slices.Equal(ids(got), ids(want)) {
					t.Errorf("%s of %v: %d cases, want %d", vw, v.Offices, len(got), len(want))
				}
				if n, counted := counts[vw]; counted && n != min(len(want), CountCap+1) {
					t.Errorf("count of %s: %d, want %d", vw, n, len(want))
				}
			}
		}
	})
}

func TestAnUnreadableCursorIsRefused(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		for _, c := range []string{"x", "!!!", "MTIz", encodeCursor(1, 2)[:3]} {
			if _, err := e.List(t.Context(), e.giulia, ViewOffice, c, 10); err == nil {
				t.Errorf("%q was taken", c)
			}
		}
	})
}

func TestReservedOfficesStayUnseen(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		all := e.scatter(50)
		if _, err := e.db.Write.NewRaw("UPDATE offices SET reserved = ? WHERE id = ?", true, e.trib).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		p, err := e.List(t.Context(), e.giulia, ViewAll, "", 200)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.Cases {
			if c.OfficeID == e.trib {
				t.Fatal("a reserved office's case is in the front desk's list")
			}
		}
		for _, c := range all {
			_, err := e.CaseByID(t.Context(), e.giulia, c.ID)
			if want := c.OfficeID == e.urp; (err == nil) != want {
				t.Fatal("case", c.ID, "seen:", err == nil, "want:", want)
			}
		}
	})
}
