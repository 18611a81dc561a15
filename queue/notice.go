package queue

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// What devices tell the staff of their room.
const (
	HelpNotice    = "help"    // somebody at the kiosk asks for somebody
	RefusedNotice = "refused" // a paper that the kiosk gave while it was alone stands in no line
)

// Notice is one such thing, until somebody of the staff has seen to it.
type Notice struct {
	bun.BaseModel `bun:"table:room_notices,alias:rn"`

	ID       int64 `bun:",pk"`
	SiteID   int64
	DeviceID int64
	Day      Day
	Kind     string
	Touch    string // of a refused paper: the key of the touch, so that it is told once
	Label    string // of a refused paper: what is printed on it
	Reason   string // why it was refused: the codes of Reconciled
	At       clock.Instant
	DoneAt   clock.Instant
	DoneBy   int64
	Device   string `bun:",scanonly"` // its name; where the room is read
}

// AskHelp tells the staff of the room that somebody at a kiosk wants help. What was
// asked already and nobody has seen to is asked once.
func (q *Queue) AskHelp(ctx context.Context, d *Device) error {
	if err := d.may("kiosk"); err != nil {
		return err
	}
	return q.at(ctx, d.SiteID, want{}, func(ctx context.Context, r *room) error {
		return r.notice(ctx, Notice{DeviceID: d.ID, Kind: HelpNotice})
	})
}

// notice keeps what a device tells, once, and tells open pages.
func (r *room) notice(ctx context.Context, n Notice) error {
	n.ID, n.SiteID, n.Day, n.At = db.NewID(r.q.clock), r.h.Site.ID, r.today, r.now
	got, err := r.tx.NewInsert().Model(&n).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return fmt.Errorf("keep a notice of a device: %w", err)
	}
	if rows, err := got.RowsAffected(); err != nil || rows == 0 {
		return err
	}
	kind := "kiosk.help_wanted"
	if n.Kind == RefusedNotice {
		kind = "kiosk.paper_refused"
	}
	r.siteEvent(kind, automation, facts{Device: n.DeviceID, Reason: n.Reason})
	return nil
}

// refuse tells of a paper that somebody holds and that stands in no line: nobody would
// call them. One of another day has gone home.
func (r *room) refuse(ctx context.Context, d *Device, g Alone, code string) error {
	if g.Key == "" || len(g.Key) > mostKey || g.Day != r.today {
		return nil
	}
	label := ""
	if sv := r.h.Service(g.ServiceID); sv != nil {
		label = r.h.Group(sv.GroupID).Series
	}
	return r.notice(ctx, Notice{DeviceID: d.ID, Kind: RefusedNotice, Touch: g.Key, Label: label + BandLetters(d.Band) + strconv.FormatInt(g.Number, 10), Reason: code})
}

// NoticeDone is that an operator has seen to a notice. ErrNotFound for who may not look
// at the room (those who work in it and administrators may), and for one that is none of
// the site's; doing it twice is doing it once.
func (q *Queue) NoticeDone(ctx context.Context, v inbox.Viewer, siteID, id int64) error {
	h, err := q.House(ctx, siteID)
	if err != nil {
		return err
	}
	if !seesSite(h, v) {
		return ErrNotFound
	}
	return q.at(ctx, siteID, want{}, func(ctx context.Context, r *room) error {
		var n Notice
		err := r.tx.NewSelect().Model(&n).Where("rn.id = ? AND rn.site_id = ?", id, siteID).Scan(ctx)
		if err = notFound(err); err != nil {
			return err
		}
		if n.DoneAt != 0 {
			return nil
		}
		if _, err := r.tx.NewRaw("UPDATE room_notices SET done_at = ?, done_by = ? WHERE id = ?", r.now, v.OperatorID, id).Exec(ctx); err != nil {
			return fmt.Errorf("a notice is seen to: %w", err)
		}
		r.siteEvent("kiosk.seen_to", actor{"operator", v.OperatorID}, facts{Device: n.DeviceID, Reason: n.Kind})
		return nil
	})
}

// keepNoticesFor is how long notices are kept: who asks why somebody was never called
// finds whose paper stood in no line. That there was one stays in the events.
const keepNoticesFor = 90 * 24 * time.Hour

// forgetNotices deletes what devices told long ago; it was shown on its day alone.
func forgetNotices(ctx context.Context, tx *db.Tx) error {
	if _, err := tx.NewRaw("DELETE FROM room_notices WHERE at < ?", tx.Now.Add(-keepNoticesFor)).Exec(ctx); err != nil {
		return fmt.Errorf("forget notices: %w", err)
	}
	return nil
}

// notices are what devices told today and nobody has seen to, oldest first, and the
// devices that something ails.
func (q *Queue) notices(ctx context.Context, h *House, now clock.Instant) (open []Notice, ailing []Device, err error) {
	err = q.db.Read.NewSelect().Model(&open).ColumnExpr("rn.*, dv.name AS device").Join("JOIN devices AS dv ON dv.id = rn.device_id").
		Where("rn.site_id = ? AND rn.day = ? AND rn.done_at = 0", h.Site.ID, h.Today(now)).OrderExpr("rn.at, rn.id").Limit(mostNotices).Scan(ctx)
	if err == nil {
		err = q.db.Read.NewSelect().Model(&ailing).Where("dv.site_id = ? AND dv.revoked_at = 0 AND dv.problem <> ''", h.Site.ID).OrderExpr("dv.name, dv.id").Scan(ctx)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("what devices tell: %w", err)
	}
	return open, ailing, nil
}

// mostNotices is how many are shown at once.
const mostNotices = 50
