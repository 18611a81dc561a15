package queue

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/templates"
)

// agendaEnv is env with a real inbox, a mailbox and a bot, and an agenda of cards
// in the morning: 9:00 to 12:00, a quarter of an hour, two places, one of them
// public.
type agendaEnv struct {
	*env
	*Bookings
	inbox  *inbox.Inbox
	mail   *mailbox
	bot    *mailbox
	agenda *Agenda
}

// eachAgenda runs a test on both databases.
func eachAgenda(t *testing.T, f func(t *testing.T, e *agendaEnv)) {
	onBoth(t, func(t *testing.T, url string) { f(t, newAgendaEnv(t, url)) })
}

func newAgendaEnv(t *testing.T, url string) *agendaEnv {
	t.Helper()
	e := &agendaEnv{env: newEnv(t, url)}
	store := must(blob.Open("dir:" + t.TempDir()))(t)
	chans := &boxes{by: map[int64]*mailbox{}}
	e.mail, e.bot = e.account("mail", chans), e.account("telegram", chans)
	set := inbox.DefaultSettings()
	set.Municipality, set.PublicURL, set.Zone, set.AutoPerHour, set.AutoPerDay = "Comune di Pontelieto", "https://filo.example", rome, 100, 1000
	e.inbox = inbox.New(inbox.Deps{
		DB: e.env.db, Blobs: store, Hub: &live.Hub{}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Settings: set,
		SignKey: []byte("0123456789abcdef0123456789abcdef"), Channels: chans, Router: stayer{},
		Texts: func(context.Context) *templates.Set { return templates.NewSet(nil) }, Wake: sleeper{},
	})
	e.Bookings = NewBookings(e.Queue, e.inbox, "https://filo.example/")
	e.agenda = e.newAgenda(func(*Agenda) {})
	return e
}

func (e *agendaEnv) newAgenda(change func(*Agenda)) *Agenda {
	e.t.Helper()
	a := Agenda{
		SiteID: e.site, Key: "cie", Names: Names{"it": "Carta d'identità"}, SlotMin: 15, Capacity: 2, Public: 1, LeadMin: 60, HorizonDays: 60,
		Services: []int64{e.cards}, Settings: AgendaSettings{Documents: Names{"it": "Una foto tessera.", "en": "A photograph."}},
	}
	for d := 1; d <= 5; d++ {
		a.Hours = append(a.Hours, AgendaRange{d, 9 * 60, 12 * 60})
	}
	change(&a)
	return must(e.SaveAgenda(e.t.Context(), e.admin, a))(e.t)
}

// edit changes the agenda as it is now.
func (e *agendaEnv) edit(change func(*Agenda)) {
	e.t.Helper()
	a := *must(e.Bookings.Agenda(e.t.Context(), e.agenda.ID))(e.t)
	change(&a)
	e.agenda = must(e.SaveAgenda(e.t.Context(), e.admin, a))(e.t)
}

func (e *agendaEnv) account(kind string, chans *boxes) *mailbox {
	e.t.Helper()
	m := &mailbox{acc: inbox.Account{ID: db.NewID(e.env.clock), Key: kind, Kind: kind, Name: kind, OfficeID: e.urp, Origin: "file", Settings: "{}", Enabled: true, Version: 1}}
	e.exec("INSERT INTO accounts (id, key, kind, name, office_id, origin, settings, enabled, version, created_at) VALUES (?, ?, ?, ?, ?, 'file', '{}', TRUE, 1, 1)", m.acc.ID, kind, kind, kind, e.urp)
	chans.by[m.acc.ID] = m
	return m
}

// slot is a time on a day of November or December 2026.
func (e *agendaEnv) slot(day Day, hour, minute int) clock.Instant {
	return day.At(hour*60+minute, rome)
}

const tuesday = Day("2026-11-24")

// web is somebody in a browser who books for the first time.
func (e *agendaEnv) web(start clock.Instant, email string) BookRequest {
	return BookRequest{
		HoldRequest: HoldRequest{AgendaID: e.agenda.ID, ServiceID: e.cards, Start: start, Key: e.key(), Holder: email, Lang: "it"},
		Person:      "Lucia Ferrante", Email: email,
	}
}

// books books by web and confirms by the link in the mail.
func (e *agendaEnv) books(start clock.Instant, email string) (*Appointment, string) {
	e.t.Helper()
	must(e.Book(e.t.Context(), inbox.Viewer{}, e.web(start, email)))(e.t)
	got := must(e.Confirm(e.t.Context(), e.lastLink(ToConfirm)))(e.t)
	return got.Appointment, got.Token
}

// staff books for somebody without an address.
func (e *agendaEnv) staffBooks(start clock.Instant) *Appointment {
	e.t.Helper()
	r := e.web(start, "")
	r.Holder = ""
	return must(e.Book(e.t.Context(), e.anna, r))(e.t).Appointment
}

func (e *agendaEnv) now(ap *Appointment) *Appointment {
	e.t.Helper()
	return must(findAppointment(e.t.Context(), e.env.db.Read, ap.ID))(e.t)
}

func (e *agendaEnv) slotRow(start clock.Instant) *Slot {
	e.t.Helper()
	s := new(Slot)
	if err := e.env.db.Read.NewSelect().Model(s).Where("sl.agenda_id = ? AND sl.start_at = ?", e.agenda.ID, start).Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return s
}

// free is what citizens are offered at a time.
func (e *agendaEnv) free(v inbox.Viewer, start clock.Instant) int {
	e.t.Helper()
	day := DayOf(start, rome)
	for _, f := range must(e.FreeSlots(e.t.Context(), v, e.agenda.ID, day, day))(e.t) {
		if f.Start == start {
			return f.Free
		}
	}
	return 0
}

// deliver sends what is queued and gives all that arrived since the last time.
func (e *agendaEnv) deliver(m *mailbox) []channels.Outgoing {
	e.t.Helper()
	for {
		more, _, err := e.inbox.DeliverDue(e.t.Context(), m.acc.ID)
		if err != nil {
			e.t.Fatal(err)
		}
		if !more {
			m.mu.Lock()
			defer m.mu.Unlock()
			out := m.got
			m.all, m.got = append(m.all, out...), nil
			return out
		}
	}
}

// lastLink is the token of the newest mail with a link for a purpose.
func (e *agendaEnv) lastLink(p Purpose) string {
	e.t.Helper()
	e.deliver(e.mail)
	for i := len(e.mail.all) - 1; i >= 0; i-- {
		if token := tokenIn(e.mail.all[i].Text, p); token != "" {
			return token
		}
	}
	e.t.Fatalf("no mail has a link to %s", p)
	return ""
}

func tokenIn(text string, p Purpose) string {
	m := regexp.MustCompile(regexp.QuoteMeta(paths[p]) + `([A-Za-z0-9_-]{43})(\s|$)`).FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
}

// boxes finds the mailboxes of the accounts.
type boxes struct{ by map[int64]*mailbox }

func (b *boxes) Channel(id int64) (channels.Channel, inbox.Account, bool) {
	m := b.by[id]
	if m == nil {
		return nil, inbox.Account{}, false
	}
	return m, m.acc, true
}

// mailbox is a channel that keeps what it should send.
type mailbox struct {
	acc inbox.Account
	mu  sync.Mutex
	got []channels.Outgoing
	all []channels.Outgoing
}

func (m *mailbox) Parse(channels.Raw) ([]channels.Item, error) {
	return nil, errors.New("nothing comes in")
}
func (m *mailbox) ParserVersion() int { return 1 }

func (m *mailbox) Send(_ context.Context, o *channels.Outgoing) (channels.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.got = append(m.got, *o)
	return channels.Receipt{Code: "250"}, nil
}

type stayer struct{}

func (stayer) Decide(_ context.Context, _ *db.Tx, facts []inbox.Facts) ([]inbox.Decision, error) {
	return make([]inbox.Decision, len(facts)), nil
}

type sleeper struct{}

func (sleeper) Ingest(context.Context, *db.Tx, int64) error                 { return nil }
func (sleeper) Deliver(context.Context, *db.Tx, int64, clock.Instant) error { return nil }
func (sleeper) Reconcile(context.Context, *db.Tx, int64) error              { return nil }
func (sleeper) Fetch(context.Context, *db.Tx, int64) error                  { return nil }

// chat is a citizen who writes to the bot.
func (e *agendaEnv) chat(name string) (citizen, identity int64) {
	e.t.Helper()
	citizen, identity = e.citizen(name), db.NewID(e.env.clock)
	now := e.env.clock.Now()
	e.exec("INSERT INTO identities (id, citizen_id, kind, value, display, proof, source, first_seen, last_seen, status) VALUES (?, ?, 'telegram', ?, ?, 1, 'telegram', ?, ?, 'active')", identity, citizen, name, name, now, now)
	e.exec(`INSERT INTO messages (id, citizen_id, identity_id, account_id, channel, direction, origin, kind, thread_key, sender, at, sent_at, version)
		VALUES (?, ?, ?, ?, 'telegram', 'in', 'citizen', 'message', ?, ?, ?, ?, 1)`, db.NewID(e.env.clock), citizen, identity, e.bot.acc.ID, name, name, now, now)
	return citizen, identity
}

func contains(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in:\n%s", w, text)
		}
	}
}
