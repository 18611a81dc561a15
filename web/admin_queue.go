package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/page"
)

func (s *Server) queueRoutes() {
	s.mux.HandleFunc("GET /admin/queue", s.admin(s.queueSites))
	s.mux.HandleFunc("GET /admin/queue/new", s.admin(s.makeSite))
	s.mux.HandleFunc("POST /admin/queue", s.admin(s.makeSite))
	s.mux.HandleFunc("GET /admin/queue/{site}", s.inHouse(s.queueSite))
	for part, h := range map[string]houseHandler{
		"settings": s.siteSettings, "hours": s.siteHours, "days/new": s.siteDay, "groups/{id}": s.queueGroup, "services/{id}": s.queueService, "errands/{id}": s.queueErrand,
		"classes/{id}": s.queueClass, "counters/{id}": s.queueCounter, "devices/{id}": s.queueDevice,
		"agendas/{id}": s.queueAgenda, "shut": s.siteShut, "give-up": s.giveUpSite,
	} {
		s.mux.HandleFunc("GET /admin/queue/{site}/"+part, s.inHouse(h))
		s.mux.HandleFunc("POST /admin/queue/{site}/"+part, s.inHouse(h))
	}
	s.mux.HandleFunc("POST /admin/queue/{site}/days/{day}/drop", s.inHouse(s.dropDay))
	s.mux.HandleFunc("POST /admin/queue/{site}/services/{id}/end", s.inHouse(s.endService))
	s.mux.HandleFunc("POST /admin/queue/{site}/errands/{id}/end", s.inHouse(s.endErrand))
	s.mux.HandleFunc("POST /admin/queue/{site}/counters/{id}/end", s.inHouse(s.endCounter))
	s.mux.HandleFunc("POST /admin/queue/{site}/agendas/{id}/end", s.inHouse(s.endAgenda))
	s.mux.HandleFunc("POST /admin/queue/{site}/devices/{id}/revoke", s.inHouse(s.revokeDevice))
	s.mux.HandleFunc("POST /admin/queue/{site}/devices/{id}/test", s.inHouse(s.testPrint))
}

// houseHandler answers an administrator on one site.
type houseHandler func(http.ResponseWriter, *http.Request, *caller, *queue.House) error

// inHouse finds the site of an address; what was given up is not found.
func (s *Server) inHouse(f houseHandler) http.HandlerFunc {
	return s.admin(func(w http.ResponseWriter, r *http.Request, c *caller) error {
		h, err := s.Queue.House(r.Context(), pathID(r, "site"))
		if err != nil {
			return err
		}
		if h.Site.ClosedAt != 0 {
			return inbox.ErrNotFound
		}
		return f(w, r, c, h)
	})
}

func siteURL(id int64) string { return "/admin/queue/" + formatID(id) }

// partURL is the address of a form; id 0 is "new".
func partURL(h *queue.House, part string, id int64) string {
	word := "new"
	if id != 0 {
		word = formatID(id)
	}
	return siteURL(h.Site.ID) + "/" + part + "/" + word
}

// rowID is the id at the end of an address, 0 for "new"; ok is false for neither.
func rowID(r *http.Request) (id int64, ok bool) {
	id = pathID(r, "id")
	return id, id != 0 || r.PathValue("id") == "new"
}

func (s *Server) siteForm(h *queue.House, part, action string, fields ...page.QueueField) page.QueueForm {
	return page.QueueForm{Part: part, Site: h.Site.Name, Back: siteURL(h.Site.ID), Action: action, Fields: fields}
}

// queueForm shows a form, or stores it when it was sent: with a sentence back to
// the site, or with what is wrong beside the fields.
func (s *Server) queueForm(w http.ResponseWriter, r *http.Request, c *caller, f page.QueueForm, in *queueInput, save func() error) error {
	return s.queueFormTold(w, r, c, f, in, save, func() {})
}

// queueFormTold is queueForm that says more after it stored: tell may leave another
// sentence.
func (s *Server) queueFormTold(w http.ResponseWriter, r *http.Request, c *caller, f page.QueueForm, in *queueInput, save func() error, tell func()) error {
	if r.Method == http.MethodPost {
		if len(in.faults) == 0 {
			err := save()
			if err == nil {
				s.flash(r, page.LevelOK, "saved")
				tell()
				http.Redirect(w, r, f.Back, http.StatusSeeOther)
				return nil
			}
			var ok bool
			if in.faults, ok = c.queueFaults(err, f.Fields); !ok {
				return err
			}
		}
		f.Faults = in.faults
		typed(f.Fields, r)
	}
	var err error
	if f.Shell, err = s.adminShell(r, c, page.AdminQueue); err != nil {
		return err
	}
	s.show(w, r, formStatus(f.Faults), c.lang, f)
	return nil
}

// typed fills the fields with what was sent.
func typed(fields []page.QueueField, r *http.Request) {
	for i := range fields {
		f := &fields[i]
		switch f.Kind {
		case page.FieldGrid:
			for _, row := range f.Rows {
				typed(row.Cells, r)
			}
		case page.FieldCheck:
			f.Chosen = r.PostFormValue(f.Name) != ""
		case page.FieldSelect, page.FieldChecks:
			for j := range f.Choices {
				f.Choices[j].Chosen = slices.Contains(r.PostForm[f.Name], f.Choices[j].Value)
			}
		default:
			f.Value = r.PostFormValue(f.Name)
		}
	}
}

// queueFaults says at which field a refusal belongs.
func (c *caller) queueFaults(err error, fields []page.QueueField) ([]page.FieldFault, bool) {
	var invalid *inbox.InvalidError
	switch {
	case errors.As(err, &invalid):
		input := invalid.Field
		if input == "names" {
			input = "name_it"
		}
		if !slices.ContainsFunc(fields, func(f page.QueueField) bool { return f.Name == input }) {
			input = fields[0].Name
		}
		for _, key := range []string{"queue_" + invalid.Field + "_" + invalid.Code, "queue_" + invalid.Code} {
			if c.say.Known("fault." + key) {
				return []page.FieldFault{{Field: input, Key: key}}, true
			}
		}
		return []page.FieldFault{{Field: input, Key: faultKey(c.say, invalid.Field, invalid.Code)}}, true
	case errors.Is(err, inbox.ErrChanged):
		return []page.FieldFault{{Field: fields[0].Name, Key: "changed"}}, true
	}
	return nil, false
}

// queueInput reads the fields of a form and collects what is wrong with them.
type queueInput struct {
	r      *http.Request
	faults []page.FieldFault
}

func (in *queueInput) fault(field, key string) {
	if !slices.ContainsFunc(in.faults, func(f page.FieldFault) bool { return f.Field == field }) {
		in.faults = append(in.faults, page.FieldFault{Field: field, Key: key})
	}
}

func (in *queueInput) text(name string) string { return strings.TrimSpace(in.r.PostFormValue(name)) }

func (in *queueInput) yes(name string) bool { return in.r.PostFormValue(name) != "" }

// whole reads a whole number within bounds.
func (in *queueInput) whole(name string, least, most int) int {
	n, err := strconv.Atoi(in.text(name))
	switch {
	case err != nil:
		in.fault(name, "queue_whole")
	case n < least || n > most:
		in.fault(name, "queue_range")
	}
	return n
}

// decimal reads a number, with the comma of Italian or a point. field is where a
// fault stands.
func (in *queueInput) decimal(name, field string) float64 {
	f, err := strconv.ParseFloat(strings.Replace(in.text(name), ",", ".", 1), 64)
	if err != nil {
		in.fault(field, "queue_number")
	}
	return f
}

// names reads a text in the four languages of the room.
func (in *queueInput) names() queue.Names {
	out := queue.Names{}
	for _, l := range page.RoomLangs {
		if s := in.text("name_" + string(l)); s != "" {
			out[string(l)] = s
		}
	}
	return out
}

func nameFields(n queue.Names) []page.QueueField {
	var out []page.QueueField
	for _, l := range page.RoomLangs {
		out = append(out, page.QueueField{Name: "name_" + string(l), Kind: page.FieldText, Value: n[string(l)], Optional: l != page.Italian})
	}
	return out
}

// unusedKey makes a key out of a name that none of the site's has.
func unusedKey(name, other string, taken func(key string) bool) string {
	base := officeKey(name)
	if base == "" {
		base = other
	}
	for n, key := 2, base; ; n++ {
		if !taken(key) {
			return key
		}
		key = base + "-" + strconv.Itoa(n)
	}
}
