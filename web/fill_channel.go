package web

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/page"
)

// warningsFor is for how long a warning of an account is shown.
const warningsFor = 24 * time.Hour

// channelCards are the cards of accounts, with one question for all their figures.
func (s *Server) channelCards(ctx context.Context, c *caller, list []inbox.Account) ([]page.ChannelCard, error) {
	now := s.clock.Now()
	work, err := s.Inbox.AccountsWork(ctx, s.startOfDay(now))
	if err != nil {
		return nil, err
	}
	warnings, err := s.Inbox.AccountWarnings(ctx, now.Add(-warningsFor))
	if err != nil {
		return nil, err
	}
	reconciled, err := s.Inbox.ReconcileLast(ctx)
	if err != nil {
		return nil, err
	}
	storms, err := s.Inbox.Storms(ctx, inbox.Viewer{System: true}) // how many, not whose
	if err != nil {
		return nil, err
	}
	out := make([]page.ChannelCard, len(list))
	for i := range list {
		out[i] = s.channelCard(c, &list[i], work[list[i].ID])
		if out[i].Loose, err = s.looseReceipts(ctx, c, list[i]); err != nil {
			return nil, err
		}
		if run, ran := reconciled[list[i].ID]; ran || s.canReconcile(list[i].ID) {
			out[i].Reconciled = &page.ReconcileNote{At: run.EndedAt, Absent: run.Absent()}
		} else if none := s.noComparison(&list[i]); none != "" && none != page.NoneHere {
			out[i].Reconciled = &page.ReconcileNote{None: true}
		}
		if day, near := inbox.PasswordEnds(&list[i], now); near {
			out[i].Warnings = append(out[i].Warnings, page.ChannelWarning{At: now, Text: c.say.Text("said.channel_password", "day", c.say.Date(day))})
		}
		for _, x := range storms {
			if x.AccountID == list[i].ID {
				out[i].Warnings = append(out[i].Warnings, page.ChannelWarning{At: x.Last, Text: c.say.Text("storm.channel", "n", x.Count)})
			}
		}
		for _, x := range warnings {
			if x.AccountID == list[i].ID {
				out[i].Warnings = append(out[i].Warnings, page.ChannelWarning{At: x.At, Code: x.Code, Text: x.Text})
			}
		}
	}
	return out, nil
}

// startOfDay is midnight on the municipality's clock.
func (s *Server) startOfDay(at clock.Instant) clock.Instant {
	t := at.Time().In(s.zone)
	return clock.At(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, s.zone))
}

func (s *Server) channelCard(c *caller, a *inbox.Account, w inbox.AccountWork) page.ChannelCard {
	ch, _, open := s.Accounts.Channel(a.ID)
	_, receives := ch.(channels.Receiver)
	_, tries := ch.(channels.Prober)
	x := page.ChannelCard{
		ID: a.ID, Channel: page.Channel(a.Kind), Name: a.Name, Address: settingsOf(a)["address"], Office: c.office(a.OfficeID), State: s.channelState(a, s.waitsTooLong(w.Oldest)),
		PausedSince: a.StoppedAt, Receives: receives || a.LastOkAt > 0, LastGood: a.LastOkAt, OldestPending: w.Oldest, Pending: w.Pending, Outgoing: w.Outgoing, Failed: w.Failed,
		FromFile: a.Origin == "file",
		May:      page.ChannelMay{Probe: c.Admin && (!open || tries) && a.Enabled && a.StoppedAt == 0, Pause: c.Admin && a.Enabled && a.StoppedAt == 0, Resume: c.Admin && (a.StoppedAt > 0 || a.PausedUntil > s.clock.Now()), Edit: c.Admin},
	}
	x.WayIn = page.WayIn(wayIn(a))
	x.Receives = x.Receives || x.WayIn == page.HandedOver
	if a.PausedUntil > s.clock.Now() && a.StoppedAt == 0 {
		x.RestsUntil = a.PausedUntil
	}
	if a.Unaccepted > 0 {
		x.Unaccepted = &page.UnacceptedNote{Count: a.Unaccepted, From: a.UnacceptedFrom}
		if c.worksWithCitizens() {
			x.Unaccepted.URL = "/cases?view=" + string(page.ViewFailed)
		}
	}
	switch {
	case a.StoppedAt > 0 || !a.Enabled:
	case a.ErrorClass != "":
		x.Error = &page.ChannelError{At: a.ErrorAt, Class: a.ErrorClass, Text: a.ErrorText, Words: codeWords(c.say, a.ErrorText)}
	case !open:
		x.Error = &page.ChannelError{Class: notOpen}
	case a.RefusedFrom > 0:
		x.Error = &page.ChannelError{At: a.RefusedFrom, Class: sendingRefused}
	case a.StuckFrom > 0:
		x.Error = &page.ChannelError{At: a.StuckFrom, Class: sendingStuck}
	}
	return x
}

// wayIn is how the mail of a mailbox comes in, where it is not read over IMAP:
// "pop3" or "handed".
func wayIn(a *inbox.Account) string {
	if way := settingsOf(a)["reading"]; a.Kind == "mail" && way != "imap" {
		return way
	}
	return ""
}

// settingsOf are the settings of an account that are no secrets. A row that
// cannot be read shows none: it cannot be opened either, and that is told.
func settingsOf(a *inbox.Account) map[string]string {
	out := map[string]string{}
	if json.Unmarshal([]byte(cmp.Or(a.Settings, "{}")), &out) != nil {
		return map[string]string{}
	}
	return out
}
