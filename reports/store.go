package reports

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
	"filodiretto/queue"
)

type dayRow struct {
	bun.BaseModel `bun:"table:report_days,alias:rd"`

	SiteID    int64
	Day       queue.Day
	ServiceID int64
	Visits    int
	Served    int
	Lost      int
	Facts     []byte
	Answers   []byte
}

type counterRow struct {
	bun.BaseModel `bun:"table:report_counters,alias:rb"`

	SiteID int64
	Day    queue.Day
	Band   int
	OpenS  int `bun:"open_s"`
	BusyS  int `bun:"busy_s"`
}

// makeDay writes the figures of one day, of all sites, in place of those that were there.
func (r *Reports) makeDay(ctx context.Context, tx *db.Tx, day queue.Day) error {
	events, err := readDay(ctx, tx, day, r.zone)
	if err != nil {
		return err
	}
	sites := map[int64]bool{}
	for i := range events {
		sites[events[i].Site] = true
	}
	var days []*dayRow
	var counters []*counterRow
	for _, site := range slices.Sorted(maps.Keys(sites)) {
		d, c := rowsOf(Fold(site, day, r.zone, ofSite(events, site)))
		days, counters = append(days, d...), append(counters, c...)
	}
	for _, table := range []string{"report_days", "report_counters"} {
		if _, err := tx.NewRaw("DELETE FROM ? WHERE day = ?", bun.Ident(table), day).Exec(ctx); err != nil {
			return fmt.Errorf("write the figures of %s: %w", day, err)
		}
	}
	if len(days) > 0 {
		if _, err := tx.NewInsert().Model(&days).Exec(ctx); err != nil {
			return fmt.Errorf("write the figures of %s: %w", day, err)
		}
	}
	if len(counters) > 0 {
		if _, err := tx.NewInsert().Model(&counters).Exec(ctx); err != nil {
			return fmt.Errorf("write the counters of %s: %w", day, err)
		}
	}
	return nil
}

func rowsOf(d *DayFacts) ([]*dayRow, []*counterRow) {
	services := map[int64]bool{}
	for id := range d.Services {
		services[id] = true
	}
	for id := range d.Answers {
		services[id] = true
	}
	var days []*dayRow
	for _, id := range slices.Sorted(maps.Keys(services)) {
		row := &dayRow{SiteID: d.Site, Day: d.Day, ServiceID: id, Facts: packFacts(d.Services[id]), Answers: packSeconds(d.Answers[id])}
		if row.Answers == nil {
			row.Answers = []byte{}
		}
		for _, f := range d.Services[id] {
			if f.First {
				row.Visits++
			}
			switch f.Outcome {
			case Served:
				row.Served++
			case NoShow, Left, Expired:
				row.Lost++
			}
		}
		days = append(days, row)
	}
	var counters []*counterRow
	for band := range Bands {
		if d.Open[band] > 0 || d.Busy[band] > 0 {
			counters = append(counters, &counterRow{SiteID: d.Site, Day: d.Day, Band: band, OpenS: d.Open[band], BusyS: d.Busy[band]})
		}
	}
	return days, counters
}
