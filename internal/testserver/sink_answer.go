package testserver

import (
	"strings"
	"sync"

	"github.com/emersion/go-smtp"
)

// Stage is the moment of an SMTP transaction at which an Answer applies.
type Stage int

// The moments. AtRcpt is the usual one.
const (
	AtRcpt Stage = iota
	AtMail
	AtBody // after DATA, before the final dot
	AtDot  // after the final dot
)

// Answer is what the sink says to one recipient, once.
type Answer struct {
	Stage    Stage
	Code     int    // 0 means accept
	Enhanced [3]int // 5.1.1; zero means a general one
	Text     string
	Drop     bool // close the connection instead of answering
	Hang     bool // say nothing until the sink stops or the client leaves
	Keep     bool // record the message although the answer is lost (at AtDot)
}

// err is the answer on the wire; nil accepts.
func (a Answer) err() error {
	if a.Code == 0 {
		return nil
	}
	enhanced := smtp.EnhancedCode(a.Enhanced)
	if enhanced == (smtp.EnhancedCode{}) {
		enhanced = smtp.EnhancedCodeNotSet
	}
	return &smtp.SMTPError{Code: a.Code, EnhancedCode: enhanced, Message: a.Text}
}

// Greylisted is the answer of a greylisting server to an unknown sender.
func Greylisted() Answer {
	return Answer{Code: 451, Enhanced: [3]int{4, 7, 1}, Text: "Greylisted, please try again later"}
}

// script holds the answers still to be given, by recipient in lower case. The
// recipient "" stands for all that have none of their own.
type script struct {
	mu      sync.Mutex
	answers map[string][]Answer
}

func (s *script) add(rcpt string, answers []Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answers == nil {
		s.answers = map[string][]Answer{}
	}
	rcpt = strings.ToLower(rcpt)
	s.answers[rcpt] = append(s.answers[rcpt], answers...)
}

// take gives the next answer for the recipient at this stage and uses it up.
func (s *script) take(rcpt string, stage Stage) (Answer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range []string{strings.ToLower(rcpt), ""} {
		if list := s.answers[key]; len(list) > 0 {
			if list[0].Stage != stage {
				return Answer{}, false
			}
			s.answers[key] = list[1:]
			return list[0], true
		}
	}
	return Answer{}, false
}
