package register

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/pec"
	"filodiretto/channels/pec/standin"
	"filodiretto/inbox"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/live"
	"filodiretto/templates"
)

const (
	box     = "protocollo@pec.pontelieto.example"
	annaPEC = "anna.verdi@pec.example"
)

var rome = func() *time.Location {
	z, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err)
	}
	return z
}()

// env is a register over a fresh database: a front office (protocollo), a back one
// (edilizia) and a reserved one (sociale), a certified mailbox and an ordinary one.
type env struct {
	*Register
	t        *testing.T
	url      string
	manual   *clock.Manual
	inbox    *inbox.Inbox
	store    blob.Store
	offices  map[string]int64
	pec      inbox.Account
	mail     inbox.Account
	provider *standin.Provider
	letters  int
	ruled    map[string]int64 // the rule that wants what comes registered, by subject

	giulia inbox.Viewer // front office, protocollo
	sara   inbox.Viewer // head of the same
	elena  inbox.Viewer // back office, edilizia
	rita   inbox.Viewer // sociale, reserved
}

func ownSettings() Settings {
	return Settings{Mode: Builtin, Administration: "c_x000", Area: "AB12CD3", Code: "PG", Channels: []string{"pec"}, Zone: rome}
}

func externalSettings() Settings {
	s := ownSettings()
	s.Mode = External
	return s
}

// eachDB runs a test on SQLite and on a real PostgreSQL.
func eachDB(t *testing.T, set Settings, f func(t *testing.T, e *env)) {
	t.Run("sqlite", func(t *testing.T) { f(t, newEnv(t, dbtest.SQLite(t), set)) })
	t.Run("postgres", func(t *testing.T) { f(t, newEnv(t, dbtest.Postgres(t), set)) })
}

func newEnv(t *testing.T, url string, set Settings) *env {
	t.Helper()
	m := clock.NewManual(time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC))
	d, err := db.Open(t.Context(), url, m, db.Options{})
	must(t, err)
	t.Cleanup(func() { d.Close() })
	must(t, d.Migrate(t.Context()))
	e := &env{t: t, url: url, manual: m, offices: map[string]int64{}, ruled: map[string]int64{}}
	e.store, err = blob.Open("dir:" + t.TempDir())
	must(t, err)
	hub := &live.Hub{}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	chans := &boxes{by: map[int64]opened{}}
	in := inbox.DefaultSettings()
	in.Municipality, in.CasePrefix, in.Domain, in.Zone = "Comune di Pontelieto", "PL", "comune.pontelieto.example", rome
	e.inbox = inbox.New(inbox.Deps{
		DB: d, Blobs: e.store, Hub: hub, Log: log, Settings: in, SignKey: []byte("0123456789abcdef0123456789abcdef"), Channels: chans,
		Router: rules{e.ruled}, Texts: func(context.Context) *templates.Set { return templates.NewSet(nil) }, Wake: noWake{}, Registrar: NewRule(set),
	})
	e.Register = New(Deps{DB: d, Blobs: e.store, Inbox: e.inbox, Hub: hub, Log: log, Settings: set, Scheme: NationalScheme()})
	e.seed(chans)
	return e
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (e *env) seed(chans *boxes) {
	e.t.Helper()
	now := e.manual.Now()
	exec := func(q string, args ...any) {
		e.t.Helper()
		_, err := e.db.Write.NewRaw(q, args...).Exec(e.t.Context())
		must(e.t, err)
	}
	for _, o := range []struct {
		key, name, level string
		reserved         bool
	}{{"protocollo", "Ufficio protocollo", "front", false}, {"edilizia", "Edilizia privata", "back", false}, {"sociale", "Servizi sociali", "back", true}} {
		e.offices[o.key] = db.NewID(e.clock)
		exec("INSERT INTO offices (id, key, name, level, reserved, created_at) VALUES (?, ?, ?, ?, ?, ?)", e.offices[o.key], o.key, o.name, o.level, o.reserved, now)
	}
	for _, p := range []struct {
		to                        *inbox.Viewer
		name, office, role, name2 string
	}{
		{&e.giulia, "Giulia Moretti", "protocollo", "front_office", ""},
		{&e.sara, "Sara Bruni", "protocollo", "head", ""},
		{&e.elena, "Elena Costa", "edilizia", "back_office", ""},
		{&e.rita, "Rita Fumagalli", "sociale", "back_office", ""},
	} {
		*p.to = inbox.Viewer{OperatorID: db.NewID(e.clock), Name: p.name, Offices: []int64{e.offices[p.office]}, FrontDesk: p.office == "protocollo"}
		exec("INSERT INTO operators (id, login, name, password, created_at) VALUES (?, ?, ?, '', ?)", p.to.OperatorID, p.name, p.name, now)
		exec("INSERT INTO operator_roles (operator_id, office_id, role) VALUES (?, ?, ?)", p.to.OperatorID, e.offices[p.office], p.role)
	}
	authority, err := standin.NewAuthority(now)
	must(e.t, err)
	signer, err := authority.Certify("GESTORE DI PROVA S.p.A.", "gestore.example", now.Time().AddDate(-1, 0, 0), now.Time().AddDate(3, 0, 0))
	must(e.t, err)
	trust, err := authority.Trust()
	must(e.t, err)
	e.provider = &standin.Provider{Name: "GESTORE DI PROVA S.p.A.", Domain: "gestore.example", Signer: signer}
	for _, a := range []struct {
		acc  *inbox.Account
		kind string
		ch   channels.Channel
	}{{&e.pec, "pec", certifiedBox{trust}}, {&e.mail, "mail", plainBox{}}} {
		*a.acc = inbox.Account{ID: db.NewID(e.clock), Key: a.kind, Kind: a.kind, Name: a.kind, OfficeID: e.offices["protocollo"], Origin: "file", Settings: "{}", Enabled: true, CreatedAt: now}
		_, err := e.db.Write.NewInsert().Model(a.acc).Exec(e.t.Context())
		must(e.t, err)
		chans.by[a.acc.ID] = opened{a.ch, *a.acc}
	}
}

type opened struct {
	ch  channels.Channel
	acc inbox.Account
}

type boxes struct{ by map[int64]opened }

func (b *boxes) Channel(id int64) (channels.Channel, inbox.Account, bool) {
	o, ok := b.by[id]
	return o.ch, o.acc, ok
}

// rules stands for the router: what bears a subject must be registered.
type rules struct{ bySubject map[string]int64 }

func (r rules) Decide(_ context.Context, _ *db.Tx, facts []inbox.Facts) ([]inbox.Decision, error) {
	out := make([]inbox.Decision, len(facts))
	for i, f := range facts {
		out[i].Register = r.bySubject[f.Subject]
	}
	return out, nil
}

type noWake struct{ inbox.Waker }

func (noWake) Ingest(context.Context, *db.Tx, int64) error                 { return nil }
func (noWake) Deliver(context.Context, *db.Tx, int64, clock.Instant) error { return nil }
func (noWake) Fetch(context.Context, *db.Tx, int64) error                  { return nil }

// certifiedBox reads certified mail and keeps what it sends, as the real one does.
type certifiedBox struct{ trust *cms.Trust }

func (b certifiedBox) Parse(raw channels.Raw) ([]channels.Item, error) {
	return pec.Parse(raw, mail.OwnAddresses{Address: box}, b.trust)
}
func (certifiedBox) ParserVersion() int { return pec.ParserVersion }
func (certifiedBox) Send(ctx context.Context, m *channels.Outgoing) (channels.Receipt, error) {
	if m.Keep == nil {
		return channels.Receipt{}, errors.New("certified mail must be kept")
	}
	text := "From: " + box + "\r\nTo: " + m.To.Value + "\r\nSubject: " + m.Subject + "\r\n\r\n" + m.Text
	return channels.Receipt{Code: "250"}, m.Keep(ctx, strings.NewReader(text))
}

// plainBox reads ordinary mail.
type plainBox struct{}

func (plainBox) Parse(raw channels.Raw) ([]channels.Item, error) {
	return mail.Parse(raw, mail.OwnAddresses{Address: "urp@pontelieto.example"})
}
func (plainBox) ParserVersion() int { return 1 }
func (plainBox) Send(context.Context, *channels.Outgoing) (channels.Receipt, error) {
	return channels.Receipt{Code: "250"}, nil
}

// letter is a certified letter of Anna's, with files, taken in; its message.
func (e *env) letter(subject string, files ...string) *inbox.Message {
	e.t.Helper()
	e.letters++
	raw, err := e.provider.Envelope(annaPEC, box, e.written(subject, files...), e.manual.Now())
	must(e.t, err)
	return e.arrives(e.pec, raw)
}

// written is a mail with files, given as name and text in turn.
func (e *env) written(subject string, files ...string) []byte {
	head := fmt.Sprintf("From: Anna Verdi <%s>\r\nTo: %s\r\nSubject: %s\r\nDate: Tue, 17 Nov 2026 10:00:00 +0000\r\nMessage-ID: <l%d@pec.example>\r\nMIME-Version: 1.0\r\n", annaPEC, box, subject, e.letters)
	body := "Content-Type: text/plain; charset=utf-8\r\n\r\nChiedo copia del permesso.\r\n"
	if len(files) == 0 {
		return []byte(head + body)
	}
	var b strings.Builder
	b.WriteString(head + "Content-Type: multipart/mixed; boundary=\"zz\"\r\n\r\n--zz\r\n" + body)
	for i := 0; i+1 < len(files); i += 2 {
		b.WriteString("\r\n--zz\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"" + files[i] + "\"\r\n\r\n" + files[i+1] + "\r\n")
	}
	b.WriteString("--zz--\r\n")
	return []byte(b.String())
}

func (e *env) arrives(a inbox.Account, raw []byte) *inbox.Message {
	e.t.Helper()
	e.letters++
	must(e.t, e.inbox.Accept(e.t.Context(), a.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{{
		DedupKey: fmt.Sprintf("INBOX/1/%d", e.letters), ContentType: mail.TypeMessage, Body: raw, ReceivedAt: e.manual.Now(),
	}}}))
	_, err := e.inbox.Ingest(e.t.Context(), a.ID)
	must(e.t, err)
	return e.newest("in")
}

func (e *env) newest(direction string) *inbox.Message {
	e.t.Helper()
	m := new(inbox.Message)
	must(e.t, e.db.Read.NewSelect().Model(m).Where("m.direction = ?", direction).OrderExpr("m.id DESC").Limit(1).Scan(e.t.Context()))
	return m
}

// answer answers a message and delivers the answer.
func (e *env) answer(m *inbox.Message, deliver bool) *inbox.Message {
	e.t.Helper()
	r, err := e.inbox.Reply(e.t.Context(), e.giulia, inbox.ReplyCommand{
		CaseID: m.CaseID, SeenInID: m.ID, AccountID: m.AccountID, To: []inbox.Recipient{{IdentityID: m.IdentityID}}, Text: "Ecco la copia.", Undo: inbox.AtOnce,
	})
	must(e.t, err)
	if deliver {
		_, _, err := e.inbox.DeliverDue(e.t.Context(), m.AccountID)
		must(e.t, err)
	}
	return r.Message
}

// enter registers a message in a class.
func (e *env) enter(v inbox.Viewer, m *inbox.Message) (*Entry, error) {
	e.t.Helper()
	return e.Enter(e.t.Context(), v, Command{MessageID: m.ID, Version: e.standing(m).Version, Class: "VI.3"})
}

func (e *env) mustEnter(m *inbox.Message) *Entry {
	e.t.Helper()
	x, err := e.enter(e.giulia, m)
	must(e.t, err)
	return x
}

func (e *env) standing(m *inbox.Message) Standing {
	e.t.Helper()
	all, err := e.Standings(e.t.Context(), []int64{m.ID})
	must(e.t, err)
	if s := all[m.ID]; s != nil {
		return *s
	}
	return Standing{MessageID: m.ID, State: NotNeeded}
}

func (e *env) number(q string, args ...any) (n int) {
	e.t.Helper()
	must(e.t, e.db.Read.NewRaw(q, args...).Scan(e.t.Context(), &n))
	return n
}

func (e *env) sound() {
	e.t.Helper()
	c, err := e.Check(e.t.Context())
	if err != nil || c.Fault != nil {
		e.t.Fatalf("%+v %v", c.Fault, err)
	}
}

// wantCode holds an error against a field and a code.
func wantCode(t *testing.T, err error, field, code string) {
	t.Helper()
	var inv *inbox.InvalidError
	var doubt *inbox.WarningError
	switch {
	case errors.As(err, &inv) && inv.Field == field && inv.Code == code:
	case errors.As(err, &doubt) && doubt.Field == field && doubt.Code == code:
	default:
		t.Fatalf("want %s: %s, got %v", field, code, err)
	}
}

// together runs f many times at once.
func together(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(i) })
	}
	all.Wait()
}
