package mail

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
)

// held compares INBOX with what an intake was given.
func held(t *testing.T, m *mailbox, in *channeltest.Intake) channels.Held {
	t.Helper()
	list, err := m.Held(patient(t), func(stream string) ([]byte, error) { return in.Cursor(t.Context(), stream) })
	if err != nil || len(list) != 1 || list[0].Stream != "INBOX" {
		t.Fatalf("%+v: %v", list, err)
	}
	return list[0]
}

func TestHeldIsWhatWasTakenIn(t *testing.T) {
	d := post(t)
	m := openBox(t, settingsFor(d.Addr(), nowhere))
	in := channeltest.NewIntake()
	if h := held(t, m, in); len(h.Keys) != 0 || h.Waiting != 0 || h.Renumbered {
		t.Errorf("an empty mailbox holds %+v", h)
	}
	deliver(t, d, "INBOX", note("a"), note("b"), note("c"))
	if h := held(t, m, in); len(h.Keys) != 0 || h.Waiting != 3 {
		t.Errorf("before anything was read: %+v", h)
	}
	r := receive(t, m, in)
	items := r.items(t, 3)
	r.stop()
	deliver(t, d, "INBOX", note("d"))
	h := held(t, m, in)
	var want []string
	for _, raw := range items {
		want = append(want, raw.DedupKey)
	}
	if !slices.Equal(h.Keys, want) || h.Waiting != 1 || h.Renumbered {
		t.Errorf("got %+v, taken in %q", h, want)
	}
	if h.Keys[2] != h.Prefix+"3" {
		t.Errorf("the prefix %q does not begin %q", h.Prefix, h.Keys[2])
	}
}

func TestHeldTellsOfANewNumbering(t *testing.T) {
	d := post(t)
	m := openBox(t, settingsFor(d.Addr(), nowhere))
	in := channeltest.NewIntake()
	deliver(t, d, "INBOX", note("a"))
	r := receive(t, m, in)
	r.items(t, 1)
	r.stop()
	other := cursor{UIDValidity: 7, LastUID: 1}
	list, err := m.Held(patient(t), func(string) ([]byte, error) { return other.encode(), nil })
	if err != nil || len(list) != 1 || !list[0].Renumbered || len(list[0].Keys) != 0 {
		t.Errorf("%+v: %v", list, err)
	}
}

func TestHeldLeavesOutWhatIsNotOurs(t *testing.T) {
	d := post(t)
	deliver(t, d, "INBOX", note("old"), note("older"))
	_, _, validity, err := d.Messages(boxAddress, "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		start string
		want  int
	}{{"all", 3}, {"now", 1}} {
		start, want := one.start, one.want
		m := openBox(t, settingsFor(d.Addr(), nowhere, "start", start))
		c := firstCursor(m.set.start, validity, 3, m.clock.Now())
		if start == "all" {
			deliver(t, d, "INBOX", note("new"))
		}
		c.LastUID = 3
		list, err := m.Held(patient(t), func(string) ([]byte, error) { return c.encode(), nil })
		if err != nil || len(list[0].Keys) != want || list[0].Keys[want-1] != list[0].Prefix+"3" || list[0].Waiting != 0 {
			t.Errorf("start %s: %+v, want %d: %v", start, list, want, err)
		}
	}
}

func TestHeldFails(t *testing.T) {
	d := post(t)
	in := channeltest.NewIntake()
	cursor := func(stream string) ([]byte, error) { return in.Cursor(t.Context(), stream) }
	if _, err := openBox(t, settingsFor(d.Addr(), nowhere, "folders", "Nessuna")).Held(patient(t), cursor); classOf(err) != channels.ContentRejected {
		t.Errorf("a folder that is not there: %v", err)
	}
	if _, err := openBox(t, settingsFor(nowhere, nowhere)).Held(patient(t), cursor); classOf(err) != channels.RetryBackoff {
		t.Errorf("no server: %v", err)
	}
	if _, err := openBox(t, settingsFor(d.Addr(), nowhere)).Held(patient(t), func(string) ([]byte, error) { return nil, fmt.Errorf("the disk is gone") }); err == nil {
		t.Error("an unreadable cursor is no error")
	}
}

// What is missing here is described by the server, and taken in one by one
// without the cursor going back.
func TestRule15MissingMessagesAreDescribedAndTakenIn(t *testing.T) {
	d := post(t)
	m := openBox(t, settingsFor(d.Addr(), nowhere))
	in := channeltest.NewIntake()
	deliver(t, d, "INBOX", note("a"), []byte("From: x@y.example\r\nSubject: =?utf-8?Q?Perch=C3=A9?= "+strings.Repeat("no ", 90)+"\r\n\r\nx\r\n"), note("c"), note("d"))
	r := receive(t, m, in)
	items := r.items(t, 4)
	r.stop()
	cursor, err := in.Cursor(t.Context(), "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{items[1].DedupKey, items[2].DedupKey, items[3].DedupKey, "Altro/1/2", items[0].DedupKey + "0"}
	if err := d.Expunge(boxAddress, "INBOX", 3); err != nil {
		t.Fatal(err)
	}
	if err := d.Flag(boxAddress, "INBOX", []imap.UID{4}, imap.FlagDeleted); err != nil {
		t.Fatal(err)
	}
	list, err := m.Describe(patient(t), "INBOX", cursor, keys)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v: %v", list, err)
	}
	x := list[0]
	if x.Key != keys[0] || !strings.HasPrefix(x.Subject, "Perché no no") || !strings.HasSuffix(x.Subject, "…") || x.Size < 100 || x.At == 0 {
		t.Errorf("%+v", x)
	}
	fresh := channeltest.NewIntake()
	if err := fresh.Accept(t.Context(), channels.Batch{Stream: "INBOX", Cursor: cursor}); err != nil {
		t.Fatal(err)
	}
	var taken []string
	if err := m.Refetch(patient(t), fresh, "INBOX", keys, func(k string) { taken = append(taken, k) }); err != nil {
		t.Fatal(err)
	}
	got := fresh.Items()
	if len(got) != 1 || !slices.Equal(taken, keys[:1]) || got[0].DedupKey != keys[0] || !bytes.Equal(got[0].Body, items[1].Body) {
		t.Errorf("took %q: %+v", taken, got)
	}
	if after, err := fresh.Cursor(t.Context(), "INBOX"); err != nil || !bytes.Equal(after, cursor) {
		t.Errorf("the cursor is %s, was %s: %v", after, cursor, err)
	}
}

// Numbers of another numbering mean other messages: nothing is asked of them.
func TestRule15NothingIsTakenInFromAnotherNumbering(t *testing.T) {
	d := post(t)
	m := openBox(t, settingsFor(d.Addr(), nowhere))
	deliver(t, d, "INBOX", note("a"))
	other := cursor{UIDValidity: 7, LastUID: 1}.encode()
	if list, err := m.Describe(patient(t), "INBOX", other, []string{"INBOX/7/1"}); err != nil || len(list) != 0 {
		t.Errorf("%+v: %v", list, err)
	}
	in := channeltest.NewIntake()
	if err := in.Accept(t.Context(), channels.Batch{Stream: "INBOX", Cursor: other}); err != nil {
		t.Fatal(err)
	}
	if err := m.Refetch(patient(t), in, "INBOX", []string{"INBOX/7/1"}, nil); err != nil || len(in.Items()) != 0 {
		t.Errorf("%+v: %v", in.Items(), err)
	}
}
