package web

import (
	"errors"
	"net/http"
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/secret"
	"filodiretto/queue"
	"filodiretto/queue/order"
	"filodiretto/web/page"
)

// numberDesk is the card for giving numbers; nil for who may give none anywhere.
func (s *Server) numberDesk(r *http.Request, c *caller) (*page.NumberDesk, error) {
	sites, err := s.Queue.Sites(r.Context())
	if err != nil {
		return nil, err
	}
	out := &page.NumberDesk{Key: secret.Token(12)}
	for _, x := range sites {
		h, err := s.Queue.House(r.Context(), x.ID)
		if err != nil {
			return nil, err
		}
		if !queue.MayIssue(h, c.Viewer) {
			continue
		}
		now, err := s.roomNow(r.Context(), x.ID)
		if err != nil {
			return nil, err
		}
		if site := numberSite(c, now, order.WalkIn); len(site.Groups) > 0 {
			out.Sites = append(out.Sites, site)
		}
	}
	if len(out.Sites) == 0 {
		return nil, nil
	}
	return out, nil
}

// numberSite is a site's services by group. Appointments have a number of their
// own, and their class is not given here.
func numberSite(c *caller, now *roomNow, class order.Class) page.NumberSite {
	h, lang := now.House, string(c.lang)
	out := page.NumberSite{ID: h.Site.ID, Name: h.Site.Name}
	for _, g := range h.Groups {
		group := page.NumberGroup{Name: g.Names.In(lang)}
		for _, v := range h.Services {
			if v.GroupID == g.ID && v.EndedAt == 0 {
				one := page.NumberService{Choice: page.Choice{Value: formatID(v.ID), Label: v.Names.In(lang)}}
				one.Wait, one.Today = now.serviceWait(v.ID)
				group.Services = append(group.Services, one)
			}
		}
		if len(group.Services) > 0 {
			out.Groups = append(out.Groups, group)
		}
	}
	for _, k := range h.Classes {
		if k.Key != order.Appointment {
			out.Classes = append(out.Classes, page.Choice{Value: string(k.Key), Label: k.Names.In(lang), Chosen: k.Key == class})
		}
	}
	return out
}

// mayGoRound are the refusals that staff may override.
var mayGoRound = []string{queue.Shut, queue.TooLate, queue.ServiceFull, queue.RoomFull}

// giveNumber gives a number and shows it: the answer is the page itself, so that
// the address of the ticket's page is kept nowhere. The key of the form makes a
// double touch, or a reload, the same number.
func (s *Server) giveNumber(w http.ResponseWriter, r *http.Request, c *caller) error {
	if !c.FrontDesk {
		return inbox.ErrForbidden
	}
	n := queue.NewTicket{
		SiteID: parseID(r.PostFormValue("site")), ServiceID: parseID(r.PostFormValue("service")), Class: order.Class(r.PostFormValue("class")),
		Key: r.PostFormValue("key"), CitizenID: parseID(r.PostFormValue("person")), Anyway: r.PostFormValue("anyway") == "1",
	}
	if n.CitizenID != 0 { // whom the caller may not see is not found
		if _, err := s.Inbox.Person(r.Context(), c.Viewer, n.CitizenID); err != nil {
			return err
		}
	}
	t, err := s.Queue.IssueTicket(r.Context(), c.Viewer, n)
	refused, isRefusal := errors.AsType[*queue.RefusedError](err)
	if err != nil && !isRefusal {
		return s.done(w, r, c, "/reception", err, "")
	}
	out := newReception(c, page.HowVisit)
	if out.Number, err = s.numberDesk(r, c); err != nil {
		return err
	}
	if out.Number != nil {
		s.numberAnswer(c, out.Number, &n, t, refused)
	}
	if t != nil && out.Number != nil {
		now, err := s.roomNow(r.Context(), n.SiteID)
		if err != nil {
			return err
		}
		out.Number.Given.Wait, out.Number.Given.Today = now.stepWait(t.Step)
	}
	status := http.StatusOK
	if isRefusal {
		status = http.StatusConflict
	}
	return s.showReception(w, r, c, status, out, n.CitizenID)
}

// numberAnswer puts what became of a request into the card.
func (s *Server) numberAnswer(c *caller, d *page.NumberDesk, n *queue.NewTicket, t *queue.Issued, refused *queue.RefusedError) {
	if t != nil {
		d.Given = &page.NumberGiven{Label: t.Ticket.Label, URL: s.publicURL("/p/t/" + t.Secret), Again: t.Repeated}
	}
	if refused != nil {
		d.Key = n.Key // nothing was given yet
		if d.Refused = "room_" + refused.Code; !c.say.Known("flash." + d.Refused) {
			d.Refused = "room_other"
		}
	}
	for i := range d.Sites {
		site := &d.Sites[i]
		if site.ID != n.SiteID {
			continue
		}
		for _, g := range site.Groups {
			for _, v := range g.Services {
				if d.Given != nil && v.Value == formatID(n.ServiceID) {
					d.Given.Service = v.Label
				}
			}
		}
		if refused == nil {
			continue
		}
		site.Anyway = slices.Contains(mayGoRound, refused.Code)
		for j := range site.Classes {
			site.Classes[j].Chosen = order.Class(site.Classes[j].Value) == n.Class
		}
	}
}
