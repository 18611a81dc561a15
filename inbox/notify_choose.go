package inbox

import (
	"slices"

	"filodiretto/internal/clock"
)

// automatic makes of a notice what the inbox's own automatic messages are made
// of. why is the code of why nobody can be told.
func (n *noticing) automatic(x *Notice) (a automatic, why string) {
	a = automatic{Event: x.Event, Vars: x.Vars, Case: n.cases[x.CaseID]}
	own := *x
	a.Notice = &own
	id, acc := n.choose(x)
	if id == nil || acc == nil {
		why = "no_address"
		if id != nil {
			why = "no_channel"
		}
		n.withheld(x, a.Case, why)
		return a, why
	}
	a.To, own.AccountID = *id, acc.ID
	if p := n.people[id.CitizenID]; own.Lang == "" && p != nil {
		own.Lang = p.Lang
	}
	return a, ""
}

// choose finds where somebody is told, and from which account. The account is nil
// when the identity is known but cannot be reached.
func (n *noticing) choose(x *Notice) (*Identity, *Account) {
	if x.IdentityID > 0 {
		id := n.identities[x.IdentityID]
		if id == nil {
			return nil, nil
		}
		return id, n.account(x, id)
	}
	p := n.people[x.CitizenID]
	if p == nil {
		return nil, nil
	}
	var best *Identity
	var from *Account
	bestRank := clock.Instant(-1)
	for _, id := range n.ofPerson[p.RootID] {
		acc := n.account(x, id)
		if acc == nil || !n.surely(id) || id.Barred(!x.Asked, n.tx.Now) != "" {
			continue
		}
		rank := clock.Instant(0)
		for _, at := range n.written[id.ID] {
			rank = max(rank, at)
		}
		if p.Preferred != "" && p.Preferred == acc.Kind {
			rank += 1 << 61
		}
		if rank > bestRank {
			best, from, bestRank = id, acc, rank
		}
	}
	return best, from
}

// surely reports whether an address is the person's beyond what somebody said of
// them: they wrote from it, or it was proven. A notice tells of a person's
// affairs, and must not go to an address that was misheard at a desk.
func (n *noticing) surely(id *Identity) bool {
	return id.Proof >= Confirmed || len(n.written[id.ID]) > 0
}

// account chooses from where an identity is written to: as asked, else where it
// wrote last, else the office's own. A bot cannot begin a conversation.
func (n *noticing) account(x *Notice, id *Identity) *Account {
	var best *Account
	bestRank := clock.Instant(-1)
	for _, a := range n.accounts {
		at, wrote := n.written[id.ID][a.ID]
		if addressKind(a.Kind) != id.Kind || !wrote && !isMail(a.Kind) {
			continue
		}
		if ch, _, ok := n.in.channels.Channel(a.ID); canSend(ch, ok) != "" {
			continue
		}
		rank := at
		switch {
		case a.ID == x.AccountID:
			rank = 1 << 62
		case !wrote && isMail(a.Kind) && slices.Contains([]int64{x.OfficeID, n.officeOf(x)}, a.OfficeID):
			rank = 2
		case !wrote && isMail(a.Kind):
			rank = 1
		}
		if rank > bestRank {
			best, bestRank = a, rank
		}
	}
	return best
}

func (n *noticing) officeOf(x *Notice) int64 {
	if c := n.cases[x.CaseID]; c != nil {
		return c.OfficeID
	}
	return 0
}

// withheld tells by an event that somebody could not be told.
func (n *noticing) withheld(x *Notice, c *Case, why string) {
	e := NewEvent(n.tx, n.in.clock, "automatic.withheld", map[string]any{"event": x.Event, "why": why})
	if e.CitizenID = x.CitizenID; c != nil {
		e.CaseID, e.CitizenID, e.OfficeID = c.ID, c.CitizenID, c.OfficeID
	}
	if id := n.identities[x.IdentityID]; id != nil && e.CitizenID == 0 {
		e.CitizenID = id.CitizenID
	}
	if e.CitizenID > 0 {
		n.events = append(n.events, e)
	}
}
