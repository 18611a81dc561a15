package web

import (
	"time"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/page"
)

// slowAfter is how long after its last good look an account that receives is
// told as late: receivers look every few minutes at the latest. So is one at which
// something waits to be read for longer, however it came.
const slowAfter = 15 * time.Minute

// waitsTooLong reports whether what came has waited since an instant for longer than
// reading ever takes (mail rule 16).
func (s *Server) waitsTooLong(since clock.Instant) bool {
	return since > 0 && s.clock.Now().Sub(since) > slowAfter
}

// pollOf is how often an account that is looked into from time to time says that it
// looks; 0 where it does not say.
func pollOf(a *inbox.Account) time.Duration {
	d, err := time.ParseDuration(settingsOf(a)["poll"])
	if err != nil {
		return 0
	}
	return d
}

// channelState is how an account fares, from its row, from whether this process
// could open it, from whether anything leaves and is accepted, and from whether what came
// waits for too long to be read.
func (s *Server) channelState(a *inbox.Account, waits bool) page.ChannelStateID {
	ch, _, open := s.Accounts.Channel(a.ID)
	_, receives := ch.(channels.Receiver)
	switch {
	case a.StoppedAt > 0:
		return page.ChannelPaused
	case !a.Enabled:
		return page.ChannelStopped
	case a.ErrorClass == string(channels.AuthBroken), a.ErrorClass == string(channels.PolicyBlocked):
		return page.ChannelBroken
	case a.ErrorClass != "":
		return page.ChannelDown
	case !open:
		return page.ChannelStopped
	case a.RefusedFrom > 0, a.StuckFrom > 0:
		return page.ChannelMute
	case waits, a.Unaccepted > 0:
		return page.ChannelSlow
	case !receives:
		return page.ChannelUp
	case a.LastOkAt.IsZero():
		return page.ChannelStarting
	case s.clock.Now().Sub(a.LastOkAt) > max(slowAfter, 3*pollOf(a)):
		return page.ChannelSlow
	}
	return page.ChannelUp
}
