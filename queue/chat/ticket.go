package chat

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"filodiretto/inbox"
	"filodiretto/queue"
)

// passAtOnce is how many go first with one press, lateBy the minutes that somebody
// late can choose.
const passAtOnce = 3

var lateBy = []int64{10, 20, 30}

// take gives the number. Its key is the card with the button, so that a second press,
// and a process that died before it could answer, give the same number.
func (a *answering) take(ctx context.Context, h *queue.House, sv *queue.Service, errand *queue.Errand) (string, error) {
	from := a.t.CardID
	if from == 0 {
		from = a.t.MessageID
	}
	n := queue.NewTicket{
		SiteID: h.Site.ID, ServiceID: sv.ID, Lang: a.say.lang, Key: strconv.FormatInt(from, 36), CitizenID: a.t.CitizenID, IdentityID: a.t.IdentityID,
		AccountID: a.t.AccountID, Origin: queue.OnTelegram, Holder: "chat:" + strconv.FormatInt(a.t.IdentityID, 36),
	}
	if errand != nil {
		n.Procedure = errand.Key
	}
	issued, err := a.q.IssueRemote(ctx, n)
	var refused *queue.RefusedError
	switch {
	case errors.As(err, &refused) && refused.Code == queue.AlreadyWaiting:
		return refused.Code, a.show(ctx, refused.Ticket, a.say.text("fault_already_waiting"))
	case errors.As(err, &refused):
		a.refused(h, refused.Code)
		return refused.Code, nil
	case err != nil:
		return "", fmt.Errorf("take a number: %w", err)
	}
	return "taken", a.show(ctx, issued.Ticket.ID, a.say.text("taken", "ticket", issued.Ticket.Label))
}

// refused says why there is no number now, and what to do instead.
func (a *answering) refused(h *queue.House, code string) {
	w := newWriting()
	w.bold(h.Site.Name)
	w.line("")
	w.line(a.say.fault(code))
	if a.book != "" {
		w.line(a.say.text("book_instead", "link", a.book+h.Site.Key))
	}
	a.tell(w.said(inbox.Buttons{choice(a.say.text("again"), pressData(toSite, h.Site.ID))}))
}

// mine shows the numbers that the person has, wherever they were taken.
func (a *answering) mine(ctx context.Context) error {
	ids, err := a.q.OpenOf(ctx, a.t.CitizenID)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		a.tell(inbox.Said{Text: a.say.text("no_numbers"), Buttons: inbox.Buttons{choice(a.say.text("take_one"), pressData(toSites))}})
		return nil
	}
	for _, id := range ids[:min(len(ids), 5)] {
		if err := a.show(ctx, id, ""); err != nil {
			return err
		}
	}
	return nil
}

// show makes the card of the turn the card of a ticket. Another open card of it in
// the chat is closed: a number stands in one message.
func (a *answering) show(ctx context.Context, ticketID int64, did string) error {
	views, err := a.q.Tickets(ctx, ticketID)
	if err != nil {
		return err
	}
	v := views[ticketID]
	if v == nil {
		return queue.ErrNotFound
	}
	s, err := a.card(ctx, v, did)
	if err != nil {
		return err
	}
	a.tell(s)
	others, err := a.in.Cards(ctx, ticketID)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.MessageID != a.t.CardID && o.ThreadKey == a.t.ThreadKey && o.AccountID == a.t.AccountID {
			a.said = append(a.said, inbox.Said{Card: o.MessageID, Text: a.say.text("moved_down", "ticket", v.Ticket.Label), Close: true})
		}
	}
	return nil
}

// card is the card of a ticket; its buttons carry the turn, so that two presses on one
// rendering are one act.
func (a *answering) card(ctx context.Context, v *queue.TicketView, did string) (inbox.Said, error) {
	return a.render(ctx, v, a.say, did, a.t.MessageID)
}

// ticket does what a button of a ticket's card asks.
func (a *answering) ticket(ctx context.Context, p press) (string, error) {
	id := p.args[0]
	if err := a.q.OwnerOf(ctx, id, a.t.CitizenID); errors.Is(err, queue.ErrNotFound) {
		return a.gone(), nil // somebody else's, or made up
	} else if err != nil {
		return "", err
	}
	owner := queue.Owner{TicketID: id, CitizenID: a.t.CitizenID}
	did, err := "", error(nil)
	switch p.verb {
	case toLate, toLeave:
		return "asked", a.question(ctx, id, p.verb)
	case toPass:
		did, err = a.pass(ctx, owner, p)
	case toLateBy:
		did, err = a.late(ctx, owner, p)
	case toLeaveYes:
		did = a.say.text("did_leave")
		_, err = a.q.GiveUp(ctx, owner, p.data)
	case toComeBack:
		did, err = a.comeBack(ctx, id, p)
	}
	code := ""
	if did, code, err = a.outcome(did, err); err != nil {
		return "", err
	}
	return code, a.show(ctx, id, did)
}

// outcome turns a refusal into what is said; other failures stay failures.
func (a *answering) outcome(did string, err error) (said, code string, failed error) {
	var refused *queue.RefusedError
	switch {
	case err == nil:
		return did, "done", nil
	case errors.As(err, &refused):
		return a.say.fault(refused.Code), refused.Code, nil
	case errors.Is(err, queue.ErrChanged):
		return a.say.fault(queue.WrongState), queue.WrongState, nil
	case errors.Is(err, queue.ErrInvalid):
		return a.say.fault("range"), "range", nil
	}
	return "", "", err
}

func (a *answering) pass(ctx context.Context, o queue.Owner, p press) (string, error) {
	v, err := a.q.TicketState(ctx, o)
	if err != nil {
		return "", err
	}
	n := passAtOnce
	if v.Current != nil {
		n = min(n, v.House.Set.MostPass-v.Current.LetPass)
	}
	res, err := a.q.LetPass(ctx, o, max(1, n), p.data)
	if err != nil {
		return "", err
	}
	return a.say.text("did_pass", "count", strconv.Itoa(res.Step.LetPass)), nil
}

func (a *answering) late(ctx context.Context, o queue.Owner, p press) (string, error) {
	res, err := a.q.Late(ctx, o, time.Duration(p.args[2])*time.Minute, p.data)
	if err != nil {
		return "", err
	}
	h, err := a.q.House(ctx, res.Ticket.SiteID)
	if err != nil {
		return "", err
	}
	return a.say.text("did_late", "time", a.say.clock(res.Step.NotBefore, h.Calendar.Zone)), nil
}

// undoLeft is for how long somebody who gave up can come back by themselves.
const undoLeft = 2 * time.Minute

// comeBack takes giving up back, shortly after it was said.
func (a *answering) comeBack(ctx context.Context, id int64, p press) (string, error) {
	views, err := a.q.Tickets(ctx, id)
	if err != nil || views[id] == nil {
		return "", errors.Join(err, queue.ErrNotFound)
	}
	v := views[id]
	if v.Current != nil {
		return a.say.text("did_back"), nil // the other of two presses
	}
	s := v.Last()
	if s.State != queue.Left || s.Outcome != "gave_up" || v.At >= s.EndedAt.Add(undoLeft) {
		return "", &queue.RefusedError{Code: queue.UndoTooLate}
	}
	_, err = a.q.Return(ctx, inbox.Viewer{System: true}, queue.Act{StepID: s.ID, Version: s.Version, Key: "chat:" + p.data})
	return a.say.text("did_back"), err
}

// question asks once more, under the ticket: how late, or whether to give up.
func (a *answering) question(ctx context.Context, id int64, verb string) error {
	if err := a.show(ctx, id, ""); err != nil {
		return err
	}
	s := &a.said[0]
	if s.Close || len(s.Buttons) == 0 {
		return nil // it is over: there is nothing to ask
	}
	w := newWriting()
	rev := a.t.MessageID
	if verb == toLate {
		w.line(a.say.text("ask_late"))
		s.Buttons = nil
		for _, m := range lateBy {
			s.Buttons = append(s.Buttons, choice(a.say.text("minutes", "minutes", strconv.FormatInt(m, 10)), pressData(toLateBy, id, rev, m)))
		}
	} else {
		w.line(a.say.text("ask_leave"))
		s.Buttons = inbox.Buttons{choice(a.say.text("leave_yes"), pressData(toLeaveYes, id, rev))}
	}
	s.Buttons = append(s.Buttons, choice(a.say.text("stay"), pressData(toTicket, id, rev)))
	q := w.said(nil)
	s.Text, s.Markup = s.Text+"\n\n"+q.Text, s.Markup+"\n\n"+q.Markup
	s.Sign = "?" // Refresh leaves it alone for a while
	return nil
}

// here gives the code of presence for the ticket of the card that asks for it.
func (a *answering) here(ctx context.Context, card *inbox.Card) (string, error) {
	owner := queue.Owner{TicketID: card.Topic, CitizenID: a.t.CitizenID}
	_, err := a.q.Here(ctx, owner, codeIn(a.t.Data), "here:"+strconv.FormatInt(a.t.MessageID, 36))
	if errors.Is(err, queue.ErrNotFound) {
		a.tell(inbox.Said{Text: a.say.text("code_nowhere"), Close: true})
		return "no_ticket", nil
	}
	did, code, err := a.outcome(a.say.text("did_here"), err)
	if err != nil {
		return "", err
	}
	return code, a.show(ctx, card.Topic, did)
}
