package inbox

import (
	"context"
	"fmt"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/textfold"
)

// AtOnce as the Undo of a ReplyCommand leaves no time to take the answer back.
const AtOnce = time.Duration(-1)

// Bounds of one answer.
const (
	mostRecipients = 20
	mostFiles      = 20
	mostText       = 100_000 // characters
	mostSubject    = 250
	mostUndo       = 10 * time.Minute
)

// ReplyCommand is one answer to a citizen. Recipients are always said in full:
// nothing is added from headers or from another case (inbox.md 4.5).
type ReplyCommand struct {
	CaseID    int64
	SeenInID  int64 // Case.LastInID as the page showed it: what the operator answers to
	SeenID    int64 // Case.LastMessageID as shown, so that a colleague's answer stops this one; 0 does not look
	Version   int64 // Case.Version as shown; 0 does not look
	AccountID int64 // from which it goes out
	To, Cc    []Recipient
	Subject   string // mail only; empty takes that of the message answered
	Text      string
	Files     []FileRef
	Template  string // key of the text that was used, for statistics
	Waiting   bool   // the citizen must do something now
	Undo      time.Duration
	// IdempotencyKey makes a repeated command return the first one's answer.
	IdempotencyKey string
	Override       bool // send although something newer is there
}

// Recipient is a known identity, or an e-mail address that was typed in.
type Recipient struct {
	IdentityID int64  `json:"identity,omitempty"`
	Address    string `json:"address,omitempty"`
	Display    string `json:"display,omitempty"`
	// Confirmed says that the operator was asked about a recipient whom the
	// case has never seen, and wants it.
	Confirmed bool `json:"confirmed,omitempty"`
}

// FileRef names a file in the blob store that goes out with a message.
type FileRef struct {
	SHA256 string `json:"sha256"`
	Name   string `json:"name"`
	Type   string `json:"type"` // as the bytes say, where they say anything
	Size   int64  `json:"size"`
}

// Reply is what became of a ReplyCommand.
type Reply struct {
	Message    *Message
	Deliveries []*Delivery
	UndoUntil  clock.Instant // until when UndoReply can take it back
	Repeated   bool          // the idempotency key was used before: nothing new was made
}

// NewerError stops an answer that was written without knowledge of something
// newer (mail rule 70). It is an ErrChanged.
type NewerError struct{ Messages []*Message }

// Error says how many messages are newer.
func (e *NewerError) Error() string {
	return fmt.Sprintf("%d newer messages on the case", len(e.Messages))
}

// Unwrap makes it an ErrChanged.
func (e *NewerError) Unwrap() error { return ErrChanged }

// UnseenError asks the operator to confirm recipients whom the case has never
// seen. It is an ErrInvalid.
type UnseenError struct{ Recipients []channels.Address }

// Error says how many, not whom.
func (e *UnseenError) Error() string {
	return fmt.Sprintf("%d recipients new to the case need a confirmation", len(e.Recipients))
}

// Unwrap makes it an ErrInvalid.
func (e *UnseenError) Unwrap() error { return ErrInvalid }

// Reply queues an answer of the case's own office: message, parts, one delivery for each recipient, the
// case and the draft change in one transaction, or nothing does. Errors:
// ErrNotFound, ErrForbidden, *InvalidError (with field and code), *UnseenError,
// *NewerError, ErrChanged.
func (in *Inbox) Reply(ctx context.Context, v Viewer, cmd ReplyCommand) (*Reply, error) {
	if v.OperatorID == 0 && !v.System {
		return nil, ErrForbidden
	}
	if err := cmd.check(); err != nil {
		return nil, err
	}
	files, err := in.prepareFiles(ctx, cmd.Files)
	if err != nil {
		return nil, err
	}
	index := textfold.Words(cmd.Subject + "\n" + cmd.Text + fileNames(files))
	var out *Reply
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		r := &replying{in: in, tx: tx, v: v, cmd: cmd, files: files, index: index}
		var err error
		out, err = r.do(ctx)
		return err
	})
	return out, err
}

// replying is the transaction of one answer.
type replying struct {
	in    *Inbox
	tx    *db.Tx
	v     Viewer
	cmd   ReplyCommand
	files []preparedFile
	index []string

	c        *Case
	acc      *Account
	fromName string
	answered *Message // nil when the citizen never wrote, as after a visit
	to       []target
	msg      *Message
	ds       []*Delivery

	statements []string // that are sent at the end, in one journey
}

func (r *replying) do(ctx context.Context) (*Reply, error) {
	c, err := lockCase(ctx, r.tx, r.v, r.cmd.CaseID)
	if err != nil {
		return nil, err
	}
	r.c = c
	key, first, err := r.in.repeated(ctx, r.tx, r.v, "reply", r.cmd.IdempotencyKey, r.cmd.hash())
	if err != nil || first > 0 {
		return r.again(ctx, first, err)
	}
	for _, step := range []func(context.Context) error{
		r.checkCase, r.checkNewer, r.loadAnswered, r.loadAccount, r.loadTargets, r.checkTargets, r.write, r.saveCase,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	if key != "" {
		r.statements = append(r.statements, inserts(r.tx, []*messageKey{{Key: key, MessageID: r.msg.ID}})...)
	}
	if _, err := r.tx.Send(ctx, r.statements); err != nil {
		return nil, fmt.Errorf("write an answer: %w", err)
	}
	return &Reply{Message: r.msg, Deliveries: r.ds, UndoUntil: r.ds[0].NextAt}, nil
}

// again answers a repeated command with what the first one made.
func (r *replying) again(ctx context.Context, first int64, err error) (*Reply, error) {
	if err != nil {
		return nil, err
	}
	out := &Reply{Message: new(Message), Repeated: true}
	if err := r.tx.NewSelect().Model(out.Message).Where("m.id = ? AND m.case_id = ?", first, r.c.ID).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	err = r.tx.NewSelect().Model(&out.Deliveries).Where("d.message_id = ?", first).OrderExpr("d.id").Scan(ctx)
	for _, d := range out.Deliveries {
		out.UndoUntil = max(out.UndoUntil, d.NextAt)
	}
	return out, err
}

func (r *replying) checkCase(context.Context) error {
	if err := mayWork(r.v, r.c); err != nil {
		return err
	}
	switch {
	case r.c.MergedInto != 0:
		return &InvalidError{"case", "merged"}
	case r.cmd.Version != 0 && r.cmd.Version != r.c.Version && !r.cmd.Override:
		return ErrChanged
	}
	return nil
}

// undo is for how long the answer can be taken back.
func (r *replying) undo() time.Duration {
	switch {
	case r.cmd.Undo < 0:
		return 0
	case r.cmd.Undo == 0:
		return r.in.set.Undo
	}
	return min(r.cmd.Undo, mostUndo)
}

// saveCase brings the case up to date: it is read, somebody's, and, when the
// operator says so, waits for the citizen. Where the citizen wrote last stays.
func (r *replying) saveCase(ctx context.Context) error {
	c := r.c
	was := replyUndo{
		Status: c.Status, Assignee: c.AssigneeID, Unread: c.Unread, ClosedAt: c.ClosedAt, SnoozedUntil: c.SnoozedUntil,
		Outcome: c.Outcome, Version: c.Version + 1,
	}
	events := []Event{NewEvent(r.tx, r.in.clock, "message.sent", map[string]any{
		"account": r.acc.Key, "channel": r.acc.Kind, "recipients": len(r.ds), "template": r.cmd.Template, "files": len(r.files),
		"override": r.cmd.Override, "undo_until": r.ds[0].NextAt, "was": was,
	})}
	events[0].MessageID = r.msg.ID
	if c.AssigneeID == 0 && r.v.Member(c.OfficeID) {
		c.AssigneeID = r.v.OperatorID
		events = append(events, NewEvent(r.tx, r.in.clock, "case.assigned", map[string]any{"from": 0, "to": c.AssigneeID, "how": "reply"}))
	}
	if r.cmd.Waiting && c.Status != Waiting {
		kind := "case.status"
		if c.Status == Closed {
			kind = "case.reopened"
		}
		events = append(events, NewEvent(r.tx, r.in.clock, kind, map[string]any{"from": c.Status, "to": Waiting}))
		c.Status, c.ClosedAt, c.SnoozedUntil, c.Outcome = Waiting, 0, 0, ""
	}
	c.Unread = false
	c.LastAt, c.LastMessageID, c.Channel, c.Snippet = r.tx.Now, r.msg.ID, r.acc.Kind, snippet(r.cmd.Text)
	if r.v.OperatorID > 0 {
		r.statements = append(r.statements, draftDeletion(r.tx, c.ID, r.v.OperatorID, ReplyDraft))
	}
	r.statements = append(r.statements, r.in.caseStatements(r.tx, r.v, c, events)...)
	return r.in.wake.Deliver(ctx, r.tx, r.acc.ID, r.ds[0].NextAt)
}
