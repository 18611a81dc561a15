package config

import (
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones are known on every machine

	"filodiretto/internal/secret"
)

var (
	goodPrefix = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,7}$`)
	goodISTAT  = regexp.MustCompile(`^[0-9]{6}$`)
)

// check looks at the values that have a form of their own and at those that
// depend on each other, and fills in what follows from them.
func (l *loader) check(c *Config) {
	bad := func(key, what, remedy string) {
		place, set := c.origin[key]
		if !set { // a default that does not fit the rest
			section, _, _ := strings.Cut(key, ".")
			place = l.place(section)
		}
		l.add(place, key, what, remedy)
	}
	l.checkMunicipality(c, bad)
	l.checkPublic(c, bad)
	l.checkServer(c, bad)
	l.checkStores(c, bad)
	l.checkIntake(c, bad)
	l.checkMalware(c, bad)
	l.checkFilesURL(c, bad)
	l.checkKeys(c, bad)
	l.checkRegister(c, bad)
	l.checkSignatures(c, bad)
	l.checkAlarm(c, bad)
}

type report func(key, what, remedy string)

func (l *loader) checkMunicipality(c *Config, bad report) {
	m := &c.Municipality
	zone, err := time.LoadLocation(m.Zone)
	if err != nil || m.Zone == "" || m.Zone == "Local" {
		bad("municipality.zone", "is not a time zone", `Write a name such as "Europe/Rome"`)
		zone = time.UTC
	}
	m.Location = zone
	if m.ISTATCode != "" && !goodISTAT.MatchString(m.ISTATCode) {
		bad("municipality.istat_code", "is not an ISTAT code", `Write six digits in quotes, zeros included: "037042"`)
	}
	if !goodPrefix.MatchString(m.CasePrefix) {
		bad("municipality.case_prefix", "cannot begin a reference", `Write a capital letter and up to seven capital letters or digits: "PL"`)
	}
	m.Logo = l.anchor(c, "municipality.logo", m.Logo)
}

func (l *loader) checkServer(c *Config, bad report) {
	s := &c.Server
	_, port, err := net.SplitHostPort(s.Listen)
	if n, perr := strconv.Atoi(port); err != nil || perr != nil || n < 0 || n > 65535 {
		bad("server.listen", "is not an address to listen on", `Write host and port: "127.0.0.1:8080", or ":8080" for every address of the machine`)
		port = "8080"
	}
	if len(s.Roles) == 0 {
		bad("server.roles", "is empty", `Write ["web"], ["worker"] or ["web", "worker"]`)
	}
	s.Proxies = nil
	for _, text := range s.TrustedProxies {
		p, err := netip.ParsePrefix(text)
		if addr, aerr := netip.ParseAddr(text); aerr == nil {
			p, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			bad("server.trusted_proxies", "holds something that is neither an address nor a network", `Write entries such as "127.0.0.1" or "10.0.0.0/8"`)
			continue
		}
		s.Proxies = append(s.Proxies, p.Masked())
	}
	l.checkPublicURL(c, port, bad)
}

// checkPublicURL also settles whether cookies may travel over plain http.
func (l *loader) checkPublicURL(c *Config, port string, bad report) {
	m := &c.Municipality
	if m.PublicURL == "" {
		m.PublicURL = "http://localhost:" + port
	}
	m.PublicURL = strings.TrimRight(m.PublicURL, "/")
	u, err := url.Parse(m.PublicURL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" {
		bad("municipality.public_url", "is not the address of a site", `Write scheme and host, without a path: "https://filo.comune.pontelieto.it"`)
		return
	}
	_, explicit := c.origin["server.insecure_cookies"]
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1"
	if !explicit {
		c.Server.InsecureCookies = u.Scheme == "http" && local
	}
	if u.Scheme == "http" && !c.Server.InsecureCookies {
		bad("municipality.public_url", "is plain http, over which nobody could stay logged in",
			"Write https:// (a proxy may hold the certificate), or set insecure_cookies = true under [server] on a network where nobody listens")
	}
	if u.Scheme == "https" && c.Server.InsecureCookies {
		bad("server.insecure_cookies", "is true although public_url is https", "Take it away")
	}
}

func (l *loader) checkStores(c *Config, bad report) {
	db := c.Database.URL.Reveal()
	switch scheme, rest, _ := strings.Cut(db, ":"); scheme {
	case "sqlite":
		if rest = strings.TrimPrefix(rest, "//"); rest == "" {
			bad("database.url", "names no file", `Write "sqlite:/var/lib/filodiretto/filodiretto.db"`)
		}
		c.Database.URL = secret.NewURL("sqlite:" + l.anchor(c, "database.url", rest))
	case "postgres", "postgresql":
		if u, err := url.Parse(db); err != nil || strings.Trim(u.Path, "/") == "" {
			bad("database.url", "is not the address of a PostgreSQL database", `Write "postgres://user:password@host:5432/database", with the special characters of the password percent-encoded`)
		}
	default:
		bad("database.url", "is neither SQLite nor PostgreSQL", `Write "sqlite:/path/file.db" or "postgres://user:password@host/database"`)
	}
	files := c.Files.URL.Reveal()
	switch scheme, rest, _ := strings.Cut(files, ":"); scheme {
	case "dir":
		if rest == "" {
			bad("files.url", "names no folder", `Write "dir:/var/lib/filodiretto/files"`)
		}
		c.Files.URL = secret.NewURL("dir:" + l.anchor(c, "files.url", rest))
	case "s3":
		if u, err := url.Parse(files); err != nil || u.Host == "" || strings.Trim(u.Path, "/") == "" {
			bad("files.url", "is not the address of a bucket", `Write "s3://key:secret@host:9000/bucket", with the special characters of the secret percent-encoded`)
		}
	default:
		bad("files.url", "is neither a folder nor an object store", `Write "dir:/path" or "s3://key:secret@host/bucket"`)
	}
	if r := c.Redis.URL.Reveal(); r != "" {
		u, err := url.Parse(r)
		if err != nil || (u.Scheme != "redis" && u.Scheme != "rediss" && u.Scheme != "unix") || (u.Host == "" && u.Path == "") {
			bad("redis.url", "is not the address of a Redis", `Write "redis://:password@host:6379/0", or rediss:// for TLS`)
		}
	}
}

func (l *loader) checkKeys(c *Config, bad report) {
	s := &c.Security
	if !s.MasterKey.IsZero() {
		if _, err := secret.ParseKey(s.MasterKey.Reveal()); err != nil {
			bad("security.master_key", "is not a key of 32 bytes in base64", "Make one with: openssl rand -base64 32")
		}
	}
	for _, old := range s.OldKeys() {
		if _, err := secret.ParseKey(old); err != nil {
			bad("security.master_key_old", "holds something that is not a key of 32 bytes in base64", "Write the former master keys, separated by commas")
			break
		}
	}
	db, isSQLite := strings.CutPrefix(c.Database.URL.Reveal(), "sqlite:")
	_, isDir := strings.CutPrefix(c.Files.URL.Reveal(), "dir:")
	s.KeyFile = ""
	switch {
	case !s.MasterKey.IsZero():
	case isSQLite && isDir:
		db, _, _ = strings.Cut(db, "?")
		s.KeyFile = filepath.Join(filepath.Dir(db), "filodiretto.key")
	default:
		bad("security.master_key", "is missing, and every machine needs the same one",
			"Make one with: openssl rand -base64 32, and set master_key_file under [security], or FILODIRETTO_SECURITY_MASTER_KEY_FILE, to the file that holds it")
	}
}

// OldKeys are the keys in MasterKeyOld, each in base64.
func (s Security) OldKeys() []string {
	var keys []string
	for part := range strings.SplitSeq(s.MasterKeyOld.Reveal(), ",") {
		if part = strings.TrimSpace(part); part != "" {
			keys = append(keys, part)
		}
	}
	return keys
}

// anchor makes a relative path start at the folder of the configuration file,
// unless a variable gave it.
func (l *loader) anchor(c *Config, key, path string) string {
	if path == "" || l.file == "" || filepath.IsAbs(path) || c.origin[key].Variable != "" {
		return path
	}
	return filepath.Join(l.dir(), path)
}
