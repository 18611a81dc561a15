package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"filodiretto/app"
	"filodiretto/inbox"
	"filodiretto/internal/secret"
	"filodiretto/queue"
)

// life is the program that runs now: tests stop it and start it again, as a power
// cut does.
type life struct {
	mu  sync.Mutex
	app *app.App
}

// serveRooms adds the orders for waiting rooms:
//
//	POST /room?key=KEY     a site of its own, open day and night, with a kiosk, a display and a tablet; their tokens
//	POST /ticket?key=KEY&service=KEY  a number of it: label and the path of its page
//	POST /stand?key=KEY    who sits at its counters leaves them
//	POST /shut?key=KEY     its opening hours are over
//	POST /lived?key=KEY    it has seen enough waits to show ranges
//	GET  /tickets?key=KEY  the numbers that wait or are served there
//	POST /away, /again     the program stops; it starts again at the same address
func (w *world) serveRooms(m *http.ServeMux) {
	order := func(pattern string, do func(ctx context.Context, q *queue.Queue, key string) (any, error)) {
		m.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
			w.life.mu.Lock()
			q := w.life.app.Queue
			w.life.mu.Unlock()
			out, err := do(r.Context(), q, r.URL.Query().Get("key"))
			if err != nil {
				http.Error(rw, err.Error(), http.StatusInternalServerError)
				return
			}
			_ = json.NewEncoder(rw).Encode(out)
		})
	}
	order("POST /room", w.makeRoom)
	order("POST /lived", w.liveYesterday)
	order("POST /shut", func(ctx context.Context, q *queue.Queue, key string) (any, error) {
		h, err := q.SiteByKey(ctx, key)
		if err != nil {
			return nil, err
		}
		_, err = q.SaveHours(ctx, everybody, h.Site.ID, h.Site.Version, map[int]queue.Ranges{})
		return struct{}{}, err
	})
	order("GET /tickets", ticketsOf)
	order("POST /stand", everybodyLeaves)
	m.HandleFunc("POST /ticket", w.giveNumber)
	order("POST /away", func(context.Context, *queue.Queue, string) (any, error) { return struct{}{}, w.stopApp() })
	order("POST /again", func(context.Context, *queue.Queue, string) (any, error) {
		return struct{}{}, w.startApp(context.WithoutCancel(w.ctx))
	})
}

func everybodyLeaves(ctx context.Context, q *queue.Queue, key string) (any, error) {
	h, err := q.SiteByKey(ctx, key)
	if err != nil {
		return nil, err
	}
	for _, c := range h.Counters {
		if err := q.Leave(ctx, everybody, c.ID, true); err != nil {
			return nil, err
		}
	}
	return struct{}{}, nil
}

func (w *world) giveNumber(rw http.ResponseWriter, r *http.Request) {
	w.life.mu.Lock()
	q := w.life.app.Queue
	w.life.mu.Unlock()
	h, err := q.SiteByKey(r.Context(), r.URL.Query().Get("key"))
	if err == nil {
		for _, sv := range h.Services {
			if sv.Key != r.URL.Query().Get("service") {
				continue
			}
			var i *queue.Issued
			if i, err = q.IssueTicket(r.Context(), everybody, queue.NewTicket{SiteID: h.Site.ID, ServiceID: sv.ID, Key: secret.Token(8)}); err == nil {
				_ = json.NewEncoder(rw).Encode(map[string]string{"label": i.Ticket.Label, "path": "/p/t/" + i.Secret})
				return
			}
		}
	}
	http.Error(rw, fmt.Sprint("no number: ", err), http.StatusInternalServerError)
}

var everybody = inbox.Viewer{System: true}

func (w *world) stopApp() error {
	w.life.mu.Lock()
	defer w.life.mu.Unlock()
	return w.life.app.Stop()
}

func (w *world) startApp(ctx context.Context) error {
	w.life.mu.Lock()
	defer w.life.mu.Unlock()
	a, err := app.NewAt(ctx, w.cfg, logger(), w.clock)
	if err != nil {
		return err
	}
	w.life.app = a
	return a.Start(ctx)
}

func ticketsOf(ctx context.Context, q *queue.Queue, key string) (any, error) {
	h, err := q.SiteByKey(ctx, key)
	if err != nil {
		return nil, err
	}
	room, err := q.Room(ctx, everybody, h.Site.ID)
	if err != nil {
		return nil, err
	}
	out := []map[string]string{}
	for i := range room.Visits {
		v := &room.Visits[i]
		out = append(out, map[string]string{"label": v.Ticket.Label, "state": string(v.Step.State), "lang": v.Ticket.Lang, "printed": fmt.Sprint(v.Ticket.PrintedAt != 0)})
	}
	return out, nil
}

// makeRoom makes a site with two groups of services, two desks of the URP and one
// of Tributi.
func (w *world) makeRoom(ctx context.Context, q *queue.Queue, key string) (any, error) {
	w.life.mu.Lock()
	dir, err := w.life.app.Router.Directory(ctx)
	w.life.mu.Unlock()
	if err != nil {
		return nil, err
	}
	urp, tributi := dir.OfficeByKey("urp").ID, dir.OfficeByKey("tributi").ID
	site, err := q.SaveSite(ctx, everybody, queue.SiteEdit{Key: key, Name: "Sala " + key, Address: "Piazza Roma 1"})
	if err != nil {
		return nil, err
	}
	week := map[int]queue.Ranges{}
	for day := 1; day <= 7; day++ {
		week[day] = queue.Ranges{{From: 0, To: 24 * 60}}
	}
	if _, err := q.SaveHours(ctx, everybody, site.ID, 0, week); err != nil {
		return nil, err
	}
	b := &roomBuilder{ctx: ctx, q: q, site: site.ID}
	papers, taxes := b.group("anagrafe", "Anagrafe", "Civil registry", "A"), b.group("tributi", "Tributi", "Taxes", "T")
	card := b.service("cie", "Carta d’identità", "Identity card", papers, urp)
	proof := b.service("certificati", "Certificati", "Certificates", papers, urp)
	tari := b.service("tari", "TARI", "Waste tax", taxes, tributi)
	out := map[string]any{"site": fmt.Sprint(site.ID), "key": key}
	out["first"] = b.counter("1", "Sportello 1", "desk", urp, card, proof, tari)
	out["second"] = b.counter("2", "Sportello 2", "desk", urp, card, proof)
	b.counter("9", "Sportello 9", "specialist", tributi, tari)
	for _, kind := range []string{"kiosk", "display", "tablet"} {
		d := queue.DeviceEdit{SiteID: site.ID, Kind: kind, Name: kind + " " + key}
		switch kind {
		case "kiosk":
			d.Alone, d.Settings = true, `{"printer":"browser"}`
		case "tablet":
			_, _ = fmt.Sscan(fmt.Sprint(out["first"]), &d.CounterID)
		}
		_, token, err := q.SaveDevice(ctx, everybody, d)
		b.note(err)
		out[kind] = "/" + kind + "/" + key + "?token=" + token
	}
	return out, b.err
}

// roomBuilder remembers the first fault.
type roomBuilder struct {
	ctx  context.Context
	q    *queue.Queue
	site int64
	err  error
}

func (b *roomBuilder) note(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *roomBuilder) group(key, it, en, series string) int64 {
	id, err := b.q.SaveGroup(b.ctx, everybody, queue.Group{SiteID: b.site, Key: key, Names: queue.Names{"it": it, "en": en}, Series: series})
	b.note(err)
	return id
}

func (b *roomBuilder) service(key, it, en string, group, office int64) int64 {
	id, err := b.q.SaveService(b.ctx, everybody, queue.Service{
		SiteID: b.site, GroupID: group, Key: key, Names: queue.Names{"it": it, "en": en}, OfficeID: office, Minutes: 8, Kiosk: true, Remote: true,
	})
	b.note(err)
	return id
}

// counter gives the id as text, since scripts lose the last digits of numbers.
func (b *roomBuilder) counter(key, name, kind string, office int64, does ...int64) string {
	c := queue.CounterEdit{Counter: queue.Counter{SiteID: b.site, Key: key, Name: name, Kind: kind, OfficeID: office}}
	for _, s := range does {
		c.Skills = append(c.Skills, queue.Skill{ServiceID: s})
	}
	id, err := b.q.SaveCounter(b.ctx, everybody, c)
	b.note(err)
	return fmt.Sprint(id)
}
