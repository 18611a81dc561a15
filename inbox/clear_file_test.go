package inbox

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
)

// agedStore tells of its files an age of the test's choosing, and calls between
// the question and the deed.
type agedStore struct {
	blob.Store
	now     func() clock.Instant
	mu      sync.Mutex
	young   map[string]bool
	between func(sum string) // before a file is discarded or purged
	fresh   bool             // whatever is aside was put there just now
	week    int
	aside   map[string]int // the week in which a file was discarded
}

const aged = 30 * 24 * time.Hour

func (s *agedStore) older(i blob.Info, young bool) blob.Info {
	if i.Modified = s.now(); !young {
		i.Modified = i.Modified.Add(-aged)
	}
	return i
}

func (s *agedStore) Walk(ctx context.Context, f func(blob.Info) error) error {
	return s.Store.Walk(ctx, func(i blob.Info) error {
		s.mu.Lock()
		young := s.young[i.Sum]
		s.mu.Unlock()
		return f(s.older(i, young))
	})
}

func (s *agedStore) WalkDiscarded(ctx context.Context, f func(blob.Info) error) error {
	return s.Store.WalkDiscarded(ctx, func(i blob.Info) error {
		s.mu.Lock()
		young := s.fresh || s.aside[i.Sum] >= s.week && s.week > 0
		s.mu.Unlock()
		return f(s.older(i, young))
	})
}

func (s *agedStore) Discard(ctx context.Context, sum string) error {
	if s.between != nil {
		s.between(sum)
	}
	s.mu.Lock()
	s.aside[sum] = s.week
	s.mu.Unlock()
	return s.Store.Discard(ctx, sum)
}

func (s *agedStore) Purge(ctx context.Context, sum string) error {
	if s.between != nil {
		s.between(sum)
	}
	return s.Store.Purge(ctx, sum)
}

// aging makes what is in the store of a test old. A store's own times are those
// of the machine.
func (e *env) aging() *agedStore {
	s := &agedStore{Store: e.blobs, now: e.manual.Now, young: map[string]bool{}, aside: map[string]int{}, fresh: true}
	e.Inbox.blobs = s
	return s
}

func (e *env) keep(text string) FileRef {
	e.t.Helper()
	ref, err := e.KeepFile(e.t.Context(), text+".txt", strings.NewReader(text))
	if err != nil {
		e.t.Fatal(err)
	}
	return ref
}

func (e *env) clear(want ClearedFiles) {
	e.t.Helper()
	got, err := e.ClearFiles(e.t.Context())
	if want.Bytes = got.Bytes; err != nil || got != want {
		e.t.Errorf("cleared %+v, want %+v: %v", got, want, err)
	}
}

func (e *env) has(ref FileRef) bool {
	e.t.Helper()
	ok, err := e.blobs.Has(e.t.Context(), ref.SHA256)
	if err != nil {
		e.t.Fatal(err)
	}
	return ok
}

func TestFilesThatNothingNamesAreCleared(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		s := e.aging()
		large := strings.Repeat("grande ", inRow)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", large, "X-Big: 1"))
		c := e.allCases()[0]
		drafted, sent, lost, young := e.keep("bozza"), e.keep("inviato"), e.keep("mai usato"), e.keep("appena caricato")
		s.young[young.SHA256] = true
		if _, err := e.AttachKept(t.Context(), e.giulia, c.ID, NoteDraft, drafted); err != nil {
			t.Fatal(err)
		}
		e.mustReply(ReplyCommand{CaseID: c.ID, SeenInID: c.LastInID, AccountID: e.mail.ID, To: []Recipient{{IdentityID: e.identityOf(c)}}, Text: "Ecco.", Files: []FileRef{sent}})
		raws := e.number("SELECT count(*) FROM raws WHERE blob <> ''")
		if raws != 1 {
			t.Fatal("the large mail is no file", raws)
		}
		e.clear(ClearedFiles{Discarded: 1})
		if !e.has(lost) {
			t.Error("it cannot come back any more")
		}
		e.clear(ClearedFiles{}) // a week aside
		s.fresh = false
		e.clear(ClearedFiles{Purged: 1})
		if e.has(lost) || !e.has(drafted) || !e.has(sent) || !e.has(young) {
			t.Error("the wrong files are gone")
		}
		e.clear(ClearedFiles{})
		if err := e.DiscardDraft(t.Context(), e.giulia, c.ID, NoteDraft); err != nil {
			t.Fatal(err)
		}
		s.fresh = true
		e.clear(ClearedFiles{Discarded: 1})
		// Somebody uploads the same once more: it is whole and young.
		again := e.keep("bozza")
		s.young[again.SHA256] = true
		s.fresh = false
		e.clear(ClearedFiles{Purged: 1})
		if r, err := e.blobs.Open(t.Context(), again.SHA256); err != nil {
			t.Error("the file put anew was cleared with the old one:", err)
		} else {
			r.Close()
		}
	})
}

// TestAFileNamedWhileItIsClearedStays: between the question who names a file and
// its clearing, an answer, a draft and a mail come to name it.
func TestAFileNamedWhileItIsClearedStays(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		s := e.aging()
		c := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "x")
		large := letter("Eva <eva@posta.example>", "e1@posta.example", "Grande", strings.Repeat("grande ", inRow))
		asked, drafted := e.keep("per la risposta"), e.keep("per la bozza")
		mail, _, err := e.Store(t.Context(), strings.NewReader(large))
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]func(){
			asked.SHA256: func() {
				e.mustReply(ReplyCommand{CaseID: c.ID, SeenInID: c.LastInID, AccountID: e.mail.ID, To: []Recipient{{IdentityID: e.identityOf(c)}}, Text: "Ecco.", Files: []FileRef{asked}})
			},
			drafted.SHA256: func() {
				if _, err := e.AttachKept(t.Context(), e.giulia, c.ID, ReplyDraft, drafted); err != nil {
					t.Error(err)
				}
			},
			mail: func() { e.arrive(e.mail, large) },
		}
		s.between = func(sum string) {
			if name := names[sum]; name != nil {
				delete(names, sum)
				name()
			}
		}
		e.clear(ClearedFiles{Discarded: 3, Restored: 3})
		if len(names) > 0 {
			t.Fatal("not all were named in between")
		}
		for _, sum := range []string{asked.SHA256, drafted.SHA256, mail} {
			if _, err := e.lookAtFile(t.Context(), FileRef{SHA256: sum}); err != nil {
				t.Error("a file that is named is gone:", err)
			}
		}
		s.fresh = false
		e.clear(ClearedFiles{})
	})
}

// TestAFileNamedAtTheLastMomentStays: named after a week aside, at the moment of
// its end. Naming opens it, which takes it out of reach.
func TestAFileNamedAtTheLastMomentStays(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		s := e.aging()
		c := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "x")
		ref := e.keep("per la risposta")
		e.clear(ClearedFiles{Discarded: 1})
		s.fresh = false
		s.between = func(string) {
			s.between = nil
			e.mustReply(ReplyCommand{CaseID: c.ID, SeenInID: c.LastInID, AccountID: e.mail.ID, To: []Recipient{{IdentityID: e.identityOf(c)}}, Text: "Ecco.", Files: []FileRef{ref}})
		}
		e.clear(ClearedFiles{Purged: 1})
		if _, err := e.lookAtFile(t.Context(), ref); err != nil {
			t.Error("the file of an answer is gone:", err)
		}
	})
}

// TestManyAtOnceNameWhatIsCleared: uploads and drafts go on while files are
// cleared again and again, a week between two times: what was under way at one
// is over by the next. Every draft has its file.
func TestManyAtOnceNameWhatIsCleared(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		s := e.aging()
		s.fresh, s.week = false, 1
		var cases []*Case
		for i := range 4 {
			cases = append(cases, e.opened(fmt.Sprintf("P%d <p%d@posta.example>", i, i), fmt.Sprintf("m%d@posta.example", i), fmt.Sprintf("C%d", i), "x"))
		}
		var underWay sync.RWMutex
		done := make(chan struct{})
		var clearing, naming sync.WaitGroup
		var purged int
		clearing.Go(func() {
			for {
				got, err := e.ClearFiles(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				purged += got.Purged
				underWay.Lock()
				s.mu.Lock()
				s.week++
				s.mu.Unlock()
				underWay.Unlock()
				select {
				case <-done:
					return
				default:
				}
			}
		})
		for n, c := range cases {
			naming.Go(func() {
				for i := range 25 {
					underWay.RLock()
					e.drafts(s, c, fmt.Sprintf("%d %d", n, i%3))
					underWay.RUnlock()
				}
			})
		}
		naming.Wait()
		close(done)
		clearing.Wait()
		if purged == 0 {
			t.Error("nothing was ever cleared")
		}
	})
}

// drafts puts a file to a draft, looks whether it is there, and takes it off.
func (e *env) drafts(s *agedStore, c *Case, text string) {
	ctx := e.t.Context()
	age := func(sum string, young bool) {
		s.mu.Lock()
		s.young[sum] = young
		s.mu.Unlock()
	}
	ref, err := e.KeepFile(ctx, "f", strings.NewReader(text))
	if err == nil {
		age(ref.SHA256, true) // as one is that was put just now
		_, err = e.AttachKept(ctx, e.giulia, c.ID, ReplyDraft, ref)
	}
	if err != nil {
		e.t.Error(err)
		return
	}
	age(ref.SHA256, false)
	if _, err := e.lookAtFile(ctx, ref); err != nil {
		e.t.Error("a draft's file is gone:", err)
	}
	if _, err := e.DetachFromDraft(ctx, e.giulia, c.ID, ReplyDraft, ref.SHA256); err != nil {
		e.t.Error(err)
	}
}

// TestEveryColumnThatNamesFilesIsAsked: whoever adds a column that names files
// must have ClearFiles ask it, or the files vanish after a week.
func TestEveryColumnThatNamesFilesIsAsked(t *testing.T) {
	asked := []string{"raws.blob", "parts.sha256", "drafts.choice", "sent_mails.sha256", "pictures.blob", "register_documents.sha256", "register_days.sha256"}
	known := []string{"raws.sha256"} // the same bytes as raws.blob, where they are a file
	files, err := filepath.Glob("../internal/db/migrations/sqlite/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		table := ""
		for line := range bytes.Lines(text) {
			words := strings.Fields(string(line))
			if len(words) > 2 && words[0] == "CREATE" && words[1] == "TABLE" {
				table = words[2]
			}
			if len(words) < 2 || !slices.Contains([]string{"blob", "sha256", "file", "files", "sum", "photo", "attachment", "logo"}, words[0]) {
				continue
			}
			if column := table + "." + words[0]; !slices.Contains(append(asked, known...), column) {
				t.Errorf("%s: %s may name files: let namedFiles ask it, or name it here", filepath.Base(path), column)
			}
		}
	}
}
