package score

import (
	"context"
	"errors"
	"testing"

	"filodiretto/queue/estimate"
	"filodiretto/queue/simulate"
)

// The floors of issue 3 hold at a small size as well; the bench asks them at the
// full one.
func TestFloors(t *testing.T) {
	r, err := Score(context.Background(), simulate.Offices(), Small)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Offices) < 3 {
		t.Fatalf("%d offices", len(r.Offices))
	}
	if r.RatioPeer > .75 {
		t.Errorf("our error is %.3f of the peer's formula", r.RatioPeer)
	}
	if r.RatioBest > .92 {
		t.Errorf("our error is %.3f of the best simple estimator", r.RatioBest)
	}
	for _, o := range r.Offices {
		ours := o.Issue["ours"]
		if ours.Cover < .77 || ours.Cover > .92 {
			t.Errorf("%s: P80 covers %.3f of %d", o.Name, ours.Cover, ours.N)
		}
		if ours.N != o.Served || o.Served == 0 {
			t.Errorf("%s: %d predictions at the issue for %d served", o.Name, ours.N, o.Served)
		}
		for _, name := range append(append([]string{}, simple...), peers...) {
			if l := o.Issue[name]; l.N != ours.N || l.MAE < ours.MAE {
				t.Errorf("%s: %s has an error of %.2f on %d, ours %.2f on %d", o.Name, name, l.MAE, l.N, ours.MAE, ours.N)
			}
			if l := o.Later[name]; l.N != o.Later["ours"].N || l.N == 0 {
				t.Errorf("%s: %s has %d predictions while waiting", o.Name, name, l.N)
			}
		}
	}
}

func TestSameSizeSameReport(t *testing.T) {
	size := Size{Train: 3, Test: 2, Every: 20, Runs: 16, Seed: 4}
	offices := []simulate.Model{simulate.Village()}
	a, err := Score(context.Background(), offices, size)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Score(context.Background(), offices, size)
	if err != nil {
		t.Fatal(err)
	}
	if x, y := a.Offices[0].Issue["ours"], b.Offices[0].Issue["ours"]; x != y || x.N == 0 {
		t.Errorf("%+v and %+v", x, y)
	}
}

func TestScoreStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Score(ctx, simulate.Offices(), Small); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCrowd(t *testing.T) {
	e, s, err := Crowd(300)
	if err != nil {
		t.Fatal(err)
	}
	res := e.Estimate(s)
	if len(res.Waiting) != 300 {
		t.Fatalf("%d people", len(res.Waiting))
	}
	for _, x := range res.Waiting {
		if !x.Known || x.Place < 1 || x.Place > 300 {
			t.Fatalf("%+v", x)
		}
	}
}

// BenchmarkEstimate is place and range of 300 people who wait.
func BenchmarkEstimate(b *testing.B) {
	e, s, err := Crowd(300)
	if err != nil {
		b.Fatal(err)
	}
	var r estimate.Result
	for b.Loop() {
		r = e.Estimate(s)
	}
	if len(r.Waiting) != 300 {
		b.Fatal(len(r.Waiting))
	}
}
