package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestStringNeverPrints(t *testing.T) {
	const text = "correct horse"
	type holder struct {
		Public  String
		private String
		URL     URL
		address URL
	}
	u := NewURL("postgres://app:" + text + "@db/filo")
	s := New(text)
	h := holder{s, s, u, u}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t", "%p", "%T", "%o", "%U"} {
		for _, v := range []any{s, &s, h, &h, []String{s}, map[string]String{"a": s}, u} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, text) || strings.Contains(got, fmt.Sprintf("%x", text)) {
				t.Errorf("%s of %T shows the secret", verb, v)
			}
		}
	}
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
		slog.New(handler).Info("x", "s", s, "h", h, "p", &s, "u", u)
	}
	out, err := json.Marshal(map[string]any{"s": s, "h": h, "u": u})
	if err != nil {
		t.Fatal(err)
	}
	if all := log.String() + string(out); strings.Contains(all, text) {
		t.Errorf("a log or JSON shows the secret: %s", all)
	} else if !strings.Contains(all, mask) {
		t.Errorf("nothing tells that there is a secret: %s", all)
	}
}

func TestString(t *testing.T) {
	s := New("a")
	if s.Reveal() != "a" || s.IsZero() || s.String() != mask || fmt.Sprintf("%#v", s) != "secret.String(•••)" {
		t.Errorf("got %q, %v, %q", s.Reveal(), s.IsZero(), s.String())
	}
	var zero String
	if !zero.IsZero() || zero.Reveal() != "" || zero.String() != "" || !New("").IsZero() {
		t.Error("the zero String is not empty")
	}
	if !s.Equal(New("a")) || s.Equal(New("b")) || s.Equal(zero) {
		t.Error("Equal compares something else than the text")
	}
}

func TestURLShowsAllButPasswords(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"sqlite:/var/lib/filodiretto/filo.db", "sqlite:/var/lib/filodiretto/filo.db"},
		{"sqlite:filo.db?_pragma=x", "sqlite:filo.db?_pragma=•••"},
		{"postgres://db/filo", "postgres://db/filo"},
		{"postgres://app@db/filo", "postgres://app@db/filo"},
		{"postgres://app:pw@db:5432/filo?sslmode=require&password=x", "postgres://app:•••@db:5432/filo?sslmode=•••&password=•••"},
		{"redis://:pw@localhost:6379/0", "redis://:•••@localhost:6379/0"},
		{"s3://AK:SK@minio:9000/bucket/prefix#pw", "s3://AK:•••@minio:9000/bucket/prefix"},
		{"host=db password=pw", "•••"},
		{"postgres://app:p w%@db", "•••"},
	} {
		if got := NewURL(c.in).String(); got != c.want {
			t.Errorf("%q shows as %q, want %q", c.in, got, c.want)
		}
		if got := NewURL(c.in).Reveal(); got != c.in {
			t.Errorf("%q reveals as %q", c.in, got)
		}
	}
}

func TestTokens(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		tok := Token(16)
		if len(tok) != 22 || strings.ContainsAny(tok, "+/=") || seen[tok] {
			t.Fatalf("bad or repeated token %q", tok)
		}
		seen[tok] = true
	}
	// The SHA-256 of "abc" in FIPS 180-2, B.1.
	if got := HashToken("abc"); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("HashToken = %s", got)
	}
	if !Equal("abc", "abc") || Equal("abc", "abd") || Equal("abc", "ab") || Equal("", "a") {
		t.Error("Equal is wrong")
	}
}
