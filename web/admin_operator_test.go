package web

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"filodiretto/router"
)

const otherPassword = "giostra lampone vento ottantadue"

func (e *siteTown) directory() *router.Directory {
	e.t.Helper()
	dir, err := e.router.Directory(e.t.Context())
	if err != nil {
		e.t.Fatal(err)
	}
	return dir
}

func (e *siteTown) operatorBy(login string) *router.Operator {
	e.t.Helper()
	dir := e.directory()
	i := slices.IndexFunc(dir.Operators, func(o router.Operator) bool { return o.Login == login })
	if i < 0 {
		e.t.Fatalf("no operator %s", login)
	}
	return &dir.Operators[i]
}

func TestOperatorRoundTrip(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		urp, trib := formatID(e.offices["urp"]), formatID(e.offices["tributi"])
		b := e.as("admin")
		p := b.post("/admin/operators", "name", "Anna Gatti", "login", "Anna.Gatti", "password", otherPassword, "role", urp+":front_office", "role", urp+":reception", "role", trib+":head", "lang", "en", "active", "1")
		p.to("/admin/operators").without(otherPassword)
		b.get("/admin/operators").want(http.StatusOK, "Anna Gatti", "anna.gatti", "URP, Ufficio tributi", "responsabile, front office, accoglienza", "mai")
		o := e.operatorBy("anna.gatti")
		if o.Lang != "en" || len(e.directory().RolesOf(o.ID)) != 3 {
			t.Errorf("stored %+v %v", o, e.directory().RolesOf(o.ID))
		}
		anna := e.stranger()
		anna.post("/login", "user", "anna.gatti", "password", otherPassword).to("/cases")
		anna.get("/admin/rules").want(http.StatusOK)

		path := fmt.Sprintf("/admin/operators/%d", o.ID)
		p = b.get(path).want(http.StatusOK, "Anna Gatti", `value="`+trib+`:head" aria-label="responsabile, Ufficio tributi" checked`)
		p.without(otherPassword, "$argon2id$")
		// another role, away, the password stays; who has a role less logs in anew
		b.post(path, "name", "Anna Gatti Neri", "login", "anna.gatti", "password", "", "role", urp+":back_office", "lang", "it", "away", "1", "active", "1").to("/admin/operators")
		again := e.stranger()
		again.post("/login", "user", "anna.gatti", "password", otherPassword).to("/cases")
		anna.get("/admin/rules").to("/login")
		anna = again
		anna.get("/admin/rules").want(http.StatusForbidden)
		if o = e.operatorBy("anna.gatti"); !o.Away || o.Name != "Anna Gatti Neri" || o.Lang != "it" {
			t.Errorf("changed %+v", o)
		}
		// switched off: the next page is the log-in
		b.post(path, "name", "Anna Gatti", "login", "anna.gatti", "role", urp+":back_office", "lang", "it").to("/admin/operators")
		anna.get("/cases").to("/login")
		since := e.operatorBy("anna.gatti").DisabledAt
		b.get("/admin/operators").want(http.StatusOK, "spento")
		e.manual.Advance(5e9)
		b.post(path, "name", "Anna Gatti", "login", "anna.gatti", "role", urp+":back_office", "lang", "it").to("/admin/operators")
		if got := e.operatorBy("anna.gatti").DisabledAt; got != since || since.IsZero() {
			t.Errorf("disabled since %v, want %v", got, since)
		}
		b.post(path, "name", "Anna Gatti", "login", "anna.gatti", "role", urp+":back_office", "lang", "it", "active", "1").to("/admin/operators")
		b.get("/admin/operators/999").want(http.StatusNotFound)
		b.post("/admin/operators/999", "name", "x").want(http.StatusNotFound)
	})
}

func TestOperatorFaultsStandAtTheirField(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b, urp := e.as("admin"), formatID(e.offices["urp"])
		good := map[string][]string{"name": {"Anna Gatti"}, "login": {"anna"}, "password": {otherPassword}, "role": {urp + ":head"}, "lang": {"it"}, "active": {"1"}}
		form := func(change map[string][]string) (pairs []string) {
			for name, values := range good {
				if v, ok := change[name]; ok {
					values = v
				}
				for _, v := range values {
					pairs = append(pairs, name, v)
				}
			}
			return pairs
		}
		for _, tt := range []struct {
			field, word string
			change      map[string][]string
		}{
			{"name", "Questo campo è necessario.", map[string][]string{"name": {" "}}},
			{"login", "Questo campo è necessario.", map[string][]string{"login": {""}}},
			{"login", "Solo lettere minuscole", map[string][]string{"login": {"due parole"}}},
			{"login", "Un’altra persona entra già", map[string][]string{"login": {"Giulia"}}},
			{"password", "Serve una password", map[string][]string{"password": {""}}},
			{"password", "troppo corta", map[string][]string{"password": {"breve"}}},
			{"password", "ripete pochi caratteri", map[string][]string{"password": {"aaaaaaaaaaaaaaaa"}}},
			{"password", "tutti provano per prime", map[string][]string{"password": {"passwordpassword1"}}},
			{"password", "quasi solo il tuo nome", map[string][]string{"password": {"AnnaGatti2026!"}}},
			{"role", "Scegli almeno un ruolo", map[string][]string{"role": nil}},
			{"role", "Scegli almeno un ruolo", map[string][]string{"role": {urp + ":sindaco"}}},
			{"role", "Scegli almeno un ruolo", map[string][]string{"role": {"0:head"}}},
			{"lang", "Questo valore non è valido", map[string][]string{"lang": {"xx"}}},
		} {
			a := b.post("/admin/operators", form(tt.change)...).want(http.StatusUnprocessableEntity, tt.word, `href="#f-`+tt.field+`"`)
			if pw := tt.change["password"]; pw != nil && pw[0] != "" {
				a.without(`value="`+pw[0], pw[0]+"<")
			}
			a.without(otherPassword)
		}
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b, o := e.as("admin"), e.operatorBy("admin")
		path := fmt.Sprintf("/admin/operators/%d", o.ID)
		form := []string{"name", o.Name, "login", o.Login, "lang", "it"}
		b.post(path, append(form, "active", "1", "role", formatID(e.offices["urp"])+":head")...).want(http.StatusUnprocessableEntity, "Serve almeno un amministratore.")
		b.post(path, append(form, "role", "0:administrator")...).want(http.StatusUnprocessableEntity, "Serve almeno un amministratore.")
		b.get("/admin/operators").want(http.StatusOK)
		b.post("/admin/operators", "name", "Bea Bo", "login", "bea", "password", otherPassword, "lang", "it", "active", "1", "role", "0:administrator").to("/admin/operators")
		b.post(path, append(form, "active", "1", "role", formatID(e.offices["urp"])+":head")...).to("/admin/operators")
		b.get("/admin/operators").want(http.StatusForbidden)
	})
}
