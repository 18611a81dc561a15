//go:build preview

package main

import (
	"crypto/rand"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"filodiretto/web/page"
	"filodiretto/web/page/sample"
)

// stage answers the addresses that scripts ask, as a server would, with one
// case and a short memory of each browser: enough to try the modules by hand
// and in tests, of which several may be at it at once.
type stage struct {
	render func(http.ResponseWriter, *http.Request, page.View)

	mu   sync.Mutex
	seat map[string]*seat // by the cookie of a browser
}

// seat is what the stage remembers of one browser.
type seat struct {
	// entries is how often the open case was asked for: each time there is one
	// message more.
	entries atomic.Int64
	push    chan string // events of /push, for the page that listens
}

const cookie = "seat"

// of finds the seat of a browser, which is shown to one when it comes in.
func (s *stage) of(r *http.Request) *seat {
	name := ""
	if c, err := r.Cookie(cookie); err == nil {
		name = c.Value
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seat[name] == nil {
		s.seat[name] = &seat{push: make(chan string)}
	}
	return s.seat[name]
}

// seated gives each browser a seat.
func (s *stage) seated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie(cookie); err != nil {
			http.SetCookie(w, &http.Cookie{Name: cookie, Value: rand.Text(), Path: "/"})
		}
		next.ServeHTTP(w, r)
	})
}

// newest is the id of the newest entry after n came; 0 when none did.
func newest(n int64) int64 {
	if n == 0 {
		return 0
	}
	return 99 + n
}

func (s *stage) routes(mux *http.ServeMux) {
	v := func(make func(*http.Request) page.View) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { s.render(w, r, make(r)) }
	}
	mux.HandleFunc("GET /cases", v(func(r *http.Request) page.View {
		in := sample.Inbox()
		if n := r.URL.Query().Get("case"); n == "" {
			in.Work = page.Work{View: page.ViewOffice}
		} else {
			in.Work.Case.Head.Number = n
			in.Work.Case.Timeline.Number = n
		}
		for i := range in.List.Rows {
			in.List.Rows[i].Current = in.List.Rows[i].Number == r.URL.Query().Get("case")
		}
		in.Work.Pane, in.Pane = page.Pane(r.URL.Query().Get("pane")), page.Pane(r.URL.Query().Get("pane"))
		return in
	}))
	mux.HandleFunc("GET /cases/rows", v(func(*http.Request) page.View {
		l := sample.Rows()
		for i := range l.Rows {
			l.Rows[i].Number = "2025/00" + strconv.Itoa(1000+i)
		}
		l.Before = ""
		return l
	}))
	mux.HandleFunc("GET /cases/row", func(w http.ResponseWriter, r *http.Request) {
		n := r.URL.Query().Get("number")
		for _, row := range sample.Rows().Rows {
			if row.Number == n && n != "2026/004130" {
				row.Last, row.Unread, row.Current, row.At = "Aggiornata adesso", true, false, sample.At(17, 12, 1)
				s.render(w, r, row)
				return
			}
		}
		if n == "2026/009000" || n == "2026/009001" {
			row := sample.Rows().Rows[1]
			row.Number, row.At = n, sample.At(17, 12, 0)
			if n == "2026/009001" {
				row.At = sample.At(17, 12, 2)
			}
			s.render(w, r, row)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /cases/counts", v(func(*http.Request) page.View {
		x := sample.Views()
		x.Counts[page.ViewMine] = 13
		return page.Counts{Views: x, Tally: page.Tally{Unread: 39}}
	}))
	mux.HandleFunc("GET /cases/{year}/{seq}/live", v(func(r *http.Request) page.View {
		c := sample.Case()
		n := s.of(r).entries.Add(1)
		for i := range n {
			c.Timeline.Entries = append(c.Timeline.Entries, page.Entry{ID: 100 + i, Version: 1, Kind: page.EntryIn, Channel: page.ChannelTelegram, At: sample.Now, By: "Lucia Ferrante", Body: page.Body{Text: "Ancora una cosa: serve altro?"}})
		}
		c.Timeline.Last = newest(n)
		return page.CaseLive{Head: c.Head, Timeline: c.Timeline, HasComposer: true, Stop: sample.ComposerNewer().State.Stop}
	}))
	mux.HandleFunc("GET /cases/{year}/{seq}/composer", v(func(r *http.Request) page.View {
		if r.URL.Query().Get("compose") == "note" {
			return sample.ComposerNote()
		}
		c := sample.Composer()
		c.State.Stop = nil
		return c
	}))
	mux.HandleFunc("POST /cases/{year}/{seq}/reply", v(func(*http.Request) page.View {
		c := sample.ComposerUndo()
		c.Undo.Seconds = 3
		return c
	}))
	mux.HandleFunc("POST /cases/{year}/{seq}/note", v(func(*http.Request) page.View { return sample.ComposerNote() }))
	mux.HandleFunc("POST /cases/{year}/{seq}/draft", v(func(r *http.Request) page.View {
		st := page.ComposerState{Number: "2026/004127", Mode: page.Mode(r.FormValue("compose")), SavedAt: sample.Now, Meter: &page.Meter{Index: min(100, len(r.FormValue("text")))}}
		if seen, err := strconv.ParseInt(r.FormValue("seen"), 10, 64); err == nil && seen < newest(s.of(r).entries.Load()) {
			st.Stop = sample.ComposerNewer().State.Stop
		}
		return st
	}))
	mux.HandleFunc("POST /cases/{year}/{seq}/files", v(func(r *http.Request) page.View {
		d := page.DraftFiles{Number: "2026/004127", Mode: page.ModeReply}
		if err := r.ParseMultipartForm(1 << 20); err == nil {
			for i, f := range r.MultipartForm.File["file"] {
				d.Files = append(d.Files, page.DraftFile{ID: int64(i + 1), Name: f.Filename, Size: f.Size})
			}
		}
		return d
	}))
	undo := v(func(*http.Request) page.View { c := sample.Composer(); c.State.Stop = nil; return c })
	mux.HandleFunc("POST /cases/{year}/{seq}/send/{id}/undo", undo)
	mux.HandleFunc("POST /cases/{year}/{seq}/take", undo)
	mux.HandleFunc("POST /cases/{year}/{seq}/close", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/cases?view=office&case="+r.PathValue("year")+"/"+r.PathValue("seq"), http.StatusSeeOther)
	})
	mux.HandleFunc("POST /", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /texts", v(func(*http.Request) page.View { return sample.Picker() }))
	mux.HandleFunc("GET /help", v(func(*http.Request) page.View { return sample.All()["help"] }))
	mux.HandleFunc("GET /search", v(func(r *http.Request) page.View {
		if r.URL.Query().Has("palette") {
			return sample.Fragments()["palette"]
		}
		return sample.Search()
	}))
	mux.HandleFunc("GET /shell/health", v(func(*http.Request) page.View { return page.Health{Total: 4, Up: 3} }))
	mux.HandleFunc("GET /people/{id}", v(func(*http.Request) page.View { return sample.Person() }))
	mux.HandleFunc("GET /reception", v(func(*http.Request) page.View { return sample.Reception() }))
	mux.HandleFunc("GET /reception/people", v(func(*http.Request) page.View { return sample.Reception().Picks }))
	mux.HandleFunc("GET /pictures/{id}", func(w http.ResponseWriter, _ *http.Request) {
		p := image.NewRGBA(image.Rect(0, 0, 160, 120))
		draw.Draw(p, p.Bounds(), image.NewUniform(color.RGBA{0x8a, 0xa4, 0xbf, 0xff}), image.Point{}, draw.Src)
		w.Header().Set("Content-Type", "image/png")
		_ = png.Encode(w, p) // the page went away
	})
	mux.HandleFunc("GET /push", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case s.of(r).push <- r.URL.Query().Get("e"):
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("GET /live", s.live)
	mux.HandleFunc("GET /queue/{site}/events", quiet) // of the counter and the room
}

// quiet is a stream in which nothing happens.
func quiet(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprint(w, ": hello\n\n")
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

func (s *stage) live(w http.ResponseWriter, r *http.Request) {
	push := s.of(r).push
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	c := http.NewResponseController(w)
	fmt.Fprint(w, ": hello\n\n")
	_ = c.Flush()
	beat := time.NewTicker(15 * time.Second)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
			fmt.Fprint(w, ": beat\n\n")
		case e := <-push:
			name, data := "case", `{"number":"`+e+`"}`
			if e == "counts" || e == "health" {
				name, data = e, "{}"
			}
			fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, data)
		}
		_ = c.Flush()
	}
}
