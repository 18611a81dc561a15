package inbox

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// publicMessages reads what the citizen and the Comune said to each other. What
// somebody else wrote on the case, or was written, is not the citizen's to read.
func (in *Inbox) publicMessages(ctx context.Context, c *Case, cases []int64, p *PublicCase) error {
	known, err := in.addressesOf(ctx, c.CitizenID)
	if err != nil {
		return err
	}
	var rows []*Message
	err = in.db.Read.NewSelect().Model(&rows).Where("m.case_id IN (?) AND m.direction IN ('in','out') AND m.erased_at = 0", bun.List(cases)).
		Where("(m.direction = 'out' OR m.citizen_id IN (SELECT z.id FROM citizens AS z WHERE z.root_id = (SELECT o.root_id FROM citizens AS o WHERE o.id = ?)))", c.CitizenID).
		OrderExpr("m.at DESC, m.id DESC").Limit(timelineMax).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	slices.Reverse(rows)
	ids := make([]int64, len(rows))
	for i, m := range rows {
		ids[i] = m.ID
	}
	var deliveries []*Delivery
	if err := in.db.Read.NewSelect().Model(&deliveries).Where("d.message_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return err
	}
	sent := map[int64][]*Delivery{}
	for _, d := range deliveries {
		sent[d.MessageID] = append(sent[d.MessageID], d)
	}
	files, err := in.publicFiles(ctx, ids)
	if err != nil {
		return err
	}
	for _, m := range rows {
		state, toThem := known.receives(m, sent[m.ID])
		if m.Direction == Out && (!toThem || state == Cancelled) {
			continue
		}
		pm := PublicMessage{FromCitizen: m.Direction == In, Channel: m.ShownChannel(), Text: m.Text, At: m.At, Files: files[m.ID], State: state}
		switch {
		case m.Kind == "visit" || m.Kind == "call":
			pm.Text, pm.Files = "", nil // what staff noted of a visit is theirs
		case m.Direction == In:
			for i := range pm.Files {
				pm.Files[i].ID = 0
			}
		}
		if m.Direction == Out && m.Origin == FromOperator && p.AnsweredAt.IsZero() {
			p.AnsweredAt = m.At
		}
		p.Messages = append(p.Messages, pm)
	}
	return nil
}

func (in *Inbox) publicFiles(ctx context.Context, messages []int64) (map[int64][]PublicFile, error) {
	var parts []*Part
	err := in.db.Read.NewSelect().Model(&parts).Column("id", "message_id", "name", "kind", "size", "state").
		Where("p.message_id IN (?) AND p.former = 0", bun.List(messages)).OrderExpr("p.ord").Scan(ctx)
	files := map[int64][]PublicFile{}
	for _, f := range parts {
		x := PublicFile{Name: f.Name, Size: f.Size}
		if f.State == "stored" {
			x.ID = f.ID
		}
		if f.Name != "" {
			files[f.MessageID] = append(files[f.MessageID], x)
		}
	}
	return files, err
}

// reachable is how the house knows a person: what went to none of these was for
// somebody else.
type reachable struct {
	ids       map[int64]bool
	addresses map[addressKey]bool
}

func (in *Inbox) addressesOf(ctx context.Context, citizenID int64) (*reachable, error) {
	var rows []Identity
	err := in.db.Read.NewSelect().Model(&rows).Column("id", "kind", "scope", "value").
		Where("i.citizen_id IN (SELECT z.id FROM citizens AS z WHERE z.root_id = (SELECT o.root_id FROM citizens AS o WHERE o.id = ?))", citizenID).
		Where("i.kind NOT IN ('cf','address')").Scan(ctx)
	k := &reachable{ids: map[int64]bool{}, addresses: map[addressKey]bool{}}
	for _, i := range rows {
		k.ids[i.ID], k.addresses[addressKey{i.Kind, i.Scope, i.Value}] = true, true
	}
	return k, err
}

// receives tells whether a message of ours went to the person, also in copy, and
// the best state of what went to them.
func (k *reachable) receives(m *Message, ds []*Delivery) (best State, toThem bool) {
	for _, d := range ds {
		if !k.ids[d.IdentityID] && !k.addresses[addressKey{d.Kind, d.Scope, d.Address}] {
			continue
		}
		if !toThem || d.State.rank() > best.rank() {
			best = d.State
		}
		toThem = true
	}
	if m.Origin != FromExternal || len(ds) > 0 {
		return best, toThem
	}
	// Sent from a mail program: there are no deliveries, only the header's words.
	for a := range k.addresses {
		if isAddress(a.kind) && holdsAddress(m.Recipients, a.value) {
			return best, true
		}
	}
	return best, false
}

// holdsAddress reports whether a list of recipients, as shown, holds a mail address
// as a whole.
func holdsAddress(recipients, address string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(recipients), func(r rune) bool { return strings.ContainsRune(" ,;<>\"", r) }),
		func(w string) bool { return w == address })
}
