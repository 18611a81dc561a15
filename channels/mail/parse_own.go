package mail

import (
	"net/netip"
	"slices"
	"strings"

	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/cms"
)

// OwnAddresses are what an account knows itself by.
type OwnAddresses struct {
	Address string   // the mailbox
	Aliases []string // further addresses that arrive in it
	// Domains are further domains under which the same local parts are ours:
	// "comune.example" beside "pec.comune.example".
	Domains []string
	// Hosts are the host names of this installation; links to them in mails
	// from outside are taken out (mail rule 46).
	Hosts []string
	// Trust holds the authorities of signers; nil trusts none.
	Trust *cms.Trust
	// Servers are the names under which the account's own mail servers write
	// Authentication-Results, lower case, and the addresses or networks of further
	// machines of ours that hand mail on.
	Servers []string
}

// Has reports whether a normalised address is one of these.
func (o OwnAddresses) Has(addr string) bool {
	_, own := o.ready().match(addr)
	return own
}

// ownSet is OwnAddresses made ready for comparing.
type ownSet struct {
	addresses []ownAddress
	hosts     []string
	trust     *cms.Trust
	servers   []string
	relays    []netip.Prefix
}

type ownAddress struct{ local, domain string }

func (o OwnAddresses) ready() ownSet {
	set := ownSet{hosts: o.Hosts, trust: o.Trust}
	for _, entry := range o.Servers {
		if p, is := relay(entry); is {
			set.relays = append(set.relays, p)
		} else {
			set.servers = append(set.servers, entry)
		}
	}
	add := func(local, domain string) {
		a := ownAddress{local, strings.ToLower(domain)}
		if a.domain != "" && !slices.Contains(set.addresses, a) {
			set.addresses = append(set.addresses, a)
		}
	}
	for _, s := range append([]string{o.Address}, o.Aliases...) {
		addr, ok := rfc822.NormalizeAddress(s)
		if !ok {
			continue
		}
		at := strings.LastIndexByte(addr, '@')
		add(addr[:at], addr[at+1:])
		for _, d := range o.Domains {
			add(addr[:at], d)
		}
	}
	return set
}

// match reports whether a normalised address is ours, and what stands behind
// its plus sign.
func (s ownSet) match(addr string) (detail string, ok bool) {
	at := strings.LastIndexByte(addr, '@')
	if at < 0 {
		return "", false
	}
	local, domain := addr[:at], addr[at+1:]
	for _, own := range s.addresses {
		if domain != own.domain {
			continue
		}
		if local == own.local {
			return "", true
		}
		if rest, found := strings.CutPrefix(local, own.local+"+"); found {
			return rest, true
		}
	}
	return "", false
}
