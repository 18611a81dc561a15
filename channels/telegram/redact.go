package telegram

import (
	"context"
	"errors"
	"net/url"
	"strings"
)

// redact takes the token out of a text. It is the one place that does so: the
// URL of every call holds the token, and Go's errors print URLs (channels 0.5).
func (c *client) redact(s string) string {
	s = strings.ReplaceAll(s, c.token, "<token>")
	return strings.ReplaceAll(s, c.secret, "<token>")
}

// clean makes an error that holds no token, whatever is done with it: it keeps
// the redacted text and what the error was, never the error itself.
func (c *client) clean(err error) error {
	text := err
	var u *url.Error
	if errors.As(err, &u) {
		text = u.Err // without the method and the URL
	}
	var timed interface{ Timeout() bool }
	return &cleaned{
		text:     c.redact(text.Error()),
		canceled: errors.Is(err, context.Canceled),
		deadline: errors.Is(err, context.DeadlineExceeded),
		timeout:  errors.As(err, &timed) && timed.Timeout(),
	}
}

// cleaned is an error after redaction.
type cleaned struct {
	text                        string
	canceled, deadline, timeout bool
}

func (e *cleaned) Error() string { return e.text }

// Timeout is as in net.Error.
func (e *cleaned) Timeout() bool { return e.timeout }

// Is lets callers ask for the ends of a context.
func (e *cleaned) Is(target error) bool {
	return e.canceled && target == context.Canceled || e.deadline && target == context.DeadlineExceeded
}
