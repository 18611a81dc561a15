package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// applyReports brings news of what we sent to the deliveries they are about
// (mail rules 59 to 63), and returns those that fit none, or that whoever brings
// them cannot know, for quarantine. The same raw item may be applied again, after a
// better parse: it changes nothing a second time.
func (in *Inbox) applyReports(ctx context.Context, tx *db.Tx, raw *Raw, by speaker, reports []channels.DeliveryReport) (unmatched []channels.DeliveryReport, err error) {
	applied := false
	for _, r := range reports {
		f, err := in.findReported(ctx, tx, raw, r)
		if err != nil {
			return nil, fmt.Errorf("apply a delivery report: %w", err)
		}
		if f.d == nil || !mayMove(raw, r, f.d) {
			unmatched = append(unmatched, r)
			continue
		}
		a := applying{in: in, tx: tx, raw: raw, r: r, d: f.d, sure: f.sure}
		switch f.weigh(by, r) {
		case nothing:
			unmatched = append(unmatched, r)
			continue
		case hint:
			a.sure, a.doubtful = false, true
		}
		if err := a.do(ctx); err != nil {
			return nil, fmt.Errorf("apply a delivery report: %w", err)
		}
		applied = true
	}
	if applied { // further addresses in the words of a report need not be recipients
		unmatched = slices.DeleteFunc(unmatched, func(r channels.DeliveryReport) bool { return !r.Confident && r.MessageID == "" })
	}
	return unmatched, nil
}

// mayMove reports whether a report counts for a delivery: only where it comes to the
// mailbox that sent, since anybody who got a message knows its Message-ID. What was
// sent as certified mail is moved by the provider's receipts alone; of a recipient
// outside of it ordinary mail may say that it failed, and no more.
func mayMove(raw *Raw, r channels.DeliveryReport, d *Delivery) bool {
	if raw != nil && raw.AccountID != 0 && raw.AccountID != d.AccountID {
		return false
	}
	return d.Kind != "pec" || d.Outside && r.State == "failed" && r.Permanent
}

// applying is one report on its way into one delivery.
type applying struct {
	in   *Inbox
	tx   *db.Tx
	raw  *Raw
	r    channels.DeliveryReport
	d    *Delivery
	sure bool // the report speaks of the delivery's own address, not of one it was forwarded to
	// content says that the message itself was refused, whatever the code is.
	content bool
	erased  bool // the contents of the message are gone: nothing can be sent again
	// doubtful is a report that a stranger might have written: a failure of which it
	// speaks is told as doubt, and nothing else follows from it.
	doubtful bool
}

// state is the state that the report leads to; "" for a delay. What it says of an
// address behind ours is neither a failure nor an arrival: others behind it may have
// got the message, or not (mail rule 60).
func (a *applying) state() State {
	s := reportState(a.r)
	switch {
	case a.doubtful && s == Failed, a.r.Code == fullMailbox && a.r.State == "failed" && (a.doubtful || !a.r.Confident):
		return Unknown // given up, says who may be wrong: not sent again, and not on its way either
	case a.sure || a.doubtful:
	case a.r.State == "failed" && (s == Failed || a.r.Confident):
		return Unknown
	case s == Delivered:
		return Sent
	}
	return s
}

// fullMailbox is the code of a mailbox that has no room (RFC 3463).
const fullMailbox = "5.2.2"

// reportState is the state that a report speaks of; "" for a delay.
func reportState(r channels.DeliveryReport) State {
	switch r.State {
	case "delivered":
		return Delivered
	case "relayed":
		return Sent
	case "read":
		return Read
	case "failed":
		if r.Permanent {
			return Failed
		}
	}
	return ""
}

func (a *applying) do(ctx context.Context) error {
	state := a.state()
	known, err := a.known(ctx, state)
	if err != nil || known {
		return err
	}
	if err := a.note(ctx, state); err != nil {
		return err
	}
	switch {
	case state == "" && a.r.State == "failed" && a.r.Confident && !a.doubtful:
		return a.again(ctx)
	case state == "":
		return a.delayed(ctx)
	case state == Unknown:
		return a.doubt(ctx)
	}
	if state == Read && (a.r.Recipient == "" || !a.sure) {
		return nil // whoever read it, it is not known that the recipient did
	}
	if state == Sent && a.d.State == Unknown && !a.sure {
		return nil // one behind the address has it, of another it is in doubt
	}
	if !advances(a.d.State, state) {
		return nil // older news than what is known; the delivery event keeps it
	}
	_, err = a.tx.NewRaw("UPDATE deliveries SET state = ?, delayed = FALSE, class = ?, code = ?, text = ?, dealt_at = 0, updated_at = ? WHERE id = ?",
		string(state), string(a.class(state)), a.r.Code, a.r.Text, a.tx.Now, a.d.ID).Exec(ctx)
	if err != nil {
		return err
	}
	before := a.d.State
	a.d.State, a.d.Class, a.d.Code = state, string(a.class(state)), a.r.Code
	if state != Failed {
		return a.arrived(ctx, before)
	}
	return a.bounced(ctx)
}

// known reports whether this raw item was applied to the delivery before.
func (a *applying) known(ctx context.Context, state State) (bool, error) {
	if a.raw == nil || a.raw.ID == 0 {
		return false, nil
	}
	n, err := a.tx.NewSelect().Model((*DeliveryEvent)(nil)).
		Where("de.delivery_id = ? AND de.raw_id = ? AND de.state = ?", a.d.ID, a.raw.ID, string(a.eventState(state))).Count(ctx)
	return n > 0, err
}

// eventState is the state as the delivery event has it: a delay keeps the
// delivery's own.
func (a *applying) eventState(state State) State {
	if state == "" {
		return "delayed"
	}
	return state
}

func (a *applying) rawID() int64 {
	if a.raw == nil {
		return 0
	}
	return a.raw.ID
}

func (a *applying) note(ctx context.Context, state State) error {
	if a.rawID() != 0 {
		var err error
		if a.erased, err = emptyAnswer(ctx, a.tx, a.d.MessageID, a.rawID()); err != nil {
			return err
		}
		if a.erased { // a server may quote
			a.r.Text = ""
		}
	}
	return insertAll(ctx, a.tx, []*DeliveryEvent{{
		ID: db.NewID(a.in.clock), DeliveryID: a.d.ID, At: a.tx.Now, State: a.eventState(state), Source: "report",
		Class: string(a.class(state)), Code: a.r.Code, Text: a.r.Text, RawID: a.rawID(),
	}})
}

// class is what a report means in the scheduler's words.
func (a *applying) class(state State) channels.Class {
	switch {
	case state == "":
		return channels.RetryBackoff
	case state == Unknown:
		return channels.Unconfirmed
	case state != Failed:
		return ""
	case a.content:
		return channels.ContentRejected
	case badAddress(a.r.Code):
		return channels.RecipientGone
	case strings.HasPrefix(a.r.Code, "5.7."):
		return channels.PolicyBlocked
	case strings.HasPrefix(a.r.Code, "5.4."), strings.HasPrefix(a.r.Code, "4.4."): // RFC 3463: network and routing
		return channels.Unreachable
	}
	return channels.ContentRejected
}

// badAddress reports whether an enhanced status code says that the mailbox or
// its domain does not exist (RFC 3463, mail rule 60). A full mailbox (5.2.2) is
// no bad address.
func badAddress(code string) bool {
	switch code {
	case "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10":
		return true
	}
	return false
}

// delayed notes that the recipient's server is still trying. It is no failure
// and opens nothing again; the author is told once.
func (a *applying) delayed(ctx context.Context) error {
	if a.d.State != Accepted && a.d.State != Sent && a.d.State != Unknown {
		return nil // settled, or not even sent
	}
	if _, err := a.tx.NewRaw("UPDATE deliveries SET delayed = TRUE, updated_at = ? WHERE id = ?", a.tx.Now, a.d.ID).Exec(ctx); err != nil {
		return err
	}
	if a.d.WarnedAt > 0 {
		return nil
	}
	return a.in.warnLate(ctx, a.tx, a.d, string(channels.RetryBackoff), a.r.Code, a.rawID())
}

// arrived tells good news, and takes the mark of a failure away that it settles.
func (a *applying) arrived(ctx context.Context, before State) error {
	e := NewEvent(a.tx, a.in.clock, "delivery."+string(a.d.State), map[string]any{"delivery": a.d.ID, "code": a.r.Code, "raw": a.rawID(), "was": before})
	e.CaseID, e.MessageID = a.d.CaseID, a.d.MessageID
	if err := a.place(ctx, &e); err != nil {
		return err
	}
	if err := AppendEvents(ctx, a.tx, e); err != nil {
		return err
	}
	if before.lost() || before == Unknown || a.d.WarnedAt > 0 {
		return a.in.refreshFlags(ctx, a.tx, a.d.CaseID)
	}
	return nil
}

// place fills in whose event it is, and tells open pages.
func (a *applying) place(ctx context.Context, e *Event) error {
	if a.d.CaseID == 0 {
		return nil
	}
	var c struct{ CitizenID, OfficeID int64 }
	if err := a.tx.NewRaw("SELECT citizen_id, office_id FROM cases WHERE id = ?", a.d.CaseID).Scan(ctx, &c); err != nil {
		return notFound(err)
	}
	e.CitizenID, e.OfficeID = c.CitizenID, c.OfficeID
	a.in.tellCase(a.tx, a.d.CaseID, c.OfficeID, "delivery")
	return nil
}

// bounced tells a failure that came after the first server took the message.
func (a *applying) bounced(ctx context.Context) error {
	if badAddress(a.r.Code) && !a.content && a.sure && a.r.Confident && a.d.IdentityID > 0 {
		if err := a.in.markBad(ctx, a.tx, a.d, "bad", "report:"+a.r.Code, a.rawID()); err != nil {
			return err
		}
	}
	class := a.class(Failed)
	if class == channels.PolicyBlocked {
		if err := a.in.warnPolicy(ctx, a.tx, a.d.AccountID); err != nil {
			return err
		}
	}
	return a.in.tellFailure(ctx, a.tx, failure{delivery: a.d, state: Failed, class: class, code: a.r.Code, rawID: a.rawID()})
}
