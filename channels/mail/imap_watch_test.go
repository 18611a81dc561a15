package mail

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/internal/clock"
)

func TestQuickLooksWhileMailArrivesThenIdle(t *testing.T) {
	s := startOdd(t, nil, nil)
	s.mute = make(chan struct{}, 100)
	s.add(t, note("first"))
	in := channeltest.NewIntake()
	m := openBox(t, settingsFor(s.addr, nowhere, "poll", "1h"))
	m.limits.lively = 20 * m.limits.quick
	r := receive(t, m, in)
	// IDLE tells nothing here, and the next periodic look is an hour away:
	// only quick looks can find these.
	for i := range 5 {
		r.items(t, i+1)
		s.add(t, note(fmt.Sprint("m", i)))
	}
	r.items(t, 6)
	if len(s.mute) != 0 {
		t.Error("the connection went idle while mail was arriving")
	}
	select {
	case <-s.mute:
	case <-time.After(patience):
		t.Error("the connection never went idle")
	}
}

func TestIdleMissesNothing(t *testing.T) {
	d := post(t)
	in := channeltest.NewIntake()
	m := openBox(t, settingsFor(d.Addr(), nowhere, "poll", "1h"))
	m.limits.lively = 0 // IDLE alone must tell of each
	r := receive(t, m, in)
	const n = 60
	var want []string
	for i := range n {
		subject := fmt.Sprint("m", i)
		want = append(want, subject)
		deliver(t, d, "INBOX", note(subject))
		if i%15 == 14 { // sometimes it is quiet, sometimes they come close together
			r.items(t, i+1)
		}
	}
	if got := subjects(in, r.items(t, n)); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestSparseNumbersAndManyMessages(t *testing.T) {
	d := post(t)
	const n = 5000
	var all [][]byte
	for i := range n {
		all = append(all, note(fmt.Sprint("m", i+1)))
	}
	deliver(t, d, "INBOX", all...)
	if count, _, _, err := d.Messages(boxAddress, "INBOX"); err != nil || count != n {
		t.Fatalf("%d messages, %v", count, err)
	}
	in := channeltest.NewIntake()
	r := receive(t, openBox(t, settingsFor(d.Addr(), nowhere)), in)
	items := r.items(t, n)
	for i, raw := range items { // the newest of what has just arrived, then all in order
		if want := fmt.Sprint("m", (i+n-aheadNewest)%n+1); subjects(in, items[i:i+1])[0] != want {
			t.Fatalf("item %d is %q", i, raw.DedupKey)
		}
	}
	r.stop()
	var gone []imap.UID
	var want []string
	for uid := imap.UID(1); uid <= n; uid++ {
		if uid%701 == 0 || uid == n {
			want = append(want, fmt.Sprint("m", uid))
		} else {
			gone = append(gone, uid)
		}
	}
	if err := d.Expunge(boxAddress, "INBOX", gone...); err != nil {
		t.Fatal(err)
	}
	last := len(want) - 1
	want = append(want[last:last+1:last+1], want[:last]...)
	again := channeltest.NewIntake()
	if got := subjects(again, receive(t, openBox(t, settingsFor(d.Addr(), nowhere)), again).items(t, len(want))); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCursorThatCannotBeRead(t *testing.T) {
	d := post(t)
	deliver(t, d, "INBOX", note("a"))
	in := channeltest.NewIntake()
	if err := in.Accept(t.Context(), channels.Batch{Stream: "INBOX", Cursor: []byte("{")}); err != nil {
		t.Fatal(err)
	}
	r := receive(t, openBox(t, settingsFor(d.Addr(), nowhere)), in)
	if _, err := in.AwaitWarning(patient(t), WarnCursor); err != nil {
		t.Fatal(err)
	}
	r.items(t, 1)
}

func TestCursorsAgreeOnTime(t *testing.T) {
	now := clock.At(time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC))
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		start     startPoint
		at        clock.Instant
		uid       imap.UID
		left, old bool
	}{
		"all, old":               {startPoint{}, now.Add(-2 * day), 5, false, true},
		"all, fresh":             {startPoint{}, now.Add(-day / 2), 5, false, false},
		"all, arrived later":     {startPoint{}, now.Add(-99 * day), 10, false, false},
		"all, no date":           {startPoint{}, 0, 5, false, false},
		"now, old":               {startPoint{now: true}, now.Add(-2 * day), 5, true, true},
		"now, arrived later":     {startPoint{now: true}, now.Add(-99 * day), 10, false, false},
		"30 days, older":         {startPoint{days: 30}, now.Add(-31 * day), 5, true, true},
		"30 days, within":        {startPoint{days: 30}, now.Add(-29 * day), 5, false, true},
		"30 days, arrived later": {startPoint{days: 30}, now.Add(-31 * day), 10, false, false},
	} {
		cur := firstCursor(c.start, 7, 10, now)
		for _, cur := range []cursor{cur, cur.renumbered(8, 10)} {
			if got := cur.leavesOut(c.uid, c.at); got != c.left {
				t.Errorf("%s: left out %v", name, got)
			}
			if got := cur.archives(c.uid, c.at); got != c.old {
				t.Errorf("%s: archive %v", name, got)
			}
			back, err := decodeCursor(cur.encode())
			if err != nil || fmt.Sprint(back) != fmt.Sprint(cur) {
				t.Errorf("%s: %+v came back as %+v, %v", name, cur, back, err)
			}
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add([]byte(`{"uidvalidity":1,"last_uid":2,"later":[{"uid":1,"tries":2}]}`))
	f.Add([]byte(`{"uidvalidity":-1}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decodeCursor(b)
		if err != nil {
			return
		}
		if !json.Valid(c.encode()) {
			t.Errorf("%q became %q", b, c.encode())
		}
	})
}

func TestPauseEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := pause(ctx, time.Hour); err == nil {
		t.Error("no error")
	}
}
