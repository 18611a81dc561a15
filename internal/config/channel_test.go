package config

import (
	"os"
	"strings"
	"testing"

	"filodiretto/channels"
)

// A key that counts only beside another's word is missed only there; a word that
// is none of the choices is refused.
func TestKeysThatCountSometimes(t *testing.T) {
	words := []channels.Choice{{Value: "imap"}, {Value: "pop3"}, {Value: "handed"}}
	drivers := []channels.Driver{{Kind: "mail", Fields: []channels.Field{
		{Name: "reading", Type: channels.Text, Default: "imap", Choices: words},
		{Name: "imap_host", Type: channels.Text, Required: true, When: "reading=imap"},
		{Name: "poll", Type: channels.Text, Required: true, When: "reading=imap|pop3"},
		{Name: "auth", Type: channels.Text, Default: "password"},
		{Name: "pop3_password", Type: channels.Text, Secret: true, Required: true, When: "reading=pop3&auth=password"},
	}}}
	for lines, want := range map[string]string{
		"":                                 "channel.urp.imap_host: is missing",
		"reading = \"pop3\"":               "channel.urp.poll: is missing",
		"reading = \"handed\"":             "",
		"reading = \"carrier\"":            "channel.urp.reading: is not one of the words it can be",
		"reading = \"pop3\"\npoll = \"x\"": "channel.urp.pop3_password: is missing",
		"reading = \"pop3\"\npoll = \"x\"\nauth = \"oauth2\"": "",
	} {
		dir := t.TempDir()
		path := dir + "/c.toml"
		write(t, path, "[municipality]\nname = \"x\"\n[[channel]]\nid = \"urp\"\nkind = \"mail\"\n"+lines+"\n")
		_, err := Load(path, nil, drivers)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v", lines, err)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
