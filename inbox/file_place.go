package inbox

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/channels"
)

// place is where a message stands that another one refers to.
type place struct {
	messageID, caseID, accountID int64
	doubted                      bool // our own mail server does not take it for its sender's
}

// mostOfOneID is how many messages of one id count, the first and the last ones. One
// letter may come certified and as ordinary mail, and to several offices; a scanner may
// give all its mails the same id; and anybody can send a mail with another's.
const mostOfOneID = 10

// refer notes that a message of an external id stands at a place.
func (f *filing) refer(ref string, p place) {
	list := f.byRef[ref]
	if ref == "" || slices.ContainsFunc(list, func(x place) bool { return x.messageID == p.messageID }) {
		return
	}
	if len(list) == mostOfOneID {
		list = slices.Delete(list, mostOfOneID/2, mostOfOneID/2+1)
	}
	f.byRef[ref] = append(list, p)
}

// last is the newest message of an id; nil for none.
func (f *filing) last(ref string) *place {
	if list := f.byRef[ref]; len(list) > 0 {
		return &list[len(list)-1]
	}
	return nil
}

// on is the newest message of an id that stands on a case; nil for none.
func (f *filing) on(ref string, c *Case) *place {
	list := f.byRef[ref]
	for i := len(list) - 1; i >= 0; i-- {
		if x := f.cases[list[i].caseID]; x != nil && f.parent(x) == c {
			return &list[i]
		}
	}
	return nil
}

// referred are the cases with messages of an id, the newest first, those with doubted
// ones last. Of too many nobody is asked.
func (f *filing) referred(ref string) (out []candidate) {
	for _, doubted := range []bool{false, true} {
		for _, p := range slices.Backward(f.byRef[ref]) {
			c := f.cases[p.caseID]
			if c == nil || p.doubted != doubted || slices.ContainsFunc(out, func(x candidate) bool { return x.c == c }) {
				continue
			}
			out = append(out, candidate{c: c, reason: "reference", ref: ref, doubted: doubted})
		}
	}
	for i := range out {
		out[i].crowd = len(out) > aCircular
	}
	return out
}

// answered is the message that an item answers: on the case that it came to, or, with
// no case and on a platform whose ids are its own, the one of that id; 0 for none.
func (f *filing) answered(it *channels.Item, c *Case) int64 {
	for _, ref := range it.References {
		p := f.last(ref)
		if c != nil {
			p = f.on(ref, c)
		} else if isMail(f.acc.Kind) {
			continue
		}
		if p != nil {
			return p.messageID
		}
	}
	return 0
}

// loadPlaces finds the messages which the batch answers.
func (f *filing) loadPlaces(ctx context.Context) error {
	f.byRef = map[string][]place{}
	var refs []string
	var own []int64
	ownRef := map[int64][]string{} // of certified mail one for each recipient
	f.eachItem(func(_ *reading, it *channels.Item) {
		for _, ref := range slices.Concat([]string{it.Answers, it.EditOf}, it.References) {
			if n, ok := f.in.sign.ParseMessageID(ref); ok {
				own = append(own, n)
				ownRef[n] = append(ownRef[n], ref)
			} else if ref != "" {
				refs = append(refs, ref)
			}
		}
	})
	type row struct {
		ID, CaseID, AccountID int64
		ExternalID            string
		Sender, Notes         string
		Certified             string
	}
	query := func() *bun.SelectQuery {
		return f.tx.NewSelect().Table("messages").Column("id", "account_id", "external_id", "sender", "notes", "certified").ColumnExpr("COALESCE(case_id, 0) AS case_id")
	}
	if len(refs) > 0 {
		var rows []row
		q := query().Where("external_id IN (?) AND external_id <> ''", bun.List(refs)).OrderExpr("id")
		if !isMail(f.acc.Kind) {
			q = q.Where("account_id = ?", f.acc.ID)
		}
		if err := q.Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			m := &Message{Sender: r.Sender, Notes: r.Notes, Certified: r.Certified}
			f.refer(r.ExternalID, place{r.ID, r.CaseID, r.AccountID, m.doubted()})
		}
	}
	if err := f.loadCertifiedPlaces(ctx, refs); err != nil {
		return err
	}
	if len(own) > 0 {
		var rows []row
		if err := query().Where("id IN (?)", bun.List(own)).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			for _, ref := range ownRef[r.ID] {
				f.refer(ref, place{r.ID, r.CaseID, r.AccountID, false})
			}
		}
	}
	return nil
}
