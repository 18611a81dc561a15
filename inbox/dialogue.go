package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// Dialogue tells whether an item of a private chat belongs to a conversation with
// the bot that another part of the house leads (taking a number, for example), and
// not to people. asks is what the chat's newest card asks for, "" for nothing. It
// looks at nothing else: whatever it takes becomes a Turn, opens no case, and is
// answered after the commit.
type Dialogue func(it *channels.Item, asks string) bool

// Turn is something that a person said or pressed in a dialogue. It is answered once:
// AnswerTurn is the answer and its end in one transaction.
type Turn struct {
	bun.BaseModel `bun:"table:dialogue_turns,alias:dt"`

	MessageID  int64 `bun:",pk"` // the message that it became
	AccountID  int64
	CitizenID  int64
	IdentityID int64
	ThreadKey  string
	Lang       string // as the platform says, "" when it does not
	Kind       TurnKind
	Data       string // the words, or what the button holds: untrusted (channels 1.4)
	CardID     int64  // the card whose button it was; 0 when that is not known
	Tries      int    // how often its answer has failed
	At         clock.Instant
	AnsweredAt clock.Instant
	Outcome    string // a code, for those who look for what went wrong
}

// TurnKind says what a person did.
type TurnKind string

// The kinds of turns.
const (
	Words TurnKind = "words"
	Press TurnKind = "press"
)

// Card is a message of ours in a chat that is edited as things change.
type Card struct {
	bun.BaseModel `bun:"table:cards,alias:cd"`

	MessageID  int64 `bun:",pk"`
	AccountID  int64
	IdentityID int64
	ThreadKey  string
	Buttons    Buttons
	Asks       string // what the next words in the chat may answer; "" for nothing
	AsksUntil  clock.Instant
	Topic      int64  // what it is about, for who leads the dialogue; 0 for nothing
	Sign       string // what it shows, in brief, for who leads the dialogue
	Wanted     int    // the version of what it should say
	Shown      int    // the version that the person sees
	WantedAt   clock.Instant
	DueAt      clock.Instant // not edited before
	Tries      int
	ClosedAt   clock.Instant // nothing will change any more
}

// Said is what is said in a dialogue.
type Said struct {
	Text    string // plain
	Markup  string // the same for Telegram's HTML mode; empty means Text as it is
	Buttons Buttons
	Card    int64 // the card that is changed to say it; 0 says it in a new one
	Topic   int64
	Sign    string
	Asks    string        // what the next words may answer
	AsksFor time.Duration // for how long
	Close   bool          // the card will not change any more
}

// Buttons are those under a message, in rows. They are kept as JSON.
type Buttons [][]channels.OutgoingButton

// encode writes the buttons as they are kept.
func (b Buttons) encode() (string, error) {
	if b == nil {
		b = Buttons{}
	}
	out, err := json.Marshal([][]channels.OutgoingButton(b))
	return string(out), err
}

// label is what stands on the button with data, "" when there is none such.
func (b Buttons) label(data string) string {
	for _, row := range b {
		for _, x := range row {
			if x.Data == data {
				return x.Text
			}
		}
	}
	return ""
}

// Turns are those of an account that wait for an answer, in their order, at most
// limit.
func (in *Inbox) Turns(ctx context.Context, accountID int64, limit int) ([]*Turn, error) {
	var out []*Turn
	err := in.db.Read.NewSelect().Model(&out).Where("dt.account_id = ? AND dt.answered_at = 0", accountID).OrderExpr("dt.message_id").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("turns of a dialogue: %w", err)
	}
	return out, nil
}

// TurnsSince counts what an identity said in dialogues after an instant.
func (in *Inbox) TurnsSince(ctx context.Context, identityID int64, since clock.Instant) (int, error) {
	var n int
	if err := in.db.Ask(ctx, "SELECT count(*) FROM dialogue_turns WHERE identity_id = ? AND at > ?", []any{identityID, since}, &n); err != nil {
		return 0, fmt.Errorf("count the turns of a dialogue: %w", err)
	}
	return n, nil
}

// Cards are the open cards about the topics, by topic; with no topics all open ones
// that have any.
func (in *Inbox) Cards(ctx context.Context, topics ...int64) ([]*Card, error) {
	var out []*Card
	q := in.db.Read.NewSelect().Model(&out).Where("cd.topic > 0 AND cd.closed_at = 0").OrderExpr("cd.message_id")
	if len(topics) > 0 {
		q = q.Where("cd.topic IN (?)", bun.List(topics))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("cards of dialogues: %w", err)
	}
	return out, nil
}

// Asking is the newest card of a chat that waits for words. ErrNotFound when none
// does.
func (in *Inbox) Asking(ctx context.Context, accountID int64, threadKey string) (*Card, error) {
	c := new(Card)
	err := in.db.Read.NewSelect().Model(c).Where("cd.account_id = ? AND cd.thread_key = ? AND cd.asks <> '' AND cd.closed_at = 0 AND cd.asks_until > ?", accountID, threadKey, in.clock.Now()).
		OrderExpr("cd.message_id DESC").Limit(1).Scan(ctx)
	if err != nil {
		return nil, notFound(err)
	}
	return c, nil
}
