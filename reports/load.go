package reports

import (
	"context"
	"fmt"
	"slices"

	"filodiretto/internal/clock"
	"filodiretto/queue"
)

// Filter is what figures are asked for. Both days are included; 0 is all.
type Filter struct {
	Site    int64
	Service int64
	From    queue.Day
	To      queue.Day
}

// Days is how many days of the calendar the filter spans.
func (f Filter) Days() int {
	n := 0
	for d := f.From; d <= f.To && n < mostDays; d = d.Add(1) {
		n++
	}
	return n
}

// mostDays is how many days one question may be about.
const mostDays = 1100

// Before is the span of as many days just before this one.
func (f Filter) Before() Filter {
	n := f.Days()
	f.From, f.To = f.From.Add(-n), f.From.Add(-1)
	return f
}

// Figures are the facts of a span of days, counted.
type Figures struct {
	Filter
	Visits   int // people who came, each once however many services they needed
	Steps    int // services for which people waited
	Outcomes [6]int
	Booked   int // visits with an appointment
	Wait     Spread
	WalkIn   Spread // the waits of those without an appointment
	Slot     Spread // and of those with one
	Work     Spread
	Stay     Spread // of visits that ended in the house
	Held     int    // services in which the person was set aside
	Answers  Spread // of offices, from the number to the answer

	Services []*ServiceFigures // by service, those with most waits first
	Sites    []*SiteFigures
	ByDay    []DayFigures // every day on which somebody came, in order
	Hours    [Bands]BandFigures
	Week     [8][Bands]int // visits by weekday, 1 Monday to 7, and half-hour; without today, unless it is all
	Weekdays [8]int        // how many such days there were on which somebody came
	Updated  bool          // false when nothing was ever counted
}

// ServiceFigures are those of one service.
type ServiceFigures struct {
	Service  int64
	Site     int64
	Visits   int
	Steps    int
	Outcomes [6]int
	Wait     Spread
	Work     Spread
	Answers  Spread
}

// SiteFigures are those of one site.
type SiteFigures struct {
	Site   int64
	Visits int
	Served int
	Wait   Spread
}

// DayFigures are those of one day.
type DayFigures struct {
	Day    queue.Day
	Visits int
	Served int
	Wait   Spread
}

// BandFigures are those of a half-hour of the day. Seconds are sums over all days.
type BandFigures struct {
	Visits int
	Wait   Spread
	Days   int // on which somebody came in it, or a counter was open
	OpenS  int // counters were open
	BusyS  int // counters had somebody
	NeedS  int // the counters' time that those who came in it took
}

// Load gives the figures of a span.
func (r *Reports) Load(ctx context.Context, f Filter) (*Figures, error) {
	if f.To < f.From || f.Days() >= mostDays {
		return nil, invalid("to", "range")
	}
	q := r.db.Read.NewSelect().Model((*dayRow)(nil)).Where("rd.day >= ? AND rd.day <= ?", f.From, f.To)
	c := r.db.Read.NewSelect().Model((*counterRow)(nil)).Where("rb.day >= ? AND rb.day <= ?", f.From, f.To)
	if f.Site != 0 {
		q, c = q.Where("rd.site_id = ?", f.Site), c.Where("rb.site_id = ?", f.Site)
	}
	if f.Service != 0 {
		q = q.Where("rd.service_id = ?", f.Service)
	}
	var rows []dayRow
	if err := q.OrderExpr("rd.day, rd.site_id, rd.service_id").Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("read the figures: %w", err)
	}
	var counters []counterRow
	if err := c.Scan(ctx, &counters); err != nil {
		return nil, fmt.Errorf("read the figures: %w", err)
	}
	b := newCounting(f)
	if today := r.Today(); f.From < today { // a day that is not over would pull the means down
		b.without = today
	}
	for i := range rows {
		if err := b.row(&rows[i]); err != nil {
			return nil, err
		}
	}
	b.counters(counters)
	out := b.finish()
	var turns int64
	if err := r.db.Ask(ctx, "SELECT turns FROM report_cursor WHERE id = 1", nil, &turns); err != nil {
		return nil, fmt.Errorf("read the figures: %w", err)
	}
	out.Updated = turns > 0
	return out, nil
}

// First is the first day of which there are figures, "" without any.
func (r *Reports) First(ctx context.Context) (queue.Day, error) {
	var days []queue.Day
	err := r.db.Read.NewSelect().Model((*dayRow)(nil)).Column("day").OrderExpr("rd.day").Limit(1).Scan(ctx, &days)
	if err != nil || len(days) == 0 {
		return "", err
	}
	return days[0], nil
}

// counting sums facts up.
type counting struct {
	out      *Figures
	services map[int64]*ServiceFigures
	sites    map[int64]*SiteFigures
	bands    map[bandDay]bool
	weekdays map[queue.Day]bool
	without  queue.Day // left out of the week
}

type bandDay struct {
	day  queue.Day
	band int
}

func newCounting(f Filter) *counting {
	return &counting{
		out: &Figures{Filter: f}, services: map[int64]*ServiceFigures{}, sites: map[int64]*SiteFigures{},
		bands: map[bandDay]bool{}, weekdays: map[queue.Day]bool{},
	}
}

func (b *counting) row(row *dayRow) error {
	out := b.out
	sv := b.services[row.ServiceID]
	if sv == nil {
		sv = &ServiceFigures{Service: row.ServiceID, Site: row.SiteID}
		b.services[row.ServiceID] = sv
		out.Services = append(out.Services, sv)
	}
	site := b.sites[row.SiteID]
	if site == nil {
		site = &SiteFigures{Site: row.SiteID}
		b.sites[row.SiteID] = site
		out.Sites = append(out.Sites, site)
	}
	if n := len(out.ByDay); n == 0 || out.ByDay[n-1].Day != row.Day {
		out.ByDay = append(out.ByDay, DayFigures{Day: row.Day})
	}
	day, weekday := &out.ByDay[len(out.ByDay)-1], row.Day.Weekday()
	if !b.weekdays[row.Day] && row.Visits > 0 && row.Day != b.without {
		b.weekdays[row.Day] = true
		out.Weekdays[weekday]++
	}
	answers, err := unpackSeconds(row.Answers)
	if err != nil {
		return err
	}
	sv.Answers.add(answers...)
	out.Answers.add(answers...)
	return unpackFacts(row.Facts, func(f *Fact) {
		out.Steps++
		sv.Steps++
		out.Outcomes[f.Outcome]++
		sv.Outcomes[f.Outcome]++
		band := &out.Hours[f.Band]
		if !b.bands[bandDay{row.Day, f.Band}] {
			b.bands[bandDay{row.Day, f.Band}] = true
			band.Days++
		}
		if f.First {
			b.visit(f, sv, site, day, band, weekday)
		}
		if f.Outcome == Served {
			site.Served++
			day.Served++
		}
		if f.Wait >= 0 {
			for _, s := range []*Spread{&out.Wait, &sv.Wait, &site.Wait, &day.Wait, &band.Wait} {
				s.add(f.Wait)
			}
			if f.Booked {
				out.Slot.add(f.Wait)
			} else {
				out.WalkIn.add(f.Wait)
			}
		}
		if f.Work >= 0 && f.Outcome == Served {
			out.Work.add(f.Work)
			sv.Work.add(f.Work)
		}
		if f.Held > 0 {
			out.Held++
		}
		band.NeedS += max(0, f.Desk)
	})
}

func (b *counting) visit(f *Fact, sv *ServiceFigures, site *SiteFigures, day *DayFigures, band *BandFigures, weekday int) {
	b.out.Visits++
	sv.Visits++
	site.Visits++
	day.Visits++
	band.Visits++
	if day.Day != b.without {
		b.out.Week[weekday][f.Band]++
	}
	if f.Booked {
		b.out.Booked++
	}
	if f.Stay >= 0 {
		b.out.Stay.add(f.Stay)
	}
}

func (b *counting) counters(rows []counterRow) {
	for _, c := range rows {
		band := &b.out.Hours[c.Band]
		band.OpenS += c.OpenS
		band.BusyS += c.BusyS
		if !b.bands[bandDay{c.Day, c.Band}] {
			b.bands[bandDay{c.Day, c.Band}] = true
			band.Days++
		}
	}
}

func (b *counting) finish() *Figures {
	out := b.out
	for _, s := range []*Spread{&out.Wait, &out.WalkIn, &out.Slot, &out.Work, &out.Stay, &out.Answers} {
		s.sort()
	}
	for _, sv := range out.Services {
		sv.Wait.sort()
		sv.Work.sort()
		sv.Answers.sort()
	}
	for _, s := range out.Sites {
		s.Wait.sort()
	}
	for i := range out.ByDay {
		out.ByDay[i].Wait.sort()
	}
	for i := range out.Hours {
		out.Hours[i].Wait.sort()
	}
	slices.SortStableFunc(out.Services, func(a, b *ServiceFigures) int { return b.Steps - a.Steps })
	slices.SortStableFunc(out.Sites, func(a, b *SiteFigures) int { return b.Visits - a.Visits })
	return out
}

// UpdatedAt is when the figures last followed the events, 0 for never.
func (r *Reports) UpdatedAt(ctx context.Context) (clock.Instant, error) {
	var at clock.Instant
	if err := r.db.Ask(ctx, "SELECT updated_at FROM report_cursor WHERE id = 1", nil, &at); err != nil {
		return 0, fmt.Errorf("read the figures: %w", err)
	}
	return at, nil
}

// WeekFigures are those of a week.
type WeekFigures struct {
	Monday queue.Day
	Days   int // on which somebody came
	Visits int
	Served int
	Wait   Spread
}

// Weeks puts the days together.
func (f *Figures) Weeks() []WeekFigures {
	var out []WeekFigures
	for i := range f.ByDay {
		d := &f.ByDay[i]
		monday := d.Day.Add(1 - d.Day.Weekday())
		if n := len(out); n == 0 || out[n-1].Monday != monday {
			out = append(out, WeekFigures{Monday: monday})
		}
		w := &out[len(out)-1]
		w.Days++
		w.Visits += d.Visits
		w.Served += d.Served
		w.Wait.add(d.Wait.all...)
	}
	for i := range out {
		out[i].Wait.sort()
	}
	return out
}
