package telegram

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/internal/clock"
)

var rewrite = flag.Bool("update", false, "write the golden files anew")

const arrived = clock.Instant(1795200003_000000)

// TestParseGolden reads testdata/parse/*.json and compares the item with the
// file of the same name ending in .golden: a new case is a new file.
func TestParseGolden(t *testing.T) {
	for name, raw := range seeds(t) {
		t.Run(name, func(t *testing.T) {
			items, err := (&Channel{}).Parse(raw)
			got := "error: "
			if err == nil {
				got = show(t, items)
			} else {
				got += err.Error() + "\n"
			}
			golden := filepath.Join("testdata", "parse", name+".golden")
			if *rewrite {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the item differs (-want +got):\n%s", diff)
			}
		})
	}
}

// seeds are the updates of testdata/parse, as they are stored.
func seeds(t testing.TB) map[string]channels.Raw {
	t.Helper()
	files, err := filepath.Glob("testdata/parse/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test data: %v", err)
	}
	out := map[string]channels.Raw{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(f), ".json")] = readHead(b).raw(b, arrived)
	}
	return out
}

// show writes items as JSON without what is empty.
func show(t *testing.T, items []channels.Item) string {
	t.Helper()
	b, err := json.Marshal(items)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	b, err = json.MarshalIndent(lean(v), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

func lean(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = lean(v[i])
		}
		return v
	case map[string]any:
		for k, x := range v {
			switch x := lean(x).(type) {
			case nil:
				delete(v, k)
			case string:
				if x == "" {
					delete(v, k)
				}
			case bool:
				if !x {
					delete(v, k)
				}
			case float64:
				if x == 0 {
					delete(v, k)
				}
			case map[string]any:
				if len(x) == 0 {
					delete(v, k)
				}
			}
		}
	}
	return v
}

func TestParseIsPure(t *testing.T) {
	var raws []channels.Raw
	for _, raw := range seeds(t) {
		raws = append(raws, raw)
	}
	channeltest.CheckParser(t, &Channel{}, raws)
}

// TestBodyHash shows how the inbox tells an edit without a visible change.
func TestBodyHash(t *testing.T) {
	all := seeds(t)
	hash := func(name string) string {
		items, err := (&Channel{}).Parse(all[name])
		if err != nil {
			t.Fatal(err)
		}
		return items[0].BodyHash
	}
	if hash("text") != hash("edit_no_date") {
		t.Error("the same text has two hashes")
	}
	for _, other := range []string{"edit", "photo", "location", "contact_own", "document"} {
		if hash(other) == hash("text") {
			t.Errorf("%s has the hash of another content", other)
		}
	}
	if hash("location_live") == hash("location_live_moved") {
		t.Error("a place that moved has the hash of the old place")
	}
}

func TestDedupKeys(t *testing.T) {
	seen := map[string]string{}
	for name, raw := range seeds(t) {
		if other, ok := seen[raw.DedupKey]; ok {
			t.Errorf("%s and %s have the key %s", name, other, raw.DedupKey)
		}
		seen[raw.DedupKey] = name
		if len(raw.DedupKey) > 128 {
			t.Errorf("%s: the key has %d bytes", name, len(raw.DedupKey))
		}
	}
	// After a week of silence numbers begin anew and may meet an old one.
	a := readHead([]byte(`{"update_id":5,"message":{"message_id":1,"date":1795200000,"chat":{"id":7}}}`))
	b := readHead([]byte(`{"update_id":5,"message":{"message_id":2,"date":1795900000,"chat":{"id":7}}}`))
	if a.key(nil) == b.key(nil) {
		t.Error("two messages with one update number have one key")
	}
}

func FuzzParse(f *testing.F) {
	for _, raw := range seeds(f) {
		f.Add(raw.Body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		channeltest.CheckParse(t, &Channel{}, readHead(body).raw(body, arrived))
	})
}
