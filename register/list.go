package register

import (
	"context"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/textfold"
	"filodiretto/queue"
)

// Filter narrows the list of entries. Empty fields narrow nothing. What looks at the
// contents (words, office, class) finds only entries of cases that the viewer may see.
type Filter struct {
	Query     string // a number ("1234", "1234/2026") or words
	Year      int
	Direction inbox.Direction
	OfficeID  int64
	Class     string
	Day       queue.Day
	Cursor    string
	Limit     int
}

// Line is one entry of a list.
type Line struct {
	Entry
	Office    string // to which it is assigned now
	OfficeID  int64
	Class     string
	ClassName string
	// Veiled is set when the viewer may not see the case: sender, recipients,
	// subject, origin, office, class and case are then empty.
	Veiled    bool
	Annulled  bool
	Corrected bool // another entry stands for it
	CaseRef   string

	// of the row, for CaseRef
	Seen   bool
	Yr     int
	Caseno int64
}

// mostListed is the longest page of a list.
const mostListed = 200

// lineColumns are those of a Line. The condition on the case comes first, with its
// arguments.
func lineColumns(d *db.DB, v inbox.Viewer) (sql string, args []any) {
	may, args := v.SeesCases("c")
	return "SELECT " + db.Columns[Entry](d, "re") + `, ra.office, ra.office_id, ra.class, ra.class_name, COALESCE(c.year, 0) AS yr, COALESCE(c.number, 0) AS caseno,
		CASE WHEN ` + may + ` THEN TRUE ELSE FALSE END AS seen,
		EXISTS (SELECT 1 FROM register_annulments AS rx WHERE rx.entry_id = re.id) AS annulled,
		EXISTS (SELECT 1 FROM register_entries AS newer WHERE newer.replaces_id = re.id) AS corrected
		FROM register_entries AS re
		JOIN register_assignments AS ra ON ra.id = (SELECT x.id FROM register_assignments AS x WHERE x.entry_id = re.id ORDER BY x.seq DESC LIMIT 1)
		LEFT JOIN cases AS c ON c.id = re.case_id`, args
}

// List is the register, newest first, a page at a time. Only those may read it who
// work in an office. InvalidError on "cursor".
func (r *Register) List(ctx context.Context, v inbox.Viewer, f Filter) (lines []*Line, next string, err error) {
	if err := r.needReader(v); err != nil {
		return nil, "", err
	}
	limit := max(1, min(f.Limit, mostListed))
	where, more, err := f.condition(v)
	if err != nil {
		return nil, "", err
	}
	query, args := lineColumns(r.db, v)
	query += " WHERE " + where + fmt.Sprintf(" ORDER BY re.at DESC, re.seq DESC LIMIT %d", limit+1)
	if err := r.db.Ask(ctx, query, append(args, more...), &lines); err != nil {
		return nil, "", fmt.Errorf("list the register: %w", err)
	}
	if len(lines) > limit {
		lines = lines[:limit]
		last := lines[limit-1]
		next = encodeCursor(last.At, last.Seq)
	}
	for _, l := range lines {
		l.veil()
	}
	return lines, next, nil
}

// needReader refuses who has nothing to do with the register.
func (r *Register) needReader(v inbox.Viewer) error {
	switch {
	case !r.On():
		return inbox.ErrNotFound
	case v.System || v.FrontDesk || len(v.Offices) > 0:
		return nil
	}
	return inbox.ErrForbidden
}

var numberQuery = regexp.MustCompile(`^(?i:(?:prot(?:ocollo|\.)?|n\.|n°|nr\.)\s*)*([0-9]{1,15})(?:\s*/\s*([0-9]{4}))?$`)

func (f Filter) condition(v inbox.Viewer) (where string, args []any, err error) {
	ways := []string{"1 = 1"}
	add := func(sql string, more ...any) { ways, args = append(ways, sql), append(args, more...) }
	contents := false
	if q := strings.TrimSpace(f.Query); q != "" {
		if m := numberQuery.FindStringSubmatch(q); m != nil {
			n, err := strconv.ParseInt(m[1], 10, 64)
			if err != nil {
				n = -1
			}
			add("re.number = ?", n)
			if m[2] != "" {
				year, _ := strconv.Atoi(m[2])
				add("re.year = ?", year)
			}
		} else {
			contents = true
			for word := range strings.FieldsSeq(textfold.Fold(q)) { // folded words hold no sign of LIKE
				add("re.folded LIKE ?", "%"+word+"%")
			}
		}
	}
	if f.Year > 0 {
		add("re.year = ?", f.Year)
	}
	if f.Direction != "" {
		add("re.direction = ?", string(f.Direction))
	}
	if f.Day != "" {
		add("re.day = ?", string(f.Day))
	}
	if f.OfficeID > 0 {
		contents = true
		add("ra.office_id = ?", f.OfficeID)
	}
	if f.Class != "" {
		contents = true
		add("ra.class = ?", f.Class)
	}
	if contents {
		may, ids := v.SeesCases("c")
		add(may, ids...)
	}
	if f.Cursor != "" {
		at, seq, ok := decodeCursor(f.Cursor)
		if !ok {
			return "", nil, &inbox.InvalidError{Field: "cursor", Code: "unreadable"}
		}
		add("(re.at, re.seq) < (?, ?)", at, seq)
	}
	return strings.Join(ways, " AND "), args, nil
}

// veil takes away what the viewer may not see: a number, a day and a direction are
// left, so that the register has no gaps for anybody.
func (l *Line) veil() {
	if l.Seen {
		l.CaseRef = inbox.CaseRef(l.Yr, l.Caseno)
		return
	}
	l.Veiled = true
	l.Sender, l.Recipients, l.Subject, l.Origin, l.Folded, l.Office, l.Class, l.ClassName, l.Operator = "", "", "", "", "", "", "", "", ""
	l.OfficeID, l.MessageID, l.CaseID, l.OperatorID, l.DocumentAt = 0, 0, 0, 0, 0
}

func encodeCursor(at clock.Instant, seq int64) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", at, seq))
}

func decodeCursor(s string) (at clock.Instant, seq int64, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return 0, 0, false
	}
	n, err := fmt.Sscanf(string(b), "%d.%d", &at, &seq)
	return at, seq, err == nil && n == 2
}

// Years are those of which there are entries, newest first.
func (r *Register) Years(ctx context.Context) ([]int, error) {
	var years []int
	err := r.db.Ask(ctx, "SELECT DISTINCT year FROM register_entries ORDER BY year DESC", nil, &years)
	if err != nil {
		return nil, fmt.Errorf("years of the register: %w", err)
	}
	return years, nil
}
