package config

import (
	"net"
	"net/netip"

	"filodiretto/internal/cms"
)

// DKIMOff and DKIMSystem are the words of signatures.dkim; anything else is the
// address of a DNS server.
const (
	DKIMOff    = "off"
	DKIMSystem = "system"
)

// checkSignatures reads the authorities, so that a file that holds none is told
// before anything is trusted or not.
func (l *loader) checkSignatures(c *Config, bad report) {
	s := &c.Signatures
	if s.DKIM != DKIMOff && s.DKIM != DKIMSystem {
		if addr, err := netip.ParseAddr(s.DKIM); err == nil {
			s.DKIM = net.JoinHostPort(addr.String(), "53")
		} else if at, err := netip.ParseAddrPort(s.DKIM); err != nil || at.Port() == 0 {
			bad("signatures.dkim", "is not the address of a DNS server", `Write "system", "off", or an address such as "10.0.0.53:53"`)
		}
	}
	s.Trust = nil
	if s.AuthoritiesFile == "" {
		return
	}
	s.AuthoritiesFile = l.anchor(c, "signatures.authorities_file", s.AuthoritiesFile)
	trust, err := cms.NewTrust()
	if err == nil {
		err = trust.AddFile(s.AuthoritiesFile)
	}
	if err != nil {
		bad("signatures.authorities_file", "cannot be used", "Name a file with certificates in PEM form (BEGIN CERTIFICATE) that this program may read")
		return
	}
	s.Trust = trust
}
