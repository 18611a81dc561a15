package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"filodiretto/inbox"
	"filodiretto/router"
	"filodiretto/web/openapi"
	"filodiretto/web/page"
)

func eraseURL(message int64) string { return "/messages/" + formatID(message) + "/erase" }

// heads reports whether the caller is a head of an office.
func (c *caller) heads(office int64) bool {
	return slices.ContainsFunc(c.dir.RolesOf(c.OperatorID), func(m router.Membership) bool { return m.Role == router.Head && m.OfficeID == office })
}

// eraseForm is the page that erases the contents of a message, with what goes.
func (s *Server) eraseForm(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.showErase(w, r, c, nil)
}

func (s *Server) showErase(w http.ResponseWriter, r *http.Request, c *caller, faults []page.FieldFault) error {
	id := pathID(r, "id")
	x, err := s.Inbox.LookErase(r.Context(), c.Viewer, id)
	if err != nil {
		return err
	}
	m := x.Message
	back := caseURL("", x.Case.Ref()) + "#e-" + formatID(id)
	if m.ErasedAt > 0 {
		http.Redirect(w, r, back, http.StatusSeeOther)
		return nil
	}
	out := page.Erase{
		Action: eraseURL(id), BackURL: back, Case: x.Case.Ref(), Channel: page.Channel(m.ShownChannel()), By: c.writer(m), At: m.At, Subject: m.Subject, Snippet: firstWords(m.Text, 240),
		Files: x.Files, Versions: x.Versions, Originals: x.Originals, Automatic: x.Automatic, Refused: x.Refused, Words: r.PostFormValue("words"), Faults: faults,
	}
	for _, o := range x.Offices {
		out.Offices = append(out.Offices, c.office(o))
	}
	for _, reason := range inbox.EraseReasons {
		out.Reasons = append(out.Reasons, page.Choice{Value: string(reason), Label: c.say.Text("erase.reason_" + string(reason)), Chosen: r.PostFormValue("reason") == string(reason)})
	}
	if out.Shell, err = s.shell(r, c, page.SectionInbox); err != nil {
		return err
	}
	out.Shell.Title = c.say.Text("erase.title")
	s.show(w, r, formStatus(faults), c.lang, out)
	return nil
}

// erase erases the contents of a message for good.
func (s *Server) erase(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	x, err := s.Inbox.LookErase(r.Context(), c.Viewer, id)
	if err != nil {
		return err
	}
	if r.PostFormValue("sure") != "1" {
		return s.showErase(w, r, c, []page.FieldFault{{Field: "sure", Key: "sure_required"}})
	}
	err = s.Inbox.Erase(r.Context(), c.Viewer, id, inbox.EraseReason(r.PostFormValue("reason")), r.PostFormValue("words"))
	var invalid *inbox.InvalidError
	if errors.As(err, &invalid) && invalid.Field != "message" {
		faults, _ := c.formFaults(err, nil)
		if invalid.Field == "reason" {
			faults[0].Key = "required" // the form has no others
		}
		return s.showErase(w, r, c, faults)
	}
	return s.done(w, r, c, caseURL("", x.Case.Ref())+"#e-"+formatID(id), err, "erased")
}

// erased says on an entry of a case who erased its contents, and why.
func (f *filling) erased(m *inbox.Message) *page.Erased {
	if !m.Erased() {
		return nil
	}
	out := &page.Erased{}
	for i := range f.cv.Entries {
		if e := f.cv.Entries[i].Event; e != nil && e.Kind == "message.erased" && e.MessageID == m.ID {
			var d eventData
			_ = json.Unmarshal([]byte(e.Data), &d)
			out.By, out.Reason = f.c.operator(e.OperatorID), d.Reason
		}
	}
	return out
}

type eraseIn struct {
	Reason inbox.EraseReason `json:"reason"`
	Words  string            `json:"words"`
}

var eraseSchema = openapi.Object(
	openapi.Req("reason", openapi.OneOf(inbox.EraseReasons...), "asked: by the person concerned (GDPR art. 17). mistaken: sent to us by mistake, or somebody else's data. not_needed: no longer needed. unlawful: contents that may not be kept."),
	openapi.Req("words", openapi.Filled(300), "In short, why. It is kept for ever: do not repeat what is erased."))

func (a *api) eraseMessage(q *apiCall, in eraseIn) error {
	return a.Inbox.Erase(q.ctx, q.Viewer, q.id("id"), in.Reason, in.Words)
}
