package reports

import (
	"fmt"
	"strconv"
	"strings"

	"filodiretto/queue"
)

// ParseHours reads stretches of a day, "08:30-13:00, 14:00-17:00"; "-" are none.
func ParseHours(s string) ([]queue.Range, error) {
	if s = strings.TrimSpace(s); s == "-" {
		return []queue.Range{}, nil
	}
	var out []queue.Range
	for _, part := range strings.Split(s, ",") {
		from, to, ok := strings.Cut(strings.TrimSpace(part), "-")
		a, okA := parseMinute(from)
		b, okB := parseMinute(to)
		if !ok || !okA || !okB || b <= a || len(out) > 0 && a < out[len(out)-1].To {
			return nil, fmt.Errorf("reports: %q are no hours: write them like 08:30-13:00, 14:00-17:00", s)
		}
		out = append(out, queue.Range{From: a, To: b})
	}
	return out, nil
}

// parseMinute reads "8", "8:30", "08:30" or "8.30".
func parseMinute(s string) (int, bool) {
	hour, minute, _ := strings.Cut(strings.Replace(strings.TrimSpace(s), ".", ":", 1), ":")
	h, err := strconv.Atoi(hour)
	m := 0
	if err == nil && minute != "" {
		m, err = strconv.Atoi(minute)
	}
	ok := err == nil && h >= 0 && m >= 0 && m < 60 && h*60+m <= 24*60
	return h*60 + m, ok
}

// FormatHours writes stretches of a day as ParseHours reads them.
func FormatHours(hours []queue.Range) string {
	if len(hours) == 0 {
		return "-"
	}
	var out []string
	for _, h := range hours {
		out = append(out, fmt.Sprintf("%02d:%02d-%02d:%02d", h.From/60, h.From%60, h.To/60, h.To%60))
	}
	return strings.Join(out, ", ")
}

// OpenOn gives when a counter was open on the newest of the days, in whole minutes.
func (p *Played) OpenOn(counter int64) []queue.Range {
	if len(p.Days) == 0 {
		return nil
	}
	d := p.Days[0]
	var out []queue.Range
	for _, c := range d.Counters {
		if c.ID != counter {
			continue
		}
		for _, o := range c.Open {
			r := queue.Range{From: int(o.From.Sub(d.Start).Minutes()), To: int(o.To.Sub(d.Start).Minutes())}
			if n := len(out); n > 0 && r.From <= out[n-1].To+1 {
				out[n-1].To = r.To
			} else if r.To > r.From {
				out = append(out, r)
			}
		}
	}
	return out
}
