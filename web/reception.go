package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/secret"
	"filodiretto/web/page"
)

func (s *Server) receptionRoutes() {
	s.mux.HandleFunc("GET /reception", s.staff(s.reception))
	s.mux.HandleFunc("GET /reception/people", s.staff(s.receptionPeople))
	s.mux.HandleFunc("POST /reception", s.staff(s.recordVisit))
	s.mux.HandleFunc("POST /reception/number", s.staff(s.giveNumber))
	s.mux.HandleFunc("GET /reception/arrivals", s.staff(s.receptionArrivals))
	s.mux.HandleFunc("POST /reception/arrived", s.staff(s.arrived))
}

func readHow(s string) page.How {
	if page.How(s) == page.HowPhone {
		return page.HowPhone
	}
	return page.HowVisit
}

// reception is the form for a visit or a phone note.
func (s *Server) reception(w http.ResponseWriter, r *http.Request, c *caller) error {
	q := r.URL.Query()
	out := newReception(c, readHow(q.Get("how")))
	out.Query = q.Get("q")
	if ref := q.Get("done"); ref != "" {
		k, err := s.Inbox.CaseByRef(r.Context(), c.Viewer, ref)
		if err == nil {
			out.Done = &page.ReceptionDone{Number: k.Ref(), Name: k.Person, Open: k.Status != inbox.Closed, Office: c.office(k.OfficeID)}
		} else if !errors.Is(err, inbox.ErrNotFound) {
			return err
		}
	}
	return s.showReception(w, r, c, http.StatusOK, out, parseID(q.Get("person")))
}

// newReception is the form before anything is typed.
func newReception(c *caller, how page.How) page.Reception {
	out := page.Reception{How: how, Kinds: kindChoices(c.say, inbox.Information), Offices: c.officeChoices(firstOffice(c))}
	out.Form.Key = secret.Token(12)
	return out
}

func firstOffice(c *caller) int64 {
	if len(c.Offices) == 0 {
		return 0
	}
	return c.Offices[0]
}

// showReception fills in who is there and draws the page.
func (s *Server) showReception(w http.ResponseWriter, r *http.Request, c *caller, status int, out page.Reception, person int64) error {
	if !c.FrontDesk {
		return inbox.ErrForbidden
	}
	out.Now = s.clock.Now()
	var err error
	if out.Picks, err = s.picks(r, c, out.How, out.Query); err != nil {
		return err
	}
	if person > 0 {
		if out.Chosen, err = s.knownLine(r, c, person); err != nil {
			return err
		}
		p, err := s.Inbox.Person(r.Context(), c.Viewer, person)
		if err != nil {
			return err
		}
		for i := range p.Open {
			out.Cases = append(out.Cases, s.caseLine(c, &p.Open[i]))
		}
		for i := range out.Picks.People {
			out.Picks.People[i].Current = out.Picks.People[i].ID == out.Chosen.ID
		}
	}
	if out.Number == nil && out.How == page.HowVisit {
		if out.Number, err = s.numberDesk(r, c); err != nil {
			return err
		}
	}
	if out.Arrivals == nil && out.How == page.HowVisit {
		if out.Arrivals, err = s.arrivalDesk(r, c, strings.TrimSpace(r.URL.Query().Get("arrival"))); err != nil {
			return err
		}
	}
	if out.Number != nil && out.Chosen != nil {
		out.Number.Person, out.Number.Name = out.Chosen.ID, out.Chosen.Name
	}
	visits, err := s.Inbox.VisitsBy(r.Context(), c.Viewer, s.midnight(), 10)
	if err != nil {
		return err
	}
	out.Today = s.visitLines(c, visits)
	if out.Shell, err = s.shell(r, c, page.SectionReception); err != nil {
		return err
	}
	s.show(w, r, status, c.lang, out)
	return nil
}

// midnight is when the municipality's day began.
func (s *Server) midnight() clock.Instant {
	n := s.clock.Now().Time().In(s.zone)
	return clock.At(time.Date(n.Year(), n.Month(), n.Day(), 0, 0, 0, 0, s.zone))
}

func (s *Server) picks(r *http.Request, c *caller, how page.How, query string) (page.PersonPicks, error) {
	out := page.PersonPicks{How: how, Query: query}
	if strings.TrimSpace(query) == "" {
		return out, nil
	}
	var err error
	out.People, err = s.findPeople(r, c, query, 8)
	return out, err
}

// receptionPeople answers the persons found while one types.
func (s *Server) receptionPeople(w http.ResponseWriter, r *http.Request, c *caller) error {
	if !c.FrontDesk {
		return inbox.ErrForbidden
	}
	q := r.URL.Query()
	p, err := s.picks(r, c, readHow(q.Get("how")), q.Get("q"))
	if err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, p)
	return nil
}

// deskAccount is the counter or telephone of the caller's office, else any.
func (s *Server) deskAccount(r *http.Request, c *caller, how page.How) (int64, error) {
	list, err := s.Inbox.Accounts(r.Context())
	if err != nil {
		return 0, err
	}
	kinds := []string{"counter", "phone"}
	if how == page.HowPhone {
		slices.Reverse(kinds)
	}
	for _, kind := range kinds {
		best := int64(0)
		for _, a := range list {
			if _, _, open := s.Accounts.Channel(a.ID); !open || a.Kind != kind {
				continue
			}
			if c.Member(a.OfficeID) {
				return a.ID, nil
			}
			best = cmp.Or(best, a.ID)
		}
		if best != 0 {
			return best, nil
		}
	}
	return 0, &inbox.InvalidError{Field: "account", Code: "missing"}
}

// recordVisit writes a visit or a call down. The key in the form makes a double
// click one visit.
func (s *Server) recordVisit(w http.ResponseWriter, r *http.Request, c *caller) error {
	if !c.FrontDesk {
		return inbox.ErrForbidden
	}
	how, form, person := readHow(r.PostFormValue("how")), readVisitForm(r), parseID(r.PostFormValue("person"))
	kind, office := inbox.CaseKind(r.PostFormValue("kind")), parseID(r.PostFormValue("office"))
	visit, faults, err := s.visit(r, c, how, &form, person, kind, office)
	if err != nil {
		return err
	}
	if len(faults) == 0 {
		k, err := s.Inbox.RecordVisit(r.Context(), c.Viewer, visit)
		if err == nil {
			http.Redirect(w, r, "/reception?"+url.Values{"how": {string(how)}, "done": {k.Ref()}}.Encode(), http.StatusSeeOther)
			return nil
		}
		if faults, err = s.visitFaults(r, c, &form, visit, err); err != nil {
			return err
		}
	}
	out := page.Reception{How: how, Form: form, Faults: faults, Kinds: kindChoices(c.say, kind), Offices: c.officeChoices(office)}
	if person == 0 {
		if out.Form.Known, err = s.knownByForm(r, c, &form); err != nil {
			return err
		}
	}
	return s.showReception(w, r, c, http.StatusUnprocessableEntity, out, person)
}

func readVisitForm(r *http.Request) page.VisitForm {
	v := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	return page.VisitForm{
		Key: v("key"), Name: v("name"), Phone: v("phone"), Email: v("email"), CF: v("cf"), Address: v("address"), Seen: v("seen") == "1", CFWhy: v("why"),
		CFSure: v("sure") == "1", OtherCase: v("other"),
		Subject: v("subject"), Text: v("text"), Outcome: page.Outcome(v("outcome")), Case: v("case"), Number: v("number"),
	}
}

// visit makes the command of the form, or says what is missing.
func (s *Server) visit(r *http.Request, c *caller, how page.How, f *page.VisitForm, person int64, kind inbox.CaseKind, office int64) (inbox.Visit, []page.FieldFault, error) {
	var faults []page.FieldFault
	miss := func(field, key string) { faults = append(faults, page.FieldFault{Field: field, Key: key}) }
	v := inbox.Visit{Key: f.Key, CitizenID: person, Person: f.Name, Phone: f.Phone, Email: f.Email, CF: f.CF, Address: f.Address, DocumentSeen: f.Seen && how == page.HowVisit, Kind: kind, Subject: f.Subject, Text: f.Text, OfficeID: office}
	if f.Key == "" {
		f.Key = secret.Token(12)
		v.Key = f.Key
	}
	if f.Subject == "" && f.Text == "" {
		miss("text", "text_required")
	}
	if f.CFSure {
		f.CFWarn = inbox.WarnCheckLetter // what was confirmed is shown as such if anything else is wrong
		if v.CFReason = f.CFWhy; v.CFReason == "" {
			miss("why", "why_required")
		}
	}
	if !slices.Contains(inbox.CaseKinds, kind) || c.dir.Office(office) == nil && f.Outcome != page.OutcomeJoin {
		miss("office", "office_required")
	}
	switch f.Outcome {
	case page.OutcomeOpen:
	case page.OutcomeJoin:
		k, fault, err := s.joined(r, c, f)
		if err != nil {
			return v, nil, err
		}
		if fault != "" {
			miss("number", fault)
		} else {
			v.CaseID, v.OfficeID, v.Kind = k.ID, 0, ""
			if f.OtherSure = f.OtherCase == k.Ref(); f.OtherSure {
				v.OtherPerson, f.OtherOf = true, k.Person
			}
		}
	default:
		v.Closed, v.Outcome = true, "answered"
	}
	var err error
	if v.AccountID, err = s.deskAccount(r, c, how); errors.Is(err, inbox.ErrInvalid) {
		miss("text", "no_desk")
		err = nil
	}
	return v, faults, err
}

// joined is the case to which a contact belongs: the one whose number was typed,
// else the one that was chosen. fault says what is wrong with it.
func (s *Server) joined(r *http.Request, c *caller, f *page.VisitForm) (k *inbox.Case, fault string, err error) {
	ref := cmp.Or(f.Number, f.Case)
	if ref == "" {
		return nil, "number_required", nil
	}
	k, err = s.Inbox.CaseByRef(r.Context(), c.Viewer, ref)
	if errors.Is(err, inbox.ErrNotFound) {
		return nil, "bad_number", nil
	}
	return k, "", err
}

// visitFaults says at the field why a visit was not recorded.
func (s *Server) visitFaults(r *http.Request, c *caller, f *page.VisitForm, v inbox.Visit, err error) ([]page.FieldFault, error) {
	var warning *inbox.WarningError
	var invalid *inbox.InvalidError
	switch {
	case errors.As(err, &warning):
		return s.visitDoubt(r, c, f, v, warning)
	case errors.As(err, &invalid):
		x := *personField(invalid)
		if x.Field == "text" || invalid.Field == "text" {
			x = page.FieldFault{Field: "text", Key: "text_required"}
		}
		return []page.FieldFault{x}, nil
	}
	return nil, err
}

// visitDoubt asks the question that belongs to a doubt.
func (s *Server) visitDoubt(r *http.Request, c *caller, f *page.VisitForm, v inbox.Visit, w *inbox.WarningError) ([]page.FieldFault, error) {
	switch w.Code {
	case inbox.WarnCheckLetter:
		f.CFWarn, f.CFSure = w.Code, false
		return []page.FieldFault{{Field: "why", Key: "why_required"}}, nil
	case inbox.WarnOtherPerson:
		k, err := s.Inbox.CaseByID(r.Context(), c.Viewer, v.CaseID)
		if err != nil {
			return nil, err
		}
		f.OtherOf, f.OtherCase = k.Person, k.Ref()
		return []page.FieldFault{{Field: "other", Key: "other_sure_required"}}, nil
	}
	f.Doubt = w.Code
	return []page.FieldFault{{Field: w.Field, Key: "doubtful"}}, nil
}

// knownByForm looks whether somebody has one of the identities that were typed.
func (s *Server) knownByForm(r *http.Request, c *caller, f *page.VisitForm) (*page.PersonLine, error) {
	for _, q := range []string{f.CF, f.Email, f.Phone} {
		if q == "" {
			continue
		}
		list, err := s.findPeople(r, c, q, 1)
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			return &list[0], nil
		}
	}
	return nil, nil
}
