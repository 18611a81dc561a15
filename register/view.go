package register

import (
	"context"
	"fmt"
	"io"

	"filodiretto/channels/mail/segnatura"
	"filodiretto/inbox"
	"filodiretto/internal/db"
)

// View is all that there is of one entry.
type View struct {
	Line        *Line
	Documents   []*Document
	Assignments []*Assignment // newest first
	Annulment   *Annulment    // nil while it is in force
	Earlier     []*Line       // the entries for which this one stands, newest first
	Later       *Line         // the entry that stands for this one
	// What the viewer may do.
	MayAssign, MayAnnul, MayCorrect bool
}

// View reads an entry. Who may not see its case sees number, day, direction and that
// it was annulled; documents, reasons and names are then left out. ErrNotFound.
func (r *Register) View(ctx context.Context, v inbox.Viewer, id int64) (*View, error) {
	if err := r.needReader(v); err != nil {
		return nil, err
	}
	l, err := r.line(ctx, v, "re.id = ?", id)
	if err != nil {
		return nil, err
	}
	x := &View{Line: l}
	if l.Annulled {
		if x.Annulment, err = db.AskOne[Annulment](ctx, r.db, "SELECT rx.* FROM register_annulments AS rx WHERE rx.entry_id = ?", []any{id}); err != nil {
			return nil, fmt.Errorf("read an entry: %w", err)
		}
	}
	if l.Veiled {
		if x.Annulment != nil {
			x.Annulment.Reason, x.Annulment.Act, x.Annulment.Operator, x.Annulment.OperatorID = "", "", "", 0
		}
		return x, nil
	}
	if x.Documents, err = r.documentsOf(ctx, id); err != nil {
		return nil, err
	}
	if err := r.db.Ask(ctx, "SELECT ra.* FROM register_assignments AS ra WHERE ra.entry_id = ? ORDER BY ra.seq DESC", []any{id}, &x.Assignments); err != nil {
		return nil, fmt.Errorf("read an entry: %w", err)
	}
	if err := r.corrections(ctx, v, x); err != nil {
		return nil, err
	}
	return x, r.rights(ctx, v, x)
}

// line reads one entry as a line of a list.
func (r *Register) line(ctx context.Context, v inbox.Viewer, where string, arg any) (*Line, error) {
	q, args := lineColumns(r.db, v)
	l, err := db.AskOne[Line](ctx, r.db, q+" WHERE "+where, append(args, arg))
	if err != nil {
		if err = missing(err); err != inbox.ErrNotFound {
			err = fmt.Errorf("read an entry: %w", err)
		}
		return nil, err
	}
	l.veil()
	return l, nil
}

// corrections are the entries before and after, where a typed number was corrected.
func (r *Register) corrections(ctx context.Context, v inbox.Viewer, x *View) error {
	for id := x.Line.ReplacesID; id > 0 && len(x.Earlier) < mostListed; {
		l, err := r.line(ctx, v, "re.id = ?", id)
		if err != nil {
			return err
		}
		x.Earlier = append(x.Earlier, l)
		id = l.ReplacesID
	}
	if !x.Line.Corrected {
		return nil
	}
	var err error
	x.Later, err = r.line(ctx, v, "re.replaces_id = ?", x.Line.ID)
	return err
}

func (r *Register) rights(ctx context.Context, v inbox.Viewer, x *View) error {
	if x.Line.Annulled || x.Line.Corrected {
		return nil
	}
	c, err := r.inbox.CaseByID(ctx, v, x.Line.CaseID)
	if err != nil {
		return err
	}
	x.MayAssign = MayRegister(v, c)
	x.MayCorrect = x.MayAssign && x.Line.Source == Theirs && r.set.Mode == External
	if !x.MayAssign {
		return nil
	}
	x.MayAnnul, err = mayAnnul(ctx, r.db.Read, v, c.OfficeID)
	return err
}

// OpenDocument opens what is kept for the register alone: the text of a message that
// was composed here. Other documents are opened as the message and the files that
// they are. ErrNotFound, also for who may not see the case.
func (r *Register) OpenDocument(ctx context.Context, v inbox.Viewer, entry int64, ord int) (*Document, io.ReadCloser, error) {
	x, err := r.View(ctx, v, entry)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range x.Documents {
		if d.Ord != ord || d.What != Composed {
			continue
		}
		f, err := r.blobs.Open(ctx, d.SHA256)
		if err != nil {
			return nil, nil, fmt.Errorf("open a registered document: %w", err)
		}
		return d, f, nil
	}
	return nil, nil, inbox.ErrNotFound
}

// Segnatura reads the registration at the body that sent a message out of its files;
// nil when there is none that can be read. It opens a file only when its name says
// that it may be one.
func (r *Register) Segnatura(ctx context.Context, v inbox.Viewer, parts []*inbox.Part) (*segnatura.Record, error) {
	if !r.On() {
		return nil, nil
	}
	for _, p := range parts {
		if p.State != "stored" || p.Size > segnatura.MaxSize || !segnatura.IsName(p.Name) {
			continue
		}
		b, err := r.read(ctx, v, p.ID)
		if err != nil {
			return nil, err
		}
		if rec, err := segnatura.Parse(b); err == nil {
			return rec, nil
		}
	}
	return nil, nil
}

func (r *Register) read(ctx context.Context, v inbox.Viewer, part int64) ([]byte, error) {
	_, f, err := r.inbox.OpenPart(ctx, v, part)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, segnatura.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read a segnatura: %w", err)
	}
	return b, nil
}
