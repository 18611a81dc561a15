package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
)

// meanwhile is an intake that does something when batches come, before they are
// accepted.
type meanwhile struct {
	*channeltest.Intake
	batches atomic.Int32
	do      func(batch int) error
}

func (m *meanwhile) Accept(ctx context.Context, b channels.Batch) error {
	if len(b.Items) > 0 {
		if err := m.do(int(m.batches.Add(1))); err != nil {
			return err
		}
	}
	return m.Intake.Accept(ctx, b)
}

// backlog are n small mails.
func backlog(n int) [][]byte {
	var all [][]byte
	for i := range n {
		all = append(all, note(fmt.Sprint("m", i+1)))
	}
	return all
}

// After an outage of any length all is read, and what arrives meanwhile comes
// before the rest of it.
func TestRule7WhatArrivesComesAheadOfABacklog(t *testing.T) {
	d := post(t)
	const n = 3000
	deliver(t, d, "INBOX", backlog(n)...)
	if _, _, _, err := d.Messages(boxAddress, "INBOX"); err != nil { // numbers are given
		t.Fatal(err)
	}
	in := &meanwhile{Intake: channeltest.NewIntake()}
	in.do = func(batch int) error {
		if batch <= 3 {
			deliver(t, d, "INBOX", note(fmt.Sprint("live", batch)))
		}
		return nil
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- openBox(t, settingsFor(d.Addr(), nowhere)).Receive(ctx, in) }()
	items, err := in.AwaitItems(patient(t), n+3)
	if err != nil {
		t.Fatal(err)
	}
	got := subjects(in.Intake, items)
	for i := range 3 {
		at := slices.Index(got, fmt.Sprint("live", i+1))
		if at < 0 || at > n/2 {
			t.Errorf("what arrived during batch %d came as item %d of %d", i+1, at, n+3)
		}
	}
	// and so do the newest of those that had just arrived
	if at := slices.Index(got, fmt.Sprint("m", n)); at < 0 || at > n/2 {
		t.Errorf("the newest of the backlog came as item %d", at)
	}
	unique := slices.Clone(got)
	slices.Sort(unique)
	if unique = slices.Compact(unique); len(unique) != n+3 || len(got) != n+3 {
		t.Errorf("%d items, %d of them different", len(got), len(unique))
	}
	in.do = func(int) error { return nil }
	deliver(t, d, "INBOX", note("last"))
	if _, err := in.AwaitItems(patient(t), n+4); err != nil {
		t.Error(err)
	}
	stop()
	<-ended
	raw, err := in.Cursor(t.Context(), "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	if c, err := decodeCursor(raw); err != nil || c.AheadFrom != 0 || c.LastUID != n+4 {
		t.Errorf("the two ways did not join: %s, %v", raw, err)
	}
}

// A process that dies between the two ways goes on with both: nothing is lost,
// nothing comes twice, and a comparison finds nothing missing.
func TestRule1BothWaysAreInTheCursor(t *testing.T) {
	d := post(t)
	const n = 1500
	deliver(t, d, "INBOX", backlog(n)...)
	if _, _, _, err := d.Messages(boxAddress, "INBOX"); err != nil {
		t.Fatal(err)
	}
	m := openBox(t, settingsFor(d.Addr(), nowhere))
	in := &meanwhile{Intake: channeltest.NewIntake()}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	died := errors.New("the process died")
	in.do = func(batch int) error {
		switch {
		case batch == 1:
			deliver(t, d, "INBOX", note("live"))
		case batch >= 6:
			stop()
			return died
		}
		return nil
	}
	_ = m.Receive(ctx, in)
	raw, err := in.Cursor(t.Context(), "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	c, err := decodeCursor(raw)
	if err != nil || c.AheadFrom != n+1-aheadNewest || c.AheadTo != n+1 || c.LastUID >= n {
		t.Fatalf("cursor %s: %v", raw, err)
	}
	if h := held(t, m, in.Intake); len(h.Keys) != len(in.Items()) || h.Waiting != n+1-len(in.Items()) {
		t.Errorf("%d keys and %d waiting, with %d items taken in", len(h.Keys), h.Waiting, len(in.Items()))
	}
	in.do = func(int) error { return nil }
	r := receive(t, m, in.Intake)
	got := subjects(in.Intake, r.items(t, n+1))
	slices.Sort(got)
	if len(slices.Compact(got)) != n+1 || len(in.Offered()) != n+1 {
		t.Errorf("%d different, %d offered", len(slices.Compact(got)), len(in.Offered()))
	}
}
