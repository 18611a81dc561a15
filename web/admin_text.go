package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/router"
	"filodiretto/templates"
	"filodiretto/web/page"
)

func (s *Server) textRoutes() {
	s.mux.HandleFunc("GET /admin/texts", s.heads(s.texts))
	s.mux.HandleFunc("POST /admin/texts/preview", s.heads(s.previewText))
	s.mux.HandleFunc("GET /admin/texts/ready/new", s.heads(s.newReady))
	s.mux.HandleFunc("GET /admin/texts/ready/{id}", s.heads(s.readyText))
	s.mux.HandleFunc("POST /admin/texts/ready", s.heads(s.saveReady))
	s.mux.HandleFunc("POST /admin/texts/ready/{id}", s.heads(s.saveReady))
	s.mux.HandleFunc("POST /admin/texts/ready/{id}/delete", s.heads(s.deleteReady))
	s.mux.HandleFunc("GET /admin/texts/{event}/{slot}/{lang}", s.heads(s.text))
	s.mux.HandleFunc("POST /admin/texts/{event}/{slot}/{lang}", s.heads(s.saveText))
	s.mux.HandleFunc("POST /admin/texts/{event}/{slot}/{lang}/restore", s.heads(s.restoreText))
}

// allChannels is how an address says "for every channel".
const allChannels = "all"

// textKey names one text of a notice.
type textKey struct{ event, channel, lang string }

func (k textKey) slot() string { return cmp.Or(k.channel, allChannels) }

// newSlots are the channels for which a text of its own is offered: those that
// write in a way of their own.
var newSlots = []string{templates.Any, templates.Mail, templates.Telegram, templates.SMS, templates.PEC}

// texts is the list of notices with the texts that there are, and the ready texts.
func (s *Server) texts(w http.ResponseWriter, r *http.Request, c *caller) error {
	own, err := s.ownTexts(r, c)
	if err != nil {
		return err
	}
	broken := map[textKey]bool{}
	for _, p := range s.Texts(r.Context()).Problems() {
		broken[textKey{p.Text.Event, p.Text.Channel, p.Text.Lang}] = true
	}
	out := page.Texts{}
	for _, e := range templates.Events() {
		line := page.NoticeLine{Event: e.Name, Name: e.Label(string(c.lang))}
		for _, k := range textKeys(e) {
			x := page.NoticeText{Slot: k.slot(), Channel: page.Channel(k.channel), Lang: page.Lang(k.lang)}
			t, written := own[k]
			switch {
			case written:
				x.Own, x.Broken, x.Changed, x.By = true, broken[k], t.UpdatedAt, c.operator(t.UpdatedBy)
				line.Texts = append(line.Texts, x)
			case builtinText(k) != nil:
				line.Texts = append(line.Texts, x)
			case slices.Contains(newSlots, k.channel) && (!e.SubjectOnly || hasSubject(k.channel)):
				line.New = append(line.New, x)
			}
		}
		if n := len(out.Topics); n == 0 || out.Topics[n-1].Key != e.Topic {
			out.Topics = append(out.Topics, page.NoticeTopic{Key: e.Topic})
		}
		topic := &out.Topics[len(out.Topics)-1]
		topic.Notices = append(topic.Notices, line)
	}
	if out.Ready, err = s.readyLines(r, c); err != nil {
		return err
	}
	if out.Shell, err = s.adminShell(r, c, page.AdminTexts); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// textKeys are all texts that an event can have, those for all channels first.
func textKeys(e templates.Event) (out []textKey) {
	for _, channel := range router.TextChannels {
		if e.Standing && channel != templates.Any {
			continue // a page goes to no channel
		}
		for _, l := range page.AllLangs {
			out = append(out, textKey{e.Name, channel, string(l)})
		}
	}
	return out
}

func (s *Server) ownTexts(r *http.Request, c *caller) (map[textKey]router.OwnText, error) {
	list, err := s.Router.OwnTexts(r.Context(), c.Viewer)
	if err != nil {
		return nil, err
	}
	own := make(map[textKey]router.OwnText, len(list))
	for _, t := range list {
		own[textKey{t.Event, t.Channel, t.Lang}] = t
	}
	return own, nil
}

// builtinText is the text that the program brings, nil when it has none.
func builtinText(k textKey) *templates.Text {
	for _, t := range templates.Builtin() {
		if (textKey{t.Event, t.Channel, t.Lang}) == k {
			return &t
		}
	}
	return nil
}

// hasSubject reports whether what goes to the channel has a subject.
func hasSubject(channel string) bool {
	return channel == templates.Any || channel == templates.Mail || channel == templates.PEC
}

// pathText is the text that the address names.
func pathText(r *http.Request) (textKey, templates.Event, error) {
	k := textKey{r.PathValue("event"), r.PathValue("slot"), r.PathValue("lang")}
	if k.channel == allChannels {
		k.channel = templates.Any
	} else if k.channel == templates.Any {
		return k, templates.Event{}, inbox.ErrNotFound
	}
	e, ok := templates.Lookup(k.event)
	if !ok || e.Standing && k.channel != templates.Any || !slices.Contains(router.TextChannels, k.channel) || !slices.Contains(page.AllLangs, page.Lang(k.lang)) {
		return k, e, inbox.ErrNotFound
	}
	return k, e, nil
}

// text is the form of one text. Where there is none yet, it begins with the text
// that is used now.
func (s *Server) text(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, e, err := pathText(r)
	if err != nil {
		return err
	}
	own, err := s.ownTexts(r, c)
	if err != nil {
		return err
	}
	t := templates.Text{Event: k.event, Channel: k.channel, Lang: k.lang}
	if o, ok := own[k]; ok {
		t = o.Text()
	} else if b := builtinText(k); b != nil {
		t = *b
	} else if used, ok := s.Texts(r.Context()).Pick(k.event, k.channel, k.lang); ok {
		t.Subject, t.Plain = used.Subject, used.Plain
	}
	return s.showText(w, r, c, k, e, t, nil)
}

func (s *Server) showText(w http.ResponseWriter, r *http.Request, c *caller, k textKey, e templates.Event, t templates.Text, faults []page.FieldFault) error {
	own, err := s.ownTexts(r, c)
	if err != nil {
		return err
	}
	o, written := own[k]
	f := page.TextForm{
		Event: k.event, Name: e.Label(string(c.lang)), Slot: k.slot(), Channel: page.Channel(k.channel), Lang: page.Lang(k.lang), Own: written,
		SubjectOnly: e.SubjectOnly, HasSubject: e.SubjectOnly || hasSubject(k.channel), Subject: t.Subject, Body: t.Plain, Seen: formatInstant(o.UpdatedAt), Faults: faults,
	}
	if b := builtinText(k); b != nil {
		f.Builtin = &page.BuiltinText{Subject: b.Subject, Body: b.Plain}
	}
	for _, v := range e.Vars {
		meaning := v.It
		if c.lang == page.English {
			meaning = v.En
		}
		f.Variables = append(f.Variables, page.TextVariable{Name: "{" + v.Name + "}", Meaning: meaning})
	}
	f.Preview = c.previewNotice(t)
	if f.Shell, err = s.adminShell(r, c, page.AdminTexts); err != nil {
		return err
	}
	s.show(w, r, formStatus(faults), c.lang, f)
	return nil
}

// formatInstant writes an instant for a hidden input that says what was seen.
func formatInstant(i clock.Instant) string { return strconv.FormatInt(int64(i), 10) }

// saveText stores a text that the municipality wrote. What was sent before stays
// as it was.
func (s *Server) saveText(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, e, err := pathText(r)
	if err != nil {
		return err
	}
	t := formText(r, k)
	err = s.Router.SaveText(r.Context(), c.Viewer, t, clock.Instant(parseID(r.PostFormValue("seen"))))
	if err == nil {
		s.ForgetTexts()
		return s.saved(w, r, "/admin/texts", "saved")
	}
	faults, ok := c.textFaults(err)
	if !ok {
		return err
	}
	return s.showText(w, r, c, k, e, t, faults)
}

func formText(r *http.Request, k textKey) templates.Text {
	return templates.Text{Event: k.event, Channel: k.channel, Lang: k.lang, Subject: r.PostFormValue("subject"), Plain: r.PostFormValue("body")}
}

func (s *Server) restoreText(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, _, err := pathText(r)
	if err != nil {
		return err
	}
	err = s.Router.RestoreText(r.Context(), c.Viewer, k.event, k.channel, k.lang)
	s.ForgetTexts()
	return s.done(w, r, c, "/admin/texts", err, "text_restored")
}
