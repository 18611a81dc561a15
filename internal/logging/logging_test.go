package logging

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"filodiretto/internal/secret"
)

type valuer struct{ text string }

func (v valuer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("password", v.text), slog.String("plain", v.text))
}

// word is a kind of string, as classes and states are.
type word string

type account struct{ Host, Password string }

func TestGuard(t *testing.T) {
	const hidden = "hunter2"
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log, err := New(&out, "debug", format)
		if err != nil {
			t.Fatal(err)
		}
		log = log.With("token", hidden, "account", 3)
		log.Info("login of lucia.ferri@comune.example failed",
			"password", hidden, "smtp_password", hidden, "X-Auth-Token", hidden, "body", []byte(hidden),
			"subject", hidden, "fiscal_code", hidden, "To.Address", hidden,
			"struct", account{"h", hidden}, "pointer", &account{"h", hidden}, "map", map[string]string{"a": hidden},
			"bytes", []byte(hidden), "secret", secret.New(hidden), "hidden", secret.New(hidden),
			"valuer", valuer{"x"}, "err", fmt.Errorf("dial postgres://u:%s@db: %w", hidden, errors.New("refused")),
			slog.Group("inner", "secret", hidden, "id", 7), slog.Group("body", "a", hidden))
		log.WithGroup("g").With("email", hidden, "case", 9).Warn("x", "phone", hidden)
		got := out.String()
		if strings.Contains(got, hidden) || strings.Contains(got, "lucia") {
			t.Errorf("%s: something got out:\n%s", format, got)
		}
		for _, want := range []string{"account", "refused", "(logging.account)", "login of", "7 bytes", "id"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q was lost:\n%s", format, want, got)
			}
		}
	}
}

func TestPlainValuesPass(t *testing.T) {
	var out bytes.Buffer
	log, err := New(&out, "info", "json")
	if err != nil {
		t.Fatal(err)
	}
	log.Debug("below the level")
	log.Info("served", "case", int64(12), "ok", true, "kinds", []string{"a", "b"}, "ip", netip.MustParseAddr("192.0.2.1"), "took_ms", 1.5,
		"state_from", "new", "nil", nil, "class", word("retry_backoff"))
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	for key, want := range map[string]any{
		"msg": "served", "case": 12.0, "ok": true, "kinds": "[a b]", "ip": "192.0.2.1", "took_ms": 1.5,
		"state_from": "new", "nil": "<nil>", "class": "retry_backoff",
	} {
		if line[key] != want {
			t.Errorf("%s = %v, want %v", key, line[key], want)
		}
	}
}

func TestScrub(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"nothing to hide: case 2026/000123, 10:30", "nothing to hide: case 2026/000123, 10:30"},
		{"550 5.1.1 <mario.rossi+x@example.com>: unknown", "550 5.1.1 <•••>: unknown"},
		{"to=mario@èsempio.it.", "to=•••"},
		{"GET https://api.telegram.org/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe", "GET https://api.telegram.org/bot•••/getMe"},
		{"token 123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw.", "token •••."},
		{"Authorization: Bearer abc.def", "Authorization: Bearer •••"},
		{"redis://:pw@h:6379/0", "redis://•••@h:6379/0"},
		{"xoxb-123-abc said no", "••• said no"},
		{"GET /x?a=1&access_token=abc&b=2", "GET /x?a=1&•••&b=2"},
		{"CF RSSMRA80A01D969V given", "CF ••• given"},
		{"called +39 333 1234567 twice", "called ••• twice"},
		{"version v1.2.3+45", "version v1.2.3+45"},
	} {
		if got := Scrub(c.in); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.in, got, c.want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range [][2]string{{"loud", "text"}, {"info", "xml"}, {"", "text"}, {"info", ""}} {
		if _, err := New(&bytes.Buffer{}, c[0], c[1]); err == nil {
			t.Errorf("level %q, format %q are taken", c[0], c[1])
		}
	}
}

func TestRequests(t *testing.T) {
	var out bytes.Buffer
	log, err := New(&out, "info", "text")
	if err != nil {
		t.Fatal(err)
	}
	h := Requests(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { log.InfoContext(r.Context(), "hello") }))
	seen := map[string]bool{}
	for range 3 {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("X-Request-Id", "forged\nline")
		h.ServeHTTP(w, r)
		id := w.Header().Get("X-Request-Id")
		if len(id) != 12 || seen[id] || !strings.Contains(out.String(), "request="+id) {
			t.Errorf("id %q, log %q", id, out.String())
		}
		seen[id] = true
	}
	if RequestID(t.Context()) != "" || strings.Contains(out.String(), "forged") {
		t.Error("an id from nowhere")
	}
}

func FuzzScrub(f *testing.F) {
	for _, s := range []string{"a@b.it", "x://u:p@h", "+39 333 1234567", "", "\xff@\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := Scrub("mail hunter@example.com " + s); strings.Contains(got, "hunter@") {
			t.Errorf("the address shows in %q", got)
		}
	})
}
