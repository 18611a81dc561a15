// Package demo is Pontelieto, a made-up town of 18,000, on one machine: its
// citizens with their mailboxes and chats, a mail server and a Telegram
// stand-in, and a town hall that runs the very program that a real one would.
// Six months of history lie behind it, and life goes on while it runs.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"filodiretto/app"
	"filodiretto/channels/telegram/standin"
	"filodiretto/internal/clock"
	"filodiretto/internal/config"
	"filodiretto/internal/logging"
)

// Options are what can be chosen. The zero value is a demo in the usual folder.
type Options struct {
	Dir            string    // where the town's data are; "" means .filodiretto/demo
	Keep           bool      // go on where the last demo in Dir ended, if there was one
	Seed           uint64    // another seed is another town; 0 means 1
	Speed          float64   // of the life that goes on; 0 means 1, below 0 none at all
	Listen         string    // of the pages; "" means 127.0.0.1:8080, and the variable goes before both
	CitizensListen string    // of the citizens' side; "" means 127.0.0.1:8081, or a free port
	Env            []string  // in the form of os.Environ
	Log            io.Writer // the technical log; nil means none
	// Progress is called while the history is told, with the days told and all.
	Progress func(day, of int)
}

// Demo is a running town.
type Demo struct {
	opt      Options
	lock     *os.File
	world    *world
	app      *app.App
	citizens *citizensSide
	life     *life
	hall     *hall
	config   *config.Config
	cleanup  []func() error // run in reverse by Stop
}

// Names in the demo's folder.
const (
	markFile  = "questa-cartella-e-di-filodiretto-demo" // whoever finds the folder knows what it is
	readyFile = "storia-completa"                       // the history is told to its end
)

// DefaultDir is where a demo lives when nobody says otherwise.
var DefaultDir = filepath.Join(".filodiretto", "demo")

// Start makes the town and opens its doors. When it returns without an error,
// everything listens.
func Start(ctx context.Context, o Options) (_ *Demo, err error) {
	d := &Demo{opt: o}
	defer func() {
		if err != nil {
			_ = d.Stop()
		}
	}()
	if err := d.defaults(); err != nil {
		return nil, err
	}
	fresh, err := d.openFolder()
	if err != nil {
		return nil, err
	}
	if err := d.openWorld(fresh); err != nil {
		return nil, err
	}
	log, err := d.logger()
	if err != nil {
		return nil, err
	}
	if fresh {
		if err := d.world.tellHistory(ctx, d.config, log, clock.System{}.Now(), o.Progress); err != nil {
			return nil, err
		}
		if err := errors.Join(d.world.diary.flush(), os.WriteFile(d.path(readyFile), nil, 0o600)); err != nil {
			return nil, fmt.Errorf("demo: %w", err)
		}
		debug.FreeOSMemory() // telling it took more than living needs
	}
	return d, d.open(ctx, log)
}

func (d *Demo) defaults() error {
	o := &d.opt
	if o.Dir == "" {
		o.Dir = DefaultDir
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	abs, err := filepath.Abs(o.Dir)
	o.Dir = abs
	return err
}

func (d *Demo) path(name string) string { return filepath.Join(d.opt.Dir, name) }

// openFolder makes the folder, or empties it, and says whether the town begins
// anew. It empties only a folder that a demo made.
func (d *Demo) openFolder() (fresh bool, err error) {
	entries, err := os.ReadDir(d.opt.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("demo: look into the folder: %w", err)
	}
	_, notOurs := os.Stat(d.path(markFile))
	if len(entries) > 0 && notOurs != nil {
		return false, fmt.Errorf("demo: %s holds something that is not a demo: name another folder with --dir, or an empty one", d.opt.Dir)
	}
	if err := os.MkdirAll(d.opt.Dir, 0o700); err != nil {
		return false, fmt.Errorf("demo: make the folder: %w", err)
	}
	if d.lock, err = os.OpenFile(d.path(markFile), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return false, fmt.Errorf("demo: %w", err)
	}
	d.onStop(d.lock.Close)
	if err := syscall.Flock(int(d.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return false, fmt.Errorf("demo: another demo runs in %s: stop it, or name another folder with --dir", d.opt.Dir)
	}
	if _, err := os.Stat(d.path(readyFile)); err == nil && d.opt.Keep {
		return false, nil
	}
	for _, e := range entries {
		if e.Name() == markFile {
			continue
		}
		if err := os.RemoveAll(d.path(e.Name())); err != nil {
			return false, fmt.Errorf("demo: empty the folder: %w", err)
		}
	}
	return true, nil
}

// openWorld makes the people and starts the servers that they use.
func (d *Demo) openWorld(fresh bool) error {
	diary, err := openDiary(d.path("cittadini.jsonl"))
	if err != nil {
		return err
	}
	d.onStop(diary.close)
	files, err := openMailFiles(d.path("posta"))
	if err != nil {
		return err
	}
	c := &replay{}
	if d.world, err = newWorld(d.opt.Seed, c, diary); err != nil {
		return err
	}
	w := d.world
	if w.office, err = newPostOffice(c, w, files, Password, []string{urpBox, tributiBox, pecBox}); err != nil {
		return err
	}
	if w.office.certified, err = newCertifiedPost(d.path("autorita-pec.pem")); err != nil {
		return err
	}
	if w.office.names, err = openNames(); err != nil {
		return err
	}
	d.onStop(w.office.names.stop)
	d.onStop(func() error { w.office.stop(); return nil })
	if err := w.office.start(); err != nil {
		return err
	}
	w.bot = standin.New(botOptions(c, fresh))
	d.onStop(func() error { w.bot.Close(); return nil })
	for _, p := range w.folk.all() {
		switch {
		case p.Telegram.ID == 0:
		case fresh:
			w.bot.AddUser(p.Telegram)
		default:
			w.bot.AddAcquaintance(p.Telegram)
		}
	}
	botURL, err := w.bot.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	d.config, err = configure(d.opt.Dir, d.opt.Listen, w.office, botURL, w.bot.Token(), d.opt.Env)
	return err
}

// botOptions number what comes after an earlier run above what it may have
// used: by the seconds since 2025, of which a chat uses less than one each.
func botOptions(c clock.Clock, fresh bool) standin.Options {
	o := standin.Options{Clock: c, Username: "pontelieto_bot", Name: "Comune di Pontelieto"}
	if !fresh {
		since := int64(clock.System{}.Now().Sub(clock.At(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))) / time.Second)
		o.FirstUpdateID, o.FirstMessageID = 1_000_000+since, 1_000_000+since
	}
	return o
}

func (d *Demo) logger() (*slog.Logger, error) {
	if d.opt.Log == nil {
		return slog.New(slog.DiscardHandler), nil
	}
	return logging.New(d.opt.Log, d.config.Log.Level, d.config.Log.Format)
}

// open starts the program itself, the citizens' side, and life.
func (d *Demo) open(ctx context.Context, log *slog.Logger) error {
	a, err := app.New(ctx, d.config, log)
	if err != nil {
		return err
	}
	d.app = a
	d.onStop(a.Stop)
	if err := a.Start(ctx); err != nil {
		return err
	}
	w := d.world
	w.pace = moments{speed: max(d.opt.Speed, 0.01)}
	if err := w.enter(ctx, a.DB, a.Inbox, a.Router, a.Desk); err != nil {
		return err
	}
	if d.citizens, err = openCitizensSide(w, d.opt.CitizensListen, "http://"+d.Addr()); err != nil {
		return err
	}
	d.onStop(d.citizens.stop)
	if d.hall, err = furnish(ctx, a.Queue, a.Router); err != nil {
		return err
	}
	tries := d.trials()
	d.citizens.tries.Store(&tries)
	if d.opt.Speed > 0 {
		if err := openToday(ctx, a.Queue, d.hall); err != nil {
			return err
		}
	}
	if err := openAgendas(ctx, a, d.hall, w); err != nil {
		return err
	}
	room := startHallLife(a.Queue, a.Bookings, d.hall, w.staff, log, d.opt.Seed, d.opt.Speed)
	d.onStop(room.stop)
	talk := startHallChat(w.bot, d.hall.code(a.Queue), log, d.opt.Seed, d.opt.Speed)
	d.onStop(talk.stop)
	d.onStop(startCertifiedLife(w.office, log, d.opt.Seed, d.opt.Speed))
	d.life = startLife(w, log, d.opt.Speed)
	d.onStop(d.life.stop)
	return nil
}

// Addr is where the pages of the town hall are served.
func (d *Demo) Addr() string { return d.app.Addr() }

// CitizensURL is the address of the citizens' side.
func (d *Demo) CitizensURL() string { return d.citizens.url }

// KioskURL and DisplayURL are where the devices of the town hall's room open.
func (d *Demo) KioskURL() string { return d.device("kiosk", d.hall.Kiosk) }

// DisplayURL is the address of the display.
func (d *Demo) DisplayURL() string { return d.device("display", d.hall.Display) }

func (d *Demo) device(kind, token string) string {
	return "http://" + d.Addr() + "/" + kind + "/" + d.hall.site.Key + "?token=" + token
}

// Config is the configuration that the town hall runs on.
func (d *Demo) Config() *config.Config { return d.config }

func (d *Demo) onStop(f func() error) { d.cleanup = append(d.cleanup, f) }

// Stop ends all in the reverse order of its start. The data stay in the folder.
func (d *Demo) Stop() error {
	var errs []error
	for i := len(d.cleanup) - 1; i >= 0; i-- {
		errs = append(errs, d.cleanup[i]())
	}
	d.cleanup = nil
	return errors.Join(errs...)
}
