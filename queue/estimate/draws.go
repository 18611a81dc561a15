package estimate

import (
	"math"
	"math/rand/v2"
)

// tables is how many different arrangements of the strata there are. Two tickets
// that share one are drawn alike, which only makes a run a little less varied.
const tables = 512

// draws are the random numbers of the replay: for each run and each arrangement a
// stratum of the uniform law. Over all runs each ticket goes through every
// quantile of its law exactly once (Latin hypercube), so that few runs suffice.
type draws struct {
	runs   int
	strata [tables][]uint16 // of each arrangement, by run
	normal []float64        // the standard normal at the middle of each stratum
	mids   []float64        // the middle itself, within 0 and 1
	lasts  []float64        // the exponential law of mean 1 there
}

func newDraws(runs int, seed uint64) *draws {
	d := &draws{runs: runs, normal: make([]float64, runs), mids: make([]float64, runs), lasts: make([]float64, runs)}
	for i := range runs {
		d.mids[i] = (float64(i) + .5) / float64(runs)
		d.normal[i], d.lasts[i] = probit(d.mids[i]), -math.Log1p(-d.mids[i])
	}
	r := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	for t := range d.strata {
		s := make([]uint16, runs)
		for i, p := range r.Perm(runs) {
			s[i] = uint16(p)
		}
		d.strata[t] = s
	}
	return d
}

// purpose keeps apart what is drawn for one ticket.
type purpose uint64

const (
	forService purpose = iota + 1
	forGap
	forPresence
	forLateness
	forResidual
	forPause
	forPatience
)

// of are the strata of one thing, by run.
func (d *draws) of(id int64, p purpose) []uint16 {
	return d.strata[mix(uint64(id)*8+uint64(p))%tables]
}

// mix spreads the bits of x (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
