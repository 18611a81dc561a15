package inbox

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Who owns a mail that came to several of our mailboxes (mail rule 27): it is one
// message, on a case of the office whose mailbox took it first, unless a rule of the
// router gives it to another. The offices whose mailboxes took it later have received it
// too: they see the case, and find it in ViewCopied while it is another's and live, or
// until one of them has opened it: what the owner closes they may not have read.
//
// Offices whose cases are for their members alone share nothing so: such a mail is a
// message of its own, on a case of its own, for each side (apart).

// Copy records that a message reached one of our accounts (mail rules 24, 27).
type Copy struct {
	bun.BaseModel `bun:"table:copies,alias:cp"`

	MessageID int64 `bun:",pk"`
	RawID     int64 `bun:",pk"`
	AccountID int64
	OfficeID  int64
	At        clock.Instant
	Blind     bool // the mail names no address of the account, as with a blind copy
}

// Arrival is a further mailbox of ours that a message came by.
type Arrival struct {
	AccountID int64
	Account   string // its name; empty for one that is there no more
	OfficeID  int64
	At        clock.Instant
	Blind     bool // told only to the members of the office
}

func (f *filing) addCopy(messageID int64, r *reading, it *channels.Item) {
	if f.outcome[r.raw.ID] == "ignored" {
		f.outcome[r.raw.ID] = "filed"
	}
	for _, c := range f.copies {
		if c.MessageID == messageID && c.RawID == r.raw.ID {
			return
		}
	}
	f.copies = append(f.copies, &Copy{MessageID: messageID, RawID: r.raw.ID, AccountID: f.acc.ID, OfficeID: f.acc.OfficeID, At: f.tx.Now, Blind: f.blind(it)})
}

// blind reports whether a mail names none of the account's addresses. A list or a
// forwarding looks the same, and is kept as quiet.
func (f *filing) blind(it *channels.Item) bool {
	if !isMail(f.acc.Kind) {
		return false
	}
	own := ownAddresses(f.acc.Settings)
	named := func(a channels.Address) bool {
		local, domain, _ := strings.Cut(a.Value, "@")
		local, _, _ = strings.Cut(local, "+")
		return slices.Contains(own, a.Value) || slices.Contains(own, local+"@"+domain)
	}
	return !slices.ContainsFunc(it.To, named) && !slices.ContainsFunc(it.Cc, named)
}

// ownKeys are the keys under which a message may be known that this office does not
// share with all others: with those that have no reserved cases either, or with none.
func (f *filing) ownKeys(key string) []string {
	alone := fmt.Sprintf("office:%d:%s", f.acc.OfficeID, key)
	if f.reserved {
		return []string{alone}
	}
	return []string{"open:" + key, alone}
}

// keyFor is the key that stands for a message to this office: the common one, unless
// what is known under it is apart.
func (f *filing) keyFor(key string) string {
	free := func(k string) bool {
		id, known := f.known[k]
		return !known || !f.apart[id]
	}
	if free(key) {
		return key
	}
	own := f.ownKeys(key)
	if i := slices.IndexFunc(own, free); i >= 0 {
		return own[i]
	}
	return own[len(own)-1]
}

// loadApart finds which of the known messages this office does not share, one of the
// two having cases for its members alone, and what is known to it in their place.
func (f *filing) loadApart(ctx context.Context, keys []string) error {
	f.apart = map[int64]bool{}
	if len(f.known) == 0 || !isMail(f.acc.Kind) {
		return nil
	}
	if err := f.tx.NewRaw("SELECT reserved FROM offices WHERE id = ?", f.acc.OfficeID).Scan(ctx, &f.reserved); err != nil {
		return fmt.Errorf("is the office's mail reserved: %w", err)
	}
	if err := f.markApart(ctx); err != nil || len(f.apart) == 0 {
		return err
	}
	var more []string
	for _, k := range keys {
		if f.apart[f.known[k]] {
			more = append(more, f.ownKeys(k)...)
		}
	}
	if err := f.loadKeys(ctx, more); err != nil {
		return err
	}
	return f.markApart(ctx)
}

func (f *filing) markApart(ctx context.Context) error {
	var ids []int64
	for _, id := range f.known {
		ids = append(ids, id)
	}
	var apart []int64
	err := f.tx.NewRaw(`SELECT m.id FROM messages AS m JOIN accounts AS a ON a.id = m.account_id JOIN cases AS c ON c.id = m.case_id JOIN offices AS o ON o.id = c.office_id
		WHERE m.id IN (?) AND a.office_id <> ? AND c.office_id <> ? AND (o.reserved OR ?)`, bun.List(ids), f.acc.OfficeID, f.acc.OfficeID, f.reserved).Scan(ctx, &apart)
	if err != nil {
		return fmt.Errorf("which mails are another office's alone: %w", err)
	}
	for _, id := range apart {
		f.apart[id] = true
	}
	return nil
}

// shareCases lets the account's office see the cases of messages that came to another
// office's account first, tells on the case that it has them, and puts the case among
// those that came to it too. What one office has in several mailboxes it has once. The cases are locked, so that none changes unseen meanwhile.
func (f *filing) shareCases(ctx context.Context) error {
	if len(f.shared) == 0 {
		return nil
	}
	q := `SELECT m.id AS message_id, c.id AS case_id, c.office_id, c.citizen_id, c.status, c.last_at, c.version,
			EXISTS (SELECT 1 FROM copies AS cp WHERE cp.message_id = m.id AND cp.account_id = ?) AS again
		FROM messages AS m JOIN accounts AS a ON a.id = m.account_id JOIN cases AS c ON c.id = m.case_id
		WHERE m.id IN (?) AND a.office_id <> ? AND c.office_id <> ? AND NOT EXISTS (SELECT 1 FROM offices AS o WHERE o.id = c.office_id AND o.reserved)
		ORDER BY c.id, m.id`
	if f.tx.Postgres {
		q += " FOR NO KEY UPDATE OF c" // not SHARE: two that then change the case would wait for each other
	}
	var rows []struct {
		MessageID, CaseID, OfficeID, CitizenID, Version int64
		Status                                          Status
		LastAt                                          clock.Instant
		Again                                           bool
	}
	if err := f.tx.NewRaw(q, f.acc.ID, bun.List(slices.Collect(maps.Keys(f.shared))), f.acc.OfficeID, f.acc.OfficeID).Scan(ctx, &rows); err != nil {
		return fmt.Errorf("cases of mails that came before: %w", err)
	}
	for _, r := range rows {
		if r.Again {
			continue // it was told when it came the first time
		}
		live := r.Status == Open || r.Status == Waiting
		_, err := f.tx.NewRaw(`INSERT INTO case_offices (case_id, office_id, since_at, copied_at, live, listed_at, owner_id) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (case_id, office_id) DO UPDATE SET copied_at = CASE WHEN case_offices.copied_at = 0 THEN excluded.copied_at ELSE case_offices.copied_at END,
				seen_at = 0, live = excluded.live, listed_at = excluded.listed_at, owner_id = excluded.owner_id`,
			r.CaseID, f.acc.OfficeID, f.tx.Now, f.tx.Now, live, r.LastAt, r.OfficeID).Exec(ctx)
		if err != nil {
			return fmt.Errorf("let an office see what came to it too: %w", err)
		}
		kind := eventCopied
		if f.shared[r.MessageID] {
			kind = eventCopiedBlind
		}
		e := NewEvent(f.tx, f.in.clock, kind, map[string]any{"account": f.acc.ID, "mailbox": f.acc.Name, "office": f.acc.OfficeID})
		e.CaseID, e.CitizenID, e.MessageID, e.OfficeID = r.CaseID, r.CitizenID, r.MessageID, f.acc.OfficeID
		f.events = append(f.events, e)
		f.copied = append(f.copied, &Case{ID: r.CaseID, OfficeID: r.OfficeID, Version: r.Version})
	}
	return nil
}

// unshare takes a case that becomes a reserved office's from the offices that see it
// for no other reason than that its mail came to them too. One that had a hand in it
// keeps what it had: its row is older than the copy, or younger (router).
func unshare(ctx context.Context, tx *db.Tx, c *Case) error {
	_, err := tx.NewRaw(`DELETE FROM case_offices WHERE case_id = ? AND copied_at <> 0 AND since_at = copied_at AND office_id <> ?
		AND EXISTS (SELECT 1 FROM offices WHERE id = ? AND reserved)`, c.ID, c.OfficeID, c.OfficeID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("a reserved case is its office's: %w", err)
	}
	return nil
}

// What tells on a case that its mail came to another office's mailbox too. The second
// is for the members of that office.
const (
	eventCopied      = "case.copied"
	eventCopiedBlind = "case.copied_blind"
)
