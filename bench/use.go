package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"time"
)

// use is what this process spent.
type use struct {
	UserSeconds   float64 `json:"cpu_user_s"`
	SystemSeconds float64 `json:"cpu_system_s"`
	Cores         float64 `json:"cores"` // busy on average
	Load          string  `json:"load"`  // of the machine: others may work on it
}

type usage struct{ user, system time.Duration }

func startUse() usage {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return usage{}
	}
	return usage{time.Duration(r.Utime.Nano()), time.Duration(r.Stime.Nano())}
}

func (u usage) since(took time.Duration) use {
	v := startUse()
	user, system := v.user-u.user, v.system-u.system
	return use{round(user.Seconds()), round(system.Seconds()), round((user + system).Seconds() / took.Seconds()), load()}
}

// settled waits until this process has rested for two seconds, so that the chores of
// a program that has just started, most of which come once a day, are not in a figure;
// a minute at most.
func settled(ctx context.Context) error {
	until := now().Add(time.Minute)
	for quiet := 0; quiet < 2 && now() < until; {
		before, from := startUse(), now()
		if err := rest(ctx, time.Second); err != nil {
			return err
		}
		if quiet++; before.since(now().Sub(from)).Cores > 0.05 {
			quiet = 0
		}
	}
	return nil
}

// load is the machine's load over a minute, so that a figure that was taken
// while others worked can be told.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	var one string
	if _, err := fmt.Sscan(string(b), &one); err != nil {
		return ""
	}
	return one
}

// profile writes where the processor's time goes until the returned function is
// called, into the folder named by FILODIRETTO_BENCH_PROFILE, if any.
func (s *session) profile(name string) (stop func()) {
	dir := os.Getenv("FILODIRETTO_BENCH_PROFILE")
	if dir == "" {
		return func() {}
	}
	f, err := os.Create(filepath.Join(dir, name+"_"+string(s.kind)+".pprof"))
	if err != nil {
		s.log.Warn("no profile is written", "error", err)
		return func() {}
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		s.log.Warn("no profile is written", "error", err)
		_ = f.Close()
		return func() {}
	}
	return func() {
		pprof.StopCPUProfile()
		if err := f.Close(); err != nil {
			s.log.Warn("the profile may not be whole", "error", err)
		}
	}
}
