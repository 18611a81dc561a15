package inbox

import (
	"context"
	"fmt"
	"strings"

	"filodiretto/channels"
	"filodiretto/internal/cms"
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
	if i >= 0 && anothersNow(m, &rd.items[i]) {
		return false, nil
	}
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
	c, err := in.caseOf(ctx, v, m)
	if err != nil {
		return err
	}
	return mayWork(v, c)
}

// anothersNow reports whether a mail of an ordinary mailbox, taken for its provider's by
// a reader that opened no envelopes there, is certified mail to the reader of today. It
// stays as it was filed: its words are its citizen's, but its case, its person and what
// was answered are not, and a new reading changes none of these.
func anothersNow(m *Message, it *channels.Item) bool {
	return it.Certified != nil && m.Channel == "mail" && m.Certified == ""
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
	// same tells whether two handles of the platform lead to the same file.
	same func(a, b string) bool

	notes string // remarks, as they will stand

	proof bool // who vouches for it, or what our own mail server found of its sender
	text  bool // what was written reads otherwise
	parts bool // the files do
	facts bool // what is known about it does: signatures, certification, remarks
}

// rereadMessage takes item i of a new reading for the message, where it differs.
func (in *Inbox) rereadMessage(ctx context.Context, v Viewer, m *Message, rd *reading, i int) (bool, error) {
	x := rereading{in: in, v: v, m: m, rd: rd, i: i, it: &rd.items[i], same: in.sameFile(m.AccountID)}
	if err := x.compare(ctx); err != nil {
		return false, fmt.Errorf("read a message again: %w", err)
	}
	if !x.text && !x.parts && !x.facts {
		return false, in.keepRereadAuthorities(ctx, x.it.Certified)
	}
	err := in.db.Tx(ctx, x.replace)
	return err == nil, err
}

// compare holds the new reading against what is kept. What a list of revoked
// certificates or of authorities said when the message came is not lost for want of the
// list today.
func (x *rereading) compare(ctx context.Context) error {
	var old []*Part
	if err := x.in.db.Read.NewSelect().Model(&old).ExcludeColumn("data").Where("p.message_id = ? AND p.former = 0", x.m.ID).OrderExpr("p.ord").Scan(ctx); err != nil {
		return err
	}
	x.it.Signatures = keepChecks(x.m.SignedBy(), x.it.Signatures)
	if was := x.m.CertifiedBy(); was != nil && x.it.Certified != nil {
		x.it.Certified.Signature = keepCheck(was.Signature, x.it.Certified.Signature)
	}
	x.notes = joinNotes(x.it)
	if hasNote(x.m, SameIDNote) { // what came before it, no reading of its own bytes tells
		x.notes = strings.TrimLeft(x.notes+" "+SameIDNote, " ")
	}
	keepFileChecks(old, x.it.Parts, x.rd.facts[x.i].files)
	x.text = x.it.Subject != x.m.Subject || itemText(x.it) != x.m.Text || x.it.HTML != x.m.HTML
	x.parts = !sameParts(old, x.it.Parts, x.rd.facts[x.i].files, x.same)
	x.facts = x.m.Certified != stored(x.it.Certified, x.it.Certified != nil) || x.m.Notes != x.notes ||
		x.m.Signatures != stored(x.it.Signatures, len(x.it.Signatures) > 0)
	x.proof = proofOf(x.m.CertifiedBy(), x.m.SignedBy()) != proofOf(x.it.Certified, x.it.Signatures) ||
		x.m.Standing() != standing(senderAddress(x.m.Sender), strings.Fields(x.notes))
	return nil
}

// proofOf is who vouches for a message, and whether that holds, as two readings are held
// against each other: whoever answered on the one should know of the other.
func proofOf(c *channels.Certified, signatures []cms.Signature) string {
	var b strings.Builder
	if c != nil {
		fmt.Fprint(&b, c.Kind, " ", c.Sender, " ", c.Proven(), " ", c.Signature.Outcome)
	}
	for _, s := range signatures {
		fmt.Fprint(&b, "; ", s.Outcome, " ", s.Signer)
	}
	return b.String()
}

func (x *rereading) replace(ctx context.Context, tx *db.Tx) error {
	m, it := x.m, x.it
	seen, former := m.Version, x.text
	if x.parts {
		left, err := x.replaceParts(ctx, tx)
		if err != nil {
			return fmt.Errorf("replace the files of a message: %w", err)
		}
		former = former || left
	}
	if former {
		if err := insertAll(ctx, tx, []*MessageVersion{m.asVersion(tx.Now)}); err != nil {
			return fmt.Errorf("keep the former reading: %w", err)
		}
	}
	now := *m // the transaction may be run again
	now.Version, now.Parts = m.Version+1, len(it.Parts)
	now.Subject, now.Text, now.HTML, now.Notes = it.Subject, itemText(it), it.HTML, x.notes
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
	if it.Certified != nil {
		if err := keepAuthorities(ctx, tx, it.Certified.Signature); err != nil {
			return fmt.Errorf("keep its authority: %w", err)
		}
	}
	if _, err := tx.Send(ctx, x.in.registrar.ReadAgain(tx, m, &now)); err != nil {
		return fmt.Errorf("what must be registered: %w", err)
	}
	e := x.v.event(NewEvent(tx, x.in.clock, "message.read_again", map[string]any{"parser": x.rd.parser, "version": now.Version, "remarks": !x.text && !x.parts && !x.proof, "proof": x.proof}))
	e.CaseID, e.CitizenID, e.MessageID = m.CaseID, m.CitizenID, m.ID
	return AppendEvents(ctx, tx, e)
}
