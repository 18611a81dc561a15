package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"filodiretto/channels/telegram/standin"
	"filodiretto/internal/clock"
)

// page is one message as a citizen sees it: in their mailbox or in their chat.
type page struct {
	Citizen    string        `json:"citizen"`
	Channel    string        `json:"channel"` // "mail", "telegram"
	Mine       bool          `json:"mine,omitempty"`
	At         clock.Instant `json:"at"`
	ID         string        `json:"id"`
	From       string        `json:"from,omitempty"`
	To         string        `json:"to,omitempty"`
	Box        string        `json:"box,omitempty"` // the town's mailbox, of a mail from it
	Subject    string        `json:"subject,omitempty"`
	Text       string        `json:"text"`
	Files      []string      `json:"files,omitempty"`
	Automatic  bool          `json:"automatic,omitempty"`
	References []string      `json:"references,omitempty"`

	// As the chat shows it now: the number of the message, and the buttons under it.
	Message int64           `json:"-"`
	Buttons [][]standin.Key `json:"-"`
}

// diary remembers what each citizen wrote and got. It is kept in a file, one
// line for each message, so that a demo that goes on has it again.
type diary struct {
	mu      sync.Mutex
	of      map[string][]page
	changed chan struct{} // closed and replaced at every page
	file    *os.File
	out     *bufio.Writer
}

func openDiary(path string) (*diary, error) {
	d := &diary{of: map[string][]page{}, changed: make(chan struct{})}
	if err := d.read(path); err != nil {
		return nil, fmt.Errorf("demo: read the citizens' messages: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("demo: keep the citizens' messages: %w", err)
	}
	d.file, d.out = f, bufio.NewWriter(f)
	return d, nil
}

func (d *diary) read(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var p page
		if json.Unmarshal(s.Bytes(), &p) == nil { // the last line may be cut off by a kill
			d.of[p.Citizen] = append(d.of[p.Citizen], p)
		}
	}
	return s.Err()
}

func (d *diary) add(p page) {
	line, err := json.Marshal(p)
	if err != nil {
		return // cannot happen: its fields are plain
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.of[p.Citizen] = append(d.of[p.Citizen], p)
	_, _ = d.out.Write(append(line, '\n')) // the file is a convenience; flush tells of trouble
	close(d.changed)
	d.changed = make(chan struct{})
}

// await waits until something in the diary pleases, or ctx ends.
func (d *diary) await(ctx context.Context, pleases func(of map[string][]page) bool) error {
	for {
		d.mu.Lock()
		ok, changed := pleases(d.of), d.changed
		d.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// flush writes what was added to the file.
func (d *diary) flush() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.out.Flush()
}

func (d *diary) close() error { return errors.Join(d.flush(), d.file.Close()) }

// messages gives a citizen's messages, oldest first.
func (d *diary) messages(citizen string) []page {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]page(nil), d.of[citizen]...)
}

// all reports whether ok says yes to every citizen in the diary.
func (d *diary) all(ok func(citizen string) bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key := range d.of {
		if !ok(key) {
			return false
		}
	}
	return true
}

// lastFromTown is the newest mail that the town wrote to a citizen.
func (d *diary) lastFromTown(citizen string) (page, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	of := d.of[citizen]
	for i := len(of) - 1; i >= 0; i-- {
		if of[i].Channel == "mail" && !of[i].Mine {
			return of[i], true
		}
	}
	return page{}, false
}
