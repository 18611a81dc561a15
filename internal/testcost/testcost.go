// Package testcost measures what hostile bytes cost whoever reads them: the time,
// and the memory of a whole process beyond what it held before. A heap that is
// looked at now and then misses the highest moment; what the kernel kept of a
// process of its own does not.
package testcost

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// child names the test whose work the process is to do and measure.
const child = "FILODIRETTO_COST_OF"

// patience is when work that does not end is given up, with its preparation.
const patience = 30 * time.Second * slow

// Cost is what one piece of work took.
type Cost struct {
	// Time is that of the clock or of the processor, whichever is less: on a busy
	// machine the clock tells of the others, and a collector on a second core is
	// not what anybody waits for.
	Time   time.Duration
	Memory int64 // bytes that the process grew by at most
}

// Most is what reading one message may cost, whatever it is.
var Most = Cost{Time: 2 * time.Second, Memory: 64 << 20}

// Of runs work in a process of its own: the calling test, begun again by itself.
// prepare makes the input and is not measured. What the work finds wrong fails
// the test as usual. It must be the last thing that the test does.
func Of(t *testing.T, prepare func() (work func())) Cost {
	t.Helper()
	if os.Getenv(child) == t.Name() {
		report(measure(prepare()))
		t.SkipNow() // what comes after is the parent's
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run="+exact(t.Name()), "-test.count=1", "-test.v")
	cmd.Env = append(os.Environ(), child+"="+t.Name())
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("it did not end within %v", patience)
	}
	if err != nil {
		t.Fatalf("%v:\n%s", err, tail(out))
	}
	found := told.FindSubmatch(out)
	if found == nil {
		t.Fatalf("the other process measured nothing:\n%s", tail(out))
	}
	took, _ := strconv.ParseInt(string(found[1]), 10, 64)
	memory, _ := strconv.ParseInt(string(found[2]), 10, 64)
	return Cost{time.Duration(took), memory}
}

// Within fails the test when the work costs more than most.
func Within(t *testing.T, most Cost, prepare func() (work func())) Cost {
	t.Helper()
	c := Of(t, prepare)
	t.Logf("%v, %.1f MiB", c.Time.Round(time.Millisecond), float64(c.Memory)/(1<<20))
	if c.Time > most.Time*slow {
		t.Errorf("took %v; %v are allowed", c.Time, most.Time)
	}
	if c.Memory > most.Memory*slow {
		t.Errorf("took %d MiB; %d are allowed", c.Memory>>20, most.Memory>>20)
	}
	return c
}

// measure runs work with the process's highest mark set back before.
func measure(work func()) Cost {
	runtime.GC()
	debug.FreeOSMemory()
	before := status("VmRSS")
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600); err != nil {
		panic(err) // without it the figure would be that of the preparation
	}
	start, spent := time.Now(), processor()
	work()
	took := min(time.Since(start), processor()-spent)
	return Cost{took, status("VmHWM") - before}
}

// processor is what this process used of it until now.
func processor() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func report(c Cost) { fmt.Printf("\ncost: %d ns %d bytes\n", c.Time, c.Memory) }

var told = regexp.MustCompile(`(?m)^cost: (\d+) ns (-?\d+) bytes$`)

// status is a line of the kernel's account of this process, in bytes.
func status(name string) int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		panic(err)
	}
	m := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+) kB$`).FindSubmatch(b)
	if m == nil {
		panic("the kernel does not say " + name)
	}
	n, _ := strconv.ParseInt(string(m[1]), 10, 64)
	return n << 10
}

// exact is a pattern that fits one test or subtest and no other.
func exact(name string) string {
	var b bytes.Buffer
	for i, part := range bytes.Split([]byte(name), []byte("/")) {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString("^" + regexp.QuoteMeta(string(part)) + "$")
	}
	return b.String()
}

func tail(b []byte) []byte { return b[max(0, len(b)-3000):] }
