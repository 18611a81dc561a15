package order

import (
	"cmp"
	"slices"
	"time"

	"filodiretto/internal/clock"
)

// Ranked is a person's place at one counter at one instant, with everything that
// made it, so that a page can say it in words.
type Ranked struct {
	ID       int64         `json:"id"`
	Claim                  // the class that counted, its a and b
	Since    clock.Instant `json:"since"`    // T, the reference
	Minutes  float64       `json:"minutes"`  // t − T; negative before the slot
	Handicap float64       `json:"handicap"` // minutes that this counter takes off
	Value    float64       `json:"value"`    // Head + Slope·Minutes − Handicap
	Arrived  clock.Instant `json:"arrived"`
	LetPass  int           `json:"let_pass,omitempty"`
}

// before is the order of values: tier, value, then seniority, then the id, so
// that no two people are ever equal.
func (r Ranked) before(o Ranked) int {
	return cmp.Or(
		cmp.Compare(o.Tier, r.Tier),
		cmp.Compare(o.Value, r.Value),
		cmp.Compare(r.Since, o.Since),
		cmp.Compare(r.Arrived, o.Arrived),
		cmp.Compare(r.ID, o.ID),
	)
}

// Rank puts those whom the counter can call now in the order in which it would
// call them if no time passed: by value, except that who lets k people pass comes
// after k of those behind them. When nobody else is left to pass, they are called:
// a counter is never idle while somebody waits.
func (p Policy) Rank(now clock.Instant, c Counter, waiting []Waiting) []Ranked {
	return yield(p.byValue(now, c, waiting))
}

// byValue is Rank before anybody lets others pass.
func (p Policy) byValue(now clock.Instant, c Counter, waiting []Waiting) []Ranked {
	var out []Ranked
	for _, w := range waiting {
		if p.Bar(now, c, w) == None {
			out = append(out, p.Place(now, c, w))
		}
	}
	slices.SortFunc(out, Ranked.before)
	return out
}

// Place is the value of w at the counter now, whether or not it can be called.
func (p Policy) Place(now clock.Instant, c Counter, w Waiting) Ranked {
	since := p.Since(w)
	minutes := Minutes(now.Sub(since))
	cs := p.Claims(w)
	claim, value := cs.At(minutes)
	handicap, _ := c.Serves(w)
	return Ranked{
		ID: w.ID, Claim: claim, Since: since, Minutes: minutes, Handicap: Minutes(handicap),
		Value: value - Minutes(handicap), Arrived: w.Arrived, LetPass: w.LetPass,
	}
}

// Minutes is a duration in minutes, exact to the microsecond.
func Minutes(d time.Duration) float64 { return float64(d/time.Microsecond) / 60e6 }

// yield moves those who let others pass behind as many of the people after them.
func yield(sorted []Ranked) []Ranked {
	if !slices.ContainsFunc(sorted, func(r Ranked) bool { return r.LetPass > 0 }) {
		return sorted
	}
	out := make([]Ranked, 0, len(sorted))
	var passing []Ranked // in order of value, with what they still let pass
	var left []int
	call := func(r Ranked, above int) {
		out = append(out, r)
		for i := range above {
			left[i]--
		}
	}
	for _, r := range sorted {
		if r.LetPass > 0 {
			passing, left = append(passing, r), append(left, r.LetPass)
			continue
		}
		call(r, len(passing))
		for i := slices.IndexFunc(left, done); i >= 0; i = slices.IndexFunc(left, done) {
			back := passing[i]
			passing, left = slices.Delete(passing, i, i+1), slices.Delete(left, i, i+1)
			call(back, i)
		}
	}
	return append(out, passing...)
}

func done(left int) bool { return left <= 0 }
