package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
)

// StoryFilter narrows a person's story. The zero filter shows everything.
type StoryFilter struct {
	What    string // "messages", "visits" (and calls), "notes", "events", or "" for all
	Channel string // of messages and visits; leaves out events
	Limit   int    // 50 when 0, at most 200
}

// StoryEntry is one thing that happened: Message or Event is set. Case is the
// matter that it belongs to, nil for what is on the file itself.
type StoryEntry struct {
	At      clock.Instant
	ID      int64
	Message *Message // Text is the beginning of it; HTML and Markup are not filled
	Event   *Event
	Case    *StoryCase
}

// StoryCase is a case in a few words.
type StoryCase struct {
	ID       int64
	Year     int
	Number   int64
	Subject  string
	OfficeID int64
	Status   Status
}

// Ref is the number that people say.
func (c *StoryCase) Ref() string { return CaseRef(c.Year, c.Number) }

// storyText is how much of a message's text a story shows, in characters.
const storyText = 300

// PersonStory is what happened between the person and the municipality, over
// all channels and on all rows, newest first: messages, visits, and events of
// those cases which the viewer may see, and events of the file. cursor is empty
// for the first page; next is empty after the last; a page may be a little
// shorter than Limit. Reading is recorded as by
// Person. InvalidError on "cursor" or "what".
func (in *Inbox) PersonStory(ctx context.Context, v Viewer, id int64, f StoryFilter, cursor string) (entries []StoryEntry, next string, err error) {
	s := story{in: in, v: v, f: f}
	if s.f.Limit <= 0 {
		s.f.Limit = 50
	}
	s.f.Limit = min(s.f.Limit, 200)
	if !slices.Contains([]string{"", "messages", "visits", "notes", "events"}, f.What) {
		return nil, "", &InvalidError{"what", "unknown"}
	}
	if cursor != "" {
		var ok bool
		if s.beforeAt, s.beforeID, ok = decodeCursor(cursor); !ok {
			return nil, "", &InvalidError{"cursor", "bad_form"}
		}
	}
	root, err := in.openFile(ctx, v, id)
	if err != nil {
		return nil, "", err
	}
	if entries, next, err = s.read(ctx, in.db.Read, root); err != nil {
		return nil, "", fmt.Errorf("person's story: %w", err)
	}
	return entries, next, nil
}

// story is one page being read.
type story struct {
	in       *Inbox
	v        Viewer
	f        StoryFilter
	beforeAt clock.Instant
	beforeID int64
}

func (s *story) read(ctx context.Context, idb bun.IDB, root int64) (entries []StoryEntry, next string, err error) {
	var ids []int64
	if err := idb.NewSelect().Table("citizens").Column("id").Where("root_id = ?", root).Scan(ctx, &ids); err != nil {
		return nil, "", err
	}
	cases, err := s.cases(ctx, idb, ids)
	if err != nil {
		return nil, "", err
	}
	if s.f.What != "events" {
		for _, id := range ids { // each walks its own piece of the index
			if entries, err = s.messages(ctx, idb, id, entries); err != nil {
				return nil, "", err
			}
		}
	}
	if (s.f.What == "" || s.f.What == "events") && s.f.Channel == "" {
		if entries, err = s.events(ctx, idb, ids, cases, entries); err != nil {
			return nil, "", err
		}
	}
	slices.SortFunc(entries, func(a, b StoryEntry) int {
		return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.ID, a.ID))
	})
	if len(entries) > s.f.Limit {
		entries = entries[:s.f.Limit]
		last := entries[s.f.Limit-1]
		next = encodeCursor(last.At, last.ID)
	}
	entries = slices.DeleteFunc(entries, func(e StoryEntry) bool { return e.Event != nil && isTwin(e.Event, ids) })
	return entries, next, s.nameCases(ctx, idb, entries, cases)
}

// isTwin reports whether an event tells once more, on another row of the same
// person, what is told on the first: merges and proposals are written on both
// rows that they concern.
func isTwin(e *Event, ids []int64) bool {
	var of struct{ Kept, Gone, A, B int64 }
	if e.CaseID > 0 || json.Unmarshal([]byte(e.Data), &of) != nil {
		return false
	}
	return e.CitizenID == of.Gone && slices.Contains(ids, of.Kept) || e.CitizenID == of.B && slices.Contains(ids, of.A)
}

// cases reads the person's cases that the viewer may see.
func (s *story) cases(ctx context.Context, idb bun.IDB, ids []int64) (map[int64]*StoryCase, error) {
	var rows []*StoryCase
	q := idb.NewSelect().TableExpr("cases AS c").Column("c.id", "c.year", "c.number", "c.subject", "c.office_id", "c.status").
		Where("c.citizen_id IN (?)", bun.List(ids)).OrderExpr("c.last_at DESC").Limit(500)
	if err := visibleCases(q, s.v).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make(map[int64]*StoryCase, len(rows))
	for _, c := range rows {
		out[c.ID] = c
	}
	return out, nil
}

// before leaves out what earlier pages showed.
func (s *story) before(q *bun.SelectQuery, alias string) *bun.SelectQuery {
	if s.beforeAt.IsZero() {
		return q
	}
	return q.Where(fmt.Sprintf("(%[1]s.at, %[1]s.id) < (?, ?)", alias), s.beforeAt, s.beforeID)
}

// messages reads what one row wrote, or was written on its cases. A bot's own
// dialogue, which is on no case, is for the front office as in Message.
func (s *story) messages(ctx context.Context, idb bun.IDB, citizenID int64, entries []StoryEntry) ([]StoryEntry, error) {
	var rows []*Message
	q := idb.NewSelect().Model(&rows).ExcludeColumn("html", "markup", "text").ColumnExpr("CASE WHEN m.notes LIKE '%footer:%' THEN m.text ELSE substr(m.text, 1, ?) END AS text", storyText).
		Where("m.citizen_id = ?", citizenID).OrderExpr("m.at DESC, m.id DESC").Limit(int64(s.f.Limit) + 1)
	if s.f.Channel != "" {
		q = q.Where("m.channel = ?", s.f.Channel)
	}
	switch s.f.What {
	case "visits":
		q = q.Where("m.kind IN ('visit','call')")
	case "notes":
		q = q.Where("m.direction = 'note'")
	case "messages":
		q = q.Where("m.kind NOT IN ('visit','call') AND m.direction <> 'note'")
	}
	seen := visibleCases(idb.NewSelect().TableExpr("cases AS c").ColumnExpr("1").Where("c.id = m.case_id"), s.v)
	switch {
	case s.v.System:
	case s.v.FrontDesk:
		q = q.Where("(m.case_id IS NULL OR EXISTS (?))", seen)
	default:
		q = q.Where("EXISTS (?)", seen)
	}
	if err := s.before(q, "m").Scan(ctx); err != nil {
		return nil, err
	}
	for _, m := range rows {
		m.Text = storyWords(m)
		entries = append(entries, StoryEntry{At: m.At, ID: m.ID, Message: m})
	}
	return entries, nil
}

// secretInLink is the secret of the citizen's page in the address of it. With it
// one could look as the citizen: a story is read also by who does not work on
// the case.
var secretInLink = regexp.MustCompile(`(secret=)[` + secretLetters + `]+`)

// storyWords is the beginning of what somebody wrote, without the closing lines
// that are the same under each answer.
func storyWords(m *Message) string {
	text := strings.TrimRight(m.Written(), " \t\r\n")
	n := 0
	for i := range text {
		if n == storyText {
			text = text[:i]
			break
		}
		n++
	}
	return secretInLink.ReplaceAllString(text, "${1}••••")
}

// events reads what happened on the file and on its cases, but for messages,
// which tell of themselves, and for who read what.
func (s *story) events(ctx context.Context, idb bun.IDB, ids []int64, cases map[int64]*StoryCase, entries []StoryEntry) ([]StoryEntry, error) {
	collect := func(q *bun.SelectQuery, rows *[]*Event) error {
		q = q.Where("e.message_id = 0 AND e.kind NOT IN ('citizen.read','case.read')").OrderExpr("e.at DESC, e.id DESC").Limit(int64(s.f.Limit) + 1)
		if err := s.before(q, "e").Scan(ctx); err != nil {
			return err
		}
		for _, e := range *rows {
			entries = append(entries, StoryEntry{At: e.At, ID: e.ID, Event: e})
		}
		return nil
	}
	var onFile, onCases []*Event
	err := collect(idb.NewSelect().Model(&onFile).Where("e.citizen_id IN (?) AND e.citizen_id > 0 AND e.case_id = 0", bun.List(ids)), &onFile)
	if err != nil || len(cases) == 0 {
		return entries, err
	}
	seen := make([]int64, 0, len(cases))
	for id := range cases {
		seen = append(seen, id)
	}
	err = collect(idb.NewSelect().Model(&onCases).Where("e.case_id IN (?) AND e.case_id > 0", bun.List(seen)), &onCases)
	return entries, err
}

// nameCases puts the case beside each entry, also where the message went to a
// case of somebody else.
func (s *story) nameCases(ctx context.Context, idb bun.IDB, entries []StoryEntry, cases map[int64]*StoryCase) error {
	caseOf := func(e *StoryEntry) int64 {
		if e.Message != nil {
			return e.Message.CaseID
		}
		return e.Event.CaseID
	}
	var missing []int64
	for i := range entries {
		if id := caseOf(&entries[i]); id > 0 && cases[id] == nil {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		var rows []*StoryCase
		q := idb.NewSelect().TableExpr("cases AS c").Column("c.id", "c.year", "c.number", "c.subject", "c.office_id", "c.status").
			Where("c.id IN (?)", bun.List(missing))
		if err := visibleCases(q, s.v).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, c := range rows {
			cases[c.ID] = c
		}
	}
	for i := range entries {
		entries[i].Case = cases[caseOf(&entries[i])]
	}
	return nil
}
