package queue

import (
	"slices"
	"testing"
)

// Calls come before the others, the others lose no turn for good, and each command
// is taken once, in its order among its like.
func TestTurnsTakeCallsFirst(t *testing.T) {
	ts := &turns{sites: map[int64]*siteTurns{}}
	const calls, others = 70, 100
	number := map[*command]int{}
	for i := range calls + others {
		c := &command{want: want{call: i >= others}}
		number[c] = i
		if begins := ts.add(1, c); begins != (i == 0) {
			t.Fatal("command", i, "begins the work:", begins)
		}
	}
	var took [][]int
	for batch := ts.take(1); batch != nil; batch = ts.take(1) {
		var n []int
		for _, c := range batch {
			n = append(n, number[c])
		}
		took = append(took, n)
	}
	if took[0][0] != others || !slices.Contains(took[0], 0) {
		t.Error("the first turn is", took[0])
	}
	seen := map[int]bool{}
	lastCall, lastOther := -1, -1
	for i, turn := range took {
		if len(turn) > mostInTurn || i < len(took)-1 && len(turn) < mostInTurn {
			t.Errorf("turn %d has %d commands", i, len(turn))
		}
		for _, n := range turn {
			last := &lastOther
			if n >= others {
				last = &lastCall
			}
			if seen[n] || n <= *last {
				t.Errorf("turn %d: command %d after %d, or twice", i, n, *last)
			}
			seen[n], *last = true, n
		}
	}
	if len(seen) != calls+others {
		t.Error("taken were", len(seen))
	}
	if ts.sites[1] != nil {
		t.Error("the line is not put away")
	}
}
