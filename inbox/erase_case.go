package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// erasedSubject stands where the subject of a case was that was its first message's.
func (in *Inbox) erasedSubject() string {
	if in.set.Lang == "en" {
		return "Contents erased"
	}
	return "Contenuto cancellato"
}

// lockFamily locks a case and those that were put into it in order of their ids, as filing
// does: else the two would wait for each other.
func lockFamily(ctx context.Context, tx *db.Tx, root int64) error {
	if !tx.Postgres {
		return nil // the only writer
	}
	if _, err := tx.NewRaw("SELECT c.id FROM cases AS c WHERE c.id IN "+family+" ORDER BY c.id FOR UPDATE OF c", root).Exec(ctx); err != nil {
		return fmt.Errorf("lock the cases of a message: %w", err)
	}
	return nil
}

// cases takes the message out of the cases that repeat it: the one on whose page it
// stands, which the caller has locked and writes, and those that were put into that one.
// The subject is the first message's, the beginning of a text the last one's.
func (x *erasing) cases(ctx context.Context, tx *db.Tx, c *Case) error {
	var kin []*Case
	if err := tx.NewSelect().Model(&kin).Where("c.id IN "+family, c.ID).Scan(ctx); err != nil {
		return fmt.Errorf("the cases of a message: %w", err)
	}
	for _, k := range kin {
		if k.ID == c.ID {
			k = c
		}
		var first int64
		err := tx.NewRaw("SELECT COALESCE(min(id), 0) FROM messages WHERE case_id = ?", k.ID).Scan(ctx, &first)
		if err != nil {
			return fmt.Errorf("the first message of a case: %w", err)
		}
		if first == x.m.ID || bareSubject(k.Subject) == bareSubject(x.m.Subject) && x.m.CaseID == k.ID && x.m.Direction == In {
			k.Subject = x.in.erasedSubject()
		}
		if k.LastMessageID == x.m.ID || k.Snippet == snippet(x.m.Text) {
			k.Snippet = ""
		}
		columns := []string{"subject", "snippet"}
		if k != c { // whoever is filing on it has read it before
			k.Version++
			columns = append(columns, "version")
		}
		if _, err := tx.NewUpdate().Model(k).Column(columns...).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("erase what a case repeats: %w", err)
		}
		if err := x.drafts(ctx, tx, k.ID); err != nil {
			return err
		}
	}
	if _, err := tx.NewRaw("UPDATE cases SET suspect = "+leftToLook+" WHERE id IN "+family, c.ID).Exec(ctx); err != nil {
		return fmt.Errorf("whether a case is still suspect: %w", err)
	}
	return tx.NewRaw("SELECT suspect FROM cases WHERE id = ?", c.ID).Scan(ctx, &c.Suspect)
}

// drafts takes its subject from the answers that are being written. Their words are
// those of our people, who may have used its own: the page says so.
func (x *erasing) drafts(ctx context.Context, tx *db.Tx, caseID int64) error {
	var rows []*draftRow
	if err := tx.NewSelect().Model(&rows).Where("dr.case_id = ? AND dr.choice LIKE '%\"subject\"%'", caseID).Scan(ctx); err != nil {
		return fmt.Errorf("drafts of a case: %w", err)
	}
	for _, r := range rows {
		d, err := r.draft()
		if err != nil {
			return err
		}
		if bareSubject(d.Choice.Subject) != bareSubject(x.m.Subject) {
			continue
		}
		d.Choice.Subject = ""
		choice, err := json.Marshal(d.Choice)
		if err != nil {
			return fmt.Errorf("draft of case %d: %w", caseID, err)
		}
		r.Choice = string(choice)
		if _, err := tx.NewUpdate().Model(r).Column("choice").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("erase what a draft repeats: %w", err)
		}
	}
	return nil
}

// shared empties what is kept beside messages and may hold them: the answers of the API
// that are kept for two days, for a request that comes again; such a one then learns that
// it was done, and no more.
func (x *erasing) shared(ctx context.Context, tx *db.Tx, c *Case) error {
	find := "instr(body, CAST(? AS BLOB)) > 0"
	if tx.Postgres {
		find = "position(CAST(? AS bytea) IN body) > 0"
	}
	var kin []int64
	if err := tx.NewRaw("SELECT id FROM cases AS c WHERE c.id IN "+family, c.ID).Scan(ctx, &kin); err != nil {
		return fmt.Errorf("the cases of a message: %w", err)
	}
	for _, id := range append(kin, x.ids...) {
		_, err := tx.NewRaw("UPDATE idempotency_keys SET body = ? WHERE body IS NOT NULL AND "+find, []byte(`{"status":204}`), []byte(strconv.Quote(strconv.FormatInt(id, 10)))).Exec(ctx)
		if err != nil {
			return fmt.Errorf("erase what former answers repeat: %w", err)
		}
	}
	return nil
}

// leaveStore lets all files of the messages leave the store, with what was found in them
// and the pictures made of them, unless another message has the same bytes.
func (x *erasing) leaveStore(ctx context.Context, tx *db.Tx) error {
	var sums, files []string
	of := bun.List(x.ids)
	err := tx.NewRaw(`SELECT sha256 FROM parts AS p WHERE message_id IN (?) AND sha256 <> ''
		UNION SELECT sm.sha256 FROM sent_mails AS sm JOIN deliveries AS d ON d.id = sm.delivery_id WHERE d.message_id IN (?)`, of, of).Scan(ctx, &sums)
	if err != nil {
		return fmt.Errorf("files of a message: %w", err)
	}
	if len(sums) > 0 {
		const alone = " WHERE content IN (?) AND NOT EXISTS (SELECT 1 FROM parts AS p WHERE p.sha256 = content AND p.message_id NOT IN (?))"
		if err := tx.NewRaw("SELECT blob FROM pictures"+alone+" AND blob <> ''", bun.List(sums), of).Scan(ctx, &files); err != nil {
			return fmt.Errorf("pictures of files: %w", err)
		}
		for _, table := range []string{"pictures", "scans"} {
			if _, err := tx.NewRaw("DELETE FROM "+table+alone, bun.List(sums), of).Exec(ctx); err != nil {
				return fmt.Errorf("forget what was known of files: %w", err)
			}
		}
	}
	return leaveStore(ctx, tx, append(append(files, sums...), searchWords)...)
}
