package order

import "filodiretto/internal/clock"

// Reason is what decided between the called and the runner-up.
type Reason string

// The reasons, each a sentence on the page.
const (
	Only    Reason = "only"     // nobody else could be called at this counter
	ByTier  Reason = "tier"     // absolute precedence, level or due appointment
	ByPass  Reason = "let_pass" // the other lets people pass
	ByWait  Reason = "wait"     // waited longer since the reference; with equal waits it would be the other's turn, or a tie
	ByClass Reason = "class"    // waited no longer, but the class ripens faster or has a head start
	BySkill Reason = "skill"    // the counter prefers the service
	ByTie   Reason = "tie"      // equal value: the earlier reference, ticket, number
)

// Decision is a call as it is kept for "why B12 before me?": the values of the
// called and of the runner-up at that instant (queue 4.5, guards).
type Decision struct {
	At       clock.Instant `json:"at"`
	Rule     Rule          `json:"rule"`
	Counter  int64         `json:"counter"`
	Called   Ranked        `json:"called"`
	RunnerUp *Ranked       `json:"runner_up,omitempty"`
	Reason   Reason        `json:"reason"`
	// Passed are those of higher value who let the called pass. Each of them has
	// one fewer to let pass now.
	Passed []int64 `json:"passed,omitempty"`
}

// Next decides whom the counter calls now; false when nobody can be called.
func (p Policy) Next(now clock.Instant, c Counter, waiting []Waiting) (Decision, bool) {
	sorted := p.byValue(now, c, waiting)
	if len(sorted) == 0 {
		return Decision{}, false
	}
	called := 0
	for i, r := range sorted {
		if r.LetPass <= 0 {
			called = i
			break
		}
	}
	d := Decision{At: now, Rule: p.Rule, Counter: c.ID, Called: sorted[called], Reason: Only}
	for _, r := range sorted[:called] {
		d.Passed = append(d.Passed, r.ID)
	}
	if len(sorted) > 1 {
		other := sorted[min(1, len(sorted)-1)]
		if called > 0 {
			other = sorted[0]
		}
		d.RunnerUp, d.Reason = &other, reason(sorted[called], other)
	}
	return d, true
}

// Why compares two people at a counter: it answers "why the first before the
// second?" for any pair, with the values of both.
func (p Policy) Why(now clock.Instant, c Counter, first, second Waiting) Decision {
	a, b := p.Place(now, c, first), p.Place(now, c, second)
	return Decision{At: now, Rule: p.Rule, Counter: c.ID, Called: a, RunnerUp: &b, Reason: reason(a, b)}
}

// reason names what puts a before b.
func reason(a, b Ranked) Reason {
	switch {
	case b.LetPass > 0 && a.LetPass == 0 && b.before(a) < 0:
		return ByPass
	case a.Tier != b.Tier:
		return ByTier
	case a.Value == b.Value:
		return ByTie
	case a.Value+a.Handicap < b.Value+b.Handicap:
		return BySkill
	case a.Minutes > b.Minutes && a.Head+a.Slope*b.Minutes <= b.Head+b.Slope*b.Minutes:
		return ByWait
	}
	return ByClass
}
