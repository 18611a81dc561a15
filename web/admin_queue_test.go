package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"filodiretto/inbox"
	"filodiretto/queue"
)

// openSite opens a site through the pages and returns its id.
func openSite(e *siteTown, b *browser) int64 {
	e.t.Helper()
	form := append([]string{"name", "Delegazione San Rocco", "address", "Via Roma 3"}, settingsForm("rule", "first_come", "patron", "4/10")...)
	b.post("/admin/queue", form...).to("/admin/queue")
	h, err := e.queue.SiteByKey(e.t.Context(), "delegazione-san-rocco")
	must(e.t, err)
	return h.Site.ID
}

// settingsForm is the form of a site with its usual figures; more overrides them.
func settingsForm(more ...string) []string {
	values := map[string]string{"rule": "affine", "tell_ahead": "3", "langs": "it"}
	set := queue.DefaultSettings()
	for _, x := range settingNumbers(&set) {
		values[x.name] = fmt.Sprint(*x.to)
	}
	for i := 0; i < len(more); i += 2 {
		values[more[i]] = more[i+1]
	}
	var out []string
	for k, v := range values {
		out = append(out, k, v)
	}
	return out
}

func TestASiteIsSetUp(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("admin")
		b.get("/admin/queue").want(http.StatusOK, "Sedi e code", "Non c’è ancora nessuna sede")
		b.get("/admin/queue/new").want(http.StatusOK, "Nuova sede", "Attesa pesata")
		id := openSite(e, b)
		at := siteURL(id)
		b.get("/admin/queue").want(http.StatusOK, "Delegazione San Rocco", "Chi arriva prima", "0 servizi, 0 sportelli")
		b.get(at).want(http.StatusOK, "Via Roma 3", "Appuntamento", "vale 25 minuti di attesa · matura 2 volte più in fretta", "vale 10 minuti di attesa · matura 4 volte più in fretta", "lunedì", "chiuso")
		h, err := e.queue.House(t.Context(), id)
		must(t, err)
		if h.Set.Patron != "10-04" || h.Set.LastMin != 0 || len(h.Set.Langs) != 1 {
			t.Errorf("%+v", h.Set)
		}

		p := b.get(at+"/settings").want(http.StatusOK, `value="delegazione-san-rocco"`, "readonly", `value="04/10"`)
		old := p.field("version")
		b.post(at+"/settings", settingsForm("version", old, "name", "San Rocco", "last_min", "20", "tell_ahead", "-1")...).to(at)
		if h, err = e.queue.House(t.Context(), id); err != nil || h.Site.Name != "San Rocco" || h.Set.LastMin != 20 || h.Set.TellAhead != -1 || h.Site.Key != "delegazione-san-rocco" {
			t.Errorf("%+v %v", h.Site, err)
		}
		b.post(at+"/settings", settingsForm("version", old, "name", "Altro")...).want(http.StatusUnprocessableEntity, "Nel frattempo è cambiato qualcosa")
	})
}

func TestASitesFaultsStandAtTheirField(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("admin")
		id := openSite(e, b)
		at := siteURL(id)
		for _, x := range []struct {
			path, field, word string
			form              []string
		}{
			{"/admin/queue", "name", "Questo campo è necessario.", settingsForm("name", " ")},
			{"/admin/queue", "key", "C’è già una sede con questa sigla.", settingsForm("name", "X", "key", "delegazione-san-rocco")},
			{"/admin/queue", "key", "Solo lettere minuscole", settingsForm("name", "X", "key", "San Rocco")},
			{at + "/settings", "early_min", "Scrivi un numero intero.", settingsForm("name", "X", "early_min", "un quarto")},
			{at + "/settings", "put_back_min", "fuori dai limiti", settingsForm("name", "X", "put_back_min", "0")},
			{at + "/settings", "patron", "Scrivi giorno e mese", settingsForm("name", "X", "patron", "ottobre")},
			{at + "/settings", "rule", "Scegli una regola.", settingsForm("name", "X", "rule", "lottery")},
			{at + "/settings", "langs", "Scegli almeno una lingua.", settingsForm("name", "X", "langs", "tlh")},
			{at + "/hours", "hours", "finisce prima di cominciare", []string{"from_1_0", "12:00", "to_1_0", "08:00"}},
			{at + "/hours", "hours", "si sovrappongono", []string{"from_1_0", "08:00", "to_1_0", "12:00", "from_1_1", "11:00", "to_1_1", "13:00"}},
			{at + "/hours", "hours", "e quella di fine", []string{"from_2_0", "08:00"}},
			{at + "/days/new", "day", "Scegli il giorno.", []string{"day", "domani"}},
			{at + "/groups/new", "name_it", "Questo campo è necessario.", []string{"series", "A"}},
			{at + "/groups/new", "series", "non può essere J", []string{"name_it", "Tutto", "series", "AK"}},
			{at + "/classes/new", "slope", "nessuno verrebbe mai chiamato", []string{"name_it", "X", "head_min", "0", "slope", "0", "level", "1"}},
			{at + "/classes/new", "head_min", "Scrivi un numero.", []string{"name_it", "X", "head_min", "molto", "slope", "1", "level", "1"}},
			{at + "/counters/new", "shifts", "Scrivi gli orari così", []string{"name", "X", "kind", "desk", "office", formatID(e.offices["urp"]), "open_1", "mattina"}},
			{at + "/counters/new", "office", "Scegli l’ufficio.", []string{"name", "X", "kind", "desk"}},
			{at + "/devices/new", "counter", "Scegli lo sportello del tablet.", []string{"name", "X", "kind", "tablet"}},
			{at + "/devices/new", "kind", "Scegli il tipo.", []string{"name", "X", "kind", "toaster"}},
		} {
			b.post(x.path, x.form...).want(http.StatusUnprocessableEntity, x.word, `href="#f-`+x.field+`"`, `id="f-`+x.field+`"`)
		}
		// What was typed is still there.
		b.post(at+"/settings", settingsForm("name", "Nome nuovo", "early_min", "un quarto")...).want(http.StatusUnprocessableEntity, `value="Nome nuovo"`, `value="un quarto"`)
	})
}

func TestHoursServicesAndCountersAreSetUp(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("admin")
		id := openSite(e, b)
		at := siteURL(id)
		house := func() *queue.House {
			h, err := e.queue.House(t.Context(), id)
			must(t, err)
			return h
		}
		b.get(at+"/hours").want(http.StatusOK, "lunedì, dalle")
		b.post(at+"/hours", "from_1_0", "08:30", "to_1_0", "12:30", "from_1_1", "14:30", "to_1_1", "00:00").to(at)
		b.get(at).want(http.StatusOK, "Salvato.", "08:30–12:30, 14:30–24:00")
		b.post(at+"/days/new", "day", "2026-12-07", "reason", "Ponte").to(at)
		b.get(at).want(http.StatusOK, "7 dic 2026", "chiuso · Ponte")
		b.post(at + "/days/2026-12-07/drop").to(at)
		b.get(at).without("7 dic 2026")

		b.get(at).without("services/new") // a service needs a group
		b.post(at+"/groups/new", "name_it", "Anagrafe", "name_de", "Meldeamt", "series", "a").to(at)
		group := formatID(house().Groups[0].ID)
		office := formatID(e.offices["urp"])
		b.post(at+"/groups/new", "name_it", "Altro", "series", "A").want(http.StatusUnprocessableEntity, "Un altro gruppo ha già questa serie.")
		service := []string{"name_it", "Certificati", "name_en", "Certificates", "group", group, "office", office, "minutes", "7,5", "per_day", "40", "kiosk", "1", "procedures", "certificato, stato-civile"}
		b.post(at+"/services/new", service...).to(at)
		b.post(at+"/services/new", service...).to(at) // of the same name; the keys differ
		v := house().Services[0]
		if v.Minutes != 7.5 || v.PerDay != 40 || !v.Kiosk || v.Remote || v.Names["en"] != "Certificates" || house().Services[1].Key == v.Key {
			t.Errorf("%+v", v)
		}
		b.get(at).want(http.StatusOK, "7,5 minuti · URP · al totem · al massimo 40 al giorno")

		counter := []string{"name", "Sportello 1", "kind", "desk", "office", office, skillName(v.ID), "1", "back_" + formatID(v.ID), "5", "open_1", "08:30-12:30, 14:30–17:00", "break_1", "10:30-10:45"}
		b.post(at+"/counters/new", counter...).to(at)
		k := house().Counters[0]
		if len(house().Skills[k.ID]) != 1 || house().Skills[k.ID][0].HandicapMin != 5 || len(house().Shifts[k.ID]) != 3 {
			t.Errorf("%+v %+v", house().Skills[k.ID], house().Shifts[k.ID])
		}
		page := partURL(house(), "counters", k.ID)
		b.get(page).want(http.StatusOK, `value="08:30-12:30, 14:30-17:00"`, `value="10:30-10:45"`)
		b.get(partURL(house(), "classes", house().Classes[1].ID)).want(http.StatusOK, `value="25"`)
		b.post(page + "/end").to(at)
		b.get(at).want(http.StatusOK, "Chiuso.", "Nessuno sportello.")
		b.get(page).want(http.StatusNotFound)
		b.post(partURL(house(), "services", v.ID) + "/end").to(at)
	})
}

func TestADeviceIsShownOnceAndRevoked(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("admin")
		h := e.hall()
		at := siteURL(h.site)
		made := b.post(at+"/devices/new", "name", "Totem ingresso", "kind", "kiosk", "alone", "1").want(http.StatusOK, "Totem ingresso è pronto", "/kiosk/municipio?token=", `class="qr"`)
		token := regexp.MustCompile(`token=([A-Za-z0-9_-]+)`).FindStringSubmatch(made.Body)[1]
		d, err := e.queue.DeviceByToken(t.Context(), token)
		must(t, err)
		if d.Band == 0 {
			t.Error("the kiosk has no band of numbers")
		}
		b.get(at).want(http.StatusOK, "Totem ingresso", "mai visto").without(token)
		page := at + "/devices/" + formatID(d.ID)
		b.post(page, "name", "Totem scale").to(at)
		b.get(page).want(http.StatusOK, `value="Totem scale"`).without(token)
		b.post(page + "/revoke").to(at)
		b.get(at).want(http.StatusOK, "Revocato").without("Totem scale")
		if _, err := e.queue.DeviceByToken(t.Context(), token); err == nil {
			t.Error("a revoked device is still let in")
		}
		b.get(page).want(http.StatusNotFound)
		b.post(page + "/revoke").want(http.StatusNotFound)
		b.post(at+"/devices/new", "name", "Schermo", "kind", "display").want(http.StatusOK, "/display/municipio?token=")
		b.post(at+"/devices/new", "name", "Tablet", "kind", "tablet", "counter", formatID(h.first)).want(http.StatusOK, "/tablet/municipio?token=")
	})
}

// TestOnlyAdministratorsSetUp: others are refused on every address, and what is not
// there is not found.
func TestOnlyAdministratorsSetUp(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		at := siteURL(h.site)
		giulia, admin := e.as("giulia"), e.as("admin")
		for _, path := range []string{"/admin/queue", "/admin/queue/new", at, at + "/settings", at + "/hours", at + "/days/new", at + "/groups/new", at + "/services/new", at + "/classes/new", at + "/counters/new", at + "/devices/new"} {
			giulia.get(path).want(http.StatusForbidden)
			admin.get(path).want(http.StatusOK)
			admin.get(strings.Replace(path, at, siteURL(9), 1) + "x").want(http.StatusNotFound)
		}
		for _, path := range []string{"/groups/", "/services/", "/classes/", "/counters/", "/devices/"} {
			admin.get(at + path + "9").want(http.StatusNotFound)
			admin.get(at + path + "other").want(http.StatusNotFound)
			giulia.post(at+path+"new", "name", "X", "kind", "kiosk").want(http.StatusForbidden)
		}
		// A service that people wait for is not closed.
		e.ticket(h, "certificati", 0)
		admin.post(at + "/services/" + formatID(h.services["certificati"]) + "/end").to(at)
		admin.get(at).want(http.StatusOK, "Qualcuno lo sta usando")
		admin.post(at + "/days/ieri/drop").want(http.StatusNotFound)
		if n, err := e.queue.Devices(t.Context(), inbox.Viewer{System: true}, h.site); err != nil || len(n) != 0 {
			t.Errorf("%v %v", n, err)
		}
	})
}

func TestRangesAreReadAsTheyAreWritten(t *testing.T) {
	for _, x := range []struct {
		in, out string
		ok      bool
	}{
		{"", "", true},
		{"8:30-12:30", "08:30-12:30", true},
		{" 08:30 – 12:30 , 14:00-24:00", "08:30-12:30, 14:00-24:00", true},
		{"14:00-00:00", "14:00-24:00", true},
		{"08:30", "", false},
		{"08:30-25:00", "", false},
		{"24:01-24:30", "", false},
		{"8-12", "", false},
		{"a:b-c:d", "", false},
	} {
		got, ok := readRanges(x.in)
		if ok != x.ok || ok && rangeWords(got, "-") != x.out {
			t.Errorf("%q: %v %v", x.in, got, ok)
		}
	}
}
