package inbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/likeness"
)

// namesake is a person of the archive by whose name somebody writes from an address
// that is not theirs.
type namesake struct {
	root    int64
	name    string
	known   int      // one of the below
	domains []string // of their addresses
}

// How well a person is known: by a name that anybody can have given, by an address at
// which an operator answered them, by something proven, whatever it is. A chat account
// is proven from the first, and its name is the one that its holder chose.
const (
	namedOnly = iota
	answeredOnce
	provenOnce
)

// loadNamesakes finds the persons of the archive whose names the batch's new senders
// bear, and those who write theirs in another script.
func (f *filing) loadNamesakes(ctx context.Context) error {
	f.namesakes = map[string][]namesake{}
	if f.house == nil {
		return nil
	}
	var keys []string
	f.eachItem(func(_ *reading, it *channels.Item) {
		if !isMailbox(it.From.Kind) || it.Auto != channels.NotAuto || f.identities[f.addressKey(it.From)] != nil && !likeness.Disguised(it.From.Display) {
			return
		}
		if k := nameKey(it.From.Display); k != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	})
	if len(keys) == 0 {
		return nil
	}
	var rows []struct {
		NameKey, Name, Kind, Value string
		RootID                     int64
		Known                      int
	}
	err := f.tx.NewRaw(`SELECT z.name_key, r.name, z.root_id, i.kind, i.value, CASE WHEN i.proof >= ? AND i.kind <> 'telegram' THEN ? WHEN i.kind IN ('email','pec') AND EXISTS (
				SELECT 1 FROM deliveries AS d JOIN messages AS m ON m.id = d.message_id WHERE d.address = i.value AND d.kind = i.kind AND m.origin = ?) THEN ? ELSE ? END AS known
			FROM citizens AS z JOIN citizens AS r ON r.id = z.root_id JOIN identities AS i ON i.citizen_id = z.id
			WHERE z.name_key IN (?) AND i.removed_at = 0 ORDER BY z.id, i.id`, Confirmed, provenOnce, FromOperator, answeredOnce, namedOnly, bun.List(keys)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("namesakes: %w", err)
	}
	for _, r := range rows {
		list := f.namesakes[r.NameKey]
		i := slices.IndexFunc(list, func(n namesake) bool { return n.root == r.RootID })
		if i < 0 {
			i, list = len(list), append(list, namesake{root: r.RootID, name: r.Name})
		}
		list[i].known = max(list[i].known, r.Known)
		if isMailbox(r.Kind) {
			list[i].domains = append(list[i].domains, mailDomain(r.Value))
		}
		f.namesakes[r.NameKey] = list
	}
	return nil
}

// namesakeOf is the person whose name the sender of a message bears without being known
// to be them; nil where that says nothing. It is an alarm where the message answers in
// that person's case, or where the name is written in letters that only look like it;
// else a remark, once, and only of a person who is known by more than a name: two
// people may have one. A name that several have equally well says nothing of any.
func (f *filing) namesakeOf(it *channels.Item, id *Identity, caseID int64, fresh bool) (who *namesake, alarm bool) {
	key, own := nameKey(it.From.Display), f.roots[id.CitizenID]
	if key == "" {
		return nil, false
	}
	if who := f.answersAs(caseID, key, own); who != nil {
		return who, true
	}
	var best []namesake
	for _, n := range f.namesakes[key] {
		switch {
		case n.root == own || len(best) > 0 && n.known < best[0].known:
		case len(best) > 0 && n.known == best[0].known:
			best = append(best, n)
		default:
			best = []namesake{n}
		}
	}
	if len(best) == 0 {
		return nil, false
	}
	n := &best[0]
	if likeness.Disguised(it.From.Display) {
		return n, true
	}
	domain := mailDomain(it.From.Value)
	theirs := slices.ContainsFunc(n.domains, func(d string) bool { return likeness.SameHolder(d, domain) && !likeness.Shared(d) })
	if !fresh || len(best) > 1 || n.known == namedOnly || theirs {
		return nil, false
	}
	return n, false
}

// answersAs is the person of that name who takes part in a case which the message of a
// new case answers without being of those who do. However little is known of that
// person: who answers in their name where they wrote is them, or wants to pass for them.
func (f *filing) answersAs(caseID int64, key string, own int64) *namesake {
	for _, s := range f.suggestions {
		other := f.cases[s.otherID]
		if s.caseID != caseID || other == nil {
			continue
		}
		for citizen, root := range f.roots {
			if root != own && f.talking[other.ID][root] && nameKey(f.names[citizen]) == key {
				return &namesake{root: root, name: f.names[citizen]}
			}
		}
	}
	return nil
}
