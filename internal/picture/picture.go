// Package picture makes a small JPEG of what a file shows, for pages: of HEIC
// photographs that no browser draws, and of large ones (mail rules 36 and 49). The
// picture is made anew from its points, so that nothing else of the file is in it:
// neither where a photograph was taken, nor what hides behind its end.
//
// All decoding is done by a process of its own with little time and memory. What
// a hostile file breaks is that process, and an idle program holds nothing of it.
package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Version grows whenever Make may give another picture of the same file.
const Version = 1

// Reasons for which there is no picture of a file.
var (
	ErrKind   = errors.New("picture: not a kind of file that is shown")
	ErrLarge  = errors.New("picture: more points than are shown")
	ErrBroken = errors.New("picture: the file cannot be read")
	ErrSlow   = errors.New("picture: it took too long")
	// ErrBusy says that the machine had other work: another time it may go.
	ErrBusy = errors.New("picture: the machine is busy")
	// ErrNoHEIC says that this machine has no program that reads HEIC.
	ErrNoHEIC = errors.New("picture: heif-convert is not installed")
)

// Bounds of one picture.
const (
	maxFile    = 40 << 20 // bytes
	maxPoints  = 40_000_000
	maxSide    = 20_000
	maxMemory  = 40 << 20         // of the points, unpacked: 64 MiB with all else
	maxPicture = 4 << 20          // bytes of what is made
	within     = 15 * time.Second // by the clock, on a machine that has other work; see child.go for the processor's
	atOnce     = 2
)

// Made is a picture, ready to be shown: always JPEG, upright.
type Made struct {
	Body          []byte
	Width, Height int
}

// Maker makes pictures. It is safe for many goroutines; two are made at once.
type Maker struct {
	program string
	heif    string
	running chan struct{}
}

// New makes a Maker whose processes are this program under the argument Word: its
// main must call Child first. Without heif-convert it shows no HEIC.
func New() (*Maker, error) {
	if !asked {
		return nil, errors.New("picture: the program's main does not call Child")
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	m := &Maker{program: self, running: make(chan struct{}, atOnce)}
	m.heif = Converter() // none is told by HEIC and by Make
	return m, nil
}

// Converter is the program of this machine that reads HEIC, "" for none.
func Converter() string {
	path, err := exec.LookPath("heif-convert")
	if err != nil {
		return ""
	}
	return path
}

// HEIC is the program that reads HEIC, "" for none.
func (m *Maker) HEIC() string { return m.heif }

// Shows reports whether a file of that detected type may have a picture on this
// machine.
func (m *Maker) Shows(kind string) bool { return Shows(kind) && (m.heif != "" || !isHEIC(kind)) }

// Shows reports whether a file of that detected type may have a picture.
func Shows(kind string) bool {
	switch kind {
	case "image/jpeg", "image/png", "image/gif":
		return true
	}
	return isHEIC(kind)
}

func isHEIC(kind string) bool {
	switch kind {
	case "image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence":
		return true
	}
	return false
}

// Make makes the picture of a file, with no side longer than edge points. The
// error is one of this package's, but for faults of the machine.
func (m *Maker) Make(ctx context.Context, file io.Reader, kind string, edge int) (*Made, error) {
	if !Shows(kind) {
		return nil, ErrKind
	}
	select {
	case m.running <- struct{}{}:
		defer func() { <-m.running }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	dir, err := os.MkdirTemp("", "fd-picture-")
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	defer os.RemoveAll(dir)
	path, upright := filepath.Join(dir, "in"), false
	if err := keep(path, file); err != nil {
		return nil, err
	}
	if isHEIC(kind) {
		if path, err = m.convert(ctx, dir, path); err != nil {
			return nil, err
		}
		upright = true // the program has turned it; the orientation that it copies is the old one
	}
	return m.shrink(ctx, path, edge, upright)
}

// keep writes the file to a path that the processes read.
func keep(path string, file io.Reader) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	n, err := io.Copy(f, io.LimitReader(file, maxFile+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	if n > maxFile {
		return ErrLarge
	}
	return nil
}

// convert has a HEIC file made a JPEG one.
func (m *Maker) convert(ctx context.Context, dir, path string) (string, error) {
	if m.heif == "" {
		return "", ErrNoHEIC
	}
	if points, err := heicPoints(path); err != nil || points > maxPoints {
		return "", errors.Join(ErrLarge, err)
	}
	out := filepath.Join(dir, "out.jpg")
	ctx, stop := context.WithTimeout(ctx, within)
	defer stop()
	cmd := exec.CommandContext(ctx, m.program, Word, "heic", m.heif, path, out)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, []string{"PATH=/usr/bin:/bin", "HOME=" + dir}, time.Second
	if err := cmd.Run(); err != nil {
		return "", because(ctx, err)
	}
	if _, err := os.Stat(out); err != nil { // it makes out-1.jpg and so on of several pictures
		if out = filepath.Join(dir, "out-1.jpg"); fileMissing(out) {
			return "", ErrBroken
		}
	}
	return out, nil
}

func fileMissing(path string) bool { _, err := os.Stat(path); return err != nil }

// shrink has the picture of a file made that this program reads itself.
func (m *Maker) shrink(ctx context.Context, path string, edge int, upright bool) (*Made, error) {
	ctx, stop := context.WithTimeout(ctx, within)
	defer stop()
	out := &limited{most: maxPicture}
	cmd := exec.CommandContext(ctx, m.program, Word, "shrink", path, fmt.Sprint(edge), fmt.Sprint(upright))
	cmd.Env, cmd.Stdout, cmd.WaitDelay = []string{"GOMEMLIMIT=" + fmt.Sprint(maxMemory+maxMemory/2), "GOGC=50"}, out, time.Second
	if err := cmd.Run(); err != nil {
		return nil, because(ctx, err)
	}
	b := out.kept.Bytes()
	if len(b) < 8 {
		return nil, ErrBroken
	}
	return &Made{Body: b[8:], Width: int(binary.BigEndian.Uint32(b)), Height: int(binary.BigEndian.Uint32(b[4:]))}, nil
}

// because is why a process made nothing, by how it ended.
func because(ctx context.Context, err error) error {
	var ended *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return ErrBusy
	case ctx.Err() != nil:
		return ctx.Err()
	case !errors.As(err, &ended):
		return fmt.Errorf("picture: %w", err)
	case ended.ExitCode() == exitLarge:
		return ErrLarge
	case ended.UserTime()+ended.SystemTime() >= seconds*time.Second:
		return ErrSlow
	}
	return ErrBroken
}

// limited keeps what a process writes up to a number of bytes.
type limited struct {
	kept bytes.Buffer
	most int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.kept.Len()+len(p) > l.most {
		return 0, ErrLarge
	}
	return l.kept.Write(p)
}
