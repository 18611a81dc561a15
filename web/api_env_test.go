package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/counter"
	"filodiretto/channels/mail"
	"filodiretto/channels/pec"
	"filodiretto/channels/telegram"
	"filodiretto/channels/webpage"
	"filodiretto/inbox"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/config"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/live"
	"filodiretto/internal/logging"
	"filodiretto/internal/password"
	"filodiretto/internal/secret"
	"filodiretto/queue"
	"filodiretto/register"
	"filodiretto/reports"
	"filodiretto/router"
	"filodiretto/templates"
	"filodiretto/web/openapi"
)

// apiTown is the whole site over a fresh database: four offices, a person or two
// in each with a token, and accounts that send into memory.
type apiTown struct {
	t       testing.TB
	db      *db.DB
	manual  *clock.Manual // nil under the machine's clock
	inbox   *inbox.Inbox
	has     inbox.Deps // of which the inbox is made
	router  *router.Router
	desk    *router.Desk
	queue   *queue.Queue
	hub     *live.Hub
	deps    Deps
	site    http.Handler
	log     *bytes.Buffer
	logMu   *sync.Mutex
	chans   *apiChannels
	offices map[string]int64
	people  map[string]inbox.Viewer
	tokens  map[string]string
	mail    inbox.Account
	bot     inbox.Account
	counter inbox.Account
	trib    inbox.Account // mailbox of the back office
	social  inbox.Account // mailbox of the reserved office
	ops     map[string]*openapi.Operation
	unread  int
	twice   bool // every POST is sent with a key, and again
	keyed   int
	mu      sync.Mutex
	done    map[string]bool // operations that succeeded, by id
}

// townRegister is the register of the town: its own.
var townRegister = register.Settings{Mode: register.Builtin, Administration: "c_x000", Area: "AB12CD3", Code: "PG", Channels: []string{"pec"}, Zone: time.UTC}

var testMorning = time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC)

// eachAPI runs a test on SQLite and on a real PostgreSQL.
func eachAPI(t *testing.T, f func(t *testing.T, e *apiTown)) {
	t.Run("sqlite", func(t *testing.T) { f(t, newAPITown(t, dbtest.SQLite(t))) })
	t.Run("postgres", func(t *testing.T) { f(t, newAPITown(t, dbtest.Postgres(t))) })
}

func newAPITown(t testing.TB, url string) *apiTown {
	t.Helper()
	m := clock.NewManual(testMorning)
	e := openAPITown(t, url, m, 1_000_000)
	e.manual = m
	return e
}

func openAPITown(t testing.TB, url string, c clock.Clock, perSecond int) *apiTown {
	t.Helper()
	d, err := db.Open(t.Context(), url, c, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	store, err := blob.Open("dir:" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e := &apiTown{t: t, db: d, log: new(bytes.Buffer), logMu: new(sync.Mutex), offices: map[string]int64{}, people: map[string]inbox.Viewer{}, tokens: map[string]string{}, ops: map[string]*openapi.Operation{}, done: map[string]bool{}}
	log, err := logging.New(lockedWriter{e.logMu, e.log}, "debug", "text")
	if err != nil {
		t.Fatal(err)
	}
	e.chans = &apiChannels{by: map[int64]apiOpened{}}
	e.router = router.New(d, log, time.UTC)
	set := inbox.DefaultSettings()
	set.Municipality, set.CasePrefix, set.Domain, set.PublicURL, set.Lang = "Comune di Pontelieto", "PL", "comune.pontelieto.example", "https://filo.pontelieto.example", "it"
	texts := &townTexts{db: d}
	hub := &live.Hub{}
	e.hub = hub
	t.Cleanup(hub.Close)
	e.has = inbox.Deps{
		DB: d, Blobs: store, Hub: hub, Log: log, Settings: set, SignKey: []byte("0123456789abcdef0123456789abcdef"),
		Channels: e.chans, Router: e.router, Texts: texts.current, Wake: apiNoWake{}, Registrar: register.NewRule(townRegister),
	}
	e.inbox = inbox.New(e.has)
	e.desk = router.NewDesk(e.router, e.inbox, 24)
	box, err := secret.NewBox(make([]byte, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.Municipality.Name, cfg.Municipality.Location, cfg.Municipality.Language = "Comune di Pontelieto", time.UTC, "it"
	cfg.Server.APIPerSecond, cfg.Server.MaxUploadMB, cfg.Server.InsecureCookies = perSecond, 25, false
	e.seed()
	e.queue = queue.New(queue.Deps{
		DB: d, Hub: hub, Log: log, Zone: time.UTC, SignKey: []byte("0123456789abcdef0123456789abcdef"), Files: townVisits{e}, Teller: townNews{},
	})
	e.deps = Deps{
		Queue: e.queue, Bookings: queue.NewBookings(e.queue, e.inbox, set.PublicURL), Votes: queue.NewVotes(e.queue, e.inbox, set.PublicURL, queue.VoteSettings{}),
		Register: register.New(register.Deps{DB: d, Blobs: store, Inbox: e.inbox, Hub: hub, Log: log, Settings: townRegister, Scheme: register.NationalScheme()}),
		Reports:  reports.New(reports.Deps{DB: e.db, Queue: e.queue, Votes: queue.NewVotes(e.queue, e.inbox, set.PublicURL, queue.VoteSettings{}), Log: log, Zone: time.UTC}),
		Config:   cfg, DB: d, Inbox: e.inbox, Router: e.router, Desk: e.desk, Accounts: e.chans, Hub: hub,
		Presence: live.NewPresence(c, hub, nil, "t:"), Log: log, Hasher: password.NewHasher(password.Params{MemoryKiB: 8, Passes: 1, Lanes: 1}, 2), Box: box, Blobs: store,
		Texts: texts.current, ForgetTexts: texts.forget, Drivers: []channels.Driver{mail.Driver, pec.Driver, telegram.Driver, counter.Driver, counter.PhoneDriver, webpage.Driver},
		Metrics: http.NotFoundHandler(), Observe: func(string, int, time.Duration) {},
	}
	if e.site, err = New(e.deps); err != nil {
		t.Fatal(err)
	}
	for _, op := range (&api{Server: &Server{}}).operations() {
		e.ops[op.Method+" "+op.Path] = &op.Operation
	}
	return e
}

func (e *apiTown) seed() {
	e.t.Helper()
	ctx, system := e.t.Context(), inbox.Viewer{System: true}
	for _, o := range []router.Office{
		{Key: "urp", Name: "URP", Level: "front"},
		{Key: "tributi", Name: "Ufficio tributi", Level: "back"},
		{Key: "anagrafe", Name: "Anagrafe", Level: "back"},
		{Key: "sociale", Name: "Servizi sociali", Level: "back", Reserved: true},
	} {
		saved, err := e.router.SaveOffice(ctx, system, o)
		if err != nil {
			e.t.Fatal(err)
		}
		e.offices[o.Key] = saved.ID
	}
	for _, p := range []struct {
		login, name, office string
		role                router.Role
	}{
		{"giulia", "Giulia Moretti", "urp", router.FrontOffice},
		{"sara", "Sara Bruni", "urp", router.Head},
		{"elena", "Elena Costa", "tributi", router.BackOffice},
		{"paolo", "Paolo Neri", "anagrafe", router.BackOffice},
		{"rita", "Rita Fumagalli", "sociale", router.BackOffice},
		{"admin", "Ada Admin", "", router.Administrator},
	} {
		o, err := e.router.SaveOperator(ctx, system, router.Operator{Login: p.login, Name: p.name, Password: "x"}, []router.Membership{{OfficeID: e.offices[p.office], Role: p.role}})
		if err != nil {
			e.t.Fatal(err)
		}
		dir, err := e.router.Directory(ctx)
		if err != nil {
			e.t.Fatal(err)
		}
		v, _ := dir.Viewer(o.ID)
		e.people[p.login] = v
		scopes := []router.Scope{router.ScopeWrite}
		if v.Admin {
			scopes = []router.Scope{router.ScopeAdmin}
		}
		word, _, err := e.router.CreateToken(ctx, v, "prova", scopes, 0)
		if err != nil {
			e.t.Fatal(err)
		}
		e.tokens[p.login] = word
	}
	e.mail = e.account("mail-urp", "mail", "urp", mail.Driver, mailSettings)
	e.bot = e.account("bot", "telegram", "urp", telegram.Driver, map[string]string{"token": "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "api_url": "http://127.0.0.1:1"})
	e.counter = e.account("desk", "counter", "urp", counter.Driver, nil)
	e.trib = e.account("mail-tributi", "mail", "tributi", mail.Driver, mailSettings)
	e.social = e.account("mail-sociale", "mail", "sociale", mail.Driver, mailSettings)
}

var mailSettings = map[string]string{
	"address": "urp@comune.pontelieto.example", "imap_host": "127.0.0.1", "imap_port": "1", "imap_security": "plain-local", "imap_user": "u", "imap_password": "p",
	"smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_security": "plain-local", "folders": "INBOX",
}

func (e *apiTown) account(key, kind, office string, d channels.Driver, settings map[string]string) inbox.Account {
	e.t.Helper()
	acc := inbox.Account{ID: db.NewID(e.db.Clock), Key: key, Kind: kind, Name: key, OfficeID: e.offices[office], Origin: "page", Settings: "{}", Enabled: true, CreatedAt: e.db.Clock.Now()}
	if _, err := e.db.Write.NewInsert().Model(&acc).Exec(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	ch, err := d.Open(channels.Account{ID: acc.ID, Key: key, Kind: kind, Settings: settings}, channels.Deps{Log: slog.New(slog.DiscardHandler), Clock: e.db.Clock})
	if err != nil {
		e.t.Fatal(err)
	}
	if kind != "counter" {
		ch = &apiSink{Parser: ch}
	}
	e.chans.by[acc.ID] = apiOpened{ch, acc}
	return acc
}

// apiSink reads as the real channel does, and sends into memory.
type apiSink struct {
	channels.Parser
	mu   sync.Mutex
	got  []channels.Outgoing
	fail *channels.Error

	panics string // with which Probe breaks
}

func (s *apiSink) Send(_ context.Context, o *channels.Outgoing) (channels.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return channels.Receipt{}, s.fail
	}
	s.got = append(s.got, *o)
	return channels.Receipt{Code: "250"}, nil
}

// Probe tells what the next sending would.
func (s *apiSink) Probe(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.panics != "" {
		panic(s.panics)
	}
	if s.fail != nil {
		return s.fail
	}
	return nil
}

type apiOpened struct {
	ch  channels.Channel
	acc inbox.Account
}

type apiChannels struct {
	by      map[int64]apiOpened
	reloads int
}

func (c *apiChannels) Channel(id int64) (channels.Channel, inbox.Account, bool) {
	o, ok := c.by[id]
	return o.ch, o.acc, ok
}

func (c *apiChannels) Reload(context.Context) error { c.reloads++; return nil }

// townTexts reads the municipality's texts anew each time.
type townTexts struct {
	db     *db.DB
	forgot int
}

func (x *townTexts) forget() { x.forgot++ }

func (x *townTexts) current(ctx context.Context) *templates.Set {
	var rows []struct{ Event, Channel, Lang, Subject, Body string }
	if err := x.db.Read.NewRaw("SELECT event, channel, lang, subject, body FROM texts").Scan(ctx, &rows); err != nil {
		return templates.NewSet(nil)
	}
	var own []templates.Text
	for _, r := range rows {
		own = append(own, templates.Text{Event: r.Event, Channel: r.Channel, Lang: r.Lang, Subject: r.Subject, Plain: r.Body})
	}
	return templates.NewSet(own)
}

type apiNoWake struct{}

func (apiNoWake) Ingest(context.Context, *db.Tx, int64) error                 { return nil }
func (apiNoWake) Deliver(context.Context, *db.Tx, int64, clock.Instant) error { return nil }
func (apiNoWake) Reconcile(context.Context, *db.Tx, int64) error              { return nil }
func (apiNoWake) Fetch(context.Context, *db.Tx, int64) error                  { return nil }

type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// letter makes a mail arrive at an account and be filed.
func (e *apiTown) letter(acc inbox.Account, from, subject, text string, more ...string) {
	e.t.Helper()
	e.unread++
	h := append([]string{
		"From: " + from, "To: urp@comune.pontelieto.example", fmt.Sprintf("Message-ID: <%d@posta.example>", e.unread), "Subject: " + subject,
		"Date: Tue, 17 Nov 2026 10:00:00 +0000", "MIME-Version: 1.0",
	}, more...)
	if len(more) == 0 {
		h = append(h, "Content-Type: text/plain; charset=utf-8")
	}
	e.arrive(acc, channels.Raw{ContentType: mail.TypeMessage, Body: []byte(strings.Join(h, "\r\n") + "\r\n\r\n" + text + "\r\n"), Meta: map[string]string{"uid": fmt.Sprint(e.unread)}})
}

func (e *apiTown) arrive(acc inbox.Account, raw channels.Raw) {
	e.t.Helper()
	e.unread++
	raw.DedupKey, raw.ReceivedAt = fmt.Sprintf("INBOX/1/%d", e.unread), e.db.Clock.Now()
	if err := e.inbox.Accept(e.t.Context(), acc.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{raw}}); err != nil {
		e.t.Fatal(err)
	}
	for {
		n, err := e.inbox.Ingest(e.t.Context(), acc.ID)
		if err != nil {
			e.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// sent works the account's deliveries and gives what left.
func (e *apiTown) sent(acc inbox.Account) []channels.Outgoing {
	e.t.Helper()
	for {
		more, _, err := e.inbox.DeliverDue(e.t.Context(), acc.ID)
		if err != nil {
			e.t.Fatal(err)
		}
		if !more {
			break
		}
	}
	s := e.sink(acc)
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]channels.Outgoing(nil), s.got...)
}

func (e *apiTown) sink(acc inbox.Account) *apiSink { return e.chans.by[acc.ID].ch.(*apiSink) }

// apiReply is an answer of the API, read.
type apiReply struct {
	t      testing.TB
	Status int
	Header http.Header
	Bytes  []byte
	JSON   any
}

// call asks the API as somebody and holds the answer against the document.
// headers are pairs. A body is a string of JSON, nil, or what json.Marshal takes.
func (e *apiTown) call(who, method, path string, body any, headers ...string) *apiReply {
	e.t.Helper()
	if !e.twice || method != http.MethodPost || len(headers) > 0 {
		return e.once(who, method, path, body, headers...)
	}
	e.keyed++
	key := fmt.Sprintf("k%d", e.keyed)
	first := e.once(who, method, path, body, "Idempotency-Key", key)
	if op := e.operation(httptest.NewRequest(method, apiPrefix+strings.SplitN(path, "?", 2)[0], nil)); first.Status >= 300 || op == nil || !takesKey(op) {
		return first
	}
	again := e.once(who, method, path, body, "Idempotency-Key", key)
	if again.Status != first.Status || !bytes.Equal(again.Bytes, first.Bytes) || again.Header.Get("Idempotent-Replayed") != "true" || again.Header.Get("Location") != first.Header.Get("Location") {
		e.t.Errorf("%s %s: the second time it is answered otherwise:\n%d %s\n%d %s", method, path, first.Status, first.Bytes, again.Status, again.Bytes)
	}
	return first
}

func takesKey(op *openapi.Operation) bool {
	return slices.ContainsFunc(op.Params, func(p openapi.Param) bool { return p.Name == "Idempotency-Key" })
}

// once is call without the second time.
func (e *apiTown) once(who, method, path string, body any, headers ...string) *apiReply {
	e.t.Helper()
	var rd io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		rd = strings.NewReader(b)
	case []byte:
		rd = bytes.NewReader(b)
	default:
		j, err := json.Marshal(b)
		if err != nil {
			e.t.Fatal(err)
		}
		rd = bytes.NewReader(j)
	}
	r := httptest.NewRequestWithContext(e.t.Context(), method, apiPrefix+path, rd)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if word, ok := e.tokens[who]; ok {
		r.Header.Set("Authorization", "Bearer "+word)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	e.site.ServeHTTP(w, r)
	out := &apiReply{t: e.t, Status: w.Code, Header: w.Header(), Bytes: w.Body.Bytes()}
	e.check(r, out)
	return out
}

// check holds an answer against the document: a success against its operation,
// a refusal against the shape of a problem.
func (e *apiTown) check(r *http.Request, out *apiReply) {
	e.t.Helper()
	what := r.Method + " " + r.URL.Path
	kind := out.Header.Get("Content-Type")
	if strings.Contains(kind, "json") && len(out.Bytes) > 0 {
		v, err := openapi.Read(out.Bytes)
		if err != nil {
			e.t.Fatalf("%s answers no JSON: %v", what, err)
		}
		out.JSON = v
	}
	if out.Status >= 400 {
		e.checkProblem(what, kind, out)
		return
	}
	op := e.operation(r)
	if op == nil {
		e.t.Fatalf("%s is answered with %d and is in no document", what, out.Status)
	}
	if out.Status != op.OK && out.Status != op.Again {
		e.t.Errorf("%s: status %d, and the document says %d", what, out.Status, op.OK)
	}
	e.mu.Lock()
	e.done[op.ID] = true
	e.mu.Unlock()
	if op.Out == nil {
		if len(out.Bytes) > 0 {
			e.t.Errorf("%s: the document promises no body", what)
		}
		return
	}
	if op.OutType != "" {
		return
	}
	for _, f := range op.Out.Check(out.JSON) {
		e.t.Errorf("%s: the answer does not fit the document: %s: %s", what, f.Path, f.Detail)
	}
}

func (e *apiTown) checkProblem(what, kind string, out *apiReply) {
	e.t.Helper()
	if kind != "application/problem+json" {
		e.t.Fatalf("%s: %d without a problem document: %q %.200s", what, out.Status, kind, out.Bytes)
	}
	for _, f := range problemSchema.Check(out.JSON) {
		e.t.Errorf("%s: the problem does not fit the document: %s: %s", what, f.Path, f.Detail)
	}
	if out.str("remedy") == "" || out.num("status") != int64(out.Status) {
		e.t.Errorf("%s: a problem says what to do: %s", what, out.Bytes)
	}
	told := bytes.ReplaceAll(out.Bytes, []byte(out.str("request")), nil) // letters at random
	for _, inside := range []string{"goroutine", ".go:", "SQL", "sqlite", "postgres", "SELECT", "runtime error"} {
		if bytes.Contains(told, []byte(inside)) {
			e.t.Errorf("%s: the problem tells of the inside: %s", what, out.Bytes)
		}
	}
}

// operation finds which operation of the document a request is.
func (e *apiTown) operation(r *http.Request) *openapi.Operation {
	path := strings.Split(strings.TrimPrefix(r.URL.Path, apiPrefix), "/")
	var best *openapi.Operation
	for _, op := range e.ops {
		parts := strings.Split(op.Path, "/")
		if op.Method != r.Method || len(parts) != len(path) {
			continue
		}
		fits, exact := true, true
		for i, p := range parts {
			if strings.HasPrefix(p, "{") {
				exact = false
			} else if p != path[i] {
				fits = false
			}
		}
		if fits && (best == nil || exact || strings.Count(op.Path, "{") < strings.Count(best.Path, "{")) {
			best = op
		}
	}
	return best
}

// want fails unless the status is this one.
func (r *apiReply) want(status int) *apiReply {
	r.t.Helper()
	if r.Status != status {
		r.t.Fatalf("want %d, got %d: %.800s", status, r.Status, r.Bytes)
	}
	return r
}

// wantCode fails unless it is a problem with this status and code.
func (r *apiReply) wantCode(status int, code string) *apiReply {
	r.t.Helper()
	if r.Status != status || r.str("code") != code {
		r.t.Fatalf("want %d %s, got %d: %.800s", status, code, r.Status, r.Bytes)
	}
	return r
}

// at walks into the answer: at("items", 0, "id").
func (r *apiReply) at(path ...any) any {
	r.t.Helper()
	v := r.JSON
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				r.t.Fatalf("no member %q in %.300s", p, r.Bytes)
			}
			v = m[p]
		case int:
			l, ok := v.([]any)
			if !ok || len(l) <= p {
				r.t.Fatalf("no item %d in %v: %.600s", p, path, r.Bytes)
			}
			v = l[p]
		}
	}
	return v
}

func (r *apiReply) str(path ...any) string {
	r.t.Helper()
	s, _ := r.at(path...).(string)
	return s
}

func (r *apiReply) num(path ...any) int64 {
	r.t.Helper()
	n, _ := r.at(path...).(json.Number)
	i, _ := n.Int64()
	return i
}

func (r *apiReply) list(path ...any) []any {
	r.t.Helper()
	l, ok := r.at(path...).([]any)
	if !ok {
		r.t.Fatalf("no list at %v: %.300s", path, r.Bytes)
	}
	return l
}

// obj is the JSON object of pairs.
func obj(pairs ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

// set makes every sending and probe fail, or with nil succeed.
func (s *apiSink) set(e *channels.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = e
}
