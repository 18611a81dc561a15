package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/templates"
)

// eraseChild is the environment variable by which the test's own program, started anew,
// knows that it is to erase and take mail in until it is killed. It holds an eraseLife.
const eraseChild = "FILODIRETTO_TEST_ERASING"

// eraseLife is one such process.
type eraseLife struct {
	URL, Store    string
	Doomed, Taken int           // how many messages may be erased; how often mail was taken in before
	Account, Head int64         // of the mailbox; of the head of its office
	By            time.Duration // how much its clock is ahead of the machine's
	*Inbox        `json:"-"`
	acc           Account
	says          sync.Mutex
}

func init() {
	order := os.Getenv(eraseChild)
	if order == "" {
		return
	}
	l := new(eraseLife)
	err := json.Unmarshal([]byte(order), l)
	if err == nil {
		err = l.live(context.Background())
	}
	l.say("error " + fmt.Sprint(err))
	os.Exit(1)
}

// say tells the parent, line by line.
func (l *eraseLife) say(line string) {
	l.says.Lock()
	defer l.says.Unlock()
	fmt.Println(line)
}

// live erases as two heads do, takes in mail with the same bytes, and does the chore,
// all at once.
func (l *eraseLife) live(ctx context.Context) error {
	c := clock.Shifted{By: l.By}
	d, err := db.Open(ctx, l.URL, c, db.Options{})
	if err != nil {
		return err
	}
	store, err := blob.OpenDir(l.Store)
	if err != nil {
		return err
	}
	if err := d.Read.NewSelect().Model(&l.acc).Where("a.id = ?", l.Account).Scan(ctx); err != nil {
		return err
	}
	ch, err := mail.Driver.Open(channels.Account{ID: l.Account, Key: "mail", Kind: "mail", Settings: deafMail}, channels.Deps{Log: slog.New(slog.DiscardHandler), Clock: c})
	if err != nil {
		return err
	}
	chans := &fakeChannels{by: map[int64]fakeAccount{}}
	chans.put(l.acc, ch)
	l.Inbox = New(Deps{
		DB: d, Blobs: store, Hub: &live.Hub{}, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})), Settings: DefaultSettings(),
		SignKey: []byte("0123456789abcdef0123456789abcdef"), Channels: chans, Router: &fakeRouter{}, Texts: func(context.Context) *templates.Set { return templates.NewSet(nil) }, Wake: noWake{},
	})
	failed := make(chan error)
	go func() { failed <- l.eraseAll(ctx, 0) }()
	go func() { failed <- l.eraseAll(ctx, 1) }()
	go func() { failed <- l.takeIn(ctx) }()
	go func() { failed <- l.finish(ctx) }()
	return <-failed
}

// eraseAll is one of two heads, who have every second message each.
func (l *eraseLife) eraseAll(ctx context.Context, which int) error {
	var ids []int64
	if err := l.db.Read.NewRaw("SELECT id FROM messages WHERE erased_at = 0 AND external_id LIKE 'via%' ORDER BY id").Scan(ctx, &ids); err != nil {
		return err
	}
	for i, id := range ids {
		if i%2 != which {
			continue
		}
		if err := l.Erase(ctx, Viewer{OperatorID: l.Head, Offices: []int64{l.acc.OfficeID}, FrontDesk: true}, id, EraseAsked, "x"); err != nil {
			return fmt.Errorf("erase: %w", err)
		}
		l.say(fmt.Sprint("erased ", id))
	}
	select {} // until killed
}

// takeIn hands mail over, one after the other, as a mail server does: what a process did
// not answer for comes again.
func (l *eraseLife) takeIn(ctx context.Context) error {
	for i := l.Taken; ; i++ {
		if err := l.Accept(ctx, l.Account, onceMore(i, l.Doomed)); err != nil {
			return fmt.Errorf("accept: %w", err)
		}
		if _, err := l.Ingest(ctx, l.Account); err != nil {
			return fmt.Errorf("ingest: %w", err)
		}
		l.say(fmt.Sprint("taken ", i))
	}
}

// finish does the chore, far more often than it is done.
func (l *eraseLife) finish(ctx context.Context) error {
	for range time.Tick(20 * time.Millisecond) {
		if _, err := l.FinishErasing(ctx); err != nil {
			return fmt.Errorf("the chore: %w", err)
		}
	}
	return nil
}
