package mail

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/channels"
)

// scripted is an SMTP server that speaks by the letter of a table: it shows
// what servers do that ours would not.
type scripted struct {
	answers map[string]string // by command word; "." is the end of a message
	listen  net.Listener
	workers sync.WaitGroup

	mu       sync.Mutex
	sessions int
	said     []string // commands, and the bodies of messages in one piece
}

func startScripted(t *testing.T, answers map[string]string) *scripted {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &scripted{answers: answers, listen: l}
	s.workers.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.workers.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		s.workers.Wait()
	})
	return s
}

func (s *scripted) note(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, line)
}

func (s *scripted) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.said...)
}

func (s *scripted) change(answers map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = answers
}

func (s *scripted) serve(c net.Conn) {
	defer c.Close()
	s.mu.Lock()
	s.sessions++
	s.mu.Unlock()
	fmt.Fprintf(c, "%s\r\n", s.answer("GREETING", "220 ready"))
	r := bufio.NewScanner(c)
	body, inBody := "", false
	for r.Scan() {
		line := r.Text()
		if inBody && line != "." {
			body += line + "\n"
			continue
		}
		word, _, _ := strings.Cut(strings.ToUpper(line), " ")
		if inBody {
			inBody = false
			s.note(body)
		} else {
			s.note(line)
		}
		answer := s.answer(word, "250 ok")
		fmt.Fprintf(c, "%s\r\n", answer)
		inBody = strings.HasPrefix(answer, "354")
		if inBody {
			body = ""
		}
		if strings.HasPrefix(answer, "421") {
			return
		}
	}
}

func (s *scripted) answer(word, usual string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.answers[word]; ok {
		return a
	}
	if word == "DATA" {
		return "354 go on"
	}
	return usual
}

// sendTo is an account whose SMTP server is the scripted one.
func sendTo(t *testing.T, s *scripted) *mailbox {
	t.Helper()
	m := openBox(t, settingsFor(nowhere, s.listen.Addr().String()))
	t.Cleanup(func() { closeSpare(m.pool) })
	return m
}

func TestOldServerWithoutExtensions(t *testing.T) {
	s := startScripted(t, map[string]string{"EHLO": "502 what?", ".": "250 taken"})
	m := sendTo(t, s)
	for range 2 {
		r, err := m.Send(t.Context(), reply())
		if err != nil || r.Code != "250" {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	if s.sessions != 1 {
		t.Errorf("%d connections", s.sessions)
	}
	for _, line := range s.heard() {
		if strings.HasPrefix(line, "MAIL") && line != "MAIL FROM:<"+boxAddress+">" {
			t.Errorf("%q to a server that offers nothing", line)
		}
	}
}

func TestPipelinedRefusalThatStillWantsAMessage(t *testing.T) {
	s := startScripted(t, map[string]string{
		"EHLO": "250-here\r\n250-PIPELINING\r\n250 8BITMIME",
		"RCPT": "550 5.1.1 no such user",
	})
	m := sendTo(t, s)
	for range 2 {
		if _, err := m.Send(t.Context(), reply()); classOf(err) != channels.RecipientGone {
			t.Errorf("got %v", err)
		}
	}
	if s.sessions != 2 {
		t.Errorf("%d connections: one that waits for a message was used again", s.sessions)
	}
	for _, line := range s.heard() {
		if strings.Contains(line, "\n") {
			t.Errorf("a message was sent: %q", line)
		}
	}
}

func TestServerThatLimitsMessagesPerConnection(t *testing.T) {
	s := startScripted(t, map[string]string{"EHLO": "250-here\r\n250 PIPELINING"})
	m := sendTo(t, s)
	if _, err := m.Send(t.Context(), reply()); err != nil {
		t.Fatal(err)
	}
	// The next command finds the door closed with words; a fresh connection
	// gets the message through.
	s.change(map[string]string{"EHLO": "250 here", "RSET": "421 4.7.0 enough messages"})
	_, err := m.Send(t.Context(), reply())
	if classOf(err) != channels.RetryBackoff {
		t.Errorf("got %v", err)
	}
	s.change(map[string]string{"EHLO": "250 here"})
	if _, err := m.Send(t.Context(), reply()); err != nil {
		t.Error(err)
	}
}

func TestRefusedAtTheDoor(t *testing.T) {
	for greeting, want := range map[string]channels.Class{
		"554 5.7.1 your host is listed":  channels.PolicyBlocked,
		"421 4.7.0 too many connections": channels.RetryBackoff,
		"SSH-2.0-OpenSSH":                channels.RetryBackoff,
	} {
		t.Run(greeting[:3], func(t *testing.T) {
			s := startScripted(t, map[string]string{"GREETING": greeting})
			m := sendTo(t, s)
			m.limits.dial = 300 * time.Millisecond // a dash as fourth letter promises more lines
			if _, err := m.Send(t.Context(), reply()); classOf(err) != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}
