package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"

	"filodiretto/internal/clock"
)

// postOffice is the mail of Pontelieto: the town's mailboxes over IMAP, with
// IDLE, and an SMTP server that takes what the town sends. It listens on this
// machine only and lives in memory; what the town received is also kept in
// files, so that a demo that goes on has its mailboxes again.
type postOffice struct {
	clock    clock.Clock
	password string
	keep     *mailFiles
	world    mailWorld
	// certified is the provider of the certified mailbox; nil where there is none.
	certified *certifiedPost
	names     *names // the DNS of the domains that sign; nil where there is none

	imapAddr, smtpAddr string
	imap               *imapserver.Server
	smtp               *smtp.Server
	listeners          []net.Listener
	served             sync.WaitGroup

	mu    sync.Mutex
	boxes map[string]*imapmemserver.User
}

// mailWorld is what lies behind the post office: people.
type mailWorld interface {
	// verdict says what becomes of mail to an address: nil and false for good
	// mail, an error of the protocol, or later, with a notice of failure.
	verdict(to string) (refused *smtp.SMTPError, bounces bool)
	// mailed is called for each message that reached a citizen's mailbox, and
	// must not block.
	mailed(to string, data []byte)
	// posted is called for each message that reached a mailbox of the town.
	posted(in townMail) error
}

// townMail is a message in a mailbox of the town.
type townMail struct {
	Box         string // address
	UIDValidity uint32
	UID         imap.UID
	At          clock.Instant // INTERNALDATE
	Data        []byte
}

// inboxFolder is the one folder of each mailbox that citizens write to.
const inboxFolder = "INBOX"

// newPostOffice makes the mailboxes, with what the files hold of them.
func newPostOffice(c clock.Clock, world mailWorld, keep *mailFiles, password string, boxes []string) (*postOffice, error) {
	p := &postOffice{clock: c, world: world, keep: keep, password: password, boxes: map[string]*imapmemserver.User{}}
	for _, address := range boxes {
		u := imapmemserver.NewUser(address, password)
		if err := u.Create(inboxFolder, nil); err != nil {
			return nil, fmt.Errorf("demo: make the mailbox: %w", err)
		}
		p.boxes[address] = u
		err := keep.each(address, func(m keptMail) error {
			_, err := p.append(address, m.Data, m.At)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("demo: read the mailbox back: %w", err)
		}
	}
	return p, nil
}

// start opens both servers on free ports.
func (p *postOffice) start() error {
	memory := imapmemserver.New()
	for _, u := range p.boxes {
		memory.AddUser(u)
	}
	quiet := log.New(io.Discard, "", 0) // the library tells of every client that leaves
	p.imap = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}},
		InsecureAuth: true, Logger: quiet,
	})
	p.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailSession{office: p}, nil }))
	p.smtp.Domain, p.smtp.AllowInsecureAuth, p.smtp.EnableSMTPUTF8 = "posta.pontelieto.example", true, true
	p.smtp.MaxMessageBytes, p.smtp.ReadTimeout, p.smtp.WriteTimeout = 50<<20, 5*time.Minute, time.Minute
	p.smtp.ErrorLog = quiet
	for _, s := range []struct {
		addr  *string
		serve func(net.Listener) error
	}{{&p.imapAddr, p.imap.Serve}, {&p.smtpAddr, p.smtp.Serve}} {
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("demo: start the mail server: %w", err)
		}
		*s.addr = l.Addr().String()
		p.listeners = append(p.listeners, l)
		p.served.Go(func() { _ = s.serve(l) }) // ends when it is closed
	}
	return nil
}

// stop closes both servers and waits for them.
func (p *postOffice) stop() {
	if p.imap != nil {
		_ = p.imap.Close()
	}
	if p.smtp != nil {
		_ = p.smtp.Close()
	}
	for _, l := range p.listeners { // a server that was closed before it began to serve does not know it
		_ = l.Close()
	}
	p.served.Wait()
}

// deliver puts a message into a mailbox of the town, as of now.
func (p *postOffice) deliver(box string, data []byte) error {
	now := p.clock.Now()
	if err := p.keep.add(box, keptMail{At: now, Data: data}); err != nil {
		return err
	}
	got, err := p.append(box, data, now)
	if err != nil {
		return fmt.Errorf("demo: deliver to a mailbox: %w", err)
	}
	// IMAP's dates have whole seconds.
	at := clock.At(now.Time().Truncate(time.Second))
	return p.world.posted(townMail{Box: box, UIDValidity: got.UIDValidity, UID: got.UID, At: at, Data: data})
}

func (p *postOffice) append(box string, data []byte, at clock.Instant) (*imap.AppendData, error) {
	p.mu.Lock() // numbers grow in the order of arrival
	defer p.mu.Unlock()
	return p.boxes[box].Append(inboxFolder, literal{bytes.NewReader(data)}, &imap.AppendOptions{Time: at.Time()})
}

// literal is a message as the IMAP library wants it.
type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// townBox is the mailbox for an address of the town, without its detail.
func (p *postOffice) townBox(address string) (string, bool) {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	local, _, _ = strings.Cut(local, "+")
	box := local + "@" + domain
	return box, p.boxes[box] != nil
}
