package inbox

import (
	"context"
	"fmt"
	"slices"
)

// The same bytes come more than once where a server hands a message over for each of
// its recipients: "urp@", and then "urp+detail@". What the later envelope names counts
// too.

// shareTokens gives originals of a batch with the same bytes what is named by the
// envelopes of all of them: the first one stands for the others.
func (f *filing) shareTokens(context.Context) error {
	firsts := map[string]*reading{}
	for _, r := range f.list {
		first := firsts[r.raw.SHA256]
		if first == nil {
			firsts[r.raw.SHA256] = r
			continue
		}
		for i := range min(len(first.items), len(r.items)) {
			for _, t := range r.items[i].Tokens {
				if to := &first.items[i].Tokens; !slices.Contains(*to, t) {
					*to = append(*to, t)
				}
			}
		}
	}
	return nil
}

// handedAgain deals with bytes that were filed before. Where they opened a case, and the
// later envelope names another by its signed address, that one is proposed: people may
// have acted on the first meanwhile.
func (f *filing) handedAgain(ctx context.Context, r *reading) error {
	f.outcome[r.raw.ID] = "duplicate"
	for i := range r.items {
		it := &r.items[i]
		for _, t := range it.Tokens {
			caseID, ok := f.in.sign.ParseReplyDetail(t)
			messageID, filed := f.knownAs(r, it)
			if other := f.cases[caseID]; ok && filed && other != nil && f.sameMailbox(f.parent(other)) {
				if err := f.proposeNamed(ctx, messageID, f.parent(other)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// proposeNamed proposes a case for the one that a message opened.
func (f *filing) proposeNamed(ctx context.Context, messageID int64, other *Case) error {
	var opened []int64
	err := f.tx.NewRaw(`SELECT m.case_id FROM messages AS m WHERE m.id = ? AND m.direction = 'in' AND m.case_id > 0
		AND NOT EXISTS (SELECT 1 FROM messages AS x WHERE x.case_id = m.case_id AND x.id < m.id)`, messageID).Scan(ctx, &opened)
	if err != nil {
		return fmt.Errorf("the case of a message that came again: %w", err)
	}
	if len(opened) == 0 {
		return nil
	}
	if err := f.loadCasesByID(ctx, map[int64]bool{opened[0]: true}); err != nil {
		return err
	}
	c := f.cases[opened[0]]
	if c == nil || c.MergedInto > 0 || c.ID == other.ID {
		return nil
	}
	f.suggestions = append(f.suggestions, suggestion{c.ID, other.ID, "reply_address"})
	return nil
}
