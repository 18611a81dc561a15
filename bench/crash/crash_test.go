package crash

import (
	"log/slog"
	"testing"

	"filodiretto/bench/rig"
)

// TestNothingIsLostOrDoubledByKills kills the released program ten times on each
// database. The bench does it a hundred times.
func TestNothingIsLostOrDoubledByKills(t *testing.T) {
	program, err := rig.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range rig.Kinds {
		t.Run(string(kind), func(t *testing.T) {
			rep, err := Run(t.Context(), Options{Program: program, Kind: kind, Rounds: 10, Seed: 7, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
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

func TestCountTellsWhatIsLostAndDoubled(t *testing.T) {
	if got := markIn("Buongiorno,\n\nRif-interno-1-000007\n-- \nComune"); got != "Rif-interno-1-000007" {
		t.Error(got)
	}
	if got := messageID([]byte("Subject: x\r\nMessage-ID: <a@b>\r\n\r\n")); got != "a@b" {
		t.Error(got)
	}
	r := &Report{}
	r.lose("x")
	r.double("y")
	if r.Lost != 1 || r.Doubled != 1 || len(r.Faults) != 2 {
		t.Errorf("%+v", r)
	}
}
