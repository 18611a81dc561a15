package queue

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/textfold"
)

// Expected is an appointment of today as reception looks for it.
type Expected struct {
	*Appointment
	Label string // of the ticket, once the person is here
}

// mostExpected is how many appointments of a day one answer lists.
const mostExpected = 60

// ExpectedToday finds appointments of today for check-in: by the words of the name,
// digits of the telephone, the code that the person shows, or the number of the
// ticket. An empty query lists those of whom nobody knows yet, soonest first. What
// is veiled is found by its whole code alone. ErrNotFound for those who do not work
// the site's queue.
func (b *Bookings) ExpectedToday(ctx context.Context, v inbox.Viewer, siteID int64, query string) ([]Expected, error) {
	h, err := b.q.House(ctx, siteID)
	if err != nil {
		return nil, err
	}
	if !worksSite(h, v) {
		return nil, ErrNotFound
	}
	veil, err := veilFor(ctx, b.q.db.Read, h, v)
	if err != nil {
		return nil, err
	}
	day := h.Today(b.q.clock.Now())
	var list []*expectedRow
	err = b.q.db.Read.NewSelect().Model(&list).ColumnExpr("ap.*, COALESCE(t.label, '') AS label").Join("LEFT JOIN tickets AS t ON t.id = ap.ticket_id AND ap.ticket_id > 0").
		Where("ap.site_id = ? AND ap.start_at >= ? AND ap.start_at < ? AND ap.state IN ('booked','arrived','no_show','done')", siteID, day.Start(h.Calendar.Zone), day.End(h.Calendar.Zone)).
		OrderExpr("ap.start_at, ap.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("appointments of today: %w", err)
	}
	fits, err := b.fits(ctx, list, query)
	if err != nil {
		return nil, err
	}
	var out []Expected
	for _, x := range list {
		ap := veil.over(&x.Appointment)
		if !fits(x) || ap.Veiled && !sameCode(x.Code, query) || len(out) == mostExpected {
			continue
		}
		if ap.Veiled {
			x.Label = ""
		}
		out = append(out, Expected{ap, x.Label})
	}
	return out, nil
}

// expectedRow is an appointment with the number of its ticket.
type expectedRow struct {
	Appointment `bun:",extend"`
	Label       string
}

// fits tells which appointments a query means. All its words must be found, each in
// the name as given or as on file, or at the beginning of what the person is known
// by; or the whole of it is the code or the ticket's number.
func (b *Bookings) fits(ctx context.Context, list []*expectedRow, query string) (func(*expectedRow) bool, error) {
	words := strings.Fields(textfold.Fold(query))
	if len(words) == 0 {
		return func(x *expectedRow) bool { return x.State == BookedSlot }, nil
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, query)
	var people []int64
	for _, x := range list {
		if x.CitizenID != 0 {
			people = append(people, x.CitizenID)
		}
	}
	known := map[int64][]string{}
	if len(people) > 0 {
		var rows []struct {
			ID   int64
			Word string
		}
		err := b.q.db.Read.NewRaw(`SELECT z.id, w.word FROM citizens AS z JOIN citizens AS other ON other.root_id = z.root_id
			JOIN citizen_words AS w ON w.citizen_id = other.id WHERE z.id IN (?)`, bun.List(people)).Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("who is expected: %w", err)
		}
		for _, r := range rows {
			known[r.ID] = append(known[r.ID], r.Word)
		}
	}
	return func(x *expectedRow) bool {
		if sameCode(x.Code, query) || x.Label != "" && strings.EqualFold(x.Label, strings.TrimSpace(query)) {
			return true
		}
		if len(digits) >= leastDigits && slices.ContainsFunc(known[x.CitizenID], func(w string) bool { return strings.HasSuffix(w, digits) || strings.HasPrefix(w, digits) }) {
			return true
		}
		mine := append(strings.Fields(textfold.Fold(x.Person)), known[x.CitizenID]...)
		return !slices.ContainsFunc(words, func(w string) bool {
			return !slices.ContainsFunc(mine, func(m string) bool { return strings.HasPrefix(m, w) })
		})
	}, nil
}

// leastDigits of a telephone number find somebody, from either end.
const leastDigits = 4

// plainCode is a code as it is kept: spaces, dashes and small letters are forgiven.
func plainCode(code string) string {
	return strings.NewReplacer(" ", "", "-", "").Replace(strings.ToUpper(code))
}

func sameCode(code, typed string) bool { return code != "" && code == plainCode(typed) }
