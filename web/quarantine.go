package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/pec"
	"filodiretto/inbox"
	"filodiretto/internal/safehtml"
	"filodiretto/web/page"
)

func (s *Server) quarantineRoutes() {
	s.mux.HandleFunc("GET /quarantine", s.staff(s.quarantine))
	s.mux.HandleFunc("GET /quarantine/{id}", s.staff(s.quarantined))
	s.mux.HandleFunc("GET /quarantine/{id}/html", s.staff(s.quarantineHTML))
	s.mux.HandleFunc("GET /quarantine/{id}/raw", s.staff(s.quarantineRaw))
	s.mux.HandleFunc("POST /quarantine/{id}/release", s.staff(s.releaseQuarantined))
	s.mux.HandleFunc("POST /quarantine/{id}/attach", s.staff(s.attachQuarantined))
	s.mux.HandleFunc("POST /quarantine/{id}/reject", s.staff(s.rejectQuarantined))
	s.mux.HandleFunc("POST /quarantine/{id}/parse", s.staff(s.parseQuarantined))
	s.mux.HandleFunc("POST /quarantine/storm", s.staff(s.rejectStorm))
	s.mux.HandleFunc("POST /quarantine/senders/{id}/free", s.staff(s.freeSender))
}

func quarantineWhy(reason string) page.QuarantineWhy {
	if w := page.QuarantineWhy(reason); slices.Contains(page.AllQuarantineWhys, w) {
		return w
	}
	return page.WhyOther
}

// quarantine is the list of what a person must look at.
func (s *Server) quarantine(w http.ResponseWriter, r *http.Request, c *caller) error {
	if !c.worksWithCitizens() {
		return inbox.ErrForbidden
	}
	q := r.URL.Query()
	out := page.Quarantine{Counts: map[page.QuarantineWhy]int{}}
	reason, others := "", []string(nil)
	if q.Get("why") != "" {
		out.Why = quarantineWhy(q.Get("why"))
		if reason = string(out.Why); out.Why == page.WhyOther {
			for _, w := range page.AllQuarantineWhys {
				if w != page.WhyOther {
					others = append(others, string(w))
				}
			}
		}
	}
	if err := s.fillHeld(r, c, &out); err != nil {
		return err
	}
	if reason == "" && len(out.Storms) > 0 {
		others = []string{string(page.WhyBudget)} // each storm has its card: the rest must not drown in it
	}
	items, next, err := s.Inbox.QuarantinePage(r.Context(), c.Viewer, reason, others, parseID(q.Get("before")), rowsPerPage)
	if err != nil {
		return err
	}
	sizes, err := s.Inbox.QuarantineSizes(r.Context(), items)
	if err != nil {
		return err
	}
	counts, err := s.Inbox.QuarantineReasons(r.Context(), c.Viewer)
	if err != nil {
		return err
	}
	for reason, n := range counts {
		out.Counts[quarantineWhy(reason)] += n
	}
	for _, x := range items {
		out.Items = append(out.Items, s.heldLine(x, sizes[x.RawID]))
	}
	if next > 0 {
		out.Before = formatID(next)
	}
	if out.Shell, err = s.shell(r, c, page.SectionQuarantine); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

func (s *Server) heldLine(x *inbox.Quarantined, size int64) page.HeldLine {
	l := page.HeldLine{ID: x.ID, From: x.Sender, Subject: x.Subject, At: x.At, Why: page.QuarantineWhy(x.Reason), Size: size}
	if _, acc, ok := s.Accounts.Channel(x.AccountID); ok {
		l.Channel, l.Account = page.Channel(acc.Kind), acc.Name
	}
	return l
}

// quarantined is one item with what can be done about it.
func (s *Server) quarantined(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.showQuarantined(w, r, c, http.StatusOK, nil)
}

func (s *Server) showQuarantined(w http.ResponseWriter, r *http.Request, c *caller, status int, fault *page.FieldFault) error {
	id := pathID(r, "id")
	x, err := s.Inbox.Quarantine(r.Context(), c.Viewer, id)
	if err != nil {
		return err
	}
	raw, body, err := s.Inbox.QuarantineRaw(r.Context(), c.Viewer, id)
	if err != nil {
		return err
	}
	out := page.QuarantineItem{
		ID: id, Line: s.heldLine(&x.Quarantined, x.Size), Detail: x.Detail, Text: x.Item.Text, RawURL: quarantineURL(id) + "/raw",
		ParserVersion: raw.Parser, ParserNow: raw.Parser, Fault: fault,
	}
	if raw.ContentType == "message/rfc822" || raw.ContentType == "message/rfc822-headers" {
		out.Headers = mailHeaders(body)
	}
	if ch, _, ok := s.Accounts.Channel(x.AccountID); ok {
		out.ParserNow = ch.ParserVersion()
	}
	out.Claims, out.Limits = claimedSender(x.Item.Notes), limitsOver(x.Item.Notes)
	if out.Line.Why == page.WhySpoof {
		out.Found = serverFound(x.Item.Notes, c.lang)
	}
	if x.Item.HTML != "" && rich(x.Item.HTML) {
		out.HTML = quarantineURL(id) + "/html"
	}
	if x.LetIn.Own {
		out.LetIn = &page.LetIn{For: x.LetIn.For.Value, Ours: x.LetIn.Ours}
	}
	out.Files = heldFiles(x.Item.Parts)
	if x.State == "waiting" {
		readable := x.Item.Kind != ""
		out.May = page.QuarantineMay{Release: readable, Attach: readable, Reject: true, Parse: true}
	} else {
		out.Decided = &page.Decision{Key: x.State, By: c.operator(x.DecidedBy), At: x.DecidedAt, Reason: x.Note}
	}
	if out.Shell, err = s.shell(r, c, page.SectionQuarantine); err != nil {
		return err
	}
	s.show(w, r, status, c.lang, out)
	return nil
}

// claimedSender is whom the headers of a certified envelope name as its sender
// where no signature does.
func claimedSender(notes []string) string {
	for _, n := range notes {
		if who, ok := strings.CutPrefix(n, pec.NoteClaimed); ok {
			return who
		}
	}
	return ""
}

// serverFound puts into words what stands in the header of a mail under the name of our
// own mail server, for whoever wonders why it waits.
func serverFound(notes []string, lang page.Lang) (out []string) {
	for _, n := range notes {
		switch code, _, _ := strings.Cut(n, ":"); code {
		case "dmarc", "spf", "dkim", "auth_below", "auth_unreadable", "from_outside":
			italian, english := mail.ExplainNote(n)
			if lang == page.Italian {
				out = append(out, italian)
			} else {
				out = append(out, english)
			}
		}
	}
	return out
}

// limitsOver are the limits for which a message was held.
func limitsOver(notes []string) []string {
	var out []string
	for _, n := range notes {
		if limit, ok := strings.CutPrefix(n, "limit:"); ok && slices.Contains(page.HeldLimits, limit) {
			out = append(out, limit)
		}
	}
	return out
}

// heldFiles names the files of an item. They cannot be fetched before a person
// has let the item in.
func heldFiles(parts []channels.Part) []page.File {
	var out []page.File
	for i := range parts {
		p := &parts[i]
		problem := p.Problem
		if problem == "" {
			problem = "held"
		}
		out = append(out, page.File{Name: p.Name, Size: p.Size, Type: p.Detected, Problem: problem, Preview: p.Preview})
	}
	return out
}

func quarantineURL(id int64) string { return "/quarantine/" + formatID(id) }

// quarantineHTML is a safe preview of the HTML: no picture of any kind.
func (s *Server) quarantineHTML(w http.ResponseWriter, r *http.Request, c *caller) error {
	x, err := s.Inbox.Quarantine(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return err
	}
	if x.Item.HTML == "" {
		return inbox.ErrNotFound
	}
	showFrame(w, safehtml.Show(x.Item.HTML, nil, false), x.Item.Lang, framePolicy(false, ""))
	return nil
}

func (s *Server) quarantineRaw(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	raw, body, err := s.Inbox.QuarantineRaw(r.Context(), c.Viewer, id)
	if err != nil {
		return err
	}
	serveRaw(w, body, "quarantena-"+formatID(id), raw.ContentType)
	return nil
}

func (s *Server) releaseQuarantined(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	k, err := s.Inbox.Release(r.Context(), c.Viewer, id, 0, "")
	switch {
	case err != nil:
		return s.done(w, r, c, quarantineURL(id), err, "released")
	case k == nil:
		return s.done(w, r, c, "/quarantine", nil, "released_elsewhere")
	default:
		return s.done(w, r, c, caseURL("", k.Ref()), nil, "released")
	}
}

// attachQuarantined puts an item into a case that exists.
func (s *Server) attachQuarantined(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	k, err := s.Inbox.CaseByRef(r.Context(), c.Viewer, r.PostFormValue("case"))
	if errors.Is(err, inbox.ErrNotFound) {
		return s.showQuarantined(w, r, c, http.StatusUnprocessableEntity, &page.FieldFault{Field: "case", Key: "bad_number"})
	}
	if err != nil {
		return err
	}
	to := caseURL("", k.Ref())
	if _, err = s.Inbox.Release(r.Context(), c.Viewer, id, k.ID, ""); err != nil {
		to = quarantineURL(id)
	}
	return s.done(w, r, c, to, err, "attached", "number", k.Ref())
}

func (s *Server) rejectQuarantined(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	reject, key := s.Inbox.Reject, "rejected"
	if r.PostFormValue("hold") != "" {
		reject, key = s.Inbox.RejectAndHold, "rejected_held"
	}
	err := reject(r.Context(), c.Viewer, id, r.PostFormValue("reason"))
	to := "/quarantine"
	if err != nil {
		to = quarantineURL(id)
	}
	return s.done(w, r, c, to, err, key)
}

// parseQuarantined reads an item with the parser of today (mail rule 20).
func (s *Server) parseQuarantined(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	filed, err := s.Inbox.ReadAgain(r.Context(), c.Viewer, id)
	key, to := "parsed_same", quarantineURL(id)
	if filed {
		key = "released"
	}
	return s.done(w, r, c, to, err, key)
}
