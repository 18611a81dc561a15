package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/emersion/go-smtp"

	"filodiretto/channels/telegram/standin"
	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/router"
)

// world is Pontelieto: its people on one side, its town hall on the other, and
// what goes between them. The story that is told in it runs in one goroutine,
// to which rng, stories and agenda belong; the servers and the citizens' page
// use only what is guarded by itself.
type world struct {
	seed   uint64
	clock  *replay
	lib    *library
	folk   *census
	office *postOffice
	bot    *standin.Server
	diary  *diary

	db       *db.DB
	in       *inbox.Inbox
	desk     *router.Desk
	router   *router.Router
	accounts map[string]inbox.Account // by key
	staff    map[string]inbox.Viewer  // by login

	rng     *rand.Rand
	agenda  agenda
	stories map[*story]bool
	pace    pace
	take    func(townMail) error // takes what reached a mailbox of the town; nil while the real receiver does
	letters int                  // for Message-IDs
	botSeen int                  // the last message of the bot that was looked at

	mu      sync.Mutex
	news    []received    // what reached citizens by mail since it was last looked at
	newsFor chan struct{} // holds a value when there is news
	played  map[string]bool
}

// citizens are the people that the history knows; newcomers join while the demo
// runs.
const citizens = 130

func newWorld(seed uint64, c *replay, d *diary) (*world, error) {
	lib, err := readLibrary()
	if err != nil {
		return nil, err
	}
	w := &world{
		seed: seed, clock: c, lib: lib, diary: d, folk: newCensus(seed),
		rng: rand.New(rand.NewPCG(seed, 0x73746f7269)), stories: map[*story]bool{}, newsFor: make(chan struct{}, 1), played: map[string]bool{},
	}
	for len(w.folk.all()) < citizens || !d.all(func(key string) bool { return w.folk.key(key) != nil }) {
		w.folk.next()
	}
	return w, nil
}

// enter gives the town hall to the world: the offline one of the history, or
// that of the running program.
func (w *world) enter(ctx context.Context, d *db.DB, in *inbox.Inbox, r *router.Router, desk *router.Desk) error {
	w.db, w.in, w.router, w.desk = d, in, r, desk
	var rows []inbox.Account
	if err := d.Read.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return fmt.Errorf("demo: read the accounts: %w", err)
	}
	w.accounts = map[string]inbox.Account{}
	for _, a := range rows {
		w.accounts[a.Key] = a
	}
	dir, err := r.Directory(ctx)
	if err != nil {
		return err
	}
	w.staff = map[string]inbox.Viewer{}
	for _, o := range dir.Operators {
		if v, ok := dir.Viewer(o.ID); ok {
			w.staff[o.Login] = v
		}
	}
	return nil
}

// domains are those of the citizens' providers.
var domains = []string{"posta.example", "mail.example", "libero.example", "lavoro.example"}

// verdict says what the citizens' providers do with a message (mailWorld).
func (w *world) verdict(to string) (refused *smtp.SMTPError, bounces bool) {
	to = strings.ToLower(to)
	c := w.folk.mail(to)
	domain := to[strings.LastIndexByte(to, '@')+1:]
	known := false
	for _, d := range domains {
		known = known || d == domain
	}
	switch {
	case readsMail(to):
		return nil, false
	case c != nil && c.Fate == "full":
		return &smtp.SMTPError{Code: 552, EnhancedCode: smtp.EnhancedCode{5, 2, 2}, Message: "Mailbox full"}, false
	case c != nil && c.Fate == "gone", c == nil && known:
		return nil, true
	case c == nil:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 2}, Message: "Domain not found"}, false
	}
	return nil, false
}

// mailed keeps what reached a citizen's mailbox (mailWorld).
func (w *world) mailed(to string, data []byte) {
	c := w.folk.mail(to)
	if c == nil {
		return
	}
	r := readReceived(to, data)
	w.diary.add(page{
		Citizen: c.Key, Channel: "mail", At: w.clock.Now(), ID: r.ID, From: r.From, To: to, Box: r.Box,
		Subject: r.Subject, Text: r.Text, Files: r.Files, Automatic: r.Automatic, References: r.References,
	})
	w.mu.Lock()
	w.news = append(w.news, r)
	w.mu.Unlock()
	w.wake()
}

// posted passes on what reached a mailbox of the town (mailWorld).
func (w *world) posted(m townMail) error {
	if w.take == nil {
		return nil // the program's own receiver will find it
	}
	return w.take(m)
}

// wake tells the story that something happened; it never blocks.
func (w *world) wake() {
	select {
	case w.newsFor <- struct{}{}:
	default:
	}
}

// play marks a citizen as played by a visitor: the robots leave them alone.
func (w *world) play(c *citizen) {
	w.mu.Lock()
	w.played[c.Key] = true
	w.mu.Unlock()
}

// left reports whether the robots may speak for a citizen.
func (w *world) left(c *citizen) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !c.Guest && !w.played[c.Key]
}

// takeNews gives what reached citizens since the last call: mails, and messages
// of the bot.
func (w *world) takeNews() (mails []received, chats []standin.Sent) {
	w.mu.Lock()
	mails, w.news = w.news, nil
	w.mu.Unlock()
	chats = w.bot.Sent(w.botSeen)
	for _, s := range chats {
		w.botSeen = s.N
		if c := w.folk.chat(s.ChatID); c != nil {
			p := page{Citizen: c.Key, Channel: "telegram", At: w.clock.Now(), ID: fmt.Sprintf("%d:%d", s.ChatID, s.MessageID), Text: s.Text}
			if s.File != nil {
				p.Files = []string{s.File.Name}
			}
			w.diary.add(p)
		}
	}
	return mails, chats
}

// caseOfMessage finds the case of a message by its name on the channel; 0 when
// it is not filed, or not yet.
func (w *world) caseOfMessage(ctx context.Context, external string) (int64, error) {
	var id int64
	err := w.db.Read.NewRaw("SELECT COALESCE(case_id, 0) FROM messages WHERE external_id = ? ORDER BY id LIMIT 1", external).Scan(ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

// account is the id of an account of the town.
func (w *world) account(key string) int64 { return w.accounts[key].ID }
