package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/internal/testserver"
)

// line puts a network between an account and a server.
func line(t *testing.T, target string) *testserver.Proxy {
	t.Helper()
	p, err := testserver.StartProxy(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

func TestRule09SilentServerIsLeft(t *testing.T) {
	d := post(t)
	p := line(t, d.Addr())
	in := channeltest.NewIntake()
	m := openBox(t, settingsFor(p.Addr(), nowhere))
	m.limits.command = 300 * time.Millisecond
	m.limits.idle = 50 * time.Millisecond // so that something is asked soon
	r := receive(t, m, in)
	if err := in.AwaitAlive(patient(t), 2); err != nil {
		t.Fatal(err)
	}
	p.Freeze()
	select {
	case err := <-r.errs:
		if classOf(err) != channels.RetryBackoff || !strings.Contains(err.Error(), "did not answer in time") {
			t.Errorf("Receive ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("Receive still waits for a silent server")
	}
	p.Thaw()
	deliver(t, d, "INBOX", note("a"))
	r.items(t, 1)
}

func TestRule09SilenceBeforeTheGreeting(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, security := range []string{"tls", "starttls", "plain-local"} {
		m := openBox(t, settingsFor(l.Addr().String(), nowhere, "imap_security", security))
		m.limits.command = 100 * time.Millisecond
		err := m.Receive(t.Context(), channeltest.NewIntake())
		if classOf(err) != channels.RetryBackoff || !strings.Contains(err.Error(), "did not answer in time") {
			t.Errorf("%s: %v", security, err)
		}
	}
}

func TestRule09BrokenConnectionLosesNothing(t *testing.T) {
	d := post(t)
	p := line(t, d.Addr())
	in := channeltest.NewIntake()
	r := receive(t, openBox(t, settingsFor(p.Addr(), nowhere)), in)
	var want []string
	for i := range 20 {
		subject := fmt.Sprint("m", i)
		want = append(want, subject)
		deliver(t, d, "INBOX", note(subject))
		if i%4 == 0 {
			p.Break()
		}
		if i%7 == 0 {
			r.items(t, i+1)
		}
	}
	if got := subjects(in, r.items(t, 20)); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if len(in.Offered()) < 20 || len(in.Items()) != 20 {
		t.Errorf("%d offered, %d stored", len(in.Offered()), len(in.Items()))
	}
}

func TestRule09ServerThatIsDownIsNamed(t *testing.T) {
	err := openBox(t, settingsFor(nowhere, nowhere)).Receive(t.Context(), channeltest.NewIntake())
	if classOf(err) != channels.RetryBackoff || !strings.Contains(err.Error(), "nothing listens there: check imap_host and imap_port") {
		t.Errorf("got %v", err)
	}
}

// large is a message with a body of that many bytes.
func large(subject string, size int) []byte {
	var b bytes.Buffer
	b.Write(note(subject))
	random := rand.NewChaCha8([32]byte{byte(size)})
	for b.Len() < size {
		chunk := make([]byte, 36)
		_, _ = random.Read(chunk)
		b.WriteString(hex.EncodeToString(chunk) + "\r\n")
	}
	return b.Bytes()
}

func TestRule11LargeMailIsStreamed(t *testing.T) {
	d := post(t)
	// Sizes around the edges of a piece and of what stays in memory.
	messages := [][]byte{
		note("small"), large("edge", 512<<10), large("large", 3<<20), note("between"), large("larger", 5<<20+17), note("last"),
	}
	deliver(t, d, "INBOX", messages...)
	in := channeltest.NewIntake()
	items := receive(t, openBox(t, settingsFor(d.Addr(), nowhere)), in).items(t, len(messages))
	for i, raw := range items {
		if !bytes.Equal(in.Body(raw), messages[i]) {
			t.Errorf("message %d has %d bytes, want %d", i, len(in.Body(raw)), len(messages[i]))
		}
		sum := sha256.Sum256(messages[i])
		if isLarge := len(messages[i]) > 512<<10; isLarge != (raw.Blob == hex.EncodeToString(sum[:])) || isLarge == (raw.Body != nil) {
			t.Errorf("message %d of %d bytes: blob %q, body of %d", i, len(messages[i]), raw.Blob, len(raw.Body))
		}
	}
}

// hungry fails the first few times that a large body is stored.
type hungry struct {
	*channeltest.Intake
	left int
}

func (h *hungry) Store(ctx context.Context, r io.Reader) (string, int64, error) {
	if h.left > 0 {
		h.left--
		return "", 0, fmt.Errorf("the disk is full")
	}
	return h.Intake.Store(ctx, r)
}

func TestRule11FullDiskIsNotTheMessagesFault(t *testing.T) {
	d := post(t)
	deliver(t, d, "INBOX", large("large", 2<<20))
	in := &hungry{Intake: channeltest.NewIntake(), left: 8}
	m := openBox(t, settingsFor(d.Addr(), nowhere))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			_ = m.Receive(ctx, in)
		}
	}()
	items, err := in.AwaitItems(patient(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if items[0].ContentType != TypeMessage {
		t.Errorf("taken in as %s", items[0].ContentType)
	}
	cancel()
	<-ended
}

func TestRule12TooLargeMailIsKeptAsHeader(t *testing.T) {
	d := post(t)
	deliver(t, d, "INBOX", note("a"), large("enormous", 2<<20), note("b"))
	in := channeltest.NewIntake()
	m := openBox(t, settingsFor(d.Addr(), nowhere))
	m.limits.message = 1 << 20
	items := receive(t, m, in).items(t, 3)
	raw := items[1]
	if raw.ContentType != TypeHeaders || raw.Meta[MetaProblem] != ProblemTooLarge {
		t.Errorf("%s, %v", raw.ContentType, raw.Meta)
	}
	var size int
	if _, err := fmt.Sscan(raw.Meta[MetaSize], &size); err != nil || size < 2<<20 {
		t.Errorf("size %q", raw.Meta[MetaSize])
	}
	if got := subjects(in, items); !slices.Equal(got, []string{"a", "enormous", "b"}) {
		t.Errorf("got %q", got)
	}
	read, err := m.Parse(raw)
	if err != nil || read[0].Quarantine != "too_large" || read[0].Subject != "enormous" {
		t.Errorf("read as %+v, %v", read, err)
	}
}

func TestRule14TLSIsVerified(t *testing.T) {
	d := post(t)
	deliver(t, d, "INBOX", note("a"))
	for _, c := range []struct{ security, addr string }{{"tls", d.TLSAddr()}, {"starttls", d.Addr()}} {
		set := settingsFor(c.addr, nowhere, "imap_security", c.security)
		err := openBox(t, set).Receive(t.Context(), channeltest.NewIntake())
		if classOf(err) != channels.RetryBackoff || !strings.Contains(err.Error(), "ca_file") {
			t.Errorf("%s with an unknown authority: %v", c.security, err)
		}
		set["ca_file"] = d.CAFile()
		receive(t, openBox(t, set), channeltest.NewIntake()).items(t, 1)
	}
	set := settingsFor(d.Addr(), nowhere, "imap_security", "tls", "ca_file", d.CAFile())
	err := openBox(t, set).Receive(t.Context(), channeltest.NewIntake())
	if classOf(err) != channels.RetryBackoff || !strings.Contains(err.Error(), "imap_security") {
		t.Errorf("tls on the plain port: %v", err)
	}
}

func TestRule14CertificateForAnotherName(t *testing.T) {
	d := post(t)
	_, port, _ := net.SplitHostPort(d.TLSAddr())
	// This reaches the same machine and is in no certificate.
	m := openBox(t, settingsFor(net.JoinHostPort("0.0.0.0", port), nowhere, "imap_security", "tls", "ca_file", d.CAFile()))
	err := m.Receive(t.Context(), channeltest.NewIntake())
	if classOf(err) != channels.RetryBackoff || !strings.Contains(err.Error(), "another name") {
		t.Errorf("got %v", err)
	}
}

func TestRule14PlaintextNeedsAnOverride(t *testing.T) {
	set := settingsFor("192.0.2.1:143", "192.0.2.1:25") // RFC 5737: nobody is there
	_, err := newMailbox(channels.Account{Key: "urp", Settings: set}, channels.Deps{})
	if err == nil || !strings.Contains(err.Error(), "imap_security") || !strings.Contains(err.Error(), "smtp_security") || !strings.Contains(err.Error(), "allow_plaintext") {
		t.Fatalf("got %v", err)
	}
	set["allow_plaintext"] = "true"
	m, err := newMailbox(channels.Account{Key: "urp", Settings: set}, channels.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	in := channeltest.NewIntake()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	m.limits.jitter = 0
	_ = m.Receive(ctx, in)
	if _, err := in.AwaitWarning(patient(t), WarnPlaintext); err != nil {
		t.Error(err)
	}
}

func TestAuthorityFileIsChecked(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{empty, empty + ".missing"} {
		_, err := newMailbox(channels.Account{Key: "urp", Settings: settingsFor(nowhere, nowhere, "ca_file", path)}, channels.Deps{})
		if err == nil || !strings.Contains(err.Error(), "ca_file") {
			t.Errorf("got %v", err)
		}
	}
}
