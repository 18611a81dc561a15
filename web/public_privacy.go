package web

import (
	"fmt"
	"html/template"
	"net/http"

	"filodiretto/templates"
	"filodiretto/web/page"
)

// privacyPath is the notice on personal data (GDPR articles 13 and 14), to which
// the bot and the receipts lead.
const privacyPath = "/p/privacy"

// privacyPage shows the notice: the municipality's own text, filled in with what
// the configuration says. A text of its own that lacks a value must not leave
// citizens without a notice, so that the built-in one stands in.
func (s *Server) privacyPage(w http.ResponseWriter, r *http.Request) {
	s.keepLang(w, r)
	lang := string(s.publicLang(r))
	values := s.privacyValues(lang)
	text, err := s.Texts(r.Context()).Render(templates.PrivacyPage, templates.Page, lang, values)
	if err != nil {
		s.Log.Error("the privacy notice cannot be filled in and the built-in one is shown", "lang", lang, "error", err)
		if text, err = templates.NewSet(nil).Render(templates.PrivacyPage, templates.Page, lang, values); err != nil {
			s.fail(w, r, fmt.Errorf("privacy notice: %w", err))
			return
		}
	}
	s.show(w, r, http.StatusOK, s.publicLang(r), page.PublicPrivacy{
		Site: s.site(r), Title: text.Subject, Text: page.Lang(text.Lang),
		Body: template.HTML(text.Body), //nolint:gosec // package templates escapes what people wrote
	})
}

// privacyValues is what the configuration says of the municipality's data. The
// link is of a fuller notice elsewhere: this page does not lead to itself.
func (s *Server) privacyValues(lang string) map[string]string {
	p := &s.Config.Privacy
	return map[string]string{
		"municipality": s.Config.Municipality.Name, "controller": p.Controller, "controller_contact": p.ControllerContact,
		"dpo_contact": p.DPOContact, "retention": p.RetentionIn(lang), "privacy_link": p.Link,
	}
}
