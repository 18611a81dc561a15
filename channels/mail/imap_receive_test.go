package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"go.uber.org/goleak"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
)

func storedCursor(t *testing.T, in *channeltest.Intake, stream string) cursor {
	t.Helper()
	b, err := in.Cursor(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	var c cursor
	if err := json.Unmarshal(b, &c); err != nil {
		t.Fatalf("cursor %q: %v", b, err)
	}
	return c
}

func TestRule01CursorPerFolder(t *testing.T) {
	d := post(t)
	if err := d.CreateFolder(boxAddress, "Posta indesiderata"); err != nil {
		t.Fatal(err)
	}
	deliver(t, d, "INBOX", note("a"), note("b"), note("c"))
	deliver(t, d, "Posta indesiderata", note("x"))
	in := channeltest.NewIntake()
	m := openBox(t, settingsFor(d.Addr(), nowhere, "folders", "INBOX,Posta indesiderata"))
	r := receive(t, m, in)
	items := r.items(t, 4)
	for folder, last := range map[string]imap.UID{"INBOX": 3, "Posta indesiderata": 1} {
		_, _, validity, err := d.Messages(boxAddress, folder)
		if err != nil {
			t.Fatal(err)
		}
		c := storedCursor(t, in, folder)
		if c.UIDValidity != validity || c.LastUID != last {
			t.Errorf("%s: cursor %+v, want validity %d and last UID %d", folder, c, validity, last)
		}
		key := fmt.Sprintf("%s/%d/%d", folder, validity, last)
		if !slices.ContainsFunc(items, func(raw channels.Raw) bool { return raw.DedupKey == key && raw.Meta[MetaFolder] == folder }) {
			t.Errorf("no item %q", key)
		}
	}
}

func TestRule01NothingIsConfirmedBeforeItIsCommitted(t *testing.T) {
	d := post(t)
	deliver(t, d, "INBOX", note("a"), note("b"))
	in := channeltest.NewIntake()
	m := openBox(t, settingsFor(d.Addr(), nowhere))
	in.Fail(3, errors.New("the disk is full"))
	r := receive(t, m, in)
	if err := in.AwaitRefused(patient(t), 3); err != nil {
		t.Fatal(err)
	}
	if got := subjects(in, r.items(t, 2)); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q", got)
	}
}

func TestRule02RenumberedFolderIsReadAgain(t *testing.T) {
	d := post(t)
	deliver(t, d, "INBOX", note("a"), note("b"))
	in := channeltest.NewIntake()
	r := receive(t, openBox(t, settingsFor(d.Addr(), nowhere)), in)
	r.items(t, 2)
	before := storedCursor(t, in, "INBOX")
	if err := d.Renumber(boxAddress, "INBOX"); err != nil {
		t.Fatal(err)
	}
	text, err := in.AwaitWarning(patient(t), WarnRenumbered)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "INBOX") {
		t.Errorf("warning %q", text)
	}
	deliver(t, d, "INBOX", note("c"))
	// All bytes are offered again under new keys; which of them are known is
	// not for the channel to judge.
	if got := subjects(in, r.items(t, 5)); !slices.Equal(got, []string{"a", "b", "a", "b", "c"}) {
		t.Errorf("got %q", got)
	}
	if after := storedCursor(t, in, "INBOX"); after.UIDValidity == before.UIDValidity {
		t.Errorf("validity stayed %d", after.UIDValidity)
	}
	count, _, _, err := d.Messages(boxAddress, "INBOX")
	if err != nil || count != 3 {
		t.Errorf("%d messages on the server, %v: nothing may be deleted", count, err)
	}
}

func TestRule03ExpungeMeanwhileLosesNothing(t *testing.T) {
	d := post(t)
	var all [][]byte
	for i := range 30 {
		all = append(all, note(fmt.Sprint("m", i)))
	}
	deliver(t, d, "INBOX", all...)
	in := channeltest.NewIntake()
	m := openBox(t, settingsFor(d.Addr(), nowhere))
	r := receive(t, m, in)
	r.items(t, 30)
	if err := d.Expunge(boxAddress, "INBOX", 2, 3, 5, 8, 13); err != nil {
		t.Fatal(err)
	}
	deliver(t, d, "INBOX", note("after"))
	got := subjects(in, r.items(t, 31))
	if got[30] != "after" {
		t.Errorf("got %q", got[30])
	}
}

func TestRule04MailboxStaysUntouched(t *testing.T) {
	d := post(t)
	deliver(t, d, "INBOX", note("a"))
	r := receive(t, openBox(t, settingsFor(d.Addr(), nowhere)), channeltest.NewIntake())
	raw := r.items(t, 1)[0]
	if strings.Contains(raw.Meta[MetaFlags], `\Seen`) {
		t.Errorf("flags %q", raw.Meta[MetaFlags])
	}
	c, err := d.Dial(boxAddress)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		t.Fatal(err)
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
	if err != nil || len(found.AllUIDs()) != 1 {
		t.Errorf("unseen: %v, %v", found, err)
	}
	// A message read by somebody else is taken in all the same.
	if _, err := d.Append(boxAddress, "INBOX", note("seen"), time.Time{}, imap.FlagSeen); err != nil {
		t.Fatal(err)
	}
	if got := r.items(t, 2)[1]; !strings.Contains(got.Meta[MetaFlags], `\Seen`) {
		t.Errorf("flags %q", got.Meta[MetaFlags])
	}
}

func TestRule05IdleHearsOfMail(t *testing.T) {
	d := post(t)
	in := channeltest.NewIntake()
	m := openBox(t, settingsFor(d.Addr(), nowhere, "poll", "1h"))
	m.limits.lively = 0 // no quick looks: only IDLE can tell
	r := receive(t, m, in)
	if err := in.AwaitAlive(patient(t), 0); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		deliver(t, d, "INBOX", note(fmt.Sprint("m", i)))
		r.items(t, i+1)
	}
}

func TestRule05IdleIsAskedForAgain(t *testing.T) {
	d := post(t)
	in := channeltest.NewIntake()
	m := openBox(t, settingsFor(d.Addr(), nowhere, "poll", "1h"))
	if m.limits.idle <= 0 || m.limits.idle >= 29*time.Minute { // RFC 2177
		t.Errorf("asked for again after %s", m.limits.idle)
	}
	m.limits.idle = 20 * time.Millisecond
	receive(t, m, in)
	// Each new IDLE comes with a look at the folder.
	if err := in.AwaitAlive(patient(t), 5); err != nil {
		t.Fatal(err)
	}
}

func TestRule06JitterDiffers(t *testing.T) {
	seen := map[time.Duration]bool{}
	for i := range 20 {
		m := openBox(t, settingsFor(nowhere, nowhere, "address", fmt.Sprintf("ufficio%d@example.org", i)))
		m.limits.jitter = time.Second
		j := m.jitter()
		if j < 0 || j >= time.Second || j != m.jitter() {
			t.Errorf("jitter %s", j)
		}
		seen[j] = true
	}
	if len(seen) < 15 {
		t.Errorf("only %d different waits among 20 mailboxes", len(seen))
	}
}

func TestRule07StartNow(t *testing.T) {
	d := post(t)
	deliver(t, d, "INBOX", note("old"))
	if _, _, _, err := d.Messages(boxAddress, "INBOX"); err != nil { // numbers the mail
		t.Fatal(err)
	}
	in := channeltest.NewIntake()
	m := openBox(t, settingsFor(d.Addr(), nowhere, "start", "now"))
	r := receive(t, m, in)
	if err := in.AwaitCursor(patient(t), "INBOX", func([]byte) bool { return true }); err != nil {
		t.Fatal(err)
	}
	// A restart must not skip what came in between.
	r.stop()
	deliver(t, d, "INBOX", note("new"))
	if _, err := d.Append(boxAddress, "INBOX", note("moved here"), time.Now().AddDate(-1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	got := subjects(in, receive(t, m, in).items(t, 2))
	slices.Sort(got)
	if !slices.Equal(got, []string{"moved here", "new"}) {
		t.Errorf("got %q", got)
	}
}

func TestRule07StartSomeDaysAgo(t *testing.T) {
	d := post(t)
	for _, days := range []int{40, 20, 3, 0} {
		if _, err := d.Append(boxAddress, "INBOX", note(fmt.Sprint(days, " days")), time.Now().AddDate(0, 0, -days)); err != nil {
			t.Fatal(err)
		}
	}
	in := channeltest.NewIntake()
	items := receive(t, openBox(t, settingsFor(d.Addr(), nowhere, "start", "30 days")), in).items(t, 3)
	if got := subjects(in, items); !slices.Equal(got, []string{"20 days", "3 days", "0 days"}) {
		t.Errorf("got %q", got)
	}
}

func TestRule08OldMailEntersAsArchive(t *testing.T) {
	d := post(t)
	old := time.Now().AddDate(0, 0, -10).Truncate(time.Second)
	if _, err := d.Append(boxAddress, "INBOX", note("old"), old); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Append(boxAddress, "INBOX", note("fresh"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	in := channeltest.NewIntake()
	r := receive(t, openBox(t, settingsFor(d.Addr(), nowhere)), in)
	items := r.items(t, 2)
	if !items[0].Archive || items[1].Archive {
		t.Errorf("archive: %v, %v", items[0].Archive, items[1].Archive)
	}
	if at := items[0].ReceivedAt.Time(); !at.Equal(old) {
		t.Errorf("received at %s, want %s", at, old)
	}
	// What arrives later is news, however old it says it is.
	if _, err := d.Append(boxAddress, "INBOX", note("moved here"), old); err != nil {
		t.Fatal(err)
	}
	if r.items(t, 3)[2].Archive {
		t.Error("a message that arrived later is taken for history")
	}
}

func TestRule10FolderNamesAndFlags(t *testing.T) {
	d := post(t)
	const folder = "Uffici/Già visti & nuovi"
	if err := d.CreateFolder(boxAddress, folder); err != nil {
		t.Fatal(err)
	}
	for _, m := range []struct {
		subject string
		flags   []imap.Flag
	}{
		{"first", nil},
		{"draft", []imap.Flag{imap.FlagDraft}},
		{"deleted", []imap.Flag{imap.FlagDeleted}},
		{"flagged", []imap.Flag{imap.FlagFlagged, "Urgente"}},
		{"last draft", []imap.Flag{imap.FlagDraft}},
	} {
		if _, err := d.Append(boxAddress, folder, note(m.subject), time.Time{}, m.flags...); err != nil {
			t.Fatal(err)
		}
	}
	in := channeltest.NewIntake()
	r := receive(t, openBox(t, settingsFor(d.Addr(), nowhere, "folders", folder)), in)
	items := r.items(t, 2)
	if got := subjects(in, items); !slices.Equal(got, []string{"first", "flagged"}) {
		t.Errorf("got %q", got)
	}
	if flags := items[1].Meta[MetaFlags]; !strings.Contains(flags, `\Flagged`) || !strings.Contains(flags, "Urgente") {
		t.Errorf("flags %q", flags)
	}
	// The cursor is past the draft at the end, too.
	err := in.AwaitCursor(patient(t), folder, func(b []byte) bool {
		c, err := decodeCursor(b)
		return err == nil && c.LastUID == 5
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRule10MissingFolderDoesNotStopTheOthers(t *testing.T) {
	d := post(t)
	deliver(t, d, "INBOX", note("a"))
	in := channeltest.NewIntake()
	r := receive(t, openBox(t, settingsFor(d.Addr(), nowhere, "folders", "INBOX,Manca", "poll", "5s")), in)
	if _, err := in.AwaitWarning(patient(t), WarnFolderMissing); err != nil {
		t.Fatal(err)
	}
	r.items(t, 1)
	if err := d.CreateFolder(boxAddress, "Manca"); err != nil {
		t.Fatal(err)
	}
	deliver(t, d, "Manca", note("b"))
	r.items(t, 2)
}

func TestReceiveEndsWithTheContext(t *testing.T) {
	d := post(t)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	in := channeltest.NewIntake()
	m := openBox(t, settingsFor(d.Addr(), nowhere))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Receive(ctx, in) }()
	if err := in.AwaitCursor(patient(t), "INBOX", func([]byte) bool { return true }); err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("Receive goes on")
	}
}

// An account that is given another mailbox begins there at the first message,
// even where the two have the same UIDVALIDITY and UIDs.
func TestRule02AnotherMailboxIsReadFromItsStart(t *testing.T) {
	d := post(t)
	const other = "tasse@comune.pontelieto.example"
	if err := d.Account(other, boxPassword); err != nil {
		t.Fatal(err)
	}
	deliver(t, d, "INBOX", note("a"), note("b"))
	in := channeltest.NewIntake()
	first := receive(t, openBox(t, settingsFor(d.Addr(), nowhere)), in)
	first.items(t, 2)
	first.stop()
	for _, m := range [][]byte{note("c"), note("d")} {
		if err := d.Deliver(other, "INBOX", m); err != nil {
			t.Fatal(err)
		}
	}
	_, _, validity, err := d.Messages(other, "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	same := storedCursor(t, in, "INBOX")
	same.UIDValidity = validity
	if err := in.Accept(t.Context(), channels.Batch{Stream: "INBOX", Cursor: same.encode()}); err != nil {
		t.Fatal(err)
	}
	m := openBox(t, settingsFor(d.Addr(), nowhere, "imap_user", other))
	r := receive(t, m, in)
	items := r.items(t, 4)
	if got := subjects(in, items); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("got %q", got)
	}
	if _, err := in.AwaitWarning(patient(t), WarnMoved); err != nil {
		t.Error(err)
	}
	c := storedCursor(t, in, "INBOX")
	if want := fmt.Sprintf("INBOX@1/%d/2", validity); c.Moves != 1 || items[3].DedupKey != want {
		t.Errorf("key %q, want %q; %+v", items[3].DedupKey, want, c)
	}
	if h := held(t, m, in); len(h.Keys) != 2 || h.Renumbered || !strings.HasPrefix(h.Keys[0], h.Prefix) {
		t.Errorf("what should be here: %+v", h)
	}
	if h := held(t, openBox(t, settingsFor(d.Addr(), nowhere)), in); !h.Renumbered {
		t.Errorf("the former mailbox is compared: %+v", h)
	}
}
