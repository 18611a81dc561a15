package likeness

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// SameHolder reports whether two domains were registered by one holder, as the
// relaxed alignment of DMARC has it (RFC 7489 section 3.1.1).
func SameHolder(a, b string) bool {
	a, b = ASCII(a), ASCII(b)
	if a == "" || b == "" {
		return false
	}
	return a == b || registered(a) != "" && registered(a) == registered(b)
}

// ASCII is a domain as the DNS has it: lower case, other scripts as xn--.
func ASCII(s string) string {
	s = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), ".")
	if a, err := idna.Lookup.ToASCII(s); err == nil {
		return a
	}
	return s
}

// registered is the part of a domain that somebody holds: "pontelieto.it".
func registered(ascii string) string {
	r, err := publicsuffix.EffectiveTLDPlusOne(ascii)
	if err != nil {
		return ""
	}
	return r
}

// Domain reports whether a domain looks like the own one without being it: by its
// letters, by one slip of the hand, by another ending, or because it begins with it.
// One of the same holder does only by letters that look the same: beside "comune" they
// may have "biblioteca", but hardly "cornune". The domains of other municipalities are a
// letter apart and do not, but for one that looks the same: there is none.
func Domain(domain, own string) bool {
	domain, own = ASCII(domain), ASCII(own)
	if domain == "" || own == "" || domain == own || strings.HasSuffix(domain, "."+own) {
		return false
	}
	if SameHolder(domain, own) {
		return joined(shape(domain)) == joined(shape(own))
	}
	if strings.HasPrefix(domain, own+".") || strings.Contains(domain, "."+own+".") {
		return true // "comune.pontelieto.it.avvisi.example"
	}
	a, b := shape(domain), shape(own)
	if a == b || joined(a) == joined(b) || sameTown(domain, own) {
		return true
	}
	if officialTown(domain) {
		return false
	}
	x, y := joined(withoutEnding(a)), joined(withoutEnding(b))
	if x == y {
		return true
	}
	const long = 8 // of shorter ones too many are a letter apart
	return len(y) >= long && slip(x, y)
}

// sameTown reports whether two domains have the form of municipalities and name
// places that look the same, of which only one tells the province. Two provinces
// may have towns of one name.
func sameTown(domain, own string) bool {
	a, inA := townOf(domain)
	b, inB := townOf(own)
	if a == "" || b == "" || joined(shape(a)) != joined(shape(b)) {
		return false
	}
	return a != b || inA == "" || inB == ""
}

// shape is a domain as the eye takes it.
func shape(ascii string) string {
	u, err := idna.ToUnicode(ascii)
	if err != nil {
		u = ascii
	}
	return glyphs.Replace(Plain(u))
}

// glyphs are letters and pairs of them that are taken for others in small type.
var glyphs = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d", "0", "o", "1", "l", "i", "l", "|", "l", "5", "s", "3", "e", "4", "a")

func joined(s string) string { return strings.NewReplacer(".", "", "-", "", "_", "").Replace(s) }

func withoutEnding(s string) string {
	if i := strings.LastIndexByte(s, '.'); i > 0 {
		return s[:i]
	}
	return s
}

// Shared reports whether a domain is a provider's, where everybody may have an
// address: mail from it is nobody's for its domain.
func Shared(domain string) bool { return shared[registered(ASCII(domain))] }

var shared = func() map[string]bool {
	m := map[string]bool{}
	for d := range strings.FieldsSeq(`gmail.com googlemail.com outlook.com outlook.it hotmail.com hotmail.it live.com live.it msn.com yahoo.com yahoo.it
		icloud.com me.com proton.me protonmail.com gmx.com gmx.net libero.it virgilio.it tiscali.it alice.it tim.it tin.it vodafone.it fastwebnet.it
		email.it aruba.it inwind.it iol.it pec.it legalmail.it arubapec.it postecert.it pec-mail.it actaliscertymail.it namirialpec.it register.it
		mypec.eu sicurezzapostale.it infocert.it twtcert.it cgn.it`) {
		m[d] = true
	}
	return m
}()

// slip reports whether two words are one letter apart: changed, added, left out,
// or two neighbours in the wrong order.
func slip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i == len(a) || a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
