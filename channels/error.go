package channels

import (
	"errors"
	"fmt"
	"time"
)

// Class tells the scheduler what to do with a failure (reference/channels.md 0.2).
type Class string

// The classes of failure.
const (
	RetryAfter       Class = "retry_after"       // wait Error.After, then again
	RetryBackoff     Class = "retry_backoff"     // wait longer each time, up to the channel's age limit
	RecipientBlocked Class = "recipient_blocked" // stop all sends to this identity; evidence of an opt-out
	RecipientGone    Class = "recipient_gone"    // the identity does not exist any more
	WindowClosed     Class = "window_closed"     // the platform's time to answer is over: offer another channel
	Unreachable      Class = "unreachable"       // the recipient's server could not be reached; what was sent is not to blame
	ContentRejected  Class = "content_rejected"  // show to the operator, no retry
	AuthBroken       Class = "auth_broken"       // stop the account, alert the administrator
	PolicyBlocked    Class = "policy_blocked"    // stop the campaign, alert
	Unconfirmed      Class = "unconfirmed"       // somebody who may have made it up says that it did not arrive
	UnknownOutcome   Class = "unknown_outcome"   // the request left and no answer came: never repeated blindly
)

// Scope says how much waits when the class is RetryAfter.
type Scope string

// What a RetryAfter stops.
const (
	ScopeRecipient Scope = ""        // only this recipient's messages
	ScopeAccount   Scope = "account" // everything the account sends
)

// Error is a failure with a decision in it. Text is for people: no secret, no
// message content, no address in it.
type Error struct {
	Class Class
	Scope Scope
	After time.Duration // for RetryAfter
	Code  string        // the platform's own code: "550 5.1.1", "403"
	Text  string        // what happened, in English, one sentence
	// MovedTo is the recipient's new address where the platform says so
	// (a Telegram group that became a supergroup).
	MovedTo string
	Err     error // the cause, for the log only after redaction
}

// Error gives the class, the platform's code and the text.
func (e *Error) Error() string {
	s := string(e.Class)
	if e.Code != "" {
		s += " (" + e.Code + ")"
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error of a class.
func Errorf(c Class, code, format string, args ...any) *Error {
	return &Error{Class: c, Code: code, Text: fmt.Sprintf(format, args...)}
}

// AsError finds the *Error in err. An error without one is RetryBackoff: the
// request is taken not to have left.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Class: RetryBackoff, Text: "unexpected failure", Err: err}
}
