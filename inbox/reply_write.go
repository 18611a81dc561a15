package inbox

import (
	"context"
	"fmt"
	"strings"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// write makes the message, its parts and its deliveries. The Message-ID is
// fixed now and the same on every try (mail rule 65); the undo time is the
// first NextAt of the rows and nothing else (mail rule 68).
func (r *replying) write(ctx context.Context) error {
	m := &Message{
		ID: db.NewID(r.in.clock), CaseID: r.c.ID, CitizenID: r.c.CitizenID, OperatorID: r.v.OperatorID, AccountID: r.acc.ID,
		Channel: r.acc.Kind, Direction: Out, Origin: FromOperator, Kind: "message", Sender: r.fromName,
		Text: r.cmd.Text, BodyHash: r.cmd.hash(), Version: 1, Parts: len(r.files), At: r.tx.Now, SentAt: r.tx.Now,
	}
	if r.answered != nil {
		m.AnswersID, m.Lang = r.answered.ID, r.answered.Lang
	}
	if isMail(r.acc.Kind) {
		m.ExternalID = r.in.sign.MessageID(m.ID)
		m.Subject = r.subject()
	}
	if err := r.address(ctx, m); err != nil {
		return err
	}
	if err := r.in.dress(ctx, r.tx, r.c, m); err != nil {
		return err
	}
	r.msg = m
	r.ds = r.in.deliveries(m, r.to, r.tx.Now, r.tx.Now.Add(r.undo()))
	if err := queueBehind(ctx, r.tx, r.ds...); err != nil {
		return err
	}
	r.statements = append(r.in.messageStatements(r.tx, m, r.files, r.index), inserts(r.tx, r.ds)...)
	r.statements = append(r.statements, r.in.registrar.Written(r.tx, []*Message{m}, r.c)...)
	return nil
}

// deliveries makes the rows of a message, one for each recipient.
func (in *Inbox) deliveries(m *Message, to []target, now, at clock.Instant) []*Delivery {
	ds := make([]*Delivery, len(to))
	for i, t := range to {
		ds[i] = &Delivery{
			ID: db.NewID(in.clock), MessageID: m.ID, CaseID: m.CaseID, AccountID: m.AccountID, Role: t.role,
			Kind: t.address.Kind, Scope: t.address.Scope, Address: t.address.Value, Display: t.address.Display,
			State: Queued, NextAt: at, ExpiresAt: at.Add(in.set.MailMaxAge), CreatedAt: now, UpdatedAt: now,
		}
		if t.identity != nil {
			ds[i].IdentityID = t.identity.ID
		}
	}
	return ds
}

// queueBehind keeps the order of a chat: what is queued for somebody leaves no
// earlier than what waits for them already, for whatever reason. Mails have no
// order, and one that is refused for now must not hold up the others.
func queueBehind(ctx context.Context, tx *db.Tx, ds ...*Delivery) error {
	for _, d := range ds {
		if isAddress(d.Kind) {
			continue
		}
		var last clock.Instant
		err := tx.NewRaw("SELECT COALESCE(MAX(next_at), 0) FROM deliveries WHERE account_id = ? AND state = 'queued' AND kind = ? AND scope = ? AND address = ?",
			d.AccountID, d.Kind, d.Scope, d.Address).Scan(ctx, &last)
		if err != nil {
			return fmt.Errorf("look for what waits: %w", err)
		}
		d.NextAt = max(d.NextAt, last)
	}
	return nil
}

// insertMessage writes a message of ours with its files, and makes it findable.
func (in *Inbox) insertMessage(ctx context.Context, tx *db.Tx, m *Message, files []preparedFile, index []string) error {
	if _, err := tx.Send(ctx, in.messageStatements(tx, m, files, index)); err != nil {
		return fmt.Errorf("write a message: %w", err)
	}
	return nil
}

// messageStatements are those of insertMessage, for who has more to send with them.
func (in *Inbox) messageStatements(tx *db.Tx, m *Message, files []preparedFile, index []string) []string {
	parts := make([]*Part, len(files))
	for i, f := range files {
		parts[i] = &Part{
			ID: db.NewID(in.clock), MessageID: m.ID, Ord: i, Kind: string(channels.File), Name: f.Name,
			Claimed: f.Type, Detected: f.Type, Size: f.Size, SHA256: f.SHA256, State: "stored",
		}
	}
	out := append(inserts(tx, []*Message{m}), inserts(tx, parts)...)
	return append(out, indexing(tx, []searchRow{{m.ID, index}})...)
}

// subject follows the message answered and carries the case's token, so that
// also an answer whose mail program drops all references finds its case.
func (r *replying) subject() string {
	s := r.cmd.Subject
	if s == "" {
		s = replySubject(r.c, r.answered)
	}
	return withToken(s, r.in.sign.SubjectToken(r.c.Year, r.c.Number))
}

// replySubject is "Re: " and the subject of the answered message, else the case's.
func replySubject(c *Case, answered *Message) string {
	s := c.Subject
	if answered != nil && cleanSubject(answered.Subject) != "" {
		s = answered.Subject
	}
	if s = cleanSubject(s); len([]rune(s)) > mostSubject {
		s = string([]rune(s)[:mostSubject])
	}
	return "Re: " + s
}

func withToken(subject, token string) string {
	if strings.Contains(subject, "["+token+"]") {
		return subject
	}
	return strings.TrimSpace(subject) + " [" + token + "]"
}

// address fills what people see of the recipients and, where the channel has
// chats, the chat: that of the answered message when it came from this very
// recipient, else the one in which the recipient last wrote to this account.
func (r *replying) address(ctx context.Context, m *Message) error {
	var shown []channels.Address
	for _, t := range r.to {
		shown = append(shown, t.address)
	}
	m.Recipients = shownAddresses(shown)
	m.IdentityID = 0
	if r.to[0].identity != nil {
		m.IdentityID = r.to[0].identity.ID
	}
	if isMail(r.acc.Kind) {
		return nil
	}
	if a := r.answered; a != nil && a.AccountID == r.acc.ID && a.IdentityID == m.IdentityID && a.ThreadKey != "" {
		m.ThreadKey = a.ThreadKey
		return nil
	}
	key, err := lastThread(ctx, r.tx, r.to[0].identity, r.acc.ID)
	if err != nil {
		return err
	}
	if key == "" { // a bot cannot begin a conversation
		return &InvalidError{"to", "never_wrote_here"}
	}
	m.ThreadKey = key
	return nil
}

// lastThread is the chat in which an identity last wrote to an account.
func lastThread(ctx context.Context, tx *db.Tx, id *Identity, accountID int64) (string, error) {
	var key string
	err := tx.NewRaw(`SELECT thread_key FROM messages WHERE citizen_id = ? AND identity_id = ? AND account_id = ? AND direction = 'in' AND thread_key <> ''
		ORDER BY at DESC, id DESC LIMIT 1`, id.CitizenID, id.ID, accountID).Scan(ctx, &key)
	if err = notFound(err); err != nil && err != ErrNotFound {
		return "", fmt.Errorf("find the chat: %w", err)
	}
	return key, nil
}
