package inbox

import (
	"context"
	"slices"

	"filodiretto/channels"
)

// own files what our own people wrote with another program (a Sent folder, an
// answer from a mail client): outgoing, by staff outside the hub, on the case
// that it refers to, and never a contact's (inbox.md 4.7). What refers to no
// case of this mailbox, or was written for somebody else, waits for a person, who
// attaches it to one, or lets it in (letOwnIn; else as of somebody unknown).
func (f *filing) own(ctx context.Context, r *reading, i int) error {
	it := &r.items[i]
	if id, ok := f.knownAs(r, it); ok {
		f.addCopy(id, r, it)
		return nil
	}
	to, err := f.writtenFor(ctx, it)
	if err != nil {
		return err
	}
	c := f.ownCase(r, it)
	if to.Value != "" { // else somebody's words would stand there as ours
		c = nil
	}
	switch {
	case c == nil && r.force:
		r.key = f.messageKey(r, it) // whose it says to be belongs to it
		it.Kind, it.From = channels.Message, unknownSender(r.raw.ID, "")
		return f.message(ctx, r, i)
	case c == nil:
		f.toQuarantine(r, i, "own_address", it)
		return nil
	}
	m := f.newMessage(r, it, &Identity{CitizenID: c.CitizenID})
	m.CaseID, m.AnswersID, m.Direction, m.Origin = c.ID, f.answered(it, c), Out, FromExternal
	f.remember(f.messageKey(r, it), it, m)
	f.messages = append(f.messages, m)
	f.refer(it.ExternalID, place{m.ID, c.ID, f.acc.ID, false})
	f.addParts(m, it, r.facts[i].files)
	f.addCopy(m.ID, r, it)
	f.words = append(f.words, searchRow{m.ID, r.facts[i].words})
	if m.At >= c.LastAt {
		c.LastAt, c.LastMessageID, c.Channel, c.Snippet = m.At, m.ID, m.Channel, snippet(m.Text)
	}
	f.changedCases[c.ID] = c
	e := NewEvent(f.tx, f.in.clock, "message.sent_outside", nil)
	e.CitizenID, e.CaseID, e.MessageID, e.OfficeID = c.CitizenID, c.ID, m.ID, c.OfficeID
	f.events = append(f.events, e)
	return nil
}

// ownCase is the case of what our own people wrote: the one that a person chose, if
// nothing says that it is not ours, or one of this mailbox that it refers to.
func (f *filing) ownCase(r *reading, it *channels.Item) *Case {
	if r.force && unconfirmed(it) {
		return nil
	}
	if r.attach > 0 {
		return f.cases[r.attach]
	}
	list := f.candidates(it)
	for _, cand := range list {
		c := f.parent(cand.c)
		if !f.sameMailbox(c) || cand.weak || f.contested(list, cand) && !f.writesTo(it, c) {
			continue
		}
		return c
	}
	return nil
}

// contested reports whether another case has a mail with the id by which this one is
// meant.
func (f *filing) contested(list []candidate, cand candidate) bool {
	return cand.ref != "" && slices.ContainsFunc(list, func(x candidate) bool { return x.ref == cand.ref && f.parent(x.c) != f.parent(cand.c) })
}

// writesTo reports whether a mail goes to somebody who takes part in a case.
func (f *filing) writesTo(it *channels.Item, c *Case) bool {
	return slices.ContainsFunc(slices.Concat(it.To, it.Cc), func(a channels.Address) bool {
		id := f.identities[f.addressKey(a)]
		return id != nil && f.takesPart(c, id)
	})
}
