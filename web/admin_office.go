package web

import (
	"net/http"
	"strings"
	"unicode"

	"filodiretto/inbox"
	"filodiretto/internal/textfold"
	"filodiretto/router"
	"filodiretto/web/page"
)

// offices is the list of offices with what they have to do.
func (s *Server) offices(w http.ResponseWriter, r *http.Request, c *caller) error {
	load, err := s.Inbox.OfficesLoad(r.Context(), c.Viewer)
	if err != nil {
		return err
	}
	out := page.Offices{}
	for i := range c.dir.Offices {
		o := &c.dir.Offices[i]
		l := page.OfficeLine{
			ID: o.ID, Key: o.Key, Name: o.Name, Front: o.Level == "front", Reserved: o.Reserved,
			People: len(c.dir.InOffice(o.ID)), Open: load[o.ID].Open, Waiting: load[o.ID].Nobody,
		}
		for _, id := range c.dir.Heads(o.ID) {
			l.Heads = append(l.Heads, c.operator(id))
		}
		out.Offices = append(out.Offices, l)
	}
	if out.Shell, err = s.adminShell(r, c, page.AdminOffices); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

func (s *Server) newOffice(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.showOffice(w, r, c, page.OfficeForm{Front: true})
}

func (s *Server) office(w http.ResponseWriter, r *http.Request, c *caller) error {
	o := c.dir.Office(pathID(r, "id"))
	if o == nil {
		return inbox.ErrNotFound
	}
	return s.showOffice(w, r, c, page.OfficeForm{ID: o.ID, Key: o.Key, Name: o.Name, Front: o.Level == "front", Reserved: o.Reserved, SignName: o.SignName})
}

func (s *Server) showOffice(w http.ResponseWriter, r *http.Request, c *caller, f page.OfficeForm) error {
	for _, o := range c.dir.InOffice(f.ID) {
		if f.ID != 0 {
			f.Members = append(f.Members, c.operatorLine(o, f.ID))
		}
	}
	var err error
	if f.Shell, err = s.adminShell(r, c, page.AdminOffices); err != nil {
		return err
	}
	s.show(w, r, formStatus(f.Faults), c.lang, f)
	return nil
}

// saveOffice makes an office or changes one. The key of one that is there stays:
// rules and the configuration file name it.
func (s *Server) saveOffice(w http.ResponseWriter, r *http.Request, c *caller) error {
	o := router.Office{
		ID: pathID(r, "id"), Key: strings.TrimSpace(r.PostFormValue("key")), Name: r.PostFormValue("name"), Level: r.PostFormValue("side"),
		Reserved: r.PostFormValue("reserved") == "1", SignName: strings.TrimSpace(r.PostFormValue("sign")),
	}
	switch old := c.dir.Office(o.ID); {
	case old != nil:
		o.Key = old.Key
	case r.PathValue("id") != "":
		return inbox.ErrNotFound
	case o.Key == "":
		o.Key = officeKey(o.Name)
	}
	if strings.TrimSpace(o.Name) == "" {
		return s.officeBack(w, r, c, o, &inbox.InvalidError{Field: "name", Code: "required"})
	}
	if _, err := s.Router.SaveOffice(r.Context(), c.Viewer, o); err != nil {
		return s.officeBack(w, r, c, o, err)
	}
	return s.saved(w, r, "/admin/offices", "saved")
}

// officeBack gives the form back with what was wrong in it.
func (s *Server) officeBack(w http.ResponseWriter, r *http.Request, c *caller, o router.Office, err error) error {
	faults, ok := c.formFaults(err, map[string]string{"level": "side"})
	if !ok {
		return err
	}
	return s.showOffice(w, r, c, page.OfficeForm{ID: o.ID, Key: o.Key, Name: o.Name, Front: o.Level == "front", Reserved: o.Reserved, SignName: o.SignName, Faults: faults})
}

// officeKey makes a key out of a name: "Polizia locale" is "polizia-locale".
func officeKey(name string) string {
	words := strings.FieldsFunc(textfold.Fold(name), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	key := strings.TrimLeft(strings.Join(words, "-"), "-0123456789")
	return strings.TrimRight(key[:min(len(key), 32)], "-")
}
