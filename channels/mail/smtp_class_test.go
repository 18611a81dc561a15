package mail

import (
	"errors"
	"io"
	"net/textproto"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
)

// TestRule60AnswersBecomeDecisions holds answers as servers in Italy and
// elsewhere give them, at the stage at which they give them.
func TestRule60AnswersBecomeDecisions(t *testing.T) {
	for _, c := range []struct {
		at    stage
		code  int
		words string
		want  channels.Class
		text  string
	}{
		{stageRcpt, 550, "5.1.1 <lucia@example.org>: Recipient address rejected: User unknown in virtual mailbox table", channels.RecipientGone, "550 5.1.1"},
		{stageRcpt, 550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", channels.RecipientGone, "550 5.1.10"},
		{stageRcpt, 550, "5.1.2 Host unknown", channels.RecipientGone, "550 5.1.2"},
		{stageRcpt, 501, "5.1.3 Bad recipient address syntax", channels.RecipientGone, "501 5.1.3"},
		{stageRcpt, 550, "5.2.1 The email account that you tried to reach is disabled", channels.RecipientGone, "550 5.2.1"},
		{stageRcpt, 550, "5.4.1 Recipient address rejected: Access denied", channels.RecipientGone, "550 5.4.1"},
		{stageRcpt, 550, "No such user here", channels.RecipientGone, "550"},
		{stageRcpt, 550, "Requested action not taken: mailbox unavailable", channels.RecipientGone, "550"},
		{stageRcpt, 553, "sorry, that domain isn't in my list of allowed rcpthosts", channels.RecipientGone, "553"},
		{stageRcpt, 552, "5.2.2 The email account that you tried to reach is over quota", channels.RetryBackoff, "552 5.2.2"},
		{stageDot, 552, "5.2.2 Mailbox full", channels.RetryBackoff, "552 5.2.2"},
		{stageRcpt, 552, "casella piena", channels.RetryBackoff, "552"},
		{stageRcpt, 452, "4.2.2 Mailbox full", channels.RetryBackoff, "452 4.2.2"},

		{stageRcpt, 450, "4.2.0 <lucia@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example", channels.RetryAfter, "450 4.2.0"},
		{stageRcpt, 451, "4.7.1 Greylisting in action, please come back later", channels.RetryAfter, "451 4.7.1"},
		{stageRcpt, 451, "Try again later", channels.RetryAfter, "451"},
		{stageRcpt, 451, "4.3.0 Error: queue file write error", channels.RetryBackoff, "451 4.3.0"},
		{stageRcpt, 450, "4.1.8 Sender address rejected: Domain not found", channels.RetryBackoff, "450 4.1.8"},
		{stageMail, 421, "4.3.2 Service shutting down", channels.RetryBackoff, "421 4.3.2"},
		{stageDot, 451, "4.3.5 Server configuration problem", channels.RetryBackoff, "451 4.3.5"},
		{stageConnect, 454, "4.7.0 Temporary authentication failure", channels.RetryBackoff, "454 4.7.0"},

		{stageConnect, 535, "5.7.8 Error: authentication failed: UGFzc3dvcmQ6", channels.AuthBroken, "535 5.7.8"},
		{stageMail, 530, "5.7.0 Must issue a STARTTLS command first", channels.AuthBroken, "530 5.7.0"},
		{stageMail, 530, "Authentication required", channels.AuthBroken, "530"},
		{stageConnect, 534, "5.7.9 Application-specific password required", channels.AuthBroken, "534 5.7.9"},
		{stageConnect, 538, "Encryption required for requested authentication mechanism", channels.AuthBroken, "538"},

		{stageConnect, 554, "5.7.1 Service unavailable; Client host blocked using zen.example", channels.PolicyBlocked, "554 5.7.1"},
		{stageMail, 550, "5.7.1 Sender rejected", channels.PolicyBlocked, "550 5.7.1"},
		{stageMail, 553, "5.7.1 Sender address rejected: not owned by user", channels.PolicyBlocked, "553 5.7.1"},
		{stageRcpt, 554, "5.7.1 <lucia@example.org>: Relay access denied", channels.PolicyBlocked, "554 5.7.1"},
		{stageRcpt, 550, "relay not permitted", channels.PolicyBlocked, "550"},
		{stageDot, 550, "5.7.26 This mail has been blocked because the sender is unauthenticated (SPF, DKIM)", channels.PolicyBlocked, "550 5.7.26"},
		{stageRcpt, 550, "5.1.8 Sender domain not found", channels.PolicyBlocked, "550 5.1.8"},

		{stageDot, 554, "5.7.1 Message rejected as spam", channels.ContentRejected, "554 5.7.1"},
		{stageDot, 550, "5.7.1 This message contains a virus", channels.ContentRejected, "550 5.7.1"},
		{stageDot, 552, "5.3.4 Message size exceeds fixed limit", channels.ContentRejected, "552 5.3.4"},
		{stageDot, 552, "message too big", channels.ContentRejected, "552"},
		{stageDot, 554, "Transaction failed", channels.ContentRejected, "554"},
		{stageDot, 550, "5.6.0 Bad header", channels.ContentRejected, "550 5.6.0"},
		{stageData, 554, "no valid recipients", channels.ContentRejected, "554"},

		{stageMail, 550, `blocked "Class Of Service" - Too much traffic from this sender`, channels.RetryAfter, "550"},
		{stageRcpt, 550, `blocked "Class Of Service" - Too much traffic from this sender`, channels.RetryAfter, "550"},
		{stageDot, 550, `blocked "Class Of Service" - Too much traffic from this sender`, channels.RetryAfter, "550"},

		{stageDot, 354, "what?", channels.UnknownOutcome, "354"},
		{stageRcpt, 354, "what?", channels.RetryBackoff, "354"},
	} {
		e := smtpError(c.at, &textproto.Error{Code: c.code, Msg: c.words})
		if e.Class != c.want || e.Code != c.text {
			t.Errorf("%d %q at %d: %s (%s), want %s (%s)", c.code, c.words, c.at, e.Class, e.Code, c.want, c.text)
		}
		if e.Text == "" || (e.Class == channels.RetryAfter) != (e.After > 0) {
			t.Errorf("%d %q: text %q, after %s", c.code, c.words, e.Text, e.After)
		}
		channeltest.CheckNoSecret(t, e, []string{"lucia@example.org"})
	}
}

func TestRule67OnlyTheDotLeavesDoubt(t *testing.T) {
	for at := stageConnect; at <= stageDot; at++ {
		want := channels.RetryBackoff
		if at == stageDot {
			want = channels.UnknownOutcome
		}
		for _, err := range []error{io.EOF, io.ErrUnexpectedEOF, errSilent, errors.New("read tcp: connection reset")} {
			if e := sendError(at, err); e.Class != want {
				t.Errorf("%v at %d: %s, want %s", err, at, e.Class, want)
			}
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(550, "5.1.1 no", 3)
	f.Add(451, "4.7.1 greylist", 3)
	f.Add(0, "", 6)
	f.Add(552, "5.99999999999999999999.1", 5)
	f.Fuzz(func(t *testing.T, code int, words string, at int) {
		e := smtpError(stage(at), &textproto.Error{Code: code, Msg: words})
		if e == nil || e.Class == "" || e.Text == "" {
			t.Errorf("%d %q at %d: %+v", code, words, at, e)
		}
	})
}
