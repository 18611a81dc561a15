package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// ticking is a clock that goes on with every look at it, as a real one does: what is done
// one after the other has times of its own.
type ticking struct {
	*clock.Manual
	looks atomic.Int64
}

func (c *ticking) Now() clock.Instant {
	return c.Manual.Now().Add(time.Duration(c.looks.Add(1)) * time.Microsecond)
}

// later ingests as the pump does: where the case changed each time that it was looked at,
// the mail stays pending, and is filed the next time.
func (x *erasure) later(ctx context.Context, acc Account) error {
	if _, err := x.Ingest(ctx, acc.ID); !errors.Is(err, db.ErrStale) {
		return err
	}
	return nil
}

// TestErasingAmongAllElse erases the messages of one case, by two heads at once, while
// more mail is filed on it, the same mail comes again, the chat messages on it are changed
// and their photographs fetched, an operator answers, and originals are read again. Nobody
// is told of a deadlock, and each message is whole or erased.
func TestErasingAmongAllElse(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		const n = 8
		realMail(e)
		x := newErasure(t, e)
		e.onceGivenChat()
		now := &ticking{Manual: e.manual}
		e.Inbox.clock, e.db.Clock = now, now
		ada := func(id string, i int) string {
			return parcelOf("Ada <ada@posta.example>", id+"@posta.example", "Oggetto", "Testo "+id+".", "carta.pdf", fileOf(i), "References: <m0@posta.example>")
		}
		for i := range n {
			e.arrive(e.mail, ada(fmt.Sprintf("m%d", i), i))
		}
		root := e.allCases()[0]
		for i := range n {
			e.fromChat(photo(fmt.Sprint(i), "Una foto.", fmt.Sprintf("foto%d/a", i)))
		}
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		for _, c := range e.allCases() {
			if c.ID != root.ID {
				_, err := e.Merge(t.Context(), e.giulia, root.CitizenID, c.CitizenID, "la stessa persona")
				must(t, err)
				e.mergeCase(c, root)
			}
		}
		var ids []int64
		must(t, e.db.Read.NewRaw("SELECT id FROM messages ORDER BY id").Scan(t.Context(), &ids))
		if len(ids) != 2*n || e.number("SELECT count(*) FROM cases WHERE merged_into = 0") != 1 {
			t.Fatalf("%d messages", len(ids))
		}
		person := e.identityOf(root)

		g, ctx := errgroup.WithContext(t.Context())
		times := func(what string, do func(ctx context.Context, i int) error) {
			g.Go(func() error {
				for i := range n {
					if err := do(ctx, i); err != nil {
						return fmt.Errorf("%s, %d: %w", what, i, err)
					}
				}
				return nil
			})
		}
		times("mail comes", func(ctx context.Context, i int) error {
			b := channels.Batch{Stream: "INBOX"}
			for _, l := range []string{ada(fmt.Sprintf("nuova%d", i), i), ada(fmt.Sprintf("m%d", i), i), "Received: by mx\r\n" + ada(fmt.Sprintf("m%d", (i+3)%n), (i+3)%n)} {
				b.Items = append(b.Items, channels.Raw{DedupKey: fmt.Sprintf("race/%d/%d", i, len(b.Items)), ContentType: mail.TypeMessage, Body: []byte(l)})
			}
			if err := e.Accept(ctx, e.mail.ID, b); err != nil {
				return err
			}
			return x.later(ctx, e.mail)
		})
		times("a chat message is changed", func(ctx context.Context, i int) error {
			b := channels.Batch{Stream: "updates"}
			for k, it := range []channels.Item{edited(photo(fmt.Sprint(i), "Cambiata.", fmt.Sprintf("foto%d/a", i))), edited(photo(fmt.Sprint(n-1-i), "Ancora.", fmt.Sprintf("altra%d/a", i)))} {
				it.From, it.ThreadKey = channels.Address{Kind: "telegram", Value: "77", Display: "Ada"}, "77"
				body, err := json.Marshal(it)
				if err != nil {
					return err
				}
				b.Items = append(b.Items, channels.Raw{DedupKey: fmt.Sprintf("race/%d/%d", i, k), ContentType: "application/json", Body: body})
			}
			if err := e.Accept(ctx, e.tg.ID, b); err != nil {
				return err
			}
			return x.later(ctx, e.tg)
		})
		times("files are fetched", func(ctx context.Context, _ int) error { return e.FetchFiles(ctx, e.tg.ID) })
		times("an operator answers", func(ctx context.Context, i int) error {
			c, err := e.CaseByID(ctx, e.giulia, root.ID)
			if err != nil {
				return err
			}
			_, err = e.Reply(ctx, e.giulia, ReplyCommand{CaseID: c.ID, SeenInID: c.LastInID, AccountID: e.mail.ID, To: []Recipient{{IdentityID: person}}, Subject: "Risposta", Text: fmt.Sprintf("Risposta %d.", i), Override: true})
			if errors.Is(err, ErrChanged) {
				return nil
			}
			return err
		})
		times("originals are read again", func(ctx context.Context, i int) error {
			_, err := e.ReadMessageAgain(ctx, e.giulia, ids[i*2%len(ids)])
			var gone *InvalidError
			if errors.Is(err, ErrChanged) || errors.Is(err, ErrNotFound) || errors.As(err, &gone) {
				return nil
			}
			return err
		})
		back := slices.Clone(ids)
		slices.Reverse(back)
		for _, order := range [][]int64{ids, back} {
			times("a head erases", func(ctx context.Context, i int) error {
				return errors.Join(e.Erase(ctx, e.giulia, order[2*i], EraseAsked, "x"), e.Erase(ctx, e.giulia, order[2*i+1], EraseAsked, "x"))
			})
		}
		must(t, g.Wait())
		e.ingest(e.tg)
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		x.settled()
		if got := e.number("SELECT count(*) FROM messages WHERE erased_at > 0"); got != 2*n {
			t.Errorf("%d are erased, of %d", got, 2*n)
		}
		if got := e.number("SELECT count(*) FROM messages WHERE external_id LIKE 'nuova%'"); got != n {
			t.Errorf("%d of %d came meanwhile", got, n)
		}
	})
}
