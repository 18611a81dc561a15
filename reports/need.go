package reports

// Use is how much of its time a counter should have somebody, so that waits stay
// short and people can breathe (queue reference 4.6: 0.8 to 0.85).
const Use = 0.85

// Need is how many counters a half-hour of the day had and would have needed.
type Need struct {
	Band int
	Days int     // days of which the means are
	Came float64 // people who came in it, a day
	Open float64 // counters open, on average
	Busy float64 // counters that had somebody, on average
	Need float64 // counters that those who came would have kept busy to Use
	P80  int     // of the waits of those who came in it, seconds; -1 for none
}

// Short reports whether fewer counters were open than needed, by half a counter.
func (n Need) Short() bool { return n.Need > n.Open+.5 }

// Needs gives the half-hours in which somebody came or a counter was open.
func (f *Figures) Needs() []Need {
	const band = 30 * 60
	var out []Need
	for i := range f.Hours {
		h := &f.Hours[i]
		if h.Days == 0 {
			continue
		}
		days := float64(h.Days)
		out = append(out, Need{
			Band: i, Days: h.Days, Came: float64(h.Visits) / days, Open: float64(h.OpenS) / days / band, Busy: float64(h.BusyS) / days / band,
			Need: float64(h.NeedS) / days / band / Use, P80: h.Wait.Quantile(.8),
		})
	}
	return out
}
