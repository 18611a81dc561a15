package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"

	"filodiretto/internal/clock"
)

// mailFiles keeps the town's mailboxes in a folder: one file for each message,
// named by its place and the time of its arrival in microseconds.
type mailFiles struct {
	dir string

	mu   sync.Mutex
	last map[string]int
}

// keptMail is a message in the order of its arrival.
type keptMail struct {
	At   clock.Instant
	Data []byte
}

func openMailFiles(dir string) (*mailFiles, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("demo: keep the mail: %w", err)
	}
	return &mailFiles{dir: dir, last: map[string]int{}}, nil
}

func (f *mailFiles) add(box string, m keptMail) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	folder := filepath.Join(f.dir, box)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("demo: keep the mail: %w", err)
	}
	f.last[box]++
	name := fmt.Sprintf("%08d-%d.eml", f.last[box], int64(m.At))
	if err := os.WriteFile(filepath.Join(folder, name), m.Data, 0o600); err != nil {
		return fmt.Errorf("demo: keep the mail: %w", err)
	}
	return nil
}

// each calls do for the messages of a mailbox in the order of their arrival.
func (f *mailFiles) each(box string, do func(keptMail) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	entries, err := os.ReadDir(filepath.Join(f.dir, box))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	for _, e := range entries {
		place, at, ok := mailName(e.Name())
		if !ok {
			continue
		}
		data, err := os.ReadFile(filepath.Join(f.dir, box, e.Name()))
		if err != nil {
			return err
		}
		if err := do(keptMail{At: at, Data: data}); err != nil {
			return err
		}
		f.last[box] = place
	}
	return nil
}

func mailName(name string) (place int, at clock.Instant, ok bool) {
	a, b, found := strings.Cut(strings.TrimSuffix(name, ".eml"), "-")
	place, err1 := strconv.Atoi(a)
	micros, err2 := strconv.ParseInt(b, 10, 64)
	return place, clock.Instant(micros), found && err1 == nil && err2 == nil && strings.HasSuffix(name, ".eml")
}
