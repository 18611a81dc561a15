package mail

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
)

// oddity is what an odd server does with one message.
type oddity string

const (
	omits    oddity = "omits"    // leaves the body out of the answer, for ever
	refuses  oddity = "refuses"  // NO to every command that asks for the body
	hangsUp  oddity = "hangs up" // closes the connection when asked for the body
	garbles  oddity = "garbles"  // gives a date in the list that nobody can read
	headless oddity = "headless" // gives the header, hangs up on the body
)

// oddServer is an IMAP server in memory with some messages that it does not
// give as it should. mended makes it honest again.
type oddServer struct {
	user *imapmemserver.User
	addr string

	mu    sync.Mutex
	odd   map[imap.UID]oddity
	asked map[imap.UID]int // fetches of bodies that named the message
	mute  chan struct{}    // when not nil, IDLE announces nothing, and each puts a value here
}

func startOdd(t *testing.T, caps imap.CapSet, odd map[imap.UID]oddity) *oddServer {
	t.Helper()
	s := &oddServer{user: imapmemserver.NewUser(boxAddress, boxPassword), odd: odd, asked: map[imap.UID]int{}}
	if err := s.user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	server := imapserver.New(&imapserver.Options{
		NewSession: func(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &oddSession{UserSession: imapmemserver.NewUserSession(s.user), server: s, conn: c}, nil, nil
		},
		Caps: caps, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return s
}

func (s *oddServer) add(t *testing.T, messages ...[]byte) {
	t.Helper()
	for _, m := range messages {
		if _, err := s.user.Append("INBOX", literal{strings.NewReader(string(m))}, &imap.AppendOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *oddServer) mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.odd = nil
}

func (s *oddServer) times(uid imap.UID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[uid]
}

type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

type oddSession struct {
	*imapmemserver.UserSession
	server *oddServer
	conn   *imapserver.Conn
}

// Fetch does as the memory server does, except with odd messages.
func (s *oddSession) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	uids, ok := set.(imap.UIDSet)
	if !ok {
		return s.UserSession.Fetch(w, set, options)
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	body := len(options.BodySection) > 0
	header := body && options.BodySection[0].Specifier == imap.PartSpecifierHeader
	for uid, odd := range s.server.odd {
		if body && uids.Contains(uid) {
			s.server.asked[uid]++
		}
		switch {
		case !uids.Contains(uid):
		case odd == garbles && !body:
			fmt.Fprintf(s.conn.NetConn(), "* 1 FETCH (UID %d INTERNALDATE \"never\")\r\n", uid)
			return s.conn.NetConn().Close()
		case !body || odd == headless && header:
		case odd == refuses:
			return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeServerBug, Text: "cannot read it"}
		case odd == hangsUp, odd == headless:
			return s.conn.NetConn().Close()
		case odd == omits:
			var rest imap.UIDSet
			for i := imap.UID(1); i < 100; i++ {
				if uids.Contains(i) && i != uid {
					rest.AddNum(i)
				}
			}
			if len(rest) == 0 {
				return nil
			}
			return s.UserSession.Fetch(w, rest, options)
		}
	}
	return s.UserSession.Fetch(w, set, options)
}

// Idle announces nothing on a mute server.
func (s *oddSession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	if s.server.mute == nil {
		return s.UserSession.Idle(w, stop)
	}
	select {
	case s.server.mute <- struct{}{}:
	default:
	}
	<-stop
	return nil
}

// impatient makes a mailbox ask again for what it is owed without delay.
func impatient(t *testing.T, addr string) *mailbox {
	t.Helper()
	m := openBox(t, settingsFor(addr, nowhere))
	m.set.poll = 10 * time.Millisecond
	m.limits.lively = 0
	m.limits.idle = 10 * time.Millisecond
	return m
}

func TestRule23OneMessageStopsNoOther(t *testing.T) {
	for _, odd := range []oddity{omits, refuses, hangsUp, headless} {
		t.Run(string(odd), func(t *testing.T) {
			s := startOdd(t, nil, map[imap.UID]oddity{2: odd})
			s.add(t, note("a"), note("b"), note("c"))
			in := channeltest.NewIntake()
			r := receive(t, impatient(t, s.addr), in)
			items := r.items(t, 3)
			i := slices.IndexFunc(items, func(raw channels.Raw) bool { return raw.ContentType == TypeHeaders })
			if i != 2 {
				t.Fatalf("the message that was not given is item %d", i)
			}
			lost := items[i]
			if lost.Meta[MetaProblem] != ProblemNotGiven || lost.Meta[MetaUID] != "2" {
				t.Errorf("meta %v", lost.Meta)
			}
			if got := s.times(2); got < 3 {
				t.Errorf("it was asked for %d times only", got)
			}
			read, err := Parse(lost, OwnAddresses{Address: boxAddress})
			if err != nil || len(read) != 1 || read[0].Quarantine == "" {
				t.Errorf("not in quarantine: %+v, %v", read, err)
			}
			// What comes later is not held up.
			s.add(t, note("d"))
			r.items(t, 4)
		})
	}
}

func TestRule23HeaderIsKeptWhereTheServerGivesIt(t *testing.T) {
	s := startOdd(t, nil, map[imap.UID]oddity{1: headless})
	s.add(t, note("importante"))
	in := channeltest.NewIntake()
	items := receive(t, impatient(t, s.addr), in).items(t, 1)
	if got := subjects(in, items); got[0] != "importante" {
		t.Errorf("subject %q", got[0])
	}
}

func TestRule23MessageThatComesAfterAllIsWhole(t *testing.T) {
	s := startOdd(t, nil, map[imap.UID]oddity{1: omits})
	s.add(t, note("a"), note("b"))
	in := channeltest.NewIntake()
	m := impatient(t, s.addr)
	m.limits.tries = 1000
	r := receive(t, m, in)
	r.items(t, 1)
	err := in.AwaitCursor(patient(t), "INBOX", func(b []byte) bool {
		c, err := decodeCursor(b)
		return err == nil && len(c.Later) == 1 && c.Later[0].Tries > 3
	})
	if err != nil {
		t.Fatal(err)
	}
	s.mend()
	items := r.items(t, 2)
	if items[1].ContentType != TypeMessage || subjects(in, items)[1] != "a" {
		t.Errorf("got %q as %s", subjects(in, items), items[1].ContentType)
	}
	if c := storedCursor(t, in, "INBOX"); len(c.Later) != 0 {
		t.Errorf("still owed: %+v", c.Later)
	}
}

func TestRule23UnreadableListIsGoneRound(t *testing.T) {
	s := startOdd(t, nil, map[imap.UID]oddity{2: garbles})
	s.add(t, note("a"), note("b"), note("c"))
	in := channeltest.NewIntake()
	r := receive(t, impatient(t, s.addr), in)
	if got := subjects(in, r.items(t, 3)); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("got %q", got)
	}
	if _, err := in.AwaitWarning(patient(t), WarnCautious); err != nil {
		t.Error(err)
	}
}

func TestRule05PollWithoutIdle(t *testing.T) {
	s := startOdd(t, imap.CapSet{imap.CapIMAP4rev1: {}}, nil)
	in := channeltest.NewIntake()
	m := impatient(t, s.addr)
	r := receive(t, m, in)
	if err := in.AwaitCursor(patient(t), "INBOX", func([]byte) bool { return true }); err != nil {
		t.Fatal(err)
	}
	s.add(t, note("a"))
	r.items(t, 1)
}

func TestEmptyMissingMessagesDoNotLookAlike(t *testing.T) {
	s := startOdd(t, nil, map[imap.UID]oddity{1: omits, 2: omits})
	s.add(t, note("a"), note("b"))
	in := channeltest.NewIntake()
	items := receive(t, impatient(t, s.addr), in).items(t, 2)
	ids := map[string]bool{}
	for _, raw := range items {
		read, err := Parse(raw, OwnAddresses{})
		if err != nil {
			t.Fatal(err)
		}
		ids[read[0].ExternalID] = true
	}
	if len(ids) != 2 {
		t.Errorf("ids %v", ids)
	}
}

func TestRefusedLoginAndTemporaryFailure(t *testing.T) {
	for _, c := range []struct {
		answer error
		want   channels.Class
	}{
		{imapserver.ErrAuthFailed, channels.AuthBroken},
		{&imap.Error{Type: imap.StatusResponseTypeNo, Text: "wrong, " + boxAddress}, channels.AuthBroken},
		{&imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeUnavailable, Text: "try later"}, channels.RetryBackoff},
		{errors.New("broken"), channels.RetryBackoff},
	} {
		s := startLoginAnswer(t, c.answer)
		err := openBox(t, settingsFor(s, nowhere)).Receive(t.Context(), channeltest.NewIntake())
		if classOf(err) != c.want {
			t.Errorf("%v: class %q, want %q", c.answer, classOf(err), c.want)
		}
		channeltest.CheckNoSecret(t, err, []string{boxPassword, boxAddress})
	}
}

// startLoginAnswer is a server that answers every login so.
func startLoginAnswer(t *testing.T, answer error) (addr string) {
	t.Helper()
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &refusing{UserSession: imapmemserver.NewUserSession(imapmemserver.NewUser("", "")), answer: answer}, nil, nil
		},
		InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

type refusing struct {
	*imapmemserver.UserSession
	answer error
}

func (r *refusing) Login(string, string) error { return r.answer }
