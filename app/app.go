package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/config"
	"filodiretto/internal/db"
	"filodiretto/internal/jobs"
	"filodiretto/internal/lease"
	"filodiretto/internal/live"
	"filodiretto/internal/password"
	"filodiretto/internal/secret"
	"filodiretto/queue"
	"filodiretto/queue/chat"
	"filodiretto/register"
	"filodiretto/reports"
	"filodiretto/router"
	"filodiretto/web"
)

// leaseTTL is how long the work of a killed process rests before another one
// takes it up.
const leaseTTL = 20 * time.Second

// App is one process of the program, with all that it has open.
type App struct {
	Config   *config.Config
	DB       *db.DB
	Inbox    *inbox.Inbox
	Router   *router.Router
	Desk     *router.Desk
	Queue    *queue.Queue
	Bookings *queue.Bookings
	Votes    *queue.Votes
	Reports  *reports.Reports
	Register *register.Register
	Chats    *chat.Chat
	Accounts *Accounts
	Hasher   *password.Hasher

	log      *slog.Logger
	hub      *live.Hub
	redis    redis.UniversalClient
	bridge   *live.Redis
	presence *live.Presence
	box      *secret.Box
	store    blob.Store
	jobs     *jobs.Runner
	leases   *lease.Keeper
	texts    *texts
	metrics  *metrics

	reloading sync.Mutex

	pumps   *pumps
	looks   chan struct{} // somebody wants the accounts looked at
	scans   chan struct{} // files wait to be scanned for malware
	running context.Context
	group   sync.WaitGroup
	server  *http.Server
	addr    net.Addr
	cleanup []func() error // run in reverse by Stop
}

// New opens the database, brings its tables up to date, and wires the parts. It
// starts nothing. When it fails, what was opened is closed again.
func New(ctx context.Context, cfg *config.Config, log *slog.Logger) (*App, error) {
	return NewAt(ctx, cfg, log, clock.System{})
}

// NewAt is New by another clock than the machine's, for a town in which tests find
// the same hour whenever they run. Jobs go by the machine's all the same.
func NewAt(ctx context.Context, cfg *config.Config, log *slog.Logger, c clock.Clock) (_ *App, err error) {
	a := &App{Config: cfg, log: log, looks: make(chan struct{}, 1), scans: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			_ = a.close()
		}
	}()
	if err := a.openStores(ctx, c); err != nil {
		return nil, err
	}
	if err := a.openLive(ctx); err != nil {
		return nil, err
	}
	a.pumps = newPumps(a.Accounts.Channel, a.startPump)
	a.Router = router.New(a.DB, log, cfg.Municipality.Location)
	a.Router.Hub = a.hub
	a.texts = newTexts(a.DB, log)
	a.leases = lease.New(a.DB, lease.Self(), leaseTTL)
	a.Hasher = password.NewHasher(password.Recommended, 2)
	if err := a.openJobs(ctx); err != nil {
		return nil, err
	}
	a.Inbox = inbox.New(inbox.Deps{
		DB: a.DB, Blobs: a.store, Hub: a.hub, Log: log, Settings: inboxSettings(cfg), SignKey: a.box.Key("tokens"),
		Channels: a.Accounts, Router: a.Router, Texts: a.texts.current, Wake: waker{a}, Dialogue: chat.Takes, Registrar: register.NewRule(registerSettings(cfg)),
		Scanner: a.scanner(), ScanNow: a.scanNow, Pictures: pictures(log),
	})
	a.Desk = router.NewDesk(a.Router, a.Inbox, cfg.Automation.RaiseAfterHours)
	a.Queue = queue.New(queue.Deps{
		DB: a.DB, Hub: a.hub, Log: log, Zone: cfg.Municipality.Location, SignKey: a.box.Key("tickets"), Files: visits{a}, Teller: ticketNews{a},
	})
	a.Bookings = queue.NewBookings(a.Queue, a.Inbox, cfg.Municipality.PublicURL)
	a.Chats = chat.New(a.Queue, a.Inbox, log, a.DB.Clock, cfg.Municipality.PublicURL)
	a.Votes = queue.NewVotes(a.Queue, a.Inbox, cfg.Municipality.PublicURL, queue.VoteSettings{})
	a.Reports = reports.New(reports.Deps{DB: a.DB, Queue: a.Queue, Votes: a.Votes, Log: log, Zone: cfg.Municipality.Location})
	if a.Register, err = NewRegister(cfg, a.DB, a.store, a.Inbox, a.hub, log); err != nil {
		return nil, err
	}
	a.metrics = newMetrics(a.DB, a.Inbox.AccountsFaring)
	return a, nil
}

func (a *App) openStores(ctx context.Context, c clock.Clock) error {
	url := a.Config.Database.URL.Reveal()
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		if err := a.lockDatabase(path); err != nil {
			return err
		}
	}
	d, err := db.Open(ctx, url, c, db.Options{ReadConnections: a.Config.Database.ReadConnections})
	if err != nil {
		return err
	}
	a.DB = d
	a.onClose(d.Close)
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	if a.store, err = blob.Open(a.Config.Files.URL.Reveal()); err != nil {
		return err
	}
	if a.box, err = masterKey(a.Config.Security); err != nil {
		return err
	}
	a.Accounts = NewAccounts(d, a.box, a.log, a.Config.Channels, ownHosts(a.Config))
	a.Accounts.Believe(a.Config.Signatures)
	return a.Accounts.Sync(ctx)
}

func masterKey(s config.Security) (*secret.Box, error) {
	var current []byte
	var err error
	if s.MasterKey.IsZero() {
		current, err = secret.LoadOrCreateKey(s.KeyFile)
	} else {
		current, err = secret.ParseKey(s.MasterKey.Reveal())
	}
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	var older [][]byte
	for _, k := range s.OldKeys() {
		key, err := secret.ParseKey(k)
		if err != nil {
			return nil, fmt.Errorf("master key, older: %w", err)
		}
		older = append(older, key)
	}
	return secret.NewBox(current, older...)
}

func (a *App) openLive(ctx context.Context) error {
	a.hub = &live.Hub{}
	a.onClose(func() error { a.hub.Close(); return nil })
	prefix := a.Config.Redis.Prefix
	if !a.Config.Redis.URL.IsZero() {
		client, err := live.Dial(a.Config.Redis.URL.Reveal())
		if err != nil {
			return err
		}
		a.redis = client
		a.onClose(client.Close)
		a.bridge = live.NewRedis(a.hub, client, prefix, a.log)
	}
	a.presence = live.NewPresence(a.DB.Clock, a.hub, a.redis, prefix)
	return nil
}

func (a *App) openJobs(ctx context.Context) error {
	var work *jobs.Work
	if a.worker() {
		work = &jobs.Work{Do: a.do, Chores: a.chores()}
	}
	r, err := jobs.New(a.DB, a.log, work)
	a.jobs = r
	return err
}

func (a *App) worker() bool { return slices.Contains(a.Config.Server.Roles, "worker") }
func (a *App) web() bool    { return slices.Contains(a.Config.Server.Roles, "web") }

// Start opens the accounts, begins to work and to serve. Addr is known after it.
func (a *App) Start(ctx context.Context) error {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	a.running = run
	a.onClose(func() error { cancel(); a.group.Wait(); return nil })
	if err := a.dropLeases(ctx); err != nil {
		return err
	}
	if err := a.Accounts.Load(ctx); err != nil {
		a.log.Error("some accounts are not open; the health page tells why", "error", err)
	}
	if a.bridge != nil {
		a.group.Go(func() { _ = a.bridge.Run(run) })
	}
	if a.worker() {
		if err := a.startWork(ctx); err != nil {
			return err
		}
	}
	a.startWatch()
	if a.web() {
		if err := a.serve(ctx); err != nil {
			return err
		}
	}
	a.group.Go(func() { resting(run) })
	a.log.Debug("started", "room_bytes", settled())
	return nil
}

// dropLeases frees what a killed process of this machine held, so that the work
// goes on at once. On SQLite nobody else can be on the database.
func (a *App) dropLeases(ctx context.Context) error {
	if !a.DB.Postgres {
		return a.leases.DropAll(ctx)
	}
	n, err := a.leases.DropDead(ctx)
	if n > 0 {
		a.log.Info("took over from a process that was killed", "leases", n)
	}
	return err
}

func (a *App) startWork(ctx context.Context) error {
	if _, err := a.Inbox.RecoverAtStart(ctx); err != nil {
		return err
	}
	if err := a.jobs.Start(a.running); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	a.onClose(func() error {
		end, stop := context.WithTimeout(context.Background(), a.Config.Server.ShutdownGrace)
		defer stop()
		return a.jobs.Stop(end)
	})
	for _, acc := range a.Accounts.Open() {
		a.pumps.renew(nil, acc.ID)
	}
	a.pumps.ready()
	a.startScans()
	a.onClose(func() error { a.pumps.stop(); return nil })
	return a.startLMTP()
}

// startWatch begins to look for changed accounts. It ends before the pumps do,
// or it would start new ones.
func (a *App) startWatch() {
	ctx, cancel := context.WithCancel(a.running)
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.watchAccounts(ctx)
	}()
	a.onClose(func() error { cancel(); <-done; return nil })
}

func (a *App) serve(ctx context.Context) error {
	site, err := web.New(web.Deps{
		Config: a.Config, DB: a.DB, Inbox: a.Inbox, Router: a.Router, Desk: a.Desk, Queue: a.Queue, Bookings: a.Bookings, Votes: a.Votes, Reports: a.Reports, Register: a.Register, Accounts: a, Hub: a.hub, Presence: a.presence,
		Log: a.log, Hasher: a.Hasher, Box: a.box, Blobs: a.store, Texts: a.texts.current, ForgetTexts: a.texts.forget,
		Drivers: Drivers(), Metrics: a.metrics.handler(), Observe: a.metrics.observe,
	})
	if err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.Config.Server.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w: another program may have the port; set server.listen, or FILODIRETTO_SERVER_LISTEN", a.Config.Server.Listen, err)
	}
	a.addr = l.Addr()
	a.server = &http.Server{
		Handler: site, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug), BaseContext: func(net.Listener) context.Context { return a.running },
	}
	a.group.Go(func() {
		if err := a.server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("the web server stopped", "error", err)
		}
	})
	a.onClose(func() error {
		a.hub.Close() // ends the open event streams, which would never end by themselves
		end, stop := context.WithTimeout(context.Background(), a.Config.Server.ShutdownGrace)
		defer stop()
		return a.server.Shutdown(end)
	})
	return nil
}

// Channel finds the opened channel of an account, for the pages.
func (a *App) Channel(id int64) (channels.Channel, inbox.Account, bool) {
	return a.Accounts.Channel(id)
}

// Addr is where the pages are served, empty for a process that serves none.
func (a *App) Addr() string {
	if a.addr == nil {
		return ""
	}
	return a.addr.String()
}

// Stop ends all in the reverse order of its start. What is under way is given
// the grace of the configuration.
func (a *App) Stop() error { return a.close() }

func (a *App) onClose(f func() error) { a.cleanup = append(a.cleanup, f) }

func (a *App) close() error {
	var errs []error
	for _, f := range slices.Backward(a.cleanup) {
		errs = append(errs, f())
	}
	a.cleanup = nil
	return errors.Join(errs...)
}

func (a *App) lockDatabase(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("make the folder of the database: %w", err)
	}
	f, err := lockFile(path + ".lock")
	if err != nil {
		return err
	}
	a.onClose(f.Close)
	return nil
}
