package web

import (
	"net/http"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/router"
	"filodiretto/web/page"
)

// tokens is the list of API tokens with the form for a new one.
func (s *Server) tokens(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.showTokens(w, r, c, page.Tokens{}, router.ScopeRead)
}

func (s *Server) showTokens(w http.ResponseWriter, r *http.Request, c *caller, out page.Tokens, chosen router.Scope) error {
	list, err := s.Router.Tokens(r.Context(), c.Viewer)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	for i := range list {
		t := &list[i]
		out.Tokens = append(out.Tokens, page.TokenLine{
			ID: t.ID, Name: t.Name, Scope: c.scopeWords(t), By: c.operator(t.OperatorID), Made: t.CreatedAt,
			LastUsed: t.LastUsedAt, Expires: t.ExpiresAt, Revoked: t.RevokedAt, Over: !t.Good(now),
		})
	}
	for _, x := range router.Scopes {
		out.Scopes = append(out.Scopes, page.Choice{Value: string(x), Label: c.say.Text("token_scope." + string(x)), Hint: c.say.Text("token_scope_why." + string(x)), Chosen: x == chosen})
	}
	if out.Shell, err = s.adminShell(r, c, page.AdminTokens); err != nil {
		return err
	}
	s.show(w, r, formStatus(out.Faults), c.lang, out)
	return nil
}

// scopeWords is the greatest scope of a token, which holds the others.
func (c *caller) scopeWords(t *router.Token) string {
	words := ""
	for _, x := range router.Scopes {
		if t.May(x) {
			words = c.say.Text("token_scope." + string(x))
		}
	}
	return words
}

// makeToken makes a token and shows its word this once: the answer is the page
// itself, so that the word is kept nowhere.
func (s *Server) makeToken(w http.ResponseWriter, r *http.Request, c *caller) error {
	out := page.Tokens{Name: r.PostFormValue("name"), Expires: r.PostFormValue("expires")}
	scope := router.Scope(r.PostFormValue("scope"))
	expires, ok := s.endOfDay(out.Expires)
	if !ok {
		out.Faults = []page.FieldFault{{Field: "expires", Key: "bad_date"}}
		return s.showTokens(w, r, c, out, scope)
	}
	var scopes []router.Scope
	if scope != "" {
		scopes = []router.Scope{scope}
	}
	word, _, err := s.Router.CreateToken(r.Context(), c.Viewer, out.Name, scopes, expires)
	if err != nil {
		faults, ok := c.formFaults(err, map[string]string{"scopes": "scope", "expires_at": "expires"})
		if !ok {
			return err
		}
		if faults[0].Field == "scope" && faults[0].Key != "scope_not_yours" {
			faults[0].Key = "no_scope"
		}
		out.Faults = faults
		return s.showTokens(w, r, c, out, scope)
	}
	return s.showTokens(w, r, c, page.Tokens{Fresh: word}, router.ScopeRead)
}

// endOfDay is the last instant of a day, 0 for none; ok is false for what is no day.
func (s *Server) endOfDay(day string) (clock.Instant, bool) {
	from, ok := s.day(day)
	if !ok || from == 0 {
		return 0, ok
	}
	t := from.Time().In(s.zone)
	return clock.At(time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, s.zone)) - 1, true
}

// day is the first instant of a day on the municipality's clock, 0 for none.
func (s *Server) day(day string) (clock.Instant, bool) {
	if day == "" {
		return 0, true
	}
	t, err := time.ParseInLocation(time.DateOnly, day, s.zone)
	if err != nil || t.Year() < 2000 || t.Year() > 2200 {
		return 0, false
	}
	return clock.At(t), true
}

func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.done(w, r, c, "/admin/tokens", s.Router.RevokeToken(r.Context(), c.Viewer, pathID(r, "id")), "revoked")
}
