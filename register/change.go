package register

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/queue"
)

// locked reads an entry for changing what may change of it, after the end of its book
// was locked. The viewer must be one who may register messages of its case.
func (r *Register) locked(ctx context.Context, tx *db.Tx, v inbox.Viewer, id int64) (*Entry, *head, *work, error) {
	e := new(Entry)
	if err := tx.NewSelect().Model(e).Where("re.id = ?", id).Scan(ctx); err != nil {
		return nil, nil, nil, missing(err)
	}
	h, err := lockHead(ctx, tx, e.Book)
	if err != nil {
		return nil, nil, nil, err
	}
	w, err := r.work(ctx, tx, v, e.MessageID)
	if err != nil {
		return nil, nil, nil, err
	}
	n, err := tx.NewSelect().Model((*Annulment)(nil)).Where("rx.entry_id = ?", id).Count(ctx)
	switch {
	case err != nil:
		return nil, nil, nil, fmt.Errorf("read an entry: %w", err)
	case n > 0:
		return nil, nil, nil, &inbox.InvalidError{Field: "entry", Code: "annulled"}
	case w.stand.EntryID != id:
		return nil, nil, nil, &inbox.InvalidError{Field: "entry", Code: "corrected"}
	}
	return e, h, w, nil
}

// Annul takes an entry out of force, with the reason and the act that authorised it
// (DPR 445/2000 art. 54). Its message is due again. Only a head may: of the case's own
// office, or of a front office. Errors: ErrNotFound, ErrForbidden, InvalidError on
// "reason", "act", and on "entry" annulled or corrected.
func (r *Register) Annul(ctx context.Context, v inbox.Viewer, entry int64, reason, act string) (*Annulment, error) {
	if err := r.needOn(v); err != nil {
		return nil, err
	}
	reason, act = line(reason), line(act)
	for _, t := range []struct{ field, text string }{{"reason", reason}, {"act", act}} {
		switch n := len([]rune(t.text)); {
		case n == 0:
			return nil, &inbox.InvalidError{Field: t.field, Code: "required"}
		case n > mostReason:
			return nil, &inbox.InvalidError{Field: t.field, Code: "too_long"}
		}
	}
	var out *Annulment
	err := r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e, h, w, err := r.locked(ctx, tx, v, entry)
		if err != nil {
			return err
		}
		if may, err := mayAnnul(ctx, tx, v, w.c.OfficeID); err != nil || !may {
			return orForbidden(err)
		}
		x := &Annulment{
			EntryID: e.ID, Reason: reason, Act: act, OperatorID: v.OperatorID, Operator: v.Name,
			Book: e.Book, At: h.At, Day: queue.DayOf(h.At, r.set.Zone),
		}
		c := h.link("annulment", x.facts()...)
		x.Seq, x.Previous, x.Hash = c.seq, c.previous, c.hash
		if _, err := tx.NewInsert().Model(x).Exec(ctx); err != nil {
			return fmt.Errorf("annul an entry: %w", err)
		}
		if err := h.save(ctx, tx); err != nil {
			return err
		}
		s := &w.stand
		s.State, s.Reason, s.SinceBy = Due, reason, v.OperatorID // the entry stays named: pages show it struck through
		if err := w.save(ctx, tx); err != nil {
			return err
		}
		out = x
		r.tell(tx, w.c)
		return r.note(ctx, tx, v, w.c, e.MessageID, "register.annulled", map[string]any{"entry": e.ID, "number": e.Shown, "year": e.Year, "reason": reason})
	})
	return out, err
}

// mayAnnul reports whether the viewer heads the office of the case or a front office.
// That the case may be seen was checked.
func mayAnnul(ctx context.Context, idb bun.IDB, v inbox.Viewer, office int64) (bool, error) {
	if v.System {
		return true, nil
	}
	n, err := idb.NewSelect().TableExpr("operator_roles AS r").Join("JOIN offices AS o ON o.id = r.office_id").
		Where("r.operator_id = ? AND r.role = 'head' AND (o.id = ? OR o.level = 'front')", v.OperatorID, office).Count(ctx)
	if err != nil {
		return false, fmt.Errorf("who may annul: %w", err)
	}
	return n > 0, nil
}

func orForbidden(err error) error {
	if err != nil {
		return err
	}
	return inbox.ErrForbidden
}

// Assign gives an entry another office or class; the earlier ones are kept. seen is
// the id of the assignment that the operator saw. Errors: ErrNotFound, ErrForbidden,
// ErrChanged, InvalidError on "office", "class", and on "entry" annulled or corrected.
func (r *Register) Assign(ctx context.Context, v inbox.Viewer, entry, seen, office int64, class string) (*Assignment, error) {
	if err := r.needOn(v); err != nil {
		return nil, err
	}
	var out *Assignment
	err := r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e, h, w, err := r.locked(ctx, tx, v, entry)
		if err != nil {
			return err
		}
		was := new(Assignment)
		if err := tx.NewSelect().Model(was).Where("ra.entry_id = ?", entry).OrderExpr("ra.seq DESC").Limit(1).Scan(ctx); err != nil {
			return fmt.Errorf("assign in the register: %w", err)
		}
		if was.ID != seen {
			return inbox.ErrChanged
		}
		if out, err = r.assign(ctx, tx, v, e.ID, e.Book, office, class, h); err != nil {
			return err
		}
		if out.OfficeID == was.OfficeID && out.Class == was.Class {
			out = was // nothing changes, and nothing is written
			return nil
		}
		c := h.link("assignment", out.facts()...)
		out.Seq, out.Previous, out.Hash = c.seq, c.previous, c.hash
		if _, err := tx.NewInsert().Model(out).Exec(ctx); err != nil {
			return fmt.Errorf("assign in the register: %w", err)
		}
		if err := h.save(ctx, tx); err != nil {
			return err
		}
		r.tell(tx, w.c)
		return r.note(ctx, tx, v, w.c, e.MessageID, "register.assigned", map[string]any{"entry": e.ID, "number": e.Shown, "year": e.Year, "office": out.OfficeID, "class": out.Class})
	})
	return out, err
}

// Correct writes a typed number anew: another entry, which stands for the one before.
// That one is kept and shown. cmd.Version is not looked at, since entry says what the
// operator saw. Errors: as Enter, and InvalidError on "entry" own (numbers of the own
// register are never corrected, only annulled), annulled or corrected.
func (r *Register) Correct(ctx context.Context, v inbox.Viewer, entry int64, cmd Command) (*Entry, error) {
	if err := r.needOn(v); err != nil {
		return nil, err
	}
	old := new(Entry)
	if err := r.db.Read.NewSelect().Model(old).Where("re.id = ?", entry).Scan(ctx); err != nil {
		return nil, missing(err)
	}
	if old.Source != Theirs || r.set.Mode != External {
		return nil, &inbox.InvalidError{Field: "entry", Code: "own"}
	}
	composed, err := r.keepComposed(ctx, v, old.MessageID)
	if err != nil {
		return nil, err
	}
	var out *Entry
	err = r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e, h, w, err := r.locked(ctx, tx, v, entry)
		if err != nil {
			return err
		}
		cmd.MessageID = e.MessageID
		x := &entering{r: r, tx: tx, v: v, cmd: cmd, work: w, head: h, composed: composed, replaces: e}
		out, err = x.do(ctx)
		return err
	})
	return out, err
}
