package config

import (
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

func TestPositions(t *testing.T) {
	const text = `# one
title = "a # b = c"
[server] # two
listen = ":80"
"quoted key" = 'x'
roles = [
  "web", # three = 3
  "worker",
]
text = """
not = "a key"
[nor.this]
""""
more = '''
x = 1''''
after = 2019-05-27 07:32:00
inline = { a = 1, b = { c = "}" } }
a.b . c = 1
[[channel]]
id = "x"
[channel.sub]
y = 1
[[channel]]
id = "z"
list = [ { q = 1 }, { q = 2 } ]
last = "\\\"" `
	want := map[string]int{
		"title": 2, "server": 3, "server.listen": 4, "server.quoted key": 5, "server.roles": 6, "server.text": 10,
		"server.more": 14, "server.after": 16, "server.inline": 17, "server.inline.a": 17, "server.inline.b": 17,
		"server.inline.b.c": 17, "server.a": 18, "server.a.b": 18, "server.a.b.c": 18,
		"channel": 19, "channel[0]": 19, "channel[0].id": 20, "channel[0].sub": 21, "channel[0].sub.y": 22,
		"channel[1]": 23, "channel[1].id": 24, "channel[1].list": 25, "channel[1].last": 26, "\x00.q": 25,
	}
	var v map[string]any
	if _, err := toml.Decode(text, &v); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, positions(text)); diff != "" {
		t.Error(diff)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"listen", "roles", "max_upload_mb", "url"}
	for _, c := range []struct{ word, want string }{
		{"lisen", "listen"},
		{"Listen", "listen"},
		{"role", "roles"},
		{"maxupload_mb", "max_upload_mb"},
		{"ulr", "url"},
		{"password", ""},
		{"", ""},
		{"u", ""},
	} {
		got, ok := nearest(c.word, known)
		if !ok {
			got = ""
		}
		if got != c.want {
			t.Errorf("nearest(%q) = %q, want %q", c.word, got, c.want)
		}
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"ab", "ba", 1}, {"kitten", "sitting", 3}, {"à", "a", 1}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
