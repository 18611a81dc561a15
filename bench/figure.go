package bench

import (
	"math"
	"slices"
	"time"

	"filodiretto/bench/rig"
)

// Figure is one result.
type Figure struct {
	Name  string         `json:"name"`
	Value float64        `json:"value"`
	Unit  string         `json:"unit"`
	N     int            `json:"n"` // how many things were measured
	Floor *float64       `json:"floor,omitempty"`
	OK    *bool          `json:"ok,omitempty"` // whether the floor is reached
	Quick bool           `json:"quick,omitempty"`
	Peer  float64        `json:"peer,omitempty"` // the nearest peer on two cores, measured by us
	More  map[string]any `json:"detail,omitempty"`
}

// floor is what a figure must reach, by its name without the database.
type floor struct {
	sqlite, postgres float64
	atLeast          bool    // else at most
	peer             float64 // libredesk 2.7 with PostgreSQL and Redis; 0 when not measured
}

var floors = map[string]floor{
	"ingest":           {1000, 500, true, 18},
	"arrival_p95_ms":   {300, 300, false, 1400},
	"list_p95_ms":      {8, 8, false, 736},
	"list16_p95_ms":    {60, 60, false, 5500},
	"list_deep_p95_ms": {8, 8, false, 1900},
	"case_p95_ms":      {8, 8, false, 0},
	"search_p95_ms":    {40, 40, false, 206},
	"reply":            {500, 500, true, 165},
	"idle_rss_mib":     {60, 60, false, 115},
	"idle_cpu_pct":     {1, 1, false, 0},
	"ingest_rss_mib":   {200, 200, false, 0},
	"crash_lost":       {0, 0, false, 0},
	"crash_doubled":    {0, 0, false, 0},

	"parse_msgs_s": {2000, 2000, true, 0},
	"pec_msgs_s":   {500, 500, true, 0},

	"pec_crash_lost":    {0, 0, false, 0},
	"pec_crash_doubled": {0, 0, false, 0},

	"catchup_live_p95_ms": {1000, 1000, false, 0},
	"reconcile_s":         {10, 10, false, 0},
	"big_mail_rss_mib":    {64, 64, false, 0},

	"queue_ticket_twice":   {0, 0, false, 0},
	"queue_ticket_lost":    {0, 0, false, 0},
	"call_next_p99_ms":     {25, 25, false, 0},
	"phones_fanout_p95_ms": {1000, 1000, false, 0},
	"phones_rss_mib":       {200, 200, false, 0},
	"estimate_ms":          {50, 50, false, 0},
	"eta_mae_ratio_zms":    {0.75, 0.75, false, 0},
	"eta_mae_ratio_best":   {0.92, 0.92, false, 0},
	"eta_p80_coverage":     {0.77, 0.77, true, 0},
	"day_rebuild_s":        {60, 60, false, 0},
}

// finish gives a figure its full name, rounds it and holds it to its floor. A
// quick run is not held to anything: its numbers are too small to mean much.
func (f *Figure) finish(k rig.Kind, quick bool) {
	short := f.Name
	if k != "" {
		f.Name += "_" + string(k)
	}
	f.Value = round(f.Value)
	f.Quick = quick
	fl, ok := floors[short]
	if !ok || quick {
		return
	}
	limit := fl.sqlite
	if k == rig.Postgres {
		limit = fl.postgres
	}
	reached := f.Value <= limit
	if fl.atLeast {
		reached = f.Value >= limit
	}
	f.Floor, f.OK, f.Peer = &limit, &reached, fl.peer
}

// round keeps three digits that mean something.
func round(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return v
	}
	p := math.Pow(10, 2-math.Floor(math.Log10(math.Abs(v))))
	if p < 1 {
		p = 1
	}
	return math.Round(v*p) / p
}

// spread are the usual points of a series of times, in milliseconds.
type spread struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
	N   int     `json:"n"`
}

func spreadOf(times []time.Duration) spread {
	if len(times) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(times))
	at := func(p float64) float64 {
		i := int(math.Ceil(p*float64(len(sorted)))) - 1
		return round(ms(sorted[max(0, i)]))
	}
	return spread{P50: at(.50), P95: at(.95), P99: at(.99), Max: at(1), N: len(sorted)}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// perSecond is a rate.
func perSecond(n int, took time.Duration) float64 { return float64(n) / took.Seconds() }
