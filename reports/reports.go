package reports

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue"
)

// Reports is the service. Make it with New.
type Reports struct {
	db    *db.DB
	queue *queue.Queue
	votes *queue.Votes
	log   *slog.Logger
	zone  *time.Location

	played played
}

// Deps is what Reports needs. All fields must be set.
type Deps struct {
	DB    *db.DB
	Queue *queue.Queue
	Votes *queue.Votes
	Log   *slog.Logger
	Zone  *time.Location // of the business day
}

// New makes the service.
func New(d Deps) *Reports {
	return &Reports{db: d.DB, queue: d.Queue, votes: d.Votes, log: d.Log, zone: d.Zone, played: played{mu: sync.Mutex{}}}
}

// Today is the local day of this moment.
func (r *Reports) Today() queue.Day { return queue.DayOf(r.db.Clock.Now(), r.zone) }

type cursor struct {
	bun.BaseModel `bun:"table:report_cursor,alias:rc"`

	ID        int64 `bun:",pk"`
	TailFrom  int64 // events with greater ids are looked at again
	TailCount int64 // how many of rooms there were at the last look
	Turns     int64
	UpdatedAt clock.Instant
}

// tail is how long an event may be on its way to being seen: longer than a turn.
const tail = 5 * time.Minute

// batch is how many events are looked at in one go.
const batch = 20_000

// Update follows the events of the rooms and makes the figures of each day anew on
// which something happened. Events that became visible later than younger ones are
// found too. It is a chore for every minute and returns how many days it made.
func (r *Reports) Update(ctx context.Context) (int, error) {
	made := 0
	for limit := batch; ; {
		n, more, stuck, err := r.follow(ctx, limit)
		made += n
		if err != nil || !more {
			return made, err
		}
		if stuck { // more in five minutes than fits
			limit *= 2
		}
	}
}

// follow does one transaction of Update.
func (r *Reports) follow(ctx context.Context, limit int) (made int, more, stuck bool, err error) {
	if news, err := r.news(ctx); err != nil || !news {
		return 0, false, false, err
	}
	err = r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		made = 0
		c, err := lock(ctx, tx)
		if err != nil {
			return err
		}
		var seen []struct {
			ID int64
			At clock.Instant
		}
		err = tx.NewRaw("SELECT id, at FROM events WHERE id > ? AND "+onlyRooms+" ORDER BY id LIMIT ?", c.TailFrom, limit).Scan(ctx, &seen)
		if err != nil {
			return fmt.Errorf("follow the events: %w", err)
		}
		more = len(seen) == limit
		var days []queue.Day
		for _, e := range seen {
			if d := queue.DayOf(e.At, r.zone); len(days) == 0 || days[len(days)-1] != d {
				days = append(days, d)
			}
		}
		for _, d := range unique(days) {
			if err := r.makeDay(ctx, tx, d); err != nil {
				return err
			}
			made++
		}
		if len(seen) > 0 {
			from := max(c.TailFrom, seen[len(seen)-1].ID-tail.Milliseconds()<<22)
			stuck, c.TailFrom = from == c.TailFrom, from
		}
		if c.TailCount = -1; !more { // else there are others behind those that were looked at
			if err := tx.NewRaw("SELECT count(*) FROM events WHERE id > ? AND "+onlyRooms, c.TailFrom).Scan(ctx, &c.TailCount); err != nil {
				return fmt.Errorf("follow the events: %w", err)
			}
		}
		c.UpdatedAt = tx.Now
		_, err = tx.NewUpdate().Model(c).Column("tail_from", "tail_count", "updated_at").WherePK().Exec(ctx)
		return err
	})
	if err != nil {
		return 0, false, false, fmt.Errorf("figures of the rooms: %w", err)
	}
	return made, more, stuck, nil
}

// news reports whether there is anything that was not looked at, at the cost of two
// small questions.
func (r *Reports) news(ctx context.Context) (bool, error) {
	var from, count, now int64
	if err := r.db.Ask(ctx, "SELECT tail_from, tail_count FROM report_cursor WHERE id = 1", nil, &from, &count); err != nil {
		return false, fmt.Errorf("figures of the rooms: %w", err)
	}
	if count < 0 {
		return true, nil
	}
	if err := r.db.Ask(ctx, "SELECT count(*) FROM events WHERE id > ? AND "+onlyRooms, []any{from}, &now); err != nil {
		return false, fmt.Errorf("figures of the rooms: %w", err)
	}
	return now != count, nil
}

// lock lets one process at a time write figures, and gives the cursor.
func lock(ctx context.Context, tx *db.Tx) (*cursor, error) {
	if _, err := tx.NewRaw("UPDATE report_cursor SET turns = turns + 1 WHERE id = 1").Exec(ctx); err != nil {
		return nil, fmt.Errorf("lock the figures: %w", err)
	}
	c := new(cursor)
	if err := tx.NewSelect().Model(c).Where("rc.id = 1").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the cursor of the figures: %w", err)
	}
	return c, nil
}

func unique(days []queue.Day) []queue.Day {
	seen := map[queue.Day]bool{}
	out := days[:0]
	for _, d := range days {
		if !seen[d] {
			seen[d] = true
			out = append(out, d)
		}
	}
	return out
}

// Rebuild makes the figures of a span of days again from the events, both days
// included. It returns how many days it made. The figures are the same as those that
// Update made; a day whose events are gone has none afterwards.
func (r *Reports) Rebuild(ctx context.Context, from, to queue.Day) (int, error) {
	made := 0
	for day := from; day <= to; day = day.Add(1) {
		err := r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			if _, err := lock(ctx, tx); err != nil {
				return err
			}
			return r.makeDay(ctx, tx, day)
		})
		if err != nil {
			return made, fmt.Errorf("make the figures of %s again: %w", day, err)
		}
		made++
	}
	return made, nil
}
