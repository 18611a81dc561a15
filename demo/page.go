package demo

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"filodiretto/internal/clock"
)

//go:embed side
var sideFiles embed.FS

// citizensSide is a small page on which the people of the demo are seen from
// their side: their mailbox and their chat, and a way to write as one of them.
// It is no part of the program.
type citizensSide struct {
	w      *world
	url    string // where it is
	staff  string // where the town hall's pages are
	pages  *template.Template
	server *http.Server
	served chan struct{}
	tries  atomic.Pointer[[]trial] // of the room, once it is furnished
}

func openCitizensSide(w *world, listen, staff string) (*citizensSide, error) {
	c := &citizensSide{w: w, staff: staff, served: make(chan struct{})}
	var err error
	c.pages, err = template.New("").Funcs(template.FuncMap{
		"clock": func(at clock.Instant) string { return at.Time().In(rome).Format("2.1.2006 15:04") },
		"back":  func(l []page) []page { l = slices.Clone(l); slices.Reverse(l); return l },
	}).ParseFS(sideFiles, "side/*.html")
	if err != nil {
		return nil, fmt.Errorf("demo: citizens' side: %w", err)
	}
	l, err := listenAt(listen)
	if err != nil {
		return nil, fmt.Errorf("demo: the citizens' side cannot listen on %s: %w: choose another address with --citizens", listen, err)
	}
	c.url = "http://" + l.Addr().String()
	c.server = &http.Server{Handler: c.handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(c.served)
		_ = c.server.Serve(l) // ends when it is closed
	}()
	return c, nil
}

// listenAt takes the usual port, or a free one when nobody asked for any.
func listenAt(address string) (net.Listener, error) {
	conf := &net.ListenConfig{}
	if address != "" {
		return conf.Listen(context.Background(), "tcp", address)
	}
	l, err := conf.Listen(context.Background(), "tcp", "127.0.0.1:8081")
	if err != nil {
		l, err = conf.Listen(context.Background(), "tcp", "127.0.0.1:0")
	}
	return l, err
}

func (c *citizensSide) stop() error {
	err := c.server.Close()
	<-c.served
	return err
}

func (c *citizensSide) handler() http.Handler {
	m := http.NewServeMux()
	files, _ := fs.Sub(sideFiles, "side") // the folder is there: it is embedded
	m.HandleFunc("GET /{$}", c.all)
	m.HandleFunc("GET /di/{key}", c.one)
	m.HandleFunc("GET /di/{key}/messaggi", c.messages)
	m.HandleFunc("POST /di/{key}/mail", c.write)
	m.HandleFunc("POST /di/{key}/chat", c.say)
	m.HandleFunc("POST /di/{key}/blocca", c.block)
	m.HandleFunc("POST /di/{key}/tasto", c.press)
	m.HandleFunc("GET /side.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "side.css") })
	m.HandleFunc("GET /side.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "side.js") })
	same := http.NewCrossOriginProtection().Handler(m)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; form-action 'self'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		same.ServeHTTP(w, r)
	})
}

// sideView is what the pages show.
type sideView struct {
	Staff    string
	Citizen  *citizen
	Messages []page
	Story    bool // the citizen is Lucia, with whom the story of the demo goes
	Others   []sideRow
	Boxes    []string
	Subject  string
	Letter   string
	Chat     string
	Photo    bool
	Letters  []trial
	Trials   []trial
}

type sideRow struct {
	*citizen
	Last page
	All  int
}

func (c *citizensSide) all(w http.ResponseWriter, _ *http.Request) {
	v := sideView{Staff: c.staff, Citizen: c.w.folk.all()[0], Letters: letterTrials(c.staff)}
	if t := c.tries.Load(); t != nil {
		v.Trials = *t
	}
	for _, p := range c.w.folk.all() {
		if of := c.w.diary.messages(p.Key); len(of) > 0 || p.Guest {
			row := sideRow{citizen: p, All: len(of)}
			if len(of) > 0 {
				row.Last = of[len(of)-1]
			}
			v.Others = append(v.Others, row)
		}
	}
	slices.SortStableFunc(v.Others, func(a, b sideRow) int {
		if a.Guest != b.Guest {
			return map[bool]int{true: -1, false: 1}[a.Guest]
		}
		return int(min(1, max(-1, b.Last.At-a.Last.At)))
	})
	c.render(w, "all.html", v)
}

func (c *citizensSide) citizen(w http.ResponseWriter, r *http.Request) *citizen {
	if p := c.w.folk.key(r.PathValue("key")); p != nil {
		return p
	}
	http.Error(w, "A Pontelieto non c'è nessuno con questo nome.", http.StatusNotFound)
	return nil
}

func (c *citizensSide) view(p *citizen) sideView {
	v := sideView{Staff: c.staff, Citizen: p, Messages: c.asSeen(p, c.w.diary.messages(p.Key)), Story: p.Guest, Boxes: []string{urpBox, tributiBox}}
	if last, ok := c.w.diary.lastFromTown(p.Key); ok {
		v.Subject = "Re: " + strings.TrimPrefix(last.Subject, "Re: ")
	}
	if p.Guest && len(v.Messages) == 0 {
		v.Subject = "Sala civica di via Garibaldi"
		v.Letter = "Buongiorno,\nvorrei prenotare la sala civica di via Garibaldi per sabato pomeriggio, dalle 15 alle 19.\nCome si fa, e quanto costa?\n\nGrazie\nLucia Ferrante\ntel. 347 555 0142"
		v.Chat = "Buongiorno, sono Lucia Ferrante, 347 555 0142. Ho scritto per la sala civica di sabato: è libera?"
	}
	return v
}

func (c *citizensSide) one(w http.ResponseWriter, r *http.Request) {
	if p := c.citizen(w, r); p != nil {
		c.render(w, "one.html", c.view(p))
	}
}

// messages is the part of the page that the script reads again.
func (c *citizensSide) messages(w http.ResponseWriter, r *http.Request) {
	if p := c.citizen(w, r); p != nil {
		c.render(w, "messages", c.view(p))
	}
}

func (c *citizensSide) render(w http.ResponseWriter, name string, v sideView) {
	var b strings.Builder
	if err := c.pages.ExecuteTemplate(&b, name, v); err != nil {
		http.Error(w, "La pagina non si può mostrare.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(b.String())) // the browser may have left
}

// errEmpty is told on the page in place of sending nothing.
var errEmpty = errors.New("scrivi qualcosa prima di inviare")
