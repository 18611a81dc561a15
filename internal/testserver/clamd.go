package testserver

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Eicar is the file that every scanner takes for malware and that harms nobody
// (www.eicar.org). It stands here in two pieces, so that no scanner takes this
// source for one.
var Eicar = []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`)

// ClamdServer is a private clamd that knows one piece of malware, Eicar, and asks
// nobody for more.
type ClamdServer struct {
	dir     string
	program string
	proc    *process
}

const clamdConf = `Foreground yes
LocalSocket %[1]s/clamd.sock
DatabaseDirectory %[1]s/db
LogFile %[1]s/clamd.log
TemporaryDirectory %[1]s
User %[2]s
StreamMaxLength 8M
MaxThreads 2
ConcurrentDatabaseReload no
SelfCheck 0
`

// StartClamd starts a clamd on a socket in a temporary folder.
func StartClamd() (*ClamdServer, error) {
	program, err := findProgram("clamd", "clamav-daemon", "/usr/sbin/clamd")
	if err != nil {
		return nil, err
	}
	dir, _, err := workDir("", "clamd")
	if err != nil {
		return nil, err
	}
	c := &ClamdServer{dir: dir, program: program}
	err = c.write()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return c, nil
}

func (c *ClamdServer) write() error {
	db := filepath.Join(c.dir, "db")
	user := "root"
	if os.Getuid() != 0 {
		user = os.Getenv("USER")
	}
	return errors.Join(
		os.Mkdir(db, 0o755),
		os.WriteFile(filepath.Join(db, "eicar.ndb"), []byte("Eicar-Test-Signature:0:*:"+hex.EncodeToString(Eicar)+"\n"), 0o644),
		os.WriteFile(filepath.Join(c.dir, "clamd.conf"), fmt.Appendf(nil, clamdConf, c.dir, user), 0o644),
	)
}

// Start starts a stopped daemon again at the same address.
func (c *ClamdServer) Start() error {
	proc, err := startProcess(spec{
		name: "clamd", path: c.program, dir: c.dir, stop: syscall.SIGTERM, remove: []string{c.dir},
		args: []string{"--foreground", "--config-file=" + filepath.Join(c.dir, "clamd.conf")},
	})
	if err != nil {
		return err
	}
	c.proc = proc
	if err := proc.ready(c.ping); err != nil {
		proc.end()
		return err
	}
	return nil
}

// Address is the daemon's, as the configuration file has it.
func (c *ClamdServer) Address() string { return "unix:" + filepath.Join(c.dir, "clamd.sock") }

func (c *ClamdServer) ping() error {
	conn, err := net.DialTimeout("unix", strings.TrimPrefix(c.Address(), "unix:"), time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("zPING\x00")); err != nil {
		return err
	}
	b := make([]byte, 16)
	if n, err := conn.Read(b); err != nil || !strings.HasPrefix(string(b[:n]), "PONG") {
		return errors.Join(err, errors.New("clamd is not ready"))
	}
	return nil
}

// Halt ends the daemon; Start brings it back.
func (c *ClamdServer) Halt() { c.proc.kill() }

// Stop ends the daemon for good.
func (c *ClamdServer) Stop() {
	c.proc.end()
	_ = os.RemoveAll(c.dir)
}
