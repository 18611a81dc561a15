package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/templates"
)

// automatic asks for an automatic message. Case is nil in a bot's own dialogue.
type automatic struct {
	Event  string // of templates: "receipt", "privacy"
	Case   *Case
	To     Identity
	Answer *Message // what it answers; nil for a notice that nobody asked for
	Vars   map[string]string
	Notice *Notice // as another part of the house asked for it; nil for the inbox's own

	made *Message // afterwards: the message, nil when there is none
	held string   // and the code of why it does not go out, "" when it does
}

// dialogue reports whether somebody asked for this very message: of a bot, or by
// taking a ticket or an appointment.
func (a *automatic) dialogue() bool {
	return a.Answer != nil && a.Answer.Kind == "command" || a.Notice != nil && a.Notice.Asked
}

// sendAutomatics queues automatic messages. What must not be answered by a
// robot (mail rule 56) is withheld; what is over a budget (mail rule 57) gets
// its message and a suppressed delivery, so that people see it. A text that
// cannot be filled in is told by an event: it never stops the filing of what
// came in. All rows of the batch are written table by table.
func (in *Inbox) sendAutomatics(ctx context.Context, tx *db.Tx, list []automatic) error {
	b := &automatics{in: in, tx: tx}
	if err := b.load(ctx, list); err != nil {
		return fmt.Errorf("automatic messages: %w", err)
	}
	for i := range list {
		if err := b.one(ctx, &list[i]); err != nil {
			return fmt.Errorf("automatic messages: %w", err)
		}
	}
	if err := b.write(ctx); err != nil {
		return fmt.Errorf("automatic messages: %w", err)
	}
	return nil
}

// automatics is one batch of automatic messages.
type automatics struct {
	in      *Inbox
	tx      *db.Tx
	own     map[string]bool  // our own mail addresses
	offices map[int64]string // names
	phones  map[int64]string // of the offices
	spent   *budget
	enabled map[int64]*Account

	messages []*Message
	parts    []*Part
	ds       []*Delivery
	sends    []*autoSend
	events   []Event
	wake     map[int64]bool
}

func (b *automatics) one(ctx context.Context, a *automatic) error {
	acc, why := b.account(a)
	if why == "" {
		why = b.withheld(a)
	}
	if a.held = why; why != "" {
		b.note(a, "automatic.withheld", map[string]any{"event": a.Event, "why": why})
		return nil
	}
	m, err := b.message(ctx, a, acc)
	if err != nil || m == nil {
		return err
	}
	t := target{role: "to", identity: &a.To, address: channels.Address{
		Kind: a.To.Kind, Scope: a.To.Scope, Value: a.To.Value, Display: clean(a.To.Display), Handle: a.To.Handle,
	}}
	m.Recipients = shownAddresses([]channels.Address{t.address})
	ds := b.in.deliveries(m, []target{t}, b.tx.Now, b.tx.Now)
	over := b.spent.over(a, acc.ID)
	if a.made = m; over != "" {
		a.held = "budget_" + over
		ds[0].State, ds[0].Code = Suppressed, a.held
		b.note(a, "automatic.suppressed", map[string]any{"event": a.Event, "budget": over, "delivery": ds[0].ID})
	} else {
		b.spent.spend(a, acc.ID)
		if err := queueBehind(ctx, b.tx, ds...); err != nil {
			return err
		}
		b.sends = append(b.sends, &autoSend{ID: db.NewID(b.in.clock), Address: budgetKey(&a.To), AccountID: acc.ID, CaseID: m.CaseID, At: b.tx.Now})
		b.wake[acc.ID] = true
		b.note(a, "automatic.sent", map[string]any{"event": a.Event, "delivery": ds[0].ID, "lang": m.Lang})
	}
	b.events[len(b.events)-1].MessageID = m.ID
	b.messages = append(b.messages, m)
	b.ds = append(b.ds, ds...)
	return nil
}

// message fills the text in. A nil message means that it could not be, which an
// event tells.
func (b *automatics) message(ctx context.Context, a *automatic, acc *Account) (*Message, error) {
	values := b.values(a, acc)
	lang := b.lang(a)
	r, err := b.in.texts(ctx).Render(a.Event, acc.Kind, lang, values)
	if err != nil {
		b.in.log.Error("an automatic text could not be filled in", "event", a.Event, "channel", acc.Kind, "lang", lang, "error", err)
		problem := "text"
		var missing *templates.MissingError
		if errors.As(err, &missing) {
			problem = "missing:" + strings.Join(missing.Names, ",")
		}
		a.held = "text"
		b.note(a, "automatic.failed", map[string]any{"event": a.Event, "why": problem})
		return nil, nil
	}
	m := &Message{
		ID: db.NewID(b.in.clock), CitizenID: a.To.CitizenID, IdentityID: a.To.ID, AccountID: acc.ID, Channel: acc.Kind,
		Direction: Out, Origin: FromAutomation, Kind: "message", Sender: b.sender(a), Text: r.Plain, HTML: r.HTML, Markup: r.Markup,
		Lang: r.Lang, Auto: string(channels.AutoReply), Notes: "event:" + a.Event, Version: 1, At: b.tx.Now, SentAt: b.tx.Now,
	}
	if a.dialogue() {
		m.Notes += " dialogue"
	}
	if a.Case != nil {
		m.CaseID = a.Case.ID
	}
	if a.Answer != nil {
		m.AnswersID = a.Answer.ID
	}
	if a.Notice != nil {
		b.attach(a.Notice, m)
	}
	if isMail(acc.Kind) {
		m.ExternalID, m.Subject = b.in.sign.MessageID(m.ID), r.Subject
		if a.Case != nil {
			m.Subject = withToken(r.Subject, b.in.sign.SubjectToken(a.Case.Year, a.Case.Number))
		}
		return m, nil
	}
	if a.Answer != nil && a.Answer.AccountID == acc.ID {
		m.ThreadKey = a.Answer.ThreadKey
	}
	if m.ThreadKey == "" {
		if m.ThreadKey, err = lastThread(ctx, b.tx, &a.To, acc.ID); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// isProactive reports whether a message of ours is one that nobody asked for,
// which a citizen can opt out of (channels 11.5).
func isProactive(m *Message) bool {
	return m != nil && m.Origin == FromAutomation && !hasNote(m, "dialogue")
}

func hasNote(m *Message, note string) bool {
	for _, n := range strings.Fields(m.Notes) {
		if n == note {
			return true
		}
	}
	return false
}

// note appends an event on the case, or on the person where there is none.
func (b *automatics) note(a *automatic, kind string, data map[string]any) {
	e := NewEvent(b.tx, b.in.clock, kind, data)
	e.CitizenID = a.To.CitizenID
	if a.Case != nil {
		e.CaseID, e.CitizenID, e.OfficeID = a.Case.ID, a.Case.CitizenID, a.Case.OfficeID
	}
	if a.Answer != nil {
		e.MessageID = a.Answer.ID
	}
	b.events = append(b.events, e)
}

func (b *automatics) write(ctx context.Context) error {
	for _, step := range []func() error{
		func() error { return insertAll(ctx, b.tx, b.messages) },
		func() error { return insertAll(ctx, b.tx, b.parts) },
		func() error { return insertAll(ctx, b.tx, b.ds) },
		func() error { return insertAll(ctx, b.tx, b.sends) },
		func() error { return insertAll(ctx, b.tx, b.events) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	for id := range b.wake {
		if err := b.in.wake.Deliver(ctx, b.tx, id, b.tx.Now); err != nil {
			return err
		}
	}
	return nil
}

// fresh reports whether something came recently enough for a robot to answer.
func (b *automatics) fresh(at clock.Instant) bool { return b.tx.Now.Sub(at) <= b.in.set.ReceiptMaxAge }
