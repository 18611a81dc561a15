//go:build preview

package main

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"filodiretto/web/page"
	"filodiretto/web/page/sample"
)

// stage answers the addresses that scripts ask, as a server would, with one
// case and a short memory: enough to try the modules by hand and in a browser.
type stage struct {
	render func(http.ResponseWriter, *http.Request, page.View)
	// entries is how often the open case was asked for since a page was opened:
	// each time there is one message more.
	entries atomic.Int64

	mu   sync.Mutex
	ears map[chan string]bool // of those who listen
}

// push passes an event on to everyone who listens.
func (s *stage) push(e string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ear := range s.ears {
		select {
		case ear <- e:
		default: // nobody has read from it for long
		}
	}
}

// lastID is the id of the newest entry after n came.
func lastID(n int64) int64 { return 99 + n }

func (s *stage) routes(mux *http.ServeMux) {
	v := func(make func(*http.Request) page.View) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { s.render(w, r, make(r)) }
	}
	mux.HandleFunc("GET /cases", v(func(r *http.Request) page.View {
		if r.Header.Get("HX-Request") == "" {
			s.entries.Store(0)
		}
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
				row.Last, row.Unread, row.Current = "Aggiornata adesso", true, false
				s.render(w, r, row)
				return
			}
		}
		if n == "2026/009000" {
			row := sample.Rows().Rows[1]
			row.Number = n
			s.render(w, r, row)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /cases/counts", v(func(*http.Request) page.View {
		x := sample.Views()
		x.Counts[page.ViewMine] = 13
		return x
	}))
	mux.HandleFunc("GET /cases/{year}/{seq}/live", v(func(*http.Request) page.View {
		c := sample.Case()
		n := s.entries.Add(1)
		for i := range n {
			c.Timeline.Entries = append(c.Timeline.Entries, page.Entry{ID: 100 + i, Version: 1, Kind: page.EntryIn, Channel: page.ChannelTelegram, At: sample.Now, By: "Lucia Ferrante", Body: page.Body{Text: "Ancora una cosa: serve altro?"}})
		}
		c.Timeline.Last = lastID(n)
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
		if seen, err := strconv.ParseInt(r.FormValue("seen"), 10, 64); err == nil && s.entries.Load() > 0 && seen < lastID(s.entries.Load()) {
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
	mux.HandleFunc("GET /push", func(_ http.ResponseWriter, r *http.Request) { s.push(r.URL.Query().Get("e")) })
	mux.HandleFunc("GET /live", s.live)
}

func (s *stage) live(w http.ResponseWriter, r *http.Request) {
	ear := make(chan string, 16)
	s.mu.Lock()
	s.ears[ear] = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.ears, ear)
		s.mu.Unlock()
	}()
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
		case e := <-ear:
			name, data := "case", `{"number":"`+e+`"}`
			if e == "counts" || e == "health" {
				name, data = e, "{}"
			}
			fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, data)
		}
		_ = c.Flush()
	}
}
