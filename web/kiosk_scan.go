package web

import (
	"errors"
	"net/http"
	"regexp"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// What a kiosk may read: the page of a number, the page of an appointment. Whatever
// else it reads is taken for the code of an appointment.
var (
	readTicket      = regexp.MustCompile(`/p/t/([A-Za-z0-9_-]{8,})`)
	readAppointment = regexp.MustCompile(`/p/appointment/([A-Za-z0-9_-]{8,})`)
)

// mostRead is how many readings of one scan are tried.
const mostRead = 2

// kioskScan takes what the kiosk's reader or camera read: of an appointment it is
// check-in, of a number it says that its holder is here. A reader types on a keyboard
// whose language may be another than the computer's, so that there may be two
// readings of one scan; the first that is known counts.
func (s *Server) kioskScan(w http.ResponseWriter, r *http.Request) {
	d, h, done := s.device(w, r, "kiosk")
	if done {
		return
	}
	keys := []string{"case:kiosk:" + formatID(d.ID)}
	if s.slow.wait(r.Context(), keys) > 0 {
		s.sayJSON(w, r, http.StatusTooManyRequests, map[string]string{"code": "slow"})
		return
	}
	var scan struct{ Read []string }
	err := readJSON(r, &scan)
	var out *scanned
	if err == nil {
		err = inbox.ErrNotFound
		for _, text := range scan.Read[:min(mostRead, len(scan.Read))] {
			if out, err = s.read(r, d, text); !errors.Is(err, inbox.ErrNotFound) {
				break
			}
		}
	}
	switch {
	case errors.Is(err, inbox.ErrNotFound):
		s.slow.failed(r.Context(), keys)
		s.sayJSON(w, r, http.StatusNotFound, map[string]string{"code": queue.WrongCode})
	case err != nil:
		s.refuseJSON(w, r, err)
	case out.ticket != nil:
		s.slow.succeeded(r.Context(), keys)
		s.kioskShows(w, r, h, out)
	default:
		s.slow.succeeded(r.Context(), keys)
		s.kioskGives(w, r, h, out.issued, out.slot)
	}
}

// scanned is what was read: a number that there is already, or one that the check-in
// of an appointment gave.
type scanned struct {
	ticket *queue.TicketView
	came   bool // the holder was not known to be here
	word   string
	issued *queue.Issued
	slot   clock.Instant
}

func (s *Server) read(r *http.Request, d *queue.Device, text string) (*scanned, error) {
	if m := readTicket.FindStringSubmatch(text); m != nil {
		v, came, err := s.Queue.HereAtKiosk(r.Context(), d, m[1])
		return &scanned{ticket: v, came: came, word: m[1]}, err
	}
	var in *queue.CheckedIn
	var err error
	if m := readAppointment.FindStringSubmatch(text); m != nil {
		in, err = s.Bookings.CheckInByLink(r.Context(), d, m[1])
	} else {
		in, err = s.Bookings.CheckInAtKiosk(r.Context(), d, text)
	}
	if err != nil {
		return nil, err
	}
	return &scanned{issued: &in.Issued, slot: in.Appointment.StartAt}, nil
}

// kioskShows answers a number that was read with how it stands.
func (s *Server) kioskShows(w http.ResponseWriter, r *http.Request, h *queue.House, x *scanned) {
	v := x.ticket
	state := ticketNow(v, v.Current, s.forecast(r.Context(), h.Site.ID))
	out := page.KioskTicket{
		ID: v.Ticket.ID, Label: v.Ticket.Label, URL: s.publicURL("/p/t/" + x.word), Wait: state.Wait, Today: state.Today,
		Scan: page.ScanKnown, Place: state.Place, Slot: page.Millis(v.Current.SlotAt),
	}
	if sv := h.Service(v.Current.ServiceID); sv != nil {
		out.Service = page.Names(sv.Names)
	}
	switch {
	case state.Phase == page.TicketCalled || state.Phase == page.TicketServing:
		out.Scan = page.ScanCalled
	case state.Phase == page.TicketHeld:
		out.Scan = page.ScanHeld
	case x.came:
		out.Scan = page.ScanHere
	}
	var err error
	if out.QR, err = page.DrawQR(out.URL); err != nil {
		s.refuseJSON(w, r, err)
		return
	}
	s.sayJSON(w, r, http.StatusOK, out)
}
