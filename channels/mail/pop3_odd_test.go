package mail

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
)

// oddPOP is a POP3 server that does what real ones do on bad days. What it does
// not imitate: locks, APOP, and sizes that it was not told to lie about.
type oddPOP struct {
	t *testing.T
	l net.Listener

	mu       sync.Mutex
	mail     []oddMail
	caps     []string // nil: it does not know CAPA
	noUIDL   bool
	noTOP    bool
	refuse   string // the answer to PASS
	once     bool   // it is given once
	sessions int
	asked    []string // commands of all sessions
}

type oddMail struct {
	uid  string
	body []byte
	size int64  // as listed; 0 for the true one
	fate string // "": given; "no": -ERR; "die": the connection breaks in the middle; "dead": TOP breaks it too
	gone bool
}

func newOddPOP(t *testing.T, mail ...oddMail) *oddPOP {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &oddPOP{t: t, l: l, mail: mail, caps: []string{"TOP", "UIDL", "USER", "RESP-CODES", "AUTH-RESP-CODE"}}
	var group sync.WaitGroup
	t.Cleanup(func() { l.Close(); group.Wait() })
	group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() { s.serve(c) })
		}
	})
	return s
}

func (s *oddPOP) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *oddPOP) commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// logins counts the passwords that were given.
func (s *oddPOP) logins() (n int) {
	for _, x := range s.commands() {
		if strings.HasPrefix(x, "PASS") {
			n++
		}
	}
	return n
}

func (s *oddPOP) serve(c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprint(c, "+OK ready\r\n")
	s.change(func() { s.sessions++ })
	in := bufio.NewScanner(c)
	for in.Scan() {
		words := strings.Fields(in.Text())
		if len(words) == 0 {
			return
		}
		answer, end := s.answer(words)
		if _, err := io.WriteString(c, answer); err != nil || end {
			return
		}
	}
}

// answer is what the server says, and whether it then breaks the connection.
func (s *oddPOP) answer(words []string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	command := strings.ToUpper(words[0])
	s.asked = append(s.asked, strings.Join(words, " "))
	var m *oddMail
	if len(words) > 1 && (command == "RETR" || command == "TOP" || command == "DELE") {
		n, err := strconv.Atoi(words[1])
		if err != nil || n < 1 || n > len(s.mail) {
			return "-ERR no such message\r\n", false
		}
		m = &s.mail[n-1]
	}
	switch command {
	case "CAPA":
		if s.caps == nil {
			return "-ERR what?\r\n", false
		}
		return "+OK\r\n" + strings.Join(append(slices.Clone(s.caps), "."), "\r\n") + "\r\n", false
	case "USER":
		return "+OK\r\n", false
	case "PASS":
		if no := s.refuse; no != "" {
			if s.once {
				s.refuse = ""
			}
			return no + "\r\n", false
		}
		return "+OK\r\n", false
	case "UIDL":
		if s.noUIDL {
			return "-ERR not implemented\r\n", false
		}
		return s.lines(func(m *oddMail) string { return m.uid }), false
	case "LIST":
		return s.lines(func(m *oddMail) string {
			if m.size != 0 {
				return fmt.Sprint(m.size)
			}
			return fmt.Sprint(len(m.body))
		}), false
	case "RETR":
		switch m.fate {
		case "no":
			return "-ERR [SYS/TEMP] the message is corrupt\r\n", false
		case "die", "dead":
			return "+OK\r\n" + string(m.body[:len(m.body)/2]), true
		}
		return "+OK\r\n" + stuffed(m.body) + ".\r\n", false
	case "TOP":
		switch {
		case s.noTOP:
			return "-ERR unknown command\r\n", false
		case m.fate == "dead":
			return "", true
		}
		return "+OK\r\n" + stuffed(m.body[:headerEnd(m.body)]) + ".\r\n", false
	case "DELE":
		m.gone = true
		return "+OK\r\n", false
	case "QUIT":
		return "+OK\r\n", true
	}
	return "-ERR unknown command\r\n", false
}

func (s *oddPOP) lines(of func(*oddMail) string) string {
	var out strings.Builder
	out.WriteString("+OK\r\n")
	for i := range s.mail {
		fmt.Fprintf(&out, "%d %s\r\n", i+1, of(&s.mail[i]))
	}
	return out.String() + ".\r\n"
}

// stuffed is a body as it goes over the line.
func stuffed(b []byte) string {
	text := strings.ReplaceAll("\r\n"+string(b), "\r\n.", "\r\n..")[2:]
	if !strings.HasSuffix(text, "\r\n") {
		text += "\r\n"
	}
	return text
}

func (s *oddPOP) box(more ...string) *popBox {
	return openPOP(s.t, popSettings(s.l.Addr().String(), more...))
}

// Rule 17: a server that cannot say which message is which is refused, with what
// to do; nothing is fetched from it.
func TestRule17NoUniqueIDs(t *testing.T) {
	s := newOddPOP(t, oddMail{uid: "1", body: note("m1")})
	s.noUIDL = true
	in := channeltest.NewIntake()
	err := s.box().Receive(patient(t), in)
	if classOf(err) != channels.RetryBackoff || !strings.Contains(err.Error(), "UIDL") || !strings.Contains(err.Error(), "IMAP") {
		t.Error(err)
	}
	if len(in.Offered()) > 0 || slices.ContainsFunc(s.commands(), func(c string) bool { return strings.HasPrefix(c, "RETR") }) {
		t.Error("something was fetched")
	}
	if err := s.box().probePOP3(patient(t)); err == nil {
		t.Error("the trial says that all is well")
	}
}

// Messages without a usable id are told, and the others taken in.
func TestRule17SomeIDsAreBad(t *testing.T) {
	s := newOddPOP(t, oddMail{uid: "", body: note("m1")}, oddMail{uid: "a\x80b", body: note("m2")}, oddMail{uid: "c", body: note("m3")}, oddMail{uid: "c", body: note("m3")})
	in := channeltest.NewIntake()
	r := receive(t, s.box(), in)
	if got := subjects(in, r.items(t, 1)); !slices.Equal(got, []string{"m3"}) {
		t.Errorf("%q", got)
	}
	if text, err := in.AwaitWarning(patient(t), WarnPopNoID); err != nil || !strings.HasPrefix(text, "2 ") {
		t.Error(text, err)
	}
}

// Rules 12 and 23: a message that the server refuses, or on which it dies, does not
// stop the others; in the end its header is here, or a note that it is not.
func TestRule23BadMessagesOverPOP3(t *testing.T) {
	for _, c := range []struct {
		fate   string
		noTOP  bool
		header bool
	}{{"no", false, true}, {"no", true, false}, {"die", false, true}, {"dead", false, false}} {
		t.Run(fmt.Sprint(c.fate, c.noTOP), func(t *testing.T) {
			s := newOddPOP(t, oddMail{uid: "a", body: note("m1")}, oddMail{uid: "b", body: note("cattivo"), fate: c.fate}, oddMail{uid: "c", body: note("m3")})
			s.noTOP = c.noTOP
			in := channeltest.NewIntake()
			b := s.box()
			b.m.limits.tries = 3
			r := receive(t, b, in)
			first := r.items(t, 2)
			for i, want := range []string{"m1", "m3"} {
				if got := subjects(in, first)[i]; got != want {
					t.Errorf("%q came %d.", got, i+1)
				}
			}
			last := r.items(t, 3)[2]
			if last.ContentType != TypeHeaders || last.Meta[MetaProblem] != ProblemNotGiven || bytes.Contains(in.Body(last), []byte("cattivo")) != c.header {
				t.Errorf("%s %v: %s", last.ContentType, last.Meta, in.Body(last))
			}
			s.change(func() { s.mail[1].fate = "" }) // too late: a person has been told
			looks := in.Looks()
			if err := in.AwaitAlive(patient(t), looks+2); err != nil || len(in.Items()) != 3 {
				t.Error(len(in.Items()), err)
			}
		})
	}
}

// A message that is given after all is taken in whole.
func TestRule23GivenAfterAll(t *testing.T) {
	s := newOddPOP(t, oddMail{uid: "a", body: note("m1"), fate: "no"})
	in := channeltest.NewIntake()
	r := receive(t, s.box(), in)
	if err := in.AwaitAlive(patient(t), 2); err != nil {
		t.Fatal(err)
	}
	s.change(func() { s.mail[0].fate = "" })
	if raw := r.items(t, 1)[0]; raw.ContentType != TypeMessage {
		t.Errorf("%v", raw.Meta)
	}
}

// Rules 11 and 12: the server's list may lie about a size, in both directions.
func TestRule12ListLiesOverPOP3(t *testing.T) {
	huge := append(note("enorme"), bytes.Repeat([]byte("0123456789abcdef\r\n"), 60_000)...)
	s := newOddPOP(t, oddMail{uid: "a", body: huge, size: 10}, oddMail{uid: "b", body: note("m2"), size: 1 << 40}, oddMail{uid: "c", body: note("m3"), size: 7})
	in := channeltest.NewIntake()
	b := s.box()
	b.m.limits.message, b.m.limits.inline = 600_000, 100_000
	items := receive(t, b, in).items(t, 3)
	got := map[string]string{}
	for i, subject := range subjects(in, items) {
		got[subject] = items[i].ContentType + " " + items[i].Meta[MetaProblem]
	}
	want := map[string]string{"enorme": TypeHeaders + " " + ProblemTooLarge, "m2": TypeHeaders + " " + ProblemTooLarge, "m3": TypeMessage + " "}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v", got)
	}
}

// An id that the server gives again to another message (RFC 1939 section 7) brings
// this message too.
func TestRule17IDGivenAgain(t *testing.T) {
	s := newOddPOP(t, oddMail{uid: "7", body: note("primo")})
	in := channeltest.NewIntake()
	r := receive(t, s.box(), in)
	r.items(t, 1)
	s.change(func() { s.mail = []oddMail{{uid: "7", body: note("secondo, con lo stesso nome")}} })
	r.items(t, 2)
}

// Rule 13: what the words of a refused login mean, for servers with codes and
// without.
func TestRule13RefusalsOverPOP3(t *testing.T) {
	for _, c := range []struct {
		refuse string
		caps   []string
		want   channels.Class
	}{
		{"-ERR [AUTH] no", []string{"USER"}, channels.AuthBroken},
		{"-ERR [IN-USE] another session", []string{"USER"}, channels.RetryBackoff},
		{"-ERR [SYS/TEMP] disk", []string{"USER"}, channels.RetryBackoff},
		{"-ERR no", []string{"USER", "AUTH-RESP-CODE"}, channels.RetryBackoff},
		{"-ERR no", nil, channels.AuthBroken},
		{"-ERR maildrop already locked by urp@comune.pontelieto.example", nil, channels.RetryBackoff},
	} {
		s := newOddPOP(t)
		s.refuse, s.caps = c.refuse, c.caps
		err := s.box().Receive(patient(t), channeltest.NewIntake())
		if classOf(err) != c.want || strings.Contains(fmt.Sprintf("%v %+v", err, err), boxAddress) {
			t.Errorf("%q with %q: %v", c.refuse, c.caps, err)
		}
	}
}

// Rule 9: a server that falls silent is left, and the loop goes on elsewhere.
func TestRule09SilenceOverPOP3(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b := openPOP(t, popSettings(l.Addr().String()))
	b.m.limits.command = 100 * time.Millisecond
	err = b.Receive(patient(t), channeltest.NewIntake())
	if classOf(err) != channels.RetryBackoff || !strings.Contains(err.Error(), "in time") {
		t.Error(err)
	}
}

// What another protocol answers is no POP3, and a line without end is not read
// into memory.
func TestOtherProtocolsOverPOP3(t *testing.T) {
	for _, hello := range []string{"* OK IMAP4rev1 ready\r\n", "220 mx ESMTP\r\n", strings.Repeat("+", 1<<20), "\r\n", "+OK\r\n+OK\r\n" + strings.Repeat("x", 64<<10)} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			c, err := l.Accept()
			if err == nil {
				_, _ = io.WriteString(c, hello)
				_, _ = io.Copy(io.Discard, c)
				c.Close()
			}
		}()
		b := openPOP(t, popSettings(l.Addr().String()))
		b.m.limits.command = 2 * time.Second
		if err := b.Receive(patient(t), channeltest.NewIntake()); classOf(err) != channels.RetryBackoff {
			t.Errorf("%.20q: %v", hello, err)
		}
		l.Close()
	}
}

// A mailbox of 50,000 messages that are here costs little memory at each look, and
// the note of what was left out gets shorter as they leave.
func TestRule17ManyMessages(t *testing.T) {
	const n = 50_000
	var mail []oddMail
	for i := range n {
		mail = append(mail, oddMail{uid: fmt.Sprintf("uid-%08d", i), body: []byte("x")})
	}
	s := newOddPOP(t, mail...)
	in := channeltest.NewIntake()
	b := s.box("start", "now")
	r := receive(t, b, in)
	if err := in.AwaitAlive(patient(t), 1); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	t.Logf("%d MiB in use", ms.HeapAlloc>>20)
	s.change(func() { s.mail = append(s.mail[:100:100], oddMail{uid: "nuovo", body: note("nuovo")}) })
	if got := subjects(in, r.items(t, 1)); got[0] != "nuovo" {
		t.Errorf("%q", got)
	}
	stored, err := in.Cursor(context.Background(), popStream)
	if err != nil {
		t.Fatal(err)
	}
	var cur popCursor
	if err := json.Unmarshal(stored, &cur); err != nil || len(cur.Skipped) != 100 {
		t.Errorf("%d are noted, %v", len(cur.Skipped), err)
	}
}

// Another mailbox is read from its first message, and one whose note is lost too.
func TestRule02AnotherMailboxOverPOP3(t *testing.T) {
	one := newOddPOP(t, oddMail{uid: "a", body: note("m1")})
	in := channeltest.NewIntake()
	r := receive(t, one.box(), in)
	r.items(t, 1)
	r.stop()
	two := newOddPOP(t, oddMail{uid: "a", body: note("m1 altrove")})
	b := two.box("pop3_user", "altra")
	r = receive(t, b, in)
	r.items(t, 2)
	if _, err := in.AwaitWarning(patient(t), WarnMoved); err != nil {
		t.Error(err)
	}
	r.stop()
	if err := in.Accept(t.Context(), channels.Batch{Stream: popStream, Cursor: []byte("{")}); err != nil {
		t.Fatal(err)
	}
	two.change(func() { two.mail = append(two.mail, oddMail{uid: "b", body: note("m2")}) })
	receive(t, two.box("pop3_user", "altra", "start", "now"), in).items(t, 3)
	if _, err := in.AwaitWarning(patient(t), WarnCursor); err != nil {
		t.Error(err)
	}
}

func FuzzPopBody(f *testing.F) {
	f.Add([]byte("a\r\n.\r\n"))
	f.Add([]byte("..\r\n...\r\n.x\n.\n"))
	f.Add([]byte("a\n.\r\nrest"))
	f.Add(bytes.Repeat([]byte("x"), 70_000))
	f.Fuzz(func(t *testing.T, wire []byte) {
		in := bufio.NewReaderSize(bytes.NewReader(wire), 16)
		got, err := io.ReadAll(&popBody{in: in})
		if len(got) > len(wire) {
			t.Errorf("%d bytes of %d", len(got), len(wire))
		}
		if err == nil {
			return
		}
		if err != io.ErrUnexpectedEOF {
			t.Error(err)
		}
	})
}

// What was stuffed comes back as it was.
func FuzzPopRoundTrip(f *testing.F) {
	f.Add("a\r\n.b\r\n..\r\n")
	f.Add(".\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r", ""), "\n", "\r\n")
		if !strings.HasSuffix(text, "\r\n") {
			text += "\r\n"
		}
		rest := "+OK next\r\n"
		in := bufio.NewReaderSize(strings.NewReader(stuffed([]byte(text))+".\r\n"+rest), 16)
		got, err := io.ReadAll(&popBody{in: in})
		if err != nil || string(got) != text {
			t.Errorf("%q of %q, %v", got, text, err)
		}
		if next, _ := io.ReadAll(in); string(next) != rest {
			t.Errorf("left is %q", next)
		}
	})
}
