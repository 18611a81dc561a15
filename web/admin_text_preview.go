package web

import (
	"errors"
	"net/http"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"filodiretto/router"
	"filodiretto/templates"
	"filodiretto/web/page"
)

// previewText shows how the text in a form will look, as the element of the page,
// or as the whole form for a browser without scripts.
func (s *Server) previewText(w http.ResponseWriter, r *http.Request, c *caller) error {
	event := r.PostFormValue("event")
	if event == "" {
		return s.previewReady(w, r, c)
	}
	r.SetPathValue("event", event)
	r.SetPathValue("slot", r.PostFormValue("channel"))
	r.SetPathValue("lang", r.PostFormValue("lang"))
	k, e, err := pathText(r)
	if err != nil {
		return err
	}
	t := formText(r, k)
	if r.Header.Get("HX-Request") == "true" {
		s.show(w, r, http.StatusOK, c.lang, c.previewNotice(t))
		return nil
	}
	return s.showText(w, r, c, k, e, t, nil)
}

// previewNotice shows a notice on each channel that it would go to, with example
// values.
func (c *caller) previewNotice(t templates.Text) page.TextPreview {
	shown := []string{t.Channel}
	switch e, _ := templates.Lookup(t.Event); {
	case e.Standing:
		shown = []string{templates.Page}
	case e.SubjectOnly:
		shown = []string{templates.Mail}
	case t.Channel == templates.Any:
		shown = []string{templates.Mail, templates.Telegram, templates.SMS}
	}
	var out page.TextPreview
	for _, channel := range shown {
		x, err := templates.Preview(t, channel)
		if err != nil {
			faults, _ := c.textFaults(err)
			for _, f := range faults {
				out.Faults = append(out.Faults, f.Text)
			}
			return out
		}
		p := preview(channel, x.Subject, x.Plain)
		if channel == templates.SMS {
			p.Parts, p.Unicode, p.Adapted = x.SMS.Parts, x.SMS.Encoding == templates.UCS2, x.SMS.Adapted
		}
		out.Previews = append(out.Previews, p)
		if out.Meter == nil {
			out.Meter = meter(x.Plain)
		}
	}
	return out
}

// telegramMost is how many UTF-16 units one message of Telegram holds
// (reference/channels.md section 1).
const telegramMost = 4096

func preview(channel, subject, text string) page.ChannelPreview {
	p := page.ChannelPreview{Channel: page.Channel(channel), Subject: subject, Text: text, Chars: utf8.RuneCountInString(text)}
	switch channel {
	case templates.Telegram:
		if n := len(utf16.Encode([]rune(text))); n > telegramMost {
			p.Parts = (n + telegramMost - 1) / telegramMost
		}
	case templates.Page:
		p.Channel = page.ChannelWeb
	}
	return p
}

// textFaults says where a text is wrong and what to write instead, in the
// caller's language.
func (c *caller) textFaults(err error) ([]page.FieldFault, bool) {
	var mistakes templates.ParseErrors
	if bad, ok := errors.AsType[*router.TextError](err); ok {
		mistakes = bad.Mistakes
	} else if !errors.As(err, &mistakes) {
		faults, ok := c.formFaults(err, nil)
		if ok && faults[0].Key == "changed" {
			faults[0].Field = "body"
		}
		return faults, ok
	}
	var out []page.FieldFault
	for _, m := range mistakes {
		f := page.FieldFault{Field: "body", Text: m.Text(string(c.lang))}
		if m.Field == templates.FieldSubject {
			f.Field = "subject"
		} else if m.Code != templates.Empty {
			f.Text = c.say.Text("said.text_at", "line", m.Line, "what", f.Text)
		}
		out = append(out, f)
	}
	return out, true
}

// previewReady shows a ready text with the values of an example.
func (s *Server) previewReady(w http.ResponseWriter, r *http.Request, c *caller) error {
	t := readReady(r)
	if r.Header.Get("HX-Request") == "true" {
		s.show(w, r, http.StatusOK, c.lang, s.readyPreview(c, t))
		return nil
	}
	return s.showReady(w, r, c, t, nil)
}

func (s *Server) readyPreview(c *caller, t router.ReadyText) page.TextPreview {
	text := strings.TrimSpace(fillReady(t.Body, s.readyExample(c, t)))
	if text == "" {
		return page.TextPreview{}
	}
	out := page.TextPreview{Meter: meter(text)}
	for _, channel := range []string{templates.Mail, templates.Telegram, templates.SMS} {
		p := preview(channel, "", text)
		if channel == templates.SMS {
			l := templates.Measure(text)
			p.Parts, p.Unicode = l.Parts, l.Encoding == templates.UCS2
		}
		out.Previews = append(out.Previews, p)
	}
	return out
}
