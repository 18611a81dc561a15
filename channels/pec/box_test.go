package pec

import (
	"bytes"
	"context"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/internal/testserver"
)

// Rule 88: people and other programs read the same mailbox. What a colleague has
// opened comes in all the same, and nothing is marked, moved or deleted.
func TestRule88TheMailboxIsOnlyRead(t *testing.T) {
	w := newWorld(t)
	d := testserver.Dovecot(t)
	if err := d.Account(box, "segreta"); err != nil {
		t.Fatal(err)
	}
	envelope, err := w.provider.Envelope(anna, box, written(anna, "x", "ciao"), now)
	if err != nil {
		t.Fatal(err)
	}
	receipt := w.write(t, receiptOf(KindDelivered))
	if _, err := d.Append(box, "INBOX", envelope, now.Time(), imap.FlagSeen); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Append(box, "INBOX", receipt, now.Time()); err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(d.Addr())
	if err != nil {
		t.Fatal(err)
	}
	ch, err := open(account("imap_host", host, "imap_port", port), channels.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	in := channeltest.NewIntake()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- ch.(channels.Receiver).Receive(ctx, in) }()
	items, err := in.AwaitItems(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-ended
	for i, want := range [][]byte{envelope, receipt} {
		if !bytes.Equal(in.Body(items[i]), want) {
			t.Errorf("item %d is not byte for byte", i)
		}
	}
	c, err := d.Dial(box)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		t.Fatal(err)
	}
	got, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{Flags: true}).Collect()
	if err != nil || len(got) != 2 {
		t.Fatal(len(got), err)
	}
	seen := func(flags []imap.Flag) bool {
		for _, f := range flags {
			if f == imap.FlagSeen {
				return true
			}
		}
		return false
	}
	if !seen(got[0].Flags) || seen(got[1].Flags) {
		t.Errorf("flags %v, %v", got[0].Flags, got[1].Flags)
	}
}
