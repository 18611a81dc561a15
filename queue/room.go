package queue

import (
	"context"
	"fmt"
	"slices"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/secret"
)

// room is a site within a transaction: the rows that the commands of a turn look
// at and change. What was changed is written by store, table by table. The site's
// row is locked meanwhile, also against other machines.
type room struct {
	q       *Queue
	tx      *db.Tx
	now     clock.Instant
	h       *House
	today   Day
	changes int // how many times something was changed

	session *Session
	newDay  bool // the session is to be inserted
	endings []*Session

	tickets  map[int64]*known[Ticket]
	steps    map[int64]*known[Step]
	ofTicket map[int64][]*Step    // all steps of a ticket, for those that were loaded
	sittings map[int64]*Sitting   // by counter; nil when nobody sits there
	sitsAt   map[int64]*Sitting   // by operator; nil when sitting nowhere
	issued   map[string]*Ticket   // by idempotency key; nil when there is none
	done     map[verbKey]*didVerb // by key; nil when not done yet
	lines    map[lineKey]*line
	bound    bool           // those who wait for one counter alone were read
	looked   map[int64]bool // counters of which it is known who is there
	numbers  map[numberKey]*counting
	numbered []Day         // whose numbers were read
	counted  map[int64]int // tickets of today by service as stored, where it was asked
	taken    map[int64]int // and those of this turn
	waiting  int           // who waits as stored; -1 when it was not asked
	callers  int           // commands in this turn that call

	newSittings, changedSittings []*Sitting

	segments  []*Segment         // new ones
	running   map[int64]*Segment // the open one of a step, when it is new
	closing   map[int64]bool     // steps whose stored open segment ends now
	calls     []*callDraft
	verbs     []*didVerb
	undone    undone
	warned    []int64 // stuck steps of which somebody was told
	events    []*eventDraft
	news      []*newsDraft
	finishing []func()  // after all rows are known
	written   []written // to be sent
}

// known is a row with the version that is stored, 0 for a new one.
type known[T any] struct {
	row     *T
	stored  int64
	changed bool
}

// enter locks a site and makes its room. The instant of all that happens in it is
// that of having the lock, so that who comes later is later.
func (q *Queue) enter(ctx context.Context, tx *db.Tx, siteID int64) (*room, error) {
	query := "SELECT version FROM sites WHERE id = ? AND closed_at = 0"
	if tx.Postgres {
		query += " FOR NO KEY UPDATE"
	}
	var version int64
	if err := tx.NewRaw(query, siteID).Scan(ctx, &version); err != nil {
		return nil, notFound(err)
	}
	tx.Now = q.clock.Now()
	h, err := q.house(ctx, tx, siteID, version)
	if err != nil {
		return nil, err
	}
	r := &room{
		q: q, tx: tx, now: tx.Now, h: h, today: h.Today(tx.Now),
		tickets: map[int64]*known[Ticket]{}, steps: map[int64]*known[Step]{}, ofTicket: map[int64][]*Step{},
		sittings: map[int64]*Sitting{}, sitsAt: map[int64]*Sitting{}, issued: map[string]*Ticket{}, done: map[verbKey]*didVerb{},
		counted: map[int64]int{}, waiting: -1, lines: map[lineKey]*line{}, looked: map[int64]bool{},
		numbers: map[numberKey]*counting{}, taken: map[int64]int{}, running: map[int64]*Segment{}, closing: map[int64]bool{},
	}
	return r, r.loadSession(ctx)
}

// loadSession reads today's session. A day that nobody opened yet is opened by
// the first change (openDay). A day before that was never ended, since nothing ran
// that night, is ended now: nobody is called who waited yesterday.
func (r *room) loadSession(ctx context.Context) error {
	var sessions []*Session
	err := r.tx.NewSelect().Model(&sessions).Where("ss.site_id = ? AND (ss.day = ? OR ss.ended_at = 0)", r.h.Site.ID, r.today).
		OrderExpr("ss.day").Scan(ctx)
	if err != nil {
		return fmt.Errorf("the site's day: %w", err)
	}
	for _, s := range sessions {
		switch {
		case s.Day == r.today:
			r.session = s
		case s.Day < r.today:
			if err := r.endDay(ctx, s, automation, "next_day"); err != nil {
				return fmt.Errorf("end the day before: %w", err)
			}
		}
	}
	return nil
}

// openDay makes sure that today has a session. It does not open an ended day again.
func (r *room) openDay() *Session {
	if r.session == nil {
		r.session = &Session{SiteID: r.h.Site.ID, Day: r.today, OpenedAt: r.now, Seed: secret.Token(16)}
		r.newDay = true
		r.changes++
		r.siteEvent("queue.day_opened", automation, facts{})
	}
	return r.session
}

// dayEnded reports whether today was ended already.
func (r *room) dayEnded() bool { return r.session != nil && r.session.EndedAt != 0 }

// step gives a step of this site.
func (r *room) step(ctx context.Context, id int64) (*Step, error) {
	if r.steps[id] == nil {
		if err := r.loadSteps(ctx, []int64{id}); err != nil {
			return nil, err
		}
	}
	k := r.steps[id]
	if k == nil || k.row.SiteID != r.h.Site.ID {
		return nil, ErrNotFound
	}
	return k.row, nil
}

// ticket gives a ticket of this site.
func (r *room) ticket(ctx context.Context, id int64) (*Ticket, error) {
	if r.tickets[id] == nil {
		if err := r.loadTickets(ctx, []int64{id}); err != nil {
			return nil, err
		}
	}
	k := r.tickets[id]
	if k == nil || k.row.SiteID != r.h.Site.ID {
		return nil, ErrNotFound
	}
	return k.row, nil
}

// stepsOf gives all steps of a ticket, in their order.
func (r *room) stepsOf(ctx context.Context, ticketID int64) ([]*Step, error) {
	if r.ofTicket[ticketID] == nil {
		if err := r.loadVisits(ctx, []int64{ticketID}); err != nil {
			return nil, err
		}
	}
	return r.ofTicket[ticketID], nil
}

// change marks a step as changed. Call it after the change, once for each verb.
func (r *room) change(s *Step) {
	s.Version++
	r.steps[s.ID].changed = true
	r.changes++
}

// changeTicket marks a ticket as changed.
func (r *room) changeTicket(t *Ticket) {
	t.Version++
	r.tickets[t.ID].changed = true
	r.changes++
}

// addStep puts a new step into the room.
func (r *room) addStep(s *Step) {
	r.steps[s.ID] = &known[Step]{row: s, changed: true}
	r.ofTicket[s.TicketID] = append(r.ofTicket[s.TicketID], s)
	r.changes++
}

// addTicket puts a new ticket into the room.
func (r *room) addTicket(t *Ticket) {
	r.tickets[t.ID] = &known[Ticket]{row: t, changed: true}
	r.ofTicket[t.ID] = []*Step{}
	r.changes++
}

// keepStep takes a stored step in, unless it is known already, perhaps changed.
func (r *room) keepStep(s *Step) *Step {
	if k := r.steps[s.ID]; k != nil {
		return k.row
	}
	r.steps[s.ID] = &known[Step]{row: s, stored: s.Version}
	return s
}

// keepTicket takes a stored ticket in, unless it is known already.
func (r *room) keepTicket(t *Ticket) *Ticket {
	if k := r.tickets[t.ID]; k != nil {
		return k.row
	}
	r.tickets[t.ID] = &known[Ticket]{row: t, stored: t.Version}
	return t
}

// segment ends the phase in which a step was, and begins another; an empty kind
// begins none.
func (r *room) segment(s *Step, kind SegmentKind) {
	if open := r.running[s.ID]; open != nil {
		open.ToAt = max(r.now, open.FromAt)
		delete(r.running, s.ID)
	} else if r.steps[s.ID].stored > 0 {
		r.closing[s.ID] = true
	}
	if kind == "" {
		return
	}
	r.begin(s, kind, r.now)
}

// begin appends an open segment.
func (r *room) begin(s *Step, kind SegmentKind, from clock.Instant) *Segment {
	g := &Segment{ID: db.NewID(r.q.clock), StepID: s.ID, Kind: kind, FromAt: from}
	if kind == CalledSegment || kind == ServingSegment {
		g.CounterID = s.CounterID
	}
	r.segments = append(r.segments, g)
	r.running[s.ID] = g
	return g
}

// current is the step of a ticket that goes on, or nil.
func current(steps []*Step) *Step {
	i := slices.IndexFunc(steps, func(s *Step) bool { return s.State.goesOn() })
	if i < 0 {
		return nil
	}
	return steps[i]
}
