package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/assets"
	"filodiretto/web/page"
)

// The pages of rooms know neither operators nor their sessions: kiosks, displays
// and tablets are devices with a token, and a number's page is opened by its secret.
func (s *Server) roomRoutes() {
	s.kioskRoutes()
	s.displayRoutes()
	s.tabletRoutes()
	s.ticketRoutes()
	s.takeRoutes()
	s.voteRoutes()
	s.bookingRoutes()
	s.appointmentRoutes()
}

// deviceSettings are what a device's pages need, kept with the device.
type deviceSettings struct {
	// Printer is the address of a receipt printer; "browser" prints with the
	// browser's own, and nothing means no paper.
	Printer string               `json:"printer,omitempty"`
	Narrow  bool                 `json:"narrow,omitempty"` // paper of 58 mm
	Reader  bool                 `json:"reader,omitempty"` // a kiosk has a scanner of codes
	Camera  bool                 `json:"camera,omitempty"` // a kiosk may read codes with its camera
	Silent  bool                 `json:"silent,omitempty"` // a display that does not speak
	Volume  int                  `json:"volume,omitempty"` // of a display, 1 to 100; 0 as 100
	Langs   []page.Lang          `json:"langs,omitempty"`  // some of the site's; none are all
	Notices []page.DisplayNotice `json:"notices,omitempty"`
}

func deviceSet(d *queue.Device) deviceSettings {
	var out deviceSettings
	_ = json.Unmarshal([]byte(d.Settings), &out) // what cannot be read is as if nothing was set
	return out
}

// device is the device of this browser, at the site of the address. A token in the
// address becomes a cookie at once, so that it stands in no history; done says that
// the answer is given.
func (s *Server) device(w http.ResponseWriter, r *http.Request, kind string) (d *queue.Device, h *queue.House, done bool) {
	h, err := s.Queue.SiteByKey(r.Context(), r.PathValue("site"))
	if err != nil {
		s.fail(w, r, err)
		return nil, nil, true
	}
	if token := r.URL.Query().Get("token"); token != "" && r.Method == http.MethodGet {
		s.setCookie(w, kind, token, "/"+kind+"/", 10*365*24*3600)
		http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
		return nil, nil, true
	}
	token := ""
	if k, err := r.Cookie(kind); err == nil {
		token = k.Value
	}
	d, err = s.Queue.DeviceByToken(r.Context(), token)
	var refused *queue.RefusedError
	switch {
	case errors.As(err, &refused), err == nil && (d.Kind != kind || d.SiteID != h.Site.ID):
		err = inbox.ErrNotFound
	case err == nil:
		if err = s.Queue.Seen(r.Context(), d, d.Problem); err == nil {
			err = s.Queue.Runs(r.Context(), d, runs(r, kind, h))
		}
	}
	if err != nil {
		s.fail(w, r, err)
		return nil, nil, true
	}
	return d, h, false
}

// release is the version of the pages of devices, with their scripts and texts: one
// that runs another loads anew as soon as nobody uses it.
func release() string { return assets.Version() + page.Edition() }

// runs is the version that a device says to run; one that asks for its page gets
// today's. A page from before devices said it says nothing.
func runs(r *http.Request, kind string, h *queue.House) string {
	if r.Method == http.MethodGet && r.URL.Path == "/"+kind+"/"+h.Site.Key {
		return release()
	}
	return r.URL.Query().Get("page")
}

func (s *Server) setCookie(w http.ResponseWriter, name, value, path string, seconds int) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: path, MaxAge: seconds, HttpOnly: true,
		Secure: !s.Config.Server.InsecureCookies, SameSite: http.SameSiteLaxMode,
	})
}

// roomLang is the language of a page of the room: the one chosen, that of the
// browser, or Italian.
func (s *Server) roomLang(w http.ResponseWriter, r *http.Request) page.Lang {
	l := page.Lang(r.URL.Query().Get("lang"))
	if slices.Contains(page.RoomLangs, l) {
		s.setCookie(w, "room_lang", string(l), "/", 24*3600)
		return l
	}
	if k, err := r.Cookie("room_lang"); err == nil && slices.Contains(page.RoomLangs, page.Lang(k.Value)) {
		return page.Lang(k.Value)
	}
	for _, part := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		base, _, _ := strings.Cut(strings.TrimSpace(part), "-")
		base, _, _ = strings.Cut(base, ";")
		if l := page.Lang(strings.ToLower(base)); slices.Contains(page.RoomLangs, l) {
			return l
		}
	}
	return page.Italian
}

// langsOf are the languages of a site that its pages are written in.
func langsOf(h *queue.House) []page.Lang {
	var out []page.Lang
	for _, l := range h.Set.Langs {
		if slices.Contains(page.RoomLangs, page.Lang(l)) {
			out = append(out, page.Lang(l))
		}
	}
	if out == nil {
		out = []page.Lang{page.Italian}
	}
	return out
}

// say answers a script.
func (s *Server) sayJSON(w http.ResponseWriter, r *http.Request, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// refuseJSON answers a script with the code of a refusal.
func (s *Server) refuseJSON(w http.ResponseWriter, r *http.Request, err error) {
	var refused *queue.RefusedError
	var invalid *inbox.InvalidError
	st, code := status(err), ""
	switch {
	case errors.As(err, &refused):
		st, code = http.StatusUnprocessableEntity, refused.Code
	case errors.As(err, &invalid):
		code = invalid.Field
	default:
		st = s.logged(r, err)
	}
	s.sayJSON(w, r, st, map[string]string{"code": code})
}

// mostOfScript is how much a script of the room may send, in bytes.
const mostOfScript = 1 << 20

// readJSON reads what a script sent.
func readJSON(r *http.Request, to any) error {
	b, err := io.ReadAll(io.LimitReader(r.Body, mostOfScript+1))
	if err != nil {
		return &badRequest{err}
	}
	if len(b) > mostOfScript {
		return &http.MaxBytesError{Limit: mostOfScript}
	}
	if err := json.NewDecoder(bytes.NewReader(b)).Decode(to); err != nil {
		return &badRequest{err}
	}
	return nil
}

// publicURL is an address that a telephone elsewhere can open.
func (s *Server) publicURL(path string) string {
	return strings.TrimSuffix(s.Config.Municipality.PublicURL, "/") + path
}
