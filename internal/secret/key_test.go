package secret

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestLoadOrCreateKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "master.key")
	var (
		wg   sync.WaitGroup
		keys [8][]byte
		errs [8]error
	)
	for i := range keys {
		wg.Go(func() { keys[i], errs[i] = LoadOrCreateKey(path) })
	}
	wg.Wait()
	for i := range keys {
		if errs[i] != nil || len(keys[i]) != KeySize || !bytes.Equal(keys[i], keys[0]) {
			t.Fatalf("starter %d: %d bytes, %v; all must get one key", i, len(keys[i]), errs[i])
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	other, err := LoadOrCreateKey(filepath.Join(t.TempDir(), "k"))
	if err != nil || bytes.Equal(other, keys[0]) {
		t.Errorf("a second key equals the first, %v", err)
	}
}

func TestLoadKeyRefuses(t *testing.T) {
	good := base64.StdEncoding.EncodeToString(make([]byte, KeySize))
	for _, c := range []struct {
		name, text string
		mode       os.FileMode
		want       string
	}{
		{"group", good, 0o640, "chmod 600"},
		{"world", good, 0o604, "chmod 600"},
		{"short", good[:20], 0o600, "openssl rand -base64 32"},
		{"empty", "", 0o600, "openssl rand -base64 32"},
		{"text", "not a key!", 0o600, "openssl rand -base64 32"},
	} {
		path := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		key, err := LoadOrCreateKey(path)
		if err == nil || key != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want the remedy %q", c.name, err, c.want)
		}
		if kept, _ := os.ReadFile(path); string(kept) != c.text {
			t.Errorf("%s: the file was overwritten", c.name)
		}
	}
}

func TestParseKeySpellings(t *testing.T) {
	key := bytes.Repeat([]byte{0xfb, 0xff}, KeySize/2)
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if got, err := ParseKey(" " + enc.EncodeToString(key) + "\n"); err != nil || !bytes.Equal(got, key) {
			t.Errorf("%s: %v", enc.EncodeToString(key), err)
		}
	}
}
