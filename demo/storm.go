package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// A gauge of the stream that has gone mad: so many mails in so many seconds each.
const (
	gauge      = "telemetria@idrometri.example"
	gaugeMails = 38
	gaugeEvery = 9 * time.Second
)

// planStorm tells what the quarantine is for beside forgeries: a machine that writes
// faster than people do, and advertising that somebody had held.
func (h *history) planStorm() {
	first := h.until.Add(-150 * time.Minute)
	for i := range gaugeMails {
		at := first.Add(time.Duration(i) * gaugeEvery)
		h.agenda.plan(at, func(context.Context) error { l := gaugeLetter(i, at); return h.office.deliver(urpBox, l.write()) })
	}
	h.agenda.plan(lastOfficeHours(h.rng, h.until.Add(-30*time.Hour)), func(ctx context.Context) error {
		dir, err := h.off.Router.Directory(ctx)
		if err != nil {
			return fmt.Errorf("demo: offices: %w", err)
		}
		err = h.off.Inbox.HoldSender(ctx, h.staff["paolo"], "email", "news@offerte.example", dir.OfficeByKey("urp").ID, "Pubblicità che nessuno ha chiesto")
		if err != nil && !errors.Is(err, inbox.ErrChanged) {
			return fmt.Errorf("demo: hold a sender: %w", err)
		}
		return nil
	})
	h.agenda.plan(h.until.Add(-26*time.Hour), h.newsletter)
}

func gaugeLetter(n int, at clock.Instant) letter {
	id := func(n int) string { return fmt.Sprintf("idrometro-%d@idrometri.example", n) }
	l := letter{
		From: gauge, Name: "Idrometro Rio Lieto", To: urpBox, Subject: "Livello del Rio Lieto", ID: id(n), At: at,
		Text: fmt.Sprintf("Sensore 3, ponte di via Mulino: livello %d cm.\nMessaggio generato a ogni misura.", 41+n%3),
	}
	if n > 0 {
		l.InReplyTo, l.References = id(0), []string{id(0)}
	}
	return l
}

// planRuleOfRegister tells that the head of the URP wants complaints registered since
// some days: until then there was no such rule.
func (h *history) planRuleOfRegister() {
	h.agenda.plan(lastOfficeHours(h.rng, h.until.Add(-9*24*time.Hour)), func(ctx context.Context) error {
		list, err := h.off.Router.Rules(ctx)
		if err != nil {
			return fmt.Errorf("demo: rules: %w", err)
		}
		for _, x := range list {
			if x.Name != complaintRule {
				continue
			}
			x.Definition.Actions.Register = true
			if _, err := h.off.Router.SaveRule(ctx, h.staff["paolo"], x); err != nil {
				return fmt.Errorf("demo: rule %q: %w", x.Name, err)
			}
			return nil
		}
		return fmt.Errorf("demo: there is no rule %q", complaintRule)
	})
}
