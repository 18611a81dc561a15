package web

import (
	"net/http"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/live"
	"filodiretto/web/page"
)

// fillRows makes rows of cases. Offices and people come from memory, who is
// there from the presence: no row asks the database.
func (s *Server) fillRows(r *http.Request, c *caller, view page.ViewID, cases []*inbox.Case) []page.Row {
	ids := make([]int64, len(cases))
	for i, k := range cases {
		ids[i] = k.ID
	}
	present := s.Presence.List(r.Context(), ids)
	now := s.clock.Now()
	out := make([]page.Row, len(cases))
	for i, k := range cases {
		out[i] = page.Row{
			Number: k.Ref(), View: view, Channel: page.Channel(k.Channel), From: c.known(k.Person), Subject: k.Subject, Last: k.Snippet,
			LastOut: k.LastMessageID > 0 && k.LastMessageID != k.LastInID, At: k.LastAt, Unread: k.Unread, Kind: page.Kind(k.Kind),
			Status: pageStatus(k), Due: due(k, now), SnoozedUntil: k.SnoozedUntil, Failed: k.Failed, Office: c.office(k.OfficeID),
			Presence: presence(present[k.ID], c.OperatorID), Priority: k.Priority >= 2, Suspect: k.Suspect, CalledFalse: k.CalledFalse,
		}
		if k.AssigneeID != 0 {
			out[i].Assignee = &page.Who{ID: k.AssigneeID, Name: c.operator(k.AssigneeID)}
		}
	}
	return out
}

func pageStatus(k *inbox.Case) page.Status {
	if k.MergedInto > 0 {
		return page.StatusMerged
	}
	return page.Status(k.Status)
}

// due is the term of a case. While it waits for the citizen, or sleeps, the term
// goes on: only a rule of the procedure could stop it.
func due(k *inbox.Case, now clock.Instant) page.Due {
	return dueAt(k.DueAt, k.Status == inbox.Closed, now)
}

func dueAt(at clock.Instant, closed bool, now clock.Instant) page.Due {
	switch {
	case at.IsZero() || closed:
		return page.Due{}
	case at < now:
		return page.Due{At: at, Level: page.LevelLate}
	case at < now.Add(inbox.DueSoon):
		return page.Due{At: at, Level: page.LevelSoon}
	}
	return page.Due{At: at, Level: page.LevelOK}
}

// presence is who else is at a case.
func presence(list []live.Present, me int64) []page.Presence {
	var out []page.Presence
	for _, p := range list {
		if p.Operator == me {
			continue
		}
		d := page.Presence{Name: p.Name, Doing: page.Looking}
		if p.Doing == live.Writing {
			d.Doing = page.Writing
		}
		out = append(out, d)
	}
	return out
}
