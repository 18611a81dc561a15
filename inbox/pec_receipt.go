package inbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// CertifiedReceipt is a row of what a provider wrote about a message that was
// sent from a certified mailbox: one for each raw item and recipient that it
// speaks of. One about a letter that was sent from elsewhere has no message
// (mail rule 85). Whatever it says, only a proven one sets a state.
type CertifiedReceipt struct {
	bun.BaseModel `bun:"table:receipts,alias:rc"`

	ID         int64 `bun:",pk"`
	RawID      int64
	AccountID  int64
	Kind       string // the provider's word: "accettazione", "avvenuta-consegna", ...
	Outcome    string // what it means: "relayed", "delivered", "delayed", "failed"; "" for nothing
	MessageID  int64
	DeliveryID int64
	Recipient  string
	Proven     bool // the provider's signature holds
	Subject    string
	Certified  string        // as JSON: read it with CertifiedBy
	LegalAt    clock.Instant // the provider's time
	At         clock.Instant // when it was first read here
	// Sending is which leaving of the delivery it is about (Delivery.Sending), below 0
	// where it cannot be told. It is told of the receipts of one message only.
	Sending int `bun:"-"`
}

// CertifiedBy is what the provider states.
func (r *CertifiedReceipt) CertifiedBy() *channels.Certified { return certifiedOf(r.Certified) }

// isReceipt reports whether an item is a provider's receipt about something that
// was sent, and not ordinary mail about it.
func isReceipt(it *channels.Item) bool {
	return it.Kind == channels.Report && it.Certified != nil && !it.Certified.Envelope()
}

// applyReceipt keeps a receipt and brings it to the deliveries that it is about
// (mail rule 84). The same raw item may be applied again: it changes nothing a
// second time, and a better reading replaces the former rows.
func (in *Inbox) applyReceipt(ctx context.Context, tx *db.Tx, raw *Raw, it *channels.Item) error {
	x := receiving{in: in, tx: tx, raw: raw, it: it, c: it.Certified}
	var err error
	if x.message, err = in.receiptMessage(ctx, tx, raw.AccountID, x.c); err != nil {
		return fmt.Errorf("receipt: find its message: %w", err)
	}
	if err := keepAuthorities(ctx, tx, x.c.Signature); err != nil {
		return fmt.Errorf("receipt: keep its authority: %w", err)
	}
	if err := x.learn(ctx); err != nil {
		return fmt.Errorf("receipt: learn the envelope: %w", err)
	}
	if err := x.findSending(ctx); err != nil {
		return fmt.Errorf("receipt: find its submission: %w", err)
	}
	reports := it.Reports
	if len(reports) == 0 {
		reports = []channels.DeliveryReport{{MessageID: x.c.Original, Recipient: x.c.Recipient, At: x.c.At}}
	}
	for _, r := range reports {
		if err := x.one(ctx, r); err != nil {
			return fmt.Errorf("receipt: %w", err)
		}
	}
	if x.message == 0 {
		return nil
	}
	_, err = emptyAnswer(ctx, tx, x.message, raw.ID)
	return err
}

// receiving is one receipt on its way.
type receiving struct {
	in      *Inbox
	tx      *db.Tx
	raw     *Raw
	it      *channels.Item
	c       *channels.Certified
	message int64 // ours that it is about, 0 when none
	only    int64 // the delivery that was submitted by itself, 0 for all of the message
	sending int   // the leaving that it is about, unknownSending when it cannot be told
}

// receiptMessage finds which message of the account a receipt is about: by our
// signed Message-ID, else by the id that an acceptance gave to its envelope, else
// by the part of the Message-ID before the "@", if the recipient fits too (PEC
// reference sections 5.2 and 5.4). A receipt comes only to the mailbox that sent.
func (in *Inbox) receiptMessage(ctx context.Context, tx *db.Tx, account int64, c *channels.Certified) (int64, error) {
	if c.Elsewhere {
		return 0, nil
	}
	ask := func(where string, args ...any) (int64, error) {
		var found []int64
		err := tx.NewSelect().Table("messages").Column("id").Where("account_id = ? AND direction = 'out'", account).Where(where, args...).Scan(ctx, &found)
		if err != nil || len(found) == 0 {
			return 0, err
		}
		return found[0], nil
	}
	if n, ours := in.sign.ParseMessageID(c.Original); ours {
		return ask("id = ?", n)
	}
	if c.ID != "" {
		if id, err := ask("id = (SELECT message_id FROM message_keys WHERE key = ?)", envelopeKey(c.ID)); id != 0 || err != nil {
			return id, err
		}
	}
	if n, ours := in.sign.ParseMessageLocal(c.Original); ours {
		return ask("id = ? AND EXISTS (SELECT 1 FROM deliveries AS d WHERE d.message_id = messages.id AND d.address IN (?))", n, bun.List(addressees(c)))
	}
	return 0, nil
}

// addressees are all whom a receipt names as recipients; never none, since an
// empty list is no SQL.
func addressees(c *channels.Certified) []string {
	out := []string{c.Recipient}
	for _, r := range c.Recipients {
		out = append(out, r.Address)
	}
	return out
}

// envelopeKey is the key under which the id that a provider gave to an envelope
// leads to our message.
func envelopeKey(id string) string { return "pec:" + strings.ToLower(id) }

// learn keeps the id of the envelope that the recipient holds, which answers to
// it will cite, as a proven acceptance tells it (PEC reference section 5.3).
func (x *receiving) learn(ctx context.Context) error {
	if x.message == 0 || x.c.ID == "" || x.c.Kind != "accettazione" || !x.c.Proven() {
		return nil
	}
	_, err := x.tx.NewRaw("INSERT INTO message_keys (key, message_id) VALUES (?, ?) ON CONFLICT (key) DO NOTHING", envelopeKey(x.c.ID), x.message).Exec(ctx)
	return err
}

// one deals with what a receipt says of one recipient.
func (x *receiving) one(ctx context.Context, r channels.DeliveryReport) error {
	d, err := x.delivery(ctx, r.Recipient)
	if err != nil {
		return err
	}
	x.late(&r, d)
	row := &CertifiedReceipt{
		ID: db.NewID(x.in.clock), RawID: x.raw.ID, AccountID: x.raw.AccountID, Kind: x.c.Kind, Outcome: r.State, MessageID: x.message,
		Recipient: r.Recipient, Proven: x.c.Proven(), Subject: x.it.Subject, Certified: stored(x.c, true), LegalAt: x.c.At, At: x.tx.Now,
	}
	if d != nil {
		row.DeliveryID = d.ID
	}
	_, err = x.tx.NewInsert().Model(row).On(`CONFLICT (raw_id, recipient) DO UPDATE`).
		Set("kind = EXCLUDED.kind, outcome = EXCLUDED.outcome, message_id = EXCLUDED.message_id, delivery_id = EXCLUDED.delivery_id").
		Set("proven = EXCLUDED.proven, subject = EXCLUDED.subject, certified = EXCLUDED.certified, legal_at = EXCLUDED.legal_at").Exec(ctx)
	if err != nil {
		return err
	}
	if d == nil {
		return nil
	}
	switch {
	case !row.Proven:
		return x.told(ctx, d)
	case x.ofFormer(d):
		return x.proveFormer(ctx, d, r)
	}
	return x.prove(ctx, d, r)
}

// delivery finds the delivery to a recipient. A message with one recipient needs
// no name, nor does what was submitted for one delivery alone; where the receipt
// of such a one names somebody else, it is nobody's.
func (x *receiving) delivery(ctx context.Context, recipient string) (*Delivery, error) {
	if x.message == 0 {
		return nil, nil
	}
	var ds []*Delivery
	if err := x.tx.NewSelect().Model(&ds).Where("d.message_id = ?", x.message).OrderExpr("d.id").Scan(ctx); err != nil {
		return nil, err
	}
	for _, d := range ds {
		if x.only != 0 && d.ID != x.only {
			continue
		}
		if strings.EqualFold(d.Address, recipient) || recipient == "" && (len(ds) == 1 || x.only != 0) {
			return d, nil
		}
	}
	return nil, nil
}

// givenUp is how long after acceptance a notice of lateness is the second one,
// with which the provider gives up (PEC reference section 6).
const givenUp = 22 * time.Hour

// late tells the second notice of lateness, after a day, from the first, after
// half a day, by its time: both have the same word.
func (x *receiving) late(r *channels.DeliveryReport, d *Delivery) {
	if d == nil || x.ofFormer(d) || r.State != "delayed" || d.LegalSentAt == 0 || x.c.At == 0 || x.c.At.Sub(d.LegalSentAt) < givenUp {
		return
	}
	r.State, r.Permanent = "failed", true
	if r.Code == "" {
		r.Code = "5.4.1"
	}
}

// prove lets a receipt whose signature holds change a delivery. Its legal times
// are kept whatever the order in which receipts come.
func (x *receiving) prove(ctx context.Context, d *Delivery, r channels.DeliveryReport) error {
	sent, arrived := d.LegalSentAt, d.LegalArrivedAt
	switch x.c.Kind {
	case "accettazione":
		sent = x.c.At
	case "avvenuta-consegna":
		arrived = x.c.At
	}
	outside := d.Outside || r.External
	alarm := d.Alarm
	if r.State != "" && (r.State != "relayed" || alarm == NoAcceptance) {
		alarm = ""
	}
	_, err := x.tx.NewRaw("UPDATE deliveries SET legal_sent_at = ?, legal_arrived_at = ?, outside = ?, alarm = ?, updated_at = ? WHERE id = ?",
		sent, arrived, outside, alarm, x.tx.Now, d.ID).Exec(ctx)
	if err != nil {
		return err
	}
	settled := d.Alarm != "" && alarm == ""
	d.LegalSentAt, d.LegalArrivedAt, d.Outside, d.Alarm = sent, arrived, outside, alarm
	if r.State == "" {
		return x.told(ctx, d)
	}
	a := applying{in: x.in, tx: x.tx, raw: x.raw, r: r, d: d, sure: true, content: x.c.Error == "virus" || x.c.Kind == "non-accettazione"}
	if err := a.do(ctx); err != nil || !settled {
		return err
	}
	return x.in.refreshFlags(ctx, x.tx, d.CaseID)
}

// told lets open pages show a receipt that set nothing. The delivery's own row stays as
// it was: what proves nothing changes nothing.
func (x *receiving) told(ctx context.Context, d *Delivery) error {
	if d.CaseID == 0 {
		return nil
	}
	var office int64
	if err := x.tx.NewRaw("SELECT office_id FROM cases WHERE id = ?", d.CaseID).Scan(ctx, &office); err != nil {
		return notFound(err)
	}
	x.in.tellCase(x.tx, d.CaseID, office, "delivery")
	return nil
}

// loadCertifiedPlaces finds the messages of ours that citizens' answers cite by
// the id of the envelope they hold (PEC reference section 5.8).
func (f *filing) loadCertifiedPlaces(ctx context.Context, refs []string) error {
	if !isMail(f.acc.Kind) || len(refs) == 0 {
		return nil
	}
	keys := make([]string, len(refs))
	for i, ref := range refs {
		keys[i] = envelopeKey(ref)
	}
	var rows []struct {
		Key                   string
		ID, CaseID, AccountID int64
	}
	err := f.tx.NewRaw(`SELECT k.key, m.id, COALESCE(m.case_id, 0) AS case_id, m.account_id
		FROM message_keys AS k JOIN messages AS m ON m.id = k.message_id WHERE k.key IN (?)`, bun.List(keys)).Scan(ctx, &rows)
	for _, r := range rows {
		for _, ref := range refs {
			if envelopeKey(ref) == r.Key {
				f.refer(ref, place{r.ID, r.CaseID, r.AccountID, false})
			}
		}
	}
	return err
}
