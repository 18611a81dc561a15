// Package rig sets up a private town to be measured: a real Dovecot, an SMTP
// server that takes everything, Telegram's stand-in, a database, and the
// configuration of a program that works with them. The bench and the crash test
// use it; both run the program as it is, in this process or as one of its own.
package rig

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"filodiretto/channels/mail/mailgen"
	"filodiretto/channels/telegram/standin"
	"filodiretto/internal/testserver"
)

// The town's one mailbox, and the key of its account.
const (
	Mailbox = "urp@comune.pontelieto.example"
	MailKey = "mail-urp"
	boxPass = "segreta-di-prova"
)

// Rig is the world around one program.
type Rig struct {
	Dir      string // for the program's files
	Dovecot  *testserver.DovecotServer
	Sink     *testserver.Sink
	Bot      *standin.Server
	Database Database

	botURL string
	closes []func() error
}

// New starts the servers around a fresh database. Close ends all of it and
// removes the files.
func New(kind Kind) (*Rig, error) { return On(kind.Open) }

// On is New around a database that open gives. What the database needs may be put
// into dir, which goes with the rig.
func On(open func(dir string) (Database, error)) (_ *Rig, err error) {
	r := &Rig{}
	defer func() {
		if err != nil {
			_ = r.Close()
		}
	}()
	if r.Dir, err = os.MkdirTemp("", "fd-bench-"); err != nil {
		return nil, fmt.Errorf("rig: make a folder: %w", err)
	}
	r.onClose(func() error { return os.RemoveAll(r.Dir) })
	if r.Database, err = open(r.Dir); err != nil {
		return nil, fmt.Errorf("rig: %w", err)
	}
	r.onClose(r.Database.Close)
	if r.Dovecot, err = testserver.StartDovecot("", testserver.DovecotOptions{}); err != nil {
		return nil, fmt.Errorf("rig: %w", err)
	}
	r.onClose(func() error { r.Dovecot.Stop(); return nil })
	if err := r.Dovecot.Account(Mailbox, boxPass); err != nil {
		return nil, fmt.Errorf("rig: %w", err)
	}
	if r.Sink, err = testserver.StartSMTPSink(testserver.SinkOptions{}); err != nil {
		return nil, fmt.Errorf("rig: %w", err)
	}
	r.onClose(func() error { r.Sink.Stop(); return nil })
	r.Bot = standin.New(standin.Options{})
	r.onClose(func() error { r.Bot.Close(); return nil })
	if r.botURL, err = r.Bot.Start("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("rig: start Telegram's stand-in: %w", err)
	}
	return r, nil
}

func (r *Rig) onClose(f func() error) { r.closes = append(r.closes, f) }

// Close ends the servers, the last one started first.
func (r *Rig) Close() error {
	var errs []error
	for i := len(r.closes) - 1; i >= 0; i-- {
		errs = append(errs, r.closes[i]())
	}
	r.closes = nil
	return errors.Join(errs...)
}

// Deliver puts mails into the town's mailbox in their order.
func (r *Rig) Deliver(mails ...[]byte) error { return r.Dovecot.Deliver(Mailbox, "INBOX", mails...) }

// DeliverOver puts mails there that came evenly over a time until now.
func (r *Rig) DeliverOver(over time.Duration, mails ...[]byte) error {
	return r.Dovecot.DeliverOver(Mailbox, "INBOX", over, mails...)
}

// Letter is a generated mail with what its writer knows of it.
type Letter struct {
	Raw  []byte
	Meta mailgen.Meta
}

// Letters are n distinct mails of a realistic mixture, the same for one seed on
// every machine.
func Letters(seed uint64, n int) []Letter {
	g := mailgen.New(seed)
	out := make([]Letter, n)
	for i := range out {
		out[i].Raw, out[i].Meta = g.Next()
	}
	return out
}

// path is a file of the program's.
func (r *Rig) path(name string) string { return filepath.Join(r.Dir, name) }
