package web

import (
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
	s.mux.HandleFunc("POST /quarantine/{id}/wait", s.staff(s.putBack))
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
	out := page.Quarantine{Decided: q.Get("decided") != ""}
	var err error
	if out.Decided {
		err = s.decidedList(r, c, &out)
	} else {
		err = s.waitingList(r, c, &out)
	}
	if err != nil {
		return err
	}
	if out.Shell, err = s.shell(r, c, page.SectionQuarantine); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// waitingList fills in what waits, by reason and kind, with the storms above and the
// held senders below.
func (s *Server) waitingList(r *http.Request, c *caller, out *page.Quarantine) error {
	f := inbox.HeldFilter{}
	if why := r.URL.Query().Get("why"); why != "" {
		out.Why = quarantineWhy(why)
		f.Reason = string(out.Why)
	}
	switch out.Why {
	case page.WhyOther:
		for _, w := range page.AllQuarantineWhys {
			if w != page.WhyOther {
				f.Others = append(f.Others, string(w))
			}
		}
	case page.WhyAuto:
		if kind := r.URL.Query().Get("kind"); slices.Contains(page.HeldKinds, kind) {
			out.Kind, f.Kind = kind, kind
		}
	}
	if err := s.fillHeld(r, c, out); err != nil {
		return err
	}
	if f.Reason == "" && len(out.Storms) > 0 {
		f.Others = []string{string(page.WhyBudget)} // each storm has its card: the rest must not drown in it
	}
	counts, err := s.Inbox.QuarantineCounts(r.Context(), c.Viewer)
	if err != nil {
		return err
	}
	out.Counts, out.Kinds = map[page.QuarantineWhy]int{}, map[string]int{}
	for _, n := range counts {
		out.Counts[quarantineWhy(n.Reason)] += n.N
		if n.Reason == string(page.WhyAuto) {
			out.Kinds[n.Kind] += n.N
		}
	}
	return s.heldLines(r, c, f, out)
}

// decidedList fills in what people decided of what waited, the newest first.
func (s *Server) decidedList(r *http.Request, c *caller, out *page.Quarantine) error {
	return s.heldLines(r, c, inbox.HeldFilter{Decided: true}, out)
}

func (s *Server) heldLines(r *http.Request, c *caller, f inbox.HeldFilter, out *page.Quarantine) error {
	items, next, err := s.Inbox.QuarantinePage(r.Context(), c.Viewer, f, r.URL.Query().Get("before"), rowsPerPage)
	if err != nil {
		return err
	}
	sizes, err := s.Inbox.QuarantineSizes(r.Context(), items)
	if err != nil {
		return err
	}
	for _, x := range items {
		l := s.heldLine(x, sizes[x.RawID])
		if f.Decided {
			l.Done = decision(c, x)
		}
		out.Items = append(out.Items, l)
	}
	out.Before = next
	return nil
}

// decision is what somebody decided of an item, in words.
func decision(c *caller, x *inbox.Quarantined) *page.Decision {
	d := &page.Decision{Key: x.State, By: c.operator(x.DecidedBy), At: x.DecidedAt, Reason: x.Note, Back: x.State == "rejected"}
	if d.Reason == "read_again" { // no word of a person
		d.Key, d.Reason = "parsed", ""
	}
	if d.Reason == inbox.RescuedNote && x.DecidedBy == 0 {
		d.Key, d.Reason = "rescued", ""
	}
	return d
}

func (s *Server) heldLine(x *inbox.Quarantined, size int64) page.HeldLine {
	l := page.HeldLine{ID: x.ID, From: x.Sender, Subject: x.Subject, At: x.At, Why: page.QuarantineWhy(x.Reason), Size: size}
	if l.Why == page.WhyAuto && slices.Contains(page.HeldKinds, x.Detail) {
		l.Kind = x.Detail
	}
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
	if out.Line.Kind != "" { // in words already
		out.Detail = ""
	}
	if raw.ContentType == "message/rfc822" || raw.ContentType == "message/rfc822-headers" {
		out.Headers = mailHeaders(body)
	}
	if ch, _, ok := s.Accounts.Channel(x.AccountID); ok {
		out.ParserNow = ch.ParserVersion()
	}
	out.Claims, out.Limits = claimedSender(x.Item.Notes), limitsOver(x.Item.Notes)
	if out.Line.Why == page.WhySpoof || out.Line.Why == page.WhySpam {
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
		out.May = page.QuarantineMay{Release: readable, Attach: readable, Reject: true, Hold: x.MayHold, Parse: true}
	} else {
		out.Decided = decision(c, &x.Quarantined)
		out.Decided.Together = x.Together
		if x.Case != nil {
			out.Decided.Number = x.Case.Ref()
		}
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
		case "dmarc", "spf", "dkim", "auth_below", "auth_unreadable", "from_outside", "spam_flag", "from_junk":
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
