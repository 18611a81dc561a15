package queue

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
)

// veil holds the services that somebody may not connect with a person: those of
// reserved offices to which they do not belong. What somebody comes for at such an
// office is seen by that office alone; others only see that a place is taken.
type veil map[int64]bool

// veilFor is the veil over a site's services for somebody.
func veilFor(ctx context.Context, idb bun.IDB, h *House, v inbox.Viewer) (veil, error) {
	if v.System {
		return nil, nil
	}
	var reserved []int64
	if err := idb.NewRaw("SELECT id FROM offices WHERE reserved").Scan(ctx, &reserved); err != nil {
		return nil, fmt.Errorf("reserved offices: %w", err)
	}
	out := veil{}
	for _, s := range h.Services {
		if slices.Contains(reserved, s.OfficeID) && !v.Member(s.OfficeID) {
			out[s.ID] = true
		}
	}
	return out, nil
}

// over is an appointment as it may be shown.
func (v veil) over(ap *Appointment) *Appointment {
	if !v[ap.ServiceID] {
		return ap
	}
	return ap.veiled()
}

// visits takes the person and the reason from those who came for a veiled
// service: that a number waits is public, whose it is is not.
func (v veil) visits(list []Visit) {
	for i := range list {
		x := &list[i]
		if !v[x.Step.ServiceID] {
			continue
		}
		x.Person = ""
		x.Step.CitizenID, x.Step.AppointmentID, x.Step.Note, x.Step.Errand, x.Step.Missing = 0, 0, "", "", ""
		x.Ticket.CitizenID, x.Ticket.IdentityID, x.Ticket.AccountID, x.Ticket.CaseID, x.Ticket.Procedure = 0, 0, 0, 0, ""
	}
}

// veiled is what everybody who works the agenda may know: that, and until when, a
// place is taken.
func (a *Appointment) veiled() *Appointment {
	return &Appointment{
		ID: a.ID, SiteID: a.SiteID, AgendaID: a.AgendaID, StartAt: a.StartAt, EndAt: a.EndAt, Public: a.Public, State: a.State, HoldUntil: a.HoldUntil,
		EndedAt: a.EndedAt, Version: a.Version, Veiled: true,
	}
}
