package inbox

import (
	"context"
	"errors"
	"fmt"

	"filodiretto/channels"
	"filodiretto/channels/counter"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Visit is a contact typed in by staff: somebody came, or telephoned.
type Visit struct {
	AccountID    int64  // the counter or telephone account
	Key          string // of the form: the same key twice is one visit
	At           clock.Instant
	CitizenID    int64 // who it was; 0 with Person empty is somebody who gave no name
	Person       string
	Phone        string
	Email        string
	CF           string
	CFReason     string // why a codice fiscale with a wrong check is kept all the same
	Address      string
	DocumentSeen bool // an identity document was looked at: codice fiscale becomes Certain; nobody sees one on the telephone
	Kind         CaseKind
	Subject      string
	Text         string
	OfficeID     int64 // where it goes; 0 leaves it to the rules
	CaseID       int64 // the case that it adds to; 0 opens one
	OtherPerson  bool  // the operator confirmed that CaseID is of somebody else, as when a daughter comes for her mother
	Closed       bool  // dealt with on the spot
	Outcome      string
}

// RecordVisit files a visit or call and returns its case. Identities that are
// known join the person at once; those that are only alike make proposals. A
// visit to a case that names nobody is of the case's person. *WarningError
// case "other_person" when who came is not that person, which OtherPerson
// overrides.
func (in *Inbox) RecordVisit(ctx context.Context, v Viewer, w Visit) (*Case, error) {
	ch, acc, ok := in.channels.Channel(w.AccountID)
	if !ok || (acc.Kind != "counter" && acc.Kind != "phone") {
		return nil, &InvalidError{"account", "unknown"}
	}
	if !v.FrontDesk && !v.Member(acc.OfficeID) && !v.System {
		return nil, ErrForbidden
	}
	if w.Text == "" && w.Subject == "" {
		return nil, &InvalidError{"text", "required"}
	}
	if w.At.IsZero() || w.At > in.clock.Now() {
		w.At = in.clock.Now()
	}
	if c, err := in.visitOf(ctx, v, w); err == nil || !errors.Is(err, ErrNotFound) {
		return c, err
	}
	rd, raw, err := in.visitReading(ctx, ch, v, w)
	if err != nil {
		return nil, err
	}
	var out *Case
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		out, err = in.recordVisit(ctx, tx, v, acc, w, raw, rd)
		return err
	})
	if db.IsUnique(err) { // the other of two clicks was quicker
		return in.visitOf(ctx, v, w)
	}
	return out, err
}

func (in *Inbox) visitReading(ctx context.Context, ch channels.Channel, v Viewer, w Visit) (*reading, *Raw, error) {
	cr, err := counter.Note{Key: w.Key, At: w.At, Operator: v.OperatorID, Person: w.Person, Subject: w.Subject, Text: w.Text}.Raw()
	if err != nil {
		return nil, nil, &InvalidError{"key", "required"}
	}
	rows, err := in.rawRows(ctx, w.AccountID, channels.Batch{Stream: "desk", Items: []channels.Raw{cr}})
	if err != nil {
		return nil, nil, err
	}
	rd, err := in.read(ctx, ch, &rows[0])
	if err != nil {
		return nil, nil, err
	}
	if rd.fail != "" || len(rd.items) != 1 {
		return nil, nil, fmt.Errorf("a visit could not be read back")
	}
	rd.attach, rd.by = w.CaseID, v
	return rd, &rows[0], nil
}

func (in *Inbox) recordVisit(ctx context.Context, tx *db.Tx, v Viewer, acc Account, w Visit, raw *Raw, rd *reading) (*Case, error) {
	if w.CaseID != 0 {
		c, err := findCase(ctx, tx, v, w.CaseID)
		if err != nil {
			return nil, err
		}
		if w.unnamed() {
			w.CitizenID = c.CitizenID
		}
	}
	raw.AcceptedAt = tx.Now
	if _, err := tx.NewInsert().Model(raw).Exec(ctx); err != nil {
		return nil, err
	}
	w.DocumentSeen = w.DocumentSeen && acc.Kind == "counter"
	z, err := in.visitor(ctx, tx, v, w, acc.Kind)
	if err != nil {
		return nil, err
	}
	if err := visitorOfCase(ctx, tx, w, z); err != nil {
		return nil, err
	}
	rd.sender = &Identity{CitizenID: z.ID}
	if err := in.fileTx(ctx, tx, acc, []*reading{rd}); err != nil {
		return nil, err
	}
	c := new(Case)
	err = tx.NewSelect().Model(c).Where("c.id = (SELECT m.case_id FROM copies AS cp JOIN messages AS m ON m.id = cp.message_id WHERE cp.raw_id = ?)", raw.ID).Scan(ctx)
	if err != nil {
		return nil, err
	}
	var events []Event
	if w.CaseID == 0 && w.OfficeID != 0 && w.OfficeID != c.OfficeID {
		c.OfficeID = w.OfficeID
		events = append(events, NewEvent(tx, in.clock, "case.office", map[string]any{"to": w.OfficeID}))
	}
	if w.CaseID == 0 && w.Kind != "" {
		c.Kind = w.Kind
	}
	if w.Closed {
		c.Status, c.ClosedAt, c.Outcome, c.Unread = Closed, tx.Now, w.Outcome, false
		events = append(events, NewEvent(tx, in.clock, "case.closed", map[string]any{"outcome": w.Outcome}))
	}
	return c, in.saveCase(ctx, tx, v, c, events)
}

// unnamed reports whether the form says nothing of who came.
func (w Visit) unnamed() bool {
	return w.CitizenID == 0 && w.Person == "" && w.CF == "" && w.Phone == "" && w.Email == ""
}

// visitorOfCase refuses to put the words of one person on the case of another
// unless the operator confirmed it.
func visitorOfCase(ctx context.Context, tx *db.Tx, w Visit, z *Citizen) error {
	if w.CaseID == 0 || w.OtherPerson {
		return nil
	}
	var roots []int64
	err := tx.NewRaw("SELECT DISTINCT root_id FROM citizens WHERE id IN (?, (SELECT citizen_id FROM cases WHERE id = ?))", z.ID, w.CaseID).Scan(ctx, &roots)
	if err != nil {
		return fmt.Errorf("visit: %w", err)
	}
	if len(roots) != 1 {
		return &WarningError{"case", WarnOtherPerson}
	}
	return nil
}

// visitOf finds the case of a visit that was recorded already, if the viewer
// may see it by now.
func (in *Inbox) visitOf(ctx context.Context, v Viewer, w Visit) (*Case, error) {
	var id int64
	err := in.db.Read.NewRaw(`SELECT m.case_id FROM raws AS r JOIN copies AS cp ON cp.raw_id = r.id JOIN messages AS m ON m.id = cp.message_id
		WHERE r.account_id = ? AND r.dedup_key = ?`, w.AccountID, w.Key).Scan(ctx, &id)
	if err != nil {
		return nil, notFound(err)
	}
	return findCase(ctx, in.db, v, id)
}
