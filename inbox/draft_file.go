package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"filodiretto/internal/blob"
	"filodiretto/internal/filetype"
)

// MaxUpload is the greatest file, in bytes, that can be put to an answer. Most
// mail servers refuse more (mail rule 12 limits what comes in as well).
const MaxUpload = 25 << 20

// MaxFiles is how much all files of one answer may have together, in bytes.
const MaxFiles = 25 << 20

// AttachToDraft keeps a file and puts it to the viewer's draft. The bytes are
// in the store, whole and synced, before the draft names them. *InvalidError
// with field "file" and code "too_large", "empty", "too_many".
func (in *Inbox) AttachToDraft(ctx context.Context, v Viewer, caseID int64, kind DraftKind, name string, r io.Reader) (FileRef, *Draft, error) {
	if err := mayDraft(v, kind); err != nil {
		return FileRef{}, nil, err
	}
	if _, err := findCase(ctx, in.db, v, caseID); err != nil {
		return FileRef{}, nil, err
	}
	ref, err := in.KeepFile(ctx, name, r)
	if err != nil {
		return ref, nil, err
	}
	d, err := in.AttachKept(ctx, v, caseID, kind, ref)
	return ref, d, err
}

// AttachKept puts a file that KeepFile kept to the viewer's draft. One that is
// there already, with this name, stays there once.
func (in *Inbox) AttachKept(ctx context.Context, v Viewer, caseID int64, kind DraftKind, ref FileRef) (*Draft, error) {
	if err := mayDraft(v, kind); err != nil {
		return nil, err
	}
	return in.changeDraft(ctx, v, caseID, kind, func(d *Draft) error {
		total := ref.Size
		for _, f := range d.Choice.Files {
			if f.SHA256 == ref.SHA256 && f.Name == ref.Name {
				return nil
			}
			total += f.Size
		}
		switch {
		case len(d.Choice.Files) >= mostFiles:
			return &InvalidError{"file", "too_many"}
		case total > MaxFiles:
			return &InvalidError{"file", "too_large"}
		}
		d.Choice.Files = append(d.Choice.Files, ref)
		return nil
	})
}

// DetachFromDraft takes a file off the viewer's draft.
func (in *Inbox) DetachFromDraft(ctx context.Context, v Viewer, caseID int64, kind DraftKind, sha256 string) (*Draft, error) {
	if err := mayDraft(v, kind); err != nil {
		return nil, err
	}
	return in.changeDraft(ctx, v, caseID, kind, func(d *Draft) error {
		i := slices.IndexFunc(d.Choice.Files, func(f FileRef) bool { return f.SHA256 == sha256 })
		if i < 0 {
			return ErrNotFound
		}
		d.Choice.Files = slices.Delete(d.Choice.Files, i, i+1)
		return nil
	})
}

// KeepFile stores a file that will go out, for callers without a draft (the
// API). A file that no message names after a day is cleared from the store (see
// ClearFiles).
func (in *Inbox) KeepFile(ctx context.Context, name string, r io.Reader) (FileRef, error) {
	limited := &io.LimitedReader{R: r, N: MaxUpload + 1}
	sum, size, err := in.blobs.Put(ctx, limited)
	switch {
	case err != nil:
		return FileRef{}, fmt.Errorf("keep a file: %w", err)
	case size == 0:
		return FileRef{}, &InvalidError{"file", "empty"}
	case size > MaxUpload: // what was kept of it is cleared with all that nothing names
		return FileRef{}, &InvalidError{"file", "too_large"}
	}
	if err := in.askScan(ctx, sum); err != nil {
		return FileRef{}, err
	}
	ref, err := in.lookAtFile(ctx, FileRef{SHA256: sum, Name: fileName(name)})
	return ref.FileRef, err
}

// preparedFile is a file whose size and type were read from its bytes.
type preparedFile struct{ FileRef }

// prepareFiles makes sure that all files are there. What the command says of
// size and type is not believed: a channel needs them exact.
func (in *Inbox) prepareFiles(ctx context.Context, refs []FileRef) ([]preparedFile, error) {
	out := make([]preparedFile, 0, len(refs))
	names := map[string]bool{}
	var total int64
	for _, ref := range refs {
		f, err := in.lookAtFile(ctx, ref)
		if errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrName) {
			return nil, &InvalidError{"files", "unknown"}
		}
		if err != nil {
			return nil, err
		}
		if total += f.Size; total > MaxFiles {
			return nil, &InvalidError{"files", "too_large"}
		}
		f.Name = uniqueName(fileName(ref.Name), names)
		out = append(out, f)
	}
	return out, nil
}

func (in *Inbox) lookAtFile(ctx context.Context, ref FileRef) (preparedFile, error) {
	f, err := in.blobs.Open(ctx, ref.SHA256)
	if err != nil {
		return preparedFile{}, fmt.Errorf("open a file to be sent: %w", err)
	}
	defer f.Close()
	kind, err := filetype.OfReader(f)
	if err != nil {
		return preparedFile{}, fmt.Errorf("read a file to be sent: %w", err)
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return preparedFile{}, fmt.Errorf("measure a file to be sent: %w", err)
	}
	ref.Size, ref.Type = size, kind
	return preparedFile{ref}, nil
}

// fileName makes a name safe to show, to save and to put into a header.
func fileName(name string) string {
	name = clean(path.Base(strings.ReplaceAll(name, `\`, "/")))
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/:*?"<>|`, r) {
			return '_'
		}
		return r
	}, strings.TrimLeft(name, ". "))
	const most = 120
	if r := []rune(name); len(r) > most {
		ext := []rune(path.Ext(name))
		if len(ext) > 12 {
			ext = nil
		}
		name = strings.TrimSpace(string(r[:most-len(ext)])) + string(ext)
	}
	if strings.Trim(name, "_. ") == "" {
		return "file"
	}
	return name
}

// uniqueName numbers a name that the message has already: "a.pdf", "a (2).pdf".
func uniqueName(name string, taken map[string]bool) string {
	out, ext := name, path.Ext(name)
	for n := 2; taken[strings.ToLower(out)]; n++ {
		out = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), n, ext)
	}
	taken[strings.ToLower(out)] = true
	return out
}

func fileNames(files []preparedFile) string {
	var b strings.Builder
	for _, f := range files {
		b.WriteByte('\n')
		b.WriteString(f.Name)
	}
	return b.String()
}
