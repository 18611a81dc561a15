// Package testserver starts private copies of the real servers that Filo
// Diretto talks to: PostgreSQL, Redis, Dovecot and an SMTP server. Tests, the
// bench and the demo use it. Each server lives in its own folder, listens only
// on this machine, and ends with the process that started it, even when that
// process is killed. A binary that is missing is an error which names the
// Debian package, never a skip.
package testserver

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"syscall"
)

// MissingError says that a server's program is not installed.
type MissingError struct {
	Program string // "postgres"
	Package string // Debian's package that holds it
}

// Error names the program and the command that installs it.
func (e *MissingError) Error() string {
	return fmt.Sprintf("%s is not installed: apt-get install %s", e.Program, e.Package)
}

// findProgram looks for a program in the path and in the patterns; of several
// versions it takes the highest.
func findProgram(name, pkg string, patterns ...string) (string, error) {
	for _, p := range patterns {
		found, err := filepath.Glob(p)
		if err != nil {
			return "", fmt.Errorf("look for %s: %w", name, err)
		}
		if len(found) == 0 {
			continue
		}
		sort.Slice(found, func(i, j int) bool { return versionOf(found[i]) < versionOf(found[j]) })
		return found[len(found)-1], nil
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return "", &MissingError{Program: name, Package: pkg}
}

// versionOf reads the number in /usr/lib/postgresql/15/bin/postgres.
func versionOf(path string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	if err != nil {
		return 0
	}
	return n
}

// account is the user under which a server's files and processes stand.
type account struct {
	name, group string
	uid, gid    int
}

// isRoot tells whether servers must be started as somebody else.
func isRoot() bool { return os.Geteuid() == 0 }

// serverAccount is the present user, or, for root, the first of the names that
// exists: PostgreSQL refuses to run as root.
func serverAccount(names ...string) (account, error) {
	if !isRoot() {
		u, err := user.Current()
		if err != nil {
			return account{}, fmt.Errorf("find the present user: %w", err)
		}
		return toAccount(u)
	}
	for _, name := range names {
		if u, err := user.Lookup(name); err == nil {
			return toAccount(u)
		}
	}
	return account{}, fmt.Errorf("none of the users %v exists to run a server for root", names)
}

func toAccount(u *user.User) (account, error) {
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return account{}, fmt.Errorf("user id: %w", err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return account{}, fmt.Errorf("group id: %w", err)
	}
	g, err := user.LookupGroupId(u.Gid)
	if err != nil {
		return account{}, fmt.Errorf("group name: %w", err)
	}
	return account{name: u.Username, group: g.Name, uid: uid, gid: gid}, nil
}

// credential makes a process run as the account; nil keeps the present user.
func (a account) credential() *syscall.Credential {
	if !isRoot() {
		return nil
	}
	return &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
}

// own gives a path to the account when we may.
func (a account) own(paths ...string) error {
	if !isRoot() {
		return nil
	}
	for _, p := range paths {
		if err := os.Chown(p, a.uid, a.gid); err != nil {
			return fmt.Errorf("give a folder to %s: %w", a.name, err)
		}
	}
	return nil
}

// reaches checks that the account can enter the folder: a root's home and the
// folders of testing.T.TempDir are closed to others.
func (a account) reaches(dir string) error {
	if !isRoot() {
		return nil
	}
	for p := filepath.Dir(dir); p != "/" && p != "."; p = filepath.Dir(p) {
		st, err := os.Stat(p)
		if err != nil {
			return fmt.Errorf("look at a folder: %w", err)
		}
		if st.Mode().Perm()&0o001 == 0 {
			return fmt.Errorf("user %s cannot enter %s: use a folder that others may pass through", a.name, p)
		}
	}
	return nil
}

// workDir makes the server's folder. An empty dir means a new temporary one,
// which temporary says, so that Stop removes it.
func workDir(dir, prefix string) (path string, temporary bool, err error) {
	if dir == "" {
		path, err = tempDir("", prefix)
		return path, true, err
	}
	path, err = filepath.Abs(dir)
	if err != nil {
		return "", false, fmt.Errorf("folder for %s: %w", prefix, err)
	}
	return path, false, os.MkdirAll(path, 0o755)
}

// memory is where Linux keeps files in memory, and memoryNeeded how many bytes
// must be free there before a server whose files may be lost is put into it.
const (
	memory       = "/dev/shm"
	memoryNeeded = 2 << 30
)

// memoryDir makes a temporary folder in memory, or on the disk where there is
// too little of it. A database for each test is a thousand files made and
// removed: ext4 passes over inodes freed in the last seconds one by one, which
// took five times as long as the tests themselves.
func memoryDir(prefix string) (path string, err error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < memoryNeeded {
		return tempDir("", prefix)
	}
	return tempDir(memory, prefix)
}

func tempDir(in, prefix string) (path string, err error) {
	path, err = os.MkdirTemp(in, "fd-"+prefix+"-")
	if err != nil {
		return "", fmt.Errorf("make a folder for %s: %w", prefix, err)
	}
	// Servers run as other users and must pass through.
	return path, os.Chmod(path, 0o755)
}

// portTries is how often a server is started on another port when somebody
// took the free one first.
const portTries = 3

// freePort is a TCP port of 127.0.0.1 that nobody used a moment ago.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}
