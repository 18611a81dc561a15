package register

import (
	"regexp"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/queue"
)

// Book is where the number of an entry comes from. There are two: own and external.
type Book interface {
	// name is that of the book, whose end is locked while a line is written.
	name() string
	// number gives the entry number, year and day. typed is what the operator
	// wrote of another program's registration. InvalidError on a field of it.
	number(tx *db.Tx, h *head, e *Entry, typed Typed) error
}

// Typed is a registration in another program, as an operator writes it down.
type Typed struct {
	Number string // "0001234", "1234/2026", "2026/0001234"
	Date   string // 2026-11-22, of the registration
	Code   string // of the register; the configured one when empty
	Area   string // of the AOO; the configured one when empty
}

// own is the program's own register: 1, 2, 3, … in each year (DPR 445/2000 art. 57).
type own struct{ set Settings }

func (o own) name() string { return o.set.Code }

func (o own) number(_ *db.Tx, h *head, e *Entry, _ Typed) error {
	e.Source = Own
	e.Administration, e.Area, e.Code = o.set.Administration, o.set.Area, o.set.Code
	e.Year, e.Number, e.Day = h.next(o.set.Zone)
	e.Shown = sevenDigits(e.Number)
	return nil
}

// sevenDigits writes a number with at least seven digits (Italian reference 1.2).
func sevenDigits(n int64) string {
	s := strconv.FormatInt(n, 10)
	return strings.Repeat("0", max(0, 7-len(s))) + s
}

// externalBook is the name of the book of typed numbers. No register can have it:
// codes hold no sign like this one.
const externalBook = "@external"

// external takes the number of another program.
type external struct{ set Settings }

func (external) name() string { return externalBook }

var (
	goodNumber = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$`)
	goodCode   = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,32}$`)
	yearAlone  = regexp.MustCompile(`^(19|20|21)[0-9]{2}$`)
)

func (x external) number(tx *db.Tx, h *head, e *Entry, t Typed) error {
	e.Source, e.Administration = Theirs, x.set.Administration
	e.Code, e.Area = orElse(t.Code, x.set.Code), orElse(t.Area, x.set.Area)
	switch {
	case !goodCode.MatchString(e.Code):
		return &inbox.InvalidError{Field: "code", Code: "bad_form"}
	case e.Area != "" && !goodCode.MatchString(e.Area):
		return &inbox.InvalidError{Field: "area", Code: "bad_form"}
	}
	year := 0
	e.Shown, year = splitNumber(t.Number)
	if !goodNumber.MatchString(e.Shown) || strings.Trim(e.Shown, "0") == "" {
		return &inbox.InvalidError{Field: "number", Code: "bad_form"}
	}
	e.Number, _ = strconv.ParseInt(e.Shown, 10, 64) // 0 for one with letters
	today := queue.DayOf(tx.Now, x.set.Zone)
	e.Day = today
	if t.Date != "" {
		day, err := queue.ParseDay(strings.TrimSpace(t.Date))
		if err != nil {
			return &inbox.InvalidError{Field: "date", Code: "bad_form"}
		}
		e.Day = day
	}
	e.Year, _ = strconv.Atoi(string(e.Day[:4]))
	switch {
	case e.Day > today:
		return &inbox.InvalidError{Field: "date", Code: "future"}
	case year != 0 && year != e.Year && t.Date != "":
		return &inbox.InvalidError{Field: "date", Code: "other_year"}
	case year != 0 && year != e.Year:
		return &inbox.InvalidError{Field: "date", Code: "required"} // of an earlier year, on which day nobody knows
	}
	return nil
}

// splitNumber parts the year from a number in either of the ways in which people
// write both, and forgives "n.", "prot." and blanks.
func splitNumber(s string) (number string, year int) {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, p := range []string{"protocollo", "prot.", "prot", "num.", "nr.", "n.", "n°", "n "} {
		s = strings.TrimSpace(strings.TrimPrefix(s, p))
	}
	s = strings.ToUpper(s)
	a, b, two := strings.Cut(s, "/")
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	switch {
	case !two:
		return s, 0
	case yearAlone.MatchString(b):
		year, _ = strconv.Atoi(b)
		return a, year
	case yearAlone.MatchString(a):
		year, _ = strconv.Atoi(a)
		return b, year
	}
	return s, 0
}

func orElse(s, other string) string {
	if s = strings.TrimSpace(s); s == "" {
		return other
	}
	return s
}
