package register

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/db"
)

// Rule says which messages must be registered. It is the inbox's Registrar: the
// inbox asks it for statements in the transaction that writes messages, and sends
// them after those. So no message can be written and its duty missed, which a fold
// of events that follows later could do for one that was committed out of order.
// The database itself evaluates them, since case and office are known there.
type Rule struct{ set Settings }

// NewRule makes the rule of the municipality's choices.
func NewRule(set Settings) *Rule { return &Rule{set} }

// Written are the statements that follow the writing of messages; none where it is
// known that nothing asks for them, as with most answers.
func (r *Rule) Written(tx *db.Tx, messages []*inbox.Message, on *inbox.Case) []string {
	if !r.on() {
		return nil
	}
	var ids, certain []int64
	for _, m := range messages {
		if m.CaseID == 0 || m.Direction == inbox.Note || m.Origin == inbox.FromAutomation {
			continue
		}
		if r.channel(m) {
			certain = append(certain, m.ID)
		}
		ids = append(ids, m.ID)
	}
	if len(ids) == 0 || (len(certain) == 0 && on != nil && !r.mayAsk(on)) {
		return nil
	}
	return r.statement(tx, certain, "m.id IN (?)", bun.List(ids))
}

// ReadAgain are the statements that follow a better reading of a message: it is due by
// its channel now and was not, as where a signature was wrongly found broken. What was
// due by its channel all the while is not asked: it was dealt with as it was chosen then.
func (r *Rule) ReadAgain(tx *db.Tx, was, now *inbox.Message) []string {
	if !r.on() || now.CaseID == 0 || r.channel(was) || !r.channel(now) {
		return nil
	}
	return r.statement(tx, []int64{now.ID}, "m.id = ?", now.ID)
}

// Classified are the statements that follow a change of the kind or the office of a
// case: its messages may have become due.
func (r *Rule) Classified(tx *db.Tx, caseID int64) []string {
	if !r.on() || !r.byCase() {
		return nil
	}
	return r.statement(tx, nil, "m.case_id = ?", caseID)
}

// Keeps reports whether a message is in the register, was once, or must be: it is a
// public record then (DPR 445/2000 art. 53), also where no register is kept any more.
func (r *Rule) Keeps(ctx context.Context, q bun.IDB, messageID int64) (bool, error) {
	n, err := q.NewSelect().Model((*Standing)(nil)).Where("rs.message_id = ? AND (rs.state <> 'not_needed' OR rs.entry_id > 0)", messageID).Count(ctx)
	if err != nil {
		return false, fmt.Errorf("whether the register keeps a message: %w", err)
	}
	return n > 0, nil
}

func (r *Rule) on() bool { return r.set.Mode == Builtin || r.set.Mode == External }

// byCase reports whether there are choices that look at the kind or the office of a case.
func (r *Rule) byCase() bool { return len(r.set.Kinds) > 0 || len(r.set.Offices) > 0 }

// mayAsk reports whether anything about a case may ask for what is on it.
func (r *Rule) mayAsk(c *inbox.Case) bool {
	return c.RegisterRule > 0 || c.RegisterKin > 0 || slices.Contains(r.set.Kinds, string(c.Kind)) || len(r.set.Offices) > 0
}

// channel reports whether a message is due by its channel alone. Mail in a certified
// mailbox that no provider certifies is not: neither an anomaly nor a provider's own
// notices come from a digital domicile (CAD art. 40-bis), and neither does what only
// looks like a certified message: its signature does not hold, is missing or cannot be
// read, or does not say of what it covers that it is one. Somebody looks at such a
// message, which opens a case of its own with a warning, and may register it. One whose
// certificate could not be verified is due: the duty does not hang on our list of authorities.
func (r *Rule) channel(m *inbox.Message) bool {
	if !slices.Contains(r.set.Channels, m.Channel) {
		return false
	}
	if m.Channel != "pec" || m.Direction != inbox.In {
		return true
	}
	c := m.Certification()
	return c == inbox.CertifiedProven || c == inbox.CertifiedUnproven
}

// statement marks the messages for which a rule holds and of which nothing was said
// yet. certain are due whatever their case. Left out is what was on record before
// this program looked at the mailbox, and, where only the case speaks for it, what a
// robot wrote.
func (r *Rule) statement(tx *db.Tx, certain []int64, which string, arg any) []string {
	if len(certain) == 0 {
		certain = []int64{0} // no message has it
	}
	const q = `INSERT INTO register_states (message_id, state, reason, since_at)
		SELECT x.id, 'due', x.reason, ? FROM (
			SELECT m.id, CASE WHEN m.id IN (?) THEN 'channel' WHEN m.auto <> '' THEN '' WHEN c.register_rule > 0 OR c.register_kin > 0 THEN 'rule' WHEN c.kind IN (?) THEN 'kind' WHEN o.key IN (?) THEN 'office' ELSE '' END AS reason
			FROM messages AS m JOIN cases AS c ON c.id = m.case_id JOIN offices AS o ON o.id = c.office_id
			WHERE m.direction <> 'note' AND m.origin <> 'automation' AND m.erased_at = 0
			AND NOT EXISTS (SELECT 1 FROM raws AS r WHERE r.id = m.raw_id AND r.archive) AND `
	const end = `) AS x WHERE x.reason <> '' ON CONFLICT (message_id) DO NOTHING`
	return []string{tx.NewRaw(q+which+end, tx.Now, bun.List(certain), someOf(r.set.Kinds), someOf(r.set.Offices), arg).String()}
}

// someOf is a list for IN, which must not be empty.
func someOf(list []string) any {
	if len(list) == 0 {
		list = []string{""}
	}
	return bun.List(list)
}
