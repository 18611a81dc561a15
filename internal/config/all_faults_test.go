package config

import (
	"strings"
	"testing"

	"filodiretto/channels"
)

// All faults are told at once, each at its line: behind a key that is there twice, and in
// a channel whose id another one has.
func TestAllFaultsAreToldAtOnce(t *testing.T) {
	drivers := []channels.Driver{{Kind: "mail", Fields: []channels.Field{{Name: "imap_host", Type: channels.Text, Required: true}, {Name: "port", Type: channels.Text}}}}
	text := `[municipality]
name = "x"
name = "y"
[server]
listn = ":80"
[[channel]]
id = "urp"
kind = "mail"
imap_host = "a"
imap_host = "b"
[[channel]]
id = "urp"
kind = "mail"
prt = "1"
`
	path := t.TempDir() + "/c.toml"
	write(t, path, text)
	_, err := Load(path, nil, drivers)
	if err == nil {
		t.Fatal("it is taken")
	}
	for _, want := range []string{
		":3: the key ", ":5: server.listn: is not a known key", ":10: the key ", ":12: channel.urp.id: is taken by the channel at", ":14: channel.urp.prt: is not a known key",
		"channel.urp.imap_host: is missing",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told", want)
		}
	}
	if t.Failed() || !strings.Contains(err.Error(), "6 problems") {
		t.Error(err)
	}
}

// What follows a doubled key whose value goes over several lines, or a doubled section,
// cannot be read: nothing is told that is not so.
func TestADoubledKeyOfSeveralLinesTellsOneFault(t *testing.T) {
	for _, text := range []string{
		"[municipality]\nname = \"x\"\nname = \"\"\"y\nz\"\"\"\n",
		"[municipality]\nname = \"x\"\nname = [\n\"y\"\n]\n",
		"[municipality]\nname = \"x\"\n[server]\n[municipality]\nname = \"z\"\n",
	} {
		path := t.TempDir() + "/c.toml"
		write(t, path, text)
		if _, err := Load(path, nil, nil); err == nil || !strings.Contains(err.Error(), "1 problem\n") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
