package inbox

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/channels"
)

// load reads all rows that the batch may touch.
func (f *filing) load(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		f.shareTokens, f.loadSameBytes, f.applyReports, f.loadHouse, f.letOwnIn, f.loadKnown, f.loadSameID, f.loadTwins, f.loadIdentities, f.loadPlaces, f.loadAwaited,
		f.loadCases, f.loadPeople, f.loadDialogues, f.loadNamesakes, f.loadHeld,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (f *filing) eachItem(do func(*reading, *channels.Item)) {
	for _, r := range f.list {
		for i := range r.items {
			do(r, &r.items[i])
		}
	}
}

// loadSameBytes finds raw items of this account with the same bytes, which a
// renumbered folder gives again (mail rule 2).
func (f *filing) loadSameBytes(ctx context.Context) error {
	f.sameBytes = map[string]int64{}
	sums := make([]string, 0, len(f.list))
	among := []string{"filed", "ignored", "quarantined", "rejected"}
	for _, r := range f.list {
		sums = append(sums, r.raw.SHA256)
		if r.again { // another that waits, or was kept out, does not stand for it
			among = among[:2]
		}
	}
	var rows []*Raw
	err := f.tx.NewSelect().Model(&rows).Column("id", "sha256", "state", "meta").
		Where("sha256 IN (?) AND account_id = ? AND state IN (?)", bun.List(sums), f.acc.ID, bun.List(among)).Scan(ctx)
	if err == nil {
		rows, err = f.loadJunk(ctx, rows)
	}
	for _, r := range rows {
		f.sameBytes[r.SHA256] = r.ID
	}
	return err
}

func (f *filing) loadKnown(ctx context.Context) error {
	f.known = map[string]int64{}
	var keys []string
	f.eachItem(func(r *reading, it *channels.Item) {
		key := f.messageKey(r, it)
		keys = append(keys, key)
		if plain := plainKey(it); certified(it) || key == doubtedKey(it) {
			keys = append(keys, plain)
		}
	})
	if len(keys) == 0 {
		return nil
	}
	if err := f.loadKeys(ctx, keys); err != nil {
		return err
	}
	return f.loadApart(ctx, keys)
}

func (f *filing) loadKeys(ctx context.Context, keys []string) error {
	var rows []messageKey
	err := f.tx.NewSelect().Model(&rows).Where("mk.key IN (?)", bun.List(keys)).Scan(ctx)
	for _, r := range rows {
		f.known[r.Key] = r.MessageID
	}
	return err
}

func (f *filing) loadIdentities(ctx context.Context) error {
	f.identities = map[addressKey]*Identity{}
	f.claimed = map[claimKey]bool{}
	byKind := map[[2]string][]string{}
	f.eachItem(func(_ *reading, it *channels.Item) {
		people := []channels.Address{it.From}
		if it.Kind == channels.Own { // whose it is, whom it goes to may tell
			people = slices.Concat(people, it.To, it.Cc)
		}
		for _, a := range people {
			if k := f.addressKey(a); k.value != "" {
				byKind[[2]string{k.kind, k.scope}] = append(byKind[[2]string{k.kind, k.scope}], k.value)
			}
		}
	})
	var citizens []int64
	for k, values := range byKind {
		var rows []*Identity
		err := f.tx.NewSelect().Model(&rows).Where("i.kind = ? AND i.scope = ? AND i.value IN (?) AND i.removed_at = 0", k[0], k[1], bun.List(values)).
			Where("i.kind IN ('email','telegram','pec')"). // names the unique index
			Scan(ctx)
		if err != nil {
			return err
		}
		for _, id := range rows {
			f.identities[addressKey{id.Kind, id.Scope, id.Value}] = id
			citizens = append(citizens, id.CitizenID)
		}
	}
	if len(citizens) == 0 {
		return nil
	}
	var rows []*Identity
	err := f.tx.NewSelect().Model(&rows).Column("citizen_id", "kind", "value").
		Where("i.citizen_id IN (?) AND i.kind IN ('phone','cf')", bun.List(citizens)).Scan(ctx)
	for _, id := range rows {
		f.claimed[claimKey{id.CitizenID, id.Kind, id.Value}] = true
	}
	return err
}

// addressKey is how an address is found: a Telegram user's id is the same for
// all bots, so its scope is empty like that of mail.
func (f *filing) addressKey(a channels.Address) addressKey {
	return addressKey{a.Kind, a.Scope, a.Value}
}

// loadCases reads every case that a token, a reference or a chat may mean.
func (f *filing) loadCases(ctx context.Context) error {
	f.cases = map[int64]*Case{}
	f.byNumber = map[string]*Case{}
	f.byThread = map[string]*Case{}
	want := map[int64]bool{}
	for _, list := range f.byRef {
		for _, p := range list {
			if p.caseID > 0 {
				want[p.caseID] = true
			}
		}
	}
	for _, t := range f.twins {
		want[t.caseID] = true
	}
	for _, ids := range f.awaited {
		for _, id := range ids {
			want[id] = true
		}
	}
	var numbers [][2]int64
	threads := map[string]bool{}
	f.eachItem(func(r *reading, it *channels.Item) {
		if r.attach > 0 {
			want[r.attach] = true
		}
		for _, t := range it.Tokens {
			if id, ok := f.in.sign.ParseReplyDetail(t); ok {
				want[id] = true
			} else if y, n, ok := f.in.sign.ParseSubjectToken(t); ok {
				numbers = append(numbers, [2]int64{int64(y), n})
			}
		}
		if it.ThreadKey != "" {
			threads[it.ThreadKey] = true
		}
	})
	if err := f.loadCasesByID(ctx, want); err != nil {
		return err
	}
	for _, n := range numbers {
		var rows []*Case
		if err := f.tx.NewSelect().Model(&rows).Where("c.year = ? AND c.number = ?", n[0], n[1]).Scan(ctx); err != nil {
			return err
		}
		for _, c := range rows {
			f.byNumber[c.Ref()] = f.keepCase(c)
		}
	}
	for t := range threads {
		var rows []*Case
		err := f.tx.NewSelect().Model(&rows).Where("c.account_id = ? AND c.thread_key = ? AND c.thread_key <> ''", f.acc.ID, t).
			OrderExpr("c.last_at DESC").Limit(1).Scan(ctx)
		if err != nil {
			return err
		}
		for _, c := range rows {
			f.byThread[t] = f.keepCase(c)
		}
	}
	return f.followMerged(ctx)
}

func (f *filing) keepCase(c *Case) *Case {
	if have := f.cases[c.ID]; have != nil {
		return have
	}
	f.cases[c.ID] = c
	return c
}

func (f *filing) loadCasesByID(ctx context.Context, want map[int64]bool) error {
	if len(want) == 0 {
		return nil
	}
	var rows []*Case
	if err := f.tx.NewSelect().Model(&rows).Where("c.id IN (?)", bun.List(slices.Collect(maps.Keys(want)))).Scan(ctx); err != nil {
		return err
	}
	for _, c := range rows {
		f.keepCase(c)
	}
	return nil
}

// followMerged loads the parents of merged cases, to which answers go (mail rule 78).
func (f *filing) followMerged(ctx context.Context) error {
	for {
		want := map[int64]bool{}
		for _, c := range f.cases {
			if c.MergedInto > 0 && f.cases[c.MergedInto] == nil {
				want[c.MergedInto] = true
			}
		}
		if len(want) == 0 {
			return nil
		}
		if err := f.loadCasesByID(ctx, want); err != nil {
			return err
		}
	}
}

// loadPeople reads who is who, and who takes part in the cases at hand. Who came
// or telephoned about a case does not by that: it may have been somebody else
// than the case's person, and their mails must not land there unasked.
func (f *filing) loadPeople(ctx context.Context) error {
	f.roots, f.names = map[int64]int64{}, map[int64]string{}
	f.talking = map[int64]map[int64]bool{}
	f.written = map[writtenTo]bool{}
	var ids, citizens []int64
	for _, c := range f.cases {
		ids = append(ids, c.ID)
		citizens = append(citizens, c.CitizenID)
		f.talking[c.ID] = map[int64]bool{}
	}
	type pair struct{ CaseID, CitizenID int64 }
	var pairs []pair
	if len(ids) > 0 {
		err := f.tx.NewRaw(`SELECT DISTINCT m.case_id, m.citizen_id FROM messages AS m WHERE m.case_id IN (?) AND m.direction = 'in' AND m.kind NOT IN ('visit','call')
			UNION SELECT DISTINCT d.case_id, i.citizen_id FROM deliveries AS d JOIN identities AS i ON i.id = d.identity_id WHERE d.case_id IN (?)`,
			bun.List(ids), bun.List(ids)).Scan(ctx, &pairs)
		if err != nil {
			return err
		}
		if err := f.loadWritten(ctx, ids); err != nil {
			return err
		}
	}
	for _, p := range pairs {
		citizens = append(citizens, p.CitizenID)
	}
	for _, id := range f.identities {
		citizens = append(citizens, id.CitizenID)
	}
	for _, r := range f.list {
		if r.sender != nil {
			citizens = append(citizens, r.sender.CitizenID)
		}
	}
	if len(citizens) == 0 {
		return nil
	}
	var rows []struct {
		ID, RootID int64
		Name       string
	}
	err := f.tx.NewRaw("SELECT z.id, z.root_id, r.name FROM citizens AS z JOIN citizens AS r ON r.id = z.root_id WHERE z.id IN (?)", bun.List(citizens)).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	for _, r := range rows {
		f.roots[r.ID], f.names[r.ID] = r.RootID, r.Name
	}
	for _, c := range f.cases {
		f.talking[c.ID][f.roots[c.CitizenID]] = true
	}
	for _, p := range pairs {
		f.talking[p.CaseID][f.roots[p.CitizenID]] = true
	}
	return nil
}

// loadWritten reads to which addresses each case has written: somebody in copy,
// whom an operator confirmed, takes part though they were nobody's identity yet.
func (f *filing) loadWritten(ctx context.Context, cases []int64) error {
	var rows []struct {
		CaseID               int64
		Kind, Scope, Address string
	}
	err := f.tx.NewRaw("SELECT DISTINCT case_id, kind, scope, address FROM deliveries WHERE case_id IN (?)", bun.List(cases)).Scan(ctx, &rows)
	for _, r := range rows {
		f.written[writtenTo{r.CaseID, addressKey{r.Kind, r.Scope, r.Address}}] = true
	}
	return err
}

// applyReports applies what the batch says of our deliveries before the cases
// are loaded, since a failure changes its case.
func (f *filing) applyReports(ctx context.Context) error {
	f.unmatched = map[*channels.Item]bool{}
	here := map[string]bool{} // the same bytes twice in one batch
	for _, r := range f.list {
		if (f.filedBefore(r.raw) != 0 || here[r.raw.SHA256]) && !r.force {
			continue
		}
		here[r.raw.SHA256] = true
		for i := range r.items {
			it := &r.items[i]
			if it.Kind != channels.Report || it.Quarantine != "" && !r.force {
				continue
			}
			if isReceipt(it) {
				if err := f.in.applyReceipt(ctx, f.tx, r.raw, it); err != nil {
					return err
				}
				continue // one that fits nothing sent from here is data (mail rule 85)
			}
			left, err := f.in.applyReports(ctx, f.tx, r.raw, speakerOf(it), it.Reports)
			if err != nil {
				return err
			}
			f.unmatched[it] = len(left) > 0
		}
	}
	return nil
}
