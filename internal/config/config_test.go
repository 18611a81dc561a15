package config

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"filodiretto/channels"
)

var update = flag.Bool("update", false, "write the golden files")

// drivers stand for the real ones: a field of every type, and secrets.
var drivers = []channels.Driver{
	{Kind: "mail", Fields: []channels.Field{
		{Name: "address", Type: channels.Text, Required: true, Help: map[string]string{"it": "L'indirizzo della casella.", "en": "The mailbox's address."}},
		{Name: "name", Type: channels.Text, Help: map[string]string{"it": "Il nome che il cittadino legge.", "en": "The name that the citizen reads."}},
		{Name: "host", Type: channels.Text, Required: true, Label: map[string]string{"it": "Server", "en": "Server"}},
		{Name: "port", Type: channels.Number, Default: "993"},
		{Name: "tls", Type: channels.Bool, Default: "true"},
		{Name: "poll", Type: channels.Duration, Default: "5m"},
		{Name: "folders", Type: channels.List, Default: "INBOX,Junk"},
		{Name: "password", Type: channels.Text, Required: true, Secret: true},
	}},
	{Kind: "telegram", Fields: []channels.Field{
		{Name: "token", Type: channels.Text, Required: true, Secret: true},
	}},
	{Kind: "counter"},
}

// golden compares got with a file, or writes it under -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// display writes a configuration as the golden files have it: what is not a default.
func display(c *Config) string {
	var b strings.Builder
	for _, s := range c.Redacted() {
		if s.Origin != "default" {
			fmt.Fprintf(&b, "%s = %s (%s)\n", s.Key, s.Value, s.Origin)
		}
	}
	fmt.Fprintf(&b, "-- zone %s, insecure cookies %v, key file %q, public %s\n",
		c.Municipality.Location, c.Server.InsecureCookies, c.Security.KeyFile, c.Municipality.PublicURL)
	return b.String()
}

// TestLoad reads each testdata/load/X.toml, with the variables in X.env, and
// compares what it makes of them with X.want.
func TestLoad(t *testing.T) {
	files, err := filepath.Glob("testdata/load/*.toml")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	for _, file := range files {
		base := strings.TrimSuffix(file, ".toml")
		t.Run(filepath.Base(base), func(t *testing.T) {
			env, err := os.ReadFile(base + ".env")
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			c, err := Load(file, strings.Split(string(env), "\n"), drivers)
			var problems *Errors
			switch {
			case err == nil:
				golden(t, base+".want", display(c))
			case errors.As(err, &problems):
				golden(t, base+".want", err.Error()+"\n")
				for _, p := range problems.Problems {
					if p.What == "" || p.Remedy == "" {
						t.Errorf("no remedy in %+v", p)
					}
				}
			default:
				t.Fatal(err)
			}
			text := fmt.Sprintf("%v %+v %#v", c, c, err)
			if c != nil {
				text += fmt.Sprintf("%v %+v %#v", *c, *c, *c)
			}
			if strings.Contains(text, "hunter2") {
				t.Error("a secret shows")
			}
		})
	}
}

func TestLoadValues(t *testing.T) {
	c, err := Load("testdata/load/full.toml", nil, drivers)
	if err != nil {
		t.Fatal(err)
	}
	if c.Database.URL.Reveal() != "postgres://filo:hunter2@db/filo" || c.Security.MasterKey.Reveal() == "" {
		t.Error("secrets are not what the files hold")
	}
	want := channels.Account{ID: 5, Key: "urp-mail", Kind: "mail", Name: "Posta URP", Settings: map[string]string{
		"address": "urp@comune.example", "host": "mail.example", "port": "143", "tls": "false", "poll": "1m30s",
		"folders": "INBOX,Posta indesiderata", "password": "hunter2", "name": "Posta URP", // one key of the file is both
	}}
	if diff := cmp.Diff(want, c.Channels[0].Account(5)); diff != "" {
		t.Errorf("account (-want +got):\n%s", diff)
	}
	if got := fmt.Sprint(c.Server.Proxies); got != "[127.0.0.1/32 10.0.0.0/8]" {
		t.Errorf("proxies %s", got)
	}
	if _, leaked := c.Channels[0].Settings["password"]; leaked {
		t.Error("a secret is among the settings that print")
	}
}

func TestDefaultIsComplete(t *testing.T) {
	c := Default()
	if c.Server.Listen != "127.0.0.1:8080" || !c.Server.InsecureCookies || c.Municipality.Location.String() != "Europe/Rome" ||
		c.Security.KeyFile != "filodiretto.key" || c.Automation.PerRecipientHour != 3 || c.Automation.PerRecipientDay != 10 ||
		c.Automation.ReceiptMaxAge.Hours() != 24 || c.Automation.UndoSeconds != 10 || c.Server.MaxUploadMB != 25 ||
		len(c.Server.Roles) != 2 {
		t.Errorf("unexpected defaults: %+v", c)
	}
	l := &loader{}
	l.check(c)
	if len(l.problems) > 0 {
		t.Errorf("the defaults do not pass the check: %v", l.problems)
	}
	only, err := Load("", []string{"FILODIRETTO_MUNICIPALITY_NAME=Comune di Prova"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if only.Municipality.Name != "Comune di Prova" || only.Database.URL.Reveal() != "sqlite:filodiretto.db" {
		t.Errorf("without a file: %+v", only)
	}
}

// TestEveryScalarHasAVariable sets each key through the environment alone.
func TestEveryScalarHasAVariable(t *testing.T) {
	values := map[string]string{
		"municipality.zone": "Europe/Vatican", "municipality.language": "en", "municipality.istat_code": "037042",
		"municipality.public_url": "https://x.example", "municipality.case_prefix": "AB",
		"server.listen": ":1", "server.files_url": "https://f.example", "server.trusted_proxies": "::1", "server.roles": "web",
		"intake.lmtp": "unix:x", "intake.lmtp_allow": "::1", "intake.lmtp_socket_mode": "0600",
		"database.url": "postgres://h/d", "redis.url": "redis://h", "files.url": "s3://k:s@h/b",
		"security.master_key": strings.Repeat("A", 43), "security.master_key_old": strings.Repeat("B", 42) + "E",
		"contact.phone": "0371 555", "contact.email": "a@x.example", "contact.pec": "a@pec.example", "contact.home_url": "https://x.example", "contact.accessibility_url": "https://x.example/a",
		"alarm.to": "ced@x.example", "register.mode": "external", "register.channels": "pec", "register.kinds": "request", "malware.clamd": "tcp:127.0.0.1:3310", "malware.policy": "strict", "pec.delivery_within": "40h", "voice.pace": "120", "signatures.authorities_file": "testdata/authority.pem", "signatures.dkim": "off", "privacy.link": "https://x.example/p", "log.level": "debug", "log.format": "json", "server.insecure_cookies": "false",
	}
	var env []string
	for _, s := range sections {
		for _, f := range s.fields {
			v, ok := values[s.name+"."+f.Name]
			if !ok {
				v = map[channels.FieldType]string{channels.Number: "7", channels.Duration: "61s", channels.Text: "x", channels.List: "x", channels.Bool: "true"}[f.Type]
			}
			env = append(env, prefix+upper(s.name)+"_"+upper(f.Name)+"="+v)
		}
	}
	c, err := Load("", env, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Redacted() {
		if !strings.HasPrefix(s.Origin, prefix) {
			t.Errorf("%s comes from %s", s.Key, s.Origin)
		}
	}
}

func TestEveryFieldIsExplained(t *testing.T) {
	for _, s := range sections {
		if s.help["it"] == "" || s.help["en"] == "" {
			t.Errorf("[%s] is not explained in both languages", s.name)
		}
		for _, f := range s.fields {
			if f.Help["it"] == "" || f.Help["en"] == "" {
				t.Errorf("%s.%s is not explained in both languages", s.name, f.Name)
			}
			if (f.Type == channels.Number || f.Type == channels.Duration) && (f.min == "" || f.max == "") {
				t.Errorf("%s.%s has no range", s.name, f.Name)
			}
		}
	}
}

func TestExample(t *testing.T) {
	for _, lang := range []string{"it", "en"} {
		var b bytes.Buffer
		if err := WriteExampleIn(&b, drivers, lang); err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/example."+lang+".toml", b.String())
		loadExample(t, b.String())
		var open strings.Builder // every example line made live
		for line := range strings.Lines(b.String()) {
			if rest, ok := strings.CutPrefix(line, "#"); ok && !strings.HasPrefix(rest, " ") {
				line = rest
			}
			open.WriteString(line)
		}
		path := filepath.Join(t.TempDir(), "open.toml")
		if err := os.WriteFile(path, []byte(open.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path, nil, drivers)
		if err == nil || strings.Contains(err.Error(), "not a known") || strings.Contains(err.Error(), "TOML") || strings.Contains(err.Error(), "twice") {
			t.Errorf("every key of the example must be known: %v", err)
		}
	}
	if err := WriteExampleIn(&bytes.Buffer{}, nil, "de"); err == nil {
		t.Error("a manual in German")
	}
}

// loadExample loads the manual as it is: it must work after copying.
func loadExample(t *testing.T, text string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "example.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, nil, drivers)
	if err != nil {
		t.Fatalf("the example does not load: %v", err)
	}
	if len(c.Channels) != 0 || c.Municipality.Name != "Comune di Pontelieto" {
		t.Errorf("the example sets more than the name")
	}
}
