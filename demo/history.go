package demo

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"filodiretto/app"
	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/config"
	"filodiretto/internal/db"
)

// span is how far back the history begins.
const span = 182 * 24 * time.Hour

// history tells six months of Pontelieto, from their first day to now, on a
// clock of its own: the letters are in the mailboxes and chats of the citizens,
// the answers leave by SMTP and the Bot API, and all goes through the services
// that a real day goes through. Only the waiting is left out.
type history struct {
	*world
	off   *app.Offline
	until clock.Instant
	tell  func(part, of int)
	slips int // addresses that were typed wrongly

	mu      sync.Mutex
	inbound []townMail
	planned map[dueAt]bool // deliveries and fetches that have their step
}

type dueAt struct {
	account int64
	at      clock.Instant
}

// tellHistory fills an empty database with what happened up to an instant.
func (w *world) tellHistory(ctx context.Context, cfg *config.Config, log *slog.Logger, until clock.Instant, tell func(part, of int)) error {
	h := &history{world: w, until: until, tell: tell, planned: map[dueAt]bool{}}
	w.clock.moveTo(h.until.Add(-span))
	w.pace = days{}
	defer w.clock.release()
	d, err := db.Open(ctx, cfg.Database.URL.Reveal(), w.clock, db.Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := h.open(ctx, d, cfg, log); err != nil {
		return err
	}
	w.take = func(m townMail) error {
		h.mu.Lock()
		h.inbound = append(h.inbound, m)
		h.mu.Unlock()
		return nil
	}
	defer func() { w.take = nil }()
	stop, err := h.listenToBot(ctx)
	if err != nil {
		return err
	}
	defer stop()
	h.planAll()
	h.planCertified()
	h.planRegister()
	h.planSenders()
	h.planCopies()
	h.planOddCertified()
	h.planDoubt()
	h.planStorm()
	h.planRuleOfRegister()
	room, err := newHallPast(ctx, d, cfg, log, w)
	if err != nil {
		return err
	}
	room.plan(h)
	return h.run(ctx)
}

func (h *history) open(ctx context.Context, d *db.DB, cfg *config.Config, log *slog.Logger) (err error) {
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	if !d.Postgres {
		// what is lost in a power cut now is a history that can be told again;
		// the program that serves opens the file anew, with every safety on
		if _, err := d.Write.ExecContext(ctx, "PRAGMA synchronous = OFF"); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	if h.off, err = app.NewOffline(ctx, d, cfg, log, h); err != nil {
		return err
	}
	if err := settle(ctx, h.off.Router); err != nil {
		return err
	}
	return h.enter(ctx, d, h.off.Inbox, h.off.Router, h.off.Desk)
}

// listenToBot runs the real receiver of the bot.
func (h *history) listenToBot(ctx context.Context) (stop func(), err error) {
	acc := h.account(telegramBot)
	ch, _, ok := h.off.Accounts.Channel(acc)
	r, isReceiver := ch.(channels.Receiver)
	if !ok || !isReceiver {
		return nil, fmt.Errorf("demo: the bot's account is not open")
	}
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { _ = r.Receive(ctx, &slot{h.in, acc}) }) // ends with ctx
	return func() { cancel(); done.Wait() }, nil
}

// slot is where the bot's receiver puts what it took in.
type slot struct {
	in      *inbox.Inbox
	account int64
}

func (s *slot) Cursor(ctx context.Context, stream string) ([]byte, error) {
	return s.in.Cursor(ctx, s.account, stream)
}

func (s *slot) Accept(ctx context.Context, b channels.Batch) error {
	return s.in.Accept(ctx, s.account, b)
}

func (s *slot) Known(ctx context.Context, keys []string) (map[string]channels.Known, error) {
	return s.in.Known(ctx, s.account, keys)
}

func (s *slot) Store(ctx context.Context, r io.Reader) (string, int64, error) {
	return s.in.Store(ctx, r)
}

func (s *slot) Alive(context.Context) {}

func (s *slot) Introduce(context.Context, string) error { return nil }

func (s *slot) Warn(ctx context.Context, code, text string) {
	_ = s.in.Warn(ctx, s.account, code, text) // the channel logged it too
}

// run goes from step to step until now.
func (h *history) run(ctx context.Context) error {
	total := int(h.until.Sub(h.clock.Now()) / (24 * time.Hour))
	shown := -1
	for {
		s, ok := h.agenda.due(h.until)
		if !ok {
			break
		}
		h.clock.moveTo(s.at)
		if err := s.do(ctx); err != nil {
			return err
		}
		if err := h.settleDown(ctx); err != nil {
			return err
		}
		if day := total - int(h.until.Sub(s.at)/(24*time.Hour)); day > shown && h.tell != nil {
			shown = day
			h.tell(day, total)
		}
	}
	h.clock.moveTo(h.until)
	return h.settleDown(ctx)
}

// settleDown does what workers do: it takes in what arrived and lets people see
// what reached them, until nothing moves any more.
func (h *history) settleDown(ctx context.Context) error {
	for {
		moved, err := h.takeIn(ctx)
		if err != nil {
			return err
		}
		if err := h.react(ctx); err != nil {
			return err
		}
		if !moved {
			return nil
		}
	}
}

func (h *history) takeIn(ctx context.Context) (moved bool, err error) {
	h.mu.Lock()
	mails := h.inbound
	h.inbound = nil
	h.mu.Unlock()
	for _, m := range mails {
		moved = true
		if err := h.accept(ctx, m); err != nil {
			return moved, err
		}
	}
	// the receiver may have taken and confirmed a message before this looks
	if err := h.bot.AwaitConfirmed(ctx); err != nil {
		return moved, fmt.Errorf("demo: the bot's messages were not taken in: %w", err)
	}
	filed, err := h.ingest(ctx, h.account(telegramBot))
	return moved || filed, err
}

// accept commits a mail as the receiver of the mailbox would: the same raw item
// under the same key, so that the receiver knows it when it looks.
func (h *history) accept(ctx context.Context, m townMail) error {
	key := urpMail
	switch m.Box {
	case tributiBox:
		key = tributiMail
	case pecBox:
		key = pecAccount
	}
	validity, uid := strconv.FormatUint(uint64(m.UIDValidity), 10), strconv.FormatUint(uint64(m.UID), 10)
	raw := channels.Raw{
		DedupKey: inboxFolder + "/" + validity + "/" + uid, ContentType: mail.TypeMessage, Body: m.Data, Size: int64(len(m.Data)), ReceivedAt: m.At,
		Meta: map[string]string{mail.MetaFolder: inboxFolder, mail.MetaUIDValidity: validity, mail.MetaUID: uid, mail.MetaFlags: ""},
	}
	acc := h.account(key)
	if err := h.in.Accept(ctx, acc, channels.Batch{Stream: inboxFolder, Items: []channels.Raw{raw}}); err != nil {
		return fmt.Errorf("demo: accept a mail: %w", err)
	}
	_, err := h.ingest(ctx, acc)
	return err
}

// ingest files what was accepted of an account, and tells whether there was any.
func (h *history) ingest(ctx context.Context, account int64) (filed bool, err error) {
	for {
		n, err := h.in.Ingest(ctx, account)
		if err != nil {
			return filed, fmt.Errorf("demo: file what came in: %w", err)
		}
		if n == 0 {
			return filed, nil
		}
		filed = true
	}
}

// Ingest is part of inbox.Waker: whoever accepted goes on by itself.
func (h *history) Ingest(context.Context, *db.Tx, int64) error { return nil }

// Reconcile is part of inbox.Waker: a past that is made up is not compared.
func (h *history) Reconcile(context.Context, *db.Tx, int64) error { return nil }

// Deliver plans the sending of what is due then.
func (h *history) Deliver(_ context.Context, tx *db.Tx, account int64, at clock.Instant) error {
	tx.After(func() {
		h.once(account, at, func(ctx context.Context) error {
			_, next, err := h.in.DeliverDue(ctx, account)
			if err == nil && next > 0 {
				h.once(account, next, func(ctx context.Context) error {
					_, _, err := h.in.DeliverDue(ctx, account)
					return err
				})
			}
			return err
		})
	})
	return nil
}

// Fetch plans the download of the files that the bot's messages named.
func (h *history) Fetch(_ context.Context, tx *db.Tx, account int64) error {
	tx.After(func() {
		h.once(-account, tx.Now.Add(time.Second), func(ctx context.Context) error { return h.in.FetchFiles(ctx, account) })
	})
	return nil
}

// once plans something for an account at an instant, if it is not planned yet.
func (h *history) once(account int64, at clock.Instant, do func(context.Context) error) {
	k := dueAt{account, at}
	if h.planned[k] {
		return
	}
	h.planned[k] = true
	h.agenda.plan(at, do)
}

var _ inbox.Waker = (*history)(nil)
