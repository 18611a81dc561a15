package queue

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/templates"
)

// votePath is where an invitation leads, below the public address.
const votePath = "/p/vote/"

// tabletFor is how long after a service the counter's tablet still shows the faces
// for it: whoever comes next must not vote in the name of who was there before.
const tabletFor = 90 * time.Second

// doneStep is a service that was given, as far as an invitation needs it.
type doneStep struct {
	ID                  int64
	TicketID            int64
	SiteID, ServiceID   int64
	EligibleAt, FirstAt clock.Instant
	EndedAt             clock.Instant
	MostWait            float64 // of the first promise, seconds; -1 for none
	CitizenID           int64
	IdentityID          int64
	AccountID           int64
	CaseID              int64
	Lang                string
}

const doneSteps = `SELECT s.id, s.ticket_id, s.site_id, s.service_id, s.eligible_at, s.first_called_at AS first_at, s.ended_at,
	COALESCE((SELECT p.high_s FROM promises AS p WHERE p.step_id = s.id ORDER BY p.id LIMIT 1), -1.0) AS most_wait,
	t.citizen_id, t.identity_id, t.account_id, t.case_id, t.lang
	FROM steps AS s JOIN tickets AS t ON t.id = s.ticket_id WHERE s.state = 'done' AND s.outcome <> 'day_ended' AND `

// TabletInvitation is the invitation for whoever was served last at the counter of
// a tablet, within the last minute and a half. ErrNotFound when there is nobody, or
// they have voted.
func (v *Votes) TabletInvitation(ctx context.Context, d *Device) (token string, err error) {
	if err := d.may("tablet"); err != nil {
		return "", err
	}
	s := new(doneStep)
	err = v.q.db.Read.NewRaw(doneSteps+"s.counter_id = ? AND s.ended_at > ? AND s.id >= ? ORDER BY s.ended_at DESC LIMIT 1",
		d.CounterID, v.q.clock.Now().Add(-tabletFor), db.FirstID(v.today().Start(v.q.zone))).Scan(ctx, s)
	if err != nil {
		return "", notFound(err)
	}
	return v.inviteStep(ctx, s)
}

// PhoneInvitation is the invitation on the page of a ticket, for the service that
// ended last. The tablet's is the same: who has voted there has voted.
func (v *Votes) PhoneInvitation(ctx context.Context, o Owner) (token string, err error) {
	ticket, _, err := v.q.find(ctx, o)
	if err != nil {
		return "", err
	}
	s := new(doneStep)
	err = v.q.db.Read.NewRaw(doneSteps+"s.ticket_id = ? AND s.ended_at > ? ORDER BY s.ended_at DESC LIMIT 1", ticket, v.q.clock.Now().Add(-24*time.Hour)).Scan(ctx, s)
	if err != nil {
		return "", notFound(err)
	}
	return v.inviteStep(ctx, s)
}

// inviteStep makes the invitation for a service, or finds it again: its token is
// made from the step with the key, so that tablet and telephone have the same one
// and no table says which step an invitation is for.
func (v *Votes) inviteStep(ctx context.Context, s *doneStep) (string, error) {
	m := hmac.New(sha256.New, v.q.key)
	fmt.Fprintf(m, "vote\x00step\x00%d", s.ID)
	token := base64.RawURLEncoding.EncodeToString(m.Sum(nil))
	if _, err := v.LookVote(ctx, token); err == nil || !errors.Is(err, ErrNotFound) {
		return token, err
	}
	err := v.q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		f, err := v.factsOf(ctx, tx, s)
		if err != nil {
			return err
		}
		if ok, err := asked(ctx, tx, "step", s.ID, f.Day); err != nil || !ok {
			return orError(err, ErrNotFound)
		}
		return v.invite(ctx, tx, token, f)
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// factsOf are the facts of a visit to a counter.
func (v *Votes) factsOf(ctx context.Context, idb bun.IDB, s *doneStep) (VoteFacts, error) {
	f := VoteFacts{SiteID: s.SiteID, Channel: "counter", Day: DayOf(s.EndedAt, v.q.zone)}
	err := idb.NewRaw("SELECT key, office_id FROM services WHERE id = ?", s.ServiceID).Scan(ctx, &f.Service, &f.OfficeID)
	if err != nil {
		return f, fmt.Errorf("facts of a visit: %w", err)
	}
	if s.EligibleAt == 0 || s.FirstAt < s.EligibleAt {
		return f, nil
	}
	wait := s.FirstAt.Sub(s.EligibleAt)
	f.WaitBand = waitBand(wait.Minutes())
	if s.MostWait >= 0 {
		if f.Promise = "broken"; wait.Seconds() <= s.MostWait {
			f.Promise = "kept"
		}
	}
	return f, nil
}

// When people are written to: not at once, for a service may be undone and a case
// opened again, and not when it is long ago.
const (
	askAfter  = 30 * time.Minute
	askBefore = 36 * time.Hour
)

// InviteVisits writes to those who were served at a counter and can be reached,
// unless they were asked at the counter or lately. It is a chore for every few
// minutes and returns how many were asked.
func (v *Votes) InviteVisits(ctx context.Context) (int, error) {
	now := v.q.clock.Now()
	var list []*doneStep
	err := v.q.db.Read.NewRaw(doneSteps+`s.ended_at <= ? AND s.ended_at > ? AND s.id >= ? AND (t.citizen_id > 0 OR t.identity_id > 0)
		AND NOT EXISTS (SELECT 1 FROM vote_asked AS va WHERE va.kind = 'step' AND va.ref_id = s.id) ORDER BY s.id LIMIT 500`,
		now.Add(-askAfter), now.Add(-askBefore), db.FirstID(now.Add(-askBefore-24*time.Hour))).Scan(ctx, &list)
	if err != nil {
		return 0, fmt.Errorf("ask for votes: %w", err)
	}
	count := 0
	for _, s := range list {
		err := v.q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			f, err := v.factsOf(ctx, tx, s)
			if err != nil {
				return err
			}
			h, err := v.q.House(ctx, s.SiteID)
			if err != nil {
				return err
			}
			n := inbox.Notice{CitizenID: s.CitizenID, IdentityID: s.IdentityID, AccountID: s.AccountID, CaseID: s.CaseID, OfficeID: f.OfficeID, Lang: s.Lang}
			return v.write(ctx, tx, "step", s.ID, f, n, h.Service(s.ServiceID).Names.In(s.Lang))
		})
		switch {
		case errors.Is(err, errAsked):
		case err != nil:
			return count, fmt.Errorf("ask for votes: %w", err)
		default:
			count++
		}
	}
	return count, nil
}

// write asks somebody by a message. What cannot be delivered leaves no invitation:
// nobody has its link.
func (v *Votes) write(ctx context.Context, tx *db.Tx, kind string, id int64, f VoteFacts, n inbox.Notice, name string) error {
	ok, err := asked(ctx, tx, kind, id, f.Day)
	if err != nil || !ok {
		return orError(err, errAsked)
	}
	lately, err := v.askedLately(ctx, tx, n)
	if err != nil || lately {
		return err
	}
	token, sealed := v.tell.NewToken()
	link := ""
	if v.url != "" {
		link = v.url + votePath + sealed
	}
	until := v.today().Add(v.set.OpenDays)
	n.Event, n.Vars = templates.VoteInvitation, map[string]string{"service": name, "vote_link": link, "until": dateText(until, n.Lang)}
	told, err := v.tell.NotifyTx(ctx, tx, n)
	if err != nil || told[0].Held != "" {
		return err
	}
	return v.invite(ctx, tx, token, f)
}

// askedLately reports whether the person was written to for a vote in AskDays.
func (v *Votes) askedLately(ctx context.Context, tx *db.Tx, n inbox.Notice) (bool, error) {
	row := n.CitizenID
	if row == 0 {
		if err := tx.NewRaw("SELECT citizen_id FROM identities WHERE id = ?", n.IdentityID).Scan(ctx, &row); err != nil {
			return false, fmt.Errorf("asked lately: %w", notFound(err))
		}
	}
	var count int
	err := tx.NewRaw(`SELECT COUNT(*) FROM messages WHERE citizen_id IN (SELECT id FROM citizens WHERE root_id = (SELECT root_id FROM citizens WHERE id = ?))
		AND at > ? AND notes LIKE ?`, row, tx.Now.Add(-time.Duration(v.set.AskDays)*24*time.Hour), "event:"+templates.VoteInvitation+"%").Scan(ctx, &count)
	if err != nil {
		return false, fmt.Errorf("asked lately: %w", err)
	}
	return count > 0, nil
}

// closedCase is a case that was closed, as far as an invitation needs it.
type closedCase struct {
	ID                  int64
	Year                int
	Number              int64
	CitizenID, OfficeID int64
	Kind, Procedure     string
	Channel             string
	DueAt, ClosedAt     clock.Instant
	AccountID           int64
	IdentityID          int64
	Lang                string
}

// InviteCases writes to those whose case was closed, on whatever channel it was,
// unless they were asked lately. Cases of reserved offices are left out: a message
// that names such a matter may be read by others. It is a chore for every few
// minutes and returns how many were asked.
func (v *Votes) InviteCases(ctx context.Context) (int, error) {
	now := v.q.clock.Now()
	var list []*closedCase
	err := v.q.db.Read.NewRaw(`SELECT DISTINCT c.id, c.year, c.number, c.citizen_id, c.office_id, c.kind, c.procedure, c.channel, c.due_at, c.closed_at, c.account_id,
		COALESCE(m.identity_id, 0) AS identity_id, COALESCE(m.lang, '') AS lang
		FROM events AS e JOIN cases AS c ON c.id = e.case_id JOIN offices AS o ON o.id = c.office_id LEFT JOIN messages AS m ON m.id = c.last_in_id AND c.last_in_id > 0
		WHERE e.id >= ? AND e.kind = 'case.closed' AND e.case_id > 0 AND c.status = 'closed' AND c.closed_at <= ? AND c.closed_at > ? AND NOT o.reserved AND c.merged_into = 0
		AND NOT EXISTS (SELECT 1 FROM vote_asked AS va WHERE va.kind = 'case' AND va.ref_id = c.id) ORDER BY c.id LIMIT 500`,
		db.FirstID(now.Add(-askBefore)), now.Add(-askAfter), now.Add(-askBefore)).Scan(ctx, &list)
	if err != nil {
		return 0, fmt.Errorf("ask for votes: %w", err)
	}
	count := 0
	for _, c := range list {
		f := c.facts(v.q.zone)
		n := inbox.Notice{CitizenID: c.CitizenID, IdentityID: c.IdentityID, AccountID: c.AccountID, CaseID: c.ID, Lang: c.Lang}
		name := map[bool]string{true: "case ", false: "la pratica "}[english(c.Lang)] + inbox.CaseRef(c.Year, c.Number)
		err := v.q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return v.write(ctx, tx, "case", c.ID, f, n, name) })
		switch {
		case errors.Is(err, errAsked):
		case err != nil:
			return count, fmt.Errorf("ask for votes: %w", err)
		default:
			count++
		}
	}
	return count, nil
}

// facts are the facts of a case: its wait has no band, since nobody stood in line.
func (c *closedCase) facts(zone *time.Location) VoteFacts {
	f := VoteFacts{OfficeID: c.OfficeID, Service: or(c.Procedure, c.Kind), Channel: c.Channel, Day: DayOf(c.ClosedAt, zone)}
	if c.DueAt != 0 {
		if f.Promise = "broken"; c.ClosedAt <= c.DueAt {
			f.Promise = "kept"
		}
	}
	return f
}

func dateText(d Day, lang string) string {
	t := d.date()
	if english(lang) {
		return t.Format("2 January 2006")
	}
	return fmt.Sprintf("%d %s %d", t.Day(), monthsIt[t.Month()-1], t.Year())
}
