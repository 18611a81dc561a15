package testserver

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

// dovecotConfig is all that a private Dovecot needs. As root it uses the users
// of Debian's package, else everything runs as the present user, who may not
// change the root directory. Failed logins are not slowed down, so that tests
// of refused logins take no seconds.
var dovecotConfig = template.Must(template.New("dovecot").Parse(`# Written by internal/testserver.
protocols = imap{{if .PopPort}} pop3{{end}}
listen = 127.0.0.1
base_dir = {{.Run}}/run
state_dir = {{.Run}}/state
instance_name = filodiretto-{{.PlainPort}}
log_path = {{.Dir}}/dovecot.log
default_internal_user = {{.Internal}}
default_internal_group = {{.InternalGroup}}
default_login_user = {{.Login}}
ssl = yes
ssl_cert = <{{.ID.CertFile}}
ssl_key = <{{.ID.KeyFile}}
disable_plaintext_auth = no
auth_mechanisms = plain login{{if .Introspect}} xoauth2 oauthbearer{{end}}
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 1
mail_home = {{.Dir}}/home/%u
mail_location = maildir:~/Maildir:UTF-8
mail_fsync = {{if .Durable}}optimized{{else}}never{{end}}
mail_max_userip_connections = 200
maildir_stat_dirs = yes
{{if .Introspect}}passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {{.Dir}}/oauth2.conf
}
{{end}}passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {{.Dir}}/users
}
userdb {
  driver = static
  args = uid={{.MailUID}} gid={{.MailGID}} home={{.Dir}}/home/%u
}
namespace inbox {
  inbox = yes
  separator = /
}
service imap-login {
  {{if not .Root}}chroot ={{end}}
  service_count = 0
  process_min_avail = 1
  inet_listener imap {
    address = 127.0.0.1
    port = {{.PlainPort}}
  }
  inet_listener imaps {
    address = 127.0.0.1
    port = {{.TLSPort}}
    ssl = yes
  }
}
{{if .PopPort}}service pop3-login {
  {{if not .Root}}chroot ={{end}}
  inet_listener pop3 {
    address = 127.0.0.1
    port = {{.PopPort}}
  }
  inet_listener pop3s {
    address = 127.0.0.1
    port = {{.PopTLSPort}}
    ssl = yes
  }
}
{{end}}service anvil {
  {{if not .Root}}chroot ={{end}}
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  {{if not .Root}}chroot ={{end}}
}
`))

type dovecotSettings struct {
	Dir, Run            string
	Internal, Login     string
	InternalGroup       string
	Root, Durable       bool
	Introspect          string
	ID                  struct{ CertFile, KeyFile string }
	PlainPort, TLSPort  int
	PopPort, PopTLSPort int
	MailUID, MailGID    int
}

// configure writes the configuration file for the present ports.
func (d *DovecotServer) configure() error {
	s := dovecotSettings{
		Dir: d.dir, Run: d.run, Root: isRoot(), Durable: d.opts.Durable,
		PlainPort: d.plainPort, TLSPort: d.tlsPort, PopPort: d.popPort, PopTLSPort: d.popTLSPort, MailUID: d.mail.uid, MailGID: d.mail.gid,
		Introspect: d.opts.Introspect, Internal: d.mail.name, InternalGroup: d.mail.group, Login: d.mail.name,
	}
	if isRoot() {
		s.Internal, s.InternalGroup, s.Login = "dovecot", "dovecot", "dovenull"
	}
	s.ID.CertFile, s.ID.KeyFile = d.id.certFile, d.id.keyFile
	var b bytes.Buffer
	if err := dovecotConfig.Execute(&b, s); err != nil {
		return fmt.Errorf("configure dovecot: %w", err)
	}
	if d.opts.Introspect != "" {
		conf := "introspection_url = " + d.opts.Introspect + "\nintrospection_mode = auth\nforce_introspection = yes\nusername_attribute = username\nactive_attribute = active\nactive_value = true\n"
		if err := os.WriteFile(filepath.Join(d.dir, "oauth2.conf"), []byte(conf), 0o644); err != nil {
			return fmt.Errorf("configure dovecot: %w", err)
		}
	}
	if err := os.WriteFile(d.config(), b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("configure dovecot: %w", err)
	}
	return nil
}

func (d *DovecotServer) config() string { return filepath.Join(d.dir, "dovecot.conf") }
