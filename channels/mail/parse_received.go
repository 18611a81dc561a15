package mail

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"filodiretto/internal/likeness"
)

// distance is how far from us the machine is that handed a mail to one of our servers.
type distance int

const (
	sameMachine distance = iota // or one that the settings name
	ownNetwork                  // a private address: an inner hop, or anybody behind a balancer
	outside
)

// byHost finds who took a mail in. It is no parser: what a stranger greeted with
// stands raw in the field, brackets, quotes and the word "by" too, and must neither
// hide our own name nor the address before it.
var byHost = regexp.MustCompile(`(?:^|[\s)])by\s+([^\s;()]+)`)

// mostReceivedBytes bounds a Received field of ours: a greeting and an envelope's
// sender have a line each at most.
const mostReceivedBytes = 4096

// took reports whether a Received field is of one of the own servers: by its name, by
// one of the same holder, or from hand to hand in one machine, under a name that nobody
// knows it by. from is what stands before the last such name: more than one where a
// stranger greeted with ours, and then both the true address and theirs stand in it.
func (s ownSet) took(received string) (from string, ours bool) {
	if len(received) > mostReceivedBytes {
		return "", false
	}
	received = strings.ToLower(received)
	for at := 0; ; {
		m := byHost.FindStringSubmatchIndex(received[at:])
		if m == nil {
			return from, ours
		}
		if by := received[at+m[2] : at+m[3]]; s.named(by) || nameless(by) && inside(received) {
			from, ours = received[:at+m[0]], true
		}
		at += m[2] - 1 // a greeting may end in "by"
	}
}

// named reports whether a host name is one of our servers'.
func (s ownSet) named(host string) bool {
	return slices.ContainsFunc(s.servers, func(own string) bool { return own == host || likeness.SameHolder(own, host) }) ||
		slices.ContainsFunc(s.addresses, func(a ownAddress) bool {
			return !likeness.Shared(a.domain) && likeness.SameHolder(a.domain, host)
		})
}

func nameless(host string) bool {
	return !strings.Contains(host, ".") || strings.Trim(host, "0123456789abcdef.:[]") == ""
}

// inside reports whether a Received field tells of no other machine.
func inside(received string) bool {
	return !strings.HasPrefix(received, "from ") || strings.HasPrefix(received, "from localhost") || strings.HasPrefix(received, "from [127.")
}

// bracketed finds the addresses of who handed a mail over.
var bracketed = regexp.MustCompile(`([\[(])(?:ipv6:)?([0-9a-f.:]+)[\])]`)

// distance tells from where a mail came, by what a Received field of ours says before
// our name (see took): the farthest of its addresses, since a greeting may feign one
// that is near but takes none away. One in round brackets, as qmail writes it, does not
// count behind the name of one of ours: that is how a store writes its own address when
// it hands a mail to itself. Without any it goes by the name.
func (s ownSet) distance(from string) distance {
	name, given := strings.CutPrefix(from, "from ")
	if !given {
		return sameMachine
	}
	host, _, _ := strings.Cut(name, " ")
	near := host == "localhost" || s.named(host)
	farthest, known := sameMachine, false
	for _, m := range bracketed.FindAllStringSubmatch(from, -1) {
		if ip, err := netip.ParseAddr(m[2]); err == nil && (m[1] == "[" || !near) {
			farthest, known = max(farthest, s.reach(ip.Unmap())), true
		}
	}
	if ip, err := netip.ParseAddr(host); err == nil && !known {
		return s.reach(ip.Unmap())
	}
	if !known && !near {
		return outside
	}
	return farthest
}

func (s ownSet) reach(ip netip.Addr) distance {
	switch {
	case ip.IsLoopback() || slices.ContainsFunc(s.relays, func(p netip.Prefix) bool { return p.Contains(ip) }):
		return sameMachine
	case ip.IsPrivate() || ip.IsLinkLocalUnicast():
		return ownNetwork
	}
	return outside
}

// relay reads an entry of the own servers that is an address or a network: "10.0.0.5",
// "10.0.0.0/24".
func relay(entry string) (netip.Prefix, bool) {
	if ip, err := netip.ParseAddr(entry); err == nil {
		return netip.PrefixFrom(ip, ip.BitLen()), true
	}
	p, err := netip.ParsePrefix(entry)
	return p, err == nil
}
