package web

import (
	"net/http"
	"strings"

	"filodiretto/web/page"
)

// mostVisits is how many visits a file shows.
const mostVisits = 8

// ticketLines are the last visits of a person to the counters of the town.
func (s *Server) ticketLines(r *http.Request, c *caller, citizen int64) ([]page.TicketLine, error) {
	visits, err := s.Queue.VisitsOf(r.Context(), c.Viewer, citizen, mostVisits)
	if err != nil {
		return nil, err
	}
	var out []page.TicketLine
	for i := range visits {
		v := &visits[i]
		h, err := s.Queue.House(r.Context(), v.SiteID)
		if err != nil {
			return nil, err
		}
		x := page.TicketLine{Label: v.Label, At: v.IssuedAt, Waited: -1}
		var notes []string
		for j := range v.Steps {
			st := &v.Steps[j]
			x.Steps = append(x.Steps, page.VisitStep{Service: serviceName(h, st.ServiceID, c.lang), State: string(st.State)})
			if x.Waited < 0 && st.FirstCalledAt != 0 && st.EligibleAt != 0 {
				x.Waited = int(st.FirstCalledAt.Sub(st.EligibleAt).Minutes())
			}
			if st.Note != "" {
				notes = append(notes, st.Note)
			}
		}
		x.Note = strings.Join(notes, " · ")
		out = append(out, x)
	}
	return out, nil
}
