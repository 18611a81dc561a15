package mail

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/internal/clock"
	"filodiretto/internal/testserver"
)

// sinkWith starts an SMTP server for a test.
func sinkWith(t testing.TB, opts testserver.SinkOptions) *testserver.Sink {
	t.Helper()
	s, err := testserver.StartSMTPSink(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// sending is an account that sends to the sink.
func sending(t *testing.T, s *testserver.Sink, more ...string) *mailbox {
	t.Helper()
	m := openBox(t, settingsFor(nowhere, s.Addr(), more...))
	t.Cleanup(func() { closeSpare(m.pool) })
	return m
}

// closeSpare ends the connections that a pool keeps.
func closeSpare(p *pool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.spare {
		if c.spare.Stop() {
			c.close()
		}
	}
	p.spare = nil
}

func to(address string) *channels.Outgoing {
	out := reply()
	out.To.Value = address
	return out
}

func TestSendArrivesAsComposed(t *testing.T) {
	s := sinkWith(t, testserver.SinkOptions{})
	m := sending(t, s)
	m.clock = clock.NewManual(time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC))
	out := reply()
	out.Text += ".\n..\n.leading dots\n"
	r, err := m.Send(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Await(patient(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].From != boxAddress || got[0].To != "lucia@example.org" || got[0].UTF8 {
		t.Errorf("envelope %q to %q", got[0].From, got[0].To)
	}
	if want := composed(t, m, out); !bytes.Equal(got[0].Data, want) {
		t.Errorf("got %q\nwant %q", got[0].Data, want)
	}
	if r.Code != "250 2.0.0" || r.Delivered || len(r.ExternalIDs) != 1 || r.ExternalIDs[0] != out.ExternalID {
		t.Errorf("receipt %+v", r)
	}
}

func TestSendKeepsConnections(t *testing.T) {
	s := sinkWith(t, testserver.SinkOptions{})
	m := sending(t, s, "connections", "3")
	var all sync.WaitGroup
	for worker := range 9 {
		all.Go(func() {
			for i := range 10 {
				if _, err := m.Send(t.Context(), to(fmt.Sprintf("w%d-%d@example.org", worker, i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if s.Count() != 90 || s.Sessions() > 3 {
		t.Errorf("%d messages over %d connections", s.Count(), s.Sessions())
	}
	// A refused recipient does not cost the connection.
	before := s.Sessions()
	s.Answer("gone@example.org", testserver.Answer{Code: 550, Enhanced: [3]int{5, 1, 1}})
	if _, err := m.Send(t.Context(), to("gone@example.org")); classOf(err) != channels.RecipientGone {
		t.Errorf("got %v", err)
	}
	if _, err := m.Send(t.Context(), to("next@example.org")); err != nil {
		t.Error(err)
	}
	if s.Sessions() != before {
		t.Errorf("%d connections, were %d", s.Sessions(), before)
	}
}

func TestSendClosesUnusedConnections(t *testing.T) {
	s := sinkWith(t, testserver.SinkOptions{})
	p := line(t, s.Addr())
	m := openBox(t, settingsFor(nowhere, p.Addr()))
	m.limits.spare = 10 * time.Millisecond
	if _, err := m.Send(t.Context(), reply()); err != nil {
		t.Fatal(err)
	}
	if err := p.AwaitIdle(patient(t)); err != nil {
		t.Fatal(err)
	}
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	if len(m.pool.spare) != 0 {
		t.Error("a closed connection is kept")
	}
}

func TestSendGetsOverAConnectionThatWasClosed(t *testing.T) {
	s := sinkWith(t, testserver.SinkOptions{})
	p := line(t, s.Addr())
	m := openBox(t, settingsFor(nowhere, p.Addr()))
	t.Cleanup(func() { closeSpare(m.pool) })
	for i := range 5 {
		if _, err := m.Send(t.Context(), reply()); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
		p.Break()
	}
	if s.Count() != 5 {
		t.Errorf("%d messages arrived", s.Count())
	}
}

func TestRule66FailureBeforeTheDotIsTriedAgain(t *testing.T) {
	for name, answer := range map[string]testserver.Answer{
		"drop at MAIL": {Stage: testserver.AtMail, Drop: true},
		"drop at RCPT": {Stage: testserver.AtRcpt, Drop: true},
		"drop at DATA": {Stage: testserver.AtBody, Drop: true},
		"hang at RCPT": {Stage: testserver.AtRcpt, Hang: true},
		"421 at MAIL":  {Stage: testserver.AtMail, Code: 421, Enhanced: [3]int{4, 3, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			s := sinkWith(t, testserver.SinkOptions{})
			m := sending(t, s)
			m.limits.command = 200 * time.Millisecond
			s.Answer("", answer)
			out := to("lucia@example.org")
			// Large enough that the connection breaks while it is written.
			out.Text = strings.Repeat("riga di testo\n", 1<<20/14*8)
			if _, err := m.Send(t.Context(), out); classOf(err) != channels.RetryBackoff {
				t.Errorf("got %v", err)
			}
			if _, err := m.Send(t.Context(), reply()); err != nil || s.Count() != 1 {
				t.Errorf("afterwards: %v, %d messages", err, s.Count())
			}
		})
	}
}

func TestRule67LostAnswerIsUnknown(t *testing.T) {
	for name, answer := range map[string]testserver.Answer{
		"drop": {Stage: testserver.AtDot, Drop: true, Keep: true},
		"hang": {Stage: testserver.AtDot, Hang: true, Keep: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := sinkWith(t, testserver.SinkOptions{})
			m := sending(t, s)
			m.limits.dot = 200 * time.Millisecond
			s.Answer("", answer)
			_, err := m.Send(t.Context(), reply())
			if classOf(err) != channels.UnknownOutcome {
				t.Errorf("got %v", err)
			}
			channeltest.CheckNoSecret(t, err, []string{"lucia@example.org"})
		})
	}
}

func TestRule67ShutdownWaitsForTheAnswer(t *testing.T) {
	s := sinkWith(t, testserver.SinkOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	held := sinkWith(t, testserver.SinkOptions{Deliver: func(_, _ string, _ []byte) error {
		cancel() // told to stop while the server makes up its mind
		return nil
	}})
	if _, err := sending(t, held).Send(ctx, reply()); err != nil {
		t.Errorf("the answer was at hand: %v", err)
	}
	if _, err := sending(t, s).Send(ctx, reply()); classOf(err) != channels.RetryBackoff || s.Count() != 0 {
		t.Errorf("after the end: %v, %d messages", err, s.Count())
	}
}

func TestRule69LimitsAreTold(t *testing.T) {
	for want, set := range map[channels.Pace][]string{
		{}: nil, {Account: 20}: {"rate_per_minute", "20"}, {Account: 60, Domain: 5}: {"rate_per_minute", "60", "rate_per_domain", "5"},
	} {
		if got := openBox(t, settingsFor(nowhere, nowhere, set...)).Pace(); got != want {
			t.Errorf("%v: %+v, want %+v", set, got, want)
		}
	}
}

func TestRule14LoginAndTLSWhenSending(t *testing.T) {
	for name, c := range map[string]struct {
		opts     testserver.SinkOptions
		security string
	}{
		"tls":      {testserver.SinkOptions{Implicit: true, User: boxAddress, Password: "p"}, "tls"},
		"starttls": {testserver.SinkOptions{TLS: true, User: boxAddress, Password: "p"}, "starttls"},
		"plain":    {testserver.SinkOptions{User: boxAddress, Password: "p"}, "plain-local"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sinkWith(t, c.opts)
			set := []string{"smtp_security", c.security, "smtp_password", "p", "ca_file", s.CAFile()}
			if _, err := sending(t, s, set...).Send(t.Context(), reply()); err != nil {
				t.Error(err)
			}
			_, err := sending(t, s, append(set, "smtp_password", "sbagliata")...).Send(t.Context(), reply())
			if e := channels.AsError(err); classOf(err) != channels.AuthBroken || e.Code != "535 5.7.8" || !strings.Contains(e.Text, "smtp_password") {
				t.Errorf("wrong password: %v", err)
			}
			channeltest.CheckNoSecret(t, err, []string{"sbagliata", boxAddress})
			_, err = sending(t, s, append(set, "smtp_password", "")...).Send(t.Context(), reply())
			if classOf(err) != channels.AuthBroken {
				t.Errorf("no password: %v", err)
			}
			if c.security == "plain-local" {
				return
			}
			_, err = sending(t, s, append(set, "ca_file", "")...).Send(t.Context(), reply())
			if classOf(err) != channels.RetryBackoff || !strings.Contains(err.Error(), "ca_file") {
				t.Errorf("unknown authority: %v", err)
			}
		})
	}
	s := sinkWith(t, testserver.SinkOptions{})
	_, err := sending(t, s, "smtp_security", "starttls").Send(t.Context(), reply())
	if classOf(err) != channels.RetryBackoff || !strings.Contains(err.Error(), "does not offer STARTTLS") {
		t.Errorf("no STARTTLS there: %v", err)
	}
}

func TestSMTPUTF8OnlyWhereNeeded(t *testing.T) {
	s := sinkWith(t, testserver.SinkOptions{})
	m := sending(t, s)
	for _, address := range []string{"lucia@example.org", "josé@example.org", "ufficio@città.example"} {
		if _, err := m.Send(t.Context(), to(address)); err != nil {
			t.Fatal(err)
		}
	}
	got := s.Messages()
	if got[0].UTF8 || !got[1].UTF8 || got[2].UTF8 || got[1].To != "josé@example.org" || got[2].To != "ufficio@xn--citt-3na.example" {
		t.Errorf("got %+v", got)
	}
	old := sinkWith(t, testserver.SinkOptions{NoUTF8: true})
	if _, err := sending(t, old).Send(t.Context(), to("josé@example.org")); classOf(err) != channels.ContentRejected {
		t.Errorf("got %v", err)
	}
}

func TestTooLargeForTheServer(t *testing.T) {
	s := sinkWith(t, testserver.SinkOptions{MaxSize: 10000})
	m := sending(t, s)
	out := reply()
	out.Files = []channels.OutgoingFile{fileOf("a.bin", "application/octet-stream", strings.Repeat("x", 9000))}
	if _, err := m.Send(t.Context(), out); classOf(err) != channels.ContentRejected {
		t.Errorf("got %v", err)
	}
	if _, err := m.Send(t.Context(), reply()); err != nil || s.Count() != 1 {
		t.Errorf("afterwards: %v, %d messages", err, s.Count())
	}
}

func TestUnreadableFileDoesNotReachAnybody(t *testing.T) {
	s := sinkWith(t, testserver.SinkOptions{})
	for name, file := range map[string]channels.OutgoingFile{
		"cut off": {Open: failingOpen},
		"short":   {Size: 1 << 20, Open: fileOf("", "", "x").Open},
		"long":    {Size: 1, Open: fileOf("", "", "xyz").Open},
	} {
		out := reply()
		file.Name, file.Type = "a.pdf", "application/pdf"
		out.Files = []channels.OutgoingFile{file}
		if _, err := sending(t, s).Send(t.Context(), out); classOf(err) != channels.RetryBackoff || s.Count() != 0 {
			t.Errorf("%s: got %v, %d messages", name, err, s.Count())
		}
	}
}

// BenchmarkSend composes and sends with four connections.
func BenchmarkSend(b *testing.B) {
	s, err := testserver.StartSMTPSink(testserver.SinkOptions{Forget: true})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Stop()
	m, err := newMailbox(channels.Account{Settings: settingsFor(nowhere, s.Addr())}, channels.Deps{})
	if err != nil {
		b.Fatal(err)
	}
	defer closeSpare(m.pool)
	out := reply()
	out.HTML = "<p>" + strings.ReplaceAll(out.Text, "\n", "<br>") + "</p>"
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := m.Send(b.Context(), out); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}
