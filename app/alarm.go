package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/jobs"
	"filodiretto/web"
	"filodiretto/web/page"
)

// alarmEvery is how often it is looked what is wrong.
const alarmEvery = time.Minute

// alarmChores tell those who keep the system running what is wrong, where the
// configuration names any.
func (a *App) alarmChores() []jobs.Chore {
	if len(a.Config.Alarm.To) == 0 {
		return nil
	}
	var pace alarmPace
	return []jobs.Chore{{Name: "alarm", Every: alarmEvery, Run: func(ctx context.Context) error {
		_, err := a.Inbox.SweepAlarms(ctx, func(ctx context.Context, id string, news []inbox.Alarm) error {
			err := pace.try(a.DB.Clock.Now(), news, func() error { return a.tellAlarms(ctx, id, news) })
			if err != nil && !errors.Is(err, errNotYet) {
				a.log.Error("nobody could be told what is wrong", "tried_again_in", pace.wait.String())
			}
			return err
		})
		if errors.Is(err, errNotYet) {
			return nil // it was said when it was tried
		}
		return err
	}}}
}

// errNobodyTold says that no mailbox could send an alarm.
var errNobodyTold = errors.New("no mailbox can send the mail about what is wrong: look at the page of the channels")

// tellAlarms mails what is new to all whom the configuration names, by a mailbox that
// works. It is done when one of them has been told.
func (a *App) tellAlarms(ctx context.Context, id string, news []inbox.Alarm) error {
	c := a.Config
	subject, text, err := web.AlarmLetter(page.Lang(c.Municipality.Language), c.Municipality.Name, c.Municipality.PublicURL, c.Municipality.Location, a.DB.Clock, news)
	if err != nil {
		return err
	}
	told := false
	for _, to := range c.Alarm.To {
		out := &channels.Outgoing{ExternalID: id, To: channels.Address{Kind: "email", Value: to}, FromName: "Filo Diretto", Subject: subject, Text: text, Automatic: true}
		if err := a.sendAlarm(ctx, out, news); err != nil {
			a.log.Error("somebody could not be told what is wrong", "error", err)
			continue
		}
		told = true
	}
	if !told {
		return errNobodyTold
	}
	return nil
}

// sendAlarm tries the mailboxes that are well first, and those that the alarm is about
// last: one that cannot be read may still send. What may have left by one is tried by the
// others, under the same id, but not again a minute later (mail rule 67).
func (a *App) sendAlarm(ctx context.Context, out *channels.Outgoing, news []inbox.Alarm) error {
	list, err := a.Inbox.Accounts(ctx)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(x inbox.Account) bool { return x.Kind != "mail" || !x.Enabled || x.StoppedAt > 0 })
	doubt := func(x inbox.Account) int {
		switch {
		case slices.ContainsFunc(news, func(n inbox.Alarm) bool { return n.AccountID == x.ID }):
			return 2
		case x.ErrorClass != "":
			return 1
		}
		return 0
	}
	slices.SortStableFunc(list, func(x, y inbox.Account) int { return cmp.Compare(doubt(x), doubt(y)) })
	perhaps := false
	err = errNobodyTold
	for _, x := range list {
		ch, _, _ := a.Accounts.Channel(x.ID)
		s, sends := ch.(channels.Sender)
		if !sends {
			continue // it could not be opened
		}
		if _, err = s.Send(ctx, out); err == nil {
			return nil
		}
		perhaps = perhaps || channels.AsError(err).Class == channels.UnknownOutcome
	}
	if perhaps {
		a.log.Warn("it is not known whether the mail about what is wrong has left")
		return nil
	}
	return err
}
