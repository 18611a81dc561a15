package inbox

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/blob"
	"filodiretto/internal/clamd"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
)

// Scanner looks for malware in a file. An error says that nothing is known yet.
type Scanner interface {
	Scan(ctx context.Context, file io.Reader) (clamd.Verdict, error)
}

// ScanPolicy says what may not be opened (mail rule 48).
type ScanPolicy string

// The policies. Infected files are never opened.
const (
	ScanWait   ScanPolicy = "wait"   // nothing before its verdict
	ScanStrict ScanPolicy = "strict" // nor what cannot be scanned
	ScanMark   ScanPolicy = "mark"   // all but infected files
)

// Scan is what is known of a content.
type Scan struct {
	bun.BaseModel `bun:"table:scans,alias:sc"`

	Content  string `bun:",pk"` // SHA-256, hex
	State    clamd.State
	Word     string // the malware's name, or why it cannot be scanned
	Attempts int
	NextAt   clock.Instant
	AskedAt  clock.Instant
	At       clock.Instant // of the verdict
}

// HeldError is returned for a file that may not be opened: "pending",
// "infected" or "unscannable".
type HeldError struct{ Code string }

func (e *HeldError) Error() string { return "the file is held back: " + e.Code }

// Bounds of the work on one round.
const (
	scanBatch   = 20
	scanAtOnce  = 2
	scanClaim   = 5 * time.Minute  // after which a process that died is not waited for
	scanLongest = 15 * time.Minute // between two tries while the daemon is down
)

// askScans asks for the verdict of files that were stored in this transaction.
func (in *Inbox) askScans(ctx context.Context, tx *db.Tx, parts []*Part) error {
	if in.scanner == nil {
		return nil
	}
	var rows []*Scan
	seen := map[string]bool{}
	for _, p := range parts {
		if p.SHA256 != "" && p.State == "stored" && !seen[p.SHA256] {
			seen[p.SHA256] = true
			rows = append(rows, &Scan{Content: p.SHA256, State: clamd.Pending, NextAt: tx.Now, AskedAt: tx.Now})
		}
	}
	for chunk := range slices.Chunk(rows, mostInserted) {
		if _, err := tx.NewInsert().Model(&chunk).On("CONFLICT (content) DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("ask for files to be scanned: %w", err)
		}
	}
	if len(rows) > 0 {
		tx.After(in.wakeScan)
	}
	return nil
}

func (in *Inbox) wakeScan() {
	if in.scanNow != nil {
		in.scanNow()
	}
}

// askScan asks for one content, in a transaction of its own.
func (in *Inbox) askScan(ctx context.Context, content string) error {
	if in.scanner == nil {
		return nil
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return in.askScans(ctx, tx, []*Part{{SHA256: content, State: "stored"}})
	})
}

// verdicts fills in what is known of the files of parts.
func (in *Inbox) verdicts(ctx context.Context, parts []*Part) error {
	if in.scanner == nil {
		return nil
	}
	by := map[string][]*Part{}
	for _, p := range parts {
		if p.SHA256 != "" && p.State == "stored" {
			by[p.SHA256] = append(by[p.SHA256], p)
		}
	}
	for chunk := range slices.Chunk(keys(by), 500) {
		var rows []Scan
		if err := in.db.Read.NewSelect().Model(&rows).Where("sc.content IN (?)", bun.List(chunk)).Scan(ctx); err != nil {
			return fmt.Errorf("what is known of files: %w", err)
		}
		for i := range rows {
			for _, p := range by[rows[i].Content] {
				p.Scan = &rows[i]
			}
		}
	}
	return nil
}

// mayOpen is nil when the file of a part may be opened. One that nobody asked
// about yet, since there was no scanner when it came, is asked about now.
func (in *Inbox) mayOpen(ctx context.Context, p *Part) error {
	if in.scanner == nil || p.SHA256 == "" {
		return nil
	}
	if err := in.verdicts(ctx, []*Part{p}); err != nil {
		return err
	}
	if p.Scan == nil {
		if err := in.askScan(ctx, p.SHA256); err != nil {
			return err
		}
	}
	if code := in.heldAs(p); code != "" {
		return &HeldError{code}
	}
	return nil
}

// mayOpenRaw is nil when a message may be opened byte for byte: its files are in
// it. One of certified mail stays in the package of what proves it.
func (in *Inbox) mayOpenRaw(ctx context.Context, m *Message) error {
	if in.scanner == nil || m.Parts == 0 {
		return nil
	}
	var parts []*Part
	if err := in.db.Read.NewSelect().Model(&parts).ExcludeColumn("data").Where("p.message_id = ?", m.ID).Scan(ctx); err != nil {
		return fmt.Errorf("the files of a message: %w", err)
	}
	if err := in.verdicts(ctx, parts); err != nil {
		return err
	}
	held := ""
	for _, p := range parts {
		if p.State != "stored" {
			continue
		}
		if p.Scan == nil && p.SHA256 != "" { // there was no scanner when it came
			if err := in.askScan(ctx, p.SHA256); err != nil {
				return err
			}
		}
		held = cmp.Or(held, in.heldAs(p))
	}
	if held != "" {
		return &HeldError{held}
	}
	return nil
}

// mayOpenBytes is nil when an original that waits in quarantine may be opened byte for
// byte. Its files have no rows yet, so that it is scanned as it is, now.
func (in *Inbox) mayOpenBytes(ctx context.Context, body []byte) error {
	if in.scanner == nil {
		return nil
	}
	v, err := in.scanner.Scan(ctx, bytes.NewReader(body))
	if err != nil {
		in.log.WarnContext(ctx, "an original in quarantine could not be scanned for malware", "error", err)
		v.State = clamd.Pending
	}
	if code := in.heldAs(&Part{Scan: &Scan{State: v.State}}); code != "" {
		return &HeldError{code}
	}
	return nil
}

// heldAs is why the policy holds a stored file back; "" when it does not.
func (in *Inbox) heldAs(p *Part) string {
	state := clamd.Pending
	if p.Scan != nil {
		state = p.Scan.State
	}
	switch {
	case in.scanner == nil:
		return ""
	case state == clamd.Infected,
		state == clamd.Pending && p.Scan != nil && p.Scan.Word != "", // asked again: the former verdict holds until there is another
		state == clamd.Unscannable && in.set.ScanPolicy == ScanStrict,
		state == clamd.Pending && in.set.ScanPolicy != ScanMark:
		return string(state)
	}
	return ""
}

// Held is why a file may not be opened now; "" when it may. It is for pages,
// whose parts hold their verdicts.
func (in *Inbox) Held(p *Part) string { return in.heldAs(p) }

// ScanAgain asks for a new verdict of a file that the viewer may see: after the
// scanner learnt new names, or when it was wrong.
func (in *Inbox) ScanAgain(ctx context.Context, v Viewer, partID int64) error {
	p, m, err := in.FilePart(ctx, v, partID)
	if err != nil {
		return err
	}
	if in.scanner == nil || p.State != "stored" || p.SHA256 == "" {
		return ErrNotFound
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := in.askScans(ctx, tx, []*Part{p}); err != nil {
			return err
		}
		_, err := tx.NewUpdate().Model((*Scan)(nil)).Set("state = ?, next_at = ?, asked_at = ?, attempts = 0", clamd.Pending, tx.Now, tx.Now).
			Where("content = ? AND state <> 'pending'", p.SHA256).Exec(ctx)
		if err != nil {
			return fmt.Errorf("scan again: %w", err)
		}
		e := NewEvent(tx, in.clock, "file.scan_asked", map[string]any{"part": p.ID})
		e.CaseID, e.MessageID = m.CaseID, m.ID
		if err := AppendEvents(ctx, tx, v.event(e)); err != nil {
			return err
		}
		return in.tellFile(ctx, tx, m.CaseID)
	})
}

// tellFile tells open pages after the commit that a file of a case changed.
func (in *Inbox) tellFile(ctx context.Context, tx *db.Tx, caseID int64) error {
	var c Case
	err := tx.NewSelect().Model(&c).Where("c.id = ?", caseID).Scan(ctx)
	if notFound(err) == ErrNotFound {
		return nil
	}
	if err == nil {
		tx.After(func() {
			in.hub.Publish(live.Event{Topic: "case", ID: c.ID, Version: c.Version, Office: c.OfficeID, Kind: "file"})
		})
	}
	return err
}

// openContent opens a stored file by its content, wherever it lives.
func (in *Inbox) openContent(ctx context.Context, content string) (io.ReadSeekCloser, error) {
	f, err := in.blobs.Open(ctx, content)
	if !errors.Is(err, blob.ErrNotFound) {
		return f, err
	}
	var rows []*Part
	err = in.db.Read.NewSelect().Model(&rows).Where("p.sha256 = ? AND p.data IS NOT NULL", content).Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, errors.Join(err, blob.ErrNotFound)
	}
	return in.openPart(ctx, rows[0])
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
