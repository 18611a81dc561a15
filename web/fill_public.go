package web

import (
	"net/http"
	"net/url"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/secret"
	"filodiretto/web/page"
)

// publicCase is a case as its citizen sees it: no name of an operator, no note.
func (s *Server) publicCase(r *http.Request, c *inbox.PublicCase) (page.PublicCase, error) {
	dir, err := s.Router.Directory(r.Context())
	if err != nil {
		return page.PublicCase{}, err
	}
	out := page.PublicCase{
		Site: s.site(r), Number: c.Ref, Subject: c.Subject, Status: page.Status(c.Status), Kind: page.Kind(c.Kind),
		Due: dueAt(c.DueAt, c.Status == inbox.Closed, s.clock.Now()),
	}
	if o := dir.Office(c.OfficeID); o != nil {
		out.Office = o.Name
		k := s.Config.OfficeContact(o.Key)
		out.Desk = page.Desk{Phone: k.Phone, Email: k.Email, Address: k.Address, Hours: k.Hours}
	}
	out.MayReply, out.AnswerTo, out.Key = c.MayReply, page.Channel(c.AnswerTo), secret.Token(16)
	out.Phases = phases(c, out.Office)
	for _, m := range c.Messages {
		if m.Text == "" && len(m.Files) == 0 {
			continue
		}
		x := page.PublicMessage{Mine: m.FromCitizen, By: out.Office, Text: strings.TrimRight(m.Text, blanks), At: m.At, Channel: page.Channel(m.Channel)}
		if !m.FromCitizen {
			x.State = page.DeliveryState(m.State)
		}
		for _, f := range m.Files {
			file := page.File{Name: f.Name, Size: f.Size}
			if f.ID != 0 {
				file.URL = "/p/case/files/" + formatID(f.ID) + "/" + url.PathEscape(f.Name)
			}
			x.Files = append(x.Files, file)
		}
		out.Messages = append(out.Messages, x)
	}
	return out, nil
}

// phases are the steps of a case. The present one is the last that was reached.
func phases(c *inbox.PublicCase, office string) []page.Phase {
	list := []page.Phase{
		{ID: page.PhaseReceived, At: c.CreatedAt},
		{ID: page.PhaseCharge, At: c.TakenAt, Office: office},
	}
	if len(c.Messages) > 0 {
		list[0].Channel = page.Channel(c.Messages[0].Channel)
	}
	if c.AnsweredAt > 0 || c.Status != inbox.Closed {
		list = append(list, page.Phase{ID: page.PhaseAnswered, At: c.AnsweredAt})
	}
	if c.Status == inbox.Waiting {
		list = append(list, page.Phase{ID: page.PhaseWaiting, At: max(c.AnsweredAt, c.TakenAt, c.CreatedAt)})
	}
	list = append(list, page.Phase{ID: page.PhaseClosed, At: c.ClosedAt})
	current := 0
	for i := range list {
		if list[i].At > 0 {
			current = i
		}
	}
	list[current].Current = true
	return list
}
