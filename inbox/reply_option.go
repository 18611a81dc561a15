package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Option is one way to answer a person: an identity and the account from which
// it would be written to.
type Option struct {
	Identity Identity
	Account  Account // only ID, Key, Kind, Name and OfficeID are filled; ID 0 when there is none
	// Barred is the code of why not: "blocked", "withdrawn", "gone", "bad",
	// "account_off", "cannot_send", "no_account", "other_office",
	// "never_wrote_here". Empty means that it may be used.
	Barred string
	// MostFiles is how many bytes the files of one message may have together by this
	// account; 0 where only MaxFiles bounds them.
	MostFiles int64
	Failed    bool // the last try on this case did not arrive: another is better
	lastIn    clock.Instant
}

// Options is what the composer of a case offers.
type Options struct {
	List     []Option // the default first
	Default  int      // index in List of the way in which the citizen wrote last; -1 when none can be used
	Subject  string   // for mail, without the token that is added on sending
	Token    string   // the token, for the preview
	SeenInID int64    // to be given back with the answer
	SeenID   int64
}

// Options says on which channels the person of a case can be answered. Opted-out
// citizens get answers all the same: they opted out of what they did not ask for.
func (in *Inbox) Options(ctx context.Context, v Viewer, caseID int64) (*Options, error) {
	c, err := in.CaseByID(ctx, v, caseID)
	if err != nil {
		return nil, err
	}
	return in.waysOf(ctx, &optioning{in: in, v: v, c: c})
}

func (in *Inbox) waysOf(ctx context.Context, o *optioning) (*Options, error) {
	c := o.c
	for _, step := range []func(context.Context) error{o.loadIdentities, o.loadWritten, o.loadAccounts, o.loadFailed} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("ways to answer: %w", err)
		}
	}
	out := &Options{Default: -1, Token: in.sign.SubjectToken(c.Year, c.Number), SeenInID: c.LastInID, SeenID: c.LastMessageID}
	for i := range o.identities {
		out.List = append(out.List, o.ways(&o.identities[i])...)
	}
	slices.SortStableFunc(out.List, func(a, b Option) int {
		return cmp.Or(cmp.Compare(o.order(a), o.order(b)), cmp.Compare(b.lastIn, a.lastIn), cmp.Compare(a.Identity.ID, b.Identity.ID))
	})
	if len(out.List) > 0 && out.List[0].Barred == "" {
		out.Default = 0
	}
	out.Subject = replySubject(c, o.answered)
	return out, nil
}

// optioning gathers the options of one case.
type optioning struct {
	in         *Inbox
	v          Viewer
	c          *Case
	page       *CasePage // what was read already, with the person's identities (loadPerson); nil when nothing was
	answered   *Message
	identities []Identity
	written    map[int64]map[int64]clock.Instant // identity -> account -> when it last wrote there
	accounts   []Account
	passed     int64          // identity of the first writer of a forwarded message; 0 where it is none
	failed     map[tried]bool // to which the newest try on this case was lost
}

// tried is an identity to which something was sent, and as what: a certified address
// may be written to by ordinary mail.
type tried struct {
	identity int64
	kind     string
}

func (o *optioning) loadIdentities(ctx context.Context) (err error) {
	if o.c.LastInID > 0 {
		if o.answered, err = o.findAnswered(ctx); err != nil {
			return err
		}
	}
	if o.passed, err = o.passedOn(ctx); err != nil {
		return err
	}
	var sender int64
	if o.answered != nil {
		sender = o.answered.IdentityID
	}
	if o.page != nil {
		return o.addSender(ctx, sender)
	}
	// The rows are named one by one: with a question inside OR, PostgreSQL would
	// read all identities.
	var rows []int64
	err = o.in.db.Read.NewRaw("SELECT id FROM citizens WHERE root_id = (SELECT root_id FROM citizens WHERE id = ?)", o.c.CitizenID).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	return o.in.db.Read.NewSelect().Model(&o.identities).
		Where("i.removed_at = 0 AND i.kind NOT IN ('cf', 'address')").
		Where("(i.id = ? OR i.citizen_id IN (?))", sender, bun.List(append(rows, o.c.CitizenID))).
		OrderExpr("i.id").Scan(ctx)
}

// findAnswered is the citizen's last message.
func (o *optioning) findAnswered(ctx context.Context) (*Message, error) {
	if o.page != nil {
		for i := range o.page.Entries {
			if m := o.page.Entries[i].Message; m != nil && m.ID == o.c.LastInID {
				return m, nil
			}
		}
	}
	m := new(Message)
	err := o.in.db.Read.NewSelect().Model(m).Where("m.id = ?", o.c.LastInID).Scan(ctx)
	return m, notFound(err)
}

// loadPerson takes the identities of a page's person, and reads what a page need
// not wait for its story to ask. Who may not answer is asked nothing.
func (o *optioning) loadPerson(ctx context.Context, p *Person) error {
	if mayWork(o.v, o.c) != nil {
		return nil
	}
	for i := range p.Identities {
		if id := p.Identities[i].Identity; id.Kind != "cf" && id.Kind != "address" {
			o.identities = append(o.identities, id)
		}
	}
	if err := o.loadWritten(ctx); err != nil {
		return err
	}
	return o.loadAccounts(ctx)
}

// addSender adds who wrote the message answered, where that is somebody else than
// the page's person by now.
func (o *optioning) addSender(ctx context.Context, sender int64) error {
	there := sender == 0
	for i := range o.page.Person.Identities {
		there = there || o.page.Person.Identities[i].ID == sender
	}
	if there {
		return nil
	}
	var rows []Identity
	err := o.in.db.Read.NewSelect().Model(&rows).Where("i.id = ? AND i.removed_at = 0 AND i.kind NOT IN ('cf', 'address')", sender).Scan(ctx)
	if len(rows) > 0 {
		o.identities, o.written = append(o.identities, rows...), nil
	}
	return err
}

// loadWritten finds from which accounts each identity is known.
func (o *optioning) loadWritten(ctx context.Context) error {
	if o.written != nil {
		return nil
	}
	o.written = map[int64]map[int64]clock.Instant{}
	var people, ids []int64
	for _, i := range o.identities {
		ids = append(ids, i.ID)
		people = append(people, i.CitizenID)
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		IdentityID, AccountID int64
		At                    clock.Instant
	}
	ofPeople, args := db.In(people)
	ofIDs, more := db.In(ids)
	err := o.in.db.Ask(ctx, `SELECT identity_id, account_id, MAX(at) AS at FROM messages
		WHERE citizen_id IN (`+ofPeople+`) AND identity_id IN (`+ofIDs+`) AND direction = 'in' GROUP BY identity_id, account_id`, append(args, more...), &rows)
	for _, r := range rows {
		if o.written[r.IdentityID] == nil {
			o.written[r.IdentityID] = map[int64]clock.Instant{}
		}
		o.written[r.IdentityID][r.AccountID] = r.At
	}
	return err
}

func (o *optioning) loadAccounts(ctx context.Context) error {
	if o.accounts != nil {
		return nil
	}
	return o.in.db.Ask(ctx, "SELECT a.id, a.key, a.kind, a.name, a.office_id, a.enabled FROM accounts AS a ORDER BY a.id", nil, &o.accounts)
}

func (o *optioning) loadFailed(ctx context.Context) error {
	o.failed = map[tried]bool{}
	if o.page != nil && o.page.Older == "" {
		for _, d := range o.page.deliveries() {
			o.failed[tried{d.IdentityID, d.Kind}] = d.State.lost()
		}
		return nil
	}
	var rows []struct {
		IdentityID int64
		Kind       string
		State      State
	}
	err := o.in.db.Read.NewRaw("SELECT identity_id, kind, state FROM deliveries WHERE case_id IN "+family+" AND identity_id > 0 ORDER BY id", o.c.ID).Scan(ctx, &rows)
	for _, r := range rows {
		o.failed[tried{r.IdentityID, r.Kind}] = r.State.lost()
	}
	return err
}

// ways are those of writing to an identity: from an account of its kind and, where a
// certified message came to an ordinary mailbox, from that one too, by ordinary mail.
func (o *optioning) ways(id *Identity) (out []Option) {
	own, ok := o.option(id, id.Kind, func(a *Account) bool { return addressKind(a.Kind) == id.Kind })
	if ok {
		out = append(out, own)
	}
	if id.Kind != "pec" {
		return out
	}
	plain, _ := o.option(id, "email", func(a *Account) bool {
		_, wrote := o.written[id.ID][a.ID]
		return wrote && a.Kind == "mail"
	})
	switch {
	case plain.Account.ID == 0:
		return out
	case own.Account.ID == 0:
		return []Option{plain}
	}
	return append(out, plain)
}

// option chooses the best of the accounts from which an identity can be written to as
// a kind of address. ok is false for identities that no account of the house could
// ever reach.
func (o *optioning) option(id *Identity, as string, fits func(*Account) bool) (Option, bool) {
	opt := Option{Identity: *id, Failed: o.failed[tried{id.ID, as}]}
	found := false
	best, bestRank := Account{}, 0
	why := "no_account"
	for _, a := range o.accounts {
		if !fits(&a) {
			continue
		}
		found = true
		code := o.barredAccount(id, &a)
		rank := o.rank(id, &a)
		switch {
		case code == "" && (why != "" || rank > bestRank), code != "" && why != "" && best.ID == 0:
			best, bestRank, why = a, rank, code
		}
	}
	if !found && !isAddress(id.Kind) && id.Kind != "telegram" {
		return opt, false
	}
	opt.Account = Account{ID: best.ID, Key: best.Key, Kind: best.Kind, Name: best.Name, OfficeID: best.OfficeID}
	if opt.Barred = id.Barred(false, o.in.clock.Now()); opt.Barred == "" {
		opt.Barred = why
	}
	if ch, _, ok := o.in.channels.Channel(best.ID); ok && best.ID > 0 {
		if s, sized := ch.(channels.Sized); sized {
			opt.MostFiles = s.MostFiles()
		}
	}
	for _, at := range o.written[id.ID] {
		opt.lastIn = max(opt.lastIn, at)
	}
	return opt, true
}

// rank prefers the account of the case, then those the citizen wrote to, the
// newest first, then the office's own.
func (o *optioning) rank(id *Identity, a *Account) int {
	at, wrote := o.written[id.ID][a.ID]
	switch {
	case wrote && a.ID == o.c.AccountID:
		return 1 << 62
	case wrote:
		return int(at)
	case a.ID == o.c.AccountID:
		return 3
	case a.OfficeID == o.c.OfficeID:
		return 2
	}
	return 1
}

func (o *optioning) barredAccount(id *Identity, a *Account) string {
	ch, _, ok := o.in.channels.Channel(a.ID)
	if code := canSend(ch, ok); code != "" {
		return code
	}
	_, wrote := o.written[id.ID][a.ID]
	switch {
	case !a.Enabled:
		return "account_off"
	case !mayUse(o.v, o.c, a):
		return "other_office"
	case !wrote && !isMail(a.Kind): // a bot cannot begin a conversation
		return "never_wrote_here"
	}
	return ""
}

func canSend(ch channels.Channel, open bool) string {
	if !open {
		return "account_off"
	}
	if _, ok := ch.(channels.Sender); !ok {
		return "cannot_send"
	}
	return ""
}

// order puts first where the citizen wrote last, then what can be used, then
// what failed, then what is barred.
func (o *optioning) order(opt Option) int {
	switch {
	case opt.Barred != "":
		return 3
	case opt.Failed:
		return 2
	case o.passed > 0 && opt.Identity.ID == o.passed, o.passed == 0 && o.answered != nil && opt.Identity.ID == o.answered.IdentityID:
		return 0
	}
	return 1
}
