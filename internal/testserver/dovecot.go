package testserver

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const dovecotPackage = "dovecot-imapd"

// DovecotOptions says how a private Dovecot behaves.
type DovecotOptions struct {
	// Durable lets Dovecot sync its own files, as production has it.
	Durable bool
	// Introspect is an address that says whose an access token is (RFC 7662);
	// with it, logins by OAuth 2 are taken beside those by password.
	Introspect string
	// POP3 also serves the mailboxes over POP3.
	POP3 bool
}

// DovecotServer is a private IMAP server with Maildir storage and accounts
// made on demand. The plain port and the TLS port are on 127.0.0.1 only.
type DovecotServer struct {
	dir, run            string
	temporary           bool
	opts                DovecotOptions
	program             string
	mail                account // owns the mailboxes
	id                  *identity
	plainPort, tlsPort  int
	popPort, popTLSPort int // 0 without POP3
	proc                *process

	mu       sync.Mutex
	accounts map[string]string // password by user
	serial   int               // of delivered files
	stamp    int64             // microseconds, grows with each delivered file
}

// StartDovecot starts Dovecot on free ports with all its files in dir, or in a
// temporary folder.
func StartDovecot(dir string, opts DovecotOptions) (*DovecotServer, error) {
	d := &DovecotServer{opts: opts, accounts: map[string]string{}}
	if err := d.prepare(dir); err != nil {
		d.clean()
		return nil, err
	}
	var err error
	for range portTries {
		if d.plainPort, err = freePort(); err != nil {
			continue
		}
		if d.tlsPort, err = freePort(); err != nil {
			continue
		}
		if err = d.popPorts(); err != nil {
			continue
		}
		if err = d.Start(); err == nil {
			return d, nil
		}
	}
	d.clean()
	return nil, err
}

func (d *DovecotServer) prepare(dir string) (err error) {
	if d.program, err = findProgram("dovecot", dovecotPackage, "/usr/sbin/dovecot"); err != nil {
		return err
	}
	if _, err := os.Stat("/usr/lib/dovecot/imap"); err != nil {
		return &MissingError{Program: "dovecot's IMAP service", Package: dovecotPackage}
	}
	if _, err := os.Stat("/usr/lib/dovecot/pop3"); err != nil && d.opts.POP3 {
		return &MissingError{Program: "dovecot's POP3 service", Package: "dovecot-pop3d"}
	}
	if d.mail, err = serverAccount("nobody"); err != nil {
		return err
	}
	if d.dir, d.temporary, err = workDir(dir, "dovecot"); err != nil {
		return err
	}
	if err := d.mail.reaches(d.dir); err != nil {
		return err
	}
	// Dovecot's sockets need a short path.
	if d.run, _, err = workDir("", "dc"); err != nil {
		return err
	}
	if d.id, err = makeIdentity(d.dir); err != nil {
		return err
	}
	home := filepath.Join(d.dir, "home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return fmt.Errorf("prepare dovecot: %w", err)
	}
	if err := d.mail.own(home); err != nil {
		return err
	}
	return d.writeUsers()
}

// popPorts finds ports for POP3, where it is wanted.
func (d *DovecotServer) popPorts() (err error) {
	if !d.opts.POP3 {
		return nil
	}
	if d.popPort, err = freePort(); err != nil {
		return err
	}
	d.popTLSPort, err = freePort()
	return err
}

// Start starts a stopped server again, with the same ports, accounts and mail.
func (d *DovecotServer) Start() error {
	if err := d.configure(); err != nil {
		return err
	}
	remove := []string{d.run}
	if d.temporary {
		remove = append(remove, d.dir)
	}
	proc, err := startProcess(spec{
		name: "dovecot", path: d.program, args: []string{"-F", "-c", d.config()},
		dir: d.dir, stop: syscall.SIGTERM, remove: remove,
	})
	if err != nil {
		return err
	}
	if err := proc.ready(d.greet); err != nil {
		proc.end()
		log, _ := os.ReadFile(filepath.Join(d.dir, "dovecot.log"))
		return errors.Join(err, fmt.Errorf("dovecot's log: %s", log))
	}
	d.proc = proc
	return nil
}

// greet succeeds when the server answers like an IMAP server.
func (d *DovecotServer) greet() error {
	conn, err := net.DialTimeout("tcp", d.Addr(), time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(deadline(2 * time.Second)); err != nil {
		return err
	}
	hello := make([]byte, 4)
	if _, err := conn.Read(hello); err != nil {
		return err
	}
	if string(hello) != "* OK" {
		return fmt.Errorf("dovecot is not ready")
	}
	return nil
}

// Addr is host:port without TLS; STARTTLS is offered there.
func (d *DovecotServer) Addr() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(d.plainPort))
}

// TLSAddr is host:port with TLS from the first byte.
func (d *DovecotServer) TLSAddr() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(d.tlsPort))
}

// POP3Addr is host:port of POP3 without TLS; STLS is offered there.
func (d *DovecotServer) POP3Addr() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(d.popPort))
}

// POP3TLSAddr is host:port of POP3 with TLS from the first byte.
func (d *DovecotServer) POP3TLSAddr() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(d.popTLSPort))
}

// CAFile is the certificate of the authority that vouches for the server.
func (d *DovecotServer) CAFile() string { return d.id.caFile }

// Account makes a mailbox or changes its password.
func (d *DovecotServer) Account(user, password string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.accounts[user] = password
	return d.writeUsers()
}

// Has tells whether the mailbox exists.
func (d *DovecotServer) Has(user string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.accounts[user]
	return ok
}

// writeUsers replaces the password file. Dovecot reads it again when its time
// or size has changed, and a rename always changes the file itself.
func (d *DovecotServer) writeUsers() error {
	var b bytes.Buffer
	for user, password := range d.accounts {
		fmt.Fprintf(&b, "%s:{PLAIN.b64}%s::::::\n", user, base64(password))
	}
	path := filepath.Join(d.dir, "users")
	if err := os.WriteFile(path+".new", b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write dovecot's accounts: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write dovecot's accounts: %w", err)
	}
	return nil
}

// Kick breaks every connection of the user, as a network fault would. The
// client sees the end of the stream without a word.
func (d *DovecotServer) Kick(user string) error {
	_, err := d.doveadm("kick", user)
	return err
}

func (d *DovecotServer) doveadm(args ...string) (string, error) {
	program, err := findProgram("doveadm", "dovecot-core", "/usr/bin/doveadm")
	if err != nil {
		return "", err
	}
	out, err := exec.Command(program, append([]string{"-c", d.config()}, args...)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("doveadm %s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}

// Halt ends the server and every connection; Start brings it back.
func (d *DovecotServer) Halt() {
	if d.proc != nil {
		d.proc.end()
		d.proc = nil
	}
}

// Stop ends the server for good and removes what was temporary. It does not
// wait for sessions to end politely, which takes Dovecot a second.
func (d *DovecotServer) Stop() {
	if d.proc != nil {
		d.proc.kill()
		d.proc = nil
	}
	d.clean()
}

func (d *DovecotServer) clean() {
	_ = os.RemoveAll(d.run)
	if d.temporary {
		_ = os.RemoveAll(d.dir)
	}
}
