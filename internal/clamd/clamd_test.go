package clamd_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"filodiretto/internal/clamd"
	"filodiretto/internal/testserver"
)

// The real daemon, with a signature of its own for the one file that is harmless.
func TestRealDaemon(t *testing.T) {
	c := client(t, testserver.Clamd(t).Address())
	for _, x := range []struct {
		name string
		file []byte
		want clamd.Verdict
	}{
		{"clean", []byte("Buongiorno."), clamd.Verdict{State: clamd.Clean}},
		{"empty", nil, clamd.Verdict{State: clamd.Clean}},
		{"infected", testserver.Eicar, clamd.Verdict{State: clamd.Infected, Word: "Eicar-Test-Signature.UNOFFICIAL"}},
		{"infected within a zip", zipped(t, "a.com", testserver.Eicar), clamd.Verdict{State: clamd.Infected, Word: "Eicar-Test-Signature.UNOFFICIAL"}},
		{"larger than a piece", bytes.Repeat([]byte("x"), 200_000), clamd.Verdict{State: clamd.Clean}},
		{"larger than the daemon takes", bytes.Repeat([]byte("x"), 9<<20), clamd.Verdict{State: clamd.Unscannable, Word: "too_large"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := c.Scan(t.Context(), bytes.NewReader(x.file))
			if err != nil || got != x.want {
				t.Errorf("%+v, %v; want %+v", got, err, x.want)
			}
		})
	}
	if v, err := c.Version(t.Context()); err != nil || !strings.HasPrefix(v, "ClamAV ") {
		t.Errorf("version %q, %v", v, err)
	}
}

// What the daemon says in other cases, by a stand-in of ours that says it.
func TestAnswers(t *testing.T) {
	for answer, want := range map[string]clamd.Verdict{
		"stream: OK\x00": {State: clamd.Clean},
		"stream: Heuristics.Encrypted.Zip FOUND\x00":               {State: clamd.Unscannable, Word: "encrypted"},
		"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\x00": {State: clamd.Unscannable, Word: "limits"},
		"stream: Win.Test.\x1b[31mEICAR FOUND\x00":                 {State: clamd.Infected, Word: "Win.Test.[31mEICAR"},
		"INSTREAM size limit exceeded. ERROR\x00":                  {State: clamd.Unscannable, Word: "too_large"},
		"stream: Can't allocate memory ERROR\x00":                  {},
		"":                            {},
		"stream: OK, or so I believe": {},
		"stream: " + strings.Repeat("x", 10_000) + " FOUND, perhaps": {},
	} {
		c := client(t, standIn(t, answer))
		got, err := c.Scan(t.Context(), strings.NewReader("x"))
		if got != want || (err == nil) != (want.State != "") {
			t.Errorf("%.50q: %+v, %v; want %+v", answer, got, err, want)
		}
	}
}

func TestNothingIsKnownWhenTheFileBreaks(t *testing.T) {
	c := client(t, standIn(t, "stream: OK\x00"))
	broken := errors.New("the disk is gone")
	if v, err := c.Scan(t.Context(), io.MultiReader(strings.NewReader("x"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("%+v, %v", v, err)
	}
	gone := client(t, "unix:"+filepath.Join(t.TempDir(), "nobody.sock"))
	if _, err := gone.Scan(t.Context(), strings.NewReader("x")); err == nil {
		t.Error("a daemon that is not there gave a verdict")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := c.Scan(ctx, strings.NewReader("x")); err == nil {
		t.Error("a question that was given up gave a verdict")
	}
}

func TestAddresses(t *testing.T) {
	for address, good := range map[string]bool{"unix:/run/clamd.sock": true, "tcp:127.0.0.1:3310": true, "unix:": false, "tcp:127.0.0.1": false, "": false, "/run/clamd.sock": false} {
		if _, err := clamd.New(address); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestEncryptedZip(t *testing.T) {
	plain := zipped(t, "a.txt", []byte("x"))
	locked := bytes.Clone(plain)
	locked[bytes.LastIndex(locked, []byte("PK\x01\x02"))+8] |= 1
	for name, x := range map[string]struct {
		file []byte
		want bool
	}{
		"plain": {plain, false}, "encrypted": {locked, true}, "no zip": {bytes.Repeat([]byte("x"), 100_000), false}, "short": {[]byte("PK"), false},
		"cut": {locked[:len(locked)-30], false}, "a directory that is elsewhere": {append(bytes.Clone(plain[:len(plain)-6]), 0xff, 0xff, 0xff, 0xff, 0, 0), false},
	} {
		if got, err := clamd.Encrypted(bytes.NewReader(x.file)); got != x.want || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func client(t *testing.T, address string) *clamd.Client {
	t.Helper()
	c, err := clamd.New(address)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func zipped(t *testing.T, name string, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write(body)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// standIn reads a question to its end and gives one answer, again and again.
func standIn(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			b := make([]byte, 1)
			for zeros := 0; zeros < 4; { // the length of an empty piece
				if _, err := conn.Read(b); err != nil {
					break
				}
				if zeros++; b[0] != 0 {
					zeros = 0
				}
			}
			_, _ = io.WriteString(conn, answer)
			conn.Close()
		}
	}()
	return "tcp:" + l.Addr().String()
}
