package score

import (
	"slices"
	"time"

	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
	"filodiretto/queue/simulate"
)

// Crowd is a full hall: the biggest of the made-up offices at eleven in the morning
// of a day after two weeks of learning, with so many people waiting. It is what the
// speed of an estimate is measured on.
func Crowd(people int) (*estimate.Estimator, estimate.Snapshot, error) {
	m := simulate.OneStop()
	groups := map[int64]string{}
	for _, s := range m.Services {
		groups[s.ID] = s.Group
	}
	e, err := estimate.New(estimate.Settings{Seed: 7, Zone: "UTC", Groups: groups})
	if err != nil {
		return nil, estimate.Snapshot{}, err
	}
	var full estimate.Snapshot
	days := m.Days(start, 11, 1)
	for i, d := range days {
		eleven := d.Start.Add(11 * time.Hour)
		simulate.Play(d, order.Default(), func(ev estimate.Event, r *simulate.Room) {
			if i < len(days)-1 {
				e.Observe(ev)
			} else if ev.At <= eleven {
				e.Observe(ev)
				full = r.Snapshot()
			}
		})
	}
	fill(&full, days, people)
	return e, full, nil
}

// fill has the walk-ins of all days wait at once, each as long as it is since they
// came, until there are enough.
func fill(s *estimate.Snapshot, days []simulate.Day, people int) {
	id := int64(1_000_000)
	offered := func(service int64) bool {
		return slices.ContainsFunc(s.Counters, func(c estimate.Counter) bool {
			_, bar := c.Serves(order.Waiting{Service: service})
			return bar == order.None && len(c.Open) > 0
		})
	}
	for _, d := range days {
		for _, v := range d.Visits {
			at := s.At.Add(-time.Duration(id%7200) * time.Second)
			if v.Slot != 0 || !offered(v.Legs[0].Service) || len(s.Waiting) >= people {
				continue
			}
			id += 37
			s.Waiting = append(s.Waiting, order.Waiting{
				ID: id, Service: v.Legs[0].Service, Class: v.Class, Arrived: at,
			})
		}
	}
	s.Waiting = s.Waiting[:min(len(s.Waiting), people)]
}
