package rig

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is the program as a process of its own.
type Process struct {
	Addr string // of its pages

	cmd  *exec.Cmd
	log  string // path of what it wrote
	done chan struct{}
}

// Start starts the program on this rig. It does not wait until it answers.
func (r *Rig) Start(program string, s Setup) (*Process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	s.Listen = addr
	path, err := r.WriteConfig(s)
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile(r.path("program.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("rig: %w", err)
	}
	defer out.Close()
	p := &Process{Addr: addr, cmd: exec.Command(program, "serve", "--config", path), log: out.Name(), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = out, out, r.Dir
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("rig: start the program: %w", err)
	}
	go func() {
		_ = p.cmd.Wait() // ProcessState tells
		close(p.done)
	}()
	r.onClose(func() error { p.Kill(); return nil })
	return p, nil
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("rig: find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// AwaitReady waits until the program says that it works.
func (p *Process) AwaitReady(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	t := time.NewTicker(10 * time.Millisecond)
	defer t.Stop()
	for {
		if p.answers(ctx) {
			return nil
		}
		select {
		case <-t.C:
		case <-p.done:
			return fmt.Errorf("rig: the program ended by itself (%s): %s", p.cmd.ProcessState, p.tail())
		case <-ctx.Done():
			return fmt.Errorf("rig: the program does not answer: %w: %s", ctx.Err(), p.tail())
		}
	}
}

func (p *Process) answers(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Addr+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode == http.StatusOK
}

// Ended is closed when the process is over, however it ended.
func (p *Process) Ended() <-chan struct{} { return p.done }

// Kill ends the process without a word, as the kernel or a power cut would.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may be over already
	<-p.done
}

// Stop asks the process to end and waits for it, a minute at most.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("rig: stop the program: %w", err)
	}
	t := time.NewTimer(time.Minute)
	defer t.Stop()
	select {
	case <-p.done:
		if !p.cmd.ProcessState.Success() {
			return fmt.Errorf("rig: the program ended with %s: %s", p.cmd.ProcessState, p.tail())
		}
		return nil
	case <-t.C:
		p.Kill()
		return fmt.Errorf("rig: the program did not stop when asked: %s", p.tail())
	}
}

// tail is the end of what the program wrote, for an error.
func (p *Process) tail() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-2000):])
}

// Memory is what the process holds of the machine's memory now, and the most it
// ever held, in bytes. Pages of files that it shares with others are counted.
func (p *Process) Memory() (now, most int64, err error) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "status"))
	if err != nil {
		return 0, 0, fmt.Errorf("rig: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "VmRSS":
			now = n << 10
		case "VmHWM":
			most = n << 10
		}
	}
	return now, most, nil
}

// ForgetMost begins to count anew what the process holds at most.
func (p *Process) ForgetMost() error {
	path := filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "clear_refs")
	if err := os.WriteFile(path, []byte("5"), 0o200); err != nil {
		return fmt.Errorf("rig: %w", err)
	}
	return nil
}

// ticks a second of the times in /proc: Linux has shown 100 to all programs
// since 2.4, whatever its own clock does.
const ticks = 100

// CPU is the processor's time that the process has used.
func (p *Process) CPU() (time.Duration, error) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "stat"))
	if err != nil {
		return 0, fmt.Errorf("rig: %w", err)
	}
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("rig: /proc says %d things of a process", len(fields))
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err1 != nil || err2 != nil {
		return 0, fmt.Errorf("rig: /proc gives no times of a process")
	}
	return time.Duration(user+system) * time.Second / ticks, nil
}

// Program is what a measurement runs as a process of its own: the one that
// FILODIRETTO_BENCH_PROGRAM names, or the running program itself.
func Program() (string, error) {
	if p := os.Getenv("FILODIRETTO_BENCH_PROGRAM"); p != "" {
		return p, nil
	}
	p, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("rig: find the program: %w", err)
	}
	return p, nil
}

// Build builds the program into a folder, as it is released: without the race
// detector, which tests run under.
func Build(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "filodiretto")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "filodiretto/cmd/filodiretto")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("rig: build the program: %w: %s", err, out)
	}
	return path, nil
}
