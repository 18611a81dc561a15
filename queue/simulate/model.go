package simulate

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// Model generates days of an office that does not exist. No Italian counter data
// were found, so the offices are made up, calibrated on the published hour profile
// of a German town hall (queue 6), and every figure from them must say so.
type Model struct {
	Name     string
	Services []Service
	Counters []Staffed
	// Open are the hours in which tickets are issued, as times of day.
	Open []Hours
	// Overtime is how long after the doors close people are still called.
	Overtime time.Duration
	// Rate is how many walk-ins come in an hour, by half-hour from midnight.
	Rate map[int]float64
	// Weekday multiplies the rate; a day of 0 or none is closed.
	Weekday map[time.Weekday]float64
	// Busy is the spread of the whole day's rate, as the sigma of its logarithm.
	Busy      float64
	Protected float64 // share of walk-ins with a right to precedence
	Agenda    Agenda
	Habits    Habits
}

// Service is a service with its true law, which estimators do not know.
type Service struct {
	ID     int64
	Name   string
	Group  string
	Share  float64 // of the walk-ins
	Booked float64 // of the appointments
	Mean   float64 // minutes at the counter
	CV     float64 // standard deviation over mean
}

// Hours are times of day.
type Hours struct{ From, To time.Duration }

// Staffed is a counter with its shifts and declared breaks.
type Staffed struct {
	order.Counter
	Shifts []Hours
	Breaks []Hours
	// Days are the days on which it is staffed; nil for all.
	Days []time.Weekday
}

// Agenda is how appointments are given out.
type Agenda struct {
	Hours   []Hours
	Every   time.Duration // from slot to slot; 0 for no appointments
	Places  int           // in each slot
	Taken   float64       // probability that a place is booked
	NoShow  float64       // probability that who booked never comes
	Earlier float64       // minutes before the slot that people come, on average
	Spread  float64       // its standard deviation
}

// Habits are how people and operators behave.
type Habits struct {
	Pace      float64 // spread of the operators' pace, as the sigma of its logarithm
	Gap       float64 // minutes from one person to the call of the next, on average
	Stops     float64 // unplanned pauses in an hour at a counter
	StopMean  float64 // minutes
	Absent    float64 // probability that a counter is not staffed that day
	Patience  float64 // minutes of waiting after which people give up, on average; 0: never
	Silent    float64 // share of those who give up that say nothing
	Goes      float64 // probability that another service follows
	MissCall  float64 // probability that the first call is missed and one is put back
	MissDelay time.Duration
}

// Days generates n days on which the office is open, from a date on. The same seed
// gives the same days.
func (m Model) Days(from time.Time, n int, seed uint64) []Day {
	var out []Day
	for i := uint64(0); len(out) < n; i++ {
		date := time.Date(from.Year(), from.Month(), from.Day()+int(i), 0, 0, 0, 0, from.Location())
		if m.Weekday[date.Weekday()] > 0 {
			out = append(out, m.day(date, seed, i))
		}
	}
	return out
}

// day generates one day. Visits and counters draw from streams of their own, so
// that a change in the one leaves the other as it was.
func (m Model) day(date time.Time, seed, index uint64) Day {
	people := rand.New(rand.NewPCG(seed, 2*index))
	staff := rand.New(rand.NewPCG(seed, 2*index+1))
	d := Day{Start: clock.At(date)}
	last := m.Open[len(m.Open)-1].To + m.Overtime
	d.Close = d.Start.Add(last)
	m.walkIns(&d, people, date.Weekday())
	m.booked(&d, people)
	done := map[int64]bool{} // the services that somebody does today
	for _, s := range m.Counters {
		c := m.counter(d.Start, s, staff, date.Weekday())
		d.Counters = append(d.Counters, c)
		for _, k := range c.Skills {
			done[k.Service] = done[k.Service] || len(c.Open) > 0
		}
	}
	// Nobody gets a ticket for what nobody does today.
	d.Visits = slices.DeleteFunc(d.Visits, func(v Visit) bool {
		return slices.ContainsFunc(v.Legs, func(l Leg) bool { return !done[l.Service] })
	})
	return d
}

// walkIns come as a Poisson process whose rate changes with the half-hour.
func (m Model) walkIns(d *Day, r *rand.Rand, day time.Weekday) {
	factor := m.Weekday[day] * logNormal(r, 1, m.Busy)
	for _, h := range m.Open {
		for at := h.From; at < h.To; at += 30 * time.Minute {
			end := min(at+30*time.Minute, h.To)
			mean := m.Rate[int(at/(30*time.Minute))] * factor * (end - at).Hours()
			for t := r.ExpFloat64() / mean; mean > 0 && t < 1; t += r.ExpFloat64() / mean {
				class := order.WalkIn
				if r.Float64() < m.Protected {
					class = order.Protected
				}
				v := m.visit(r, class, func(s Service) float64 { return s.Share })
				v.ID = int64(len(d.Visits) + 1)
				v.Arrived = d.Start.Add(at + time.Duration(t*float64(end-at)))
				d.Visits = append(d.Visits, v)
			}
		}
	}
}

// booked fills the agenda and lets people come more or less on time.
func (m Model) booked(d *Day, r *rand.Rand) {
	if m.Agenda.Every == 0 {
		return
	}
	for _, h := range m.Agenda.Hours {
		for slot := h.From; slot < h.To; slot += m.Agenda.Every {
			for range m.Agenda.Places {
				if r.Float64() >= m.Agenda.Taken {
					continue
				}
				v := m.visit(r, order.Appointment, func(s Service) float64 { return s.Booked })
				v.ID = int64(len(d.Visits) + 1)
				v.Slot = d.Start.Add(slot)
				lead := minutes(m.Agenda.Earlier + m.Agenda.Spread*r.NormFloat64())
				if r.Float64() >= m.Agenda.NoShow {
					v.Arrived = max(v.Slot.Add(-lead), d.Start.Add(m.Open[0].From))
				}
				d.Visits = append(d.Visits, v)
			}
		}
	}
}

func (m Model) visit(r *rand.Rand, c order.Class, share func(Service) float64) Visit {
	v := Visit{Class: c, Legs: []Leg{m.leg(r, share)}}
	h := m.Habits
	patience, silent := r.ExpFloat64()*h.Patience, r.Float64() < h.Silent
	goes, misses := r.Float64() < h.Goes, r.Float64() < h.MissCall
	next := m.leg(r, share)
	if h.Patience > 0 {
		v.Patience, v.Silent = max(minutes(patience), time.Microsecond), silent
	}
	if goes {
		v.Legs = append(v.Legs, next)
	}
	if misses {
		v.Away = h.MissDelay
	}
	return v
}

func (m Model) leg(r *rand.Rand, share func(Service) float64) Leg {
	total := 0.0
	for _, s := range m.Services {
		total += share(s)
	}
	u := r.Float64() * total
	work := r.NormFloat64()
	for _, s := range m.Services {
		if u -= share(s); u < 0 {
			sigma := math.Sqrt(math.Log1p(s.CV * s.CV))
			return Leg{Service: s.ID, Work: minutes(s.Mean * math.Exp(sigma*work-sigma*sigma/2))}
		}
	}
	return Leg{Service: m.Services[0].ID, Work: minutes(m.Services[0].Mean)}
}

// counter gives a counter its day: shifts less breaks, pauses nobody foresees, the
// operator's pace, and the gaps between people.
func (m Model) counter(start clock.Instant, s Staffed, r *rand.Rand, day time.Weekday) Counter {
	h := m.Habits
	c := Counter{Counter: s.Counter, Pace: logNormal(r, 1, h.Pace)}
	absent := r.Float64() < h.Absent
	for range 40 {
		c.Gaps = append(c.Gaps, minutes(logNormal(r, h.Gap, .6)))
	}
	for t := r.ExpFloat64(); h.Stops > 0 && t < 12*h.Stops; t += r.ExpFloat64() {
		from := start.Add(7*time.Hour + time.Duration(t/h.Stops*float64(time.Hour)))
		c.Stops = append(c.Stops, estimate.Span{From: from, To: from.Add(minutes(logNormal(r, h.StopMean, .7)))})
	}
	if absent || s.Days != nil && !slices.Contains(s.Days, day) {
		return c
	}
	for _, shift := range s.Shifts {
		from := shift.From
		for _, b := range s.Breaks {
			if b.From >= from && b.To <= shift.To {
				c.Open = append(c.Open, estimate.Span{From: start.Add(from), To: start.Add(b.From)})
				from = b.To
			}
		}
		c.Open = append(c.Open, estimate.Span{From: start.Add(from), To: start.Add(shift.To)})
	}
	return c
}

// logNormal draws from a lognormal law with this mean and sigma of the logarithm.
func logNormal(r *rand.Rand, mean, sigma float64) float64 {
	return mean * math.Exp(sigma*r.NormFloat64()-sigma*sigma/2)
}

func minutes(m float64) time.Duration { return time.Duration(m * float64(time.Minute)) }
