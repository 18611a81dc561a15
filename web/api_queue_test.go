package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue"
)

// storyOfRooms: numbers are given and called, counters opened and left, people
// moved on, and all of it by program.
func (e *apiTown) storyOfRooms() {
	t := e.t
	h := e.hall()
	site, first, second := "/sites/"+e.id(h.site), "/counters/"+e.id(h.first), "/counters/"+e.id(h.second)
	if n := len(e.call("giulia", "GET", "/sites", nil).want(http.StatusOK).list("items")); n != 1 {
		t.Errorf("%d sites", n)
	}
	if r := e.call("giulia", "GET", site, nil).want(http.StatusOK); r.str("key") != "municipio" || len(r.list("services")) != 2 || len(r.list("counters")) != 3 {
		t.Errorf("%s", r.Bytes)
	}
	certificates, tari := e.id(h.services["certificati"]), e.id(h.services["tari"])
	take := func(service, key string) *apiReply {
		return e.call("giulia", "POST", site+"/tickets", obj("service", service, "key", key, "class", "protected")).want(http.StatusCreated)
	}
	one := take(certificates, "a")
	if again := take(certificates, "a"); again.str("ticket", "id") != one.str("ticket", "id") || again.str("url") != one.str("url") || !strings.Contains(one.str("url"), "/p/t/") {
		t.Errorf("the same key is the same number: %s", again.Bytes)
	}
	take(certificates, "b")
	take(certificates, "c")
	if r := e.call("giulia", "GET", site+"/tickets/"+one.str("ticket", "id"), nil).want(http.StatusOK); r.str("ticket", "label") != "A1" || r.str("step", "class") != "protected" {
		t.Errorf("%s", r.Bytes)
	}
	if n := len(e.call("giulia", "GET", site+"/tickets?state=waiting", nil).want(http.StatusOK).list("items")); n != 3 {
		t.Errorf("%d wait", n)
	}
	e.call("giulia", "POST", first+"/call-next", nil).want(http.StatusConflict)
	e.call("giulia", "POST", first+"/open", obj()).want(http.StatusOK)
	if r := e.call("giulia", "POST", first+"/break", obj("reason", "meeting")).want(http.StatusOK); r.str("pause") != "meeting" {
		t.Errorf("%s", r.Bytes)
	}
	e.call("giulia", "POST", first+"/call-next", nil).want(http.StatusConflict)
	e.call("giulia", "POST", first+"/reopen", nil).want(http.StatusOK)
	called := e.call("giulia", "POST", first+"/call-next", nil).want(http.StatusOK)
	step := "/steps/" + called.str("step", "id")
	if called.str("ticket", "label") != "A1" || called.str("step", "state") != "called" {
		t.Errorf("%s", called.Bytes)
	}
	e.call("giulia", "POST", step+"/recall", obj("version", 1)).want(http.StatusConflict)
	e.call("giulia", "POST", step+"/recall", nil).want(http.StatusOK)
	started := e.call("giulia", "POST", step+"/start", nil).want(http.StatusOK)
	e.call("giulia", "POST", "/verbs/"+started.str("verb")+"/undo", nil).want(http.StatusOK)
	e.call("giulia", "POST", step+"/start", nil).want(http.StatusOK)
	e.call("giulia", "POST", step+"/hold", obj("reason", "form")).want(http.StatusOK)
	e.call("giulia", "POST", step+"/resume", obj("counter", e.id(h.first))).want(http.StatusOK)
	e.call("giulia", "POST", step+"/add-service", obj("service", tari)).want(http.StatusOK)
	e.call("giulia", "POST", step+"/finish", obj("note", "Porta la foto.")).want(http.StatusOK)
	if r := e.call("giulia", "GET", first, nil).want(http.StatusOK); r.str("operator", "name") != "Giulia Moretti" || len(r.list("next")) == 0 {
		t.Errorf("%s", r.Bytes)
	}
	e.storyOfMovingOn(first, second, tari)
	e.storyOfPromises(site)
	e.storyOfFigures(site)
}

// storyOfFigures: what the day came to, and what a counter more would do.
func (e *apiTown) storyOfFigures(site string) {
	t := e.t
	id := strings.TrimPrefix(site, "/sites/")
	_, err := e.deps.Reports.Update(t.Context())
	must(t, err)
	if r := e.call("admin", "GET", "/reports/figures?site="+id, nil).want(http.StatusOK); r.num("visits") != 4 || r.num("outcomes", "served") == 0 || r.str("to") != "2026-11-17" {
		t.Errorf("%s", r.Bytes)
	}
	e.call("admin", "GET", "/reports/figures?from=ieri", nil).want(http.StatusUnprocessableEntity)
	e.call("giulia", "GET", "/reports/figures", nil).want(http.StatusForbidden)
	if r := e.call("admin", "GET", "/reports/advice?site="+id, nil).want(http.StatusOK); len(r.list("best")) != 0 {
		t.Errorf("a single day says nothing: %s", r.Bytes)
	}
	e.call("giulia", "GET", "/reports/advice?site="+id, nil).want(http.StatusForbidden)
}

// storyOfPromises: how promised waits came out is told to heads and administrators,
// and to nobody else.
func (e *apiTown) storyOfPromises(site string) {
	t := e.t
	var steps []*queue.Step
	must(t, e.db.Read.NewSelect().Model(&steps).OrderExpr("id").Limit(3).Scan(t.Context()))
	at := clock.At(testMorning).Add(-time.Hour)
	for i, waited := range []float64{300, 900, 2400} {
		said := &queue.Promise{
			ID: db.NewID(clock.NewManual(testMorning.Add(time.Duration(i)))), StepID: steps[i].ID, SiteID: steps[i].SiteID, ServiceID: steps[i].ServiceID, ClassID: steps[i].ClassID, At: at,
			LowMin: 10, HighMin: 20, LowS: 500, MeanS: 800, HighS: 1200, First: true, Basis: "{}", Outcome: queue.PromiseCalled, WaitedS: waited, EndedAt: at.Add(time.Duration(waited) * time.Second),
		}
		must(t, e.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.NewInsert().Model(said).Exec(ctx)
			return err
		}))
	}
	kept := e.call("admin", "GET", site+"/estimates", nil).want(http.StatusOK)
	if kept.num("made") != 3 || kept.num("called") != 3 || kept.num("in_time") != 2 || len(kept.list("by_hour")) != 1 || kept.at("share") != nil || kept.at("enough") != false || kept.str("to") != "2026-11-17" {
		t.Errorf("%s", kept.Bytes)
	}
	if r := e.call("admin", "GET", site+"/estimates?from=2020-01-01&to=2020-01-31", nil).want(http.StatusOK); r.num("made") != 0 || len(r.list("by_hour")) != 0 {
		t.Errorf("%s", r.Bytes)
	}
	e.call("admin", "GET", site+"/estimates?from=ieri", nil).want(http.StatusUnprocessableEntity)
	e.call("admin", "GET", site+"/estimates?from=2020-01-01&to=2026-01-31", nil).want(http.StatusUnprocessableEntity)
	e.call("giulia", "GET", site+"/estimates", nil).want(http.StatusNotFound)
}

// storyOfMovingOn: who is not there, is put back, sent elsewhere or leaves.
func (e *apiTown) storyOfMovingOn(first, second, tari string) {
	next := func() string {
		return "/steps/" + e.call("giulia", "POST", first+"/call-next", nil).want(http.StatusOK).str("step", "id")
	}
	step := next()
	e.call("giulia", "POST", step+"/put-back", obj("minutes", 30)).want(http.StatusOK)
	id := strings.TrimPrefix(step, "/steps/")
	e.call("giulia", "POST", first+"/call", obj("step", id, "reason", "È tornato.")).want(http.StatusOK)
	e.call("giulia", "POST", step+"/no-show", nil).want(http.StatusOK)
	step = next()
	e.call("giulia", "POST", step+"/start", nil).want(http.StatusOK)
	moved := e.call("giulia", "POST", step+"/transfer", obj("service", tari, "note", "Vuole pagare.")).want(http.StatusOK)
	if moved.str("new_step", "service") != tari {
		e.t.Errorf("%s", moved.Bytes)
	}
	step = next()
	e.call("giulia", "POST", step+"/start", nil).want(http.StatusOK)
	e.call("giulia", "POST", step+"/to-office", obj("subject", "TARI", "text", "Vuole un conteggio.")).want(http.StatusOK)
	letter := e.call("giulia", "GET", "/citizens?limit=1", nil).want(http.StatusOK)
	remote, err := e.queue.IssueRemote(e.t.Context(), queue.NewTicket{SiteID: parseID(e.call("giulia", "GET", first, nil).str("site")), ServiceID: parseID(tari), Key: "web", Origin: queue.OnWeb, CitizenID: parseID(letter.str("items", 0, "id"))})
	must(e.t, err)
	far := "/steps/" + formatID(remote.Step.ID)
	e.call("giulia", "POST", far+"/here", nil).want(http.StatusOK)
	e.call("giulia", "POST", far+"/give-up", nil).want(http.StatusOK)
	e.call("elena", "POST", second+"/open", nil).want(http.StatusNotFound)
	e.call("giulia", "POST", first+"/close", nil).want(http.StatusNoContent)
}

// storyOfAppointments: an agenda is made, booked, changed and ended.
func (e *apiTown) storyOfAppointments() {
	t := e.t
	sites := e.call("giulia", "GET", "/sites", nil).want(http.StatusOK)
	site := "/sites/" + sites.str("items", 0, "id")
	service := ""
	for _, x := range sites.list("items", 0, "services") {
		if m := x.(map[string]any); m["key"] == "certificati" {
			service = m["id"].(string)
		}
	}
	body := obj("key", "cert", "names", obj("it", "Certificati"), "slot_minutes", 30, "capacity", 2, "public", 1, "horizon_days", 30, "services", []any{service})
	e.call("giulia", "POST", site+"/agendas", body).want(http.StatusForbidden)
	agenda := e.call("admin", "POST", site+"/agendas", body).want(http.StatusCreated)
	path := "/agendas/" + agenda.str("id")
	body["capacity"] = 3
	e.call("admin", "PUT", path, body).want(http.StatusPreconditionRequired)
	e.call("admin", "PUT", path, body, "If-Match", agenda.Header.Get("ETag")).want(http.StatusOK)
	if n := len(e.call("giulia", "GET", site+"/agendas", nil).want(http.StatusOK).list("items")); n != 1 {
		t.Errorf("%d agendas", n)
	}
	slots := e.call("giulia", "GET", path+"/slots?from=2026-11-17&to=2026-11-18", nil).want(http.StatusOK)
	e.call("giulia", "GET", path+"/slots?from=2026-11-17&to=2027-11-18", nil).want(http.StatusUnprocessableEntity)
	today, tomorrow := slots.str("items", 21, "start_at"), slots.str("items", 60, "start_at") // 10:30 today, 6:00 tomorrow
	book := func(start string, more ...any) *apiReply {
		b := obj("service", service, "start_at", start, "person", "Lucia Ferrante")
		for i := 0; i < len(more); i += 2 {
			b[more[i].(string)] = more[i+1]
		}
		return e.call("giulia", "POST", path+"/appointments", b).want(http.StatusCreated)
	}
	here, other := book(today, "phone", "+39 347 555 0142"), book(tomorrow, "email", "lucia@posta.example", "note", "Porta la foto.")
	if here.str("appointment", "state") != "booked" || here.str("appointment", "code") == "" {
		t.Errorf("%s", here.Bytes)
	}
	e.call("giulia", "GET", "/appointments/"+here.str("appointment", "id"), nil).want(http.StatusOK)
	moved := e.call("giulia", "POST", "/appointments/"+other.str("appointment", "id")+"/move", obj("start_at", slots.str("items", 61, "start_at")), "If-Match", other.Header.Get("ETag")).want(http.StatusOK)
	e.call("giulia", "POST", "/appointments/"+other.str("appointment", "id")+"/cancel", obj("version", 1)).want(http.StatusConflict)
	e.storyOfConflict(site, path, service, moved)
	if n := len(e.call("giulia", "GET", site+"/expected?q=ferr", nil).want(http.StatusOK).list("items")); n != 1 {
		t.Errorf("%d expected", n)
	}
	in := e.call("giulia", "POST", site+"/check-in", obj("code", strings.ToLower(here.str("appointment", "code")))).want(http.StatusOK)
	if in.str("step", "slot_at") != today || in.str("appointment", "ticket") != in.str("ticket", "id") {
		t.Errorf("%s", in.Bytes)
	}
	late := book(slots.str("items", 22, "start_at"))
	e.call("giulia", "POST", "/appointments/"+late.str("appointment", "id")+"/missed", nil).want(http.StatusConflict)
	e.manual.Advance(2 * time.Hour)
	e.call("giulia", "POST", "/appointments/"+late.str("appointment", "id")+"/missed", nil).want(http.StatusOK)
	wish := e.call("giulia", "POST", path+"/waiting-list", obj("service", service, "person", "Nina Bo", "email", "nina@posta.example", "from", "2026-11-18", "to", "2026-11-25")).want(http.StatusCreated)
	if n := len(e.call("giulia", "GET", path+"/waiting-list", nil).want(http.StatusOK).list("items")); n != 1 {
		t.Errorf("%d wait", n)
	}
	e.call("giulia", "DELETE", "/waiting-list/"+wish.str("id"), nil).want(http.StatusNoContent)
	e.call("giulia", "GET", site+"/votes?from=2026-10&to=2026-11", nil).want(http.StatusOK)
	e.call("admin", "POST", path+"/end", obj("version", 2)).want(http.StatusNoContent)
}

// storyOfConflict: a day is shut beneath an appointment, whose person is told.
func (e *apiTown) storyOfConflict(site, path, service string, moved *apiReply) {
	day := obj("day", "2026-11-18", "reason", "Sciopero", "try", true)
	if r := e.call("admin", "POST", site+"/days", day).want(http.StatusOK); r.num("conflicts") != 1 || r.num("to_call") != 0 {
		e.t.Errorf("%s", r.Bytes)
	}
	if n := len(e.call("giulia", "GET", site+"/conflicts", nil).want(http.StatusOK).list("items")); n != 0 {
		e.t.Error("trying changes nothing")
	}
	day["try"] = false
	e.call("admin", "POST", site+"/days", day).want(http.StatusOK)
	list := e.call("giulia", "GET", site+"/conflicts", nil).want(http.StatusOK)
	if len(list.list("items")) != 1 || list.str("items", 0, "next") != "tell" {
		e.t.Errorf("%s", list.Bytes)
	}
	id := "/appointments/" + moved.str("appointment", "id")
	if r := e.call("giulia", "POST", id+"/tell", nil).want(http.StatusOK); r.str("appointment", "conflict_at") == "" {
		e.t.Errorf("%s", r.Bytes)
	}
	e.call("giulia", "POST", id+"/cancel", obj("reason", "La sede è chiusa.")).want(http.StatusOK)
	day["hours"] = []any{obj("from", 0, "to", 24*60)}
	e.call("admin", "POST", site+"/days", day).want(http.StatusOK)
	e.call("giulia", "POST", path+"/slots", obj("start_at", "2026-11-18T09:00:00Z", "capacity", 0)).want(http.StatusNoContent)
	e.call("giulia", "POST", path+"/appointments", obj("service", service, "start_at", "2026-11-18T09:00:00Z", "person", "Mario")).want(http.StatusConflict)
}

// What is reserved is veiled by program too, and others' agendas are not there.
func TestAPIAgendaKeepsWhatIsReserved(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		h := e.hall()
		all := inbox.Viewer{System: true}
		group, err := e.queue.SaveGroup(t.Context(), all, queue.Group{SiteID: h.site, Key: "sociale", Names: queue.Names{"it": "Sociale"}, Series: "S"})
		must(t, err)
		talk, err := e.queue.SaveService(t.Context(), all, queue.Service{SiteID: h.site, GroupID: group, Key: "colloquio", Names: queue.Names{"it": "Colloquio"}, OfficeID: e.offices["sociale"], Minutes: 30})
		must(t, err)
		a := e.call("admin", "POST", "/sites/"+e.id(h.site)+"/agendas", obj("key", "colloqui", "names", obj("it", "Colloqui"), "slot_minutes", 60, "capacity", 1, "public", 0, "horizon_days", 30, "services", []any{e.id(talk)})).want(http.StatusCreated)
		path := "/agendas/" + a.str("id")
		made := e.call("giulia", "POST", path+"/appointments", obj("service", e.id(talk), "start_at", "2026-11-18T09:00:00Z", "person", "Ida Segreta", "note", "Riservato.")).want(http.StatusCreated)
		slots := e.call("giulia", "GET", path+"/slots?from=2026-11-18&to=2026-11-18", nil).want(http.StatusOK)
		if strings.Contains(string(slots.Bytes), "Segreta") || strings.Contains(string(slots.Bytes), "Riservato") || !strings.Contains(string(slots.Bytes), `"veiled":true`) {
			t.Errorf("%s", slots.Bytes)
		}
		id := "/appointments/" + made.str("appointment", "id")
		if r := e.call("giulia", "GET", id, nil).want(http.StatusOK); strings.Contains(string(r.Bytes), "Segreta") {
			t.Errorf("%s", r.Bytes)
		}
		for _, who := range []string{"giulia", "elena", "admin"} {
			e.call(who, "POST", id+"/cancel", nil).want(http.StatusNotFound)
		}
		for _, path := range []string{path + "/slots?from=2026-11-18&to=2026-11-18", path + "/waiting-list", id} {
			e.call("elena", "GET", path, nil).want(http.StatusNotFound)
			e.call("admin", "GET", path, nil).want(http.StatusNotFound)
		}
	})
}
