package web

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/secret"
	"filodiretto/web/page"
)

func (s *Server) publicRoutes() {
	s.mux.HandleFunc("GET /p/{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/p/case", http.StatusSeeOther) })
	s.mux.HandleFunc("GET /p/case", s.publicPage)
	s.mux.HandleFunc("POST /p/case", s.publicEnter)
	s.mux.HandleFunc("POST "+replyPath, s.publicReply)
	s.mux.HandleFunc("GET /p/case/files/{id}/{name}", s.publicFile)
	s.mux.HandleFunc("GET /p/privacy", s.privacyPage)
}

// site is what surrounds the pages for citizens.
func (s *Server) site(r *http.Request) page.Site {
	k := &s.Config.Contact
	return page.Site{
		Municipality: town(s.Config.Municipality.Name), Lang: s.publicLang(r), Path: r.URL.Path,
		Phone: k.Phone, Email: k.Email, PEC: k.PEC, Address: k.Address, Hours: k.Hours, HomeURL: k.HomeURL, AccessURL: k.AccessURL,
		PrivacyURL: cmp.Or(s.Config.Privacy.Link, privacyPath),
	}
}

// publicLang is the language of citizens' pages: whoever looks at one is not
// asked whether they are logged in as staff.
func (s *Server) publicLang(r *http.Request) page.Lang {
	if l, ok := chosenLang(r); ok {
		return l
	}
	return s.lang(r)
}

// publicCookie keeps number and secret of the case that is open, sealed, so that
// a reload works and no secret stands in an address.
const publicCookie = "pratica"

// publicFor is how long a case stays open in a browser.
const publicFor = 30 * time.Minute

// publicPlace is where the sealed cookie may be opened.
var publicPlace = secret.Place("cookie", 0, "public case")

// opened is what the cookie holds.
type opened struct {
	Ref    string
	Secret string
	Until  clock.Instant
}

// publicPage shows the case that is open in this browser, or asks for one. The
// address in a receipt carries number and secret: they are taken out of the
// address at once, so that they stay in no history and go to nobody.
func (s *Server) publicPage(w http.ResponseWriter, r *http.Request) {
	s.publicHeaders(w)
	s.keepLang(w, r)
	q := r.URL.Query()
	if q.Get("secret") != "" {
		s.enter(w, r, q.Get("number"), q.Get("secret"), "")
		return
	}
	o, ok := s.readOpened(r)
	if number := q.Get("number"); !ok || number != "" && !sameRef(number, o.Ref) {
		s.show(w, r, http.StatusOK, s.publicLang(r), page.PublicEntry{Site: s.site(r), Number: number})
		return
	}
	s.showOpened(w, r, o, http.StatusOK, func(p *page.PublicCase) { p.Sent = q.Has("sent") })
}

// showOpened draws the case that is open in this browser, which stays so for as
// long as somebody looks at it; change puts in what came back from the form.
func (s *Server) showOpened(w http.ResponseWriter, r *http.Request, o opened, status int, change func(*page.PublicCase)) {
	c, err := s.Inbox.StatusPage(r.Context(), o.Ref, o.Secret)
	if errors.Is(err, inbox.ErrSecret) { // erased since
		s.show(w, r, http.StatusNotFound, s.publicLang(r), page.PublicEntry{Site: s.site(r), Fault: "wrong"})
		return
	}
	var v page.PublicCase
	if err == nil {
		v, err = s.publicCase(r, c)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	v.Opened, v.Path = o.Ref, "/p/case"
	change(&v)
	s.setOpened(w, opened{Ref: o.Ref, Secret: o.Secret, Until: s.clock.Now().Add(publicFor)})
	s.show(w, r, status, s.publicLang(r), v)
}

func sameRef(a, b string) bool {
	ya, na, oka := inbox.ParseRef(strings.TrimSpace(a))
	yb, nb, okb := inbox.ParseRef(b)
	return oka && okb && ya == yb && na == nb
}

func (s *Server) publicHeaders(w http.ResponseWriter) {
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Robots-Tag", "noindex, nofollow")
}

func (s *Server) publicEnter(w http.ResponseWriter, r *http.Request) {
	s.publicHeaders(w)
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	s.enter(w, r, r.PostFormValue("number"), r.PostFormValue("secret"), r.PostFormValue("text"))
}

// enter opens a case with its number and secret. A number that does not exist is
// answered like a wrong secret, and after some wrong ones the next must wait.
// text is what was written on the page before it was closed, if anything.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, number, word, text string) {
	number = strings.TrimSpace(number)
	entry := page.PublicEntry{Site: s.site(r), Number: number, Text: text}
	keys := []string{"case:address:" + s.clientIP(r), "case:number:" + number}
	if wait := s.slow.wait(r.Context(), keys); wait > 0 {
		entry.Fault, entry.Wait = "slow", int(wait.Seconds())+1
		s.show(w, r, http.StatusTooManyRequests, s.publicLang(r), entry)
		return
	}
	_, err := s.Inbox.StatusPage(r.Context(), number, word)
	switch {
	case errors.Is(err, inbox.ErrSecret):
		s.slow.failed(r.Context(), keys)
		entry.Fault = "wrong"
		s.show(w, r, http.StatusNotFound, s.publicLang(r), entry)
	case err != nil:
		s.fail(w, r, err)
	default:
		s.slow.succeeded(r.Context(), keys[1:])
		o := opened{Ref: number, Secret: word, Until: s.clock.Now().Add(publicFor)}
		if text != "" {
			s.showOpened(w, r, o, http.StatusOK, func(p *page.PublicCase) { p.Text = text })
			return
		}
		s.setOpened(w, o) // the page that the browser is sent to reads the case again
		http.Redirect(w, r, "/p/case", http.StatusSeeOther)
	}
}

func (s *Server) setOpened(w http.ResponseWriter, o opened) {
	b, err := json.Marshal(o)
	if err != nil {
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: publicCookie, Value: base64.RawURLEncoding.EncodeToString(s.Box.Seal(b, publicPlace)), Path: "/p/",
		MaxAge: int(publicFor.Seconds()), HttpOnly: true, Secure: !s.Config.Server.InsecureCookies, SameSite: http.SameSiteLaxMode,
	})
}

func (s *Server) readOpened(r *http.Request) (o opened, ok bool) {
	k, err := r.Cookie(publicCookie)
	if err != nil {
		return o, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(k.Value)
	if err != nil {
		return o, false
	}
	b, err := s.Box.Open(sealed, publicPlace)
	if err != nil || json.Unmarshal(b, &o) != nil {
		return o, false
	}
	return o, o.Until > s.clock.Now()
}
