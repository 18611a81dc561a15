package order

// Claim is one line in time: the tier is compared first, then
// Head + Slope × minutes since the reference.
type Claim struct {
	Class Class   `json:"class"`
	Tier  int     `json:"tier"`
	Head  float64 `json:"head"`
	Slope float64 `json:"slope"`
}

// Claims are the lines of one person. Most have one; who has an appointment and
// another class besides has two, and the better counts at each moment.
type Claims struct {
	Of    [2]Claim
	Count int
}

// Claims gives the lines of w under the policy.
func (p Policy) Claims(w Waiting) Claims {
	cs := Claims{Of: [2]Claim{p.claim(w.Class, w)}, Count: 1}
	if w.Slot != 0 && w.Class != Appointment {
		cs.Of[1], cs.Count = p.claim(Appointment, w), 2
	}
	if cs.Count == 2 && (cs.Of[0].Tier != cs.Of[1].Tier || p.Rule != Affine) {
		// One line is above the other for good.
		if cs.Of[1].Tier > cs.Of[0].Tier {
			cs.Of[0] = cs.Of[1]
		}
		cs.Of[1], cs.Count = Claim{}, 1
	}
	return cs
}

func (p Policy) claim(c Class, w Waiting) Claim {
	wt := p.weight(c)
	switch p.Rule {
	case Affine:
		return Claim{Class: c, Tier: tier(wt.Absolute, 1), Head: wt.Head, Slope: wt.Slope}
	case Strict:
		return Claim{Class: c, Tier: wt.Level, Slope: 1}
	case AppointmentsFirst:
		if c == Appointment && p.inWindow(w) {
			return Claim{Class: c, Tier: 1, Slope: 1}
		}
		return Claim{Class: c, Tier: tier(wt.Absolute, 2), Slope: 1}
	}
	return Claim{Class: c, Slope: 1} // FirstCome, LongestWait
}

func tier(absolute bool, t int) int {
	if absolute {
		return t
	}
	return 0
}

// At is the best claim after so many minutes since the reference, and its value.
func (cs *Claims) At(minutes float64) (Claim, float64) {
	best, value := cs.Of[0], cs.Of[0].Head+cs.Of[0].Slope*minutes
	if cs.Count == 2 {
		if v := cs.Of[1].Head + cs.Of[1].Slope*minutes; v > value {
			best, value = cs.Of[1], v
		}
	}
	return best, value
}
