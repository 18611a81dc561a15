package inbox

import (
	"context"
	"fmt"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// ReadMessageAgain parses the raw bytes of a filed message with the parser of
// today (mail rule 20). When it reads differently, what was shown before becomes
// a version and the files are replaced. It reports whether anything changed.
func (in *Inbox) ReadMessageAgain(ctx context.Context, v Viewer, messageID int64) (bool, error) {
	m, err := in.Message(ctx, v, messageID)
	if err != nil {
		return false, err
	}
	if err := in.mayReadAgain(ctx, v, m); err != nil {
		return false, err
	}
	if m.Direction != In || m.RawID == 0 || !m.ErasedAt.IsZero() {
		return false, &InvalidError{"message", "not_received"}
	}
	raw := new(Raw)
	if err := in.db.Read.NewSelect().Model(raw).Where("r.id = ?", m.RawID).Scan(ctx); err != nil {
		return false, notFound(err)
	}
	ch, _, ok := in.channels.Channel(raw.AccountID)
	if !ok {
		return false, &InvalidError{"account", "closed"}
	}
	rd, err := in.read(ctx, ch, raw)
	if err != nil {
		return false, err
	}
	i := itemOf(rd, m)
	if i < 0 {
		return false, &InvalidError{"message", "unreadable"}
	}
	return in.rereadMessage(ctx, v, m, rd, i)
}

// mayReadAgain asks the right to work on the message's case: to read it again
// changes what its office sees. What stands on no case is the system's alone.
func (in *Inbox) mayReadAgain(ctx context.Context, v Viewer, m *Message) error {
	if v.System {
		return nil
	}
	if m.CaseID == 0 {
		return ErrForbidden
	}
	c, err := findCase(ctx, in.db, v, m.CaseID)
	if err != nil {
		return err
	}
	return mayWork(v, c)
}

func itemOf(rd *reading, m *Message) int {
	for i := range rd.items {
		if rd.items[i].ExternalID == m.ExternalID || rd.items[i].EditOf == m.ExternalID {
			return i
		}
	}
	if len(rd.items) == 1 && rd.items[0].Kind == channels.Message {
		return 0
	}
	return -1
}

// rereading is one message that is read again.
type rereading struct {
	in *Inbox
	v  Viewer
	m  *Message
	rd *reading
	i  int
	it *channels.Item

	text  bool // what was written reads otherwise
	parts bool // the files do
	facts bool // what is known about it does: signatures, certification, remarks
}

// rereadMessage takes item i of a new reading for the message, where it differs.
func (in *Inbox) rereadMessage(ctx context.Context, v Viewer, m *Message, rd *reading, i int) (bool, error) {
	x := rereading{in: in, v: v, m: m, rd: rd, i: i, it: &rd.items[i]}
	if err := x.compare(ctx); err != nil {
		return false, fmt.Errorf("read a message again: %w", err)
	}
	if !x.text && !x.parts && !x.facts {
		return false, nil
	}
	err := in.db.Tx(ctx, x.replace)
	return err == nil, err
}

// compare holds the new reading against what is kept. What a list of revoked
// certificates or of authorities said when the message came is not lost for want of the
// list today.
func (x *rereading) compare(ctx context.Context) error {
	var old []*Part
	if err := x.in.db.Read.NewSelect().Model(&old).ExcludeColumn("data").Where("p.message_id = ?", x.m.ID).OrderExpr("p.ord").Scan(ctx); err != nil {
		return err
	}
	x.it.Signatures = keepChecks(x.m.SignedBy(), x.it.Signatures)
	if was := x.m.CertifiedBy(); was != nil && x.it.Certified != nil {
		x.it.Certified.Signature = keepCheck(was.Signature, x.it.Certified.Signature)
	}
	keepFileChecks(old, x.it.Parts, x.rd.facts[x.i].files)
	x.text = x.it.Subject != x.m.Subject || itemText(x.it) != x.m.Text || x.it.HTML != x.m.HTML
	x.parts = !sameParts(old, x.it.Parts, x.rd.facts[x.i].files)
	x.facts = x.m.Certified != stored(x.it.Certified, x.it.Certified != nil) || x.m.Notes != joinNotes(x.it) ||
		x.m.Signatures != stored(x.it.Signatures, len(x.it.Signatures) > 0)
	return nil
}

// sameParts reports whether the files are the ones that are kept, with all that is
// known of each. What the platform gives by a name counts by that: nobody knows its
// bytes while the message is read.
func sameParts(old []*Part, now []channels.Part, files []keptFile) bool {
	if len(old) != len(now) {
		return false
	}
	for i, p := range old {
		n := &now[i]
		if p.Remote != "" && p.Remote == n.Remote {
			if p.Kind != string(n.Kind) || p.Name != n.Name || p.Inside != n.Inside {
				return false
			}
			continue
		}
		if p.Kind != string(n.Kind) || p.Name != n.Name || p.Detected != n.Detected || p.Remote == "" && p.Problem != n.Problem || p.Preview != n.Preview ||
			p.Inside != n.Inside || p.Signatures != stored(n.Signatures, len(n.Signatures) > 0) || n.Remote == "" && n.Problem == "" && p.SHA256 != files[i].sha256 {
			return false
		}
	}
	return true
}

func (x *rereading) replace(ctx context.Context, tx *db.Tx) error {
	m, it := x.m, x.it
	seen := m.Version
	if x.text {
		old := &MessageVersion{MessageID: m.ID, Version: m.Version, Subject: m.Subject, Text: m.Text, HTML: m.HTML, RawID: m.RawID, At: tx.Now}
		if _, err := tx.NewInsert().Model(old).Exec(ctx); err != nil {
			return fmt.Errorf("keep the former reading: %w", err)
		}
	}
	if x.parts {
		if err := x.replaceParts(ctx, tx); err != nil {
			return fmt.Errorf("replace the files of a message: %w", err)
		}
	}
	now := *m // the transaction may be run again
	now.Version, now.Parts = m.Version+1, len(it.Parts)
	now.Subject, now.Text, now.HTML, now.Notes = it.Subject, itemText(it), it.HTML, joinNotes(it)
	now.Certified, now.Signatures = stored(it.Certified, it.Certified != nil), stored(it.Signatures, len(it.Signatures) > 0)
	res, err := tx.NewUpdate().Model(&now).Column("subject", "text", "html", "notes", "parts", "certified", "signatures", "version").WherePK().Where("version = ?", seen).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrChanged
	}
	if err := indexWords(ctx, tx, []searchRow{{m.ID, x.rd.facts[x.i].words}}); err != nil {
		return err
	}
	if _, err := tx.Send(ctx, x.in.registrar.ReadAgain(tx, m, &now)); err != nil {
		return fmt.Errorf("what must be registered: %w", err)
	}
	e := x.v.event(NewEvent(tx, x.in.clock, "message.read_again", map[string]any{"parser": x.rd.parser, "version": now.Version}))
	e.CaseID, e.CitizenID, e.MessageID = m.CaseID, m.CitizenID, m.ID
	return AppendEvents(ctx, tx, e)
}

// replaceParts takes the files of the new reading. One that was here already keeps its
// row's id, which links and the register name; and what was fetched from the platform
// stays as it is, since the platform may not give it again.
func (x *rereading) replaceParts(ctx context.Context, tx *db.Tx) error {
	var old []*Part
	if err := tx.NewSelect().Model(&old).Where("p.message_id = ?", x.m.ID).OrderExpr("p.ord").Scan(ctx); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model((*Part)(nil)).Where("message_id = ?", x.m.ID).Exec(ctx); err != nil {
		return err
	}
	f := &filing{in: x.in, tx: tx}
	m := *x.m
	f.addParts(&m, x.it, x.rd.facts[x.i].files)
	keepParts(old, f.parts)
	if err := insertAll(ctx, tx, f.parts); err != nil {
		return err
	}
	return x.in.askScans(ctx, tx, f.parts)
}

// keepParts finds for each new row the old one of the same file, the one in the same
// place first.
func keepParts(old, now []*Part) {
	taken, settled := map[*Part]bool{}, map[*Part]bool{}
	for _, inPlace := range []bool{true, false} {
		for _, n := range now {
			for _, o := range old {
				if settled[n] || taken[o] || inPlace && o.Ord != n.Ord || !sameFile(o, n) {
					continue
				}
				taken[o], settled[n] = true, true
				n.ID = o.ID
				if n.Remote != "" {
					n.Detected, n.Size, n.SHA256, n.Data, n.State, n.Problem = o.Detected, o.Size, o.SHA256, o.Data, o.State, o.Problem
					n.Preview, n.Signatures, n.Attempts, n.NextAt = o.Preview, o.Signatures, o.Attempts, o.NextAt
				}
			}
		}
	}
}

func sameFile(o, n *Part) bool {
	if n.Remote != "" || o.Remote != "" {
		return n.Remote == o.Remote
	}
	return n.SHA256 != "" && n.SHA256 == o.SHA256
}
