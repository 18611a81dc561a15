package estimate

import (
	"math"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

const bands = 48 // half-hours of a day

// profile is how many people take a ticket in each half-hour of an open day, by
// service and class, and how the days of the week differ. It says how many of
// those who overtake are still to come.
type profile struct {
	Series []series `json:"series"`
	Days   float64  `json:"days"`  // decayed count of open days
	Week   [7]rate  `json:"week"`  // tickets of a weekday, over what all days would have had
	Today  float64  `json:"today"` // tickets of today so far
}

// series are the decayed counts of one service and class.
type series struct {
	Service int64          `json:"service"`
	Class   order.Class    `json:"class"`
	Bands   [bands]float64 `json:"bands"`
	Today   [bands]float64 `json:"today"`
}

// count counts a ticket of today.
func (p *profile) count(service int64, class order.Class, band int) {
	p.Today++
	for i := range p.Series {
		if s := &p.Series[i]; s.Service == service && s.Class == class {
			s.Today[band]++
			return
		}
	}
	s := series{Service: service, Class: class}
	s.Today[band]++
	p.Series = append(p.Series, s)
}

// closeDay lets today become the past.
func (p *profile) closeDay(day clock.Instant, weekday time.Weekday, elapsed, halfLife float64) {
	if p.Today == 0 {
		return
	}
	if usual := p.usual(0, bands); p.Days > 0 {
		p.Week[weekday].add(day, p.Today, usual, halfLife*2)
	}
	f := math.Exp2(-elapsed / halfLife)
	p.Days = p.Days*f + 1
	for i := range p.Series {
		s := &p.Series[i]
		for b := range s.Bands {
			s.Bands[b] = s.Bands[b]*f + s.Today[b]
			s.Today[b] = 0
		}
	}
	p.Today = 0
}

// usual is how many tickets an average day has in some bands.
func (p *profile) usual(from, to int) float64 {
	n := 0.0
	for i := range p.Series {
		for _, c := range p.Series[i].Bands[from:to] {
			n += c
		}
	}
	return n / max(1, p.Days)
}

// busy is by how much today differs from an average day: by its weekday, and by
// what has come so far.
func (p *profile) busy(weekday time.Weekday, band int) float64 {
	week := p.Week[weekday].value(1, 60)
	return (p.Today + 20) / (p.usual(0, band)*week + 20) * week
}
