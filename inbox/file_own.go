package inbox

import (
	"filodiretto/channels"
)

// own files what our own people wrote with another program (a Sent folder, an
// answer from a mail client): outgoing, by staff outside the hub, on the case
// that it refers to, and never a contact's (inbox.md 4.7). What refers to no
// case of this mailbox waits for a person.
func (f *filing) own(r *reading, i int) {
	it := &r.items[i]
	key := f.messageKey(r, it)
	if id, ok := f.known[key]; ok {
		f.addCopy(id, r)
		return
	}
	c := f.ownCase(it)
	if c == nil {
		f.toQuarantine(r, i, "own_address", it)
		return
	}
	m := f.newMessage(r, it, &Identity{CitizenID: c.CitizenID})
	m.CaseID, m.Direction, m.Origin = c.ID, Out, FromExternal
	f.known[key] = m.ID
	f.keys = append(f.keys, &messageKey{Key: key, MessageID: m.ID})
	f.messages = append(f.messages, m)
	if it.ExternalID != "" {
		f.byRef[it.ExternalID] = &place{m.ID, c.ID, f.acc.ID, Out}
	}
	f.addParts(m, it, r.facts[i].files)
	f.addCopy(m.ID, r)
	f.words = append(f.words, searchRow{m.ID, r.facts[i].words})
	if m.At >= c.LastAt {
		c.LastAt, c.LastMessageID, c.Channel, c.Snippet = m.At, m.ID, m.Channel, snippet(m.Text)
	}
	f.changedCases[c.ID] = c
	e := NewEvent(f.tx, f.in.clock, "message.sent_outside", nil)
	e.CitizenID, e.CaseID, e.MessageID, e.OfficeID = c.CitizenID, c.ID, m.ID, c.OfficeID
	f.events = append(f.events, e)
}

func (f *filing) ownCase(it *channels.Item) *Case {
	for _, cand := range f.candidates(it) {
		if c := f.parent(cand.c); f.sameMailbox(c) && !cand.weak {
			return c
		}
	}
	return nil
}
