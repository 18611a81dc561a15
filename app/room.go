package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/internal/jobs"
	"filodiretto/queue"
	"filodiretto/templates"
)

// visits lets a visit at a counter go on as a case (queue.Files).
type visits struct{ app *App }

// errNoCounter is what a counter is told that cannot hand on a visit.
var errNoCounter = &inbox.InvalidError{Field: "account", Code: "no_counter"}

// OpenCase writes the visit into the case that it names, or opens one.
func (x visits) OpenCase(ctx context.Context, v inbox.Viewer, w queue.OfficeWork) (int64, error) {
	acc, ok := x.account(w.OfficeID)
	if !ok {
		return 0, errNoCounter
	}
	k, err := x.app.Inbox.RecordVisit(ctx, v, inbox.Visit{
		AccountID: acc, Key: w.Key, CitizenID: w.CitizenID, Kind: inbox.CaseKind(w.Kind),
		Subject: w.Subject, Text: w.Text, OfficeID: w.OfficeID, CaseID: w.CaseID,
	})
	if err != nil {
		return 0, err
	}
	return k.ID, nil
}

// account is the counter's account: the office's own, else the first.
func (x visits) account(office int64) (id int64, ok bool) {
	for _, a := range x.app.Accounts.Open() {
		if a.Kind == "counter" && (!ok || a.OfficeID == office) {
			id, ok = a.ID, true
		}
	}
	return id, ok
}

// ticketNews tells people what becomes of their ticket (queue.Teller).
type ticketNews struct{ app *App }

// newsEvents are the texts by kind of news.
var newsEvents = map[string]string{
	"present": templates.TicketPresent, "next": templates.TicketNext, "called": templates.TicketCalled, "recalled": templates.TicketRecalled,
	"put_back": templates.TicketPutBack, "voided": templates.TicketVoided, "expired": templates.TicketExpired,
}

// Tell queues a notice for each, in the transaction in which it happened.
func (x ticketNews) Tell(ctx context.Context, tx *db.Tx, news []queue.News) error {
	ids := make([]int64, len(news))
	for i, n := range news {
		ids[i] = n.StepID
	}
	var rows []struct {
		ID      int64
		Service queue.Names
		Name    string
		Address string
	}
	err := tx.NewRaw(`SELECT s.id, sv.names AS service, si.name, si.address FROM steps AS s
		JOIN services AS sv ON sv.id = s.service_id JOIN sites AS si ON si.id = s.site_id WHERE s.id IN (?)`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("names of the visits: %w", err)
	}
	at := make(map[int64]int, len(rows))
	for i, r := range rows {
		at[r.ID] = i
	}
	var notices []inbox.Notice
	for _, n := range news {
		event, i := newsEvents[n.Kind], at[n.StepID]
		if event == "" {
			continue
		}
		site := rows[i].Name
		if a := rows[i].Address; a != "" {
			site += ", " + a
		}
		notices = append(notices, inbox.Notice{
			Event: event, CitizenID: n.CitizenID, IdentityID: n.IdentityID, AccountID: n.AccountID, Lang: n.Lang, Asked: true,
			Vars: map[string]string{
				"ticket": n.Label, "service": rows[i].Service.In(n.Lang), "site": site, "desk": n.Place,
			},
		})
	}
	_, err = x.app.Inbox.NotifyTx(ctx, tx, notices...)
	return err
}

// roomChores are what time brings to the rooms and their agendas.
func (a *App) roomChores() []jobs.Chore {
	return []jobs.Chore{
		{Name: "rooms", Every: 30 * time.Second, Run: func(ctx context.Context) error { return a.Queue.Sweep(ctx) }},
		{Name: "estimates", Every: 30 * time.Second, Run: func(ctx context.Context) error { return a.Queue.Learn(ctx) }},
		{Name: "reports", Every: time.Minute, Run: func(ctx context.Context) error { _, err := a.Reports.Update(ctx); return err }},
		{Name: "rooms_forget", Every: time.Hour, Run: func(ctx context.Context) error { return a.Queue.Forget(ctx) }},
		{Name: "chats", Every: 15 * time.Second, Run: func(ctx context.Context) error { _, err := a.Chats.Refresh(ctx); return err }},
		{Name: "slots", Every: time.Minute, Run: func(ctx context.Context) error { _, err := a.Bookings.Settle(ctx); return err }},
		{Name: "reminders", Every: 3 * time.Minute, Run: func(ctx context.Context) error { _, err := a.Bookings.Remind(ctx); return err }},
		{Name: "appointments", Every: 5 * time.Minute, Run: func(ctx context.Context) error { _, err := a.Bookings.EndAppointments(ctx); return err }},
		{Name: "appointments_forget", Every: 12 * time.Hour, Run: func(ctx context.Context) error { _, err := a.Bookings.ForgetPeople(ctx); return err }},
		{Name: "votes", Every: 5 * time.Minute, Run: func(ctx context.Context) error {
			return errors.Join(a.askForVotes(ctx), a.Votes.TidyVotes(ctx))
		}},
	}
}

// askForVotes writes to people who were served at a counter, and to those whose case
// was closed where the municipality has chosen so.
func (a *App) askForVotes(ctx context.Context) error {
	_, err := a.Votes.InviteVisits(ctx)
	if a.Config.Satisfaction.AfterCase {
		_, more := a.Votes.InviteCases(ctx)
		err = errors.Join(err, more)
	}
	return err
}
