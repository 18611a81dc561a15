package bench

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"filodiretto/app"
	"filodiretto/bench/rig"
	"filodiretto/channels"
	"filodiretto/inbox"
)

// reconciled measures the comparison of a folder of 100,000 messages, in a real
// Dovecot, with the raw items here: the list of the server, the keys of the
// database, and what differs. All were received as always, but not read. Beside
// the figure it is measured how long it takes when 100 are missing, which are
// found and fetched.
func reconciled(ctx context.Context, s *session) ([]Figure, error) {
	n, lost := s.size(100_000, 2_000), s.size(100, 5)
	r, err := s.rig()
	if err != nil {
		return nil, err
	}
	a, err := s.program(ctx, r, rig.Setup{}, s.log)
	if err != nil {
		return nil, err
	}
	if err := deliverSmall(r, n); err != nil {
		return nil, err
	}
	if err := a.Accounts.Load(ctx); err != nil {
		return nil, err
	}
	acc := a.Accounts.Open()[0]
	for _, x := range a.Accounts.Open() {
		if x.Key == rig.MailKey {
			acc = x
		}
	}
	k := &benchIntake{in: a.Inbox, account: acc.ID}
	if err := receiveAll(ctx, a, k, n); err != nil {
		return nil, err
	}
	var times []time.Duration
	used := startUse()
	began := now()
	for range 3 {
		took, run, err := compareNow(ctx, a, k)
		if err != nil {
			return nil, err
		}
		if st := run.Streams[0]; st.Held != n || st.Here != n || st.Missing != 0 {
			return nil, fmt.Errorf("a comparison of %d messages found %+v", n, st)
		}
		times = append(times, took)
	}
	use := used.since(now().Sub(began))
	if _, err := a.DB.Write.NewRaw("DELETE FROM raws WHERE id IN (SELECT id FROM raws ORDER BY id LIMIT ? OFFSET ?)", lost, n/2).Exec(ctx); err != nil {
		return nil, err
	}
	mended, run, err := compareNow(ctx, a, k)
	if err != nil {
		return nil, err
	}
	if st := run.Streams[0]; st.Missing != lost || st.Fetched != lost || st.Absent != 0 {
		return nil, fmt.Errorf("with %d missing a comparison found %+v", lost, st)
	}
	sp := spreadOf(times)
	return []Figure{{Name: "reconcile_s", Value: round(sp.Max / 1000), Unit: "s", N: n, More: map[string]any{
		"ms": sp, "with_missing": lost, "with_missing_s": round(mended.Seconds()), "use": use,
	}}}, nil
}

// compareNow has the account compared and gives what came of it.
func compareNow(ctx context.Context, a *app.App, k *benchIntake) (time.Duration, inbox.ReconcileRun, error) {
	var none inbox.ReconcileRun
	from := now()
	if _, err := a.Inbox.AskReconcile(ctx, inbox.Viewer{System: true}, k.account); err != nil {
		return 0, none, err
	}
	if err := a.Inbox.Reconcile(ctx, k.account, k); err != nil {
		return 0, none, err
	}
	took := now().Sub(from)
	runs, err := a.Inbox.ReconcileRuns(ctx, k.account, 1)
	if err != nil {
		return 0, none, err
	}
	if runs[0].State != "done" {
		return 0, none, fmt.Errorf("the comparison ended as %q: %s", runs[0].State, runs[0].ErrorText)
	}
	return took, runs[0], nil
}

// receiveAll has the mailbox received until n items are here.
func receiveAll(ctx context.Context, a *app.App, k *benchIntake, n int) error {
	ch, _, _ := a.Accounts.Channel(k.account)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- ch.(channels.Receiver).Receive(ctx, k) }()
	err := poll(ctx, func() (bool, error) {
		select {
		case err := <-ended:
			return false, fmt.Errorf("receiving ended: %w", err)
		default:
		}
		var got int
		err := a.DB.Read.NewRaw("SELECT count(*) FROM raws").Scan(ctx, &got)
		return got >= n, err
	})
	if err != nil {
		return err
	}
	stop()
	<-ended
	return nil
}

// deliverSmall puts n small mails into the mailbox.
func deliverSmall(r *rig.Rig, n int) error {
	const step = 1000
	batch := make([][]byte, 0, step)
	for i := range n {
		s := strconv.Itoa(i)
		batch = append(batch, []byte("From: Anna <anna"+s+"@posta.example>\r\nTo: "+rig.Mailbox+"\r\nSubject: Richiesta "+s+"\r\nMessage-ID: <"+s+"@posta.example>\r\nDate: Mon, 16 Nov 2026 10:00:00 +0100\r\n\r\nBuongiorno, chiedo informazioni.\r\n"))
		if len(batch) == step || i == n-1 {
			if err := r.Deliver(batch...); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return nil
}

// benchIntake takes raw items in and does no more.
type benchIntake struct {
	channels.Intake
	in      *inbox.Inbox
	account int64
}

func (k *benchIntake) Cursor(ctx context.Context, stream string) ([]byte, error) {
	return k.in.Cursor(ctx, k.account, stream)
}

func (k *benchIntake) Accept(ctx context.Context, b channels.Batch) error {
	return k.in.Accept(ctx, k.account, b)
}

func (k *benchIntake) Store(ctx context.Context, r io.Reader) (string, int64, error) {
	return k.in.Store(ctx, r)
}

func (k *benchIntake) Alive(context.Context)                {}
func (k *benchIntake) Warn(context.Context, string, string) {}
