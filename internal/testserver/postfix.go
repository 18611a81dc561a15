package testserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrNeedsRoot says that a server can only be started by root.
var ErrNeedsRoot = errors.New("Postfix switches between users and can only be started by root: run the tests of handed-over mail as root, in a container for instance (docker run --user 0)")

// PostfixOptions says how a private Postfix behaves.
type PostfixOptions struct {
	// Domains are those whose mail goes to Transport; the first names the server.
	Domains []string
	// Transport is where their mail goes on: "lmtp:inet:127.0.0.1:2424", "pipe-name:".
	Transport string
	// Elsewhere are transports of other domains: "lento.example" to "smtp:[127.0.0.1]:1".
	Elsewhere map[string]string
	// Delay is after how long senders are told of a delay, as Postfix writes it; empty
	// is never.
	Delay string
	// Services are further lines of master.cf, More of main.cf.
	Services string
	More     []string
}

// PostfixServer is a private Postfix: a real mail server with a queue of its own.
type PostfixServer struct {
	dir       string
	temporary bool
	opts      PostfixOptions
	program   string
	daemons   string
	port      int
	proc      *process
}

// StartPostfix starts Postfix on a free port with all its files in a temporary
// folder. ErrNeedsRoot when we are not root.
func StartPostfix(opts PostfixOptions) (*PostfixServer, error) {
	p := &PostfixServer{opts: opts}
	if err := p.prepare(); err != nil {
		p.clean()
		return nil, err
	}
	var err error
	for range portTries {
		if p.port, err = freePort(); err != nil {
			continue
		}
		if err = p.start(); err == nil {
			return p, nil
		}
	}
	p.clean()
	return nil, err
}

func (p *PostfixServer) prepare() (err error) {
	if !isRoot() {
		return ErrNeedsRoot
	}
	if p.program, err = findProgram("postfix", "postfix", "/usr/sbin/postfix"); err != nil {
		return err
	}
	p.daemons = "/usr/lib/postfix/sbin"
	if _, err := os.Stat(filepath.Join(p.daemons, "master")); err != nil {
		return &MissingError{Program: "postfix's master", Package: "postfix"}
	}
	if p.dir, p.temporary, err = workDir("", "pf"); err != nil {
		return err
	}
	owner, err := serverAccount("postfix")
	if err != nil {
		return err
	}
	for _, name := range []string{"conf", "spool", "data"} {
		if err := os.Mkdir(filepath.Join(p.dir, name), 0o755); err != nil {
			return fmt.Errorf("prepare postfix: %w", err)
		}
	}
	return owner.own(filepath.Join(p.dir, "data"))
}

func (p *PostfixServer) start() error {
	if err := p.configure(); err != nil {
		return err
	}
	// The queue's folders are made by this; "postfix start" would leave the server
	// out of our reach.
	if out, err := exec.Command(p.program, "-c", p.conf(), "check").CombinedOutput(); err != nil {
		return fmt.Errorf("prepare postfix: %w: %s", err, out)
	}
	proc, err := startProcess(spec{
		name: "postfix", path: filepath.Join(p.daemons, "master"), args: []string{"-c", p.conf(), "-d"},
		dir: p.dir, stop: syscall.SIGTERM, remove: []string{p.dir},
	})
	if err != nil {
		return err
	}
	p.proc = proc
	if err := proc.ready(p.greet); err != nil {
		p.halt()
		return errors.Join(err, fmt.Errorf("postfix's log: %s", p.Log()))
	}
	return nil
}

// greet succeeds when the server answers like an SMTP server.
func (p *PostfixServer) greet() error {
	conn, err := net.DialTimeout("tcp", p.Addr(), time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(deadline(2 * time.Second)); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(line, "220 ") {
		return fmt.Errorf("postfix is not ready")
	}
	return nil
}

// Addr is host:port of its SMTP server, which takes mail from this machine for
// everybody.
func (p *PostfixServer) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)) }

// Bracketed is host:port as Postfix writes an address that is not to be looked up.
func Bracketed(addr string) string {
	host, port, _ := net.SplitHostPort(addr)
	return "[" + host + "]:" + port
}

// Flush makes Postfix try at once all that waits.
func (p *PostfixServer) Flush(ctx context.Context) error {
	_, err := p.tool(ctx, "postqueue", "-f")
	return err
}

// Queue gives what waits, a line of JSON for each message.
func (p *PostfixServer) Queue(ctx context.Context) ([]string, error) {
	out, err := p.tool(ctx, "postqueue", "-j")
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(out, func(r rune) bool { return r == '\n' }), nil
}

func (p *PostfixServer) tool(ctx context.Context, name string, args ...string) (string, error) {
	program, err := findProgram(name, "postfix", "/usr/sbin/"+name)
	if err != nil {
		return "", err
	}
	out, err := exec.CommandContext(ctx, program, append([]string{"-c", p.conf()}, args...)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}

// Log is what the server wrote so far.
func (p *PostfixServer) Log() string {
	b, err := os.ReadFile(filepath.Join(p.dir, "mail.log"))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// Stop ends the server and removes its files.
func (p *PostfixServer) Stop() {
	p.halt()
	p.clean()
}

func (p *PostfixServer) halt() {
	if p.proc != nil {
		p.proc.end()
		p.proc = nil
	}
}

func (p *PostfixServer) clean() {
	if p.temporary {
		_ = os.RemoveAll(p.dir)
	}
}
