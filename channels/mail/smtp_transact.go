package mail

import (
	"context"
	"errors"
	"net/textproto"
	"time"
)

// farewell is how long we still wait for the answer to a whole message when
// the process is told to stop: an answer in hand is worth more than a question
// left open (rule 67).
const farewell = 3 * time.Second

// transact sends one letter over the connection. It gives the server's answer
// to the whole message, or the stage at which it failed and why. A connection
// is fit for another message only when fit is true.
func (c *smtpConn) transact(ctx context.Context, l *letter, dot time.Duration) (ok answer, at stage, fit bool, err error) {
	c.watch.arm()
	defer c.watch.disarm()
	letGo := context.AfterFunc(ctx, c.close)
	defer func() { letGo() }()
	if at, err := c.envelope(l); err != nil {
		fit := c.usable(err) && !errors.Is(err, errWaits)
		return answer{}, at, fit, c.because(ctx, err)
	}
	w := c.Text.DotWriter()
	if _, err := l.WriteTo(w); err != nil {
		return answer{}, stageBody, false, c.because(ctx, err)
	}
	if !letGo() {
		return answer{}, stageBody, false, ctx.Err()
	}
	letGo = context.AfterFunc(ctx, func() { time.AfterFunc(farewell, c.close) })
	c.watch.grant(dot)
	if err := w.Close(); err != nil {
		return answer{}, stageDot, false, c.because(ctx, err)
	}
	code, words, err := c.Text.ReadResponse(250)
	if err != nil {
		return answer{}, stageDot, c.usable(err), c.because(ctx, err)
	}
	return newAnswer(code, words), stageDot, true, nil
}

// errWaits marks a refusal after which the server all the same waits for a
// message: it had read DATA behind the refused command. What we would say next
// would be taken for content, so the connection is of no more use.
var errWaits = errors.New("the server waits for a message that it refused")

// envelope names sender and recipient and gets leave to write. Where the
// server takes commands in a row, all go out at once (RFC 2920).
func (c *smtpConn) envelope(l *letter) (stage, error) {
	steps := []struct {
		at      stage
		command string
		expect  int
	}{
		{stageReset, "RSET", 250},
		{stageMail, c.mailCommand(l), 250},
		{stageRcpt, "RCPT TO:<" + l.to + ">", 25},
		{stageData, "DATA", 354},
	}
	if !c.pipelining {
		for _, s := range steps {
			if err := c.Text.PrintfLine("%s", s.command); err != nil {
				return s.at, err
			}
			if _, _, err := c.Text.ReadResponse(s.expect); err != nil {
				return s.at, err
			}
		}
		return stageBody, nil
	}
	for _, s := range steps {
		if _, err := c.Text.W.WriteString(s.command + "\r\n"); err != nil {
			return stageReset, err
		}
	}
	if err := c.Text.W.Flush(); err != nil {
		return stageReset, err
	}
	failedAt, failure := stageBody, error(nil)
	for _, s := range steps {
		_, _, err := c.Text.ReadResponse(s.expect)
		if err == nil {
			if failure != nil && s.at == stageData {
				return failedAt, errors.Join(failure, errWaits)
			}
			continue
		}
		if failure == nil {
			failedAt, failure = s.at, err
		}
		if !c.usable(err) {
			return failedAt, failure
		}
	}
	return failedAt, failure
}

// usable tells whether the connection lives on after an error: the server
// refused something in words, and did not say that it closes.
func (c *smtpConn) usable(err error) bool {
	var refused *textproto.Error
	return errors.As(err, &refused) && refused.Code >= 400 && refused.Code != 421
}

// because puts the true cause in place of "connection closed", when we closed
// it ourselves.
func (c *smtpConn) because(ctx context.Context, err error) error {
	var refused *textproto.Error
	switch {
	case errors.As(err, &refused):
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	case c.watch.bitten():
		return errSilent
	}
	return err
}
