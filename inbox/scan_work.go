package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"filodiretto/channels"
	"filodiretto/internal/blob"
	"filodiretto/internal/clamd"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// ScanFiles has the files scanned whose verdict is due, until none is. While the
// daemon is down they stay pending and are tried again, ever less often. It may run
// in several processes at once.
func (in *Inbox) ScanFiles(ctx context.Context) error {
	if in.scanner == nil {
		return nil
	}
	for {
		rows, err := in.claimScans(ctx)
		if err != nil || len(rows) == 0 {
			return err
		}
		group, gctx := errgroup.WithContext(ctx)
		group.SetLimit(scanAtOnce)
		for _, s := range rows {
			group.Go(func() error { return in.scanOne(gctx, s) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
}

// claimScans takes some that are due, so that no other process takes them too.
func (in *Inbox) claimScans(ctx context.Context) ([]*Scan, error) {
	var rows []*Scan
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var due []*Scan
		err := tx.NewSelect().Model(&due).Where("sc.state = 'pending' AND sc.next_at <= ?", tx.Now).OrderExpr("sc.next_at, sc.content").Limit(scanBatch).Scan(ctx)
		if err != nil {
			return err
		}
		for _, s := range due {
			res, err := tx.NewUpdate().Model(s).Set("next_at = ?, attempts = attempts + 1", tx.Now.Add(scanClaim)).
				Where("content = ? AND state = 'pending' AND next_at = ?", s.Content, s.NextAt).Exec(ctx)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err == nil && n > 0 {
				s.NextAt, s.Attempts = tx.Now.Add(scanClaim), s.Attempts+1
				rows = append(rows, s)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("which files to scan: %w", err)
	}
	return rows, nil
}

// scanOne scans a claimed file. The error is our own; the daemon's is told in the
// log and by the row that goes on waiting.
func (in *Inbox) scanOne(ctx context.Context, s *Scan) error {
	v, err := in.verdict(ctx, s.Content)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, blob.ErrNotFound), errors.Is(err, blob.ErrCorrupt):
		v, err = clamd.Verdict{State: clamd.Unscannable, Word: "not_there"}, nil
	case err != nil:
		in.log.WarnContext(ctx, "a file could not be scanned for malware: it waits", "attempts", s.Attempts, "error", err)
		return in.scanLater(ctx, s)
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		res, err := tx.NewUpdate().Model(s).Set("state = ?, word = ?, at = ?, next_at = 0", v.State, v.Word, tx.Now).
			Where("content = ? AND state = 'pending' AND next_at = ?", s.Content, s.NextAt).Exec(ctx)
		if err != nil {
			return fmt.Errorf("keep a verdict: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err // asked again meanwhile, or another process was quicker
		}
		return in.tellVerdict(ctx, tx, s.Content, v)
	})
}

// verdict looks into a file.
func (in *Inbox) verdict(ctx context.Context, content string) (clamd.Verdict, error) {
	f, err := in.openContent(ctx, content)
	if err != nil {
		return clamd.Verdict{}, err
	}
	defer f.Close()
	v, err := in.scanner.Scan(ctx, f)
	if err != nil || v.State != clamd.Clean {
		return v, err
	}
	locked, err := clamd.Encrypted(f)
	if locked {
		v = clamd.Verdict{State: clamd.Unscannable, Word: "encrypted"}
	}
	return v, err
}

// scanLater puts a try off: a minute, then twice as long each time.
func (in *Inbox) scanLater(ctx context.Context, s *Scan) error {
	wait := min(time.Minute<<min(s.Attempts-1, 10), scanLongest)
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewUpdate().Model(s).Set("next_at = ?", tx.Now.Add(wait)).
			Where("content = ? AND state = 'pending' AND next_at = ?", s.Content, s.NextAt).Exec(ctx)
		return err
	})
}

// tellVerdict notes malware on the cases that it came to, and tells their pages of
// any verdict.
func (in *Inbox) tellVerdict(ctx context.Context, tx *db.Tx, content string, v clamd.Verdict) error {
	var rows []struct {
		ID        int64
		MessageID int64
		CaseID    int64
	}
	err := tx.NewRaw("SELECT p.id, p.message_id, m.case_id FROM parts AS p JOIN messages AS m ON m.id = p.message_id WHERE p.sha256 = ? ORDER BY p.id DESC LIMIT 200", content).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("whose file it is: %w", err)
	}
	told := map[int64]bool{}
	for _, r := range rows {
		if r.CaseID == 0 {
			continue
		}
		if v.State == clamd.Infected {
			e := NewEvent(tx, in.clock, "file.infected", map[string]any{"part": r.ID, "word": v.Word})
			e.CaseID, e.MessageID = r.CaseID, r.MessageID
			if err := AppendEvents(ctx, tx, e); err != nil {
				return err
			}
		}
		if !told[r.CaseID] {
			told[r.CaseID] = true
			if err := in.tellFile(ctx, tx, r.CaseID); err != nil {
				return err
			}
		}
	}
	return nil
}

// ScanFigures is how the scanning fares.
type ScanFigures struct {
	On          bool // a scanner is configured
	Pending     int
	Oldest      clock.Instant // since when the oldest pending one waits; zero for none
	Failing     bool          // the oldest was tried in vain
	Infected    int           // found in the last 30 days
	Unscannable int
}

// scanLate is for how long a verdict may be awaited before that is an alarm.
const scanLate = 10 * time.Minute

// Late reports whether files wait for longer than they should.
func (f ScanFigures) Late(now clock.Instant) bool {
	return f.Pending > 0 && (f.Failing || f.Oldest < now.Add(-scanLate))
}

// ScanFigures counts, for administrators and for alarms.
func (in *Inbox) ScanFigures(ctx context.Context) (ScanFigures, error) {
	out := ScanFigures{On: in.scanner != nil}
	if !out.On {
		return out, nil
	}
	var rows []struct {
		State  clamd.State
		N      int
		Oldest clock.Instant
		Tries  int
	}
	err := in.db.Read.NewRaw(`SELECT state, count(*) AS n, min(asked_at) AS oldest, max(attempts) AS tries FROM scans WHERE state = 'pending' GROUP BY state
		UNION ALL SELECT state, count(*), 0, 0 FROM scans WHERE state IN ('infected','unscannable') AND at >= ? GROUP BY state`, in.clock.Now().Add(-30*24*time.Hour)).Scan(ctx, &rows)
	if err != nil {
		return out, fmt.Errorf("how scanning fares: %w", err)
	}
	for _, r := range rows {
		switch r.State {
		case clamd.Pending:
			out.Pending, out.Oldest, out.Failing = r.N, r.Oldest, r.Tries > 1
		case clamd.Infected:
			out.Infected = r.N
		default:
			out.Unscannable = r.N
		}
	}
	return out, nil
}

// scanWait is when a message is tried again whose file has no verdict yet.
const scanWait = 20 * time.Second

// outgoingHeld is why a file of ours does not go out: nobody sends malware on.
func (in *Inbox) outgoingHeld(ctx context.Context, p *Part) error {
	err := in.mayOpen(ctx, p)
	var held *HeldError
	if !errors.As(err, &held) {
		return err
	}
	if held.Code == string(clamd.Pending) {
		return &channels.Error{Class: channels.RetryAfter, After: scanWait, Code: "unscanned", Text: "a file waits for its malware scan"}
	}
	return channels.Errorf(channels.ContentRejected, held.Code, "a file was not let out by the malware scan: %s", held.Code)
}
