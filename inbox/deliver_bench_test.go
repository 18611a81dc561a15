package inbox

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/testserver"
)

// kicking wakes one delivery loop, as the app's pump does.
type kicking struct {
	noWake
	kick chan struct{}
}

func (k kicking) Deliver(_ context.Context, tx *db.Tx, _ int64, _ clock.Instant) error {
	tx.After(func() {
		select {
		case k.kick <- struct{}{}:
		default:
		}
	})
	return nil
}

// BenchmarkReply measures answers from eight operators to the last outcome
// written, all durable: b.N answers, value in replies/s.
func BenchmarkReply(b *testing.B) {
	for _, dbName := range []string{"sqlite", "postgres"} {
		for _, s := range []struct {
			name  string
			width int
			takes time.Duration
		}{{"instant", 1, 0}, {"4x1ms", 4, time.Millisecond}, {"1x1ms", 1, time.Millisecond}} {
			b.Run(dbName+"/"+s.name, func(b *testing.B) {
				url := dbtest.SQLite(b)
				if dbName == "postgres" {
					url = dbtest.Postgres(b)
				}
				benchReplies(b, newEnvWith(b, url, clock.System{}), &fakeSender{tried: map[int64]int{}, width: s.width, takes: s.takes})
			})
		}
	}
}

// BenchmarkReplySMTP is BenchmarkReply through the mail channel into an SMTP
// server on this machine, over four connections.
func BenchmarkReplySMTP(b *testing.B) {
	for _, dbName := range []string{"sqlite", "postgres"} {
		b.Run(dbName, func(b *testing.B) {
			sink, err := testserver.StartSMTPSink(testserver.SinkOptions{Forget: true})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { sink.Stop() })
			host, port, _ := strings.Cut(sink.Addr(), ":")
			url := dbtest.SQLite(b)
			if dbName == "postgres" {
				url = dbtest.Postgres(b)
			}
			e := newEnvWith(b, url, clock.System{})
			ch, err := mail.Driver.Open(channels.Account{ID: e.mail.ID, Key: "mail", Kind: "mail", Settings: map[string]string{
				"address": "urp@comune.example", "imap_host": host, "imap_password": "x", "smtp_host": host, "smtp_port": port, "smtp_security": "plain-local", "connections": "4",
			}}, channels.Deps{Log: e.log, Clock: e.clock})
			if err != nil {
				b.Fatal(err)
			}
			benchReplies(b, e, ch)
		})
	}
}

func benchReplies(b *testing.B, e *env, s channels.Channel) {
	e.chans.put(e.mail, s)
	k := kicking{kick: make(chan struct{}, 1)}
	e.wake = k
	contacts := make([]contact, b.N)
	for i := range contacts {
		contacts[i] = e.writes(e.mail, fmt.Sprintf("c%d@example.org", i), "Buongiorno, c'è una buca in via Garibaldi davanti al numero 14.")
	}
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	loop := make(chan struct{})
	b.ResetTimer()
	go func() {
		defer close(loop)
		for {
			select {
			case <-ctx.Done():
				return
			case <-k.kick:
			}
			for more := true; more && ctx.Err() == nil; {
				more, _, _ = e.DeliverDue(ctx, e.mail.ID)
			}
			if e.acceptedAll(b.N) {
				return
			}
		}
	}()
	var next atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= b.N {
					return
				}
				if _, err := e.Reply(b.Context(), e.giulia, contacts[i].reply("Buongiorno, la squadra passa domani mattina. Cordiali saluti.")); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	<-loop
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "replies/s")
	var left int // not accepted
	if err := e.db.Read.NewRaw("SELECT COUNT(*) FROM deliveries WHERE state <> 'accepted'").Scan(ctx, &left); err != nil || left != 0 {
		b.Fatal("not all accepted", left, err)
	}
}

func (e *env) acceptedAll(n int) bool {
	var done int
	err := e.db.Read.NewRaw("SELECT COUNT(*) FROM deliveries WHERE state = 'accepted'").Scan(context.Background(), &done)
	return err == nil && done >= n
}
