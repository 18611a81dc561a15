package reports

import (
	"context"
	"fmt"
	"slices"

	"filodiretto/internal/clock"
	"filodiretto/queue"
)

// Line is what everybody may know of a service at a site just now: the members of the
// open-data model QueueMonitor (queue reference 5 point 12, section 6). Precedence is
// not public, so that linePriority is only whether those with an appointment are called
// by their hour.
type Line struct {
	Service  int64
	Name     queue.Names
	Key      string
	Open     bool   // numbers are given and a counter does it
	Issued   string // the number given last today, "" for none
	Served   string // the number called last today, "" for none
	ToServe  int    // who waits and can be called
	Booked   bool   // whether appointments are taken for it
	Counters int    // that do it and are open
}

// Monitor gives the lines of a site, by group and order of the services.
func (r *Reports) Monitor(ctx context.Context, siteKey string) (*queue.House, []Line, clock.Instant, error) {
	h, err := r.queue.SiteByKey(ctx, siteKey)
	if err != nil {
		return nil, nil, 0, err
	}
	now := r.db.Clock.Now()
	day := h.Today(now)
	m := &monitor{r: r, h: h, day: day, lines: map[int64]*Line{}}
	for _, f := range []func(context.Context) error{m.waiting, m.issued, m.called, m.counters, m.booked} {
		if err := f(ctx); err != nil {
			return nil, nil, 0, fmt.Errorf("open data of a site: %w", err)
		}
	}
	_, open := h.Calendar.Open(now)
	var out []Line
	for _, sv := range h.Services {
		if sv.EndedAt != 0 {
			continue
		}
		l := m.line(sv.ID)
		l.Service, l.Name, l.Key, l.Open = sv.ID, sv.Names, sv.Key, open && l.Counters > 0
		out = append(out, *l)
	}
	return h, out, now, nil
}

type monitor struct {
	r     *Reports
	h     *queue.House
	day   queue.Day
	lines map[int64]*Line
}

func (m *monitor) line(service int64) *Line {
	if m.lines[service] == nil {
		m.lines[service] = &Line{}
	}
	return m.lines[service]
}

type lineText struct {
	Service int64
	Label   string
	N       int
}

func (m *monitor) ask(ctx context.Context, query string, args ...any) ([]lineText, error) {
	var rows []lineText
	err := m.r.db.Read.NewRaw(query, args...).Scan(ctx, &rows)
	return rows, err
}

func (m *monitor) waiting(ctx context.Context) error {
	rows, err := m.ask(ctx, "SELECT service_id AS service, '' AS label, count(*) AS n FROM steps WHERE site_id = ? AND state = 'waiting' AND eligible_at > 0 AND target_id = 0 GROUP BY service_id", m.h.Site.ID)
	for _, x := range rows {
		m.line(x.Service).ToServe = x.N
	}
	return err
}

// issued are the last numbers of today's tickets that are not over, or else of any.
func (m *monitor) issued(ctx context.Context) error {
	rows, err := m.ask(ctx, `SELECT s.service_id AS service, t.label AS label, 0 AS n FROM tickets AS t JOIN steps AS s ON s.ticket_id = t.id AND s.ord = 1
		WHERE t.id IN (SELECT max(t2.id) FROM tickets AS t2 JOIN steps AS s2 ON s2.ticket_id = t2.id AND s2.ord = 1 WHERE t2.site_id = ? AND t2.day = ? GROUP BY s2.service_id)`, m.h.Site.ID, m.day)
	for _, x := range rows {
		m.line(x.Service).Issued = x.Label
	}
	return err
}

func (m *monitor) called(ctx context.Context) error {
	rows, err := m.ask(ctx, `SELECT s.service_id AS service, c.label AS label, 0 AS n FROM calls AS c JOIN steps AS s ON s.id = c.step_id
		WHERE c.id IN (SELECT max(c2.id) FROM calls AS c2 JOIN steps AS s2 ON s2.id = c2.step_id WHERE c2.site_id = ? AND c2.day = ? AND c2.undone_at = 0 GROUP BY s2.service_id)`, m.h.Site.ID, m.day)
	for _, x := range rows {
		m.line(x.Service).Served = x.Label
	}
	return err
}

func (m *monitor) counters(ctx context.Context) error {
	var open []int64
	if err := m.r.db.Read.NewRaw("SELECT counter_id FROM sittings WHERE site_id = ? AND to_at = 0 AND pause_at = 0", m.h.Site.ID).Scan(ctx, &open); err != nil {
		return err
	}
	for _, sv := range m.h.Services {
		for _, c := range open {
			if m.h.Does(c, sv.ID) {
				m.line(sv.ID).Counters++
			}
		}
	}
	return nil
}

func (m *monitor) booked(ctx context.Context) error {
	var ids []int64
	err := m.r.db.Read.NewRaw("SELECT DISTINCT g.service_id FROM agenda_services AS g JOIN agendas AS a ON a.id = g.agenda_id WHERE a.site_id = ? AND a.ended_at = 0", m.h.Site.ID).Scan(ctx, &ids)
	for _, sv := range m.h.Services {
		if slices.Contains(ids, sv.ID) {
			m.line(sv.ID).Booked = true
		}
	}
	return err
}

// FewVisits is how few visits of a cell of open data are not told apart.
const FewVisits = 5

// HistoryLine is a half-hour of a day of a service, as everybody may know it.
type HistoryLine struct {
	Day     queue.Day
	Band    int
	Service int64 // 0 for all services together
	Visits  int
	Median  int // seconds; -1 where too few waited
	P80     int
}

// History gives the visits and waits of a site by day, half-hour and service. Services
// of fewer than FewVisits in a half-hour are put together as service 0; what is still
// fewer then is left out, with the smallest service beside it, so that it cannot be
// made out from the difference.
func (r *Reports) History(ctx context.Context, site int64, from, to queue.Day) ([]HistoryLine, error) {
	if to < from || (Filter{From: from, To: to}).Days() > 400 {
		return nil, invalid("to", "range")
	}
	if yesterday := r.Today().Add(-1); to > yesterday {
		to = yesterday // whoever looks on from hour to hour sees nobody come
	}
	var rows []dayRow
	err := r.db.Read.NewSelect().Model(&rows).Where("rd.site_id = ? AND rd.day >= ? AND rd.day <= ?", site, from, to).OrderExpr("rd.day, rd.service_id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("history of a site: %w", err)
	}
	var out []HistoryLine
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Day == rows[0].Day {
			n++
		}
		lines, err := historyOf(rows[:n])
		if err != nil {
			return nil, err
		}
		out, rows = append(out, lines...), rows[n:]
	}
	return out, nil
}

// cellOf is a half-hour of a service before small ones are put together.
type cellOf struct {
	service int64
	visits  int
	waits   Spread
}

func historyOf(rows []dayRow) ([]HistoryLine, error) {
	var bands [Bands][]cellOf
	for i := range rows {
		var own [Bands]cellOf
		err := unpackFacts(rows[i].Facts, func(f *Fact) {
			if f.First {
				own[f.Band].visits++
				if f.Wait >= 0 {
					own[f.Band].waits.add(f.Wait)
				}
			}
		})
		if err != nil {
			return nil, err
		}
		for band, c := range own {
			if c.visits > 0 {
				c.service = rows[i].ServiceID
				bands[band] = append(bands[band], c)
			}
		}
	}
	var out []HistoryLine
	for band, cells := range bands {
		for _, c := range suppress(cells) {
			c.waits.sort()
			l := HistoryLine{Day: rows[0].Day, Band: band, Service: c.service, Visits: c.visits, Median: -1, P80: -1}
			if c.waits.N() >= FewVisits {
				l.Median, l.P80 = c.waits.Quantile(.5), c.waits.Quantile(.8)
			}
			out = append(out, l)
		}
	}
	return out, nil
}

// suppress puts cells together that are too small, with larger ones if need be.
func suppress(cells []cellOf) []cellOf {
	slices.SortStableFunc(cells, func(a, b cellOf) int { return b.visits - a.visits })
	var few cellOf
	groups := 0
	for len(cells) > 0 && (cells[len(cells)-1].visits < FewVisits || groups > 0 && few.visits < FewVisits) {
		last := cells[len(cells)-1]
		cells = cells[:len(cells)-1]
		few.visits += last.visits
		few.waits.add(last.waits.all...)
		groups++
	}
	if few.visits >= FewVisits {
		cells = append(cells, few)
	}
	return cells
}
