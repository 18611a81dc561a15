package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/blob"
)

// How long a file lives that nothing names.
const (
	// unnamedFor is the age up to which a file may still be on its way to the row
	// that will name it: an upload for an answer that is being written, a mail
	// whose transaction has not committed.
	unnamedFor = 24 * time.Hour
	// asideFor is how long a discarded file can still come back.
	asideFor = 7 * 24 * time.Hour
	// clearStep is how many files are asked about at once.
	clearStep = 500
)

// ClearedFiles is what ClearFiles did.
type ClearedFiles struct {
	Discarded, Restored, Purged int
	Bytes                       int64 // of what was purged
}

// ClearFiles takes away the files that no message, raw item or draft names:
// uploads that were never sent. It never loses one that a transaction under way
// is about to name. A file that is young, by its own age, is not looked at. An
// old one that nobody names is only put aside; opening it brings it back, which
// everybody does who names a file without having put it just now, and so does
// putting it anew. After a week aside it is asked about once more, and brought
// back if anything names it by then.
func (in *Inbox) ClearFiles(ctx context.Context) (ClearedFiles, error) {
	var out ClearedFiles
	now := in.clock.Now()
	if err := in.forgetContents(ctx); err != nil {
		return out, err
	}
	err := in.inSteps(ctx, in.blobs.Walk, func(f blob.Info) bool { return f.Modified < now.Add(-unnamedFor) },
		func(f blob.Info, named bool) error {
			if named {
				return nil
			}
			out.Discarded++
			return in.blobs.Discard(ctx, f.Sum)
		})
	if err != nil {
		return out, fmt.Errorf("clear files: %w", err)
	}
	err = in.inSteps(ctx, in.blobs.WalkDiscarded, func(blob.Info) bool { return true },
		func(f blob.Info, named bool) error {
			switch {
			case named:
				out.Restored++
				return in.blobs.Restore(ctx, f.Sum)
			case f.Modified < now.Add(-asideFor):
				out.Purged++
				out.Bytes += f.Size
				return in.blobs.Purge(ctx, f.Sum)
			}
			return nil
		})
	if err != nil {
		return out, fmt.Errorf("clear files: %w", err)
	}
	if out != (ClearedFiles{}) {
		in.log.InfoContext(ctx, "files that nothing names were cleared", "discarded", out.Discarded, "restored", out.Restored, "purged", out.Purged, "bytes", out.Bytes)
	}
	return out, nil
}

// inSteps walks over files and tells of each that is wanted whether it is named.
// A walk bears that files come and go meanwhile.
func (in *Inbox) inSteps(ctx context.Context, walk func(context.Context, func(blob.Info) error) error, wanted func(blob.Info) bool, do func(blob.Info, bool) error) error {
	step := make([]blob.Info, 0, clearStep)
	flush := func() error {
		named, err := in.namedFiles(ctx, step)
		if err != nil {
			return err
		}
		for _, f := range step {
			if err := do(f, named[f.Sum]); err != nil {
				return err
			}
		}
		step = step[:0]
		return nil
	}
	err := walk(ctx, func(f blob.Info) error {
		if wanted(f) {
			step = append(step, f)
		}
		if len(step) < clearStep {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// namedFiles tells which files the database names. Whatever comes to name files
// must be asked here; TestEveryColumnThatNamesFilesIsAsked watches over it.
func (in *Inbox) namedFiles(ctx context.Context, files []blob.Info) (map[string]bool, error) {
	out := map[string]bool{}
	if len(files) == 0 {
		return out, nil
	}
	sums := make([]string, len(files))
	for i, f := range files {
		sums[i] = f.Sum
	}
	var named []string
	err := in.db.Read.NewRaw(`SELECT blob FROM raws WHERE blob <> '' AND blob IN (?)
		UNION SELECT sha256 FROM parts WHERE data IS NULL AND sha256 <> '' AND sha256 IN (?)
		UNION SELECT sha256 FROM sent_mails WHERE data IS NULL AND sha256 IN (?)
		UNION SELECT sha256 FROM register_documents WHERE sha256 IN (?)
		UNION SELECT sha256 FROM register_days WHERE sha256 IN (?)
		UNION SELECT blob FROM pictures WHERE blob <> '' AND blob IN (?)`, bun.List(sums), bun.List(sums), bun.List(sums), bun.List(sums), bun.List(sums), bun.List(sums)).Scan(ctx, &named)
	if err != nil {
		return nil, fmt.Errorf("which files are named: %w", err)
	}
	for _, sum := range named {
		out[sum] = true
	}
	var drafts []string
	if err := in.db.Read.NewRaw("SELECT choice FROM drafts WHERE choice LIKE '%\"files\"%'").Scan(ctx, &drafts); err != nil {
		return nil, fmt.Errorf("which files drafts name: %w", err)
	}
	for _, text := range drafts {
		var c DraftChoice
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return nil, fmt.Errorf("read a draft's files: %w", err)
		}
		for _, f := range c.Files {
			out[f.SHA256] = true
		}
	}
	return out, nil
}
