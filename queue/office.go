package queue

import (
	"context"
	"fmt"
	"strconv"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// ToOffice is what a counter hands to the back office.
type ToOffice struct {
	Act
	OfficeID int64  // 0 is the service's own
	CaseID   int64  // the case that it adds to; 0 is the ticket's, or a new one
	Kind     string // an inbox.CaseKind; empty is a request
	Subject  string
	Text     string // what the citizen wants, and what the office must know
	Note     string // for the timeline
}

// ToOffice ends the work of the counter and hands the matter to an office, as a
// case: the same visit goes on there, and is over when the office has answered on
// the citizen's channel (queue 5, point 3). It cannot be undone: the office may have
// read it.
func (q *Queue) ToOffice(ctx context.Context, v inbox.Viewer, o ToOffice) (*Result, error) {
	if err := checkNote("", o.Note); err != nil {
		return nil, err
	}
	if o.Text == "" && o.Subject == "" {
		return nil, invalid("text", "required")
	}
	var out *Result
	run := func(ctx context.Context) error {
		done, w, err := q.officeWork(ctx, v, o)
		if err != nil || done != nil {
			out = done
			return err
		}
		caseID, err := q.files.OpenCase(ctx, v, *w)
		if err != nil {
			return fmt.Errorf("open a case for a visit: %w", err)
		}
		out, err = q.toOffice(ctx, v, o, caseID)
		return err
	}
	var err error
	if db.InWhole(ctx) {
		err = run(ctx)
	} else {
		err = q.db.Whole(ctx, db.Whole{
			Begin: func(context.Context, *db.Tx) error { return nil },
			End:   func(_ context.Context, _ *db.Tx, result error) error { return result }, // both, or neither
		}, run)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// officeWork checks all that could refuse the verb, and locks the room, so that
// nothing does once the case is open.
func (q *Queue) officeWork(ctx context.Context, v inbox.Viewer, o ToOffice) (*Result, *OfficeWork, error) {
	var work *OfficeWork
	done, err := q.act(ctx, v, o.Act, OfficeVerb, func(ctx context.Context, r *room, s *Step) (*Result, error) {
		t, err := r.ticket(ctx, s.TicketID)
		if err != nil {
			return nil, err
		}
		office := o.OfficeID
		if office == 0 {
			office = r.h.Service(s.ServiceID).OfficeID
		}
		var known int
		if err := r.tx.NewRaw("SELECT count(*) FROM offices WHERE id = ?", office).Scan(ctx, &known); err != nil {
			return nil, fmt.Errorf("look for the office: %w", err)
		}
		if known == 0 {
			return nil, invalid("office", "unknown")
		}
		caseID := o.CaseID
		if caseID == 0 {
			caseID = t.CaseID
		}
		work = &OfficeWork{
			Key: "step-" + strconv.FormatInt(s.ID, 10), TicketID: t.ID, StepID: s.ID, SiteID: t.SiteID, Label: t.Label, OfficeID: office, CaseID: caseID,
			CitizenID: t.CitizenID, IdentityID: t.IdentityID, AccountID: t.AccountID, Lang: t.Lang, Kind: o.Kind, Procedure: t.Procedure,
			Subject: o.Subject, Text: o.Text,
		}
		return nil, nil
	})
	return done, work, err
}

func (q *Queue) toOffice(ctx context.Context, v inbox.Viewer, o ToOffice, caseID int64) (*Result, error) {
	return q.act(ctx, v, o.Act, OfficeVerb, func(ctx context.Context, r *room, s *Step) (*Result, error) {
		t, err := r.ticket(ctx, s.TicketID)
		if err != nil {
			return nil, err
		}
		steps, err := r.stepsOf(ctx, s.TicketID)
		if err != nil {
			return nil, err
		}
		d := r.deed(OfficeVerb, s, by(v), o.Key)
		d.touchTicket(t)
		t.CaseID = caseID
		r.changeTicket(t)
		d.to()
		r.begin(s, ElsewhereSegment, r.now)
		s.Outcome, s.Note = "to_office", o.Note
		if booked(steps, 0) != nil {
			if err := r.goOn(ctx, d, steps, nil); err != nil {
				return nil, err
			}
		}
		return d.end("ticket.to_office", facts{To: o.OfficeID, Outcome: s.Outcome}), nil
	})
}

// SettleAnswered ends the visits whose matter an office has answered: its case is
// closed, or somebody of the staff wrote to the citizen since. Counter and back
// office together are one time, from the ticket to the answer. It is a chore and
// returns how many visits it ended.
func (q *Queue) SettleAnswered(ctx context.Context) (int, error) {
	var rows []struct {
		ID, SiteID int64
		At         clock.Instant
	}
	err := q.db.Read.NewRaw(`SELECT s.id, s.site_id, CASE WHEN c.status = 'closed' THEN c.closed_at ELSE
			(SELECT min(m.at) FROM messages AS m WHERE m.case_id = c.id AND m.direction = 'out' AND m.origin = 'operator' AND m.at > g.from_at) END AS at
		FROM tickets AS t JOIN steps AS s ON s.ticket_id = t.id AND s.state = 'transferred' AND s.ended_at = 0
		JOIN segments AS g ON g.step_id = s.id AND g.to_at = 0 AND g.undone_at = 0 AND g.kind = 'elsewhere'
		JOIN cases AS own ON own.id = t.case_id
		JOIN cases AS c ON c.id = CASE WHEN own.merged_into > 0 THEN own.merged_into ELSE own.id END
		WHERE t.case_id > 0 AND t.ended_at = 0 AND (c.status = 'closed' OR EXISTS
			(SELECT 1 FROM messages AS m WHERE m.case_id = c.id AND m.direction = 'out' AND m.origin = 'operator' AND m.at > g.from_at))
		ORDER BY s.id LIMIT 500`).Scan(ctx, &rows)
	if err != nil {
		return 0, fmt.Errorf("look for answered visits: %w", err)
	}
	for _, row := range rows {
		err := q.at(ctx, row.SiteID, want{steps: []int64{row.ID}}, func(ctx context.Context, r *room) error {
			s, err := r.step(ctx, row.ID)
			if err != nil || s.State != Transferred || s.EndedAt != 0 {
				return err
			}
			d := r.deed(AnswerVerb, s, automation, "")
			d.to()
			r.segment(s, "")
			s.Outcome = "answered"
			if err := r.settle(ctx, d, s.Outcome); err != nil {
				return err
			}
			d.end("ticket.answered", facts{Outcome: s.Outcome, Until: row.At, Arrived: s.ArrivedAt})
			return nil
		})
		if err != nil {
			return 0, fmt.Errorf("end an answered visit: %w", err)
		}
	}
	return len(rows), nil
}
