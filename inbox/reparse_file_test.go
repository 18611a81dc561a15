package inbox

import (
	"context"
	"encoding/json"
	"io"
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

// Rule 20: to read a message again loses no file that the platform gave once, keeps
// the numbers of the files, by which links and the register name them, and takes
// nothing from a button.
func TestRule20ReadAgainKeepsWhatWasFetched(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ch := &onceGiven{version: 1}
		e.chans.put(e.tg, ch)
		arrive := func(id string, it channels.Item) {
			t.Helper()
			it.From, it.ExternalID, it.ThreadKey = channels.Address{Kind: "telegram", Value: "77", Display: "Ada"}, id, "77"
			body, err := json.Marshal(it)
			must(t, err)
			must(t, e.Accept(t.Context(), e.tg.ID, channels.Batch{Stream: "updates", Items: []channels.Raw{
				{DedupKey: id, ContentType: "application/json", Body: body, ReceivedAt: e.clock.Now()},
			}}))
			e.ingest(e.tg)
		}
		arrive("1", channels.Item{Kind: channels.Message, Text: "Ecco la carta", Parts: []channels.Part{{Kind: "file", Name: "carta.pdf", Remote: "AgAC", Claimed: "application/pdf"}}})
		arrive("2", channels.Item{Kind: channels.Button, Payload: "sì"})
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		part := func() *Part {
			t.Helper()
			p := new(Part)
			must(t, e.db.Read.NewSelect().Model(p).Scan(t.Context()))
			return p
		}
		before := part()
		if before.State != "stored" || before.SHA256 == "" {
			t.Fatalf("%+v", before)
		}
		ch.gone, ch.version = true, 2
		if n, err := e.ReadOlder(t.Context()); n != 2 || err != nil {
			t.Fatal(n, err)
		}
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		after := part()
		if after.ID != before.ID || after.State != "stored" || after.SHA256 != before.SHA256 || after.Detected != before.Detected {
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
	keepParts(old, now)
	for i, want := range []int64{11, 1, 3, 2, 4, 16} {
		if now[i].ID != want {
			t.Errorf("part %d has the number %d and not %d", i, now[i].ID, want)
		}
	}
	if p := now[4]; p.State != "stored" || p.SHA256 != "c" || p.Detected != "image/png" {
		t.Errorf("%+v", p)
	}
}
