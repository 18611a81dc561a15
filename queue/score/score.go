package score

import (
	"context"
	"fmt"
	"time"

	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
	"filodiretto/queue/simulate"
)

// Size is how much is played.
type Size struct {
	Train int    // days on which is only learnt
	Test  int    // days that count, after those
	Every int    // predict while waiting at every so many calls; 0 for never
	Runs  int    // replays of a snapshot; 0 for the usual number
	Seed  uint64 // of the days
}

// Full is the size of the bench, Small that of a test.
var (
	Full  = Size{Train: 40, Test: 60, Every: 12, Seed: 1}
	Small = Size{Train: 10, Test: 6, Every: 20, Runs: 32, Seed: 1}
)

// Report is the outcome for all offices.
type Report struct {
	Offices []Office `json:"offices"`
	// RatioPeer is our MAE over that of the peer's formula, in the better of its two
	// configurations for each office; the mean over the offices. At the issue of the
	// ticket, which is when the peer speaks too.
	RatioPeer float64 `json:"ratio_zms"`
	// RatioBest is the same over the best simple estimator of each office.
	RatioBest float64 `json:"ratio_best"`
	// Worst is the lowest coverage of our P80 in any hour band of any office with at
	// least 200 predictions.
	Worst     float64 `json:"worst_cover80"`
	WorstBand string  `json:"worst_band"`
}

// Office is the outcome for one office.
type Office struct {
	Name   string  `json:"name"`
	Served int     `json:"served"` // on the test days
	Lost   float64 `json:"lost"`   // share that left, were not there or were sent home
	Wait   float64 `json:"wait"`   // mean of those served, minutes
	// Issue are predictions when the ticket is issued, Later those while waiting.
	Issue map[string]Line `json:"issue"`
	Later map[string]Line `json:"later"`
	// Of ours, at the issue:
	Hours   map[int]Line         `json:"hours"`
	Classes map[order.Class]Line `json:"classes"`
	Queues  map[string]Line      `json:"queues"` // by how many waited
	Best    string               `json:"best"`   // the best simple estimator
	Peer    string               `json:"peer"`   // the better configuration of the peer
}

// bandSize is how many predictions an hour band must have to count for Worst.
const bandSize = 200

// Score plays the offices and holds all estimators against each other.
func Score(ctx context.Context, offices []simulate.Model, size Size) (Report, error) {
	r := Report{Worst: 1}
	for _, m := range offices {
		o, err := scoreOffice(ctx, m, size)
		if err != nil {
			return Report{}, fmt.Errorf("score %s: %w", m.Name, err)
		}
		r.Offices = append(r.Offices, o)
		r.RatioPeer += o.Issue["ours"].MAE / o.Issue[o.Peer].MAE / float64(len(offices))
		r.RatioBest += o.Issue["ours"].MAE / o.Issue[o.Best].MAE / float64(len(offices))
		for hour, l := range o.Hours {
			if l.N >= bandSize && l.Cover < r.Worst {
				r.Worst, r.WorstBand = l.Cover, fmt.Sprintf("%s %02d", m.Name, hour)
			}
		}
	}
	return r, nil
}

// start is the first of the made-up days.
var start = time.Date(2026, time.January, 7, 0, 0, 0, 0, time.UTC)

func scoreOffice(ctx context.Context, m simulate.Model, size Size) (Office, error) {
	groups := map[int64]string{}
	for _, s := range m.Services {
		groups[s.ID] = s.Group
	}
	e, err := estimate.New(estimate.Settings{Seed: 7, Runs: size.Runs, Zone: "UTC", Groups: groups})
	if err != nil {
		return Office{}, err
	}
	t := newTrial(e, size)
	for i, d := range m.Days(start, size.Train+size.Test, size.Seed) {
		if err := ctx.Err(); err != nil {
			return Office{}, err
		}
		t.play(d, i < size.Train)
	}
	return t.office(m.Name), nil
}

// best is the estimator of the lowest MAE.
func best(lines map[string]Line, names []string) string {
	b := names[0]
	for _, n := range names {
		if lines[n].MAE < lines[b].MAE {
			b = n
		}
	}
	return b
}
