package rfc822

import (
	"strconv"
	"strings"
	"time"
)

// ParseDate reads a Date header however it is written. zone is false when the
// zone is missing, unknown or "-0000": then the time is taken as UTC (mail
// rule 39). ok is false when there is no date in it.
func ParseDate(s string) (t time.Time, zone, ok bool) {
	s = dropComments(s)
	if len(s) > 200 {
		s = s[:200]
	}
	if t, err := time.Parse(time.RFC3339, strings.TrimSpace(s)); err == nil {
		return t.UTC(), true, sane(t)
	}
	var d dateParts
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' }) {
		d.take(word)
	}
	if d.day == 0 || d.month == 0 || d.year == 0 {
		return time.Time{}, false, false
	}
	t = time.Date(d.year, d.month, d.day, d.hour, d.minute, d.second, 0, time.UTC).Add(-d.offset)
	return t, d.zone, sane(t)
}

// sane keeps out what the database and JSON cannot hold.
func sane(t time.Time) bool { return t.Year() >= 1970 && t.Year() <= 9998 }

type dateParts struct {
	day, year, hour, minute, second int
	month                           time.Month
	offset                          time.Duration
	timed, zone, firm               bool
}

// take finds what a word is by its looks; the order of the words matters only
// for day before year.
func (d *dateParts) take(word string) {
	if n := strings.Count(word, "."); n > 0 && d.year != 0 && !d.timed && word[0] >= '0' && word[0] <= '9' {
		word = strings.ReplaceAll(word, ".", ":") // 10.15.00, as Italians write it
	}
	switch {
	case strings.IndexByte(word, ':') > 0 && !d.timed && word[0] >= '0' && word[0] <= '9':
		d.clock(word)
	case d.timed && (word[0] == '+' || word[0] == '-'):
		d.numericZone(word)
	case d.timed && d.namedZone(word):
	case strings.Count(word, "-") == 2 || strings.Count(word, "/") == 2:
		for part := range strings.FieldsFuncSeq(word, func(r rune) bool { return r == '-' || r == '/' }) {
			d.take(part)
		}
	case monthOf(word) != 0 && (d.month == 0 || !d.firm):
		d.month, d.firm = monthOf(word), d.day != 0 // "mar, 3 feb": Tuesday in Italian, not March
	case d.timed && strings.EqualFold(word, "pm") && d.hour < 12:
		d.hour += 12
	default:
		d.number(strings.Trim(word, ".°"))
	}
}

func (d *dateParts) number(word string) {
	n, err := strconv.Atoi(word)
	if err != nil || n < 0 {
		return
	}
	switch {
	case n > 31 && len(word) == 4 && d.year == 0:
		d.year = n
	case d.day == 0 && n >= 1 && n <= 31:
		d.day = n
	case d.month == 0 && n >= 1 && n <= 12 && d.day != 0 && d.year != 0: // 2026-03-02 was taken day first
		d.month = time.Month(n)
		d.day, d.month = int(d.month), time.Month(d.day)
	case d.month == 0 && n >= 1 && n <= 12:
		d.month = time.Month(n)
	case d.year == 0 && len(word) <= 3: // RFC 5322 4.3: two and three digits
		d.year = 1900 + n
		if n < 50 {
			d.year = 2000 + n
		}
	}
}

func (d *dateParts) clock(word string) {
	if i := strings.IndexAny(word, "+-"); i > 0 {
		defer d.numericZone(word[i:])
		word = word[:i]
	}
	parts := strings.Split(strings.TrimSuffix(word, "Z"), ":")
	at := func(i, most int) int {
		if i >= len(parts) {
			return 0
		}
		digits, _, _ := strings.Cut(parts[i], ".")
		n, err := strconv.Atoi(digits)
		if err != nil || n < 0 || n > most {
			return 0
		}
		return n
	}
	d.hour, d.minute, d.second = at(0, 23), at(1, 59), at(2, 60)
	d.timed = true
	d.zone = d.zone || strings.HasSuffix(word, "Z")
}

func (d *dateParts) numericZone(word string) {
	digits := strings.ReplaceAll(word[1:], ":", "")
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) < 1 || len(digits) > 4 {
		return
	}
	if len(digits) <= 2 {
		n *= 100
	}
	if n/100 > 14 || n%100 > 59 {
		return
	}
	d.offset = time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute
	if word[0] == '-' {
		d.offset = -d.offset
	}
	d.zone = word[0] == '+' || n != 0
}

// zones are the names of RFC 5322 and those of this part of the world.
var zones = map[string]int{
	"ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "met": 60, "mez": 60,
	"cest": 120, "mest": 120, "mesz": 120, "eet": 120, "eest": 180, "msk": 180,
	"est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
}

func (d *dateParts) namedZone(word string) bool {
	name := strings.ToLower(word)
	if len(name) > 3 && (strings.HasPrefix(name, "gmt") || strings.HasPrefix(name, "utc")) {
		d.numericZone(word[3:])
		return d.zone
	}
	minutes, ok := zones[name]
	if ok && !d.zone {
		d.offset, d.zone = time.Duration(minutes)*time.Minute, true
	}
	return ok
}

func monthOf(word string) time.Month {
	if len(word) < 3 {
		return 0
	}
	switch strings.ToLower(word[:3]) {
	case "jan", "gen":
		return time.January
	case "feb":
		return time.February
	case "mar":
		return time.March
	case "apr":
		return time.April
	case "may", "mag":
		return time.May
	case "jun", "giu":
		return time.June
	case "jul", "lug":
		return time.July
	case "aug", "ago":
		return time.August
	case "sep", "set":
		return time.September
	case "oct", "ott":
		return time.October
	case "nov":
		return time.November
	case "dec", "dic":
		return time.December
	default:
		return 0
	}
}
