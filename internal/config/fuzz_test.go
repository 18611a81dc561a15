package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

func corpus(f *testing.F) []string {
	files, err := filepath.Glob("testdata/*/*.toml")
	if err != nil || len(files) == 0 {
		f.Fatal("no corpus", err)
	}
	var all []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, string(text))
	}
	return all
}

// FuzzLoad holds that every text ends as a configuration or as problems with
// a place and a remedy, and that the password in it never shows.
func FuzzLoad(f *testing.F) {
	for _, text := range corpus(f) {
		f.Add(text, "FILODIRETTO_SERVER_LISTEN=:1\nFILODIRETTO_CHANNEL_A_PASSWORD=hunter2")
	}
	path := filepath.Join(f.TempDir(), "fuzz.toml")
	f.Fuzz(func(t *testing.T, text, env string) {
		if strings.Contains(text, "_file") || strings.Contains(env, "_FILE") {
			t.Skip("would read files of this machine")
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(path, strings.Split(env, "\n"), drivers)
		if (c == nil) == (err == nil) {
			t.Fatalf("configuration %v, error %v", c, err)
		}
		if c != nil {
			c.Redacted()
			for _, ch := range c.Channels {
				ch.Account(1)
			}
			return
		}
		var e *Errors
		if !errors.As(err, &e) || len(e.Problems) == 0 {
			t.Fatalf("not an Errors: %v", err)
		}
		for _, p := range e.Problems {
			if p.What == "" || p.Remedy == "" || p.Place == (Place{}) {
				t.Errorf("incomplete: %+v", p)
			}
			if lines := strings.Count(text, "\n") + 1; p.Place.Line > lines {
				t.Errorf("line %d of %d", p.Place.Line, lines)
			}
		}
	})
}

// FuzzPositions holds that the scanner finds a line for every key that the
// parser finds outside arrays of inline tables.
func FuzzPositions(f *testing.F) {
	for _, text := range corpus(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := positions(text) // of anything: it must end
		var v map[string]any
		if _, err := toml.Decode(text, &v); err != nil || strings.ContainsAny(text, "\"'\\{") {
			return
		}
		checkLines(t, lines, "", v)
	})
}

func checkLines(t *testing.T, lines map[string]int, path string, v any) {
	t.Helper()
	if path != "" && lines[path] == 0 {
		t.Errorf("no line for %q", path)
	}
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if !strings.Contains(key, ".") {
				checkLines(t, lines, join(path, key), value)
			}
		}
	case []map[string]any:
		for i, value := range v {
			checkLines(t, lines, indexed(path, i), value)
		}
	}
}
