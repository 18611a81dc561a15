package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run the program as a process of its own, so that exit
// codes, signals and kills are the real ones.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"filodiretto": main, "pastday": pastday})
}

// TestScripts runs the stories in testdata/script: a new case is a new file.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"await": await, "flip": flip, "exits": exits,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("TZ", "Europe/Rome")
			return nil
		},
	})
}

// exits runs a program and wants the code with which it ends: exits CODE PROGRAM...
func exits(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGUMENT...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		code = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("ended with %d, want %s", code, args[0])
	}
}

// await waits until a file holds some words: await FILE WORDS.
func await(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: await FILE WORDS")
	}
	path := ts.MkAbs(args[0])
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(3 * time.Minute)
	defer late.Stop()
	for {
		if text, err := os.ReadFile(path); err == nil && strings.Contains(string(text), args[1]) {
			return
		}
		select {
		case <-tick.C:
		case <-late.C:
			text, _ := os.ReadFile(path)
			ts.Fatalf("%s never held %q:\n%s", args[0], args[1], text)
		}
	}
}

// flip changes one bit in the middle of a file.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	b[len(b)/2] ^= 1
	ts.Check(os.WriteFile(path, b, 0o600))
}

// TestEveryHelp looks that each command explains itself with an example.
func TestEveryHelp(t *testing.T) {
	for _, command := range []string{"demo", "serve", "check", "migrate", "operator add", "reconcile", "backup", "restore", "bench", "simulate"} {
		var out, errs bytes.Buffer
		code := run(t.Context(), &shell{args: append(strings.Fields(command), "--help"), out: &out, err: &errs, in: strings.NewReader("")})
		text := out.String()
		if code != exitOK || !strings.Contains(text, "Examples:") || !strings.Contains(text, "filodiretto "+command) || errs.Len() > 0 {
			t.Errorf("%s --help: code %d, %q, %q", command, code, text, errs.String())
		}
	}
}

// TestServeStopsOnSignal starts the program as a process, and ends it politely.
func TestServeStopsOnSignal(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "filodiretto.toml")
	if err := os.WriteFile(conf, []byte("[municipality]\nname = \"Comune di Prova\"\n[server]\nlisten = \"127.0.0.1:0\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		ctx, stop := signal.NotifyContext(context.Background(), sig)
		pr, pw, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan int, 1)
		go func() {
			done <- run(ctx, &shell{args: []string{"serve", "--config", conf}, out: pw, err: pw, in: strings.NewReader("")})
			pw.Close()
		}()
		text := make([]byte, 0, 4096)
		buf := make([]byte, 1024)
		told := false
		for {
			n, err := pr.Read(buf)
			text = append(text, buf[:n]...)
			if !told && bytes.Contains(text, []byte("filodiretto is running")) {
				told = true
				p, _ := os.FindProcess(os.Getpid())
				if err := p.Signal(sig); err != nil {
					t.Fatal(err)
				}
			}
			if err != nil {
				break
			}
		}
		stop()
		pr.Close()
		if code := <-done; code != exitOK || !told || !bytes.Contains(text, []byte("has stopped")) || !bytes.Contains(text, []byte("listening=127.0.0.1:")) {
			t.Errorf("%v: code %d, told %v:\n%s", sig, code, told, text)
		}
	}
}

// TestPasswordIsNotEchoed types a password at a real terminal.
func TestPasswordIsNotEchoed(t *testing.T) {
	script, err := exec.LookPath("script")
	if err != nil {
		t.Fatal("script is missing: apt-get install bsdutils")
	}
	dir := t.TempDir()
	conf := filepath.Join(dir, "filodiretto.toml")
	if err := os.WriteFile(conf, []byte("[municipality]\nname = \"Comune di Prova\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := run(t.Context(), &shell{args: []string{"migrate", "--config", conf}, out: &bytes.Buffer{}, err: &bytes.Buffer{}, in: strings.NewReader("")}); code != exitOK {
		t.Fatal("migrate:", code)
	}
	exe, err := exec.LookPath("filodiretto") // made by TestMain
	if err != nil {
		t.Fatal(err)
	}
	const secret = "quattro gatti verdi in fila"
	c := exec.CommandContext(t.Context(), script, "-qec", exe+" operator add --config "+conf+" --name Anna --login anna", "/dev/null")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	text, buf, answered := []byte{}, make([]byte, 512), 0
	for {
		n, err := out.Read(buf)
		text = append(text, buf[:n]...)
		for asked := bytes.Count(text, []byte("Password: ")) + bytes.Count(text, []byte("Once more: ")); answered < asked; answered++ {
			if _, err := in.Write([]byte(secret + "\n")); err != nil {
				t.Fatal(err)
			}
		}
		if err != nil {
			break
		}
	}
	if err := c.Wait(); err != nil || bytes.Contains(text, []byte(secret)) || !bytes.Contains(text, []byte("can log in as anna")) {
		t.Errorf("%v: the terminal showed %q", err, text)
	}
}

// TestHelpKeepsItsLines: the first steps stand one on a line, to be copied.
func TestHelpKeepsItsLines(t *testing.T) {
	var out, errs strings.Builder
	run(t.Context(), &shell{args: []string{"--help"}, out: &out, err: &errs, in: strings.NewReader("")})
	for _, line := range []string{"filodiretto demo", "filodiretto config example > filodiretto.toml", "filodiretto serve --config filodiretto.toml"} {
		if !strings.Contains(out.String(), "  "+line+"\n") {
			t.Errorf("%q does not end a line of:\n%s", line, out.String())
		}
	}
}
