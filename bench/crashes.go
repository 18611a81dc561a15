package bench

import (
	"context"
	"fmt"

	"filodiretto/bench/crash"
	"filodiretto/bench/rig"
)

// crashes kills the program a hundred times and counts what is lost and doubled.
func crashes(ctx context.Context, s *session) ([]Figure, error) {
	program, err := rig.Program()
	if err != nil {
		return nil, err
	}
	rounds := s.size(100, 3)
	rep, err := crash.Run(ctx, crash.Options{Program: program, Kind: s.kind, Rounds: rounds, Seed: letterSeed, Log: s.log})
	if err != nil {
		return nil, err
	}
	more := map[string]any{"report": rep}
	figures := []Figure{
		{Name: "crash_lost", Value: float64(rep.Lost), Unit: "messages", N: rounds, More: more},
		{Name: "crash_doubled", Value: float64(rep.Doubled), Unit: "messages", N: rounds, More: more},
	}
	if rep.Lost+rep.Doubled > 0 {
		return figures, fmt.Errorf("%d lost and %d doubled in %d kills", rep.Lost, rep.Doubled, rep.Kills)
	}
	return figures, nil
}
