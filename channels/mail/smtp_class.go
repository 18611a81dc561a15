package mail

import (
	"errors"
	"net/textproto"
	"regexp"
	"strconv"
	"time"

	"filodiretto/channels"
)

// stage is how far a message got when something happened.
type stage int

const (
	stageConnect stage = iota // connecting, greeting, TLS, login
	stageReset                // making a used connection fresh
	stageMail
	stageRcpt
	stageData
	stageBody // the content is being written: the final dot is not out
	stageDot  // the final dot may be out
)

// greylistPause is how long a greylisting server is left alone: they wait for
// one to five minutes.
const greylistPause = 5 * time.Minute

// enhancedAnswer finds the code of RFC 3463 at the start of an answer.
var enhancedAnswer = regexp.MustCompile(`^([245])\.(\d{1,3})\.(\d{1,3})\b`)

// What the words of an answer tell where its codes do not.
var (
	sayGreylist = regexp.MustCompile(`(?i)gr[ea]y-?list|try (again )?later|riprova`)
	sayFull     = regexp.MustCompile(`(?i)quota|mailbox (is )?full|over ?quota|casella piena|insufficient (system )?storage`)
	sayAuth     = regexp.MustCompile(`(?i)authenticat|log ?in|autenticazione`)
	sayContent  = regexp.MustCompile(`(?i)spam|virus|malware|content|attachment|phish|allegato`)
	sayPace     = regexp.MustCompile(`(?i)too much traffic|too many messages|class of service|troppi messaggi`)
	sayPolicy   = regexp.MustCompile(`(?i)policy|blocked|blacklist|block ?list|denied|relay|\bspf\b|dkim|dmarc|reputation|rate limit|listed`)
)

// answer is what a server said, without the words.
type answer struct {
	code            int
	subject, detail int // x.subject.detail of RFC 3463; -1 when not given
	words           string
}

func newAnswer(code int, words string) answer {
	a := answer{code: code, subject: -1, detail: -1, words: words}
	if m := enhancedAnswer.FindStringSubmatch(words); m != nil {
		a.subject, _ = strconv.Atoi(m[2])
		a.detail, _ = strconv.Atoi(m[3])
	}
	return a
}

// String is "550 5.1.1", for the record.
func (a answer) String() string {
	s := strconv.Itoa(a.code)
	if a.subject >= 0 {
		s += " " + strconv.Itoa(a.code/100) + "." + strconv.Itoa(a.subject) + "." + strconv.Itoa(a.detail)
	}
	return s
}

// is tells whether the enhanced code is x.subject.d for one of the details.
func (a answer) is(subject int, details ...int) bool {
	if a.subject != subject {
		return false
	}
	for _, d := range details {
		if a.detail == d {
			return true
		}
	}
	return len(details) == 0
}

// smtpError turns a failure at a stage into a decision (rules 60, 66, 67).
func smtpError(at stage, err error) *channels.Error {
	var refused *textproto.Error
	if !errors.As(err, &refused) {
		return lostError(at, err)
	}
	a := newAnswer(refused.Code, refused.Msg)
	var e *channels.Error
	switch {
	case a.code >= 500:
		e = permanent(at, a)
	case a.code >= 400:
		e = transient(a)
	default:
		e = channels.Errorf(channels.RetryBackoff, "", "the mail server gave an answer that does not fit")
		if at == stageDot {
			e = channels.Errorf(channels.UnknownOutcome, "", "the mail server gave an answer that does not fit; the message may have been taken")
		}
	}
	e.Code, e.Err = a.String(), redacted(err)
	return e
}

// lostError is for a connection that broke or fell silent.
func lostError(at stage, err error) *channels.Error {
	if at == stageDot {
		return &channels.Error{
			Class: channels.UnknownOutcome, Err: redacted(err),
			Text: "the connection was lost after the whole message had been sent; it may have been taken",
		}
	}
	return &channels.Error{
		Class: channels.RetryBackoff, Err: redacted(err),
		Text: "the mail server could not be reached or broke off: " + reason(err, "smtp"),
	}
}

// transient is for the answers 4xx.
func transient(a answer) *channels.Error {
	if (a.code == 450 || a.code == 451) && (a.is(7) || sayGreylist.MatchString(a.words)) {
		e := channels.Errorf(channels.RetryAfter, "", "the recipient's server asks to come back later (greylisting)")
		e.After = greylistPause
		return e
	}
	if a.is(2, 2) || sayFull.MatchString(a.words) {
		return channels.Errorf(channels.RetryBackoff, "", "the recipient's mailbox is full")
	}
	return channels.Errorf(channels.RetryBackoff, "", "the mail server cannot take the message now")
}

// permanent is for the answers 5xx: by the enhanced code where there is one,
// then by code, words and stage.
func permanent(at stage, a answer) *channels.Error {
	switch {
	case sayPace.MatchString(a.words):
		// Some say "for good" and mean "for a minute" (PEC reference section 10).
		return slower()
	case a.code == 530, a.code == 534, a.code == 535, a.code == 538,
		a.is(7, 8, 9, 14), at <= stageMail && a.is(7, 0) && sayAuth.MatchString(a.words):
		return channels.Errorf(channels.AuthBroken, "", "the mail server refuses the login: check smtp_user and smtp_password")
	case a.is(2, 2), a.code == 552 && at == stageRcpt && sayFull.MatchString(a.words):
		// Mailboxes are emptied: it is worth trying again (rule 60).
		return channels.Errorf(channels.RetryBackoff, "", "the recipient's mailbox is full")
	case at <= stageMail:
		return channels.Errorf(channels.PolicyBlocked, "", "the mail server takes no mail from us: look at its answer's code and ask the provider")
	case a.is(1, 7, 8, 9):
		return channels.Errorf(channels.PolicyBlocked, "", "the mail server does not accept our address as sender")
	case a.is(1), a.is(2, 1), a.is(4, 1, 4, 310):
		return gone()
	case a.is(7):
		return refusedPolicy(at, a)
	case at == stageRcpt:
		if a.subject < 0 && sayPolicy.MatchString(a.words) {
			return refusedPolicy(at, a)
		}
		if a.code == 550 || a.code == 551 || a.code == 553 {
			return gone()
		}
	}
	return channels.Errorf(channels.ContentRejected, "", "the mail server refuses the message itself: its size, its form or what it holds")
}

// pacePause is how long an account waits whose provider finds it too fast: such
// limits are counted by the minute.
const pacePause = time.Minute

func slower() *channels.Error {
	e := channels.Errorf(channels.RetryAfter, "", "the mail server takes fewer messages a minute: set rate_per_minute to the provider's limit")
	e.Scope, e.After = channels.ScopeAccount, pacePause
	return e
}

func gone() *channels.Error {
	return channels.Errorf(channels.RecipientGone, "", "the recipient's address does not exist")
}

// refusedPolicy tells a refusal of the content from a refusal of us: after the
// final dot the server has seen the content.
func refusedPolicy(at stage, a answer) *channels.Error {
	if at == stageDot && !a.is(7, 23, 24, 25, 26, 27) || sayContent.MatchString(a.words) {
		return channels.Errorf(channels.ContentRejected, "", "the mail server takes the content for unwanted or dangerous")
	}
	return channels.Errorf(channels.PolicyBlocked, "", "the mail server refuses us by its policy: look at its answer's code and ask the provider")
}
