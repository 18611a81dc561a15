package web

import (
	"net/http"
	"net/url"

	"filodiretto/inbox"
	"filodiretto/web/page"
)

// filling makes the case pane of what the inbox tells about a case.
type filling struct {
	s    *Server
	r    *http.Request
	c    *caller
	view page.ViewID
	cv   *inbox.CaseView
	k    *inbox.Case

	compose *inbox.Composing // nil where the form is not shown
	earlier bool             // cv is a page of what stands before
}

func (s *Server) filling(r *http.Request, c *caller, view page.ViewID, cv *inbox.CaseView) *filling {
	return &filling{s: s, r: r, c: c, view: view, cv: cv, k: cv.Case}
}

// whole is the pane with the composer.
func (f *filling) whole() (*page.Case, error) {
	out, err := f.parts()
	if err != nil {
		return nil, err
	}
	if f.earlier { // one answers under the newest
		return out, nil
	}
	q := f.r.URL.Query()
	comp, err := f.s.composer(f.r, f.c, f.k, asked{view: f.view, mode: page.Mode(q.Get("compose")), channel: q.Get("channel"), seen: out.Timeline.Last, compose: f.compose, text: f.again(parseID(q.Get("again"))), cc: f.wished(q.Get("cc"))})
	if err != nil {
		return nil, err
	}
	out.Composer = comp
	return out, nil
}

// parts is the pane without the composer.
func (f *filling) parts() (*page.Case, error) {
	out := &page.Case{Head: f.head()}
	handover, err := f.handover()
	if err != nil {
		return nil, err
	}
	out.Handover = handover
	if handover != nil {
		out.Head.May.Office = false // one offer at a time
	}
	out.Forwarded, out.Alike = f.forwarded(), f.alikeNote()
	if f.c.mayWork(f.k) {
		for _, x := range f.cv.Suggestions {
			out.Suggestions = append(out.Suggestions, page.Suggestion{ID: x.ID, Number: f.k.Ref(), Other: x.Ref(), Title: x.Subject, Why: suggestionWhy(x.Reason), Doubtful: out.Alike != nil})
		}
	}
	out.Timeline, err = f.timeline()
	out.Head.Seen = out.Timeline.Last
	return out, err
}

// suggestionWhy is the reason of a suggestion as the catalogue knows it.
func suggestionWhy(reason string) string {
	switch reason {
	case "reply_address", "subject_token":
		return "token"
	case "follows":
		return "closed"
	case "chat":
		return "same_sender"
	}
	return reason
}

func (f *filling) head() page.CaseHead {
	k, c := f.k, f.c
	open := k.Status != inbox.Closed && k.MergedInto == 0
	work := c.mayWork(k)
	h := page.CaseHead{
		Number: k.Ref(), View: f.view, Subject: k.Subject, Kind: page.Kind(k.Kind), Status: pageStatus(k), Due: due(k, f.s.clock.Now()),
		Priority: k.Priority >= 2, Suspect: k.Suspect, CalledFalse: k.CalledFalse, Office: c.office(k.OfficeID), OfficeID: k.OfficeID, SnoozedUntil: k.SnoozedUntil,
		Presence: presence(f.s.Presence.List(f.r.Context(), []int64{k.ID})[k.ID], c.OperatorID),
		May: page.CaseMay{
			Assign: work && open, Office: work && open, Kind: work && k.MergedInto == 0, Snooze: work && open, Close: work && open,
			Reopen: work && k.Status == inbox.Closed && k.MergedInto == 0, Merge: work && k.MergedInto == 0,
		},
	}
	if f.cv.Parent != nil {
		h.MergedInto = f.cv.Parent.Ref()
	}
	if k.AssigneeID != 0 {
		h.Assignee = &page.Who{ID: k.AssigneeID, Name: c.operator(k.AssigneeID)}
		h.Mine = k.AssigneeID == c.OperatorID
	}
	if work {
		h.Operators = c.operatorChoices(k.OfficeID, k.AssigneeID)
		h.Offices = c.officeChoices(0, k.OfficeID)
		h.PublicURL = "/p/case?" + url.Values{"number": {k.Ref()}, "secret": {k.Secret}}.Encode()
	}
	return h
}

// handover is the offer that waits for an answer.
func (f *filling) handover() (*page.Handover, error) {
	list, err := f.s.Desk.OfCase(f.r.Context(), f.k)
	if err != nil {
		return nil, err
	}
	for _, h := range list {
		if h.State != "pending" {
			continue
		}
		return &page.Handover{
			Number: f.k.Ref(), FromOffice: f.c.office(h.FromOffice), ToOffice: f.c.office(h.ToOffice),
			By: f.c.operator(h.ByOperator), At: h.At, Reason: h.Reason, MayAccept: f.c.Member(h.ToOffice), MayWithdraw: f.c.Member(h.FromOffice),
		}, nil
	}
	return nil, nil
}
