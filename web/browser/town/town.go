package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"

	"filodiretto/app"
	"filodiretto/channels/telegram/standin"
	"filodiretto/internal/clock"
	"filodiretto/internal/config"
	"filodiretto/internal/testserver"
)

// Mailboxes of the town. Their password is that of the logins.
const (
	urpBox     = "urp@comune.pontelieto.example"
	tributiBox = "tributi@comune.pontelieto.example"
	socialBox  = "sociali@comune.pontelieto.example"
)

// loginPassword is that of every login and mailbox.
const loginPassword = "quattro parole che nessuno indovina"

// world is what surrounds the program.
type world struct {
	dovecot *testserver.DovecotServer
	sink    *testserver.Sink
	pec     *provider
	scanner *testserver.ClamdServer
	bot     *standin.Server
	botURL  string
	ends    []func() error // in reverse

	ctx   context.Context // of the whole town
	clock clock.Shifted   // of the town, see morning.go
	cfg   *config.Config
	life  life
}

func (w *world) onEnd(f func() error) { w.ends = append(w.ends, f) }

func (w *world) end() error {
	var errs []error
	for _, f := range slices.Backward(w.ends) {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

func startTown(ctx context.Context, dir string) (_ addresses, _ func() error, err error) {
	w := &world{ctx: ctx, clock: morning(clock.System{}.Now())}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.end())
		}
	}()
	if err := w.start(); err != nil {
		return addresses{}, nil, err
	}
	listen, err := freeAddress()
	if err != nil {
		return addresses{}, nil, err
	}
	cfg, err := w.configure(dir, listen)
	if err != nil {
		return addresses{}, nil, err
	}
	a, err := app.NewAt(ctx, cfg, logger(), w.clock)
	if err != nil {
		return addresses{}, nil, err
	}
	w.cfg, w.life.app = cfg, a
	w.onEnd(w.stopApp)
	if err := settle(ctx, a); err != nil {
		return addresses{}, nil, err
	}
	if err := a.Start(ctx); err != nil {
		return addresses{}, nil, err
	}
	control, err := w.serveControl()
	if err != nil {
		return addresses{}, nil, err
	}
	return addresses{URL: "http://" + a.Addr(), Control: control, Password: loginPassword, Shift: w.clock.By.Milliseconds()}, w.end, nil
}

// start starts the servers that the program talks to.
func (w *world) start() (err error) {
	if w.dovecot, err = testserver.StartDovecot("", testserver.DovecotOptions{}); err != nil {
		return err
	}
	w.onEnd(func() error { w.dovecot.Stop(); return nil })
	for _, box := range []string{urpBox, tributiBox, socialBox} {
		if err := w.dovecot.Account(box, loginPassword); err != nil {
			return err
		}
	}
	if w.sink, err = testserver.StartTownMail(w.dovecot, testserver.SinkOptions{}); err != nil {
		return err
	}
	w.onEnd(func() error { w.sink.Stop(); return nil })
	if err := w.startProvider(); err != nil {
		return err
	}
	if w.scanner, err = testserver.StartClamd(); err != nil {
		return err
	}
	w.onEnd(func() error { w.scanner.Stop(); return nil })
	w.bot = standin.New(standin.Options{Username: "pontelieto_bot", Name: "Comune di Pontelieto", Clock: w.clock})
	w.onEnd(func() error { w.bot.Close(); return nil })
	w.botURL, err = w.bot.Start("127.0.0.1:0")
	return err
}

func (w *world) configure(dir, listen string) (*config.Config, error) {
	imapHost, imapPort, err := net.SplitHostPort(w.dovecot.Addr())
	if err != nil {
		return nil, err
	}
	smtpHost, smtpPort, err := net.SplitHostPort(w.sink.Addr())
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf(configHead, listen, listen, w.scanner.Address())
	for _, m := range []struct{ id, name, office, address string }{
		{"posta-urp", "Posta dell’URP", "urp", urpBox},
		{"posta-tributi", "Posta dei Tributi", "tributi", tributiBox},
		{"posta-sociali", "Posta dei Servizi sociali", "sociali", socialBox},
	} {
		text += fmt.Sprintf(configMail, m.id, m.name, m.office, m.address, imapHost, imapPort, m.address, loginPassword, smtpHost, smtpPort)
	}
	certified, err := w.certifiedChannel(dir)
	if err != nil {
		return nil, err
	}
	text += certified + fmt.Sprintf(configRest, w.bot.Token(), w.botURL)
	file := filepath.Join(dir, "filodiretto.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	return config.Load(file, nil, app.Drivers())
}

// The wait before a message leaves is short, as many tests wait for what was
// sent; whoever tests the undoing of it stops it in time.
const configHead = `
[municipality]
name = "Comune di Pontelieto"
case_prefix = "PL"
public_url = "http://%s"

[contact]
phone = "0371 555 100"
email = "urp@comune.pontelieto.example"
hours = ["lunedì-venerdì 8:30-12:30"]

[privacy]
dpo_contact = "rpd@comune.pontelieto.example"

[server]
max_upload_mb = 2
listen = "%s"

[database]
url = "sqlite:filodiretto.db"

[files]
url = "dir:files"

[malware]
clamd = "%s"

[register]
mode = "builtin"
administration = "c_x000"
area = "AB12CD3"

[automation]
undo_seconds = 3
per_recipient_hour = 100
per_case_day = 100
`

const configMail = `
[[channel]]
id = "%s"
kind = "mail"
name = "%s"
office = "%s"
address = "%s"
imap_host = "%s"
imap_port = %s
imap_security = "plain-local"
imap_user = "%s"
imap_password = "%s"
smtp_host = "%s"
smtp_port = %s
smtp_security = "plain-local"
`

const configRest = `
[[channel]]
id = "telegram"
kind = "telegram"
name = "Pontelieto su Telegram"
office = "urp"
token = "%s"
api_url = "%s"

[[channel]]
id = "sportello"
kind = "counter"
name = "Sportello, piazza Roma 1"
office = "urp"
place = "Piazza Roma 1"

[[channel]]
id = "telefono"
kind = "phone"
name = "Centralino"
office = "urp"
place = "0371 555 100"

[[channel]]
id = "pagine"
kind = "web"
name = "Pagina della pratica"
office = "urp"
`

// freeAddress is an address of this machine that nobody used a moment ago: the
// program must know its own before it listens, to write it into receipts.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}
