package config

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Intake is where the municipality's own mail server hands mail over, so that its
// queue is the net under ours (mail rule 81c).
type Intake struct {
	LMTP         string         `toml:"lmtp" eg:"127.0.0.1:2424" it:"Dove ascoltare in LMTP il server di posta del Comune: \"127.0.0.1:2424\" oppure \"unix:/percorso/lmtp.sock\". Senza, nessuno. Vale per i processi con il ruolo worker." en:"Where to listen over LMTP for the municipality's mail server: \"127.0.0.1:2424\" or \"unix:/path/lmtp.sock\". Without it, nowhere. It is for processes with the role worker."`
	LMTPAllow    []string       `toml:"lmtp_allow" eg:"10.0.0.25" it:"Indirizzi o reti da cui il server di posta può collegarsi, se sta su un'altra macchina: LMTP non ha accesso con password. Senza, solo da questa macchina." en:"Addresses or networks from which the mail server may connect when it is on another machine: LMTP has no login. Without it, from this machine only."`
	SocketMode   string         `toml:"lmtp_socket_mode" default:"0660" it:"Permessi del socket unix, in ottale." en:"Permissions of the unix socket, in octal."`
	SocketGroup  string         `toml:"lmtp_socket_group" eg:"postfix" it:"Gruppo a cui dare il socket unix. Senza, quello del processo." en:"Group that the unix socket is given to. Without it, that of the process."`
	MaxMessageMB int            `toml:"max_message_mb" default:"100" min:"1" max:"1024" it:"Dimensione massima, in MB, di un messaggio consegnato così; uno più grande è rifiutato per sempre (552 oppure 413)." en:"Largest message, in MB, that is handed over so; a larger one is refused for good (552 or 413)."`
	Allowed      []netip.Prefix `toml:"-"` // LMTPAllow, parsed
	Mode         uint32         `toml:"-"` // SocketMode, parsed
}

// checkIntake refuses a door that anybody could use: LMTP knows no login.
func (l *loader) checkIntake(c *Config, bad report) {
	s := &c.Intake
	s.Allowed = nil
	for _, text := range s.LMTPAllow {
		p, err := netip.ParsePrefix(text)
		if addr, aerr := netip.ParseAddr(text); aerr == nil {
			p, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			bad("intake.lmtp_allow", "holds something that is neither an address nor a network", `Write entries such as "10.0.0.25" or "10.0.0.0/28"`)
			continue
		}
		s.Allowed = append(s.Allowed, p.Masked())
	}
	mode, err := strconv.ParseUint(s.SocketMode, 8, 32)
	if err != nil || mode > 0o777 {
		bad("intake.lmtp_socket_mode", "is not a set of permissions", `Write three octal digits in quotes: "0660"`)
	}
	s.Mode = uint32(mode)
	if s.LMTP != "" {
		l.checkLMTP(c, bad)
	}
}

func (l *loader) checkLMTP(c *Config, bad report) {
	s := &c.Intake
	if path, is := strings.CutPrefix(s.LMTP, "unix:"); is {
		if path == "" {
			bad("intake.lmtp", "names no file", `Write "unix:/run/filodiretto/lmtp.sock"`)
			return
		}
		s.LMTP = "unix:" + l.anchor(c, "intake.lmtp", path)
		return
	}
	host, port, err := net.SplitHostPort(s.LMTP)
	if n, perr := strconv.Atoi(port); err != nil || perr != nil || n < 0 || n > 65535 {
		bad("intake.lmtp", "is not an address to listen on", `Write "127.0.0.1:2424" or "unix:/run/filodiretto/lmtp.sock"`)
		return
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) && len(s.Allowed) == 0 {
		bad("intake.lmtp", "could be reached by anybody, and LMTP has no login", `Listen on 127.0.0.1, or say under lmtp_allow which addresses may connect`)
	}
}
