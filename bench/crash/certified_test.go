package crash

import (
	"log/slog"
	"testing"

	"filodiretto/bench/rig"
)

// TestNoCertifiedMailIsLostOrDoubledByKills kills the released program in the
// middle of certified mail: nothing is given to the provider twice, nothing that it
// delivered is in doubt in the end, no receipt and no byte of proof is missing.
func TestNoCertifiedMailIsLostOrDoubledByKills(t *testing.T) {
	program, err := rig.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range rig.Kinds {
		t.Run(string(kind), func(t *testing.T) {
			rep, err := RunCertified(t.Context(), Options{Program: program, Kind: kind, Rounds: 10, Seed: 11, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v", *rep)
			if rep.Lost+rep.Doubled > 0 {
				t.Errorf("%d lost, %d doubled", rep.Lost, rep.Doubled)
			}
			if rep.Kills != 10 || rep.Messages == 0 || rep.Replies == 0 || rep.Sent == 0 {
				t.Error("the lives were too short to mean anything")
			}
		})
	}
}
