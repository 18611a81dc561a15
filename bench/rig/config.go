package rig

import (
	"fmt"
	"net"
	"os"
	"strings"

	"filodiretto/app"
	"filodiretto/internal/config"
)

// Setup says what the program shall do.
type Setup struct {
	Listen string   // 127.0.0.1 and a free port when empty
	Roles  []string // both when empty
	Bot    bool     // with the Telegram account
	More   string   // further tables of the configuration, as they are written
}

// masterKey is nobody's: the rig lives for minutes and holds made-up people.
const masterKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

// Config writes the configuration file and reads it as the program does.
func (r *Rig) Config(s Setup) (*config.Config, error) {
	path, err := r.WriteConfig(s)
	if err != nil {
		return nil, err
	}
	cfg, err := config.Load(path, nil, app.Drivers())
	if err != nil {
		return nil, fmt.Errorf("rig: %w", err)
	}
	return cfg, nil
}

// WriteConfig writes the configuration file and returns its path.
func (r *Rig) WriteConfig(s Setup) (string, error) {
	if s.Listen == "" {
		s.Listen = "127.0.0.1:0"
	}
	if len(s.Roles) == 0 {
		s.Roles = []string{"web", "worker"}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `[municipality]
name = "Comune di Pontelieto"
case_prefix = "PL"
public_url = "http://localhost:8080"

[server]
listen = %q
roles = ["%s"]

[database]
url = %q

[files]
url = %q

[security]
master_key = %q

[automation]
undo_seconds = 0

[log]
level = "warn"
`, s.Listen, strings.Join(s.Roles, `", "`), r.Database.URL, "dir:"+r.path("files"), masterKey)
	if err := r.writeMail(&b); err != nil {
		return "", err
	}
	if s.Bot {
		fmt.Fprintf(&b, "\n[[channel]]\nid = \"bot\"\nkind = \"telegram\"\noffice = \"urp\"\nname = \"Telegram\"\ntoken = %q\napi_url = %q\n", r.Bot.Token(), r.botURL)
	}
	b.WriteString(s.More)
	path := r.path("filodiretto.toml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return "", fmt.Errorf("rig: write the configuration: %w", err)
	}
	return path, nil
}

func (r *Rig) writeMail(b *strings.Builder) error {
	host, port, err := net.SplitHostPort(r.Dovecot.Addr())
	if err != nil {
		return fmt.Errorf("rig: %w", err)
	}
	smtpHost, smtpPort, err := net.SplitHostPort(r.Sink.Addr())
	if err != nil {
		return fmt.Errorf("rig: %w", err)
	}
	fmt.Fprintf(b, `
[[channel]]
id = %q
kind = "mail"
office = "urp"
name = "Posta URP"
address = %q
imap_host = %q
imap_port = %s
imap_security = "plain-local"
imap_user = %q
imap_password = %q
smtp_host = %q
smtp_port = %s
smtp_security = "plain-local"
`, MailKey, Mailbox, host, port, Mailbox, boxPass, smtpHost, smtpPort)
	return nil
}
