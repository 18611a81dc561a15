package inbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// timelineMax is how many messages a case shows at once, and eventsMax how many
// events beside them.
const (
	timelineMax = 200
	eventsMax   = 5 * timelineMax
)

// Entry is one thing on a case's timeline: a message, or an event.
type Entry struct {
	Message    *Message
	Parts      []*Part
	Former     []*Part // what former versions of the message had
	Deliveries []*Delivery
	TakenBack  bool
	Event      *Event // when Message is nil
}

// CaseView is all that the page of a case shows of the case itself.
type CaseView struct {
	Case        *Case
	Entries     []Entry                       // oldest first
	Older       string                        // cursor of what stands before; empty when this is all
	Versions    map[int64][]*MessageVersion   // what edited messages said before, by message, oldest first
	Receipts    map[int64][]*CertifiedReceipt // of certified mails of ours, by message, in the provider's order
	Registered  bool                          // the protocol register may know some of the messages
	Suggestions []CaseSuggestion
	Merged      []*Case                // cases that were put into this one
	Parent      *Case                  // the case that this one was put into, if it may be seen
	Checks      map[int64]*SenderCheck // of what a domain signed, by raw item
	Lookalikes  map[int64][]Lookalike  // by message
	Forwards    map[int64]*Forward     // by message
}

// ViewCase reads a case with its timeline. Reading is written to the events,
// once in ten minutes for an operator and a case.
func (in *Inbox) ViewCase(ctx context.Context, v Viewer, caseID int64) (*CaseView, error) {
	c, err := in.CaseByID(ctx, v, caseID)
	if err != nil {
		return nil, err
	}
	return in.view(ctx, v, c)
}

// ViewCaseByRef is ViewCase for the number that people say.
func (in *Inbox) ViewCaseByRef(ctx context.Context, v Viewer, ref string) (*CaseView, error) {
	c, err := in.CaseByRef(ctx, v, ref)
	if err != nil {
		return nil, err
	}
	return in.view(ctx, v, c)
}

func (in *Inbox) view(ctx context.Context, v Viewer, c *Case) (*CaseView, error) {
	has, err := in.asideOf(ctx, v, c)
	if err != nil {
		return nil, err
	}
	cv, err := in.viewCase(ctx, v, c, has)
	if err != nil {
		return nil, err
	}
	return cv, in.noteRead(ctx, v, "case.read", c.CitizenID, c.ID, c.OfficeID)
}

// aside is what few cases have: other cases put into them, cases that they may
// belong to, a draft of the viewer's. One question tells which, so that most
// pages put no other.
type aside struct{ registered, merged, suggested, drafted, alike, forwarded, copied bool }

func (in *Inbox) asideOf(ctx context.Context, v Viewer, c *Case) (has aside, err error) {
	err = in.db.Ask(ctx, `SELECT EXISTS (SELECT 1 FROM messages AS m JOIN register_states AS rs ON rs.message_id = m.id WHERE m.case_id = ?),
		EXISTS (SELECT 1 FROM cases WHERE merged_into = ? AND merged_into > 0),
		EXISTS (SELECT 1 FROM suggestions WHERE case_id = ? AND state = 'open'),
		EXISTS (SELECT 1 FROM drafts WHERE case_id = ? AND operator_id = ?),
		EXISTS (SELECT 1 FROM lookalikes WHERE case_id = ?), EXISTS (SELECT 1 FROM forwards WHERE case_id = ?),
		EXISTS (SELECT 1 FROM messages AS m JOIN copies AS cp ON cp.message_id = m.id WHERE m.case_id = ? AND m.direction = 'in' AND cp.account_id <> m.account_id)`,
		[]any{c.ID, c.ID, c.ID, c.ID, v.OperatorID, c.ID, c.ID, c.ID}, &has.registered, &has.merged, &has.suggested, &has.drafted, &has.alike, &has.forwarded, &has.copied)
	return has, err
}

// viewCase reads what belongs to a case that was read with the viewer's rights.
func (in *Inbox) viewCase(ctx context.Context, v Viewer, c *Case, has aside) (cv *CaseView, err error) {
	cv = &CaseView{Case: c, Registered: has.registered || has.merged}
	ids := []int64{c.ID}
	if has.merged {
		if cv.Merged, err = in.mergedCases(ctx, c.ID); err != nil {
			return nil, err
		}
		for _, m := range cv.Merged {
			ids = append(ids, m.ID)
		}
	}
	if c.MergedInto > 0 {
		if p, err := in.CaseByID(ctx, v, c.MergedInto); err == nil {
			cv.Parent = p
		}
	}
	if err := in.entries(ctx, v, cv, ids, has.copied || has.merged, nil); err != nil {
		return nil, err
	}
	if has.alike || has.merged {
		if cv.Lookalikes, err = in.lookalikesOf(ctx, ids); err != nil {
			return nil, err
		}
	}
	if has.forwarded || has.merged {
		if cv.Forwards, err = in.forwardsOf(ctx, ids); err != nil {
			return nil, err
		}
	}
	if has.suggested {
		cv.Suggestions, err = in.suggestions(ctx, v, c.ID)
	}
	return cv, err
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

// entries reads the newest messages of the cases, or the newest before a place on
// the timeline, with what belongs to them and what happened in between. copied tells
// that messages may have come by several of our mailboxes.
func (in *Inbox) entries(ctx context.Context, v Viewer, cv *CaseView, caseIDs []int64, copied bool, before *spot) error {
	of, cases := db.In(caseIDs)
	var messages []*Message
	end, args := before.condition("m", cases)
	err := in.db.Ask(ctx, fmt.Sprintf("SELECT m.* FROM messages AS m WHERE m.case_id IN (%s)%s ORDER BY m.at DESC, m.id DESC LIMIT %d", of, end, timelineMax+1), args, &messages)
	if err != nil {
		return err
	}
	var from clock.Instant
	if len(messages) > timelineMax {
		messages = messages[:timelineMax]
		first := messages[timelineMax-1]
		from, cv.Older = first.At, encodeCursor(first.At, first.ID)
	}
	slices.Reverse(messages)
	var withParts, edited, certified []int64
	out := false
	for _, m := range messages {
		if m.Parts > 0 || m.Version > 1 {
			withParts = append(withParts, m.ID)
		}
		if m.Version > 1 {
			edited = append(edited, m.ID)
		}
		out = out || m.Direction == Out
		if m.Direction == Out && m.Channel == "pec" {
			certified = append(certified, m.ID)
		}
	}
	parts, err := in.partsOf(ctx, withParts)
	if err != nil {
		return err
	}
	if cv.Versions, err = in.versionsOf(ctx, edited); err != nil {
		return err
	}
	if cv.Receipts, err = in.receiptsOf(ctx, certified); err != nil {
		return err
	}
	if cv.Checks, err = in.checksOf(ctx, messages); err != nil {
		return err
	}
	deliveries := map[int64][]*Delivery{}
	if out {
		var rows []*Delivery
		if err := in.db.Ask(ctx, "SELECT d.* FROM deliveries AS d WHERE d.case_id IN ("+of+") ORDER BY d.message_id, d.id", cases, &rows); err != nil {
			return err
		}
		for _, d := range rows {
			deliveries[d.MessageID] = append(deliveries[d.MessageID], d)
		}
	}
	if copied {
		if err := in.arrivals(ctx, v, messages); err != nil {
			return err
		}
	}
	if err := in.sameIDs(ctx, v, messages); err != nil {
		return err
	}
	events, err := in.eventsBetween(ctx, v, caseIDs, from, before)
	if err != nil {
		return err
	}
	cv.Entries = weave(messages, events, parts, deliveries)
	return nil
}

// eventsBetween reads what happened on cases from an instant on, up to a place on
// the timeline, oldest first. What messages tell by themselves is left out.
func (in *Inbox) eventsBetween(ctx context.Context, v Viewer, caseIDs []int64, from clock.Instant, before *spot) ([]*Event, error) {
	of, args := db.In(caseIDs)
	where, told := toldOf(v, "e")
	args = append(args, told...)
	if from > 0 {
		where, args = where+" AND e.at >= ?", append(args, from)
	}
	if before != nil {
		where, args = where+" AND e.at < ?", append(args, before.at)
	}
	var events []*Event
	err := in.db.Ask(ctx, fmt.Sprintf(`SELECT e.* FROM events AS e WHERE e.case_id IN (%s) AND e.case_id > 0
		AND e.kind NOT IN ('case.read','message.received','message.sent','note.added') AND %s ORDER BY e.id DESC LIMIT %d`, of, where, eventsMax), args, &events)
	slices.Reverse(events)
	return events, err
}

// partsOf reads the parts of messages and of their former versions, without their bytes.
func (in *Inbox) partsOf(ctx context.Context, messages []int64) (map[int64][]*Part, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	var rows []*Part
	of, args := db.In(messages)
	err := in.db.Ask(ctx, "SELECT "+db.Columns[Part](in.db, "p", "data")+" FROM parts AS p WHERE p.message_id IN ("+of+") ORDER BY p.message_id, p.ord", args, &rows)
	out := map[int64][]*Part{}
	for _, p := range rows {
		out[p.MessageID] = append(out[p.MessageID], p)
	}
	if err == nil {
		err = in.verdicts(ctx, rows)
	}
	return out, err
}

// versionsOf reads what messages said before, oldest first.
func (in *Inbox) versionsOf(ctx context.Context, messages []int64) (map[int64][]*MessageVersion, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	var rows []*MessageVersion
	err := in.db.Read.NewSelect().Model(&rows).Where("mv.message_id IN (?)", bun.List(messages)).OrderExpr("mv.message_id, mv.version").Scan(ctx)
	out := map[int64][]*MessageVersion{}
	for _, w := range rows {
		out[w.MessageID] = append(out[w.MessageID], w)
	}
	return out, err
}

// weave puts messages and events into one line, oldest first, and what has one instant in
// the order of cause and effect (follows).
func weave(messages []*Message, events []*Event, parts map[int64][]*Part, deliveries map[int64][]*Delivery) []Entry {
	out := make([]Entry, 0, len(messages)+len(events))
	takenBack := map[int64]bool{}
	for _, e := range events {
		if e.Kind == "message.taken_back" {
			takenBack[e.MessageID] = true
		}
	}
	i := 0
	for _, m := range messages {
		for i < len(events) && (events[i].At < m.At || events[i].At == m.At && follows(m, events[i])) {
			out = append(out, Entry{Event: events[i]})
			i++
		}
		now, former := ofToday(parts[m.ID])
		out = append(out, Entry{Message: m, Parts: now, Former: former, Deliveries: deliveries[m.ID], TakenBack: takenBack[m.ID]})
	}
	for ; i < len(events); i++ {
		out = append(out, Entry{Event: events[i]})
	}
	return out
}

// follows reports whether a message comes of what happened at the very instant: a case is
// opened, and then something leaves on it; and what the program writes by itself it writes
// because of something. What tells of the message comes after it.
func follows(m *Message, e *Event) bool {
	return m.Direction == Out && e.MessageID != m.ID && (e.Kind == "case.opened" || m.Auto != "")
}

// ofToday parts what a message has from what its former versions had.
func ofToday(parts []*Part) (now, former []*Part) {
	for _, p := range parts {
		if p.Former == 0 {
			now = append(now, p)
		} else {
			former = append(former, p)
		}
	}
	return now, former
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

// Message is one message of a case that the viewer may see, or of one that was put into
// such a case.
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
	if _, err := in.caseOf(ctx, v, m); err != nil {
		return nil, err
	}
	return m, nil
}

// Versions are what a message said before, oldest first, and the files that it had and
// has not any more, each of the last version that had it.
func (in *Inbox) Versions(ctx context.Context, v Viewer, messageID int64) ([]*MessageVersion, []*Part, error) {
	if _, err := in.Message(ctx, v, messageID); err != nil {
		return nil, nil, err
	}
	all, err := in.versionsOf(ctx, []int64{messageID})
	if err != nil {
		return nil, nil, err
	}
	parts, err := in.partsOf(ctx, []int64{messageID})
	_, former := ofToday(parts[messageID])
	return all[messageID], former, err
}

// RawMessage is the message as it came, byte for byte, for download.
func (in *Inbox) RawMessage(ctx context.Context, v Viewer, messageID int64) (body []byte, contentType string, err error) {
	m, err := in.Message(ctx, v, messageID)
	if err != nil {
		return nil, "", err
	}
	if m.ErasedAt > 0 { // its original may be there still, for another message
		return nil, "", ErrNotFound
	}
	r := new(Raw)
	if err := in.db.Read.NewSelect().Model(r).Where("r.id = ?", m.RawID).Scan(ctx); err != nil {
		return nil, "", notFound(err)
	}
	if err := in.mayOpenRaw(ctx, m); err != nil {
		return nil, "", err
	}
	body, err = in.rawBody(ctx, r)
	return body, r.ContentType, err
}
