package testserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// startLimit is how long a server may take to answer for the first time.
const startLimit = 30 * time.Second

// process is one server program that we started. Nothing runs beside it in
// our own process, so that tests which look for leaked goroutines see none.
type process struct {
	name  string
	cmd   *exec.Cmd
	log   string // path of the file with the program's output
	stop  syscall.Signal
	guard *exec.Cmd
	leash io.WriteCloser // the guard's standard input
}

// spec says what to start and how it is stopped.
type spec struct {
	name   string
	path   string
	args   []string
	dir    string // working folder, holds the log
	as     *syscall.Credential
	stop   syscall.Signal
	remove []string // folders to remove when our process dies without Stop
}

// guardScript waits for its standard input to end. A line means that the
// server was stopped in order; the end of the file without a line means that
// our process died, and then the guard stops the server and cleans up.
const guardScript = `read -r line && exit 0
kill -s "$2" "$1" 2>/dev/null
n=0
while kill -0 "$1" 2>/dev/null && [ $n -lt 100 ]; do sleep 0.05; n=$((n+1)); done
kill -s KILL "$1" 2>/dev/null
shift 2
rm -rf "$@"`

func startProcess(s spec) (*process, error) {
	p := &process{name: s.name, log: filepath.Join(s.dir, s.name+".out"), stop: s.stop}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", s.name, err)
	}
	defer out.Close()
	p.cmd = exec.Command(s.path, s.args...)
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = s.dir, out, out
	p.cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	// Its own process group: Ctrl-C in a terminal must reach us first.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.as}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", s.name, err)
	}
	if err := p.startGuard(s); err != nil {
		p.end()
		return nil, err
	}
	return p, nil
}

func (p *process) startGuard(s spec) error {
	args := []string{"-c", guardScript, "guard", strconv.Itoa(p.cmd.Process.Pid), unix.SignalName(s.stop)[len("SIG"):]}
	p.guard = exec.Command("/bin/sh", append(args, s.remove...)...)
	p.guard.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	leash, err := p.guard.StdinPipe()
	if err != nil {
		return fmt.Errorf("guard of %s: %w", s.name, err)
	}
	if err := p.guard.Start(); err != nil {
		return fmt.Errorf("guard of %s: %w", s.name, err)
	}
	p.leash = leash
	return nil
}

// exited tells whether the program ended by itself, without collecting it.
func (p *process) exited() bool {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, p.cmd.Process.Pid, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return err == nil && info.Signo != 0
}

// end stops the program and its guard and waits for both.
func (p *process) end() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Signal(p.stop)
		kill := time.AfterFunc(10*time.Second, func() { _ = p.cmd.Process.Kill() })
		_ = p.cmd.Wait() // the state of a server that was told to stop says nothing
		kill.Stop()
	}
	if p.leash != nil {
		_, _ = io.WriteString(p.leash, "stopped\n")
		_ = p.leash.Close()
		_ = p.guard.Wait()
		p.leash = nil
	}
}

// kill ends the program and its children without warning, as a power cut would.
func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	p.end()
}

// ready polls until try succeeds, the program ends or the limit passes.
func (p *process) ready(try func() error) error {
	deadline := time.NewTimer(startLimit)
	defer deadline.Stop()
	pause := time.NewTicker(10 * time.Millisecond)
	defer pause.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		if p.exited() {
			return fmt.Errorf("%s ended at once: %s", p.name, p.tail())
		}
		select {
		case <-deadline.C:
			return errors.Join(fmt.Errorf("%s does not answer after %s: %s", p.name, startLimit, p.tail()), err)
		case <-pause.C:
		}
	}
}

// tail is the end of the program's output, for an error.
func (p *process) tail() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(b[max(0, len(b)-2000):]))
}
