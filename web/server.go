// Package web serves the staff's pages, the citizens' pages and the REST API. It
// holds no rule of the house: it reads a request, calls inbox, router and the
// others, and fills a view of package page, or writes JSON.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/config"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/internal/logging"
	"filodiretto/internal/password"
	"filodiretto/internal/secret"
	"filodiretto/internal/speech"
	"filodiretto/queue"
	"filodiretto/register"
	"filodiretto/reports"
	"filodiretto/router"
	"filodiretto/templates"
	"filodiretto/web/assets"
	"filodiretto/web/crowd"
	"filodiretto/web/page"
)

// Accounts is what the pages of the channels ask of the app.
type Accounts interface {
	// Reload opens the accounts anew after a change.
	Reload(ctx context.Context) error
	// Channel finds an opened channel; ok is false when it could not be opened.
	Channel(accountID int64) (channels.Channel, inbox.Account, bool)
}

// Deps is what the server needs. All fields must be set.
type Deps struct {
	Config      *config.Config
	DB          *db.DB
	Inbox       *inbox.Inbox
	Router      *router.Router
	Desk        *router.Desk
	Queue       *queue.Queue
	Bookings    *queue.Bookings
	Votes       *queue.Votes
	Reports     *reports.Reports
	Register    *register.Register
	Accounts    Accounts
	Hub         *live.Hub
	Presence    *live.Presence
	Log         *slog.Logger
	Hasher      *password.Hasher
	Box         *secret.Box
	Blobs       blob.Store
	Texts       func(context.Context) *templates.Set
	ForgetTexts func()
	Drivers     []channels.Driver
	Metrics     http.Handler
	// Observe counts a finished request: route pattern, status, duration.
	Observe func(route string, status int, took time.Duration)
}

// Server is the site.
type Server struct {
	Deps
	clock    clock.Clock
	zone     *time.Location
	render   *page.Renderer
	sessions *scs.SessionManager
	mux      *mux
	slow     *slowdown
	links    fileLinks
	uploads  chan struct{} // holds one for each form of a citizen that is read

	announcer *announcer
	fare      *keptHealth
	crowd     *crowd.Crowd
	printing  secrets
	voice     *speech.Voice // nil where this machine has none
}

// New parses the pages and makes the routes.
func New(d Deps) (http.Handler, error) {
	s := &Server{Deps: d, clock: d.DB.Clock, zone: d.Config.Municipality.Location, mux: newMux(), uploads: make(chan struct{}, uploadsAtOnce)}
	r, err := page.New(page.Options{Clock: s.clock, Zone: s.zone, Municipality: town(d.Config.Municipality.Name), AssetURL: assets.URL})
	if err != nil {
		return nil, err
	}
	s.render = r
	s.links = newFileLinks(d.Box, d.Config.Server.FilesURL)
	s.slow = newSlowdown(d.DB, d.Config.Security)
	s.sessions = newSessions(d)
	s.fare = newKeptHealth(s.clock)
	s.announcer = newAnnouncer(s)
	events, _ := d.Hub.Subscribe(s.announcer.note)
	go s.announcer.run(events)                       // ends when the hub is closed
	s.crowd = crowd.New(d.Hub, s.roomPicture, d.Log) // ends with the hub
	if s.voice, err = speech.Find(d.Config.Voice.Program, d.Config.Voice.Pace); err != nil {
		d.Log.Warn("the displays have no voice of this machine: look at voice.program", "error", err)
	}
	s.routes()
	return s.handler(), nil
}

// routes lists every address, by the part of the house that answers.
func (s *Server) routes() {
	s.mux.Handle("GET "+assets.Prefix, assets.Handler())
	s.healthRoutes()
	s.loginRoutes()
	s.inboxRoutes()
	s.caseRoutes()
	s.composerRoutes()
	s.messageRoutes()
	s.evidenceRoutes()
	s.peopleRoutes()
	s.receptionRoutes()
	s.counterRoutes()
	s.agendaRoutes()
	s.quarantineRoutes()
	s.registerRoutes()
	s.channelRoutes()
	s.reportRoutes()
	s.adminRoutes()
	s.publicRoutes()
	s.roomRoutes()
	s.apiRoutes()
	s.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/cases", http.StatusSeeOther) })
	s.mux.HandleFunc("/", s.nowhere)
}

// nowhere answers what no route does: 405 when the address takes another method,
// else 404.
func (s *Server) nowhere(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = m
		if _, pattern := s.mux.Handler(other); pattern != "" && pattern != "/" {
			allow = append(allow, m)
		}
	}
	if allow == nil {
		s.fail(w, r, inbox.ErrNotFound)
		return
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	s.fault(w, r, http.StatusMethodNotAllowed, "")
}

// handler wraps the routes: from the outside in, a request gets an id, its
// panics are caught, its size is bounded, its origin checked, its session read.
func (s *Server) handler() http.Handler {
	csrf := http.NewCrossOriginProtection()
	csrf.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fault(w, r, http.StatusForbidden, "cross_origin")
	}))
	var h http.Handler = s.observed(s.mux)
	h = s.withSession(h)
	h = onlyPages(csrf.Handler(h), h)
	h = s.bounded(h)
	h = s.secureHeaders(h)
	h = s.onlyFiles(h)
	h = s.recovered(h)
	return logging.Requests(h)
}

// onlyPages checks the origin of what browsers send with a cookie; the API
// authenticates by token alone and needs no such check.
func onlyPages(checked, plain http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			plain.ServeHTTP(w, r)
			return
		}
		checked.ServeHTTP(w, r)
	})
}

// policy is the Content-Security-Policy of every page: nothing from elsewhere,
// no inline script or style. Frames are our own sandboxed mail bodies.
const policy = "default-src 'self'; img-src 'self' data:; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func (s *Server) secureHeaders(next http.Handler) http.Handler {
	policy := policy
	if s.links.origin != "" {
		policy = strings.Replace(policy, "img-src 'self'", "img-src 'self' "+s.links.origin, 1)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if !strings.HasPrefix(r.URL.Path, assets.Prefix) {
			h.Set("Cache-Control", "no-store")
		}
		next.ServeHTTP(w, r)
	})
}

// bounded limits what one request may send.
func (s *Server) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most := s.mostUpload()
		if r.URL.Path == replyPath {
			most *= 4
		}
		intake := strings.HasPrefix(r.URL.Path, intakePath)
		if intake {
			most = s.mostMail() + 1<<20 // told apart from what is just too large
		}
		if r.ContentLength > most && intake {
			s.problem(w, r, errMailTooLarge.status, &sayError{errMailTooLarge.code, errMailTooLarge.detail, errMailTooLarge.remedy})
			return
		}
		if r.ContentLength > most {
			s.fault(w, r, http.StatusRequestEntityTooLarge, "")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		next.ServeHTTP(w, r)
	})
}

// mostUpload is how many bytes a request may have, the words of a form included.
func (s *Server) mostUpload() int64 { return int64(s.Config.Server.MaxUploadMB)<<20 + 1<<20 }

// recovered turns a panic into a fault page with the request's id, and logs it
// without what the person sent.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil || p == http.ErrAbortHandler {
				if p != nil {
					panic(p)
				}
				return
			}
			s.Log.ErrorContext(r.Context(), "a request panicked", "path_pattern", r.Pattern, "panic", p, "stack", stack())
			s.fault(w, r, http.StatusInternalServerError, "")
		}()
		next.ServeHTTP(w, r)
	})
}

func (s *Server) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.clock.Now()
		rec := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)
		if r.URL.Path == livePath { // lasts as long as a page is open, which says nothing
			return
		}
		s.Observe(r.Pattern, rec.status, s.clock.Now().Sub(start))
	})
}

// statusWriter remembers the status for the metrics.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(code int) {
	w.status = code
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController reach Flush and deadlines.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
