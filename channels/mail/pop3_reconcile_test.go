package mail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/internal/clock"
	"filodiretto/internal/testserver"
)

// heldPOP compares a mailbox with what an intake was given.
func heldPOP(t *testing.T, b *popBox, in *channeltest.Intake) channels.Held {
	t.Helper()
	list, err := b.Held(patient(t), func(stream string) ([]byte, error) { return in.Cursor(t.Context(), stream) })
	if err != nil || len(list) != 1 || list[0].Stream != popStream {
		t.Fatalf("%+v: %v", list, err)
	}
	return list[0]
}

// Rule 15 over POP3: what was on the list at the last look is compared, by unique id;
// what came since is on its way; what was deleted there is no longer held.
func TestRule15HeldOverPOP3(t *testing.T) {
	d := postPOP(t, testserver.DovecotOptions{})
	in := channeltest.NewIntake()
	b := openPOP(t, popSettings(d.POP3Addr()))
	deliver(t, d, "INBOX", note("a"), note("b"), note("c"))
	if h := heldPOP(t, b, in); len(h.Keys) != 0 || h.Waiting != 3 || h.Renumbered {
		t.Errorf("before anything was read: %+v", h)
	}
	r := receive(t, b, in)
	items := r.items(t, 3)
	if err := in.AwaitAlive(patient(t), 2); err != nil { // a look that found nothing new
		t.Fatal(err)
	}
	r.stop()
	deliver(t, d, "INBOX", note("d"))
	h := heldPOP(t, b, in)
	var want []string
	for _, raw := range items {
		want = append(want, raw.DedupKey)
	}
	if !slices.Equal(h.Keys, want) || h.Waiting != 1 || h.Renumbered || !strings.HasPrefix(want[0], h.Prefix) {
		t.Errorf("got %+v, taken in %q", h, want)
	}
	// Another process has looked at nothing: it names all, and Describe says which came just now.
	other := openPOP(t, popSettings(d.POP3Addr()))
	if h := heldPOP(t, other, in); len(h.Keys) != 4 || h.Waiting != 0 {
		t.Errorf("without a look: %+v", h)
	}
	if err := d.Expunge(boxAddress, "INBOX", 1); err != nil {
		t.Fatal(err)
	}
	if h := heldPOP(t, b, in); !slices.Equal(h.Keys, want[1:]) {
		t.Errorf("one is gone: %+v", h)
	}
}

// Rule 15: what is missing is described and taken in while the mailbox is being read,
// without the cursor going back.
func TestRule15MissingOverPOP3(t *testing.T) {
	dated := func(subject string) []byte {
		return []byte("Received: from a by b; Tue, 17 Nov 2020 10:00:00 +0000\r\n" + string(note(subject)))
	}
	now := func(subject string) []byte {
		return []byte("Received: from a by b; " + clock.System{}.Now().Time().Format("Mon, 02 Jan 2006 15:04:05 -0700") + "\r\n" + string(note(subject)))
	}
	s := newOddPOP(t, oddMail{uid: "a", body: dated("uno")}, oddMail{uid: "b", body: dated("due")}, oddMail{uid: "", body: dated("senza nome")}, oddMail{uid: "d", body: now("tre")})
	in := channeltest.NewIntake()
	b := s.box()
	r := receive(t, b, in)
	r.items(t, 3)
	if _, err := in.AwaitWarning(patient(t), WarnPopNoID); err != nil {
		t.Error(err)
	}
	if err := in.AwaitAlive(patient(t), 2); err != nil {
		t.Fatal(err)
	}
	h := heldPOP(t, b, in) // beside the reading
	if len(h.Keys) != 4 || h.Waiting != 0 {
		t.Fatalf("what nobody can tell apart is held too: %+v", h)
	}
	cursor, err := in.Cursor(t.Context(), popStream)
	if err != nil {
		t.Fatal(err)
	}
	keys := append(slices.Clone(h.Keys), h.Prefix+"z/1")
	list, err := b.Describe(patient(t), popStream, cursor, keys)
	if err != nil || len(list) != 4 || list[0].Subject != "uno" || list[0].At == 0 || list[0].Size < 20 || list[0].Key != h.Keys[0] {
		t.Fatalf("%+v %v", list, err)
	}
	list, err = s.box().Describe(patient(t), popStream, cursor, keys)
	if err != nil || len(list) != 3 || slices.ContainsFunc(list, func(x channels.HeldItem) bool { return x.Subject == "tre" }) {
		t.Errorf("what came just now is on its way: %+v %v", list, err)
	}
	fresh := channeltest.NewIntake()
	if err := fresh.Accept(t.Context(), channels.Batch{Stream: popStream, Cursor: cursor}); err != nil {
		t.Fatal(err)
	}
	var taken []string
	if err := b.Refetch(patient(t), fresh, popStream, keys, func(k string) { taken = append(taken, k) }); err != nil {
		t.Fatal(err)
	}
	if got := subjects(fresh, fresh.Items()); !slices.Equal(got, []string{"uno", "due", "tre"}) || len(taken) != 3 {
		t.Errorf("took %q, told %q", got, taken)
	}
	if after, err := fresh.Cursor(t.Context(), popStream); err != nil || string(after) != string(cursor) {
		t.Errorf("the cursor is %s, was %s: %v", after, cursor, err)
	}
	r.stop()
}

// Rule 15: keys of another mailbox mean other messages; what was not wanted at the
// first look is not missing; a server that is away is an error.
func TestRule15OtherMailboxOverPOP3(t *testing.T) {
	s := newOddPOP(t, oddMail{uid: "a", body: note("vecchia")})
	in := channeltest.NewIntake()
	b := s.box("start", "now")
	r := receive(t, b, in)
	if err := in.AwaitAlive(patient(t), 1); err != nil {
		t.Fatal(err)
	}
	r.stop()
	if h := heldPOP(t, b, in); len(h.Keys) != 0 || h.Waiting != 0 {
		t.Errorf("not wanted: %+v", h)
	}
	other := s.box("pop3_user", "altra")
	if h := heldPOP(t, other, in); !h.Renumbered || len(h.Keys) != 0 {
		t.Errorf("another mailbox: %+v", h)
	}
	cursor, err := in.Cursor(t.Context(), popStream)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := other.Describe(patient(t), popStream, cursor, []string{popPrefix(other.m.popName()) + "a/1"}); err != nil || len(list) != 0 {
		t.Errorf("%+v %v", list, err)
	}
	away := openPOP(t, popSettings(nowhere))
	if _, err := away.Held(patient(t), func(string) ([]byte, error) { return nil, nil }); classOf(err) != channels.RetryBackoff {
		t.Errorf("no server: %v", err)
	}
	if _, err := away.Held(patient(t), func(string) ([]byte, error) { return nil, fmt.Errorf("the disk is gone") }); err == nil {
		t.Error("an unreadable cursor is no error")
	}
}

// Another process may just be looking into the mailbox: the comparison waits its turn.
func TestRule15MailboxInUseOverPOP3(t *testing.T) {
	s := newOddPOP(t, oddMail{uid: "a", body: note("uno")})
	b := s.box()
	b.m.limits.busy = time.Millisecond
	s.change(func() { s.refuse = "-ERR [IN-USE] another session" })
	none := func(string) ([]byte, error) { return nil, nil }
	if _, err := b.Held(patient(t), none); classOf(err) != channels.RetryBackoff || s.logins() != popTries {
		t.Errorf("for good: %v after %d tries", err, s.logins())
	}
	s.change(func() { s.once = true })
	if h, err := b.Held(patient(t), none); err != nil || h[0].Waiting != 1 || s.logins() != popTries+2 {
		t.Errorf("for a moment: %+v %v after %d tries", h, err, s.logins())
	}
}
