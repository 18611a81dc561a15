package queue

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Act names the step that a verb is for.
type Act struct {
	StepID  int64
	Version int64  // of the step as seen; 0 when the caller did not look
	Key     string // the same key twice is one act; empty for an act that nothing repeats
}

// Result is what a verb did.
type Result struct {
	Ticket    *Ticket
	Step      *Step
	New       *Step         // that a transfer or a second service made
	VerbID    int64         // for Undo
	UndoUntil clock.Instant // 0 for what cannot be taken back
	CallID    int64         // of a call
	Repeated  bool          // it had been done before, under the same key
}

// actor is who does a verb.
type actor struct {
	kind     string // "operator", "citizen", "automation"
	operator int64
}

var automation = actor{kind: "automation"}

func by(v inbox.Viewer) actor {
	if v.OperatorID == 0 {
		return automation
	}
	return actor{"operator", v.OperatorID}
}

// verbKey makes a repeated act the same act: an operator's keys are the
// operator's own, a citizen's are of the ticket.
type verbKey struct {
	operator int64
	key      string
}

// StepVerb is one act of somebody.
type StepVerb struct {
	bun.BaseModel `bun:"table:step_verbs,alias:vb"`

	ID         int64 `bun:",pk"`
	StepID     int64
	Verb       Verb
	Actor      string
	OperatorID int64
	IdemKey    string
	Version    int64  // of the step after the act
	Before     string // JSON of former
	At         clock.Instant
	UndoneAt   clock.Instant
}

// former is what undo puts back.
type former struct {
	Steps  []formerStep  `json:"steps"`            // the verb's own first
	Made   []int64       `json:"made,omitempty"`   // steps that it made
	Passed []int64       `json:"passed,omitempty"` // steps that let this one pass
	Ticket *formerTicket `json:"ticket,omitempty"` // when the act changed it
	Call   int64         `json:"call,omitempty"`   // which it announced
}

// formerStep is a step as it was, and the version that the act gave it.
type formerStep struct {
	ID, After     int64
	State         State
	EligibleAt    clock.Instant `json:",omitempty"`
	NotBefore     clock.Instant `json:",omitempty"`
	LetPass       int           `json:",omitempty"`
	CounterID     int64         `json:",omitempty"`
	SittingID     int64         `json:",omitempty"`
	Calls         int           `json:",omitempty"`
	FirstCalledAt clock.Instant `json:",omitempty"`
	CalledAt      clock.Instant `json:",omitempty"`
	WarnedAt      clock.Instant `json:",omitempty"`
	ServedAt      clock.Instant `json:",omitempty"`
	EndedAt       clock.Instant `json:",omitempty"`
	Outcome       string        `json:",omitempty"`
	Note          string        `json:",omitempty"`
	Missing       string        `json:",omitempty"`
}

type formerTicket struct {
	EndedAt   clock.Instant `json:",omitempty"`
	Outcome   string        `json:",omitempty"`
	PresentAt clock.Instant `json:",omitempty"`
	CaseID    int64         `json:",omitempty"`
}

func formerOf(s *Step) formerStep {
	return formerStep{
		ID: s.ID, State: s.State, EligibleAt: s.EligibleAt, NotBefore: s.NotBefore, LetPass: s.LetPass, CounterID: s.CounterID, SittingID: s.SittingID,
		Calls: s.Calls, FirstCalledAt: s.FirstCalledAt, CalledAt: s.CalledAt, WarnedAt: s.WarnedAt, ServedAt: s.ServedAt,
		EndedAt: s.EndedAt, Outcome: s.Outcome, Note: s.Note, Missing: s.Missing,
	}
}

// putBack makes s what it was.
func (f formerStep) putBack(s *Step) {
	s.State, s.EligibleAt, s.NotBefore, s.LetPass = f.State, f.EligibleAt, f.NotBefore, f.LetPass
	s.CounterID, s.SittingID, s.Calls = f.CounterID, f.SittingID, f.Calls
	s.FirstCalledAt, s.CalledAt, s.WarnedAt, s.ServedAt = f.FirstCalledAt, f.CalledAt, f.WarnedAt, f.ServedAt
	s.EndedAt, s.Outcome, s.Note, s.Missing = f.EndedAt, f.Outcome, f.Note, f.Missing
}

// didVerb is an act within a turn.
type didVerb struct {
	row    *StepVerb
	former former
	steps  []*Step // those of former.Steps
	ticket int64
}

// did finds an act that was done under the key before.
func (r *room) did(ctx context.Context, k verbKey) (*didVerb, error) {
	if k.key == "" {
		return nil, nil
	}
	if err := r.loadVerbs(ctx, []verbKey{k}); err != nil {
		return nil, err
	}
	return r.done[k], nil
}

func (r *room) loadVerbs(ctx context.Context, keys []verbKey) error {
	var ask []verbKey
	for _, k := range keys {
		if _, known := r.done[k]; !known && k.key != "" {
			ask = append(ask, k)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	q := r.tx.NewSelect().Model((*StepVerb)(nil))
	for _, k := range ask {
		q = q.WhereOr("vb.operator_id = ? AND vb.idem_key = ?", k.operator, k.key)
		r.done[k] = nil
	}
	var rows []*StepVerb
	if err := q.Scan(ctx, &rows); err != nil {
		return fmt.Errorf("read what was done: %w", err)
	}
	for _, v := range rows {
		r.done[verbKey{v.OperatorID, v.IdemKey}] = &didVerb{row: v}
	}
	return nil
}

// deed is a verb that is being done: begin it before the step is changed, then
// change the step, then end it.
type deed struct {
	*didVerb
	r    *room
	s    *Step
	from State
	by   actor
}

// deed begins a verb on a step, which must be in a state that the verb is for.
func (r *room) deed(verb Verb, s *Step, by actor, key string) *deed {
	d := &deed{
		didVerb: &didVerb{
			row: &StepVerb{
				ID: db.NewID(r.q.clock), StepID: s.ID, Verb: verb, Actor: by.kind, OperatorID: by.operator, IdemKey: key, At: r.now,
			},
			ticket: s.TicketID,
		},
		r: r, s: s, from: s.State, by: by,
	}
	if key == "" {
		d.row.IdemKey = fmt.Sprintf("#%d", d.row.ID)
	}
	d.touch(s)
	return d
}

// touch remembers a step as it is before the act changes it.
func (d *deed) touch(s *Step) {
	d.former.Steps = append(d.former.Steps, formerOf(s))
	d.steps = append(d.steps, s)
}

// touchTicket remembers the ticket before the act changes it, once.
func (d *deed) touchTicket(t *Ticket) {
	if d.former.Ticket == nil {
		d.former.Ticket = &formerTicket{EndedAt: t.EndedAt, Outcome: t.Outcome, PresentAt: t.PresentAt, CaseID: t.CaseID}
	}
}

// to moves the deed's step into the state that the verb leads to, and its segments
// along.
func (d *deed) to() {
	to, ok := d.row.Verb.After(d.s.State)
	if !ok {
		panic("queue: " + string(d.row.Verb) + " of " + string(d.s.State)) // check comes first
	}
	d.r.move(d.s, to)
}

// move puts a step into a state and its segments along.
func (r *room) move(s *Step, to State) {
	was := s.State.segment()
	if s.Away() {
		was = AwaySegment
	}
	s.State = to
	is := to.segment()
	if s.Away() {
		is = AwaySegment
	}
	if was != is || to.atCounter() && was == "" {
		r.segment(s, is)
	}
	if !to.goesOn() && to != Booked && to != Transferred {
		s.EndedAt = r.now
	}
}

// end keeps the deed, with an event of the given kind, and tells open pages.
func (d *deed) end(kind string, f facts) *Result {
	r := d.r
	for i, s := range d.steps {
		r.change(s)
		d.former.Steps[i].After = s.Version
	}
	d.row.Version = d.s.Version
	b, err := json.Marshal(d.former)
	if err != nil {
		panic("queue: " + err.Error()) // numbers and codes only
	}
	d.row.Before = string(b)
	f.Verb, f.From = d.row.ID, d.from
	r.stepEvent(kind, d.s, d.by, f)
	r.verbs = append(r.verbs, d.didVerb)
	if d.row.IdemKey[0] != '#' {
		r.done[verbKey{d.row.OperatorID, d.row.IdemKey}] = d.didVerb
	}
	out := &Result{VerbID: d.row.ID, CallID: d.former.Call}
	if d.by.kind == "operator" && d.row.Verb != OfficeVerb && d.row.Verb != UndoVerb {
		out.UndoUntil = r.now.Add(r.q.undo)
	}
	r.fill(out, d.s)
	return out
}

// fill gives a result copies of the rows as they are at this moment; the ticket
// when all is known.
func (r *room) fill(out *Result, s *Step) {
	step := *s
	out.Step = &step
	r.finishing = append(r.finishing, func() {
		if k := r.tickets[step.TicketID]; k != nil {
			t := *k.row
			out.Ticket = &t
		}
	})
}

// again answers a repeated act with things as they are now.
func (r *room) again(ctx context.Context, d *didVerb, verb Verb) (*Result, error) {
	if d.row.Verb != verb {
		return nil, invalid("key", "used")
	}
	s, err := r.step(ctx, d.row.StepID)
	if err != nil {
		return nil, err
	}
	out := &Result{VerbID: d.row.ID, Repeated: true}
	if d.row.Actor == "operator" && d.row.UndoneAt == 0 {
		out.UndoUntil = d.row.At.Add(r.q.undo)
	}
	var f former
	if err := json.Unmarshal([]byte(d.row.Before), &f); err != nil {
		return nil, fmt.Errorf("read what was done: %w", err)
	}
	out.CallID = f.Call
	if len(f.Made) > 0 {
		made, err := r.step(ctx, f.Made[0])
		if err != nil {
			return nil, err
		}
		c := *made
		out.New = &c
	}
	r.fill(out, s)
	return out, nil
}
