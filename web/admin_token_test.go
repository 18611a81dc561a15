package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"filodiretto/router"
)

func TestTokenIsShownOnceAndRevoked(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("admin")
		b.get("/admin/tokens").want(http.StatusOK, "Vede quello che vedi tu", "prova", "Giulia Moretti")
		p := b.post("/admin/tokens", "name", "Protocollo", "scope", "write", "expires", "2026-12-31").want(http.StatusOK, "Ecco il token nuovo", "Copialo adesso", "Protocollo", "leggere e scrivere", "31 dic 2026")
		word := router.TokenPrefix + strings.Split(strings.Split(p.Body, `id="fresh">`+router.TokenPrefix)[1], "<")[0]
		v, tok, err := e.router.ViewerByToken(t.Context(), word)
		if err != nil || v.OperatorID != e.people["admin"].OperatorID || !tok.May(router.ScopeWrite) || tok.May(router.ScopeAdmin) {
			t.Fatalf("%+v %v", tok, err)
		}
		if tok.ExpiresAt.Time().Format("2006-01-02 15:04:05") != "2026-12-31 23:59:59" {
			t.Errorf("ends %v", tok.ExpiresAt.Time())
		}
		b.get("/admin/tokens").want(http.StatusOK, "Protocollo").without(word, word[3:], tok.Hash)
		path := fmt.Sprintf("/admin/tokens/%d/revoke", tok.ID)
		b.post(path).to("/admin/tokens")
		b.get("/admin/tokens").want(http.StatusOK, "Token revocato.", "revocato")
		if _, _, err := e.router.ViewerByToken(t.Context(), word); err == nil {
			t.Error("a revoked token still works")
		}
		b.post(path).to("/admin/tokens")
		b.post("/admin/tokens/999/revoke").want(http.StatusNotFound)
	})
}

func TestTokenFaultsStandAtTheirField(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("admin")
		for _, tt := range []struct {
			field, word string
			form        []string
		}{
			{"name", "Questo campo è necessario.", []string{"name", " ", "scope", "read"}},
			{"name", "È troppo lungo.", []string{"name", strings.Repeat("x", 201), "scope", "read"}},
			{"scope", "Scegli che cosa permette.", []string{"name", "X"}},
			{"scope", "Scegli che cosa permette.", []string{"name", "X", "scope", "all"}},
			{"expires", "Deve essere nel futuro.", []string{"name", "X", "scope", "read", "expires", "2020-01-01"}},
			{"expires", "Questa data non è valida.", []string{"name", "X", "scope", "read", "expires", "domani"}},
		} {
			b.post("/admin/tokens", tt.form...).want(http.StatusUnprocessableEntity, tt.word, `href="#f-`+tt.field+`"`, `id="f-`+tt.field+`"`).without("Ecco il token")
		}
		b.post("/admin/tokens", "name", "Scaduto", "scope", "read", "expires", "2026-11-17").want(http.StatusOK, "Ecco il token")
		e.manual.Advance(24 * 3600e9)
		b.get("/admin/tokens").want(http.StatusOK, "finito il 17 nov 2026")
	})
}
