package mail

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"filodiretto/channels"
)

// security says how a connection is protected.
type security string

// The ways of protecting a connection. There is no way to skip the check of a
// certificate (rule 14).
const (
	securityTLS      security = "tls"
	securityStartTLS security = "starttls"
	securityPlain    security = "plain-local"
)

// server is one end of a connection.
type server struct {
	host           string
	port           int
	security       security
	user, password string
	assumed        bool // user is the mailbox's, for nobody named one
}

// addr is host:port.
func (s server) addr() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }

// local tells whether the server is this machine.
func (s server) local() bool {
	ip := net.ParseIP(s.host)
	return s.host == "localhost" || (ip != nil && ip.IsLoopback())
}

// settings are the fields of an account, read and checked.
type settings struct {
	address, name  string
	aliases        []string
	reading        reading
	imap, pop3     server // of the two, the one that is read
	smtp           server
	deleteDays     int // POP3: after how many days a message goes from the server; 0 is never
	folders        []string
	caFile         string
	allowPlaintext bool
	poll           time.Duration
	start          startPoint
	sentFolder     string
	plusAddressing bool
	perMinute      int
	perDomain      int // a minute
	connections    int
	authServers    []string
	oauth          oauthSettings // tokenURL is empty when passwords are used
}

// reading is how mail comes in.
type reading string

// The ways in. A mailbox to which mail is handed over is never looked into.
const (
	readingIMAP   reading = "imap"
	readingPOP3   reading = "pop3"
	readingHanded reading = "handed"
)

// OnlyHanded reports whether a mailbox with these settings is never looked into:
// all its mail is handed over.
func OnlyHanded(settings map[string]string) bool {
	r := reader{values: settings}
	return r.text("reading") == string(readingHanded)
}

// startPoint says what a first connection takes in (rule 7).
type startPoint struct {
	now  bool
	days int // 0 with now false means all
}

const maxFolders = 8

// reader collects what is wrong with the settings, so that people see it all
// at once.
type reader struct {
	values map[string]string
	errs   []error
}

func (r *reader) text(name string) string { return strings.TrimSpace(r.values[name]) }

func (r *reader) wrong(name, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
}

func (r *reader) list(name string) []string {
	var list []string
	for _, part := range strings.Split(r.values[name], ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

func (r *reader) number(name string, def, low, high int) int {
	s := r.text(name)
	if s == "" {
		return def
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		r.wrong(name, "write a whole number from %d to %d", low, high)
		return def
	}
	return n
}

func (r *reader) yes(name string) bool {
	s := r.text(name)
	if s == "" {
		return false
	}
	b, err := strconv.ParseBool(s)
	if err != nil {
		r.wrong(name, "write true or false")
	}
	return b
}

func (r *reader) duration(name string, def, low, high time.Duration) time.Duration {
	s := r.text(name)
	if s == "" {
		return def
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < low || d > high {
		r.wrong(name, "write a time from %s to %s, such as 2m", low, high)
		return def
	}
	return d
}

// address reads one mail address without a name.
func (r *reader) address(name, value string) string {
	a, err := mail.ParseAddress(value)
	if err != nil || a.Name != "" || strings.ContainsAny(a.Address, "\r\n") {
		r.wrong(name, "write a plain mail address, such as urp@comune.pontelieto.it")
		return ""
	}
	return a.Address
}

// ports are the usual ones, by security.
var (
	imapPorts = map[security]int{securityTLS: 993, securityStartTLS: 143, securityPlain: 143}
	popPorts  = map[security]int{securityTLS: 995, securityStartTLS: 110, securityPlain: 110}
	smtpPorts = map[security]int{securityTLS: 465, securityStartTLS: 587, securityPlain: 25}
)

func (r *reader) server(prefix string, ports map[security]int) server {
	s := server{
		host: r.text(prefix + "_host"), security: security(r.text(prefix + "_security")),
		user: r.text(prefix + "_user"), password: r.values[prefix+"_password"],
	}
	if s.host == "" {
		r.wrong(prefix+"_host", "write the name of the server")
	}
	if s.security == "" {
		s.security = securityTLS
	}
	if ports[s.security] == 0 {
		r.wrong(prefix+"_security", "write tls, starttls or plain-local")
	}
	s.port = r.number(prefix+"_port", ports[s.security], 1, 65535)
	return s
}

// plain refuses a password in the clear on the network unless that was asked
// for in so many words (rule 14).
func (r *reader) plain(prefix string, s server, allowed bool) {
	if s.security == securityPlain && !s.local() && !allowed {
		r.wrong(prefix+"_security", "plain-local is for a server on this machine; use tls or starttls, or set allow_plaintext to send the password in the clear")
	}
}

func (r *reader) start(name string) startPoint {
	switch s := r.text(name); s {
	case "", "all":
		return startPoint{}
	case "now":
		return startPoint{now: true}
	default:
		word, _, _ := strings.Cut(s, " ")
		days, err := strconv.Atoi(word)
		if err != nil || days < 1 {
			r.wrong(name, "write all, now, or a number of days")
		}
		return startPoint{days: days}
	}
}

func readSettings(a channels.Account) (settings, error) {
	r := &reader{values: a.Settings}
	s := settings{
		address: r.address("address", r.text("address")), name: r.text("name"),
		smtp:    r.server("smtp", smtpPorts),
		folders: r.list("folders"), caFile: r.text("ca_file"),
		allowPlaintext: r.yes("allow_plaintext"),
		poll:           r.duration("poll", 2*time.Minute, 5*time.Second, time.Hour),
		start:          r.start("start"), sentFolder: r.text("sent_folder"),
		plusAddressing: r.yes("plus_addressing"),
		perMinute:      r.number("rate_per_minute", 0, 0, 1_000_000),
		perDomain:      r.number("rate_per_domain", 0, 0, 1_000_000),
		connections:    r.number("connections", 4, 1, 32),
	}
	if _, err := readDay(r.text(SettingPasswordUntil)); err != nil {
		r.wrong(SettingPasswordUntil, "%v", err)
	}
	for _, name := range r.list("auth_servers") {
		s.authServers = append(s.authServers, strings.ToLower(name))
	}
	for _, alias := range r.list("aliases") {
		s.aliases = append(s.aliases, r.address("aliases", alias))
	}
	if s.name == "" {
		s.name = a.Name
	}
	if len(s.folders) == 0 {
		s.folders = []string{"INBOX"}
	}
	if len(s.folders) > maxFolders {
		r.wrong("folders", "name at most %d: each keeps one connection open, and servers allow few", maxFolders)
	}
	user := r.incoming(&s)
	if s.smtp.user == "" && s.smtp.password != "" {
		s.smtp.user = user
	}
	r.login(&s, user)
	r.plain("smtp", s.smtp, s.allowPlaintext)
	return s, errors.Join(r.errs...)
}

// incoming reads where mail comes from, and gives the mailbox's user.
func (r *reader) incoming(s *settings) (user string) {
	from := &s.imap
	switch s.reading = reading(r.text("reading")); s.reading {
	case "", readingIMAP:
		s.reading, s.imap = readingIMAP, r.server("imap", imapPorts)
	case readingPOP3:
		s.pop3, from = r.server("pop3", popPorts), &s.pop3
		s.deleteDays = r.number("pop3_delete_days", 0, 0, 3650)
	case readingHanded:
	default:
		r.wrong("reading", "write imap, pop3 or handed")
	}
	if s.reading != readingIMAP {
		s.sentFolder = "" // a copy is put there over IMAP
	}
	if from.user == "" {
		from.user = s.address
	}
	if strings.ContainsAny(from.user+from.password, "\r\n\x00") {
		r.wrong(string(s.reading)+"_password", "user and password stand on one line")
	}
	if s.reading != readingHanded {
		r.plain(string(s.reading), *from, s.allowPlaintext)
	}
	return from.user
}

// login reads how to log in: with a password, or with tokens (mail rule 13). user
// is that of the mailbox.
func (r *reader) login(s *settings, user string) {
	switch way := r.text("auth"); way {
	case "", authPassword:
		if s.reading == readingIMAP && s.imap.password == "" {
			r.wrong("imap_password", "write the mailbox's password, or set auth to oauth2")
		}
		if s.reading == readingPOP3 && s.pop3.password == "" {
			r.wrong("pop3_password", "write the mailbox's password, or set auth to oauth2")
		}
		return
	case authToken:
	default:
		r.wrong("auth", "write password or oauth2")
		return
	}
	s.oauth = oauthSettings{
		tokenURL: r.text("oauth_token_url"), clientID: r.text("oauth_client_id"), clientSecret: r.values["oauth_client_secret"],
		refreshToken: r.values["oauth_refresh_token"], scopes: r.list("oauth_scopes"),
	}
	if u, err := url.Parse(s.oauth.tokenURL); err != nil || u.Scheme != "https" && !(u.Scheme == "http" && net.ParseIP(u.Hostname()).IsLoopback()) {
		r.wrong("oauth_token_url", "write the provider's address for tokens, beginning with https://")
	}
	if s.oauth.clientID == "" {
		r.wrong("oauth_client_id", "write the application's id as registered with the provider")
	}
	if s.oauth.clientSecret == "" && s.oauth.refreshToken == "" {
		r.wrong("oauth_refresh_token", "give a refresh token, or the application's secret for its own access")
	}
	if s.smtp.user == "" {
		s.smtp.user, s.smtp.assumed = user, true
	}
}

// own are the addresses by which the parser knows our own mail.
func (s settings) own(deps channels.Deps) OwnAddresses {
	return OwnAddresses{Address: s.address, Aliases: s.aliases, Hosts: deps.OwnHosts, Trust: deps.Trust, Servers: s.authServers}
}
