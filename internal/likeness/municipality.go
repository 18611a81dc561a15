package likeness

import (
	_ "embed"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"
)

// municipalities are the names of Italy's municipalities as labels of domains, one
// a line, letters alone: "reggionellemilia". From the national statistics office's
// list (ISTAT, "Codici statistici delle unità amministrative territoriali", CC BY),
// with the mergers since.
//
//go:embed municipality.txt
var municipalities string

var isMunicipality = sync.OnceValue(func() map[string]bool {
	m := make(map[string]bool, 9000)
	for name := range strings.Lines(municipalities) {
		m[strings.TrimSpace(name)] = true
	}
	return m
})

// geographic reports whether a label under "it" is a place: a municipality, or a
// province, a region or the sign of one, which nobody can register (they are
// suffixes of the public list). Hyphens may part the words of a name, dots may not:
// who holds "goffredo.it", which is no place, makes "castel.goffredo.it".
func geographic(label string) bool {
	if !strings.Contains(label, ".") && isMunicipality()[joined(label)] {
		return true
	}
	suffix, icann := publicsuffix.PublicSuffix(label + ".it")
	return icann && suffix == label+".it"
}

// officialTown reports whether a domain is that of a municipality or of another
// body in Italy, by the form that they have: "comune.viadana.mn.it". The form alone
// is not reserved, the names of places in it are: anybody may hold a domain and put
// "comune." before it.
func officialTown(ascii string) bool {
	if strings.HasSuffix(ascii, ".gov.it") {
		return true
	}
	place, _ := townOf(ascii)
	return place != "" && geographic(place)
}

// townOf takes the place, and the province where it is told, out of a domain of the
// form of public bodies; "" for others.
func townOf(ascii string) (place, province string) {
	labels := strings.Split(ascii, ".")
	if len(labels) < 3 || labels[len(labels)-1] != "it" {
		return "", ""
	}
	labels = labels[:len(labels)-1]
	for i, l := range labels[:len(labels)-1] {
		switch l {
		case "comune", "provincia", "regione", "cittametropolitana", "unione":
			rest := labels[i+1:]
			if last := rest[len(rest)-1]; len(rest) > 1 && !isMunicipality()[last] && geographic(last) {
				rest, province = rest[:len(rest)-1], last
			}
			return strings.Join(rest, "."), province
		}
	}
	return "", ""
}

// publicBodies are bodies whose offices are called like ours and whose domains have
// no form of their own.
var publicBodies = func() map[string]bool {
	m := map[string]bool{}
	for d := range strings.FieldsSeq(`istruzione.it inps.it inail.it agenziaentrate.it camcom.it aci.it giustizia.it difesa.it
		poliziadistato.it carabinieri.it vigilfuoco.it cnr.it istat.it ispra.it arera.it anci.it`) {
		m[d] = true
	}
	return m
}()

// PublicBody reports whether mail from a domain comes from a public body, whose
// offices are called like ours.
func PublicBody(domain string) bool {
	d := ASCII(domain)
	return officialTown(d) || publicBodies[registered(d)]
}
