package inbox

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// timelineMax is how many of the newest messages a case shows at once.
const timelineMax = 200

// Entry is one thing on a case's timeline: a message, or an event.
type Entry struct {
	Message    *Message
	Parts      []*Part
	Deliveries []*Delivery
	TakenBack  bool
	Event      *Event // when Message is nil
}

// CaseView is all that the page of a case shows, but for the person.
type CaseView struct {
	Case        *Case
	Entries     []Entry // oldest first
	Older       bool    // there are older messages than timelineMax
	Suggestions []CaseSuggestion
	Merged      []*Case // cases that were put into this one
	Parent      *Case   // the case that this one was put into, if it may be seen
	Copies      []Copy  // by which accounts the newest message came, when several
}

// ViewCase reads a case with its timeline. Reading is written to the events,
// once in ten minutes for an operator and a case.
func (in *Inbox) ViewCase(ctx context.Context, v Viewer, caseID int64) (*CaseView, error) {
	c, err := findCase(ctx, in.db.Read, v, caseID)
	if err != nil {
		return nil, err
	}
	cv := &CaseView{Case: c}
	if cv.Merged, err = in.mergedCases(ctx, c.ID); err != nil {
		return nil, err
	}
	if c.MergedInto > 0 {
		if p, err := findCase(ctx, in.db.Read, v, c.MergedInto); err == nil {
			cv.Parent = p
		}
	}
	ids := []int64{c.ID}
	for _, m := range cv.Merged {
		ids = append(ids, m.ID)
	}
	if err := in.entries(ctx, cv, ids); err != nil {
		return nil, err
	}
	if cv.Suggestions, err = in.suggestions(ctx, v, c.ID); err != nil {
		return nil, err
	}
	return cv, in.noteRead(ctx, v, "case.read", c.CitizenID, c.ID, c.OfficeID)
}

// mergedCases are the cases that were put into a case, and into those in turn:
// what was said on any of them is read where it is answered.
func (in *Inbox) mergedCases(ctx context.Context, caseID int64) ([]*Case, error) {
	var all []*Case
	for from := []int64{caseID}; len(from) > 0; {
		var more []*Case
		err := in.db.Read.NewSelect().Model(&more).Where("c.merged_into IN (?) AND c.merged_into > 0", bun.List(from)).OrderExpr("c.id").Scan(ctx)
		if err != nil {
			return nil, err
		}
		from = from[:0]
		for _, c := range more {
			from = append(from, c.ID)
		}
		all = append(all, more...)
	}
	return all, nil
}

func (in *Inbox) entries(ctx context.Context, cv *CaseView, caseIDs []int64) error {
	var messages []*Message
	err := in.db.Read.NewSelect().Model(&messages).Where("m.case_id IN (?)", bun.List(caseIDs)).
		OrderExpr("m.at DESC, m.id DESC").Limit(timelineMax + 1).Scan(ctx)
	if err != nil {
		return err
	}
	if cv.Older = len(messages) > timelineMax; cv.Older {
		messages = messages[:timelineMax]
	}
	slices.Reverse(messages)
	ids := make([]int64, len(messages))
	withParts := false
	withOut := false
	for i, m := range messages {
		ids[i] = m.ID
		withParts = withParts || m.Parts > 0
		withOut = withOut || m.Direction == Out
	}
	parts, deliveries := map[int64][]*Part{}, map[int64][]*Delivery{}
	if withParts {
		var rows []*Part
		if err := in.db.Read.NewSelect().Model(&rows).ExcludeColumn("data").Where("p.message_id IN (?)", bun.List(ids)).OrderExpr("p.message_id, p.ord").Scan(ctx); err != nil {
			return err
		}
		for _, p := range rows {
			parts[p.MessageID] = append(parts[p.MessageID], p)
		}
	}
	if withOut {
		var rows []*Delivery
		if err := in.db.Read.NewSelect().Model(&rows).Where("d.case_id IN (?)", bun.List(caseIDs)).OrderExpr("d.message_id, d.id").Scan(ctx); err != nil {
			return err
		}
		for _, d := range rows {
			deliveries[d.MessageID] = append(deliveries[d.MessageID], d)
		}
	}
	var events []*Event
	err = in.db.Read.NewSelect().Model(&events).Where("e.case_id IN (?) AND e.case_id > 0", bun.List(caseIDs)).
		Where("e.kind NOT IN ('case.read','message.received','message.sent','note.added')").OrderExpr("e.id DESC").Limit(timelineMax).Scan(ctx)
	if err != nil {
		return err
	}
	slices.Reverse(events)
	cv.Entries = weave(messages, events, parts, deliveries, cv.Older)
	return nil
}

// weave puts messages and events into one line, oldest first. Events older than
// the oldest message shown are left out when older messages are.
func weave(messages []*Message, events []*Event, parts map[int64][]*Part, deliveries map[int64][]*Delivery, cut bool) []Entry {
	out := make([]Entry, 0, len(messages)+len(events))
	takenBack := map[int64]bool{}
	for _, e := range events {
		if e.Kind == "message.taken_back" {
			takenBack[e.MessageID] = true
		}
	}
	i := 0
	for _, m := range messages {
		for i < len(events) && events[i].At < m.At {
			if !cut || len(out) > 0 {
				out = append(out, Entry{Event: events[i]})
			}
			i++
		}
		out = append(out, Entry{Message: m, Parts: parts[m.ID], Deliveries: deliveries[m.ID], TakenBack: takenBack[m.ID]})
	}
	for ; i < len(events); i++ {
		out = append(out, Entry{Event: events[i]})
	}
	return out
}

// noteRead appends that an operator read a person's data, once in ten minutes
// for the same thing: who looked at what must be told to whoever asks.
func (in *Inbox) noteRead(ctx context.Context, v Viewer, kind string, citizenID, caseID, officeID int64) error {
	if v.System || v.OperatorID == 0 {
		return nil
	}
	key := readKey{v.OperatorID, citizenID, caseID}
	if !in.reads.first(key, in.clock.Now()) {
		return nil
	}
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e := v.event(NewEvent(tx, in.clock, kind, nil))
		e.CitizenID, e.CaseID, e.OfficeID = citizenID, caseID, officeID
		return AppendEvents(ctx, tx, e)
	})
	if err != nil {
		in.reads.forget(key)
	}
	return err
}

// FilePart is a file for download, after the viewer's right to its case was checked.
func (in *Inbox) FilePart(ctx context.Context, v Viewer, partID int64) (*Part, *Message, error) {
	p := new(Part)
	if err := in.db.Read.NewSelect().Model(p).Where("p.id = ?", partID).Scan(ctx); err != nil {
		return nil, nil, notFound(err)
	}
	m, err := in.Message(ctx, v, p.MessageID)
	if err != nil {
		return nil, nil, err
	}
	return p, m, nil
}

// Message is one message of a case that the viewer may see.
func (in *Inbox) Message(ctx context.Context, v Viewer, id int64) (*Message, error) {
	m := new(Message)
	if err := in.db.Read.NewSelect().Model(m).Where("m.id = ?", id).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	if m.CaseID == 0 {
		if !v.FrontDesk && !v.System {
			return nil, ErrNotFound
		}
		return m, nil
	}
	if _, err := findCase(ctx, in.db.Read, v, m.CaseID); err != nil {
		return nil, err
	}
	return m, nil
}

// Versions are what a message said before, oldest first.
func (in *Inbox) Versions(ctx context.Context, v Viewer, messageID int64) ([]*MessageVersion, error) {
	if _, err := in.Message(ctx, v, messageID); err != nil {
		return nil, err
	}
	var out []*MessageVersion
	err := in.db.Read.NewSelect().Model(&out).Where("mv.message_id = ?", messageID).OrderExpr("mv.version").Scan(ctx)
	return out, err
}

// RawMessage is the message as it came, byte for byte, for download.
func (in *Inbox) RawMessage(ctx context.Context, v Viewer, messageID int64) (body []byte, contentType string, err error) {
	m, err := in.Message(ctx, v, messageID)
	if err != nil {
		return nil, "", err
	}
	r := new(Raw)
	if err := in.db.Read.NewSelect().Model(r).Where("r.id = ?", m.RawID).Scan(ctx); err != nil {
		return nil, "", notFound(err)
	}
	body, err = in.rawBody(ctx, r)
	return body, r.ContentType, err
}
