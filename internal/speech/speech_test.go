package speech

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// real is the voice of this machine, which tools/setup installs.
func real(t *testing.T) *Voice {
	t.Helper()
	v, err := Find("", 150)
	if err != nil || v == nil {
		t.Fatalf("no espeak-ng here (run tools/setup test): %v", err)
	}
	return v
}

// stand writes a program that does as the script says.
func stand(t *testing.T, script string) *Voice {
	t.Helper()
	path := filepath.Join(t.TempDir(), "voice")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	v, err := Find(path, 150)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// seconds is how long a WAV file is; its header must agree with its length.
func seconds(t *testing.T, b []byte) float64 {
	t.Helper()
	at, err := dataOf(b)
	if err != nil {
		t.Fatal(err)
	}
	if n := int(binary.LittleEndian.Uint32(b[4:])); n != len(b)-8 {
		t.Errorf("the file says %d bytes and has %d", n, len(b)-8)
	}
	if n := int(binary.LittleEndian.Uint32(b[at-4:])); n != len(b)-at {
		t.Errorf("the samples are said to be %d bytes and are %d", n, len(b)-at)
	}
	return float64(len(b)-at) / float64(binary.LittleEndian.Uint32(b[28:]))
}

func TestIssue286VoiceIsMadeHere(t *testing.T) {
	// Queue reference 3, row 31: a voice that asked a service was silent when the
	// line was down. This one is a program of the machine.
	v := real(t)
	for _, lang := range []string{"it", "en", "de", "fr"} {
		b, err := v.Say(t.Context(), lang, "A, 128, sportello 11.")
		if err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		if s := seconds(t, b); s < 1.5 || s > 8 {
			t.Errorf("%s: %.1f seconds", lang, s)
		}
		if silent(b) {
			t.Errorf("%s: nothing is heard", lang)
		}
	}
}

// silent reports whether no sample is loud.
func silent(b []byte) bool {
	for i := 44; i+1 < len(b); i += 2 {
		if s := int16(binary.LittleEndian.Uint16(b[i:])); s > 3000 || s < -3000 {
			return false
		}
	}
	return true
}

func TestNumbersAreSaidAsNumbers(t *testing.T) {
	// "centoventotto" takes about as long as the figures that mean it, and much
	// less than "uno, due, otto, uno, due, otto".
	v := real(t)
	say := func(words string) float64 {
		t.Helper()
		b, err := v.Say(t.Context(), "it", words)
		if err != nil {
			t.Fatal(err)
		}
		return seconds(t, b)
	}
	figures, words := say("128"), say("centoventotto")
	if figures < 0.8*words || figures > 1.2*words {
		t.Errorf("128 takes %.2f s, centoventotto %.2f s", figures, words)
	}
	if a, k := say("A."), say("K."); k <= a {
		t.Errorf("K is said as kappa: it takes %.2f s, A %.2f s", k, a)
	}
}

func TestClipsAreMadeOnce(t *testing.T) {
	dir := t.TempDir()
	v := stand(t, `echo x >>`+dir+`/runs; exec espeak-ng "$@"`)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			b, err := v.Say(t.Context(), "it", fmt.Sprintf("A, %d, sportello 1", i%4))
			if err != nil || len(b) < 10_000 {
				t.Errorf("%d bytes, %v", len(b), err)
			}
		})
	}
	all.Wait()
	runs, err := os.ReadFile(filepath.Join(dir, "runs"))
	if err != nil || bytes.Count(runs, []byte("x")) != 4 {
		t.Errorf("the program ran %q, %v", runs, err)
	}
}

func TestClipsAreBounded(t *testing.T) {
	c := newClips(100)
	built := map[string]int{}
	get := func(key string, size int) {
		t.Helper()
		b, err := c.get(t.Context(), key, func() ([]byte, error) { built[key]++; return make([]byte, size), nil })
		if err != nil || len(b) != size {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
	}
	get("a", 40)
	get("b", 40)
	get("a", 40) // used: b is the older one now
	get("c", 40)
	get("a", 40)
	get("b", 40)
	get("huge", 101) // is given and not kept
	if built["a"] != 1 || built["b"] != 2 || c.size > 100 || len(c.by) != c.order.Len() {
		t.Errorf("built %v, %d bytes kept", built, c.size)
	}
}

func TestFailuresAreNotKept(t *testing.T) {
	dir := t.TempDir()
	v := stand(t, `test -e `+dir+`/well || { echo "no such voice" >&2; exit 1; }; exec espeak-ng "$@"`)
	if _, err := v.Say(t.Context(), "it", "A"); err == nil || !strings.Contains(err.Error(), "no such voice") {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "well"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Say(t.Context(), "it", "A"); err != nil {
		t.Error(err)
	}
}

func TestProgramsThatMisbehave(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		want   error
	}{
		"never ends":           {"exec sleep 60", context.DeadlineExceeded},
		"a child holds a pipe": {"sleep 60 & exec sleep 60", context.DeadlineExceeded},
		"never stops writing":  {"exec yes", errTooMuch},
		"no sound":             {"echo hello", errClip},
		"nothing":              {"exit 0", errClip},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := stand(t, c.script)
			v.within = time.Second
			if _, err := v.Say(t.Context(), "it", "A"); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestWhoeverLeavesDoesNotWait(t *testing.T) {
	v := stand(t, "exec sleep 60")
	v.within = 2 * time.Second
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := v.Say(ctx, "it", "A"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestFind(t *testing.T) {
	if v, err := Find(Off, 150); v != nil || err != nil {
		t.Errorf("off: %v, %v", v, err)
	}
	if v, err := Find("/nowhere/voice", 150); v != nil || err == nil {
		t.Errorf("one that is not there: %v, %v", v, err)
	}
	t.Setenv("PATH", t.TempDir())
	v, err := Find("", 150)
	if v != nil || err != nil {
		t.Errorf("none installed: %v, %v", v, err)
	}
	if _, err := v.Say(t.Context(), "it", "A"); !errors.Is(err, ErrNone) {
		t.Errorf("no voice: %v", err)
	}
}

func TestNoTextIsACommand(t *testing.T) {
	dir := t.TempDir()
	v := stand(t, `cat >`+dir+`/words; for a; do echo "$a"; done >`+dir+`/args; exit 1`)
	for words, want := range map[string]string{
		"A, 128, Sportello 11.":                 "A, 128, Sportello 11.\n",
		"-f /etc/passwd":                        "f etc passwd\n",
		"[[_:sIst@m]] $(touch x); `id` <break>": "sIst m touch x id break\n",
		"Caffè dell’angolo\nx":                  "Caffè dell'angolo x\n",
	} {
		_, _ = v.Say(t.Context(), "it", words)
		if got, _ := os.ReadFile(filepath.Join(dir, "words")); string(got) != want {
			t.Errorf("%q became %q", words, got)
		}
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "args")); string(got) != "-v\nit\n-s\n150\n-b\n1\n--stdin\n--stdout\n" {
		t.Errorf("arguments: %q", got)
	}
	for _, lang := range []string{"", "-w", "it;x", "../it", "i"} {
		if _, err := v.Say(t.Context(), lang, "A"); err == nil {
			t.Errorf("%q is taken for a language", lang)
		}
	}
	if _, err := v.Say(t.Context(), "it", " … "); !errors.Is(err, ErrText) {
		t.Errorf("nothing to say: %v", err)
	}
	if _, err := v.Say(t.Context(), "it", strings.Repeat("a", 400)); !errors.Is(err, ErrText) {
		t.Errorf("too much: %v", err)
	}
}

func FuzzRepaired(f *testing.F) {
	b := append([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x22\x56\x00\x00\x44\xac\x00\x00\x02\x00\x10\x00data\xff\xff\xff\x7f"), 1, 2, 3)
	f.Add(b)
	f.Add([]byte("RIFF"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if out, err := repaired(bytes.Clone(b)); err == nil {
			seconds(t, out)
		}
	})
}
