package testserver

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// postfixMain is all that a private Postfix needs. Mail for its domains goes on
// over LMTP, which alone knows the mailboxes; mail for the domains of Dead goes to
// a server that is not there. Deferred mail waits for `postqueue -f`.
var postfixMain = template.Must(template.New("main.cf").Parse(`# Written by internal/testserver.
compatibility_level = 3.6
queue_directory = {{.Dir}}/spool
data_directory = {{.Dir}}/data
command_directory = /usr/sbin
daemon_directory = {{.Daemons}}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {{.Dir}}/mail.log
maillog_file_prefixes = {{.Dir}}
myhostname = mx.{{.First}}
mydomain = {{.First}}
myorigin = {{.First}}
mydestination =
mynetworks = 127.0.0.0/8 [::1]/128
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
local_transport = error:nobody is local here
alias_maps =
alias_database =
virtual_mailbox_domains = {{.Domains}}
virtual_mailbox_maps =
virtual_transport = {{.Transport}}
recipient_delimiter = +
transport_maps = texthash:{{.Dir}}/conf/transport
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
message_size_limit = 209715200
mailbox_size_limit = 0
virtual_mailbox_limit = 0
disable_dns_lookups = yes
smtp_host_lookup = native
lmtp_host_lookup = native
smtp_tls_security_level = none
lmtp_connect_timeout = 5s
minimal_backoff_time = 1h
maximal_backoff_time = 2h
queue_run_delay = 1h
maximal_queue_lifetime = 5d
bounce_queue_lifetime = 5d
delay_warning_time = {{.Delay}}
notify_classes =
destination_concurrency_feedback_debug = no
default_destination_concurrency_failed_cohort_limit = 0
{{range .More}}{{.}}
{{end}}`))

// postfixMaster are the services, none of them in a changed root.
const postfixMaster = `# Written by internal/testserver.
127.0.0.1:%d inet n - n - - smtpd
pickup    unix  n - n 60    1 pickup
cleanup   unix  n - n -     0 cleanup
qmgr      unix  n - n 300   1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n -     - trivial-rewrite
bounce    unix  - - n -     0 bounce
defer     unix  - - n -     0 bounce
trace     unix  - - n -     0 bounce
verify    unix  - - n -     1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n -     - proxymap
smtp      unix  - - n -     - smtp
relay     unix  - - n -     - smtp
lmtp      unix  - - n -     - lmtp
error     unix  - - n -     - error
retry     unix  - - n -     - error
discard   unix  - - n -     - discard
showq     unix  n - n -     - showq
anvil     unix  - - n -     1 anvil
scache    unix  - - n -     1 scache
postlog   unix-dgram n - n - 1 postlogd
%s`

func (p *PostfixServer) configure() error {
	if len(p.opts.Domains) == 0 || p.opts.Transport == "" {
		return fmt.Errorf("configure postfix: it needs domains and a transport for them")
	}
	s := struct {
		PostfixOptions
		Dir, Daemons, First, Domains string
	}{p.opts, p.dir, p.daemons, p.opts.Domains[0], strings.Join(p.opts.Domains, ", ")}
	if s.Delay == "" {
		s.Delay = "0h"
	}
	var main bytes.Buffer
	if err := postfixMain.Execute(&main, s); err != nil {
		return fmt.Errorf("configure postfix: %w", err)
	}
	transports := ""
	for domain, to := range p.opts.Elsewhere {
		transports += domain + " " + to + "\n"
	}
	for name, text := range map[string]string{
		"main.cf": main.String(), "master.cf": fmt.Sprintf(postfixMaster, p.port, p.opts.Services), "transport": transports,
	} {
		if err := os.WriteFile(filepath.Join(p.conf(), name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("configure postfix: %w", err)
		}
	}
	return nil
}

func (p *PostfixServer) conf() string { return filepath.Join(p.dir, "conf") }
