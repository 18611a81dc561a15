package testserver

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// echo is a server that sends back what it gets.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func TestProxyFreezesAndBreaks(t *testing.T) {
	p, err := StartProxy(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	say := func() (string, error) {
		if _, err := c.Write([]byte("ciao")); err != nil {
			return "", err
		}
		got := make([]byte, 4)
		_, err := io.ReadFull(c, got)
		return string(got), err
	}
	if got, err := say(); err != nil || got != "ciao" {
		t.Fatalf("%q, %v", got, err)
	}
	p.Freeze()
	if err := c.SetReadDeadline(deadline(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := say(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("frozen: %v", err)
	}
	p.Thaw()
	if err := c.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(io.LimitReader(c, 4)); err != nil || string(got) != "ciao" {
		t.Fatalf("thawed: %q, %v", got, err)
	}
	p.Break()
	if _, err := say(); err == nil {
		t.Fatal("the connection is still open")
	}
	if p.Opened() != 1 {
		t.Fatalf("%d connections", p.Opened())
	}
}
