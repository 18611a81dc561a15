package inbox

import (
	"context"
	"fmt"
)

// routeNewCases gives each new case its number, its office and what else the
// rules say.
func (f *filing) routeNewCases(ctx context.Context) error {
	if len(f.newCases) == 0 {
		return nil
	}
	if err := f.number(ctx); err != nil {
		return err
	}
	facts := make([]Facts, len(f.newCases))
	for i, n := range f.newCases {
		facts[i] = n.facts
		facts[i].Kind = n.Case.Kind
	}
	decisions, err := f.in.router.Decide(ctx, f.tx, facts)
	if err != nil {
		return err
	}
	if len(decisions) != len(facts) {
		return fmt.Errorf("the router answered %d times for %d cases", len(decisions), len(facts))
	}
	for i, n := range f.newCases {
		f.apply(n, decisions[i])
	}
	return nil
}

func (f *filing) number(ctx context.Context) error {
	year := f.tx.Now.Time().In(f.in.set.Zone).Year()
	first, err := takeNumbers(ctx, f.tx, year, len(f.newCases))
	if err != nil {
		return err
	}
	for i, n := range f.newCases {
		n.Year, n.Number = year, first+int64(i)
	}
	return nil
}

func (f *filing) apply(n *newCase, d Decision) {
	c := n.Case
	if d.Office > 0 {
		c.OfficeID = d.Office
	}
	if d.Kind != "" {
		c.Kind = d.Kind
	}
	if d.Procedure != "" {
		c.Procedure = d.Procedure
	}
	c.AssigneeID, c.Priority, c.DueAt, c.RegisterRule = d.Assignee, d.Priority, d.DueAt, d.Register
	if n.facts.Archive {
		c.DueAt = 0
	}
	e := NewEvent(f.tx, f.in.clock, "case.opened", map[string]any{"rules": d.Rules, "kind": c.Kind, "office": c.OfficeID, "assignee": c.AssigneeID})
	e.Actor, e.CaseID, e.CitizenID, e.OfficeID, e.MessageID = "automation", c.ID, c.CitizenID, c.OfficeID, n.first.ID
	f.events = append(f.events, e)
	if d.Receipt && n.facts.Auto == "" && !n.facts.OnlyCopied && !n.facts.Archive && f.fresh(n.first.At) {
		f.replies = append(f.replies, autoReply{event: "receipt", c: c, to: n.from, answer: n.first})
	}
}
