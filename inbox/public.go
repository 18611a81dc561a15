package inbox

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
)

// PublicCase is what a citizen sees of a case with its number and secret: no
// names of operators, no notes, no other person's words.
type PublicCase struct {
	Ref        string
	Subject    string
	Kind       CaseKind
	Status     Status
	Outcome    string
	OfficeID   int64
	DueAt      clock.Instant
	CreatedAt  clock.Instant
	TakenAt    clock.Instant // first time that somebody was put in charge or answered
	AnsweredAt clock.Instant
	ClosedAt   clock.Instant
	Messages   []PublicMessage
}

// PublicMessage is one thing said between the citizen and the Comune.
type PublicMessage struct {
	FromCitizen bool
	Channel     string
	Text        string
	At          clock.Instant
	Files       []string // names only
	State       State    // of our message: the best of its deliveries
}

// ErrSecret says that number and secret do not fit. It is the same for a case
// that does not exist.
var ErrSecret = ErrNotFound

// StatusPage reads a case for its citizen. The secret is compared in constant
// time; upper and lower case and blanks do not matter.
func (in *Inbox) StatusPage(ctx context.Context, ref, secretWord string) (*PublicCase, error) {
	year, number, ok := ParseRef(strings.TrimSpace(ref))
	c := new(Case)
	if ok {
		err := in.db.Read.NewSelect().Model(c).Where("c.year = ? AND c.number = ?", year, number).Scan(ctx)
		if err != nil && notFound(err) != ErrNotFound {
			return nil, err
		}
	}
	said := strings.ToUpper(strings.Join(strings.Fields(strings.ReplaceAll(secretWord, "-", "")), ""))
	if subtle.ConstantTimeCompare([]byte(said), []byte(c.Secret)) != 1 || c.ID == 0 {
		return nil, ErrSecret
	}
	c, ids, err := in.publicCases(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("status page: %w", err)
	}
	p := &PublicCase{
		Ref: c.Ref(), Subject: c.Subject, Kind: c.Kind, Status: c.Status, Outcome: c.Outcome, OfficeID: c.OfficeID,
		DueAt: c.DueAt, CreatedAt: c.CreatedAt, ClosedAt: c.ClosedAt,
	}
	if err := in.publicMessages(ctx, c, ids, p); err != nil {
		return nil, err
	}
	return p, in.takenAt(ctx, c, p)
}

// publicCases are the case where the citizen's messages are answered now, and
// all the cases whose messages stand there. Only those of the same person
// count: cases that were put together while two persons were taken for one
// show nobody's words to the other once that is undone.
func (in *Inbox) publicCases(ctx context.Context, c *Case) (top *Case, ids []int64, err error) {
	root, err := findRoot(ctx, in.db.Read, c.CitizenID)
	if err != nil {
		return nil, nil, err
	}
	const same = "c.citizen_id IN (SELECT z.id FROM citizens AS z WHERE z.root_id = ?)"
	for range mostMerges {
		if c.MergedInto == 0 {
			break
		}
		into := new(Case)
		err := in.db.Read.NewSelect().Model(into).Where("c.id = ?", c.MergedInto).Where(same, root).Scan(ctx)
		if err = notFound(err); err == ErrNotFound {
			break
		} else if err != nil {
			return nil, nil, err
		}
		c = into
	}
	ids = []int64{c.ID}
	for from := ids; len(from) > 0; {
		var more []int64
		err := in.db.Read.NewSelect().TableExpr("cases AS c").Column("c.id").Where("c.merged_into IN (?) AND c.merged_into > 0", bun.List(from)).Where(same, root).Scan(ctx, &more)
		if err != nil {
			return nil, nil, err
		}
		ids, from = append(ids, more...), more
	}
	return c, ids, nil
}

// publicMessages reads what the citizen and the Comune said to each other. What
// somebody else wrote on the case is not the citizen's to read.
func (in *Inbox) publicMessages(ctx context.Context, c *Case, cases []int64, p *PublicCase) error {
	var rows []*Message
	err := in.db.Read.NewSelect().Model(&rows).Where("m.case_id IN (?) AND m.direction IN ('in','out') AND m.erased_at = 0", bun.List(cases)).
		Where("(m.direction = 'out' OR m.citizen_id IN (SELECT z.id FROM citizens AS z WHERE z.root_id = (SELECT o.root_id FROM citizens AS o WHERE o.id = ?)))", c.CitizenID).
		OrderExpr("m.at, m.id").Limit(timelineMax).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	ids := make([]int64, len(rows))
	for i, m := range rows {
		ids[i] = m.ID
	}
	var parts []*Part
	if err := in.db.Read.NewSelect().Model(&parts).Column("message_id", "name", "kind").Where("p.message_id IN (?)", bun.List(ids)).OrderExpr("p.ord").Scan(ctx); err != nil {
		return err
	}
	files := map[int64][]string{}
	for _, f := range parts {
		if f.Name != "" {
			files[f.MessageID] = append(files[f.MessageID], f.Name)
		}
	}
	var deliveries []*Delivery
	if err := in.db.Read.NewSelect().Model(&deliveries).Where("d.message_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return err
	}
	state := map[int64]State{}
	for _, d := range deliveries {
		if s, ok := state[d.MessageID]; !ok || d.State.rank() > s.rank() {
			state[d.MessageID] = d.State
		}
	}
	for _, m := range rows {
		if m.Direction == Out && state[m.ID] == Cancelled {
			continue
		}
		pm := PublicMessage{FromCitizen: m.Direction == In, Channel: m.Channel, Text: m.Text, At: m.At, Files: files[m.ID], State: state[m.ID]}
		if m.Kind == "visit" || m.Kind == "call" {
			pm.Text = "" // what staff noted of a visit is theirs
		}
		if m.Direction == Out && m.Origin == FromOperator && p.AnsweredAt.IsZero() {
			p.AnsweredAt = m.At
		}
		p.Messages = append(p.Messages, pm)
	}
	return nil
}

func (in *Inbox) takenAt(ctx context.Context, c *Case, p *PublicCase) error {
	if c.AssigneeID != 0 {
		err := in.db.Read.NewRaw("SELECT COALESCE(min(at), 0) FROM events WHERE case_id = ? AND case_id > 0 AND kind = 'case.assigned'", c.ID).Scan(ctx, &p.TakenAt)
		if err != nil {
			return err
		}
		if p.TakenAt.IsZero() {
			p.TakenAt = c.CreatedAt
		}
	}
	if p.TakenAt.IsZero() {
		p.TakenAt = p.AnsweredAt
	}
	return nil
}
