package queue

import (
	"context"
	"fmt"
	"slices"

	"filodiretto/internal/clock"
)

// DisplayView is all that a display shows. It is complete: whoever was cut off reads
// it again and lacks nothing (queue 3, row 24). It names no person and no class.
type DisplayView struct {
	House    *House
	At       clock.Instant
	Open     bool
	Until    clock.Instant // when it shuts, or 0
	Opens    clock.Instant // when it opens next, if it is shut
	Code     string        // of presence
	Counters []CounterSign
	Called   []Announced // the newest first, one for each ticket
	// Announce are the calls after the one that the display announced last, oldest
	// first: they are said one after the other, and none overrides another (row 30).
	Announce []Announced
	LastCall int64 // of today; what the display gives the next time
	Next     []string
	Waiting  int
}

// CounterSign is the sign over a counter.
type CounterSign struct {
	Name   string
	Label  string // whom it has; empty when nobody
	Paused bool
}

// Announced is one call.
type Announced struct {
	ID      int64
	Label   string
	Place   string
	Lang    string
	Kind    string // "next", "chosen", "recall"
	At      clock.Instant
	Serving bool // has come to the counter
}

// mostAnnounced is how many calls a display that was away says at most; older ones
// are only shown.
const mostAnnounced = 10

// DisplayState is the full state of the displays of a site. after is the last call
// that this display announced; a display that starts gives -1, and announces
// nothing of what was before.
func (q *Queue) DisplayState(ctx context.Context, siteID, after int64) (*DisplayView, error) {
	h, err := q.House(ctx, siteID)
	if err != nil {
		return nil, err
	}
	steps, err := q.here(ctx, h)
	if err != nil {
		return nil, err
	}
	return q.display(ctx, h, after, steps)
}

// display is the state of the displays of a room in which some are here.
func (q *Queue) display(ctx context.Context, h *House, after int64, steps []*Step) (*DisplayView, error) {
	out := &DisplayView{House: h, At: q.clock.Now()}
	if out.Until, out.Open = h.Calendar.Open(out.At); !out.Open {
		out.Opens = h.Calendar.Next(out.At)
	}
	var err error
	if _, out.Code, err = q.session(ctx, h, out.At); err != nil {
		return nil, err
	}
	if err := q.displayCalls(ctx, out, after); err != nil {
		return nil, fmt.Errorf("display: %w", err)
	}
	if err := q.displayCounters(ctx, out); err != nil {
		return nil, fmt.Errorf("display: %w", err)
	}
	if err := q.displayNext(ctx, out, steps); err != nil {
		return nil, fmt.Errorf("display: %w", err)
	}
	return out, nil
}

func (q *Queue) displayCalls(ctx context.Context, out *DisplayView, after int64) error {
	site, day := out.House.Site.ID, out.House.Today(out.At)
	var rows []struct {
		Announced
		TicketID int64
	}
	const columns = "SELECT id, label, place, lang, kind, at, ticket_id FROM calls WHERE site_id = ? AND day = ? AND undone_at = 0"
	if err := q.db.Ask(ctx, columns+" ORDER BY id DESC LIMIT ?", []any{site, day, 8 * out.House.Set.Announced}, &rows); err != nil {
		return err
	}
	if len(rows) > 0 {
		out.LastCall = rows[0].ID
	}
	seen := map[int64]bool{}
	for _, r := range rows {
		if !seen[r.TicketID] && len(out.Called) < out.House.Set.Announced {
			seen[r.TicketID] = true
			out.Called = append(out.Called, r.Announced)
		}
	}
	if after < 0 {
		return nil
	}
	if err := q.db.Ask(ctx, columns+" AND id > ? ORDER BY id DESC LIMIT ?", []any{site, day, after, mostAnnounced}, &rows); err != nil {
		return err
	}
	for _, r := range slices.Backward(rows) {
		out.Announce = append(out.Announce, r.Announced)
	}
	return nil
}

func (q *Queue) displayCounters(ctx context.Context, out *DisplayView) error {
	site := out.House.Site.ID
	var rows []struct {
		CounterID int64
		PauseAt   clock.Instant
		Label     string
		State     State
	}
	err := q.db.Ask(ctx, `SELECT st.counter_id, st.pause_at, COALESCE(t.label, '') AS label, COALESCE(s.state, '') AS state FROM sittings AS st
		LEFT JOIN steps AS s ON s.counter_id = st.counter_id AND s.state IN ('called','serving') LEFT JOIN tickets AS t ON t.id = s.ticket_id
		WHERE st.site_id = ? AND st.to_at = 0`, []any{site}, &rows)
	if err != nil {
		return err
	}
	for _, c := range out.House.Counters {
		for _, r := range rows {
			if r.CounterID != c.ID {
				continue
			}
			out.Counters = append(out.Counters, CounterSign{Name: c.Name, Label: r.Label, Paused: r.PauseAt != 0})
			for i := range out.Called {
				if out.Called[i].Label == r.Label && r.State == Serving {
					out.Called[i].Serving = true
				}
			}
		}
	}
	return nil
}

// displayNext is who would be called next, over all counters that are open.
func (q *Queue) displayNext(ctx context.Context, out *DisplayView, steps []*Step) error {
	ids := out.soon(steps)
	if len(ids) == 0 {
		return nil
	}
	var labels []struct {
		ID    int64
		Label string
	}
	err := q.db.Read.NewRaw("SELECT s.id, t.label FROM steps AS s JOIN tickets AS t ON t.id = s.ticket_id WHERE s.id IN (?)", listOf(ids)).Scan(ctx, &labels)
	for _, id := range ids {
		for _, l := range labels {
			if l.ID == id {
				out.Next = append(out.Next, l.Label)
			}
		}
	}
	return err
}

// soon counts who can be called, and gives the steps of those who are next.
func (out *DisplayView) soon(steps []*Step) []int64 {
	var can []*Step
	for _, s := range steps {
		if s.State == Waiting && s.EligibleAt != 0 && s.EligibleAt <= out.At && s.NotBefore <= out.At && s.TargetID == 0 {
			can = append(can, s)
		}
	}
	out.Waiting = len(can)
	ids := out.House.everybody(out.At, can)
	return ids[:min(len(ids), nextShown)]
}
