package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/web/page"
)

// events is the register of what happened: who did what, and when. It tells no
// contents.
func (s *Server) events(w http.ResponseWriter, r *http.Request, c *caller) error {
	q := r.URL.Query()
	out := page.Events{Number: strings.TrimSpace(q.Get("number")), From: q.Get("from"), To: q.Get("to"), Who: c.auditWho(parseID(q.Get("who"))), What: c.auditWhat(q.Get("what"))}
	f := inbox.AuditFilter{Kind: q.Get("what"), OperatorID: parseID(q.Get("who")), CitizenID: parseID(q.Get("person")), CaseRef: out.Number, Before: parseID(q.Get("before")), Limit: rowsPerPage}
	if f.CitizenID != 0 {
		out.Person = formatID(f.CitizenID)
	}
	out.Faults = s.auditDays(&f, out.From, out.To)
	if out.Faults == nil {
		p, err := s.Inbox.Audit(r.Context(), c.Viewer, f)
		var invalid *inbox.InvalidError
		switch {
		case errors.As(err, &invalid):
			out.Faults, _ = c.formFaults(err, nil)
		case err != nil:
			return err
		default:
			c.fillAudit(&out, p, q)
		}
	}
	var err error
	if out.Shell, err = s.adminShell(r, c, page.AdminEvents); err != nil {
		return err
	}
	s.show(w, r, formStatus(out.Faults), c.lang, out)
	return nil
}

// auditDays reads the days of the filter; the last day is part of it.
func (s *Server) auditDays(f *inbox.AuditFilter, from, to string) (faults []page.FieldFault) {
	var ok bool
	if f.From, ok = s.day(from); !ok {
		faults = append(faults, page.FieldFault{Field: "from", Key: "bad_date"})
	}
	if f.To, ok = s.endOfDay(to); !ok {
		faults = append(faults, page.FieldFault{Field: "to", Key: "bad_date"})
	}
	if f.To != 0 {
		f.To++
	}
	if faults == nil && f.To != 0 && f.To <= f.From {
		faults = append(faults, page.FieldFault{Field: "to", Key: "to_before"})
	}
	return faults
}

func (c *caller) fillAudit(out *page.Events, p *inbox.AuditPage, q url.Values) {
	out.Sealed = p.Sealed
	for i := range p.Events {
		out.Events = append(out.Events, c.auditLine(&p.Events[i], p.Refs))
	}
	if p.Next > 0 {
		next := url.Values{"before": {formatID(p.Next)}}
		for _, name := range []string{"who", "what", "number", "person", "from", "to"} {
			if v := q.Get(name); v != "" {
				next.Set(name, v)
			}
		}
		out.Before = "/admin/events?" + next.Encode()
	}
}

func (c *caller) auditLine(e *inbox.AuditEvent, refs map[int64]string) page.AuditLine {
	l := page.AuditLine{ID: e.ID, At: e.At, Who: c.operator(e.OperatorID), What: c.say.Either("audit_kind.", e.Kind, e.Kind), Code: e.Kind, Number: e.Ref, Person: e.CitizenID}
	switch {
	case l.Who != "":
	case e.Actor == "citizen":
		l.Who = c.say.Text("said.by_citizen")
	default:
		l.Who = c.say.Text("said.by_automation")
	}
	if c.worksWithCitizens() { // an administrator alone knows no names
		l.Name = e.Person
	}
	l.Detail = c.auditDetail(e, refs)
	return l
}

// auditDetail says to whom, to which office, how it ended: what the event's own
// text says. Reasons and texts that people wrote are contents and stay out.
func (c *caller) auditDetail(e *inbox.AuditEvent, refs map[int64]string) string {
	var d eventData
	_ = json.Unmarshal([]byte(e.Data), &d) // members of other types stay empty
	key, args, _ := c.eventWords(e.Kind, &d, func(id int64) string { return refs[id] })
	if len(args) == 0 || !c.say.Known("event."+key) {
		return c.auditSubject(e)
	}
	var pairs []any
	for name, v := range args {
		if v == "" {
			v = "–"
		}
		pairs = append(pairs, name, v)
	}
	return c.say.Text("event."+key, pairs...)
}

// auditSubject names what an event of the administration is about.
func (c *caller) auditSubject(e *inbox.AuditEvent) string {
	var d struct {
		Operator                    int64
		Account, Event, Short, Word string
		Class, Code                 string
	}
	_ = json.Unmarshal([]byte(e.Data), &d) // members of other types stay empty
	family, _, _ := strings.Cut(e.Kind, ".")
	switch family {
	case "operator", "token":
		return c.operator(d.Operator)
	case "office":
		return c.office(e.OfficeID)
	case "account":
		return strings.TrimSpace(d.Account + " " + c.say.Either("channel_error.", d.Class, d.Code))
	case "text":
		return d.Event
	case "ready_text":
		return d.Short
	}
	return ""
}

// auditWho are the operators whose doings may be asked for.
func (c *caller) auditWho(chosen int64) (out []page.Choice) {
	for i := range c.dir.Operators {
		o := &c.dir.Operators[i]
		out = append(out, page.Choice{Value: formatID(o.ID), Label: o.Name, Chosen: o.ID == chosen})
	}
	return out
}

// auditWhat are the kinds of events by family, with the whole family first.
func (c *caller) auditWhat(chosen string) (out []page.ChoiceGroup) {
	kinds := c.say.Keys("audit_kind.")
	for _, family := range c.say.Keys("audit_family.") {
		name := c.say.Text("audit_family." + family)
		g := page.ChoiceGroup{Label: name, Choices: []page.Choice{{Value: family + ".", Label: c.say.Text("said.whole_family", "family", name), Chosen: chosen == family+"."}}}
		for _, k := range kinds {
			if strings.HasPrefix(k, family+".") {
				g.Choices = append(g.Choices, page.Choice{Value: k, Label: c.say.Text("audit_kind." + k), Chosen: k == chosen})
			}
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b page.ChoiceGroup) int { return strings.Compare(a.Label, b.Label) })
	return out
}
