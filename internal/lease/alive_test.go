package lease

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

func TestDropDeadTakesTheLeasesOfTheKilledOnly(t *testing.T) {
	if machine() == "" {
		t.Skip("this system does not tell which process table one is in; leases of the killed run out here")
	}
	eachDB(t, func(t *testing.T, d *db.DB, _ *clock.Manual) {
		other := exec.Command("sleep", "600")
		if err := other.Start(); err != nil {
			t.Fatal(err)
		}
		pid := other.Process.Pid
		living := fmt.Sprintf("%s/%d/%s/x", machine(), pid, begun(pid))
		holders := map[string]string{
			"mine":           Self(),
			"living":         living,
			"other machine":  "elsewhere:1/1/1/x",
			"other table":    fmt.Sprintf("%s0/%d/1/x", machine(), os.Getpid()),
			"unknown form":   "host/12/word",
			"number of ours": fmt.Sprintf("%s/%d/1/x", machine(), os.Getpid()), // given anew since
			"nobody":         fmt.Sprintf("%s/%d/1/x", machine(), 1<<30),
		}
		for name, h := range holders {
			if ok, err := New(d, h, time.Minute).Take(t.Context(), name); err != nil || !ok {
				t.Fatal(name, ok, err)
			}
		}
		k := New(d, Self(), time.Minute)
		check := func(want ...string) {
			t.Helper()
			if n, err := k.DropDead(t.Context()); err != nil || n != len(want) {
				t.Errorf("dropped %d, want %v: %v", n, want, err)
			}
			for _, name := range want {
				if ok, err := k.Take(t.Context(), name); err != nil || !ok {
					t.Error(name, "should be free", err)
				}
			}
		}
		check("number of ours", "nobody")
		if err := other.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = other.Wait() // tells of the kill
		check("living")
		for _, name := range []string{"mine", "other machine", "other table", "unknown form"} {
			if ok, err := k.Take(t.Context(), name); err != nil || ok {
				t.Error(name, "is somebody's", err)
			}
		}
	})
}

func TestAKilledProcessThatNobodyCollectedIsDead(t *testing.T) {
	if machine() == "" {
		t.Skip("this system does not tell which process table one is in")
	}
	child := exec.Command("cat")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	holder := fmt.Sprintf("%s/%d/%s/x", machine(), child.Process.Pid, begun(child.Process.Pid))
	if dead(holder) {
		t.Error("it lives")
	}
	_ = in.Close()
	if b := make([]byte, 1); true {
		_, _ = out.Read(b) // the end of its output: it is over, or about to be
	}
	await := time.NewTimer(10 * time.Second)
	defer await.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !dead(holder) {
		select {
		case <-await.C:
			t.Fatal("a process that ended is not told from one that lives")
		case <-tick.C:
		}
	}
	_ = child.Wait()
}

func TestSelfIsNobodyElses(t *testing.T) {
	a, b := Self(), Self()
	if a == b || strings.Count(a, "/") != 3 || dead(a) {
		t.Error(a, b)
	}
}
