package person

import "strings"

// unitMarks are the words before a place within a building.
var unitMarks = map[string]string{
	"int": "unit", "interno": "unit", "app": "unit", "appartamento": "unit",
	"sc": "stair", "scala": "stair",
	"piano": "floor", "p": "floor",
	"pal": "building", "palazzina": "building", "edificio": "building", "edif": "building",
	"blocco": "building", "lotto": "building", "torre": "building", "fabbricato": "building",
}

var numberSuffix = set("bis ter quater quinquies")

// floorNumber are the floors that people write in letters.
var floorNumber = map[string]string{
	"terra": "terra", "terreno": "terra", "rialzato": "rialzato", "primo": "1", "secondo": "2", "terzo": "3",
	"quarto": "4", "quinto": "5", "sesto": "6", "settimo": "7", "ottavo": "8", "ultimo": "ultimo",
}

// smallWords are left out of the names of streets and towns by some and added
// by others: particles, ranks and titles.
var smallWords = set(`di de da del dello della dell dei degli delle dal dalla d la lo il l le i gli e
	nel nello nella nell nei negli nelle sul sulla
	gen generale dott dottor dottore mons monsignor don cav cavalier on onorevole avv avvocato ing ingegner
	prof professor col colonnello cap capitano mar maresciallo sen senatore`)

// streetKind spells out what kind of street it is. Points are gone: "p.zza" is "pzza".
var streetKind = kinds(`
	via: via v
	viale: viale vle
	vicolo: vicolo vic vlo
	piazza: piazza pza pzza
	piazzale: piazzale ple pzzale pzle
	piazzetta: piazzetta ptta pzzetta pztta
	corso: corso cso
	largo: largo lgo
	strada: strada str
	stradone: stradone
	salita: salita sal
	borgo: borgo bgo
	contrada: contrada cda ctrada contr
	localita: localita loc
	frazione: frazione fraz
	regione: regione reg
	lungomare: lungomare lmare
	lungarno: lungarno
	lungotevere: lungotevere lgt
	circonvallazione: circonvallazione circne
	traversa: traversa trav
	galleria: galleria gall
	rione: rione
	calle: calle
	campo: campo
	fondamenta: fondamenta fta
	cascina: cascina casc
	podere: podere pod
	villaggio: villaggio
	passaggio: passaggio
	vico: vico
	strada statale: ss
	strada provinciale: sp
`)

var roadClass = map[string]string{
	"strada statale": "strada statale", "str statale": "strada statale", "s s": "strada statale",
	"strada provinciale": "strada provinciale", "str provinciale": "strada provinciale", "s p": "strada provinciale",
	"strada comunale": "strada comunale", "strada vicinale": "strada vicinale",
}

// kinds reads a table of "name: spellings" lines.
func kinds(table string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(table) {
		name, spellings, _ := strings.Cut(strings.TrimSpace(line), ":")
		for _, s := range strings.Fields(spellings) {
			m[s] = name
		}
	}
	return m
}

// knownWord reports whether a word without its points is an abbreviation of ours.
func knownWord(w string) bool {
	_, isKind := streetKind[w]
	return isKind || unitMarks[w] != "" || civicMark(w) || noNumber(w) || w == "flli"
}

var months = set(`gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre`)

// romanDay are the days of the month that streets are named after.
var romanDay = func() map[string]string {
	m := map[string]string{}
	for line := range strings.FieldsSeq(`i=1 ii=2 iii=3 iv=4 v=5 vi=6 vii=7 viii=8 ix=9 x=10 xi=11 xii=12 xiii=13
		xiv=14 xv=15 xvi=16 xvii=17 xviii=18 xix=19 xx=20 xxi=21 xxii=22 xxiii=23 xxiv=24 xxv=25 xxvi=26 xxvii=27
		xxviii=28 xxix=29 xxx=30 xxxi=31`) {
		r, n, _ := strings.Cut(line, "=")
		m[r] = n
	}
	return m
}()
