package inbox

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
	"filodiretto/internal/person"
)

// fewPersons is how many persons may share a telephone or an address for that
// alone to be a reason: a household, not a block of flats, a tax office's
// number or our own switchboard. With more, the name must fit too.
const fewPersons = 5

// mostSharing is how many identities may have the same key at all. What more
// people give than that, such as our own number, says nothing of any of them.
const mostSharing = 200

// The worth of each reason, of 100.
var reasonScore = map[string]int{"cf": 80, "email": 70, "form": 70, "phone": 45, "address": 25, "name": 20}

// reasonOrder is the order in which reasons are written.
var reasonOrder = []string{"cf", "email", "form", "phone", "address", "name"}

// score rates how likely two persons are one, from 5 to 100. Names that
// contradict each other take away: a couple shares telephone and address.
func score(reasons []string, names person.Match) int {
	sum := 0
	for _, r := range reasons {
		sum += reasonScore[r]
	}
	if names == person.Different {
		sum -= 35
	}
	return min(max(sum, 5), 100)
}

// pair is two citizen rows that may be one person, the smaller id first.
type pair struct {
	a, b     int64
	reasons  []string
	needName bool // only a proposal when the names fit
}

func newPair(x, y int64, reason string) pair {
	return pair{a: min(x, y), b: max(x, y), reasons: []string{reason}}
}

// proposeFor looks whether identities that were just inserted are somebody
// else's too, and asks whether the two are one person. Whatever the number of
// identities it takes a handful of queries: one for each kind of identity when
// nothing matches, and none for mail addresses and bots.
func (in *Inbox) proposeFor(ctx context.Context, tx *db.Tx, ids []Identity) error {
	byKind := map[string][]string{}
	for i := range ids {
		if k := ids[i].MatchKey; k != "" && ids[i].RemovedAt.IsZero() {
			byKind[ids[i].Kind] = append(byKind[ids[i].Kind], k)
		}
	}
	var pairs []pair
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		holders, err := sharing(ctx, tx, kind, byKind[kind])
		if err != nil {
			return fmt.Errorf("propose: %w", err)
		}
		for i := range ids {
			if ids[i].Kind == kind {
				pairs = append(pairs, pairsOf(&ids[i], holders[ids[i].MatchKey])...)
			}
		}
	}
	if err := in.propose(ctx, tx, pairs); err != nil {
		return fmt.Errorf("propose: %w", err)
	}
	return nil
}

// holder is an identity beside the person who has it.
type holder struct {
	CitizenID, RootID int64
	MatchKey, Display string
}

// sharing gives, by key, who has the identities of a kind that more than one has.
func sharing(ctx context.Context, tx *db.Tx, kind string, keys []string) (map[string][]holder, error) {
	var shared []string
	slices.Sort(keys)
	keys = slices.Compact(keys)
	for part := range slices.Chunk(keys, 500) {
		var found []string
		err := tx.NewSelect().Table("identities").Column("match_key").
			Where("removed_at = 0 AND match_key <> '' AND kind = ? AND match_key IN (?)", kind, bun.List(part)).
			Group("match_key").Having("COUNT(*) BETWEEN 2 AND ?", mostSharing).Scan(ctx, &found)
		if err != nil {
			return nil, err
		}
		shared = append(shared, found...)
	}
	out := map[string][]holder{}
	for part := range slices.Chunk(shared, 500) {
		var rows []holder
		err := tx.NewSelect().TableExpr("identities AS i").Join("JOIN citizens AS z ON z.id = i.citizen_id").
			Column("i.citizen_id", "z.root_id", "i.match_key", "i.display").
			Where("i.removed_at = 0 AND i.match_key <> '' AND i.kind = ? AND i.match_key IN (?)", kind, bun.List(part)).OrderExpr("i.id").Scan(ctx, &rows)
		if err != nil {
			return nil, err
		}
		for _, h := range rows {
			out[h.MatchKey] = append(out[h.MatchKey], h)
		}
	}
	return out, nil
}

// pairsOf pairs an identity with its other holders. Addresses were found by a
// rough key, so they are compared as they were written.
func pairsOf(id *Identity, holders []holder) []pair {
	if id.Kind == "address" {
		mine := person.Address(id.Display)
		holders = slices.DeleteFunc(slices.Clone(holders), func(h holder) bool {
			m := mine.Match(person.Address(h.Display))
			return h.CitizenID != id.CitizenID && m != person.Same && m != person.Compatible
		})
	}
	persons := map[int64]bool{}
	for _, h := range holders {
		persons[h.RootID] = true
	}
	var out []pair
	for _, h := range holders {
		if h.CitizenID != id.CitizenID {
			p := newPair(id.CitizenID, h.CitizenID, id.Kind)
			p.needName = id.Kind != "cf" && len(persons) > fewPersons
			out = append(out, p)
		}
	}
	return out
}

// propose stores pairs as proposals, but for those who are one person already
// or of whom somebody said that they are not, whichever of their rows it was
// said of. A proposal that is open gets the reasons that are new.
func (in *Inbox) propose(ctx context.Context, tx *db.Tx, pairs []pair) error {
	pairs = joinPairs(pairs)
	if len(pairs) == 0 {
		return nil
	}
	who, err := loadWho(ctx, tx, pairs)
	if err != nil {
		return err
	}
	known, err := loadKnownProposals(ctx, tx, who)
	if err != nil {
		return err
	}
	var rows []*Proposal
	var events []Event
	for _, p := range pairs {
		row, fresh := in.newProposal(tx, p, who, known)
		if row == nil {
			continue
		}
		rows = append(rows, row)
		if fresh {
			events = append(events, in.proposalEvents(tx, Viewer{}, "proposal.made", row)...)
		}
	}
	for part := range slices.Chunk(rows, 100) {
		_, err := tx.NewInsert().Model(&part).On("CONFLICT (a_id, b_id) DO UPDATE").
			Set("reasons = EXCLUDED.reasons").Set("score = EXCLUDED.score").Where("pr.state = 'open'").Exec(ctx)
		if err != nil {
			return err
		}
	}
	return insertAll(ctx, tx, events)
}

// newProposal makes the row for a pair, or nil when there is nothing to ask.
// fresh is true when nothing was open between the two persons before.
func (in *Inbox) newProposal(tx *db.Tx, p pair, who *whoIsWho, known map[rootPair]*knownProposals) (row *Proposal, fresh bool) {
	rp := who.roots(p.a, p.b)
	if rp.a == rp.b {
		return nil, false
	}
	k := known[rp]
	if k == nil {
		k = &knownProposals{open: map[[2]int64]string{}}
		known[rp] = k
	}
	if k.apart {
		return nil, false
	}
	names := person.NameMatch(who.name[rp.a], who.name[rp.b])
	fits := names == person.Same || names == person.Compatible
	if p.needName && !fits {
		return nil, false
	}
	reasons := p.reasons
	if fits {
		reasons = append(slices.Clone(reasons), "name")
	}
	before, had := k.open[[2]int64{p.a, p.b}]
	written, list := joinReasons(before, reasons)
	if had && written == before {
		return nil, false
	}
	fresh = len(k.open) == 0
	k.open[[2]int64{p.a, p.b}] = written
	return &Proposal{
		ID: db.NewID(in.clock), AID: p.a, BID: p.b, Reasons: written, Score: score(list, names), State: "open", CreatedAt: tx.Now,
	}, fresh
}

// joinPairs puts the reasons of equal pairs together. One that needs no name
// frees the pair from needing one.
func joinPairs(pairs []pair) []pair {
	at := map[[2]int64]int{}
	var out []pair
	for _, p := range pairs {
		if p.a == p.b {
			continue
		}
		i, seen := at[[2]int64{p.a, p.b}]
		if !seen {
			at[[2]int64{p.a, p.b}] = len(out)
			out = append(out, p)
			continue
		}
		out[i].reasons = append(slices.Clone(out[i].reasons), p.reasons...)
		out[i].needName = out[i].needName && p.needName
	}
	return out
}

// joinReasons writes the union of reasons in their order.
func joinReasons(before string, more []string) (written string, list []string) {
	all := append(strings.Fields(before), more...)
	for _, r := range reasonOrder {
		if slices.Contains(all, r) {
			list = append(list, r)
		}
	}
	return strings.Join(list, " "), list
}

// proposalEvents tells of a proposal on both of its rows.
func (in *Inbox) proposalEvents(tx *db.Tx, v Viewer, kind string, p *Proposal) []Event {
	data := map[string]any{"proposal": p.ID, "a": p.AID, "b": p.BID, "reasons": p.Reasons}
	return []Event{in.citizenEvent(tx, v, kind, p.AID, data), in.citizenEvent(tx, v, kind, p.BID, data)}
}
