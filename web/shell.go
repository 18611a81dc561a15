package web

import (
	"context"
	"net/http"

	"filodiretto/inbox"
	"filodiretto/internal/logging"
	"filodiretto/router"
	"filodiretto/web/page"
)

var roles = map[router.Role]page.Role{
	router.Administrator: page.RoleAdministrator, router.Head: page.RoleHead, router.FrontOffice: page.RoleFront,
	router.BackOffice: page.RoleBack, router.Reception: page.RoleReception, router.Communication: page.RoleCommunication,
}

// shell is what surrounds a staff page. It takes the flash that waits, so it is
// made once for an answer.
func (s *Server) shell(r *http.Request, c *caller, section page.Section) (page.Shell, error) {
	sh := page.Shell{Section: section, Me: c.me(), May: c.may(), Flash: s.takeFlash(r), Back: r.URL.RequestURI()}
	sh.Place, sh.May.Register = sh.Me.Office, sh.May.Inbox && s.Register.On()
	if r.Method != http.MethodGet {
		sh.Back = backURL(r, "/cases")
	}
	var err error
	if sh.Health, err = s.fare.get(r.Context(), s.health); err != nil {
		return sh, err
	}
	if !sh.May.Inbox {
		return sh, nil
	}
	n, err := s.waits(r, c)
	sh.Tally, sh.Quarantined = page.Tally{Unread: n.Unread}, n.Quarantined
	return sh, err
}

func (c *caller) me() page.Me {
	me := page.Me{ID: c.op.ID, Name: c.op.Name, Lang: c.lang, Keys: !c.op.KeysOff}
	for _, m := range c.dir.RolesOf(c.op.ID) {
		if !hasRole(me.Roles, roles[m.Role]) {
			me.Roles = append(me.Roles, roles[m.Role])
		}
		if me.Office == "" {
			me.Office = c.office(m.OfficeID)
		}
	}
	return me
}

func hasRole(list []page.Role, r page.Role) bool {
	for _, x := range list {
		if x == r {
			return true
		}
	}
	return false
}

// may says which parts of the house are shown. An administrator who works in no
// office sees no contents.
func (c *caller) may() page.May {
	works := c.worksWithCitizens()
	return page.May{
		Inbox: works, Reception: c.FrontDesk, Queue: works, People: works, Quarantine: works, Channels: works || c.Admin, Reports: c.mayReport(), Admin: c.Admin || c.isHead(), AdminAll: c.Admin, Compose: works,
	}
}

func (c *caller) worksWithCitizens() bool { return c.FrontDesk || len(c.Offices) > 0 }

// health is the state of all channels in three figures, the same for all callers.
func (s *Server) health(ctx context.Context) (page.Health, error) {
	var h page.Health
	rows, err := s.Inbox.AccountsFaring(ctx)
	for i := range rows {
		h.Total++
		switch s.channelState(&rows[i], s.waitsTooLong(rows[i].WaitsFrom)) {
		case page.ChannelPaused:
			h.Paused++
		case page.ChannelUp, page.ChannelStarting:
			h.Up++
		}
	}
	return h, err
}

// healthFragment answers GET /shell/health.
func (s *Server) healthFragment(w http.ResponseWriter, r *http.Request, c *caller) error {
	h, err := s.fare.get(r.Context(), s.health)
	if err != nil {
		return err
	}
	w.Header().Set(operatorHeader, formatID(c.op.ID))
	s.show(w, r, http.StatusOK, c.lang, h)
	return nil
}

// waits is how much waits to be read and to be looked at, as rail and views tell
// it. It is counted once for an answer.
func (s *Server) waits(r *http.Request, c *caller) (inbox.Tally, error) {
	if c.waits == nil {
		n, err := s.Inbox.Tally(r.Context(), c.Viewer)
		if err != nil {
			return n, err
		}
		c.waits = &n
	}
	return *c.waits, nil
}

// tallyFragment answers GET /shell/tally.
func (s *Server) tallyFragment(w http.ResponseWriter, r *http.Request, c *caller) error {
	n, err := s.waits(r, c)
	if err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, page.Tally{Unread: n.Unread})
	return nil
}

// choices of offices, without those named.
func (c *caller) officeChoices(chosen int64, without ...int64) []page.Choice {
	var out []page.Choice
	for i := range c.dir.Offices {
		o := &c.dir.Offices[i]
		if !contains(without, o.ID) {
			out = append(out, page.Choice{Value: formatID(o.ID), Label: o.Name, Chosen: o.ID == chosen})
		}
	}
	return out
}

// operatorChoices are the members of an office; oneself comes first.
func (c *caller) operatorChoices(office, chosen int64) []page.Choice {
	var out []page.Choice
	for _, o := range c.dir.InOffice(office) {
		ch := page.Choice{Value: formatID(o.ID), Label: o.Name, Chosen: o.ID == chosen}
		if o.ID == c.OperatorID {
			out = append([]page.Choice{ch}, out...)
		} else {
			out = append(out, ch)
		}
	}
	return out
}

func kindChoices(say page.Say, chosen inbox.CaseKind) []page.Choice {
	var out []page.Choice
	for _, k := range inbox.CaseKinds {
		out = append(out, page.Choice{Value: string(k), Label: say.Text("kind." + string(k)), Chosen: k == chosen})
	}
	return out
}

func requestID(r *http.Request) string { return logging.RequestID(r.Context()) }
