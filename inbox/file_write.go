package inbox

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/templates"
)

// write puts everything into the tables, a statement a table where it can be.
func (f *filing) write(ctx context.Context) error {
	cases := make([]*Case, len(f.newCases))
	for i, n := range f.newCases {
		cases[i] = n.Case
		delete(f.changedCases, n.ID)
	}
	for _, step := range []func() error{
		func() error { return f.lockCases(ctx) },
		func() error { return f.settleLookalikes(ctx) },
		func() error { return insertAll(ctx, f.tx, f.newCitizens) },
		func() error { return insertAll(ctx, f.tx, f.newIdentities) },
		func() error { return indexCitizens(ctx, f.tx, f.newCitizens, f.newIdentities) },
		func() error { return insertAll(ctx, f.tx, cases) },
		func() error { return insertAll(ctx, f.tx, f.messages) },
		func() error { return f.register(ctx) },
		func() error { return insertAll(ctx, f.tx, f.keys) },
		func() error { return insertNew(ctx, f.tx, f.newAwaited) },
		func() error { return f.shareCases(ctx) }, // before this copy stands among those that came
		func() error { return insertNew(ctx, f.tx, f.copies) },
		func() error { return insertAll(ctx, f.tx, f.lookalikes) },
		func() error { return insertAll(ctx, f.tx, f.forwards) },
		func() error { return f.noteSigned(ctx) },
		func() error { return f.keepAuthorities(ctx) },
		func() error { return insertAll(ctx, f.tx, f.parts) },
		func() error { return f.in.askScans(ctx, f.tx, f.parts) },
		func() error { return f.updateFormer(ctx) },
		func() error { return insertAll(ctx, f.tx, f.versions) },
		func() error { return f.hold(ctx) },
		func() error { return insertAll(ctx, f.tx, f.talk.turns) },
		func() error { return f.updateMessages(ctx) },
		func() error { return f.updateCases(ctx) },
		func() error { return f.updateIdentities(ctx) },
		func() error { return f.insertSuggestions(ctx) },
		func() error { return indexWords(ctx, f.tx, f.words) },
		func() error { return f.insertEvents(ctx) },
		func() error { return f.lookErased(ctx) },
		func() error { return f.updateRaws(ctx) },
		func() error { return f.emptyErased(ctx) },
		func() error { return f.settleRescued(ctx) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// mostInserted is how many rows one statement inserts; both databases take them.
const mostInserted = 100

// insertAll writes rows, a statement after the other.
func insertAll[T any](ctx context.Context, tx *db.Tx, rows []T) error {
	for part := range slices.Chunk(rows, mostInserted) {
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return fmt.Errorf("insert %T: %w", rows[0], err)
		}
	}
	return nil
}

// inserts are the statements of insertAll, for who has more to send with them.
func inserts[T any](tx *db.Tx, rows []T) (out []string) {
	for part := range slices.Chunk(rows, mostInserted) {
		out = append(out, tx.NewInsert().Model(&part).String())
	}
	return out
}

// insertNew is insertAll for rows that may be there already, from another mailbox or
// from a former reading.
func insertNew[T any](ctx context.Context, tx *db.Tx, rows []T) error {
	for part := range slices.Chunk(rows, mostInserted) {
		if _, err := tx.NewInsert().Model(&part).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("insert %T where it is new: %w", rows[0], err)
		}
	}
	return nil
}

// hold writes what waits for a person. An item that waited before, and was let in or
// read again meanwhile, waits anew in the same row; who decided what, and when, the
// events tell.
func (f *filing) hold(ctx context.Context) error {
	for part := range slices.Chunk(f.quarantine, mostInserted) {
		q := f.tx.NewInsert().Model(&part).On("CONFLICT (raw_id, item) DO UPDATE")
		for _, column := range []string{"office_id", "reason", "detail", "sender", "subject", "at", "state", "decided_by", "decided_at", "note", "message_id"} {
			q = q.Set(column + " = excluded." + column)
		}
		if _, err := q.Exec(ctx); err != nil {
			return fmt.Errorf("write what waits for a person: %w", err)
		}
	}
	return nil
}

func (f *filing) insertEvents(ctx context.Context) error { return insertAll(ctx, f.tx, f.events) }

func (f *filing) updateMessages(ctx context.Context) error {
	for _, m := range f.edited {
		res, err := f.tx.NewUpdate().Model(m).Column("subject", "text", "html", "parts", "version", "raw_id").WherePK().Where("erased_at = 0").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 { // it was erased meanwhile
			return db.ErrStale
		}
	}
	return nil
}

// lockCases keeps the cases that got a message as they were read: one that somebody
// closed, answered or merged meanwhile would be open again, and what came would be where
// the case is no more. It is db.ErrStale then, and all is decided anew. SQLite has one
// writer.
func (f *filing) lockCases(ctx context.Context) error {
	if !f.tx.Postgres || len(f.changedCases) == 0 {
		return nil
	}
	var rows []struct{ ID, Version int64 }
	err := f.tx.NewRaw("SELECT id, version FROM cases WHERE id IN (?) ORDER BY id FOR NO KEY UPDATE", bun.List(slices.Collect(maps.Keys(f.changedCases)))).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("lock the cases of a batch: %w", err)
	}
	for _, r := range rows {
		if f.changedCases[r.ID].Version != r.Version {
			return db.ErrStale
		}
	}
	return nil
}

// updateCases writes the cases that got a message. A case that was opened in
// this very batch is inserted with its last state and not updated.
func (f *filing) updateCases(ctx context.Context) error {
	for _, c := range f.changedCases {
		c.Version++
		_, err := f.tx.NewUpdate().Model(c).Column("status", "closed_at", "snoozed_until", "outcome", "last_at", "last_message_id",
			"channel", "snippet", "last_in_id", "last_in_at", "account_id", "thread_key", "unread", "suspect", "version").WherePK().Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// updateIdentities notes when known addresses were seen.
func (f *filing) updateIdentities(ctx context.Context) error {
	fresh := map[int64]bool{}
	for _, id := range f.newIdentities {
		fresh[id.ID] = true
	}
	for _, id := range f.seenIdentity {
		if fresh[id.ID] {
			continue
		}
		_, err := f.tx.NewUpdate().Model(id).Column("last_seen", "handle", "status", "status_at", "status_until", "status_text", "proof", "proof_source", "verified_at", "verified_by", "recent_since", "recent_count").WherePK().Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *filing) insertSuggestions(ctx context.Context) error {
	for _, s := range f.suggestions {
		_, err := f.tx.NewRaw(`INSERT INTO suggestions (id, case_id, other_id, reason, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (case_id, other_id) DO NOTHING`,
			db.NewID(f.in.clock), s.caseID, s.otherID, s.reason, f.tx.Now).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// updateRaws marks what became of each raw item. One that came back of an erased message
// has lost its bytes by now, and no later parser can read it.
func (f *filing) updateRaws(ctx context.Context) error {
	byState := map[string][]int64{}
	parser := 0
	for _, r := range f.list {
		byState[f.outcome[r.raw.ID]] = append(byState[f.outcome[r.raw.ID]], r.raw.ID)
		parser = r.parser
	}
	for state, ids := range byState {
		_, err := f.tx.NewRaw(`UPDATE raws SET state = ?, parser = CASE WHEN body IS NULL AND blob = '' AND size > 0 THEN 0 ELSE ? END, attempts = attempts + 1
			WHERE id IN (?)`, state, parser, bun.List(ids)).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// indexWords puts messages into the search table.
func indexWords(ctx context.Context, tx *db.Tx, rows []searchRow) error {
	if _, err := tx.Send(ctx, indexing(tx, rows)); err != nil {
		return fmt.Errorf("index words: %w", err)
	}
	return nil
}

// indexing are the statements of indexWords, for who has more to send with them.
func indexing(tx *db.Tx, rows []searchRow) (out []string) {
	begin, row, end := "INSERT OR REPLACE INTO search (rowid, words) VALUES ", ", (?, ?)", ""
	if tx.Postgres {
		begin, row = "INSERT INTO search (message_id, words) VALUES ", ", (?, array_to_tsvector(string_to_array(?, ' ')))"
		end = " ON CONFLICT (message_id) DO UPDATE SET words = excluded.words"
	}
	for part := range slices.Chunk(rows, mostInserted) {
		var args []any
		for _, r := range part {
			args = append(args, r.messageID, strings.Join(r.words, " "))
		}
		out = append(out, tx.NewRaw(begin+strings.Repeat(row, len(part))[len(", "):]+end, args...).String())
	}
	return out
}

// unindex takes messages out of the search table. Of SQLite's index the words go with the
// next merge, see compactSearch.
func unindex(ctx context.Context, tx *db.Tx, messages []int64) error {
	q := "DELETE FROM search WHERE rowid IN (?)"
	if tx.Postgres {
		q = "DELETE FROM search WHERE message_id IN (?)"
	}
	if _, err := tx.NewRaw(q, bun.List(messages)).Exec(ctx); err != nil {
		return fmt.Errorf("take words out of the index: %w", err)
	}
	return nil
}

// afterwards does what needs the rows to be there: proposals, consent, links,
// automatic answers; and tells the pages once all is committed.
func (f *filing) afterwards(ctx context.Context) error {
	claims := make([]Identity, 0)
	for _, id := range f.newIdentities {
		if id.MatchKey != "" {
			claims = append(claims, *id)
		}
	}
	if len(claims) > 0 {
		if err := f.in.proposeFor(ctx, f.tx, claims); err != nil {
			return fmt.Errorf("file: proposals: %w", err)
		}
	}
	if err := f.proposeAddresses(ctx); err != nil {
		return fmt.Errorf("file: proposals: %w", err)
	}
	for _, c := range f.consents {
		if err := f.in.setConsent(ctx, f.tx, c.id, c.in, c.how, c.answer); err != nil {
			return fmt.Errorf("file: consent: %w", err)
		}
	}
	for _, l := range f.links {
		to, err := f.in.useLink(ctx, f.tx, l.token, l.id.ID, cmp.Or(l.answer.Lang, f.in.set.Lang))
		if err != nil {
			return fmt.Errorf("file: link: %w", err)
		}
		answer := autoReply{event: templates.LinkExpired, to: l.id, answer: l.answer}
		if to != "" {
			answer.event, answer.vars = templates.LinkConfirmed, map[string]string{"linked_to": to}
		}
		if l.fresh {
			f.replies = append(f.replies, answer)
		}
	}
	if err := f.sendReplies(ctx); err != nil {
		return fmt.Errorf("file: automatic answer: %w", err)
	}
	if f.toFetch {
		if err := f.in.wake.Fetch(ctx, f.tx, f.acc.ID); err != nil {
			return err
		}
	}
	f.tx.After(f.publish)
	return nil
}

// sendReplies queues the automatic answers of the whole batch at once: the budgets
// are read once, and the rows written table by table.
func (f *filing) sendReplies(ctx context.Context) error {
	if len(f.replies) == 0 {
		return nil
	}
	list := make([]automatic, len(f.replies))
	for i, r := range f.replies {
		list[i] = automatic{Event: r.event, Case: r.c, To: *r.to, Answer: r.answer, Vars: r.vars}
	}
	return f.in.sendAutomatics(ctx, f.tx, list)
}

func (f *filing) publish() {
	for _, n := range f.newCases {
		f.in.hub.Publish(live.Event{Topic: "case", ID: n.ID, Version: n.Version, Office: n.OfficeID, Kind: "new"})
	}
	for _, c := range f.changedCases {
		f.in.hub.Publish(live.Event{Topic: "case", ID: c.ID, Version: c.Version, Office: c.OfficeID, Kind: "message"})
	}
	for _, c := range f.copied {
		f.in.reads.forgetCase(c.ID)
		f.in.hub.Publish(live.Event{Topic: "case", ID: c.ID, Version: c.Version, Office: c.OfficeID, Kind: "copied"})
	}
	for _, q := range f.quarantine {
		f.in.hub.Publish(live.Event{Topic: "quarantine", ID: q.ID, Office: q.OfficeID, Kind: "new"})
	}
}

// addParts files what came with a message.
func (f *filing) addParts(m *Message, it *channels.Item, files []keptFile) {
	for i := range it.Parts {
		p := &it.Parts[i]
		row := &Part{
			ID: db.NewID(f.in.clock), MessageID: m.ID, Ord: i, Kind: string(p.Kind), Name: p.Name, Claimed: p.Claimed,
			Detected: p.Detected, ContentID: p.ContentID, Size: p.Size, Remote: p.Remote, Problem: p.Problem, Preview: p.Preview,
			Lat: p.Lat, Lon: p.Lon, State: "none", Signatures: stored(p.Signatures, len(p.Signatures) > 0), Inside: p.Inside,
		}
		switch {
		case p.Problem != "":
			row.State = "failed"
		case p.Remote != "":
			row.State, row.NextAt = "pending", f.tx.Now
			f.toFetch = true
		case files[i].sha256 != "":
			row.State, row.Size, row.SHA256, row.Data = "stored", files[i].size, files[i].sha256, files[i].data
		}
		f.parts = append(f.parts, row)
	}
	m.Parts = len(it.Parts)
}
