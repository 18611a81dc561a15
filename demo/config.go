package demo

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filodiretto/app"
	"filodiretto/internal/config"
)

// configure writes the configuration of the town beside its data and reads it
// as every other program does, variables included, so that whoever looks at the
// demo sees how a real one is set up, and `filodiretto check` works on it.
func configure(dir, listen string, p *postOffice, botURL, token string, env []string) (*config.Config, error) {
	if err := os.WriteFile(filepath.Join(dir, "bot-token"), []byte(token+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "mail-password"), []byte(p.password+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	if i := slices.IndexFunc(env, func(e string) bool { return strings.HasPrefix(e, "FILODIRETTO_SERVER_LISTEN=") }); i >= 0 {
		_, listen, _ = strings.Cut(env[i], "=")
	}
	if listen == "" {
		listen = "127.0.0.1:8080"
	}
	_, port, _ := net.SplitHostPort(listen)
	var b strings.Builder
	fmt.Fprintf(&b, configHead, port, listen, p.certified.authority, p.names.addr())
	for _, m := range []struct{ id, name, office, address string }{
		{urpMail, "Posta dell'URP", "urp", urpBox}, {tributiMail, "Posta dei Tributi", "tributi", tributiBox},
	} {
		imapHost, imapPort, _ := net.SplitHostPort(p.imapAddr)
		smtpHost, smtpPort, _ := net.SplitHostPort(p.smtpAddr)
		fmt.Fprintf(&b, configMail, m.id, m.name, m.office, m.address, imapHost, imapPort, smtpHost, smtpPort, p.certified.authority)
	}
	imapHost, imapPort, _ := net.SplitHostPort(p.imapAddr)
	smtpHost, smtpPort, _ := net.SplitHostPort(p.smtpAddr)
	fmt.Fprintf(&b, configPEC, pecAccount, pecBox, imapHost, imapPort, smtpHost, smtpPort, p.certified.authority)
	fmt.Fprintf(&b, configRest, telegramBot, botURL, counterDesk, phoneDesk)
	path := filepath.Join(dir, "filodiretto.toml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	return config.Load(path, env, app.Drivers())
}

const configHead = `# La configurazione del Comune di Pontelieto, scritta da "filodiretto demo".
# Le porte cambiano a ogni avvio.

[municipality]
name = "Comune di Pontelieto"
istat_code = "999999"
case_prefix = "PL"
public_url = "http://localhost:%s"

[contact]
phone = "0371 555 100"
email = "urp@comune.pontelieto.example"
pec = "comune@pec.pontelieto.example"
address = "Piazza Roma 1, Pontelieto"
hours = ["lunedì e martedì 08:15-17:00", "mercoledì e venerdì 08:15-13:30", "giovedì 08:15-13:00 e 14:00-17:00", "sabato 08:15-12:15"]

[privacy]
controller = "Comune di Pontelieto, Piazza Roma 1"
dpo_contact = "rpd@comune.pontelieto.example"
retention = "I messaggi si conservano per dieci anni dalla chiusura della pratica. Poi si cancellano."
retention_en = "Messages are kept for ten years after the case is closed. Then they are deleted."

[server]
listen = "%s"
insecure_cookies = true

[signatures]
authorities_file = %q
dkim = %q

[register]
mode = "builtin"
administration = "c_zz99"
area = "AOOPONT"

[satisfaction]
after_case = true

[database]
url = "sqlite:filodiretto.db"

[files]
url = "dir:files"

[log]
level = "warn"
`

const configMail = `
[[channel]]
id = "%s"
kind = "mail"
name = "%s"
office = "%s"
address = "%s"
imap_host = "%s"
imap_port = %s
imap_security = "plain-local"
imap_password_file = "mail-password"
smtp_host = "%s"
smtp_port = %s
smtp_security = "plain-local"
smtp_password_file = "mail-password"
plus_addressing = true
auth_servers = ["` + townServer + `"]
authorities_file = %q
poll = "30s"
`

const configPEC = `
[[channel]]
id = "%s"
kind = "pec"
name = "PEC del Protocollo"
office = "urp"
address = "%s"
imap_host = "%s"
imap_port = %s
imap_security = "plain-local"
imap_password_file = "mail-password"
smtp_host = "%s"
smtp_port = %s
smtp_security = "plain-local"
smtp_password_file = "mail-password"
authorities_file = %q
poll = "30s"
`

const configRest = `
[[office]]
id = "tributi"
phone = "0371 555 120"
address = "Piazza Roma 1, primo piano"
hours = ["lunedì e mercoledì 09:00-12:30", "giovedì 15:00-17:00"]

[[office]]
id = "edilizia_sue"
phone = "0371 555 130"
address = "Via Mazzini 3"
hours = ["martedì 09:00-12:30", "negli altri giorni su appuntamento"]

[[office]]
id = "lavori_pubblici"
phone = "0371 555 150"

[[channel]]
id = "pagine"
kind = "web"
name = "Pagina della pratica"
office = "urp"

[[channel]]
id = "%s"
kind = "telegram"
name = "Pontelieto su Telegram"
office = "urp"
token_file = "bot-token"
api_url = "%s"

[[channel]]
id = "%s"
kind = "counter"
name = "Sportello, piazza Roma 1"
office = "urp"
place = "Piazza Roma 1"

[[channel]]
id = "%s"
kind = "phone"
name = "Centralino"
office = "urp"
place = "0371 555 100"
`
