package mail

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"filodiretto/channels"
	"filodiretto/internal/testserver"
)

const sentFolder = "Posta inviata"

// filing is an account that sends to the sink and files copies in Dovecot.
func filing(t *testing.T, imapAddr string, s *testserver.Sink) *mailbox {
	t.Helper()
	m := openBox(t, settingsFor(imapAddr, s.Addr(), "sent_folder", sentFolder))
	t.Cleanup(func() { closeSpare(m.pool) })
	return m
}

// awaitCopies polls the folder until it holds n messages. The copies run
// beside everything else, so that only the server can tell.
func awaitCopies(t *testing.T, d *testserver.DovecotServer, n int) [][]byte {
	t.Helper()
	ctx := patient(t)
	for {
		got, err := d.Fetch(boxAddress, sentFolder)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) >= n {
			return got
		}
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			t.Fatalf("%d of %d copies: %v", len(got), n, err)
		}
	}
}

func TestRule71CopyOfWhatWasSent(t *testing.T) {
	d := post(t)
	if err := d.CreateFolder(boxAddress, sentFolder); err != nil {
		t.Fatal(err)
	}
	s := sinkWith(t, testserver.SinkOptions{})
	m := filing(t, d.Addr(), s)
	var all []*channels.Outgoing
	for i := range 5 {
		out := reply()
		out.ExternalID = fmt.Sprintf("fd.%d@comune.pontelieto.example", i)
		out.Files = []channels.OutgoingFile{fileOf("a.txt", "text/plain", strings.Repeat("è", i*40))}
		all = append(all, out)
		// Two recipients of one message make one copy.
		for _, address := range []string{"lucia@example.org", "anna@example.org"} {
			out.To.Value = address
			if _, err := m.Send(t.Context(), out); err != nil {
				t.Fatal(err)
			}
		}
	}
	copies := awaitCopies(t, d, 5)
	if len(copies) != 5 || s.Count() != 10 {
		t.Errorf("%d copies of %d messages", len(copies), s.Count())
	}
	for i, c := range copies {
		if !bytes.Contains(c, []byte("Message-ID: <"+all[i].ExternalID+">")) || !bytes.Equal(c, s.Messages()[2*i].Data) {
			t.Errorf("copy %d is not what was sent: %q", i, c)
		}
	}
	c, err := d.Dial(boxAddress)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Select(sentFolder, nil).Wait(); err != nil {
		t.Fatal(err)
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{Flag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
	if err != nil || len(found.AllUIDs()) != 5 {
		t.Errorf("seen: %v, %v", found, err)
	}
}

func TestRule71CopyThatIsThereAlready(t *testing.T) {
	d := post(t)
	if err := d.CreateFolder(boxAddress, sentFolder); err != nil {
		t.Fatal(err)
	}
	s := sinkWith(t, testserver.SinkOptions{})
	first, second := reply(), reply()
	second.ExternalID = "fd.2@comune.pontelieto.example"
	for _, out := range []*channels.Outgoing{first, first, second} {
		// Each time another process: it does not remember what was filed.
		if _, err := filing(t, d.Addr(), s).Send(t.Context(), out); err != nil {
			t.Fatal(err)
		}
		awaitCopies(t, d, 1)
	}
	if got := awaitCopies(t, d, 2); len(got) != 2 {
		t.Errorf("%d copies", len(got))
	}
}

func TestRule71FailureNeverFailsTheSend(t *testing.T) {
	d := post(t) // without the folder
	for name, addr := range map[string]string{"no folder": d.Addr(), "no server": nowhere} {
		s := sinkWith(t, testserver.SinkOptions{})
		m := filing(t, addr, s)
		for range 3 {
			if _, err := m.Send(t.Context(), reply()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if s.Count() != 3 {
			t.Errorf("%s: %d messages", name, s.Count())
		}
	}
}

func TestRule71CopiesAreBounded(t *testing.T) {
	m := fixedBox(t, "sent_folder", sentFolder)
	m.sent.running = true // nobody works: all wait
	for i := range sentMost + 10 {
		m.sent.add(&letter{id: fmt.Sprint(i)})
	}
	if len(m.sent.waiting) != sentMost || m.sent.left != 10 {
		t.Errorf("%d wait, %d left out", len(m.sent.waiting), m.sent.left)
	}
	for i := range 20 * sentMost {
		m.sent.remember(fmt.Sprint("x", i))
	}
	if len(m.sent.known) > 10*sentMost+1 || len(m.sent.order) != 10*sentMost {
		t.Errorf("%d ids remembered", len(m.sent.known))
	}
}
