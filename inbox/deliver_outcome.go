package inbox

import (
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// outcome is what a try, or the check before it, means for a delivery.
type outcome struct {
	job    *job
	state  State
	source string // of the delivery event: "answer", "queue", "lease"
	class  channels.Class
	code   string
	text   string
	ids    []string // the platform's names for what was sent
	notes  []string

	nextAt     clock.Instant // when state is Queued
	holdOthers bool          // messages to the same recipient wait until nextAt too
	pauseUntil clock.Instant // the account waits
	identity   string        // status for the recipient's identity: "blocked", "bad", "gone"
	movedTo    string        // the chat's new name
	alarm      bool          // the administrator is told
	untried    bool          // given back: the channel was never called
}

// How long things wait.
const (
	// badFor is how long an address that was refused for good is left alone
	// (mail rule 60); people do open mailboxes again, and servers err.
	badFor = 30 * 24 * time.Hour
	// authPause is how long an account with a broken login waits before it is
	// tried again, and longer each time: providers lock accounts after some
	// failures (PEC reference section 9). An administrator who mends it does not
	// have to wait.
	authPause     = 15 * time.Minute
	mostAuthPause = time.Hour
	mostPause     = 24 * time.Hour
)

// mailSteps and chatSteps are the times between tries. Mail servers that say
// "later" mean minutes (mail rule 66); a bot platform means seconds (channels 0.2).
var mailSteps = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}

const mostChatStep = 15 * time.Minute

// backoff is the wait after the nth failed try, n from 1, spread by up to a
// tenth so that what failed together does not come back together.
func backoff(mail bool, n int, id int64) time.Duration {
	n = max(n, 1)
	var d time.Duration
	switch {
	case mail:
		d = mailSteps[min(n, len(mailSteps))-1]
	case n > 10:
		d = mostChatStep
	default:
		d = min(time.Second<<(n-1), mostChatStep)
	}
	return d + d*time.Duration(id%101)/1000
}

// judge turns what the channel answered into an outcome.
func judge(j *job, r channels.Receipt, err error, now clock.Instant) outcome {
	o := outcome{job: j, source: "answer"}
	if err == nil {
		o.state = Accepted
		if r.Delivered {
			o.state = Delivered
		}
		o.code, o.ids, o.notes = r.Code, r.ExternalIDs, r.Notes
		return o
	}
	e := channels.AsError(err)
	o.class, o.code, o.text = e.Class, e.Code, e.Text
	mail := isAddress(j.d.Kind)
	if e.MovedTo != "" && j.d.Attempts <= 3 {
		o.state, o.nextAt, o.movedTo = Queued, now, e.MovedTo
		return o
	}
	switch e.Class {
	case channels.RetryAfter:
		d := min(max(e.After, time.Second), mostPause)
		d += d * time.Duration(j.d.ID%51) / 1000
		o.again(j, now.Add(d), now)
		o.holdOthers = e.Scope == channels.ScopeRecipient
		if e.Scope == channels.ScopeAccount {
			o.pauseUntil = now.Add(d)
		}
	case channels.AuthBroken:
		o.again(j, now, now)
		o.pauseUntil, o.alarm = now.Add(min(authPause<<min(max(j.d.Attempts, 1)-1, 4), mostAuthPause)), true
	case channels.RecipientBlocked:
		o.state, o.identity = Blocked, "blocked"
	case channels.RecipientGone:
		o.state, o.identity = Failed, "gone"
		if mail {
			o.identity = "bad"
		}
	case channels.PolicyBlocked:
		o.state, o.alarm = Failed, true
	case channels.WindowClosed, channels.ContentRejected:
		o.state = Failed
	case channels.UnknownOutcome:
		o.state = Unknown
	default: // RetryBackoff, and whatever class a newer channel may know
		o.again(j, now.Add(backoff(mail, j.d.Attempts, j.d.ID)), now)
		o.holdOthers = !mail
	}
	return o
}

// again queues the delivery for another try, or ends it when it is too old. A
// wait is never longer than what is left, so that the end is told in time.
func (o *outcome) again(j *job, at, now clock.Instant) {
	if now >= j.d.ExpiresAt {
		o.state = Expired
		return
	}
	o.state, o.nextAt = Queued, min(at, j.d.ExpiresAt)
}

// giveBack returns a claimed delivery to the queue: the channel was not called.
func giveBack(j *job) outcome {
	return outcome{job: j, state: Queued, nextAt: j.d.NextAt, untried: true}
}
