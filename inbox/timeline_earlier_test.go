package inbox

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"filodiretto/internal/db"
)

// A case of many messages is read page by page, each message and event once and
// in order, whatever was put into it and however many share an instant.
func TestEarlierInCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		z := e.citizen("Anna Prova")
		a, b := e.case_(z, e.urp, "mail", "la prima"), e.case_(z, e.urp, "mail", "l'altra")
		const more = 2*timelineMax + 30
		e.tx(func(ctx context.Context, tx *db.Tx) error {
			var ms []*Message
			var es []*Event
			for i := range more {
				c := a
				if i%3 == 0 {
					c = b
				}
				at := tx.Now.Add(time.Duration(i/4) * time.Minute) // four at an instant
				ms = append(ms, &Message{
					ID: db.NewID(e.clock), CaseID: c.ID, CitizenID: z.ID, AccountID: e.mail.ID, Channel: "mail", Direction: In, Origin: FromCitizen,
					Kind: "message", Text: fmt.Sprint(i), Version: 1, At: at,
				})
				for range 2 {
					es = append(es, &Event{ID: db.NewID(e.clock), At: at.Add(time.Second), Kind: "case.kind", Actor: "operator", CaseID: c.ID, Data: "{}"})
				}
			}
			if err := insertAll(ctx, tx, ms); err != nil {
				return err
			}
			return insertAll(ctx, tx, es)
		})
		e.mergeCase(b, a)
		cv, err := e.ViewCase(t.Context(), e.giulia, a.ID)
		if err != nil || cv.Older == "" {
			t.Fatalf("no way to what stands before: %v", err)
		}
		pages := [][]Entry{cv.Entries}
		for cursor := cv.Older; cursor != ""; {
			earlier, err := e.EarlierInCase(t.Context(), e.giulia, a.Ref(), cursor)
			if err != nil {
				t.Fatal(err)
			}
			if len(pages) > 5 {
				t.Fatal("it does not end")
			}
			pages, cursor = append(pages, earlier.Entries), earlier.Older
		}
		if len(pages) != 3 {
			t.Errorf("%d pages", len(pages))
		}
		slices.Reverse(pages)
		seen := map[int64]bool{}
		var texts []*Message
		events := 0
		for _, page := range pages {
			for _, x := range page {
				id := int64(0)
				if x.Message != nil {
					id = x.Message.ID
					texts = append(texts, x.Message)
				} else {
					id = x.Event.ID
					if x.Event.Kind == "case.kind" {
						events++
					}
				}
				if seen[id] {
					t.Errorf("%d is shown twice", id)
				}
				seen[id] = true
			}
		}
		if len(texts) != more+2 || events != 2*more {
			t.Errorf("%d messages and %d events, want %d and %d", len(texts), events, more+2, 2*more)
		}
		if !slices.IsSortedFunc(texts, func(x, y *Message) int { return int(x.At - y.At) }) {
			t.Error("not in order")
		}
		if _, err := e.EarlierInCase(t.Context(), e.giulia, a.Ref(), "x"); code(err) != "cursor:unreadable" {
			t.Error("an odd cursor:", err)
		}
		if _, err := e.EarlierInCase(t.Context(), e.elena, a.Ref(), cv.Older); err != ErrNotFound {
			t.Error("another office's case:", err)
		}
	})
}
