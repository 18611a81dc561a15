package seed

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"filodiretto/app"
	"filodiretto/bench/rig"
	"filodiretto/channels"
	"filodiretto/channels/mail/mailgen"
	"filodiretto/inbox"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/internal/password"
	"filodiretto/router"
	"filodiretto/templates"
)

// window is the time that is lived and then multiplied.
const window = 11 * 24 * time.Hour

// hour is how much is lived at once.
const hour = time.Hour

// life is the town while its days are lived.
type life struct {
	db     *db.DB
	in     *inbox.Inbox
	router *router.Router
	desk   *router.Desk
	size   Size
	chance *rand.Rand
	gen    *mailgen.Gen
	house  accounts

	staff   inbox.Viewer // belongs to every office
	people  []mailgen.Person
	stories []*story
	uid     int
}

// newLife makes the house: the same offices, people and rules as the rig's, and
// the accounts of its configuration.
func newLife(ctx context.Context, d *db.DB, files string, size Size, log *slog.Logger) (*life, error) {
	l := &life{db: d, size: size, chance: rand.New(rand.NewPCG(11, 12)), gen: mailgen.New(seedOfLetters)}
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return nil, err
	}
	l.router = router.New(d, log, zone)
	if l.house, err = l.openMail(ctx, log); err != nil {
		return nil, err
	}
	if err := rig.Staff(ctx, l.router, password.NewHasher(password.Recommended, 2)); err != nil {
		return nil, err
	}
	if l.staff, err = rig.Viewer(ctx, l.router, rig.Everywhere); err != nil {
		return nil, err
	}
	store, err := blob.Open("dir:" + files)
	if err != nil {
		return nil, err
	}
	set := inbox.DefaultSettings()
	set.Municipality, set.CasePrefix, set.Domain, set.PublicURL, set.Zone = "Comune di Pontelieto", "PL", "localhost", "http://localhost:8080", zone
	texts := templates.NewSet(nil)
	l.in = inbox.New(inbox.Deps{
		DB: d, Blobs: store, Hub: &live.Hub{}, Log: log, Settings: set, SignKey: make([]byte, 32), Channels: l.house, Router: l.router,
		Texts: func(context.Context) *templates.Set { return texts }, Wake: noWake{},
	})
	l.desk = router.NewDesk(l.router, l.in, 24)
	for range size.Citizens {
		l.people = append(l.people, l.gen.Citizen())
	}
	l.plan()
	return l, nil
}

const seedOfLetters = 77

type noWake struct{}

func (noWake) Ingest(context.Context, *db.Tx, int64) error                 { return nil }
func (noWake) Deliver(context.Context, *db.Tx, int64, clock.Instant) error { return nil }
func (noWake) Reconcile(context.Context, *db.Tx, int64) error              { return nil }
func (noWake) Fetch(context.Context, *db.Tx, int64) error                  { return nil }

// mailbox is the town's one account: it reads mail as the real one does, and
// what it sends arrives at once, or does not.
type mailbox struct {
	channels.Channel
	fails map[string]bool // addresses that refuse
}

// accounts are those of the town.
type accounts struct {
	mail *mailbox
	row  inbox.Account
}

// Channel gives the one account.
func (a accounts) Channel(id int64) (channels.Channel, inbox.Account, bool) {
	return a.mail, a.row, id == a.row.ID
}

// Send is an SMTP server that takes everything, but for some addresses.
func (m *mailbox) Send(_ context.Context, o *channels.Outgoing) (channels.Receipt, error) {
	if m.fails[o.To.Value] {
		return channels.Receipt{}, &channels.Error{Class: channels.ContentRejected, Code: "554 5.7.1", Text: "Message refused by policy."}
	}
	return channels.Receipt{ExternalIDs: []string{o.ExternalID}, Code: "250 2.0.0"}, nil
}

func (l *life) openMail(ctx context.Context, log *slog.Logger) (accounts, error) {
	settings := map[string]string{
		"address": rig.Mailbox, "imap_host": "127.0.0.1", "imap_port": "1", "imap_security": "plain-local", "imap_user": "u",
		"imap_password": "p", "smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_security": "plain-local",
	}
	i := slices.IndexFunc(app.Drivers(), func(d channels.Driver) bool { return d.Kind == "mail" })
	ch, err := app.Drivers()[i].Open(channels.Account{Key: rig.MailKey, Kind: "mail", Settings: settings}, channels.Deps{Log: log, Clock: l.db.Clock})
	if err != nil {
		return accounts{}, err
	}
	shown, err := json.Marshal(map[string]string{"address": rig.Mailbox})
	if err != nil {
		return accounts{}, err
	}
	office, err := l.router.SaveOffice(ctx, inbox.Viewer{System: true}, rig.Offices[0])
	if err != nil {
		return accounts{}, err
	}
	a := accounts{mail: &mailbox{ch, map[string]bool{}}, row: inbox.Account{
		ID: db.NewID(l.db.Clock), Key: rig.MailKey, Kind: "mail", Name: "Posta URP", OfficeID: office.ID,
		Origin: "file", Settings: string(shown), Enabled: true, CreatedAt: l.db.Clock.Now(),
	}}
	if _, err := l.db.Write.NewInsert().Model(&a.row).Exec(ctx); err != nil {
		return a, fmt.Errorf("make the account: %w", err)
	}
	return a, nil
}
