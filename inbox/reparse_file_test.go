package inbox

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"strconv"
	"strings"
	"testing"

	"filodiretto/channels"
)

// onceGiven is a chat whose platform gives a file for a while only.
type onceGiven struct {
	gone    bool
	version int
}

func (c *onceGiven) ParserVersion() int { return c.version }

func (c *onceGiven) Parse(raw channels.Raw) ([]channels.Item, error) {
	var it channels.Item
	err := json.Unmarshal(raw.Body, &it)
	return []channels.Item{it}, err
}

func (c *onceGiven) Fetch(_ context.Context, _ string, w io.Writer) error {
	if c.gone {
		return channels.Errorf(channels.RecipientGone, "400", "the file is not available any more")
	}
	_, err := w.Write([]byte("%PDF-1.4 carta"))
	return err
}

// SameFile compares what stands before a slash.
func (c *onceGiven) SameFile(a, b string) bool {
	x, _, _ := strings.Cut(a, "/")
	y, _, _ := strings.Cut(b, "/")
	return x == y
}

// Rule 20: to read a message again loses no file that the platform gave once, keeps
// the numbers of the files, by which links and the register name them, and takes
// nothing from a button.
func TestRule20ReadAgainKeepsWhatWasFetched(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ch := e.onceGivenChat()
		e.fromChat(photo("1", "Ecco la carta", "AgAC"))
		e.fromChat(channels.Item{Kind: channels.Button, ExternalID: "2", Payload: "sì"})
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		before := e.allParts()[0]
		if before.State != "stored" || before.SHA256 == "" {
			t.Fatalf("%+v", before)
		}
		ch.gone, ch.version = true, 2
		e.readOlderAgain(2)
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		all := e.allParts()
		after := all[0]
		if len(all) != 1 || after.ID != before.ID || after.State != "stored" || after.SHA256 != before.SHA256 || after.Detected != before.Detected {
			t.Errorf("before %+v, after %+v", before, after)
		}
		if e.number("SELECT count(*) FROM messages WHERE text = 'sì'") != 1 || e.number("SELECT count(*) FROM message_versions") != 0 {
			t.Error("a button lost its word")
		}
	})
}

// The rows of files that are still there keep their numbers, whatever else changed.
func TestKeepParts(t *testing.T) {
	old := []*Part{{ID: 1, Ord: 0, SHA256: "a"}, {ID: 2, Ord: 1, SHA256: "b"}, {ID: 3, Ord: 2, SHA256: "a"}, {ID: 4, Ord: 3, Remote: "x", SHA256: "c", State: "stored", Detected: "image/png"}}
	now := []*Part{{ID: 11, Ord: 0, SHA256: "new"}, {ID: 12, Ord: 1, SHA256: "a"}, {ID: 13, Ord: 2, SHA256: "a"}, {ID: 14, Ord: 3, SHA256: "b"}, {ID: 15, Ord: 4, Remote: "x", State: "pending"}, {ID: 16, Ord: 5, Remote: "y", State: "pending"}}
	keepParts(old, now, func(a, b string) bool { return a == b })
	for i, want := range []int64{11, 1, 3, 2, 4, 16} {
		if now[i].ID != want {
			t.Errorf("part %d has the number %d and not %d", i, now[i].ID, want)
		}
	}
	if p := now[4]; p.State != "stored" || p.SHA256 != "c" || p.Detected != "image/png" {
		t.Errorf("%+v", p)
	}
}

// onceGivenChat makes the town's chat one whose platform gives a file for a while only.
func (e *env) onceGivenChat() *onceGiven {
	ch := &onceGiven{version: 1}
	e.chans.put(e.tg, ch)
	return ch
}

// fromChat takes in what a chat's platform brings at once, from Ada unless it says who.
func (e *env) fromChat(items ...channels.Item) {
	e.t.Helper()
	b := channels.Batch{Stream: "updates"}
	for _, it := range items {
		if it.From.Value == "" {
			it.From, it.ThreadKey = channels.Address{Kind: "telegram", Value: "77", Display: "Ada"}, "77"
		}
		body, err := json.Marshal(it)
		must(e.t, err)
		uid++
		b.Items = append(b.Items, channels.Raw{DedupKey: strconv.Itoa(uid), ContentType: "application/json", Body: body, ReceivedAt: e.clock.Now()})
	}
	must(e.t, e.Accept(e.t.Context(), e.tg.ID, b))
	e.ingest(e.tg)
}

// readOlderAgain has the parsers of today read what older ones read: n originals.
func (e *env) readOlderAgain(n int) {
	e.t.Helper()
	if got, err := e.ReadOlder(e.t.Context()); got != n || err != nil {
		e.t.Fatal("read again:", got, err)
	}
}

func photo(id, text, remote string) channels.Item {
	return channels.Item{
		Kind: channels.Message, ExternalID: id, Text: text,
		Parts: []channels.Part{{Kind: "file", Name: "foto-" + id + ".jpg", Remote: remote, Claimed: "image/jpeg"}},
	}
}

func edited(it channels.Item) channels.Item {
	it.Kind, it.EditOf = channels.Edit, it.ExternalID
	return it
}

func (e *env) allParts() []*Part {
	e.t.Helper()
	var all []*Part
	must(e.t, e.db.Read.NewSelect().Model(&all).OrderExpr("p.former DESC, p.id").Scan(e.t.Context()))
	return all
}

// Rule 20: a platform names a file otherwise in an edit, and a parser may write the
// name otherwise: the file stays the one that was fetched.
func TestRule20AnotherHandleIsTheSameFile(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ch := e.onceGivenChat()
		e.fromChat(photo("1", "Ecco la carta", "carta/first"))
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		before := e.allParts()[0]
		e.fromChat(edited(photo("1", "Ecco la carta d'identità", "carta/second")))
		for range 2 { // by the next parser, and by the one after it
			ch.gone = true
			ch.version++
			e.readOlderAgain(2)
			must(t, e.FetchFiles(t.Context(), e.tg.ID))
		}
		all := e.allParts()
		if len(all) != 1 || all[0].ID != before.ID || all[0].State != "stored" || all[0].SHA256 != before.SHA256 || all[0].Former != 0 {
			t.Errorf("before %+v, after %+v", before, all[0])
		}
		if n := e.number("SELECT version FROM messages WHERE direction = 'in'"); n != 2 {
			t.Error("the words changed once:", n)
		}
	})
}

// A file that its sender replaced by editing is filed beside the former one, which the
// office may have acted on and can still open; and so is what a better reading does not
// find again. Reading again changes nothing.
func TestAReplacedFileStays(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ch := e.onceGivenChat()
		e.fromChat(photo("1", "La buca", "one/a"))
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		first := e.allParts()[0]
		e.fromChat(edited(photo("1", "La buca", "two/b")))
		e.fromChat(edited(photo("1", "La buca", "two/c"))) // nothing visible changed
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		check := func(when string) {
			t.Helper()
			all := e.allParts()
			if len(all) != 2 || all[0].ID != first.ID || all[0].Former != 1 || all[0].State != "stored" || all[1].Former != 0 || all[1].State != "stored" {
				t.Fatalf("%s: %+v", when, all)
			}
			m := e.everything()[0]
			if m.Parts != 1 || m.Version != 2 {
				t.Errorf("%s: %+v", when, m)
			}
			cv, err := e.ViewCase(t.Context(), e.giulia, m.CaseID)
			must(t, err)
			var entry Entry
			for _, x := range cv.Entries {
				if x.Message != nil && x.Message.ID == m.ID {
					entry = x
				}
			}
			if len(entry.Parts) != 1 || entry.Parts[0].ID != all[1].ID || len(entry.Former) != 1 || entry.Former[0].ID != first.ID {
				t.Errorf("%s, the page: %+v", when, entry)
			}
			versions, former, err := e.Versions(t.Context(), e.giulia, m.ID)
			if err != nil || len(versions) != 1 || versions[0].Version != 1 || len(former) != 1 || former[0].Former != 1 {
				t.Errorf("%s: %+v %+v %v", when, versions, former, err)
			}
			if _, f, err := e.OpenPart(t.Context(), e.giulia, first.ID); err != nil {
				t.Errorf("%s: the former file cannot be opened: %v", when, err)
			} else {
				f.Close()
			}
			if _, now, err := e.MessageWithParts(t.Context(), e.giulia, m.ID); err != nil || len(now) != 1 || now[0].ID != all[1].ID {
				t.Errorf("%s: %+v %v", when, now, err)
			}
		}
		check("edited")
		ch.gone, ch.version = true, 2
		e.readOlderAgain(3)
		check("read again")
	})
}

// An edit that comes with what it edits, and another after it, are one message.
func TestAFileIsReplacedInTheSameBatch(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.onceGivenChat()
		e.fromChat(photo("1", "La buca", "one"), edited(photo("1", "La buca", "two")), edited(photo("1", "La buca", "three")))
		got := map[string]int{}
		for _, p := range e.allParts() {
			got[p.Remote] = p.Former
		}
		if want := map[string]int{"one": 1, "two": 2, "three": 0}; !maps.Equal(got, want) {
			t.Error(got)
		}
		if m := e.everything()[0]; m.Parts != 1 || m.Version != 3 {
			t.Errorf("%+v", m)
		}
	})
}

// What a former parser made of a mail and today's does not find stays with the former
// reading.
func TestRule20AFileThatIsNotFoundAgainStays(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ch := e.onceGivenChat()
		e.fromChat(photo("1", "La buca", "one"))
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		e.exec(t, "UPDATE parts SET remote = 'another'") // as a former parser knew nothing of it, or an edit was not seen
		was := e.allParts()[0]
		ch.version = 2
		e.readOlderAgain(1)
		all := e.allParts()
		if len(all) != 2 || all[0].ID != was.ID || all[0].Former != 1 || all[0].SHA256 != was.SHA256 || all[1].Former != 0 || all[1].State != "pending" {
			t.Errorf("%+v", all)
		}
		if n := e.number("SELECT count(*) FROM message_versions WHERE version = 1"); n != 1 {
			t.Error("the former reading is kept:", n)
		}
	})
}
