package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Notice asks to tell a citizen something in a text of templates, on the channel
// on which they can be reached.
type Notice struct {
	Event string            // of templates
	Vars  map[string]string // what the text needs beside what the inbox knows

	CitizenID  int64 // whom; any row of the person. Used where IdentityID is 0
	IdentityID int64 // where to; 0 chooses among the addresses that are surely theirs
	AccountID  int64 // where from; 0, or one that cannot reach them, chooses
	CaseID     int64 // the matter that it belongs to; 0 puts it on the person's file alone
	OfficeID   int64 // in whose name; 0 is the case's office, else the municipality
	Lang       string

	// Asked says that the person brought it about by what they did, as by taking
	// a ticket or an appointment. It then goes out also to who wants no notices,
	// and has the wider budget of a dialogue. Never to who blocked us.
	Asked bool
	Files []NoticeFile // go along by mail; other channels get the text
}

// NoticeFile is a small file of a notice.
type NoticeFile struct {
	Name string
	Type string // with its parameters
	Data []byte
}

// Noticed is what became of a notice.
type Noticed struct {
	MessageID int64 // 0 when there is none
	Channel   string
	// Held is the code of why it does not go out, "" when it is queued:
	// "no_address", what Identity.Barred says, "account_off", "text", "budget_day", ...
	Held string
}

// NotifyTx queues notices within a transaction of the caller, whole with whatever
// they tell of. A notice that cannot go out is no error: an event says why, and
// so does the answer, which has the order of the notices. Opt-outs, budgets (mail
// rule 57) and languages are as for the inbox's own automatic messages.
func (in *Inbox) NotifyTx(ctx context.Context, tx *db.Tx, notices ...Notice) ([]Noticed, error) {
	if len(notices) == 0 {
		return nil, nil
	}
	n := &noticing{in: in, tx: tx, list: notices}
	if err := n.load(ctx); err != nil {
		return nil, fmt.Errorf("notices: %w", err)
	}
	out := make([]Noticed, len(notices))
	var list []automatic
	var at []int // of list, in notices
	for i := range notices {
		a, why := n.automatic(&notices[i])
		if why != "" {
			out[i].Held = why
			continue
		}
		list, at = append(list, a), append(at, i)
	}
	if err := in.sendAutomatics(ctx, tx, list); err != nil {
		return nil, fmt.Errorf("notices: %w", err)
	}
	for j := range list {
		out[at[j]].Held = list[j].held
		if m := list[j].made; m != nil {
			out[at[j]].MessageID, out[at[j]].Channel = m.ID, m.Channel
		}
	}
	for _, c := range n.cases {
		in.publishCase(tx, c, "changed")
	}
	return out, AppendEvents(ctx, tx, n.events...)
}

// noticing is what a batch of notices needs to know.
type noticing struct {
	in     *Inbox
	tx     *db.Tx
	list   []Notice
	events []Event

	people     map[int64]*noticed // by citizen row
	identities map[int64]*Identity
	ofPerson   map[int64][]*Identity // by root
	written    map[int64]map[int64]clock.Instant
	accounts   []*Account
	cases      map[int64]*Case
}

// noticed is a person as notices need them.
type noticed struct {
	ID, RootID      int64
	Lang, Preferred string
}

func (n *noticing) load(ctx context.Context) error {
	for _, step := range []func(context.Context) error{n.loadIdentities, n.loadPeople, n.loadWritten, n.loadAccounts, n.loadCases} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// loadIdentities reads those that are named, and all those of the persons of whom
// only a row is.
func (n *noticing) loadIdentities(ctx context.Context) error {
	n.identities, n.ofPerson = map[int64]*Identity{}, map[int64][]*Identity{}
	var named, rows []int64
	for _, x := range n.list {
		switch {
		case x.IdentityID > 0:
			named = append(named, x.IdentityID)
		case x.CitizenID > 0:
			rows = append(rows, x.CitizenID)
		}
	}
	if len(named) > 0 {
		var list []*Identity
		if err := n.tx.NewSelect().Model(&list).Where("i.id IN (?)", bun.List(named)).Scan(ctx); err != nil {
			return err
		}
		for _, id := range list {
			n.identities[id.ID] = id
		}
	}
	if len(rows) == 0 {
		return nil
	}
	var list []struct {
		Identity `bun:",extend"`
		RootID   int64
	}
	err := n.tx.NewSelect().Model(&list).ColumnExpr("i.*, z.root_id").Join("JOIN citizens AS z ON z.id = i.citizen_id").
		Where("z.root_id IN (SELECT root_id FROM citizens WHERE id IN (?))", bun.List(rows)).Where("i.removed_at = 0").OrderExpr("i.id").Scan(ctx)
	for i := range list {
		id := &list[i].Identity
		n.identities[id.ID] = id
		n.ofPerson[list[i].RootID] = append(n.ofPerson[list[i].RootID], id)
	}
	return err
}

func (n *noticing) loadPeople(ctx context.Context) error {
	n.people = map[int64]*noticed{}
	var ids []int64
	for _, id := range n.identities {
		ids = append(ids, id.CitizenID)
	}
	for _, x := range n.list {
		if x.CitizenID > 0 {
			ids = append(ids, x.CitizenID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []*noticed
	err := n.tx.NewRaw("SELECT z.id, z.root_id, r.lang, r.preferred FROM citizens AS z JOIN citizens AS r ON r.id = z.root_id WHERE z.id IN (?)", bun.List(ids)).Scan(ctx, &rows)
	for _, p := range rows {
		n.people[p.ID] = p
	}
	return err
}

// loadWritten finds to which accounts each identity has written, and when last.
func (n *noticing) loadWritten(ctx context.Context) error {
	n.written = map[int64]map[int64]clock.Instant{}
	var people, ids []int64
	for _, id := range n.identities {
		people, ids = append(people, id.CitizenID), append(ids, id.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		IdentityID, AccountID int64
		At                    clock.Instant
	}
	err := n.tx.NewRaw(`SELECT identity_id, account_id, MAX(at) AS at FROM messages
		WHERE citizen_id IN (?) AND identity_id IN (?) AND direction = 'in' GROUP BY identity_id, account_id`, bun.List(people), bun.List(ids)).Scan(ctx, &rows)
	for _, r := range rows {
		if n.written[r.IdentityID] == nil {
			n.written[r.IdentityID] = map[int64]clock.Instant{}
		}
		n.written[r.IdentityID][r.AccountID] = r.At
	}
	return err
}

func (n *noticing) loadAccounts(ctx context.Context) error {
	return n.tx.NewSelect().Model(&n.accounts).Column("id", "kind", "office_id").Where("a.enabled").OrderExpr("a.id").Scan(ctx)
}

func (n *noticing) loadCases(ctx context.Context) error {
	n.cases = map[int64]*Case{}
	var ids []int64
	for _, x := range n.list {
		if x.CaseID > 0 {
			ids = append(ids, x.CaseID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []*Case
	err := n.tx.NewSelect().Model(&rows).Where("c.id IN (?)", bun.List(ids)).Scan(ctx)
	for _, c := range rows {
		n.cases[c.ID] = c
	}
	return err
}

// attach adds a notice's files where the channel carries them, and marks the
// message when its links are sealed.
func (b *automatics) attach(x *Notice, m *Message) {
	if hasSealed(m.Text) {
		m.Notes += " " + sealedNote
	}
	if !isMail(m.Channel) {
		return
	}
	for i, f := range x.Files {
		b.parts = append(b.parts, &Part{
			ID: db.NewID(b.in.clock), MessageID: m.ID, Ord: i, Kind: string(channels.File), Name: f.Name, Claimed: f.Type, Detected: f.Type,
			Size: int64(len(f.Data)), Data: f.Data, State: "stored",
		})
	}
	m.Parts = len(x.Files)
}
