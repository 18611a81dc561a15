package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"filodiretto/internal/db"
	"filodiretto/internal/secret"
)

// may reports whether a device of this kind may do something.
func (d *Device) may(kind string) error {
	switch {
	case d == nil || d.Kind != kind:
		return ErrForbidden
	case d.RevokedAt != 0:
		return refuse(DeviceRevoked)
	}
	return nil
}

// DeviceByToken finds the device that holds a token. *RefusedError DeviceRevoked
// when it was taken back.
func (q *Queue) DeviceByToken(ctx context.Context, token string) (*Device, error) {
	d := new(Device)
	if token == "" {
		return nil, ErrNotFound
	}
	if err := q.db.Read.NewSelect().Model(d).Where("dv.token_hash = ?", secret.HashToken(token)).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	if d.RevokedAt != 0 {
		return nil, refuse(DeviceRevoked)
	}
	return d, nil
}

// seenEvery is how often it is written down that a device lives.
const seenEvery = 30 * time.Second

// Seen notes that a device lives and what ails it: a code such as "paper_out",
// empty when all is well. Only news is written, and a sign of life now and then.
func (q *Queue) Seen(ctx context.Context, d *Device, problem string) error {
	if len(problem) > mostCode {
		return invalid("problem", "too_long")
	}
	now := q.clock.Now()
	if problem == d.Problem && now.Sub(d.SeenAt) < seenEvery {
		return nil
	}
	d.SeenAt = now
	if problem == d.Problem {
		return q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.NewRaw("UPDATE devices SET seen_at = ? WHERE id = ?", now, d.ID).Exec(ctx)
			return err
		})
	}
	err := q.at(ctx, d.SiteID, want{}, func(ctx context.Context, r *room) error {
		if _, err := r.tx.NewRaw("UPDATE devices SET seen_at = ?, problem = ? WHERE id = ?", r.now, problem, d.ID).Exec(ctx); err != nil {
			return fmt.Errorf("note a device's trouble: %w", err)
		}
		r.siteEvent("device.changed", automation, facts{Device: d.ID, Reason: problem})
		return nil
	})
	if err == nil {
		d.Problem = problem
	}
	return err
}

// mostVersion is how long the version of a page is at most.
const mostVersion = 40

// Runs notes which version of its page a device runs; nothing is written when that is
// known.
func (q *Queue) Runs(ctx context.Context, d *Device, version string) error {
	if len(version) > mostVersion {
		return invalid("page", "too_long")
	}
	if version == "" || version == d.PageVersion {
		return nil
	}
	err := q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewRaw("UPDATE devices SET page_version = ? WHERE id = ?", version, d.ID).Exec(ctx)
		return err
	})
	if err == nil {
		d.PageVersion = version
	}
	return err
}

// Printed acknowledges what became of the paper of a ticket. One whose paper
// failed is voided after a while, unless it lives on somebody's telephone (queue
// 2.3 point 6). Said twice, the first word stands; "printed" overrules "failed".
func (q *Queue) Printed(ctx context.Context, d *Device, ticketID int64, ok bool) error {
	if err := d.may("kiosk"); err != nil {
		return err
	}
	return q.at(ctx, d.SiteID, want{tickets: []int64{ticketID}}, func(ctx context.Context, r *room) error {
		t, err := r.ticket(ctx, ticketID)
		switch {
		case err != nil:
			return err
		case t.DeviceID != d.ID:
			return ErrNotFound
		case t.PrintedAt != 0 || !ok && t.PrintFailedAt != 0:
			return nil
		}
		kind := "ticket.printed"
		if ok {
			t.PrintedAt = r.now
		} else {
			t.PrintFailedAt, kind = r.now, "ticket.print_failed"
		}
		steps, err := r.stepsOf(ctx, t.ID)
		if err != nil {
			return err
		}
		if len(steps) == 0 {
			return errors.New("queue: a ticket without steps")
		}
		r.changeTicket(t)
		r.stepEvent(kind, steps[0], automation, facts{Device: d.ID})
		return nil
	})
}
