package web

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"filodiretto/router"
)

func (e *siteTown) rules() []router.Rule {
	e.t.Helper()
	list, err := e.router.Rules(e.t.Context())
	if err != nil {
		e.t.Fatal(err)
	}
	return list
}

// taxRule is a form with every kind of condition and action.
var taxRule = []string{
	"name", "Tributi", "stop", "1", "active", "1",
	"all.field", "words", "all.op", "any", "all.value", "tari, imu",
	"all.field", "day", "all.op", "in", "all.value", "lunedì, mar",
	"all.field", "", "all.op", "is", "all.value", "",
	"any.field", "channel", "any.op", "is", "any.value", "mail",
	"any.field", "kind", "any.op", "is_not", "any.value", "Reclamo",
	"any.field", "account", "any.op", "is", "any.value", "mail-urp",
	"then.do", "office", "then.value", "tributi", "then.do", "kind", "then.value", "request", "then.do", "priority", "then.value", "2",
	"then.do", "assignee", "then.value", "round_robin", "then.do", "procedure", "then.value", "rimborsi", "then.do", "due_days", "then.value", "30",
	"then.do", "receipt", "then.value", "", "then.do", "register", "then.value", "", "then.do", "", "then.value", "",
}

func TestRuleRoundTrip(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("sara") // a head
		b.post("/admin/rules", taxRule...).to("/admin/rules")
		two := 2
		want := router.Definition{
			All:     []router.Condition{{Field: "words", Op: "any", Value: "tari, imu"}, {Field: "day", Op: "in", Value: "mon,tue"}},
			Any:     []router.Condition{{Field: "channel", Op: "is", Value: "mail"}, {Field: "kind", Op: "is_not", Value: "complaint"}, {Field: "account", Op: "is", Value: "mail-urp"}},
			Actions: router.Actions{Office: "tributi", Kind: "request", Priority: &two, Assignee: "round_robin", Procedure: "rimborsi", DueDays: 30, Receipt: true, Register: true},
			Stop:    true,
		}
		x := e.rules()[0]
		if !reflect.DeepEqual(x.Definition, want) || !x.Enabled || x.Name != "Tributi" {
			t.Fatalf("stored %+v", x)
		}
		b.get("/admin/rules").want(http.StatusOK, "Tributi", "il messaggio parla di «tari, imu», almeno una", "arriva di lunedì, martedì", "arriva da E-mail", "il tipo non è Reclamo", "arriva a «mail-urp»",
			"va a Ufficio tributi", "il tipo diventa Istanza", "priorità urgente", "a turno tra chi è presente", "procedimento «rimborsi»", "scade dopo 30 giorni", "conferma automatica", "i messaggi vanno protocollati", "si ferma qui", "0 volte in 30 giorni")

		path := fmt.Sprintf("/admin/rules/%d", x.ID)
		p := b.get(path).want(http.StatusOK, `value="tari, imu"`, `value="lunedì, martedì"`, `value="tributi" selected`, `value="complaint" selected`, `value="2" selected`, `value="round_robin" selected`, `value="30"`)
		// what the form shows, sent back, is the same rule
		b.post(path, append([]string{"version", p.field("version")}, taxRule...)...).to("/admin/rules")
		if y := e.rules()[0]; !reflect.DeepEqual(y.Definition, want) || y.Version != x.Version+1 {
			t.Errorf("saved again as it was: %+v", y)
		}
		// with the version of before it is told, and the next attempt goes over it
		p = b.post(path, append([]string{"version", p.field("version")}, taxRule...)...).want(http.StatusUnprocessableEntity, "Nel frattempo è cambiato qualcosa")
		b.post(path, append([]string{"version", p.field("version")}, taxRule...)...).to("/admin/rules")

		b.post(path+"/active", "on", "0").to("/admin/rules")
		b.get("/admin/rules").want(http.StatusOK, "Regola «Tributi» spenta.", "Accendi")
		if e.rules()[0].Enabled {
			t.Error("the rule is still on")
		}
		b.post(path + "/delete").to("/admin/rules")
		if n := len(e.rules()); n != 0 {
			t.Errorf("%d rules", n)
		}
		b.get(path).want(http.StatusNotFound)
		b.post(path, taxRule...).want(http.StatusNotFound)
		b.post(path + "/active").want(http.StatusNotFound)
		b.post(path + "/delete").want(http.StatusNotFound)
		b.post(path+"/move", "dir", "up").want(http.StatusNotFound)
	})
}

func TestRulesInEnglishReadEnglishWords(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("sara")
		b.post("/me", "lang", "en", "back", "/cases").to("/cases")
		b.post("/admin/rules", "name", "Week", "all.field", "day", "all.op", "in", "all.value", "Monday, sun", "all.field", "kind", "all.op", "is", "all.value", "complaint", "then.do", "receipt", "then.value", "").to("/admin/rules")
		if got := e.rules()[0].Definition.All[0].Value; got != "mon,sun" {
			t.Errorf("days %q", got)
		}
		b.get("/admin/rules").want(http.StatusOK, "it comes on Monday, Sunday", "the kind is Complaint", "automatic receipt to who writes")
	})
}

func TestRulesMove(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("sara")
		for _, name := range []string{"Prima", "Seconda", "Terza"} {
			b.post("/admin/rules", "name", name, "then.do", "receipt", "then.value", "", "active", "1").to("/admin/rules")
		}
		names := func() (out []string) {
			for _, x := range e.rules() {
				out = append(out, x.Name)
			}
			return out
		}
		third := e.rules()[2].ID
		b.post(fmt.Sprintf("/admin/rules/%d/move", third), "dir", "up").to("/admin/rules")
		if got := names(); !reflect.DeepEqual(got, []string{"Prima", "Terza", "Seconda"}) {
			t.Errorf("moved up: %v", got)
		}
		b.post(fmt.Sprintf("/admin/rules/%d/move", third), "dir", "down").to("/admin/rules")
		if got := names(); !reflect.DeepEqual(got, []string{"Prima", "Seconda", "Terza"}) {
			t.Errorf("moved down: %v", got)
		}
		b.get("/admin/rules").want(http.StatusOK, "Ordine cambiato.")
	})
}

func TestRuleFaultsStandAtTheirRow(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("sara")
		ok := []string{"then.do", "receipt", "then.value", ""}
		when := func(field, op, value string) []string {
			return append([]string{"name", "Prova", "all.field", field, "all.op", op, "all.value", value}, ok...)
		}
		for _, tt := range []struct {
			row, word string
			form      []string
		}{
			{"name", "Questo campo è necessario.", append([]string{"name", ""}, ok...)},
			{"then", "Scegli almeno un’azione.", []string{"name", "Prova"}},
			{"then", "Scegli almeno un’azione.", []string{"name", ""}},
			{"all.0", "Manca il valore.", when("sender", "is", "")},
			{"all.0", "Scegli che cosa guardare.", when("", "is", "qualcosa")},
			{"all.0", "Scegli che cosa guardare.", when("colour", "is", "red")},
			{"all.0", "Questo confronto non va", when("words", "is", "tari")},
			{"all.0", "Sono solo parole comuni", when("words", "any", "il, per, e")},
			{"all.0", "Scegli un valore dall’elenco.", when("kind", "is", "niente")},
			{"all.0", "Scrivi le ore così: 8-14.", when("hour", "in", "mattina")},
			{"all.0", "Scrivi i giorni così", when("day", "in", "lunedì, domani")},
			{"all.0", "Scrivi un numero da 1 in su.", when("files", "", "zero")},
			{"any.1", "Manca il valore.", append([]string{"name", "Prova", "all.field", "files", "all.op", "", "all.value", "1", "any.field", "words", "any.op", "any", "any.value", "tari", "any.field", "lang", "any.op", "is", "any.value", ""}, ok...)},
			{"then.0", "Manca il valore.", []string{"name", "Prova", "then.do", "office", "then.value", ""}},
			{"then.0", "Scegli un valore dall’elenco.", []string{"name", "Prova", "then.do", "office", "then.value", "nessuno"}},
			{"then.0", "Scegli un valore dall’elenco.", []string{"name", "Prova", "then.do", "kind", "then.value", "x"}},
			{"then.0", "Scegli un valore dall’elenco.", []string{"name", "Prova", "then.do", "priority", "then.value", "alta"}},
			{"then.0", "Scegli un valore dall’elenco.", []string{"name", "Prova", "then.do", "priority", "then.value", "7"}},
			{"then.0", "Scegli un valore dall’elenco.", []string{"name", "Prova", "then.do", "assignee", "then.value", "nobody"}},
			{"then.0", "da 1 a 3650", []string{"name", "Prova", "then.do", "due_days", "then.value", "molti"}},
			{"then.0", "da 1 a 3650", []string{"name", "Prova", "then.do", "due_days", "then.value", "9999"}},
			{"then.1", "Quest’azione c’è già.", []string{"name", "Prova", "then.do", "receipt", "then.value", "", "then.do", "receipt", "then.value", ""}},
			{"then.0", "Scegli che cosa guardare.", []string{"name", "Prova", "then.do", "explode", "then.value", "1"}},
		} {
			a := b.post("/admin/rules", tt.form...)
			if a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body, tt.word) || !strings.Contains(a.Body, `href="#f-`+tt.row+`"`) || !strings.Contains(a.Body, `id="f-`+tt.row+`"`) {
				t.Errorf("%v: %d, want %q at %s: %.300s", tt.form, a.Code, tt.word, tt.row, text(a.Body))
			}
		}
		many := append([]string{"name", "Prova"}, ok...)
		for range 51 {
			many = append(many, "all.field", "words", "all.op", "any", "all.value", "tari")
		}
		b.post("/admin/rules", many...).want(http.StatusUnprocessableEntity, "al massimo 50", `href="#f-all"`)
		if n := len(e.rules()); n != 0 {
			t.Errorf("%d rules were stored", n)
		}
	})
}

func TestRuleRowFollowsItsFirstChoice(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("sara")
		b.fragment("/admin/rules/row?group=all&n=2&all.field=kind&all.op=is").want(http.StatusOK, `id="f-all.2"`, `<select class="field-input" id="c-all-2-value"`, "Reclamo", `value="is" selected`).without("<html", `value="any"`)
		b.fragment("/admin/rules/row?group=any&n=0&any.field=words").want(http.StatusOK, `id="f-any.0"`, `<input class="field-input" id="c-any-0-value"`, `placeholder="tari`, "almeno una di").without(`value="is"`)
		b.fragment("/admin/rules/row?group=then&n=1&then.do=receipt").want(http.StatusOK, `id="f-then.1"`, `type="hidden" name="then.value"`)
		b.fragment("/admin/rules/row?group=then&n=1&then.do=office").want(http.StatusOK, "Servizi sociali")
		b.fragment("/admin/rules/row?group=other&n=1").want(http.StatusNotFound)
		b.post("/admin/rules", "name", "Prova", "add", "any", "any.field", "words", "any.op", "any", "any.value", "tari").want(http.StatusOK, `id="f-any.2"`, `value="tari"`, `value="Prova"`)
		if n := len(e.rules()); n != 0 {
			t.Errorf("asking for a row stored %d rules", n)
		}
	})
}

func TestRuleTrial(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia <lucia@posta.example>", "TARI doppia", "Ho pagato due volte la TARI")
		e.letter(e.mail, "Piero <piero@posta.example>", "Buca", "C'è una buca in via Roma")
		e.letter(e.social, "Rosa <rosa@posta.example>", "TARI e bonus", "Il bonus per la TARI")
		form := []string{"name", "Tributi", "all.field", "words", "all.op", "any", "all.value", "tari", "then.do", "office", "then.value", "tributi", "then.do", "priority", "then.value", "1"}
		before := e.theCase(e.ref(e.people["giulia"]))
		p := e.as("sara").post("/admin/rules/try", form...).want(http.StatusOK, "Guardate 2 pratiche.", "La regola vale per 1.", "1 sarebbe in un altro ufficio", "TARI doppia", "Ufficio tributi", "priorità alta", `value="Tributi"`, "<html")
		p.without("Buca", "Rosa", "bonus")
		// an administrator learns the figures and no contents; with htmx it is the part alone
		r := e.as("admin").send("/admin/rules/try", form...).want(http.StatusOK, "Guardate 3 pratiche.", "La regola vale per 2.", `id="trial"`)
		r.without("TARI doppia", "bonus", "<html")
		e.as("sara").send("/admin/rules/try", "name", "Tributi", "all.field", "hour", "all.op", "in", "all.value", "x", "then.do", "receipt", "then.value", "").want(http.StatusOK, "Scrivi le ore così")
		e.as("sara").post("/admin/rules/try", "name", "", "all.field", "hour", "all.op", "in", "all.value", "x").want(http.StatusUnprocessableEntity, "Scrivi le ore così")
		if after := e.theCase(before.Ref()); after.Version != before.Version || len(e.rules()) != 0 {
			t.Error("a trial changed something")
		}
		// a rule that is there is tried as the form has it, in its place
		e.as("sara").post("/admin/rules", append(form, "active", "1")...).to("/admin/rules")
		id := formatID(e.rules()[0].ID)
		e.as("sara").post("/admin/rules/try", append([]string{"id", id, "version", "1"}, "name", "Tributi", "all.field", "words", "all.op", "any", "all.value", "buca", "then.do", "kind", "then.value", "report")...).
			want(http.StatusOK, "La regola vale per 1.", "Buca", "il tipo diventa Segnalazione").without("TARI doppia")
	})
}
