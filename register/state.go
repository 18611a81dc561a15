package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// State is where a message stands with the register.
type State string

// The states. A message without a row is NotNeeded: nobody asked for it.
const (
	NotNeeded  State = "not_needed"
	Due        State = "due"
	Registered State = "registered"
)

// The rules by which a message is due, as the reason of its state.
const (
	ByChannel = "channel"
	ByRule    = "rule" // of the router
	ByKind    = "kind"
	ByOffice  = "office"
)

// Standing is where a message stands, since when, and who or what said so.
type Standing struct {
	bun.BaseModel `bun:"table:register_states,alias:rs"`

	MessageID int64 `bun:",pk"`
	State     State
	Reason    string // an operator's words; of a rule ByChannel, ByRule, ByKind, ByOffice
	EntryID   int64  // the last entry of it, also one that was annulled
	SinceBy   int64  // the operator; 0 for a rule
	SinceAt   clock.Instant
	Version   int64

	Entry *Entry `bun:"-"` // filled by Standings where there is one
	// Annulled is set when Entry is no longer in force.
	Annulled bool `bun:"-"`
}

// Standings are those of messages, by message; messages that nobody asked for are
// left out. The caller has checked the right to see the messages.
func (r *Register) Standings(ctx context.Context, messages []int64) (map[int64]*Standing, error) {
	if !r.On() || len(messages) == 0 {
		return nil, nil
	}
	of, args := db.In(messages)
	var rows []*Standing
	if err := r.db.Ask(ctx, "SELECT rs.* FROM register_states AS rs WHERE rs.message_id IN ("+of+")", args, &rows); err != nil {
		return nil, fmt.Errorf("standings with the register: %w", err)
	}
	out := make(map[int64]*Standing, len(rows))
	byEntry := map[int64]*Standing{}
	var ids []int64
	for _, s := range rows {
		out[s.MessageID] = s
		if s.EntryID > 0 {
			ids, byEntry[s.EntryID] = append(ids, s.EntryID), s
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	of, args = db.In(ids)
	var entries []*Entry
	if err := r.db.Ask(ctx, "SELECT re.* FROM register_entries AS re WHERE re.id IN ("+of+")", args, &entries); err != nil {
		return nil, fmt.Errorf("standings with the register: %w", err)
	}
	var annulled []int64
	if err := r.db.Ask(ctx, "SELECT entry_id FROM register_annulments WHERE entry_id IN ("+of+")", args, &annulled); err != nil {
		return nil, fmt.Errorf("standings with the register: %w", err)
	}
	for _, e := range entries {
		byEntry[e.ID].Entry = e
	}
	for _, id := range annulled {
		byEntry[id].Annulled = true
	}
	return out, nil
}

// mostReason bounds an operator's words.
const mostReason = 500

// Decide says of a message that it must be registered, or need not be; the latter
// needs a reason. version is that of the Standing that the operator saw, 0 for none.
// Errors: ErrNotFound, ErrForbidden, ErrChanged, InvalidError on "reason" and, for
// one that bears a number, on "message".
func (r *Register) Decide(ctx context.Context, v inbox.Viewer, messageID int64, to State, reason string, version int64) (*Standing, error) {
	if err := r.needOn(v); err != nil {
		return nil, err
	}
	reason = strings.Join(strings.Fields(reason), " ")
	switch {
	case to != Due && to != NotNeeded:
		return nil, &inbox.InvalidError{Field: "state", Code: "unknown"}
	case to == NotNeeded && reason == "":
		return nil, &inbox.InvalidError{Field: "reason", Code: "required"}
	case len([]rune(reason)) > mostReason:
		return nil, &inbox.InvalidError{Field: "reason", Code: "too_long"}
	}
	var out *Standing
	err := r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		w, err := r.work(ctx, tx, v, messageID)
		if err != nil {
			return err
		}
		switch {
		case w.stand.Version != version:
			return inbox.ErrChanged
		case w.stand.State == Registered:
			return &inbox.InvalidError{Field: "message", Code: "registered"}
		}
		s := &w.stand
		s.State, s.Reason, s.SinceBy = to, reason, v.OperatorID
		if err := w.save(ctx, tx); err != nil {
			return err
		}
		out = s
		r.tell(tx, w.c)
		return r.note(ctx, tx, v, w.c, messageID, "register."+string(to), map[string]any{"reason": reason})
	})
	return out, err
}

// work is a message that somebody decides on, with its case and its standing.
type work struct {
	m     *inbox.Message
	c     *inbox.Case
	stand Standing
}

// work reads a message for a command, and locks its standing. Whoever may see the
// case and is of its office, or works in a front office, may decide: that is who
// works in the office of the register.
func (r *Register) work(ctx context.Context, tx *db.Tx, v inbox.Viewer, messageID int64) (*work, error) {
	w := &work{m: new(inbox.Message), c: new(inbox.Case)}
	read := tx.NewSelect().Model(w.m).Where("m.id = ?", messageID)
	if tx.Postgres { // nobody erases it meanwhile
		read = read.For("SHARE")
	}
	if err := read.Scan(ctx); err != nil {
		return nil, missing(err)
	}
	where, args := v.SeesCases("c")
	if err := tx.NewSelect().Model(w.c).Where("c.id = ?", w.m.CaseID).Where(where, args...).Scan(ctx); err != nil {
		return nil, missing(err)
	}
	switch {
	case !MayRegister(v, w.c):
		return nil, inbox.ErrForbidden
	case w.m.Direction == inbox.Note || w.m.Origin == inbox.FromAutomation:
		return nil, &inbox.InvalidError{Field: "message", Code: "no_document"}
	case w.m.ErasedAt > 0:
		return nil, inbox.ErrNotFound
	}
	lock := "SELECT rs.* FROM register_states AS rs WHERE rs.message_id = ?"
	if tx.Postgres {
		lock += " FOR UPDATE"
	}
	err := tx.NewRaw(lock, messageID).Scan(ctx, &w.stand)
	if errors.Is(err, sql.ErrNoRows) {
		w.stand, err = Standing{MessageID: messageID, State: NotNeeded}, nil
	}
	return w, err
}

// MayRegister reports whether the viewer, who may see the case, may enter its
// messages in the register and decide about them.
func MayRegister(v inbox.Viewer, c *inbox.Case) bool {
	return v.System || v.Member(c.OfficeID) || v.FrontDesk
}

// save writes the standing under a new version. Two that write the first at the same
// moment meet at the primary key: the second is ErrChanged.
func (w *work) save(ctx context.Context, tx *db.Tx) error {
	w.stand.Version++
	w.stand.SinceAt = tx.Now
	res, err := tx.NewInsert().Model(&w.stand).On("CONFLICT (message_id) DO UPDATE").
		Set("state = EXCLUDED.state, reason = EXCLUDED.reason, entry_id = EXCLUDED.entry_id, since_by = EXCLUDED.since_by, since_at = EXCLUDED.since_at, version = EXCLUDED.version").
		Where("rs.version = ?", w.stand.Version-1).Exec(ctx)
	if err != nil {
		return fmt.Errorf("write a standing with the register: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		if err != nil {
			return err
		}
		return inbox.ErrChanged
	}
	return nil
}

// missing turns "no rows" into ErrNotFound.
func missing(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return inbox.ErrNotFound
	}
	return err
}
