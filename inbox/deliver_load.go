package inbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// mostReferences bounds the References header: the first, and the newest ones.
const mostReferences = 30

// loading is what the claimed deliveries of one turn need, a query a table.
type loading struct {
	g        *engine
	ds       []*Delivery
	messages map[int64]*Message
	cases    map[int64]*Case
	parts    map[int64][]*Part
	all      map[int64][]*Delivery // of a message: what its headers show
	answered map[int64]*Message
	mails    map[int64][]mailRef // of a case, oldest first
	buttons  map[int64]Buttons
}

type mailRef struct {
	ID, CaseID int64
	ExternalID string
	At         clock.Instant
}

// load makes the claimed deliveries ready to be sent. When it fails, it returns
// them without what they need, so that they can be given back.
func (g *engine) load(ctx context.Context, ds []*Delivery) ([]*job, error) {
	l := &loading{g: g, ds: ds}
	var err error
	for _, step := range []func(context.Context) error{l.loadMessages, l.loadCases, l.loadParts, l.loadAnswered, l.loadAll, l.loadMails, l.loadButtons} {
		if err = step(ctx); err != nil {
			err = fmt.Errorf("load messages to be sent: %w", err)
			break
		}
	}
	jobs := make([]*job, len(ds))
	for i, d := range ds {
		jobs[i] = &job{d: d, m: l.messages[d.MessageID], c: l.cases[d.CaseID]}
		if err == nil {
			jobs[i].out = l.outgoing(jobs[i])
		}
	}
	return jobs, err
}

func (l *loading) ids(of func(*Delivery) int64) []int64 {
	seen := map[int64]bool{0: true}
	var out []int64
	for _, d := range l.ds {
		if id := of(d); !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

func messageOf(d *Delivery) int64 { return d.MessageID }
func caseOf(d *Delivery) int64    { return d.CaseID }

func (l *loading) loadMessages(ctx context.Context) error {
	var rows []*Message
	if err := l.g.in.db.Read.NewSelect().Model(&rows).Where("m.id IN (?)", bun.List(l.ids(messageOf))).Scan(ctx); err != nil {
		return err
	}
	l.messages = map[int64]*Message{}
	for _, m := range rows {
		l.messages[m.ID] = m
	}
	return nil
}

func (l *loading) loadCases(ctx context.Context) error {
	l.cases = map[int64]*Case{}
	ids := l.ids(caseOf)
	if len(ids) == 0 {
		return nil
	}
	var rows []*Case
	err := l.g.in.db.Read.NewSelect().Model(&rows).Column("id", "year", "number", "citizen_id", "office_id").Where("c.id IN (?)", bun.List(ids)).Scan(ctx)
	for _, c := range rows {
		l.cases[c.ID] = c
	}
	return err
}

func (l *loading) loadParts(ctx context.Context) error {
	l.parts = map[int64][]*Part{}
	var with []int64
	for _, m := range l.messages {
		if m.Parts > 0 {
			with = append(with, m.ID)
		}
	}
	if len(with) == 0 {
		return nil
	}
	var rows []*Part
	err := l.g.in.db.Read.NewSelect().Model(&rows).Where("p.message_id IN (?) AND p.state = 'stored'", bun.List(with)).OrderExpr("p.message_id, p.ord").Scan(ctx)
	for _, p := range rows {
		l.parts[p.MessageID] = append(l.parts[p.MessageID], p)
	}
	return err
}

func (l *loading) loadAnswered(ctx context.Context) error {
	l.answered = map[int64]*Message{}
	var ids []int64
	for _, m := range l.messages {
		if m.AnswersID > 0 {
			ids = append(ids, m.AnswersID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []*Message
	err := l.g.in.db.Read.NewSelect().Model(&rows).Column("id", "account_id", "channel", "external_id").Where("m.id IN (?)", bun.List(ids)).Scan(ctx)
	for _, m := range rows {
		l.answered[m.ID] = m
	}
	return err
}

func (l *loading) loadAll(ctx context.Context) error {
	l.all = map[int64][]*Delivery{}
	if !l.g.mail {
		return nil
	}
	var rows []*Delivery
	err := l.g.in.db.Read.NewSelect().Model(&rows).Column("id", "message_id", "role", "kind", "scope", "address", "display").
		Where("d.message_id IN (?)", bun.List(l.ids(messageOf))).OrderExpr("d.id").Scan(ctx)
	for _, d := range rows {
		l.all[d.MessageID] = append(l.all[d.MessageID], d)
	}
	return err
}

// loadMails finds the Message-IDs of the cases, for the References header.
func (l *loading) loadMails(ctx context.Context) error {
	l.mails = map[int64][]mailRef{}
	ids := l.ids(caseOf)
	if !l.g.mail || len(ids) == 0 {
		return nil
	}
	var rows []mailRef
	err := l.g.in.db.Read.NewRaw(`SELECT id, case_id, external_id, at FROM messages
		WHERE case_id IN (?) AND channel IN ('mail', 'pec') AND external_id <> '' ORDER BY case_id, at, id`, bun.List(ids)).Scan(ctx, &rows)
	for _, r := range rows {
		l.mails[r.CaseID] = append(l.mails[r.CaseID], r)
	}
	return err
}

// loadButtons finds what stands under cards.
func (l *loading) loadButtons(ctx context.Context) error {
	l.buttons = map[int64]Buttons{}
	if l.g.mail {
		return nil
	}
	var rows []*Card
	err := l.g.in.db.Read.NewSelect().Model(&rows).Column("message_id", "buttons").Where("cd.message_id IN (?)", bun.List(l.ids(messageOf))).Scan(ctx)
	for _, c := range rows {
		l.buttons[c.MessageID] = c.Buttons
	}
	return err
}

// outgoing builds what the channel is given.
func (l *loading) outgoing(j *job) *channels.Outgoing {
	d, m := j.d, j.m
	o := &channels.Outgoing{
		DeliveryID: d.ID, ExternalID: m.ExternalID, To: addressOf(d), ThreadKey: m.ThreadKey,
		FromName: m.Sender, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Markup: m.Markup,
		Automatic: m.Origin == FromAutomation, Buttons: l.buttons[m.ID],
	}
	if l.g.acc.Kind == "pec" {
		o.Keep = l.g.in.keepSent(d.ID)
		if len(l.all[m.ID]) > 1 || d.Sending > 0 { // each goes to the provider by itself
			o.ExternalID = l.g.in.sign.SubmissionID(m.ID, d.ID, d.Sending)
		}
	}
	l.g.in.sign.unseal(m, o)
	if a := l.answered[m.AnswersID]; a != nil && a.ExternalID != "" && isMail(a.Channel) == l.g.mail && (l.g.mail || a.AccountID == d.AccountID) {
		o.AnswerTo = a.ExternalID
	}
	for _, p := range l.parts[m.ID] {
		o.Files = append(o.Files, l.g.in.outgoingFile(p))
	}
	if !l.g.mail {
		return o
	}
	if l.g.acc.Kind == "mail" {
		o.EnvelopeID = l.g.in.sign.EnvelopeID(d.ID)
	}
	if d.CaseID > 0 {
		o.ReplyToken = l.g.in.sign.ReplyDetail(d.CaseID)
	}
	o.References = references(l.mails[d.CaseID], m, o.AnswerTo)
	for _, other := range l.all[m.ID] {
		if other.Role == "cc" {
			o.CcAll = append(o.CcAll, addressOf(other))
		} else {
			o.ToAll = append(o.ToAll, addressOf(other))
		}
	}
	return o
}

// references is the chain before m, oldest first and the answered message last
// (RFC 5322 3.6.4), without what came after m.
func references(mails []mailRef, m *Message, answers string) []string {
	var refs []string
	for _, r := range mails {
		if r.ID != m.ID && r.ExternalID != answers && (r.At < m.At || r.At == m.At && r.ID < m.ID) && !slices.Contains(refs, r.ExternalID) {
			refs = append(refs, r.ExternalID)
		}
	}
	if answers != "" {
		refs = append(refs, answers)
	}
	if len(refs) > mostReferences {
		refs = slices.Concat(refs[:1], refs[len(refs)-mostReferences+1:])
	}
	return refs
}

func addressOf(d *Delivery) channels.Address {
	return channels.Address{Kind: d.Kind, Scope: d.Scope, Value: d.Address, Display: d.Display}
}

// outgoingFile opens a stored file wherever it lives.
func (in *Inbox) outgoingFile(p *Part) channels.OutgoingFile {
	f := channels.OutgoingFile{Name: p.Name, Type: p.Detected, Size: p.Size}
	if f.Type == "" {
		f.Type = p.Claimed
	}
	f.Open = func() (io.ReadCloser, error) {
		if err := in.outgoingHeld(context.Background(), p); err != nil {
			return nil, err
		}
		if p.Data != nil || p.Size == 0 {
			return io.NopCloser(bytes.NewReader(p.Data)), nil
		}
		return in.blobs.Open(context.Background(), p.SHA256)
	}
	return f
}
