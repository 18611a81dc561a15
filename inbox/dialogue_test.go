package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
)

// fakeChat sends and edits, and fails as a test wants.
type fakeChat struct {
	channels.Channel
	edits []string
	fail  error
}

func (f *fakeChat) Edit(_ context.Context, id string, m *channels.Outgoing) error {
	if f.fail != nil {
		return f.fail
	}
	f.edits = append(f.edits, id+" "+m.Text)
	return nil
}

func (f *fakeChat) ParserVersion() int { return 1 }
func (f *fakeChat) Send(context.Context, *channels.Outgoing) (channels.Receipt, error) {
	return channels.Receipt{ExternalIDs: []string{"77:1"}, Delivered: true}, nil
}

// word is an item of a private chat.
func word(id, text string) channels.Item {
	return channels.Item{
		Kind: channels.Message, ExternalID: "77:" + id, ThreadKey: "77", From: channels.Address{Kind: "telegram", Value: "77", Display: "Ada"}, Text: text, BodyHash: id,
	}
}

// inTalk is an environment in which "/numero", buttons, and digits while a card asks
// belong to a dialogue.
func inTalk(e *env) *fakeChat {
	e.Inbox.dialogue = func(it *channels.Item, asks string) bool {
		return it.Kind == channels.Button || it.Text == "/numero" || asks == "code" && it.Text == "4821"
	}
	ch := &fakeChat{}
	e.chans.put(e.tg, ch)
	return ch
}

func (e *env) fileItems(id int64, items ...channels.Item) {
	e.t.Helper()
	for i, it := range items {
		raw := &Raw{ID: id*100 + int64(i), AccountID: e.tg.ID, DedupKey: fmt.Sprint(id, "-", i), SHA256: fmt.Sprint(id, "-", i), State: "pending", Meta: "{}", ReceivedAt: e.clock.Now()}
		if _, err := e.db.Write.NewInsert().Model(raw).Exec(e.t.Context()); err != nil {
			e.t.Fatal(err)
		}
		r := &reading{raw: raw, items: []channels.Item{it}, facts: []itemFacts{factsOf(&it)}}
		r.facts[0].files = make([]keptFile, len(it.Parts))
		if err := e.Inbox.file(e.t.Context(), e.tg, []*reading{r}); err != nil {
			e.t.Fatal(err)
		}
	}
}

func (e *env) countOf(query string, args ...any) (n int) {
	e.t.Helper()
	if err := e.db.Read.NewRaw(query, args...).Scan(e.t.Context(), &n); err != nil {
		e.t.Fatal(err)
	}
	return n
}

func (e *env) oneTurn() *Turn {
	e.t.Helper()
	list, err := e.Turns(e.t.Context(), e.tg.ID, 10)
	if err != nil || len(list) != 1 {
		e.t.Fatalf("%d turns, %v", len(list), err)
	}
	return list[0]
}

// TestTurnsOfADialogue: a word for the bot opens no case and is answered once; a button's label
// is told; digits are the bot's only while they are asked for; words reach people.
func TestTurnsOfADialogue(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		ch := inTalk(e)
		e.fileItems(1, word("1", "/numero"), word("1", "/numero"))
		if n := e.countOf("SELECT count(*) FROM cases"); n != 0 {
			t.Fatal(n, "cases")
		}
		turn := e.oneTurn()
		said := Said{Text: "Quale?", Buttons: Buttons{{{Text: "Anagrafe", Data: "q1:a"}}}, Asks: "code", AsksFor: time.Hour, Topic: 9, Sign: "w"}
		for range 2 {
			if err := e.AnswerTurn(ctx, turn, "asked", said); err != nil {
				t.Fatal(err)
			}
		}
		if n := e.countOf("SELECT count(*) FROM messages WHERE direction = 'out'"); n != 1 {
			t.Fatal(n, "answers to one turn")
		}
		if _, _, err := e.DeliverDue(ctx, e.tg.ID); err != nil {
			t.Fatal(err)
		}
		e.fileItems(2, word("2", "4821"), word("3", "Buongiorno, una domanda"))
		if turn = e.oneTurn(); turn.Data != "4821" || turn.Kind != Words {
			t.Errorf("%+v", turn)
		}
		if n := e.countOf("SELECT count(*) FROM cases"); n != 1 {
			t.Error("people are still reached by words:", n)
		}
		card, err := e.Asking(ctx, e.tg.ID, "77")
		if err != nil || card.Topic != 9 {
			t.Fatal(card, err)
		}
		if err := e.AnswerTurn(ctx, turn, "here", Said{Card: card.MessageID, Text: "Sei qui", Topic: 9, Sign: "x", Buttons: said.Buttons}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.EditDue(ctx, e.tg.ID); err != nil || len(ch.edits) != 1 || ch.edits[0] != "77:1 Sei qui" {
			t.Errorf("%q %v", ch.edits, err)
		}
		if n := e.countOf("SELECT count(*) FROM message_versions WHERE message_id = ? AND text = 'Quale?'", card.MessageID); n != 1 {
			t.Error("what it said before is kept")
		}
		press := channels.Item{Kind: channels.Button, ExternalID: "callback:1", ThreadKey: "77", From: channels.Address{Kind: "telegram", Value: "77"}, Payload: "q1:a", Answers: "77:1"}
		e.fileItems(3, press)
		if turn = e.oneTurn(); turn.CardID != card.MessageID || turn.Kind != Press || turn.Data != "q1:a" {
			t.Errorf("%+v", turn)
		}
		if n := e.countOf("SELECT count(*) FROM messages WHERE kind = 'button' AND text = 'Anagrafe' AND case_id IS NULL"); n != 1 {
			t.Error("the button's label stands on the person's timeline")
		}
	})
}

// TestTurnsOfOthers: a button of somebody else's card, and a word in a group.
func TestTurnsOfOthers(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		inTalk(e)
		e.fileItems(1, word("1", "/numero"))
		if err := e.AnswerTurn(t.Context(), e.oneTurn(), "asked", Said{Text: "Quale?", Buttons: Buttons{{{Text: "Anagrafe", Data: "q1:a"}}}}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := e.DeliverDue(t.Context(), e.tg.ID); err != nil {
			t.Fatal(err)
		}
		forged := channels.Item{Kind: channels.Button, ExternalID: "callback:2", ThreadKey: "88", From: channels.Address{Kind: "telegram", Value: "88"}, Payload: "q1:a", Answers: "77:1"}
		group := word("5", "/numero")
		group.ThreadKey = "-100"
		e.fileItems(2, forged, group)
		if turn := e.oneTurn(); turn.CardID != 0 {
			t.Error("another person's card")
		}
		if n := e.countOf("SELECT count(*) FROM cases"); n != 1 {
			t.Error("in a group it is for people:", n)
		}
	})
}

// TestEditTroubles: what may pass is tried again, what is gone is left alone.
func TestEditTroubles(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		ch := inTalk(e)
		e.fileItems(1, word("1", "/numero"))
		if err := e.AnswerTurn(ctx, e.oneTurn(), "asked", Said{Text: "Quale?", Topic: 9}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := e.DeliverDue(ctx, e.tg.ID); err != nil {
			t.Fatal(err)
		}
		cards, err := e.Cards(ctx, 9)
		if err != nil || len(cards) != 1 {
			t.Fatal(cards, err)
		}
		change := func(text string) {
			if err := e.ChangeCard(ctx, Said{Card: cards[0].MessageID, Text: text, Topic: 9}, e.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		change("uno")
		ch.fail = channels.Errorf(channels.UnknownOutcome, "", "no answer")
		next, err := e.EditDue(ctx, e.tg.ID)
		if err != nil || next <= e.clock.Now() {
			t.Fatal("tried again later:", next, err)
		}
		ch.fail = nil
		e.manual.Advance(time.Minute)
		if _, err := e.EditDue(ctx, e.tg.ID); err != nil || strings.Join(ch.edits, ",") != "77:1 uno" {
			t.Error(ch.edits, err)
		}
		change("due")
		ch.fail = channels.Errorf(channels.ContentRejected, "400", "message to edit not found")
		if next, err := e.EditDue(ctx, e.tg.ID); err != nil || next != 0 {
			t.Error("a message that is gone is left alone:", next, err)
		}
		if n := e.countOf("SELECT count(*) FROM cards WHERE closed_at > 0 AND shown = wanted"); n != 1 {
			t.Error("it is closed")
		}
		if _, err := e.Asking(ctx, e.tg.ID, "77"); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}
