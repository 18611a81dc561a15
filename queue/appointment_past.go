package queue

import (
	"context"
	"fmt"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// PastAppointment is an appointment of days gone by, as another program or a paper
// agenda kept it.
type PastAppointment struct {
	AgendaID  int64
	ServiceID int64
	Start     clock.Instant
	Person    string
	Public    bool // booked by the citizen
	BookedAt  clock.Instant
	State     BookingState // AppointmentDone, AppointmentMissed or AppointmentCancel
	Outcome   string       // of a cancelled one: "citizen" or "staff"
	Key       string       // the same key twice is one appointment
}

// mostPast is how many rows one statement writes.
const mostPast = 200

// PutPast puts in what agendas were like before: figures and advice count it, nobody
// is told of anything. What is not over yet is refused. It returns how many were new.
func (b *Bookings) PutPast(ctx context.Context, list []PastAppointment) (int, error) {
	count := 0
	err := b.q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		agendas := map[int64]*Agenda{}
		var rows []*Appointment
		for _, p := range list {
			a := agendas[p.AgendaID]
			if a == nil {
				var err error
				if a, err = findAgenda(ctx, tx, p.AgendaID); err != nil {
					return err
				}
				agendas[a.ID] = a
			}
			switch {
			case p.State != AppointmentDone && p.State != AppointmentMissed && p.State != AppointmentCancel:
				return invalid("state", "unknown")
			case p.Start.Add(a.slotLen()) > tx.Now, p.BookedAt > p.Start:
				return invalid("start", "range")
			case p.Key == "":
				return invalid("key", "required")
			}
			rows = append(rows, &Appointment{
				ID: db.NewID(b.q.clock), SiteID: a.SiteID, AgendaID: a.ID, ServiceID: p.ServiceID, StartAt: p.Start, EndAt: p.Start.Add(a.slotLen()), Public: p.Public,
				State: p.State, Person: p.Person, Lang: "it", IdemKey: fmt.Sprintf("past:%d:%s", a.ID, p.Key), BookedAt: p.BookedAt, EndedAt: p.Start.Add(a.slotLen()),
				Outcome: p.Outcome, Version: 1, CreatedAt: p.BookedAt,
			})
		}
		for len(rows) > 0 {
			n := min(mostPast, len(rows))
			part := rows[:n]
			rows = rows[n:]
			res, err := tx.NewInsert().Model(&part).On("CONFLICT (idem_key) DO NOTHING").Returning("NULL").Exec(ctx)
			if err != nil {
				return fmt.Errorf("put in past appointments: %w", err)
			}
			done, err := res.RowsAffected()
			if err != nil {
				return err
			}
			count += int(done)
		}
		return nil
	})
	return count, err
}
