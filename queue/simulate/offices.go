package simulate

import (
	"time"

	"filodiretto/queue/order"
)

// Offices are the made-up offices that estimators and rules are held against:
// quite different in size, load and rules. They are generated, not measured.
func Offices() []Model {
	return []Model{Village(), Town(), OneStop(), IdentityCards()}
}

const (
	h = time.Hour
	m = time.Minute
)

func skills(services ...int64) []order.Skill {
	var out []order.Skill
	for _, s := range services {
		out = append(out, order.Skill{Service: s})
	}
	return out
}

// rates lays out walk-ins an hour from a time of day on, by half-hour.
func rates(from time.Duration, perHour ...float64) map[int]float64 {
	out := map[int]float64{}
	for i, r := range perHour {
		out[int(from/(30*m))+i] = r
	}
	return out
}

func merge(a, b map[int]float64) map[int]float64 {
	for k, v := range b {
		a[k] = v
	}
	return a
}

// Village is a small town's hall: three counters of which one is for social
// services, mornings only, few appointments.
func Village() Model {
	morning := []Hours{{8*h + 30*m, 13 * h}}
	return Model{
		Name: "village",
		Services: []Service{
			{ID: 1, Name: "certificates", Group: "registry", Share: .45, Mean: 7, CV: .7},
			{ID: 2, Name: "identity card", Group: "registry", Share: .25, Booked: .7, Mean: 17, CV: .4},
			{ID: 3, Name: "taxes", Group: "taxes", Share: .18, Mean: 13, CV: .9},
			{ID: 4, Name: "social services", Group: "social", Share: .12, Booked: .3, Mean: 24, CV: .6},
		},
		Counters: []Staffed{
			{Counter: order.Counter{ID: 1, Skills: skills(1, 2)}, Shifts: morning, Breaks: []Hours{{10*h + 30*m, 10*h + 45*m}}},
			{Counter: order.Counter{ID: 2, Skills: skills(1, 2, 3)}, Shifts: morning, Breaks: []Hours{{11 * h, 11*h + 15*m}}},
			{Counter: order.Counter{ID: 3, Skills: []order.Skill{{Service: 4}, {Service: 3}, {Service: 1, Handicap: 10 * m}}}, Shifts: []Hours{{9 * h, 13 * h}}},
		},
		Open: []Hours{{8*h + 30*m, 12*h + 30*m}}, Overtime: 30 * m,
		Rate:    rates(8*h+30*m, 9, 10, 10.5, 10.5, 10.5, 9.5, 8.5, 7),
		Weekday: map[time.Weekday]float64{time.Monday: 1.15, time.Tuesday: .95, time.Wednesday: .9, time.Thursday: 1, time.Friday: 1},
		Busy:    .18, Protected: .1,
		Agenda: Agenda{Hours: []Hours{{9 * h, 12 * h}}, Every: 30 * m, Places: 1, Taken: .7, NoShow: .1, Earlier: 7, Spread: 8},
		Habits: Habits{Pace: .15, Gap: 1, Stops: .25, StopMean: 8, Absent: .02, Patience: 240, Silent: .5, Goes: .05, MissCall: .02, MissDelay: 10 * m},
	}
}

// Town is the office of queue 4.3: five counters, services of 6, 15 and 28
// minutes, appointments each 15 minutes with 12 % who never come, 8 % protected.
func Town() Model {
	day := []Hours{{8 * h, 13*h + 30*m}}
	return Model{
		Name: "town",
		Services: []Service{
			{ID: 1, Name: "quick", Group: "registry", Share: .5, Booked: .2, Mean: 6, CV: .7},
			{ID: 2, Name: "normal", Group: "registry", Share: .33, Booked: .5, Mean: 15, CV: .6},
			{ID: 3, Name: "long", Group: "procedures", Share: .17, Booked: .3, Mean: 28, CV: .5},
		},
		Counters: []Staffed{
			{Counter: order.Counter{ID: 1, Skills: skills(1)}, Shifts: []Hours{{8 * h, 12 * h}}, Breaks: []Hours{{10 * h, 10*h + 15*m}}},
			{Counter: order.Counter{ID: 2, Skills: skills(1, 2)}, Shifts: day, Breaks: []Hours{{10*h + 15*m, 10*h + 30*m}}},
			{Counter: order.Counter{ID: 3, Skills: skills(1, 2, 3)}, Shifts: day, Breaks: []Hours{{10*h + 30*m, 10*h + 45*m}}},
			{Counter: order.Counter{ID: 4, Skills: skills(2, 3)}, Shifts: day, Breaks: []Hours{{10*h + 45*m, 11 * h}}},
			{Counter: order.Counter{ID: 5, Skills: skills(1, 2, 3)}, Shifts: []Hours{{9 * h, 13*h + 30*m}}, Breaks: []Hours{{11 * h, 11*h + 15*m}}},
		},
		Open: []Hours{{8 * h, 12*h + 30*m}}, Overtime: time.Hour,
		Rate:    rates(8*h, 12.5, 15.5, 17.5, 18.5, 18.5, 17, 14.5, 11.5, 8),
		Weekday: map[time.Weekday]float64{time.Monday: 1.12, time.Tuesday: 1, time.Wednesday: .9, time.Thursday: 1, time.Friday: .98},
		Busy:    .12, Protected: .08,
		Agenda: Agenda{Hours: []Hours{{8*h + 30*m, 12 * h}}, Every: 15 * m, Places: 1, Taken: .85, NoShow: .12, Earlier: 6, Spread: 9},
		Habits: Habits{Pace: .12, Gap: .8, Stops: .25, StopMean: 9, Absent: .03, Patience: 300, Silent: .5, Goes: .04, MissCall: .02, MissDelay: 10 * m},
	}
}

// OneStop is a big multi-purpose counter in the way of a provincial capital's:
// twelve counters that do most things and three specialists, two afternoons.
func OneStop() Model {
	long := []Hours{{8*h + 15*m, 18*h + 15*m}}
	var counters []Staffed
	for i := range 12 {
		s := skills(1, 2, 3, 4)
		switch {
		case i < 3:
			s = skills(1, 2)
		case i < 6:
			s = []order.Skill{{Service: 2}, {Service: 3}, {Service: 1, Handicap: 5 * m}}
		case i >= 10:
			s = skills(1, 2, 3, 4, 5)
		}
		rest := 10*h + time.Duration(i)*10*m
		shifts, breaks := long, []Hours{{rest, rest + 15*m}, {12*h + 30*m + time.Duration(i%3)*45*m, 13*h + 15*m + time.Duration(i%3)*45*m}, {16 * h, 16*h + 10*m}}
		if i%4 == 1 {
			shifts, breaks = []Hours{{8*h + 15*m, 14 * h}}, breaks[:1]
		}
		if i%4 == 3 {
			shifts, breaks = []Hours{{9 * h, 13*h + 30*m}, {14*h + 30*m, 18 * h}}, []Hours{{rest, rest + 15*m}}
		}
		counters = append(counters, Staffed{Counter: order.Counter{ID: int64(i + 1), Skills: s}, Shifts: shifts, Breaks: breaks})
	}
	for i, service := range []int64{5, 6, 7} {
		counters = append(counters, Staffed{
			Counter: order.Counter{ID: int64(20 + i), Skills: skills(service)},
			Shifts:  []Hours{{8*h + 30*m, 13 * h}, {14 * h, 17*h + 30*m}},
		})
	}
	return Model{
		Name: "one_stop",
		Services: []Service{
			{ID: 1, Name: "certificates", Group: "registry", Share: .34, Mean: 8, CV: .7},
			{ID: 2, Name: "identity card", Group: "registry", Share: .22, Booked: .55, Mean: 18, CV: .35},
			{ID: 3, Name: "change of residence", Group: "registry", Share: .14, Booked: .1, Mean: 24, CV: .5},
			{ID: 4, Name: "schools and transport", Group: "services", Share: .14, Mean: 12, CV: .8},
			{ID: 5, Name: "taxes", Group: "taxes", Share: .09, Booked: .1, Mean: 20, CV: .8},
			{ID: 6, Name: "building", Group: "works", Share: .04, Booked: .15, Mean: 26, CV: .7},
			{ID: 7, Name: "social services", Group: "social", Share: .03, Booked: .1, Mean: 32, CV: .6},
		},
		Counters: counters,
		Open:     []Hours{{8*h + 15*m, 17*h + 30*m}}, Overtime: 45 * m,
		Rate: merge(rates(8*h, 34, 42, 46, 48, 48, 47, 44, 40, 34, 28),
			rates(13*h, 24, 22, 24, 27, 29, 29, 27, 22, 14)),
		Weekday: map[time.Weekday]float64{time.Monday: 1.1, time.Tuesday: 1, time.Wednesday: .93, time.Thursday: 1.02, time.Friday: .97},
		Busy:    .1, Protected: .09,
		Agenda: Agenda{Hours: []Hours{{8*h + 30*m, 17 * h}}, Every: 15 * m, Places: 2, Taken: .8, NoShow: .12, Earlier: 6, Spread: 9},
		Habits: Habits{Pace: .12, Gap: .8, Stops: .2, StopMean: 8, Absent: .04, Patience: 260, Silent: .5, Goes: .05, MissCall: .02, MissDelay: 10 * m},
	}
}

// IdentityCards is an office with too few counters, whose waits follow the hour
// profile of queue 6: about 15 minutes at 8, 26 at 9, 34 at 10, 41 at 11 and 45 to
// 56 at noon, in all a mean of 32.
func IdentityCards() Model {
	shift := []Hours{{8 * h, 14*h + 30*m}}
	return Model{
		Name: "identity_cards",
		Services: []Service{
			{ID: 1, Name: "identity card", Group: "cards", Share: .5, Booked: .8, Mean: 16, CV: .35},
			{ID: 2, Name: "collection", Group: "cards", Share: .25, Mean: 5, CV: .6},
			{ID: 3, Name: "passport photo and forms", Group: "cards", Share: .25, Booked: .2, Mean: 10, CV: .8},
		},
		Counters: []Staffed{
			{Counter: order.Counter{ID: 1, Skills: skills(1, 2, 3)}, Shifts: shift, Breaks: []Hours{{10 * h, 10*h + 15*m}}},
			{Counter: order.Counter{ID: 2, Skills: skills(1, 2, 3)}, Shifts: shift, Breaks: []Hours{{10*h + 20*m, 10*h + 35*m}}},
			{Counter: order.Counter{ID: 3, Skills: skills(1, 3)}, Shifts: shift, Breaks: []Hours{{10*h + 40*m, 10*h + 55*m}}},
			{Counter: order.Counter{ID: 4, Skills: skills(2, 3, 1)}, Shifts: []Hours{{8 * h, 13 * h}}, Breaks: []Hours{{11 * h, 11*h + 15*m}}},
		},
		Open: []Hours{{8 * h, 13 * h}}, Overtime: 90 * m,
		Rate:    rates(8*h, 27, 24, 20.5, 19.5, 19.5, 19.5, 19.5, 19.5, 19.5, 19),
		Weekday: map[time.Weekday]float64{time.Monday: 1.1, time.Tuesday: 1, time.Wednesday: .9, time.Thursday: 1.02, time.Friday: .97},
		Busy:    .12, Protected: .07,
		Agenda: Agenda{Hours: []Hours{{9 * h, 12*h + 30*m}}, Every: 20 * m, Places: 1, Taken: .9, NoShow: .15, Earlier: 5, Spread: 10},
		Habits: Habits{Pace: .1, Gap: .6, Stops: .2, StopMean: 8, Absent: .01, Patience: 260, Silent: .6, Goes: .02, MissCall: .02, MissDelay: 10 * m},
	}
}
