package chat

import (
	"context"
	"errors"
	"slices"
	"strings"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/queue"
)

// Lists that are longer are shown in two steps.
const mostRows = 8

// choice is one button in a row of its own.
func choice(text, data string) []channels.OutgoingButton {
	return []channels.OutgoingButton{{Text: shorten(text, 60), Data: data}}
}

func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// press does what a button asks.
func (a *answering) press(ctx context.Context, p press) (string, error) {
	switch p.verb {
	case toSites:
		a.t.CardID = 0 // what the old message says stays
		return "number", a.sites(ctx)
	case toQueue:
		a.t.CardID = 0
		return "queue", a.mine(ctx)
	case toSite, toGroup, toService, toErrand, toTake:
		return a.choosing(ctx, p)
	}
	return a.ticket(ctx, p)
}

// choosing goes on with the choice of what to wait for.
func (a *answering) choosing(ctx context.Context, p press) (string, error) {
	h, err := a.q.House(ctx, p.args[0])
	if errors.Is(err, queue.ErrNotFound) || err == nil && h.Site.ClosedAt != 0 {
		return a.gone(), nil
	}
	if err != nil {
		return "", err
	}
	if p.verb == toSite {
		return "site", a.site(h, 0)
	}
	if p.verb == toGroup {
		return "group", a.site(h, p.args[1])
	}
	sv := h.Service(p.args[1])
	if sv == nil || !offered(sv) {
		return a.gone(), nil
	}
	if p.verb == toService {
		return "service", a.service(ctx, h, sv)
	}
	errand := errandOf(sv, p.args[2])
	if p.args[2] != 0 && errand == nil {
		return a.gone(), nil
	}
	if p.verb == toErrand {
		return "offer", a.offer(ctx, h, sv, errand)
	}
	return a.take(ctx, h, sv, errand)
}

// gone says that what was chosen is not there any more.
func (a *answering) gone() string {
	a.tell(inbox.Said{Text: a.say.text("button_old"), Buttons: inbox.Buttons{choice(a.say.text("again"), pressData(toSites))}})
	return "gone"
}

func offered(s *queue.Service) bool { return s.Remote && s.EndedAt == 0 }

func errandOf(s *queue.Service, id int64) *queue.Errand {
	for _, e := range s.Open() {
		if e.ID == id {
			return e
		}
	}
	return nil
}

// sites asks where, unless there is one place only.
func (a *answering) sites(ctx context.Context) error {
	list, err := a.q.Sites(ctx)
	if err != nil {
		return err
	}
	var houses []*queue.House
	for _, s := range list {
		h, err := a.q.House(ctx, s.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(h.Services, offered) {
			houses = append(houses, h)
		}
	}
	switch len(houses) {
	case 0:
		a.tell(inbox.Said{Text: a.say.text("no_sites"), Close: true})
		return nil
	case 1:
		return a.site(houses[0], 0)
	}
	w := newWriting()
	w.line(a.say.text("which_site"))
	var rows inbox.Buttons
	for _, h := range houses {
		rows = append(rows, choice(strings.TrimSuffix(h.Site.Name+", "+h.Site.Address, ", "), pressData(toSite, h.Site.ID)))
	}
	a.tell(w.said(rows))
	return nil
}

// site asks what for: a group first, where there are many services.
func (a *answering) site(h *queue.House, groupID int64) error {
	if !a.open(h) {
		return nil
	}
	var list []*queue.Service
	var groups []*queue.Group
	for _, g := range h.Groups {
		has := false
		for _, sv := range h.Services {
			if sv.GroupID == g.ID && offered(sv) && (groupID == 0 || groupID == g.ID) {
				list, has = append(list, sv), true
			}
		}
		if has {
			groups = append(groups, g)
		}
	}
	w := newWriting()
	w.bold(h.Site.Name)
	if g := h.Group(groupID); g != nil {
		w.line(g.Names.In(a.say.lang))
	}
	w.line("")
	w.line(a.say.text("which_service"))
	var rows inbox.Buttons
	switch {
	case len(list) > mostRows && len(groups) > 1:
		for _, g := range groups {
			rows = append(rows, choice(g.Names.In(a.say.lang), pressData(toGroup, h.Site.ID, g.ID)))
		}
	default:
		for _, sv := range list {
			rows = append(rows, choice(sv.Names.In(a.say.lang), pressData(toService, h.Site.ID, sv.ID)))
		}
		if groupID != 0 {
			rows = append(rows, choice(a.say.text("back"), pressData(toSite, h.Site.ID)))
		}
	}
	a.tell(w.said(rows))
	return nil
}

// open tells when the site is shut, and reports whether it is open.
func (a *answering) open(h *queue.House) bool {
	now := a.clock.Now()
	if _, open := h.Calendar.Open(now); open {
		return true
	}
	w := newWriting()
	w.bold(h.Site.Name)
	w.line("")
	if next := h.Calendar.Next(now); next != 0 {
		w.line(a.say.text("shut_until", "when", a.say.when(next, now, h.Calendar.Zone)))
	} else {
		w.line(a.say.text("fault_shut"))
	}
	if a.book != "" {
		w.line(a.say.text("book_instead", "link", a.book+h.Site.Key))
	}
	a.tell(w.said(inbox.Buttons{choice(a.say.text("again"), pressData(toSite, h.Site.ID))}))
	return false
}

// service asks why, where that tells what to bring.
func (a *answering) service(ctx context.Context, h *queue.House, sv *queue.Service) error {
	errands := sv.Open()
	if len(errands) == 0 {
		return a.offer(ctx, h, sv, nil)
	}
	w := newWriting()
	w.bold(sv.Names.In(a.say.lang))
	w.line("")
	w.line(a.say.text("which_errand"))
	var rows inbox.Buttons
	for _, e := range errands {
		rows = append(rows, choice(e.Names.In(a.say.lang), pressData(toErrand, h.Site.ID, sv.ID, e.ID)))
	}
	rows = append(rows, choice(a.say.text("other_errand"), pressData(toErrand, h.Site.ID, sv.ID, 0)), choice(a.say.text("back"), pressData(toSite, h.Site.ID)))
	a.tell(w.said(rows))
	return nil
}

// offer shows what to bring and how it stands, before the number is given (queue
// reference 5, point 7).
func (a *answering) offer(ctx context.Context, h *queue.House, sv *queue.Service, errand *queue.Errand) error {
	w := newWriting()
	name, id := sv.Names.In(a.say.lang), int64(0)
	if errand != nil {
		name, id = errand.Names.In(a.say.lang), errand.ID
	}
	w.bold(name)
	w.line(place(h))
	a.paperLines(w, a.say, errand)
	wait, err := a.expectNew(ctx, h, sv)
	if err != nil {
		return err
	}
	w.line("")
	w.wait(a.say, wait, a.clock.Now(), h.Calendar.Zone)
	rows := inbox.Buttons{choice(a.say.text("take"), pressData(toTake, h.Site.ID, sv.ID, id))}
	if errand != nil && errand.Online != "" {
		rows = append(rows, []channels.OutgoingButton{{Text: a.say.text("online"), URL: errand.Online}})
	}
	back := pressData(toSite, h.Site.ID)
	if len(sv.Open()) > 0 {
		back = pressData(toService, h.Site.ID, sv.ID)
	}
	a.tell(w.said(append(rows, choice(a.say.text("back"), back))))
	return nil
}

func place(h *queue.House) string {
	return strings.TrimSuffix(h.Site.Name+", "+h.Site.Address, ", ")
}
