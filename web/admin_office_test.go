package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// adminPages are the addresses of the administration, and whether heads may
// open them too.
var adminPages = map[string]bool{
	"/admin/offices": false, "/admin/offices/new": false, "/admin/operators": false, "/admin/operators/new": false, "/admin/tokens": false,
	"/channels/new?kind=mail": false, "/admin/rules": true, "/admin/rules/new": true, "/admin/rules/row?group=all&n=0": true, "/admin/texts": true,
	"/admin/texts/receipt/all/it": true, "/admin/texts/ready/new": true, "/admin/events": true,
}

var adminPosts = map[string]bool{
	"/admin/offices": false, "/admin/offices/1": false, "/admin/operators": false, "/admin/operators/1": false, "/admin/tokens": false, "/admin/tokens/1/revoke": false,
	"/channels": false, "/channels/1": false, "/channels/1/probe": false, "/channels/1/pause": false, "/channels/1/resume": false,
	"/admin/rules": true, "/admin/rules/1": true, "/admin/rules/try": true, "/admin/rules/1/move": true, "/admin/rules/1/active": true, "/admin/rules/1/delete": true,
	"/admin/texts/receipt/all/it": true, "/admin/texts/receipt/all/it/restore": true, "/admin/texts/preview": true, "/admin/texts/ready": true, "/admin/texts/ready/1": true, "/admin/texts/ready/1/delete": true,
}

func TestWhoMayAdminister(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		stranger, front, head, admin := e.stranger(), e.as("giulia"), e.as("sara"), e.as("admin")
		for path, heads := range adminPages {
			stranger.get(path).to("/login")
			front.get(path).want(http.StatusForbidden, "Non ti è permesso")
			admin.get(path).want(http.StatusOK)
			if heads {
				head.get(path).want(http.StatusOK)
			} else {
				head.get(path).want(http.StatusForbidden)
			}
		}
		for path, heads := range adminPosts {
			if a := stranger.post(path); a.Code != http.StatusUnauthorized {
				t.Errorf("%s by a stranger: %d", path, a.Code)
			}
			front.post(path).want(http.StatusForbidden)
			if a := head.post(path); heads == (a.Code == http.StatusForbidden) {
				t.Errorf("%s by a head: %d", path, a.Code)
			}
		}
		admin.get("/admin").to("/admin/offices")
		head.get("/admin").to("/admin/rules")
		front.get("/admin").want(http.StatusForbidden)
		head.get("/admin/rules").want(http.StatusOK, `href="/admin/texts"`, `href="/admin"`).without(`href="/admin/offices"`, `href="/admin/tokens"`)
		front.get("/cases").want(http.StatusOK).without(`href="/admin"`)
	})
}

// TestAdminInBothLanguages: every page is drawn in both languages with no text
// left out.
func TestAdminInBothLanguages(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia <lucia@posta.example>", "Buca", "C'è una buca")
		b := e.as("admin")
		b.post("/admin/rules", "name", "Tributi", "all.field", "words", "all.op", "any", "all.value", "tari", "then.do", "office", "then.value", "tributi", "active", "1").to("/admin/rules")
		paths := []string{"/channels", fmt.Sprintf("/channels/%d", e.mail.ID), "/admin/events?what=rule.", fmt.Sprintf("/admin/offices/%d", e.offices["urp"]), fmt.Sprintf("/admin/operators/%d", e.people["giulia"].OperatorID)}
		for p := range adminPages {
			paths = append(paths, p)
		}
		for lang, words := range map[string][]string{"it": {"Salva", "Regole"}, "en": {"Save", "Rules"}} {
			b.post("/me", "lang", lang, "back", "/cases").to("/cases")
			for _, p := range paths {
				a := b.get(p).want(http.StatusOK)
				for _, raw := range []string{"fault.", "admin.", "rule_", "audit_", "token_scope", "said.", "channel_state."} {
					if i := strings.Index(text(a.Body), " "+raw); i >= 0 {
						t.Errorf("%s in %s shows the id of a text: %.100s", p, lang, text(a.Body)[i:])
					}
				}
			}
			b.get("/admin/offices/new").want(http.StatusOK, words...)
		}
	})
}

func TestOfficeRoundTrip(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("admin")
		b.post("/admin/offices", "name", "Polizia Locale", "side", "back", "reserved", "1", "sign", "Il Comando").to("/admin/offices")
		b.get("/admin/offices").want(http.StatusOK, "Salvato.", "Polizia Locale", "riservato")
		dir, err := e.router.Directory(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		o := dir.OfficeByKey("polizia-locale")
		if o == nil || !o.Reserved || o.Level != "back" || o.SignName != "Il Comando" {
			t.Fatalf("stored %+v", o)
		}
		path := fmt.Sprintf("/admin/offices/%d", o.ID)
		p := b.get(path).want(http.StatusOK, "Polizia Locale", `value="polizia-locale"`, `name="reserved" value="1" checked`, "Il Comando")
		if p.field("key") != "polizia-locale" {
			t.Error("the key is not shown")
		}
		b.post(path, "name", "Polizia municipale", "side", "front", "key", "altra").to("/admin/offices")
		if dir, err = e.router.Directory(t.Context()); err != nil {
			t.Fatal(err)
		}
		if o = dir.OfficeByKey("polizia-locale"); o == nil || o.Name != "Polizia municipale" || o.Reserved || o.Level != "front" {
			t.Errorf("changed %+v", o)
		}
		b.get("/admin/offices/999").want(http.StatusNotFound)
		b.post("/admin/offices/999", "name", "x", "side", "back").want(http.StatusNotFound)
	})
}

func TestOfficeFaultsStandAtTheirField(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("admin")
		for _, tt := range []struct {
			field, word string
			form        []string
		}{
			{"name", "Questo campo è necessario.", []string{"name", " ", "side", "back"}},
			{"side", "Scegli se risponde al pubblico", []string{"name", "Nuovo"}},
			{"key", "Una lettera minuscola", []string{"name", "北京", "side", "back"}},
			{"key", "Una lettera minuscola", []string{"name", "Nuovo", "side", "back", "key", "Con Spazi"}},
			{"key", "Un altro ufficio ha già questa sigla", []string{"name", "URP", "side", "front"}},
		} {
			b.post("/admin/offices", tt.form...).want(http.StatusUnprocessableEntity, tt.word, `id="e-`+tt.field+`"`, `href="#f-`+tt.field+`"`, tt.form[1])
		}
	})
}

func TestOfficeKeyIsMadeFromTheName(t *testing.T) {
	for name, want := range map[string]string{
		"Polizia Locale": "polizia-locale", "Attività produttive & SUAP": "attivita-produttive-suap", "3° settore": "settore", "北京": "",
		"Ufficio per la tutela delle persone fragili": "ufficio-per-la-tutela-delle-pers",
	} {
		if got := officeKey(name); got != want {
			t.Errorf("officeKey(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestOfficesShowTheirLoad(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.trib, "Lucia <lucia@posta.example>", "TARI", "Quanto pago?")
		p := e.as("admin").get("/admin/offices").want(http.StatusOK, "Ufficio tributi", "Sara Bruni")
		p.without("Lucia", "Quanto pago")
		row := text(p.Body[strings.Index(p.Body, "Ufficio tributi"):])
		if !strings.HasPrefix(row, "Ufficio tributi Back office nessuno 1 1 1") {
			t.Errorf("the row says %.80q", row)
		}
	})
}
