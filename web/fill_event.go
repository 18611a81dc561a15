package web

import (
	"bytes"
	"encoding/json"
	"strconv"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/page"
)

// eventData is what events carry, as far as lines on a timeline tell it.
type eventData struct {
	From, To, Into json.RawMessage
	Office         int64
	Mailbox        string
	Until          clock.Instant
	Outcome        string
	Reason         string
	Words          string
	Why            string
	Number         string
	Year           int
	FailedAt       clock.Instant `json:"failed_at"` // of what was sent again: when it had failed
	Was, Code      string
	Remarks        bool // only remarks on a message changed, which stand there
	Proof          bool // who vouches for it changed
}

// number reads a member that holds an id.
func number(raw json.RawMessage) (n int64) {
	_ = json.Unmarshal(raw, &n) // what is no number names nothing
	return n
}

func word(raw json.RawMessage) (s string) {
	_ = json.Unmarshal(raw, &s)
	return s
}

// eventInstant reads an instant, which events hold as RFC 3339.
func eventInstant(raw json.RawMessage) (i clock.Instant) {
	if json.Unmarshal(raw, &i) != nil {
		return 0
	}
	return i
}

// eventLine is an event as one line, or nil for one that other entries tell of.
// ref finds the number of another case.
func (c *caller) eventLine(e *inbox.Event, ref func(int64) string) *page.Entry {
	var d eventData
	dec := json.NewDecoder(bytes.NewReader([]byte(e.Data)))
	_ = dec.Decode(&d) // members of other types stay empty
	key, args, detail := c.eventWords(e.Kind, &d, ref)
	if key == "" || !c.say.Known("event."+key) {
		return nil
	}
	x := &page.Entry{ID: e.ID, Version: 1, Kind: page.EntryEvent, At: e.At, Event: &page.EventLine{Key: key, Args: args, Detail: detail}}
	if e.OperatorID > 0 {
		x.By = c.operator(e.OperatorID)
	}
	return x
}

// eventWords gives the text of an event and what stands in it.
func (c *caller) eventWords(kind string, d *eventData, ref func(int64) string) (key string, args map[string]any, detail string) {
	arg := func(pairs ...any) map[string]any { return pairArgs(pairs) }
	switch kind {
	case "case.assigned":
		if to := number(d.To); to != 0 {
			return kind, arg("name", c.operator(to)), ""
		}
		return "case.unassigned", nil, ""
	case "case.kind":
		return kind, arg("kind", c.say.Either("kind.", word(d.To), word(d.To))), ""
	case "case.due":
		if at := eventInstant(d.To); at != 0 {
			return "case.term", arg("when", c.say.Moment(at)), ""
		}
		return "case.no_term", nil, ""
	case "case.snoozed":
		return kind, arg("when", c.say.Moment(d.Until)), ""
	case "case.woke":
		return "case.woken", nil, ""
	case "case.closed":
		return kind, arg("outcome", c.say.Either("outcome.", d.Outcome, d.Outcome)), ""
	case "case.status":
		return "case.status_" + word(d.To), nil, ""
	case "case.office":
		return "case.routed", arg("office", c.office(number(d.To))), ""
	case "case.copied", "case.copied_blind":
		return kind, arg("mailbox", d.Mailbox, "office", c.office(d.Office)), ""
	case "case.merged", "case.unmerged":
		return kind, arg("number", ref(number(d.From))), ""
	case "case.merged_into":
		return kind, arg("number", ref(number(d.Into))), ""
	case "handover.offered":
		return kind, arg("from", c.office(number(d.From)), "to", c.office(number(d.To))), d.Reason
	case "handover.accepted":
		return "case.accepted", arg("office", c.office(number(d.To))), d.Reason
	case "handover.refused":
		return "case.refused", arg("office", c.office(number(d.To))), d.Reason
	case "citizen.merged":
		return "citizen.joined", nil, ""
	case "citizen.merge_undone":
		return "citizen.parted", nil, ""
	case "proposal.refused":
		return "citizen.not_same", nil, ""
	case "identity.removed":
		return "identity.ended", nil, d.Reason
	case "citizen.created", "citizen.updated", "citizen.noted", "identity.added", "identity.proved", "link.made":
		return kind, nil, ""
	case "register.entered", "register.corrected", "register.annulled", "register.assigned":
		return kind, arg("number", d.Number+"/"+strconv.Itoa(d.Year)), d.Reason
	case "delivery.resent":
		switch {
		case d.FailedAt == 0:
			return kind, nil, ""
		case d.Was == string(inbox.Unknown):
			return "delivery.resent_doubt", arg("when", c.say.Moment(d.FailedAt)), ""
		}
		return "delivery.resent_failed", arg("when", c.say.Moment(d.FailedAt)), d.Code
	case "register.due", "register.not_needed":
		return kind, nil, d.Reason
	case "message.erased":
		return kind, arg("reason", c.say.Either("erase.reason_", d.Reason, d.Reason)), d.Words
	case "message.read_again":
		switch {
		case d.Remarks:
			return "", nil, ""
		case d.Proof:
			return "message.read_again_proof", nil, ""
		}
		return kind, nil, ""
	case "case.opened", "case.reopened", "case.priority", "case.raised", "handover.withdrawn",
		"consent.out", "consent.in", "delivery.dealt_with", "link.used", "evidence.taken",
		"case.person", "lookalike.fine", "lookalike.false", "lookalike.undone":
		return kind, nil, ""
	}
	return "", nil, ""
}
