package web

import (
	"time"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/web/page"
)

// slowAfter is how long after its last good look an account that receives is
// told as late: receivers look every few minutes at the latest.
const slowAfter = 15 * time.Minute

// pollOf is how often an account that is looked into from time to time says that it
// looks; 0 where it does not say.
func pollOf(a *inbox.Account) time.Duration {
	d, err := time.ParseDuration(settingsOf(a)["poll"])
	if err != nil {
		return 0
	}
	return d
}

// channelState is how an account fares, from its row and from whether this
// process could open it.
func (s *Server) channelState(a *inbox.Account) page.ChannelStateID {
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
	case !receives:
		return page.ChannelUp
	case a.LastOkAt.IsZero():
		return page.ChannelStarting
	case s.clock.Now().Sub(a.LastOkAt) > max(slowAfter, 3*pollOf(a)):
		return page.ChannelSlow
	}
	return page.ChannelUp
}
