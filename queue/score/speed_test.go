package score

import (
	"testing"
)

// BenchmarkEstimate is place and range of 300 people who wait.
func BenchmarkEstimate(b *testing.B) {
	e, s, err := Crowd(300)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if got := len(e.Estimate(s).Waiting); got != 300 {
			b.Fatalf("%d estimates", got)
		}
	}
}
