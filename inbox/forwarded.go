package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/channels/pec"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/likeness"
)

// Forward is a citizen's mail that a colleague passed on to us: the offer to take
// the first writer for the person of the case (mail rule 81). Anybody can write
// anything into a mail, so that only a person accepts it.
type Forward struct {
	bun.BaseModel `bun:"table:forwards,alias:fw"`

	MessageID     int64 `bun:",pk"`
	CaseID        int64
	Kind          string // of the address: "email", "pec"
	Address       string
	Name          string
	Subject       string
	Found         string // "attached", "quoted"
	State         string // "open", "accepted", "refused"
	IdentityID    int64  // whom answers go to, once accepted
	CitizenBefore int64
	PersonBefore  string
	At            clock.Instant
	DecidedBy     int64
	DecidedAt     clock.Instant
	Known         string `bun:",scanonly"` // the name on file of whose address it is; where a case is viewed
}

// forwardedNote is the mail channel's remark that somebody passed a message on.
const forwardedNote = "forwarded"

// Who is the first writer in words: the name that the mail gives, or the address.
func (f *Forward) Who() string {
	if f.Name != "" {
		return f.Name
	}
	return f.Address
}

// offerForwarded notes whose mail a colleague passed on, where the case would
// else be the colleague's own.
func (f *filing) offerForwarded(r *reading, it *channels.Item, id *Identity, m *Message, c *Case) {
	if f.acc.Kind != "mail" || r.raw.Archive || len(it.Forwarded) == 0 || it.Auto != channels.NotAuto || !f.house.ours(it.From.Value) || f.roots[c.CitizenID] != f.roots[id.CitizenID] {
		return
	}
	for _, x := range it.Forwarded { // from hand to hand, the first who is none of us wrote it
		if x.From.Value == it.From.Value || f.house.ours(x.From.Value) || pec.Relays(x.From.Value) {
			continue
		}
		found := "quoted"
		if x.Attached {
			found = "attached"
		}
		f.forwards = append(f.forwards, &Forward{
			MessageID: m.ID, CaseID: c.ID, Kind: x.From.Kind, Address: x.From.Value, Name: likeness.Name(x.From.Display), Subject: x.Subject, Found: found, State: "open", At: f.tx.Now,
		})
		return
	}
}

// forwardsOf are the offers on cases, by message.
func (in *Inbox) forwardsOf(ctx context.Context, caseIDs []int64) (map[int64]*Forward, error) {
	var rows []*Forward
	of, args := db.In(caseIDs)
	err := in.db.Ask(ctx, `SELECT fw.*, COALESCE(r.name, '') AS known FROM forwards AS fw
		LEFT JOIN identities AS i ON i.kind = fw.kind AND i.scope = '' AND i.value = fw.address AND i.removed_at = 0 AND i.kind IN ('email','telegram','pec')
		LEFT JOIN citizens AS z ON z.id = i.citizen_id LEFT JOIN citizens AS r ON r.id = z.root_id WHERE fw.case_id IN (`+of+")", args, &rows)
	if err != nil {
		return nil, fmt.Errorf("forwarded mails of a case: %w", err)
	}
	out := make(map[int64]*Forward, len(rows))
	for _, f := range rows {
		f.Known = likeness.Name(f.Known)
		out[f.MessageID] = f
	}
	return out, nil
}

// TakeForwarded makes the first writer of a forwarded mail the person of its case:
// answers go to them from then on, and the colleague's message stays where it is.
// ErrChanged when it was decided, or when the case has another person by now.
func (in *Inbox) TakeForwarded(ctx context.Context, v Viewer, caseID, messageID int64) (*Case, error) {
	return in.decideForwarded(ctx, v, caseID, messageID, "open", func(ctx context.Context, tx *db.Tx, c *Case, fw *Forward) ([]Event, error) {
		x := Contact{Name: fw.Who(), Email: fw.Address, Source: "forwarded"}
		if fw.Kind == "pec" {
			x.Email, x.PEC = "", fw.Address
		}
		who, err := in.MeetTx(ctx, tx, v, x)
		if err != nil {
			return nil, err
		}
		name, err := rootName(ctx, tx, who.CitizenID)
		if err != nil {
			return nil, err
		}
		fw.State, fw.IdentityID, fw.CitizenBefore, fw.PersonBefore = "accepted", who.IdentityID, c.CitizenID, c.Person
		c.CitizenID, c.Person = who.CitizenID, name
		return []Event{NewEvent(tx, in.clock, "case.person", map[string]any{"from": fw.CitizenBefore, "to": c.CitizenID, "why": "forwarded"})}, nil
	})
}

// KeepForwarded leaves the colleague who forwarded a mail the person of the case.
func (in *Inbox) KeepForwarded(ctx context.Context, v Viewer, caseID, messageID int64) (*Case, error) {
	return in.decideForwarded(ctx, v, caseID, messageID, "open", func(_ context.Context, _ *db.Tx, _ *Case, fw *Forward) ([]Event, error) {
		fw.State = "refused"
		return nil, nil
	})
}

// UndoForwarded gives the case back to whom it had before TakeForwarded, and asks
// again. ErrChanged when the case has another person by now, or an answer went to
// the first writer.
func (in *Inbox) UndoForwarded(ctx context.Context, v Viewer, caseID, messageID int64) (*Case, error) {
	return in.decideForwarded(ctx, v, caseID, messageID, "accepted", func(ctx context.Context, tx *db.Tx, c *Case, fw *Forward) ([]Event, error) {
		n, err := tx.NewSelect().Table("deliveries").Where("case_id IN "+family+" AND identity_id = ? AND state <> 'cancelled'", c.ID, fw.IdentityID).Count(ctx)
		if err != nil {
			return nil, fmt.Errorf("answers to the first writer: %w", err)
		}
		same, err := holdsIdentity(ctx, tx, c.CitizenID, fw.IdentityID)
		if err != nil {
			return nil, err
		}
		if n > 0 || !same {
			return nil, ErrChanged
		}
		e := NewEvent(tx, in.clock, "case.person", map[string]any{"from": c.CitizenID, "to": fw.CitizenBefore, "why": "undone"})
		c.CitizenID, c.Person = fw.CitizenBefore, fw.PersonBefore
		fw.State, fw.IdentityID, fw.CitizenBefore, fw.PersonBefore = "open", 0, 0, ""
		return []Event{e}, nil
	})
}

// decideForwarded is the frame of what is decided on an offer that is in a state.
func (in *Inbox) decideForwarded(ctx context.Context, v Viewer, caseID, messageID int64, state string, decide func(context.Context, *db.Tx, *Case, *Forward) ([]Event, error)) (*Case, error) {
	return in.Change(ctx, v, caseID, 0, func(ctx context.Context, tx *db.Tx, c *Case) ([]Event, error) {
		if err := mayWork(v, c); err != nil {
			return nil, err
		}
		fw := new(Forward)
		if err := tx.NewSelect().Model(fw).Where("fw.message_id = ? AND fw.case_id IN "+family, messageID, c.ID).Scan(ctx); err != nil {
			return nil, notFound(err)
		}
		if fw.State != state {
			return nil, ErrChanged
		}
		events, err := decide(ctx, tx, c, fw)
		if err != nil {
			return nil, err
		}
		fw.DecidedBy, fw.DecidedAt = v.OperatorID, tx.Now
		if _, err := tx.NewUpdate().Model(fw).WherePK().Exec(ctx); err != nil {
			return nil, fmt.Errorf("decide on a forwarded mail: %w", err)
		}
		return events, nil
	})
}

func rootName(ctx context.Context, tx *db.Tx, citizenID int64) (name string, err error) {
	err = tx.NewRaw("SELECT r.name FROM citizens AS z JOIN citizens AS r ON r.id = z.root_id WHERE z.id = ?", citizenID).Scan(ctx, &name)
	return name, notFound(err)
}

func holdsIdentity(ctx context.Context, tx *db.Tx, citizenID, identityID int64) (bool, error) {
	var n int
	err := tx.NewRaw(`SELECT count(*) FROM identities AS i JOIN citizens AS a ON a.id = i.citizen_id JOIN citizens AS b ON b.root_id = a.root_id
		WHERE i.id = ? AND b.id = ?`, identityID, citizenID).Scan(ctx, &n)
	return n > 0, err
}

// passedOn is the identity of the first writer, where the message answered is a
// forwarded one that was taken for theirs; else 0.
func (o *optioning) passedOn(ctx context.Context) (identity int64, err error) {
	if o.answered == nil || !strings.Contains(o.answered.Notes, forwardedNote) {
		return 0, nil
	}
	err = o.in.db.Read.NewRaw("SELECT identity_id FROM forwards WHERE message_id = ? AND state = 'accepted'", o.answered.ID).Scan(ctx, &identity)
	if err = notFound(err); errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return identity, err
}
