package inbox

import (
	"context"
	"fmt"

	"filodiretto/channels/pec"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// ConsentAction is what a citizen decided about one identity.
type ConsentAction string

// The decisions. A citizen who opted out still gets answers to what they write;
// one who blocked us or withdrew the address gets nothing (channels 1.8).
const (
	OptOut   ConsentAction = "opt_out"
	OptIn    ConsentAction = "opt_in"
	Block    ConsentAction = "block"    // the platform says that we were blocked
	Unblock  ConsentAction = "unblock"  // and that it is over; an opt-out stays
	Withdraw ConsentAction = "withdraw" // "do not use this address any more"
)

// Consent is a decision with its evidence (channels 11.5).
type Consent struct {
	Action    ConsentAction
	How       string // "stop", "start", "blocked", "unblocked", "operator"
	Purpose   string // "service" when empty
	Channel   string
	CaseID    int64
	MessageID int64 // the message that shows it, where there is one
	RawID     int64
	At        clock.Instant // when the citizen decided; now when zero
}

// SetConsent records what a citizen told an operator. ErrNotFound for an
// unknown identity or case, ErrInvalid for an unknown action.
func (in *Inbox) SetConsent(ctx context.Context, v Viewer, identityID int64, c Consent) error {
	if !v.mayOpenFiles() {
		return ErrNotFound
	}
	if c.How == "" {
		c.How = "operator"
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if c.CaseID > 0 {
			if _, err := findCase(ctx, tx, v, c.CaseID); err != nil {
				return err
			}
		}
		id, err := findIdentity(ctx, tx, identityID)
		if err != nil {
			return err
		}
		return in.decide(ctx, tx, v, id, c)
	})
}

// setConsent records what a citizen decided on the channel itself: "stop",
// "start", "blocked" and "unblocked" are the words of how. A decision that is in
// force already changes nothing and leaves no event. id is changed in place.
func (in *Inbox) setConsent(ctx context.Context, tx *db.Tx, id *Identity, optIn bool, how string, evidence *Message) error {
	c := Consent{Action: OptOut, How: how}
	switch {
	case how == "blocked":
		c.Action = Block
	case how == "unblocked":
		c.Action = Unblock
	case optIn:
		c.Action = OptIn
	}
	if evidence != nil {
		c.Channel, c.CaseID, c.MessageID, c.RawID, c.At = evidence.Channel, evidence.CaseID, evidence.ID, evidence.RawID, evidence.At
	}
	return in.decide(ctx, tx, Viewer{}, id, c)
}

// setConsentOf records a decision about an identity of which only the id is at
// hand, as when a refused delivery shows that we are blocked.
func (in *Inbox) setConsentOf(ctx context.Context, tx *db.Tx, identityID int64, c Consent) error {
	id, err := findIdentity(ctx, tx, identityID)
	if err != nil {
		return fmt.Errorf("consent: %w", err)
	}
	return in.decide(ctx, tx, Viewer{}, id, c)
}

func (in *Inbox) decide(ctx context.Context, tx *db.Tx, v Viewer, id *Identity, c Consent) error {
	if c.At.IsZero() {
		c.At = tx.Now
	}
	if c.Purpose == "" {
		c.Purpose = "service"
	}
	before := *id
	if err := c.apply(id); err != nil {
		return fmt.Errorf("consent: %w", err)
	}
	if id.Status == before.Status && id.OptedOutAt.IsZero() == before.OptedOutAt.IsZero() {
		return nil
	}
	_, err := tx.NewUpdate().Model(id).Column("status", "status_at", "status_until", "status_text", "opted_out_at").WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("consent: %w", err)
	}
	return in.consentEvent(ctx, tx, v, id, c)
}

// apply changes the identity as the decision asks.
func (c Consent) apply(id *Identity) error {
	status := id.Status
	switch c.Action {
	case OptOut:
		if id.OptedOutAt.IsZero() {
			id.OptedOutAt = c.At
		}
		if status == "active" {
			status = "opted_out"
		}
	case OptIn:
		id.OptedOutAt = 0
		// Who presses Start has ended the block by doing so.
		if status == "opted_out" || status == "withdrawn" || status == "blocked" && c.How == "start" {
			status = "active"
		}
	case Block:
		status = "blocked"
	case Unblock:
		if status != "blocked" {
			break
		}
		status = "active"
		if !id.OptedOutAt.IsZero() {
			status = "opted_out"
		}
	case Withdraw:
		status = "withdrawn"
	default:
		return &InvalidError{"action", "unknown"}
	}
	if status != id.Status {
		id.Status, id.StatusAt, id.StatusUntil, id.StatusText = status, c.At, 0, c.How
	}
	return nil
}

func (in *Inbox) consentEvent(ctx context.Context, tx *db.Tx, v Viewer, id *Identity, c Consent) error {
	kind := "consent.out"
	if c.Action == OptIn || c.Action == Unblock {
		kind = "consent.in"
	}
	e := NewEvent(tx, in.clock, kind, map[string]any{
		"identity": id.ID, "action": c.Action, "how": c.How, "purpose": c.Purpose, "channel": c.Channel, "raw": c.RawID, "decided_at": c.At,
	})
	e.Actor = "citizen"
	e = v.event(e)
	e.CitizenID, e.CaseID, e.MessageID = id.CitizenID, c.CaseID, c.MessageID
	if err := AppendEvents(ctx, tx, e); err != nil {
		return fmt.Errorf("consent: %w", err)
	}
	return in.tellPeople(ctx, tx, id.CitizenID)
}

// Barred tells why nothing may be sent to the identity at the instant: "removed",
// "withdrawn", "gone", "blocked", "bad", "relay" for the address from which a provider
// of certified mail sends what others wrote, or, for what the citizen did not ask
// for, "opted_out". Empty means that it may. Ask when sending, not when queueing
// (channels 11.5).
func (id *Identity) Barred(proactive bool, now clock.Instant) string {
	switch {
	case !id.RemovedAt.IsZero():
		return "removed"
	case isAddress(id.Kind) && pec.Relays(id.Value):
		return "relay"
	case id.Status == "withdrawn", id.Status == "gone", id.Status == "blocked":
		return id.Status
	case id.Status == "bad" && (id.StatusUntil.IsZero() || id.StatusUntil > now):
		return "bad"
	case proactive && (id.Status == "opted_out" || !id.OptedOutAt.IsZero()):
		return "opted_out"
	}
	return ""
}
