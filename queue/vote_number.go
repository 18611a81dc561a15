package queue

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/db"
)

// VoteBy is what votes are counted by.
type VoteBy string

// What votes are counted by.
const (
	VotesByService VoteBy = "service"
	VotesBySite    VoteBy = "site_id"
	VotesByOffice  VoteBy = "office_id"
	VotesByChannel VoteBy = "channel"
	VotesByWait    VoteBy = "wait_band"
	VotesByPromise VoteBy = "promise"
	VotesByReason  VoteBy = "reason" // of the red faces
	VotesByMonth   VoteBy = "month"
)

// VoteBys are all of them.
var VoteBys = []VoteBy{VotesByService, VotesBySite, VotesByOffice, VotesByChannel, VotesByWait, VotesByPromise, VotesByReason, VotesByMonth}

// Few is the key of the row into which groups go that are too small to be told.
const Few = "few"

// VoteNumber is how a group voted.
type VoteNumber struct {
	Key     string // of the service, channel, ...; Few for those too small to be told apart
	Groups  int    // how many there are in it: 1, or more for Few
	Green   int
	Yellow  int
	Red     int
	Reasons map[string]int // of the red ones, Few for those that few gave, "" for none; nil where there are few
	Served  int            // people served, of whom these voted; -1 where that is not known
	Alarm   bool           // more red ones than the municipality wants, over enough votes
}

// Votes is how many there are.
func (n *VoteNumber) Votes() int { return n.Green + n.Yellow + n.Red }

// VoteTable is the numbers of some months.
type VoteTable struct {
	From, To string // months, "2026-11"
	By       VoteBy
	Rows     []VoteNumber // the largest first, Few last; by time for months
	Total    *VoteNumber  // nil when even all together are too few
	Least    int          // no group is smaller
	// LeastShare is from how many votes on a share means anything: pages and
	// exports show none for fewer.
	LeastShare int
}

// Share is a part of the votes of a row, between 0 and 1; -1 for a row of so few
// votes that a share would say more than is known.
func (t *VoteTable) Share(n *VoteNumber, part int) float64 {
	if n.Votes() < t.LeastShare || n.Votes() == 0 {
		return -1
	}
	return float64(part) / float64(n.Votes())
}

// mostMonths is how many months one question may be about.
const mostMonths = 36

// Numbers counts the votes of whole months, from one to another, both included.
// Within each month groups of fewer than Least are put together, and if they are
// few even then, with the smallest other one; several months are the sums of such
// tables. So no number that is told, and no difference of two, is of fewer people.
// Days are not told apart, and today's votes are not counted yet: who looks on from
// hour to hour sees nobody vote. siteID 0 is all sites and the cases. Any member of
// the staff may see it; ErrNotFound for others.
func (v *Votes) Numbers(ctx context.Context, viewer inbox.Viewer, siteID int64, from, to string, by VoteBy) (*VoteTable, error) {
	if citizen(viewer) {
		return nil, ErrNotFound
	}
	list, err := months(from, to)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(VoteBys, by) {
		return nil, invalid("by", "unknown")
	}
	t := &VoteTable{From: from, To: to, By: by, Least: v.set.Least, LeastShare: v.set.LeastShare}
	for _, month := range list {
		rows, err := v.month(ctx, siteID, month, by)
		if err != nil {
			return nil, err
		}
		t.take(rows)
	}
	t.sort()
	if len(t.Rows) > 0 {
		t.Total = total(t.Rows)
		v.refine(t.Total)
	}
	for i := range t.Rows {
		v.refine(&t.Rows[i])
	}
	return t, nil
}

// month counts one month and puts together what is too small.
func (v *Votes) month(ctx context.Context, siteID int64, first Day, by VoteBy) ([]VoteNumber, error) {
	end := min(first.nextMonth(), v.today())
	if siteID != 0 { // what the whole has and a site has not must not be of few either
		var rest int
		err := v.q.db.Read.NewRaw("SELECT COUNT(*) FROM votes WHERE day >= ? AND day < ? AND site_id <> ?", first, end, siteID).Scan(ctx, &rest)
		if err != nil || rest > 0 && rest < v.set.Least {
			return nil, err
		}
	}
	groups, err := v.count(ctx, siteID, first, end, by)
	if err != nil {
		return nil, err
	}
	if by == VotesByService || by == VotesBySite {
		if err := v.served(ctx, siteID, first, end, by, groups); err != nil {
			return nil, err
		}
	}
	return v.suppress(groups), nil
}

// take adds the rows of a month.
func (t *VoteTable) take(rows []VoteNumber) {
	for _, r := range rows {
		i := slices.IndexFunc(t.Rows, func(o VoteNumber) bool { return o.Key == r.Key })
		if i < 0 {
			t.Rows = append(t.Rows, r)
			continue
		}
		groups := max(t.Rows[i].Groups, r.Groups)
		t.Rows[i].add(&r)
		t.Rows[i].Groups = groups
	}
}

func (t *VoteTable) sort() {
	slices.SortStableFunc(t.Rows, func(a, b VoteNumber) int {
		if few := (a.Key == Few); few != (b.Key == Few) {
			return map[bool]int{true: 1, false: -1}[few]
		}
		if t.By == VotesByMonth {
			return cmp.Compare(a.Key, b.Key)
		}
		return cmp.Or(cmp.Compare(b.Votes(), a.Votes()), cmp.Compare(a.Key, b.Key))
	})
}

// months lists the first days of the months from one to another.
func months(from, to string) ([]Day, error) {
	a, errA := ParseDay(from + "-01")
	b, errB := ParseDay(to + "-01")
	if errA != nil || errB != nil || b < a {
		return nil, invalid("month", "bad_form")
	}
	var out []Day
	for ; a <= b; a = a.nextMonth() {
		if out = append(out, a); len(out) > mostMonths {
			return nil, invalid("month", "range")
		}
	}
	return out, nil
}

func (d Day) nextMonth() Day { return Day(d.date().AddDate(0, 1, 0).Format(dayLayout)) }

// count reads the votes of days, by group, reason and face.
func (v *Votes) count(ctx context.Context, siteID int64, first, end Day, by VoteBy) ([]VoteNumber, error) {
	column := map[VoteBy]string{VotesByMonth: "SUBSTR(day, 1, 7)", VotesBySite: "CAST(site_id AS TEXT)", VotesByOffice: "CAST(office_id AS TEXT)"}[by]
	if column == "" {
		column = string(by)
	}
	q := "SELECT " + column + " AS key, face, reason, COUNT(*) AS n FROM votes WHERE day >= ? AND day < ?"
	args := []any{first, end}
	if by == VotesByReason {
		q += " AND face = 1"
	}
	if siteID != 0 {
		q += " AND site_id = ?"
		args = append(args, siteID)
	}
	var rows []struct {
		Key    string
		Face   Face
		Reason string
		N      int
	}
	if err := v.q.db.Read.NewRaw(q+" GROUP BY 1, 2, 3 ORDER BY 1, 2, 3", args...).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("count votes: %w", err)
	}
	var out []VoteNumber
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].Key != r.Key {
			out = append(out, VoteNumber{Key: r.Key, Groups: 1, Served: -1, Reasons: map[string]int{}})
		}
		n := &out[len(out)-1]
		switch r.Face {
		case Green:
			n.Green += r.N
		case Yellow:
			n.Yellow += r.N
		case Red:
			n.Red += r.N
			n.Reasons[r.Reason] += r.N
		}
	}
	return out, nil
}

// served adds how many people were served at the counters, for the rate of those
// who answer.
func (v *Votes) served(ctx context.Context, siteID int64, first, end Day, by VoteBy, groups []VoteNumber) error {
	key := "sv.key"
	if by == VotesBySite {
		key = "CAST(s.site_id AS TEXT)"
	}
	q := "SELECT " + key + " AS key, COUNT(*) AS n FROM steps AS s JOIN services AS sv ON sv.id = s.service_id WHERE s.id >= ? AND s.state = 'done' AND s.ended_at >= ? AND s.ended_at < ?"
	from := first.Start(v.q.zone)
	args := []any{db.FirstID(from.Add(-7 * 24 * time.Hour)), from, end.Start(v.q.zone)}
	if siteID != 0 {
		q += " AND s.site_id = ?"
		args = append(args, siteID)
	}
	var rows []struct {
		Key string
		N   int
	}
	if err := v.q.db.Read.NewRaw(q+" GROUP BY 1", args...).Scan(ctx, &rows); err != nil {
		return fmt.Errorf("count who was served: %w", err)
	}
	for i := range groups {
		for _, r := range rows {
			if r.Key == groups[i].Key {
				groups[i].Served = r.N
			}
		}
	}
	return nil
}

// suppress puts groups together that are too small.
func (v *Votes) suppress(groups []VoteNumber) []VoteNumber {
	slices.SortStableFunc(groups, func(a, b VoteNumber) int { return cmp.Or(cmp.Compare(b.Votes(), a.Votes()), cmp.Compare(a.Key, b.Key)) })
	few := VoteNumber{Key: Few, Served: -1, Reasons: map[string]int{}}
	rows := groups
	for len(rows) > 0 && (rows[len(rows)-1].Votes() < v.set.Least || few.Groups > 0 && few.Votes() < v.set.Least) {
		last := rows[len(rows)-1]
		rows = rows[:len(rows)-1]
		few.add(&last)
	}
	if few.Votes() >= v.set.Least {
		rows = append(rows, few)
	}
	return rows
}

func (n *VoteNumber) add(o *VoteNumber) {
	n.Groups += o.Groups
	n.Green, n.Yellow, n.Red = n.Green+o.Green, n.Yellow+o.Yellow, n.Red+o.Red
	for reason, count := range o.Reasons {
		n.Reasons[reason] += count
	}
	if o.Served >= 0 {
		n.Served = max(0, n.Served) + o.Served
	}
}

func total(rows []VoteNumber) *VoteNumber {
	t := &VoteNumber{Served: -1, Reasons: map[string]int{}}
	for i := range rows {
		t.add(&rows[i])
	}
	return t
}

// refine decides what of a row may be told beside its faces: reasons that few gave
// are put together under Few.
func (v *Votes) refine(n *VoteNumber) {
	n.Alarm = n.Votes() >= v.set.LeastShare && float64(n.Red) > v.set.Alarm*float64(n.Votes())
	if n.Red < v.set.Least {
		n.Reasons = nil
		return
	}
	var groups []VoteNumber
	for reason, count := range n.Reasons {
		groups = append(groups, VoteNumber{Key: reason, Groups: 1, Red: count, Reasons: map[string]int{}})
	}
	n.Reasons = map[string]int{}
	for _, g := range v.suppress(groups) {
		n.Reasons[g.Key] = g.Red
	}
}
