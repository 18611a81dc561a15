package mail

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/channels/mail/mailgen"
	"filodiretto/internal/testserver"
)

// counting is an intake that only counts, so that what is measured is the
// channel.
type counting struct {
	channels.Intake
	mu    sync.Mutex
	n     int
	goal  int
	bytes int64
	done  chan struct{}
}

func (c *counting) Accept(_ context.Context, b channels.Batch) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.n
	for _, raw := range b.Items {
		c.n++
		c.bytes += raw.Size
	}
	if before < c.goal && c.n >= c.goal {
		close(c.done)
	}
	return nil
}

// BenchmarkCatchUp fetches 10,000 realistic messages that wait in Dovecot.
func BenchmarkCatchUp(b *testing.B) {
	d, err := testserver.StartDovecot("", testserver.DovecotOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Stop()
	if err := d.Account(boxAddress, boxPassword); err != nil {
		b.Fatal(err)
	}
	const n = 10000
	gen := mailgen.New(1)
	for range n {
		msg, _ := gen.Next()
		if err := d.Deliver(boxAddress, "INBOX", msg); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		m, err := newMailbox(channels.Account{Settings: settingsFor(d.Addr(), nowhere)}, channels.Deps{})
		if err != nil {
			b.Fatal(err)
		}
		m.limits.jitter = 0
		in := &counting{Intake: channeltest.NewIntake(), goal: n, done: make(chan struct{})}
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		go func() { ended <- m.Receive(ctx, in) }()
		<-in.done
		cancel()
		<-ended
		b.SetBytes(in.bytes)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}

// arrivals is an intake that notes when each message came.
type arrivals struct {
	channels.Intake
	seen chan time.Time
}

func (a *arrivals) Accept(ctx context.Context, b channels.Batch) error {
	for range b.Items {
		a.seen <- time.Now()
	}
	return a.Intake.Accept(ctx, b)
}

// BenchmarkArrival measures from the delivery to Accept at a steady five mails
// a second.
func BenchmarkArrival(b *testing.B) {
	d, err := testserver.StartDovecot("", testserver.DovecotOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Stop()
	if err := d.Account(boxAddress, boxPassword); err != nil {
		b.Fatal(err)
	}
	m, err := newMailbox(channels.Account{Settings: settingsFor(d.Addr(), nowhere)}, channels.Deps{})
	if err != nil {
		b.Fatal(err)
	}
	in := &arrivals{Intake: channeltest.NewIntake(), seen: make(chan time.Time, 10)}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Receive(ctx, in) }()
	var took []time.Duration
	tick := time.NewTicker(200 * time.Millisecond)
	for b.Loop() {
		<-tick.C
		start := time.Now()
		if err := d.Deliver(boxAddress, "INBOX", note(fmt.Sprint(len(took)))); err != nil {
			b.Fatal(err)
		}
		took = append(took, (<-in.seen).Sub(start))
	}
	cancel()
	<-ended
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Milliseconds()), "p95-ms")
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(took[len(took)-1].Milliseconds()), "max-ms")
}

// BenchmarkIdle measures our own share of a core while nothing arrives: first
// in the half minute of quick looks after a message, then in IDLE.
func BenchmarkIdle(b *testing.B) {
	d, err := testserver.StartDovecot("", testserver.DovecotOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Stop()
	if err := d.Account(boxAddress, boxPassword); err != nil {
		b.Fatal(err)
	}
	for _, phase := range []struct {
		name   string
		lively time.Duration
	}{{"quick", time.Hour}, {"idle", 0}} {
		b.Run(phase.name, func(b *testing.B) {
			m, err := newMailbox(channels.Account{Settings: settingsFor(d.Addr(), nowhere)}, channels.Deps{})
			if err != nil {
				b.Fatal(err)
			}
			m.limits.lively = phase.lively
			in := &arrivals{Intake: channeltest.NewIntake(), seen: make(chan time.Time, 10)}
			ctx, cancel := context.WithCancel(b.Context())
			ended := make(chan error, 1)
			go func() { ended <- m.Receive(ctx, in) }()
			if err := d.Deliver(boxAddress, "INBOX", note("a")); err != nil {
				b.Fatal(err)
			}
			<-in.seen
			for b.Loop() {
				var before, after syscall.Rusage
				if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
					b.Fatal(err)
				}
				const span = 10 * time.Second
				<-time.After(span)
				if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
					b.Fatal(err)
				}
				used := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
				b.ReportMetric(100*float64(used)/float64(span), "%core")
			}
			cancel()
			<-ended
		})
	}
}
