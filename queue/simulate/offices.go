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

// tod is a time of day.
func tod(hour, minute int) time.Duration {
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
}

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
		out[int(from/(30*time.Minute))+i] = r
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
	morning := []Hours{{tod(8, 30), tod(13, 0)}}
	return Model{
		Name: "village",
		Services: []Service{
			{ID: 1, Name: "certificates", Group: "registry", Share: .45, Mean: 7, CV: .7},
			{ID: 2, Name: "identity card", Group: "registry", Share: .25, Booked: .7, Mean: 17, CV: .4},
			{ID: 3, Name: "taxes", Group: "taxes", Share: .18, Mean: 13, CV: .9},
			{ID: 4, Name: "social services", Group: "social", Share: .12, Booked: .3, Mean: 24, CV: .6},
		},
		Counters: []Staffed{
			{Counter: order.Counter{ID: 1, Skills: skills(1, 2)}, Shifts: morning, Breaks: []Hours{{tod(10, 30), tod(10, 45)}}},
			{Counter: order.Counter{ID: 2, Skills: skills(1, 2, 3)}, Shifts: morning, Breaks: []Hours{{tod(11, 0), tod(11, 15)}}},
			{Counter: order.Counter{ID: 3, Skills: []order.Skill{{Service: 4}, {Service: 3}, {Service: 1, Handicap: 10 * time.Minute}}}, Shifts: []Hours{{tod(9, 0), tod(13, 0)}}},
		},
		Open: []Hours{{tod(8, 30), tod(12, 30)}}, Overtime: 30 * time.Minute,
		Rate:    rates(tod(8, 30), 9, 10, 10.5, 10.5, 10.5, 9.5, 8.5, 7),
		Weekday: map[time.Weekday]float64{time.Monday: 1.15, time.Tuesday: .95, time.Wednesday: .9, time.Thursday: 1, time.Friday: 1},
		Busy:    .18, Protected: .1,
		Agenda: Agenda{Hours: []Hours{{tod(9, 0), tod(12, 0)}}, Every: 30 * time.Minute, Places: 1, Taken: .7, NoShow: .1, Earlier: 7, Spread: 8},
		Habits: Habits{Pace: .15, Gap: 1, Stops: .25, StopMean: 8, Absent: .02, Patience: 240, Silent: .5, Goes: .05, MissCall: .02, MissDelay: 10 * time.Minute},
	}
}

// Town is the office of queue 4.3: five counters, services of 6, 15 and 28
// minutes, appointments each 15 minutes with 12 % who never come, 8 % protected.
func Town() Model {
	day := []Hours{{tod(8, 0), tod(13, 30)}}
	return Model{
		Name: "town",
		Services: []Service{
			{ID: 1, Name: "quick", Group: "registry", Share: .5, Booked: .2, Mean: 6, CV: .7},
			{ID: 2, Name: "normal", Group: "registry", Share: .33, Booked: .5, Mean: 15, CV: .6},
			{ID: 3, Name: "long", Group: "procedures", Share: .17, Booked: .3, Mean: 28, CV: .5},
		},
		Counters: []Staffed{
			{Counter: order.Counter{ID: 1, Skills: skills(1)}, Shifts: []Hours{{tod(8, 0), tod(12, 0)}}, Breaks: []Hours{{tod(10, 0), tod(10, 15)}}},
			{Counter: order.Counter{ID: 2, Skills: skills(1, 2)}, Shifts: day, Breaks: []Hours{{tod(10, 15), tod(10, 30)}}},
			{Counter: order.Counter{ID: 3, Skills: skills(1, 2, 3)}, Shifts: day, Breaks: []Hours{{tod(10, 30), tod(10, 45)}}},
			{Counter: order.Counter{ID: 4, Skills: skills(2, 3)}, Shifts: day, Breaks: []Hours{{tod(10, 45), tod(11, 0)}}},
			{Counter: order.Counter{ID: 5, Skills: skills(1, 2, 3)}, Shifts: []Hours{{tod(9, 0), tod(13, 30)}}, Breaks: []Hours{{tod(11, 0), tod(11, 15)}}},
		},
		Open: []Hours{{tod(8, 0), tod(12, 30)}}, Overtime: time.Hour,
		Rate:    rates(tod(8, 0), 12.5, 15.5, 17.5, 18.5, 18.5, 17, 14.5, 11.5, 8),
		Weekday: map[time.Weekday]float64{time.Monday: 1.12, time.Tuesday: 1, time.Wednesday: .9, time.Thursday: 1, time.Friday: .98},
		Busy:    .12, Protected: .08,
		Agenda: Agenda{Hours: []Hours{{tod(8, 30), tod(12, 0)}}, Every: 15 * time.Minute, Places: 1, Taken: .85, NoShow: .12, Earlier: 6, Spread: 9},
		Habits: Habits{Pace: .12, Gap: .8, Stops: .25, StopMean: 9, Absent: .03, Patience: 300, Silent: .5, Goes: .04, MissCall: .02, MissDelay: 10 * time.Minute},
	}
}

// OneStop is a big multi-purpose counter in the way of a provincial capital's:
// twelve counters that do most things and three specialists, two afternoons.
func OneStop() Model {
	long := []Hours{{tod(8, 15), tod(18, 15)}}
	var counters []Staffed
	for i := range 12 {
		s := skills(1, 2, 3, 4)
		switch {
		case i < 3:
			s = skills(1, 2)
		case i < 6:
			s = []order.Skill{{Service: 2}, {Service: 3}, {Service: 1, Handicap: 5 * time.Minute}}
		case i >= 10:
			s = skills(1, 2, 3, 4, 5)
		}
		rest := tod(10, 10*i)
		shifts, breaks := long, []Hours{{rest, rest + 15*time.Minute}, {tod(12, 30+45*(i%3)), tod(13, 15+45*(i%3))}, {tod(16, 0), tod(16, 10)}}
		if i%4 == 1 {
			shifts, breaks = []Hours{{tod(8, 15), tod(14, 0)}}, breaks[:1]
		}
		if i%4 == 3 {
			shifts, breaks = []Hours{{tod(9, 0), tod(13, 30)}, {tod(14, 30), tod(18, 0)}}, []Hours{{rest, rest + 15*time.Minute}}
		}
		counters = append(counters, Staffed{Counter: order.Counter{ID: int64(i + 1), Skills: s}, Shifts: shifts, Breaks: breaks})
	}
	for i, service := range []int64{5, 6, 7} {
		counters = append(counters, Staffed{
			Counter: order.Counter{ID: int64(20 + i), Skills: skills(service)},
			Shifts:  []Hours{{tod(8, 30), tod(13, 0)}, {tod(14, 0), tod(17, 30)}},
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
		Open:     []Hours{{tod(8, 15), tod(17, 30)}}, Overtime: 45 * time.Minute,
		Rate: merge(rates(tod(8, 0), 34, 42, 46, 48, 48, 47, 44, 40, 34, 28),
			rates(tod(13, 0), 24, 22, 24, 27, 29, 29, 27, 22, 14)),
		Weekday: map[time.Weekday]float64{time.Monday: 1.1, time.Tuesday: 1, time.Wednesday: .93, time.Thursday: 1.02, time.Friday: .97},
		Busy:    .1, Protected: .09,
		Agenda: Agenda{Hours: []Hours{{tod(8, 30), tod(17, 0)}}, Every: 15 * time.Minute, Places: 2, Taken: .8, NoShow: .12, Earlier: 6, Spread: 9},
		Habits: Habits{Pace: .12, Gap: .8, Stops: .2, StopMean: 8, Absent: .04, Patience: 260, Silent: .5, Goes: .05, MissCall: .02, MissDelay: 10 * time.Minute},
	}
}

// IdentityCards is an office with too few counters, whose waits follow the hour
// profile of queue 6: about 15 minutes at 8, 26 at 9, 34 at 10, 41 at 11 and 45 to
// 56 at noon, in all a mean of 32.
func IdentityCards() Model {
	shift := []Hours{{tod(8, 0), tod(14, 30)}}
	return Model{
		Name: "identity_cards",
		Services: []Service{
			{ID: 1, Name: "identity card", Group: "cards", Share: .5, Booked: .8, Mean: 16, CV: .35},
			{ID: 2, Name: "collection", Group: "cards", Share: .25, Mean: 5, CV: .6},
			{ID: 3, Name: "passport photo and forms", Group: "cards", Share: .25, Booked: .2, Mean: 10, CV: .8},
		},
		Counters: []Staffed{
			{Counter: order.Counter{ID: 1, Skills: skills(1, 2, 3)}, Shifts: shift, Breaks: []Hours{{tod(10, 0), tod(10, 15)}}},
			{Counter: order.Counter{ID: 2, Skills: skills(1, 2, 3)}, Shifts: shift, Breaks: []Hours{{tod(10, 20), tod(10, 35)}}},
			{Counter: order.Counter{ID: 3, Skills: skills(1, 3)}, Shifts: shift, Breaks: []Hours{{tod(10, 40), tod(10, 55)}}},
			{Counter: order.Counter{ID: 4, Skills: skills(2, 3, 1)}, Shifts: []Hours{{tod(8, 0), tod(13, 0)}}, Breaks: []Hours{{tod(11, 0), tod(11, 15)}}},
		},
		Open: []Hours{{tod(8, 0), tod(13, 0)}}, Overtime: 90 * time.Minute,
		Rate:    rates(tod(8, 0), 28.5, 21, 16.5, 17.5, 18, 19, 20, 21, 22, 22),
		Weekday: map[time.Weekday]float64{time.Monday: 1.1, time.Tuesday: 1, time.Wednesday: .9, time.Thursday: 1.02, time.Friday: .97},
		Busy:    .1, Protected: .07,
		Agenda: Agenda{Hours: []Hours{{tod(9, 0), tod(12, 30)}}, Every: 20 * time.Minute, Places: 1, Taken: .9, NoShow: .15, Earlier: 5, Spread: 10},
		Habits: Habits{Pace: .1, Gap: .6, Stops: .2, StopMean: 8, Absent: .01, Patience: 260, Silent: .6, Goes: .02, MissCall: .02, MissDelay: 10 * time.Minute},
	}
}
