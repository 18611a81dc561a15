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

// hop is what a Received field of one of our servers says.
type hop struct {
	far   distance
	named bool // the server is known by its name, and not only by being near
}

// byHost finds who took a mail in. It is no parser: what a stranger greeted with
// stands raw in the field, brackets, quotes and the word "by" too, and must neither
// hide our own name nor the address before it.
var byHost = regexp.MustCompile(`(?:^|[\s)])by\s+([^\s;()]+)`)

// mostReceivedBytes is how much of a Received field is read: a greeting and an envelope's
// sender have a line each at most. What comes after may be a stranger's, whose mail begins
// with a blank and so goes on with the field above it.
const mostReceivedBytes = 4096

// took reads a Received field, and reports whether it is of one of the own servers: by
// its name, by one of the same holder, or from hand to hand in the house, under a name
// that nobody knows it by. What stands before the last "by" tells from where the mail
// came: more than one is there where a stranger greeted with it, or has it in the
// envelope's sender, and then both the true address and theirs stand before the last.
// Only where it stands once, what follows it is surely our own server's.
func (s ownSet) took(received string) (h hop, ours bool) {
	received = strings.ToLower(strings.TrimSpace(received[:min(len(received), mostReceivedBytes)]))
	from, by, behind, hosts := "", "", "", 0
	for at := 0; ; hosts++ {
		m := byHost.FindStringSubmatchIndex(received[at:])
		if m == nil {
			break
		}
		from, by, behind = received[:at+m[0]], received[at+m[2]:at+m[3]], received[at+m[3]:]
		h.named = h.named || s.named(by)
		at += m[2] - 1 // a greeting may end in "by"
	}
	switch hosts {
	case 0:
		return hop{}, strings.HasPrefix(received, "(qmail ") // "invoked from network", above the field that says by whom
	case 1:
		if h.far = s.distance(from, takenAt(behind)); handedIn.MatchString(behind) {
			h.far = sameMachine
		}
		return h, h.named || nameless(by) && h.far != outside
	}
	h.far = s.distance(from, netip.Addr{})
	return h, h.named
}

// handedIn finds a hand-over within the house: by LMTP, which is not for the internet
// (RFC 2033 section 5), or by a program that fetched the mail itself.
var handedIn = regexp.MustCompile(`^(?:\s+\([^()]*\))?\s+with\s+(?:lmtp|pop3|imap)`)

// takerAddress finds the address that a server gives for itself: "(10.0.0.2)" with
// Exchange, "(mx.comune.example [10.0.0.5])" with amavis.
var takerAddress = regexp.MustCompile(`^\s+\((?:[^\s()]+\s\[)?([0-9a-f.:%]+)\]?\)`)

func takenAt(behind string) netip.Addr {
	if m := takerAddress.FindStringSubmatch(behind); m != nil {
		ip, _ := readIP(m[1])
		return ip
	}
	return netip.Addr{}
}

// named reports whether a host name is one of our servers'.
func (s ownSet) named(host string) bool {
	return slices.ContainsFunc(s.servers, func(own string) bool { return own == host || likeness.SameHolder(own, host) }) ||
		slices.ContainsFunc(s.addresses, func(a ownAddress) bool {
			return !likeness.Shared(a.domain) && likeness.SameHolder(a.domain, host)
		})
}

// innerEndings are those of names that count in one house only.
var innerEndings = []string{".local", ".localdomain", ".lan", ".internal", ".intra", ".intranet", ".corp"}

func nameless(host string) bool {
	_, number := readIP(strings.Trim(host, "[]"))
	return number || !strings.Contains(host, ".") ||
		slices.ContainsFunc(innerEndings, func(end string) bool { return strings.HasSuffix(host, end) })
}

// distance tells from where a mail came, by what a Received field of ours says before
// our name (see took): the farthest of all that looks like an address there, however it
// is written, since a greeting may feign one that is near but takes none away. The
// taker's own address is near. Without any it goes by the name.
func (s ownSet) distance(from string, taker netip.Addr) distance {
	farthest, known := sameMachine, false
	for word := range strings.FieldsFuncSeq(from, notOfAddress) {
		ip, is := readIP(word)
		if is && ip != taker {
			farthest = max(farthest, s.reach(ip))
		}
		known = known || is
	}
	words := strings.Fields(from)
	if known || len(words) < 2 || words[0] != "from" {
		return farthest
	}
	if host := words[1]; strings.Contains(from, "[unknown]") || host != "localhost" && !s.named(host) {
		return outside
	}
	return sameMachine
}

// notOfAddress parts words as they stand in a Received field: "[IPv6:2001:db8::1]",
// "(anna@192.0.2.66)", "helo=192.0.2.66". Names with a number in them stay whole.
func notOfAddress(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && !strings.ContainsRune(".:%-_", r)
}

// readIP reads a word of a Received field, in lower case, that may be an address.
func readIP(word string) (netip.Addr, bool) {
	word = strings.TrimRight(strings.TrimPrefix(word, "ipv6:"), ".")
	ip, err := netip.ParseAddr(word)
	if host, _, port := strings.Cut(word, ":"); err != nil && port {
		ip, err = netip.ParseAddr(host)
	}
	return ip.Unmap().WithZone(""), err == nil
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
