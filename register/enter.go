package register

import (
	"context"
	"fmt"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/internal/textfold"
	"filodiretto/queue"
)

// Command enters a message in the register. What is empty is taken from the message.
type Command struct {
	MessageID  int64
	Version    int64 // of the Standing that the operator saw; 0 for none
	Sender     string
	Recipients string
	Subject    string
	OfficeID   int64  // to which it is assigned; 0 is the case's
	Class      string // code of the classification
	Origin     Origin
	Typed      Typed // only where numbers come from another program
	Sure       bool  // enter it although the number seems to be another message's
}

// Bounds of what an operator writes, in characters.
const (
	mostParty   = 1000
	mostSubject = 1000
)

// WarnTaken is the doubt that a typed number is another message's already.
const WarnTaken = "taken"

// Enter gives a message its number: the entry, the hashes of all that it is made of,
// office and class, and the message's standing, in one transaction. Errors:
// ErrNotFound, ErrForbidden, ErrChanged when somebody decided meanwhile,
// *inbox.WarningError "number" "taken", and *inbox.InvalidError: "message" registered,
// not_sent, files_pending or no_document; "subject", "sender", "recipients" required or
// too_long; "class" unknown; "office" unknown; "number", "date", "code", "area";
// "clock" behind.
func (r *Register) Enter(ctx context.Context, v inbox.Viewer, cmd Command) (*Entry, error) {
	if err := r.needOn(v); err != nil {
		return nil, err
	}
	composed, err := r.keepComposed(ctx, v, cmd.MessageID)
	if err != nil {
		return nil, err
	}
	var out *Entry
	err = r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		h, err := lockHead(ctx, tx, r.book.name()) // first, so that all wait in one queue
		if err != nil {
			return err
		}
		w, err := r.work(ctx, tx, v, cmd.MessageID)
		if err != nil {
			return err
		}
		switch {
		case w.stand.State == Registered:
			return &inbox.InvalidError{Field: "message", Code: "registered"}
		case w.stand.Version != cmd.Version:
			return inbox.ErrChanged
		}
		x := &entering{r: r, tx: tx, v: v, cmd: cmd, work: w, head: h, composed: composed}
		out, err = x.do(ctx)
		return err
	})
	return out, err
}

// entering is the transaction of one entry.
type entering struct {
	r        *Register
	tx       *db.Tx
	v        inbox.Viewer
	cmd      Command
	work     *work
	head     *head
	composed *Document // what was written, where nothing of a transmission is kept
	replaces *Entry    // the entry that is corrected
}

func (x *entering) do(ctx context.Context) (*Entry, error) {
	e, err := x.entry(ctx)
	if err != nil {
		return nil, err
	}
	docs, err := gather(ctx, x.tx, x.work.m, x.composed)
	if err != nil {
		return nil, err
	}
	for _, d := range docs {
		d.EntryID = e.ID
	}
	a, err := x.assignment(ctx, e)
	if err != nil {
		return nil, err
	}
	c := x.head.link("entry", e.facts(docs)...)
	e.Seq, e.Previous, e.Hash = c.seq, c.previous, c.hash
	c = x.head.link("assignment", a.facts()...)
	a.Seq, a.Previous, a.Hash = c.seq, c.previous, c.hash
	for _, row := range []any{e, &docs, a} {
		if _, err := x.tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return nil, fmt.Errorf("enter in the register: %w", err)
		}
	}
	if err := x.head.save(ctx, x.tx); err != nil {
		return nil, err
	}
	s := &x.work.stand
	s.State, s.Reason, s.EntryID, s.SinceBy = Registered, "", e.ID, x.v.OperatorID
	if err := x.work.save(ctx, x.tx); err != nil {
		return nil, err
	}
	e.Made = &Made{Documents: docs, Assignment: a, CaseRef: x.work.c.Ref(), Replaces: e.ReplacesID}
	x.r.tell(x.tx, x.work.c)
	kind := "register.entered"
	if x.replaces != nil {
		kind = "register.corrected"
	}
	return e, x.r.note(ctx, x.tx, x.v, x.work.c, e.MessageID, kind, map[string]any{"entry": e.ID, "number": e.Shown, "year": e.Year, "source": e.Source})
}

// entry makes the row, with its number last: what is refused before takes none.
func (x *entering) entry(ctx context.Context) (*Entry, error) {
	m, cmd := x.work.m, x.cmd
	e := &Entry{
		ID: db.NewID(x.r.clock), Book: x.r.book.name(), At: x.head.At, Direction: m.Direction, MessageID: m.ID, CaseID: m.CaseID, Channel: m.ShownChannel(),
		Sender: line(orElse(cmd.Sender, senderOf(m))), Recipients: line(orElse(cmd.Recipients, m.Recipients)), Subject: line(orElse(cmd.Subject, subjectOf(m, x.work.c))),
		DocumentAt: m.At, Origin: cmd.Origin.tidy().json(), OperatorID: x.v.OperatorID, Operator: x.v.Name,
	}
	for _, t := range []struct {
		field, text string
		most        int
		need        bool
	}{
		{"sender", e.Sender, mostParty, m.Direction == inbox.In},
		{"recipients", e.Recipients, 20 * mostParty, m.Direction == inbox.Out},
		{"subject", e.Subject, mostSubject, true},
	} {
		switch n := len([]rune(t.text)); {
		case n == 0 && t.need:
			return nil, &inbox.InvalidError{Field: t.field, Code: "required"}
		case n > t.most:
			return nil, &inbox.InvalidError{Field: t.field, Code: "too_long"}
		}
	}
	e.Folded = textfold.Fold(e.Sender + " " + e.Recipients + " " + e.Subject)
	if x.replaces != nil {
		e.ReplacesID = x.replaces.ID
	}
	if err := x.r.book.number(x.tx, x.head, e, cmd.Typed); err != nil {
		return nil, err
	}
	if e.Source == Theirs && !cmd.Sure {
		return e, x.taken(ctx, e)
	}
	return e, nil
}

// taken warns of a typed number that is in force for another message.
func (x *entering) taken(ctx context.Context, e *Entry) error {
	n, err := x.tx.NewSelect().Model((*Entry)(nil)).
		Where("re.year = ? AND re.code = ? AND re.area = ? AND re.message_id <> ?", e.Year, e.Code, e.Area, e.MessageID).
		Where("(re.shown = ? OR re.number > 0 AND re.number = ?)", e.Shown, e.Number).
		Where("NOT EXISTS (SELECT 1 FROM register_annulments AS rx WHERE rx.entry_id = re.id)").
		Where("NOT EXISTS (SELECT 1 FROM register_entries AS newer WHERE newer.replaces_id = re.id)").Count(ctx)
	if err != nil {
		return fmt.Errorf("look for the number: %w", err)
	}
	if n > 0 {
		return &inbox.WarningError{Field: "number", Code: WarnTaken}
	}
	return nil
}

// assignment is the first office and class of an entry.
func (x *entering) assignment(ctx context.Context, e *Entry) (*Assignment, error) {
	office := x.cmd.OfficeID
	if office == 0 {
		office = x.work.c.OfficeID
	}
	return x.r.assign(ctx, x.tx, x.v, e.ID, e.Book, office, x.cmd.Class, x.head)
}

// assign makes the row of an office and a class; its place in the book is the
// caller's to give.
func (r *Register) assign(ctx context.Context, tx *db.Tx, v inbox.Viewer, entry int64, book string, office int64, class string, h *head) (*Assignment, error) {
	a := &Assignment{
		ID: db.NewID(r.clock), EntryID: entry, OfficeID: office, Class: strings.TrimSpace(class), OperatorID: v.OperatorID, Operator: v.Name,
		Book: book, At: h.At, Day: queue.DayOf(h.At, r.set.Zone),
	}
	if err := tx.NewRaw("SELECT name FROM offices WHERE id = ?", office).Scan(ctx, &a.Office); err != nil {
		if missing(err) == inbox.ErrNotFound {
			return nil, &inbox.InvalidError{Field: "office", Code: "unknown"}
		}
		return nil, fmt.Errorf("assign in the register: %w", err)
	}
	c, ok := r.scheme.Find(a.Class, a.Day)
	if !ok {
		return nil, &inbox.InvalidError{Field: "class", Code: "unknown"}
	}
	a.Class, a.ClassName = c.Code, c.Name
	return a, nil
}

// senderOf is who wrote: of certified mail the certified address, with the name that
// the letter itself bears.
func senderOf(m *inbox.Message) string {
	if c := m.CertifiedBy(); c != nil && c.Sender != "" && !strings.Contains(strings.ToLower(m.Sender), c.Sender) {
		return strings.TrimSpace(m.Sender + " <" + c.Sender + ">")
	}
	return m.Sender
}

// subjectOf is the message's subject, else that of its case.
func subjectOf(m *inbox.Message, c *inbox.Case) string {
	if s := strings.TrimSpace(m.Subject); s != "" {
		return s
	}
	return c.Subject
}

// line is a text on one line.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

func (o Origin) tidy() Origin {
	return Origin{Number: cut(line(o.Number)), Date: cut(line(o.Date)), Administration: cut(line(o.Administration)), Area: cut(line(o.Area))}
}

// cut bounds what another body says of itself.
func cut(s string) string {
	if r := []rune(s); len(r) > 100 {
		return string(r[:100])
	}
	return s
}
