package estimate

import (
	"cmp"
	"slices"
	"time"
)

// Calibration is how promises came out that have something in common: for the
// public chart, "8 times in 10 less than 25 minutes; yesterday 81 %" (queue 5.4).
type Calibration struct {
	Band  string  `json:"band"`
	N     int     `json:"n"`
	Kept  float64 `json:"kept"`  // share called no later than the upper end; 0.8 is right
	Bias  float64 `json:"bias"`  // minutes that the guess was too long, on average
	Error float64 `json:"error"` // mean distance of guess and wait, minutes
	Width float64 `json:"width"` // mean of the upper end less the lower, minutes
}

// Calibrate sums up promises by a band, in order of the bands' names.
func Calibrate(promises []Settled, band func(Settled) string) []Calibration {
	sums := map[string]*Calibration{}
	for _, p := range promises {
		b := band(p)
		c := sums[b]
		if c == nil {
			c = &Calibration{Band: b}
			sums[b] = c
		}
		c.N++
		if p.Kept() {
			c.Kept++
		}
		miss := p.Expected - p.Wait()
		c.Bias += miss
		c.Error += max(miss, -miss)
		c.Width += p.High - p.Half
	}
	out := make([]Calibration, 0, len(sums))
	for _, c := range sums {
		n := float64(c.N)
		c.Kept, c.Bias, c.Error, c.Width = c.Kept/n, c.Bias/n, c.Error/n, c.Width/n
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Calibration) int { return cmp.Compare(a.Band, b.Band) })
	return out
}

// ByHour bands promises by the hour of the day in which they were made.
func ByHour(zone *time.Location) func(Settled) string {
	return func(s Settled) string { return s.At.Time().In(zone).Format("15") }
}

// ByDay bands them by the day.
func ByDay(zone *time.Location) func(Settled) string {
	return func(s Settled) string { return s.At.Time().In(zone).Format("2006-01-02") }
}

// ByClass bands them by priority class; not for the public.
func ByClass(s Settled) string { return string(s.Class) }
