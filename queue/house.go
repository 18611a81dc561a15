package queue

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue/order"
)

// House is the set-up of a site as of one version: who does what, and when. It is
// shared and must not be changed.
type House struct {
	Site     *Site
	Set      SiteSettings // with the defaults filled in
	Calendar Calendar
	Policy   order.Policy

	Groups   []*Group
	Services []*Service // those that ended are in it, for the names of old tickets
	Classes  []*Class
	Counters []*Counter
	Skills   map[int64][]Skill // by counter
	Shifts   map[int64][]Shift // by counter

	group   map[int64]*Group
	service map[int64]*Service
	class   map[int64]*Class
	counter map[int64]*Counter
	orders  map[int64]order.Counter
}

// Group is a group by its id, or nil.
func (h *House) Group(id int64) *Group { return h.group[id] }

// Service is a service by its id, or nil.
func (h *House) Service(id int64) *Service { return h.service[id] }

// Class is a class by its id, or nil.
func (h *House) Class(id int64) *Class { return h.class[id] }

// Counter is a counter by its id, or nil.
func (h *House) Counter(id int64) *Counter { return h.counter[id] }

// ClassOf is the class with a key, or nil.
func (h *House) ClassOf(key order.Class) *Class {
	i := slices.IndexFunc(h.Classes, func(c *Class) bool { return c.Key == key })
	if i < 0 {
		return nil
	}
	return h.Classes[i]
}

// ServiceByKey is a service that has not ended, or nil.
func (h *House) ServiceByKey(key string) *Service {
	i := slices.IndexFunc(h.Services, func(s *Service) bool { return s.Key == key && s.EndedAt == 0 })
	if i < 0 {
		return nil
	}
	return h.Services[i]
}

// Order is a counter as the order of calls sees it.
func (h *House) Order(counterID int64) order.Counter { return h.orders[counterID] }

// Does reports whether a counter does a service.
func (h *House) Does(counterID, serviceID int64) bool {
	return slices.ContainsFunc(h.Skills[counterID], func(s Skill) bool { return s.ServiceID == serviceID })
}

// Waits is a step as the order of calls sees it.
func (h *House) Waits(s *Step) order.Waiting {
	w := order.Waiting{
		ID: s.ID, Service: s.ServiceID, Arrived: s.ArrivedAt, Slot: s.SlotAt, NotBefore: s.NotBefore,
		Counter: s.TargetID, LetPass: s.LetPass,
	}
	if c := h.class[s.ClassID]; c != nil {
		w.Class = c.Key
	}
	return w
}

// houses keeps the newest set-up of each site that this process knows.
type houses struct {
	mu   sync.Mutex
	byID map[int64]*House
}

// house gives the set-up as of a version, which the caller read in its transaction.
func (q *Queue) house(ctx context.Context, tx bun.IDB, siteID, version int64) (*House, error) {
	q.houses.mu.Lock()
	h := q.houses.byID[siteID]
	q.houses.mu.Unlock()
	if h != nil && h.Site.Version == version {
		return h, nil
	}
	h, err := loadHouse(ctx, tx, siteID, q.zone)
	if err != nil {
		return nil, err
	}
	if db.InWhole(ctx) {
		return h, nil // what it holds may not be committed yet
	}
	q.houses.mu.Lock()
	if old := q.houses.byID[siteID]; old == nil || old.Site.Version < h.Site.Version {
		q.houses.byID[siteID] = h
	}
	q.houses.mu.Unlock()
	return h, nil
}

// House is the set-up of a site as it is now. Everybody may know it.
func (q *Queue) House(ctx context.Context, siteID int64) (*House, error) {
	var version int64
	if err := q.db.Ask(ctx, "SELECT version FROM sites WHERE id = ?", []any{siteID}, &version); err != nil {
		return nil, notFound(err)
	}
	return q.house(ctx, q.db.Read, siteID, version)
}

// SiteByKey finds a site that was not given up.
func (q *Queue) SiteByKey(ctx context.Context, key string) (*House, error) {
	var id int64
	if err := q.db.Ask(ctx, "SELECT id FROM sites WHERE key = ? AND closed_at = 0", []any{key}, &id); err != nil {
		return nil, notFound(err)
	}
	return q.House(ctx, id)
}

// Sites are those that were not given up, by name.
func (q *Queue) Sites(ctx context.Context) ([]*Site, error) {
	var out []*Site
	if err := q.db.Read.NewSelect().Model(&out).Where("si.closed_at = 0").OrderExpr("si.name, si.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("sites: %w", err)
	}
	return out, nil
}

func loadHouse(ctx context.Context, tx bun.IDB, siteID int64, zone *time.Location) (*House, error) {
	h := &House{Site: new(Site), Skills: map[int64][]Skill{}, Shifts: map[int64][]Shift{}}
	if err := tx.NewSelect().Model(h.Site).Where("si.id = ?", siteID).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	h.Set = h.Site.Settings.filled()
	if err := h.loadCalendar(ctx, tx, zone); err != nil {
		return nil, fmt.Errorf("site's calendar: %w", err)
	}
	if err := h.loadParts(ctx, tx); err != nil {
		return nil, fmt.Errorf("site's set-up: %w", err)
	}
	h.index()
	return h, nil
}

func (h *House) loadCalendar(ctx context.Context, tx bun.IDB, zone *time.Location) error {
	h.Calendar = Calendar{Zone: zone, Week: map[int]Ranges{}, Days: map[Day]Ranges{}, Patron: h.Set.Patron}
	var hours []Hours
	if err := tx.NewSelect().Model(&hours).Where("sh.site_id = ?", h.Site.ID).OrderExpr("sh.weekday, sh.from_min").Scan(ctx); err != nil {
		return err
	}
	for _, x := range hours {
		h.Calendar.Week[x.Weekday] = append(h.Calendar.Week[x.Weekday], Range{x.FromMin, x.ToMin})
	}
	var days []SpecialDay
	if err := tx.NewSelect().Model(&days).Where("sd.site_id = ?", h.Site.ID).Scan(ctx); err != nil {
		return err
	}
	for _, d := range days {
		h.Calendar.Days[d.Day] = d.Intervals
	}
	return nil
}

func (h *House) loadParts(ctx context.Context, tx bun.IDB) error {
	id := h.Site.ID
	if err := tx.NewSelect().Model(&h.Groups).Where("sg.site_id = ?", id).OrderExpr("sg.ord, sg.id").Scan(ctx); err != nil {
		return err
	}
	if err := tx.NewSelect().Model(&h.Services).Join("JOIN service_groups AS sg ON sg.id = sv.group_id").Where("sv.site_id = ?", id).OrderExpr("sg.ord, sg.id, sv.ord, sv.id").Scan(ctx); err != nil {
		return err
	}
	if err := h.loadErrands(ctx, tx); err != nil {
		return err
	}
	if err := tx.NewSelect().Model(&h.Classes).Where("cl.site_id = ?", id).OrderExpr("cl.ord, cl.id").Scan(ctx); err != nil {
		return err
	}
	if err := tx.NewSelect().Model(&h.Counters).Where("co.site_id = ?", id).OrderExpr("co.ord, co.id").Scan(ctx); err != nil {
		return err
	}
	var skills []Skill
	err := tx.NewSelect().Model(&skills).Where("cs.counter_id IN (SELECT id FROM counters WHERE site_id = ?)", id).OrderExpr("cs.counter_id, cs.handicap_min, cs.service_id").Scan(ctx)
	if err != nil {
		return err
	}
	for _, s := range skills {
		h.Skills[s.CounterID] = append(h.Skills[s.CounterID], s)
	}
	var shifts []Shift
	err = tx.NewSelect().Model(&shifts).Where("sf.counter_id IN (SELECT id FROM counters WHERE site_id = ?)", id).OrderExpr("sf.counter_id, sf.weekday, sf.from_min").Scan(ctx)
	for _, s := range shifts {
		h.Shifts[s.CounterID] = append(h.Shifts[s.CounterID], s)
	}
	return err
}

// index makes the maps and what the order of calls needs.
func (h *House) index() {
	h.group, h.service, h.class, h.counter = map[int64]*Group{}, map[int64]*Service{}, map[int64]*Class{}, map[int64]*Counter{}
	h.orders = map[int64]order.Counter{}
	for _, g := range h.Groups {
		h.group[g.ID] = g
	}
	for _, s := range h.Services {
		h.service[s.ID] = s
	}
	h.Policy = order.Policy{Rule: h.Set.Rule, Weights: map[order.Class]order.Weight{}, Early: minutes(h.Set.EarlyMin), Late: minutes(h.Set.LateMin)}
	for _, c := range h.Classes {
		h.class[c.ID] = c
		h.Policy.Weights[c.Key] = order.Weight{Head: c.HeadMin, Slope: c.Slope, Absolute: c.Absolute, Level: c.Level}
	}
	for _, c := range h.Counters {
		h.counter[c.ID] = c
		oc := order.Counter{ID: c.ID}
		for _, s := range h.Skills[c.ID] {
			oc.Skills = append(oc.Skills, order.Skill{Service: s.ServiceID, Handicap: time.Duration(s.HandicapMin * float64(time.Minute))})
		}
		h.orders[c.ID] = oc
	}
}

// Today is the business day at an instant.
func (h *House) Today(at clock.Instant) Day { return DayOf(at, h.Calendar.Zone) }

// filled takes what is not said from the defaults.
func (s SiteSettings) filled() SiteSettings {
	d := DefaultSettings()
	for _, x := range []struct{ to, from *int }{
		{&s.EarlyMin, &d.EarlyMin},
		{&s.LateMin, &d.LateMin},
		{&s.PutBack, &d.PutBack},
		{&s.VoidMin, &d.VoidMin},
		{&s.StuckMin, &d.StuckMin},
		{&s.MaxCalls, &d.MaxCalls},
		{&s.EndMin, &d.EndMin},
		{&s.MostPass, &d.MostPass},
		{&s.CodeMin, &d.CodeMin},
		{&s.TellAhead, &d.TellAhead},
		{&s.Announced, &d.Announced},
		{&s.KeepDays, &d.KeepDays},
		{&s.WarnBelow, &d.WarnBelow},
		{&s.StopBelow, &d.StopBelow},
	} {
		if *x.to == 0 {
			*x.to = *x.from
		}
	}
	if s.Rule == "" {
		s.Rule = d.Rule
	}
	if len(s.Langs) == 0 {
		s.Langs = d.Langs
	}
	return s
}
