// Package clamd asks ClamAV's daemon whether a file is malware (mail rule 48). The
// bytes go over its socket (INSTREAM, clamd(8)), so that the daemon needs no right
// to read our files; nothing is held in memory.
package clamd

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// State is what is known of a file.
type State string

// The states of a file. Unscannable is no accusation: nobody could look inside.
const (
	Pending     State = "pending"
	Clean       State = "clean"
	Infected    State = "infected"
	Unscannable State = "unscannable"
)

// Verdict is what the daemon said. Word is the malware's name, or why the file
// cannot be scanned: "encrypted", "too_large", "limits".
type Verdict struct {
	State State
	Word  string
}

// Bounds of one question.
const (
	chunk     = 64 << 10
	maxAnswer = 4 << 10
	dialTime  = 5 * time.Second
	scanTime  = 3 * time.Minute // the daemon's own limit is two minutes
)

// Client asks one daemon. It is safe for many goroutines; each question has a
// connection of its own.
type Client struct{ network, address string }

// New takes "unix:/run/clamav/clamd.ctl" or "tcp:127.0.0.1:3310".
func New(address string) (*Client, error) {
	network, rest, _ := strings.Cut(address, ":")
	switch network {
	case "unix":
		if rest == "" {
			return nil, errors.New("clamd: the address names no socket")
		}
	case "tcp":
		if _, _, err := net.SplitHostPort(rest); err != nil {
			return nil, errors.New("clamd: the address is not host and port")
		}
	default:
		return nil, errors.New(`clamd: the address begins neither with "unix:" nor with "tcp:"`)
	}
	return &Client{network, rest}, nil
}

// Scan asks about a file. An error says that nothing is known of it: the daemon
// cannot be reached, or broke off.
func (c *Client) Scan(ctx context.Context, file io.Reader) (Verdict, error) {
	answer, err := c.ask(ctx, "INSTREAM", file)
	if err != nil {
		return Verdict{}, err
	}
	return read(answer)
}

// Version is what the daemon says of itself and of its signatures:
// "ClamAV 1.4.6/27800/Sun Nov 22 2026".
func (c *Client) Version(ctx context.Context) (string, error) {
	return c.ask(ctx, "VERSION", nil)
}

func (c *Client) ask(ctx context.Context, command string, file io.Reader) (string, error) {
	ctx, stop := context.WithTimeout(ctx, scanTime)
	defer stop()
	conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, c.network, c.address)
	if err != nil {
		return "", fmt.Errorf("clamd: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if _, err := conn.Write([]byte("z" + command + "\x00")); err != nil {
		return "", fmt.Errorf("clamd: %w", err)
	}
	var sent error
	if file != nil {
		var ours *readError
		if sent = send(conn, file); errors.As(sent, &ours) {
			return "", ours.err
		}
	}
	answer, err := io.ReadAll(io.LimitReader(conn, maxAnswer))
	if answer = bytes.TrimRight(answer, "\x00\r\n"); len(answer) > 0 {
		return string(answer), nil // a daemon that has enough answers before it has all
	}
	if err = errors.Join(sent, err, context.Cause(ctx)); err == nil {
		err = io.ErrUnexpectedEOF
	}
	return "", fmt.Errorf("clamd: no answer: %w", err)
}

// readError is a failure of the file's own, not of the daemon.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

// send writes the file in pieces, each after its length.
func send(w io.Writer, file io.Reader) error {
	b := make([]byte, 4+chunk)
	for {
		n, err := io.ReadFull(file, b[4:])
		if n > 0 {
			binary.BigEndian.PutUint32(b, uint32(n))
			if _, err := w.Write(b[:4+n]); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			_, err := w.Write([]byte{0, 0, 0, 0})
			return err
		case err != nil:
			return &readError{fmt.Errorf("read the file to be scanned: %w", err)}
		}
	}
}

// read understands "stream: OK", "stream: NAME FOUND" and "... ERROR".
func read(answer string) (Verdict, error) {
	text := strings.TrimPrefix(answer, "stream: ")
	if text == "OK" {
		return Verdict{State: Clean}, nil
	}
	if name, found := strings.CutSuffix(text, " FOUND"); found {
		switch {
		case strings.HasPrefix(name, "Heuristics.Encrypted."):
			return Verdict{Unscannable, "encrypted"}, nil
		case strings.HasPrefix(name, "Heuristics.Limits.Exceeded"):
			return Verdict{Unscannable, "limits"}, nil
		}
		return Verdict{Infected, printable(name)}, nil
	}
	if strings.Contains(text, "size limit exceeded") {
		return Verdict{Unscannable, "too_large"}, nil
	}
	return Verdict{}, fmt.Errorf("clamd: it answered %q", printable(text))
}

// printable is a short word of the daemon's, fit for a page.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), 100)]
}
