package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"filodiretto/channels/telegram/standin"
	"filodiretto/internal/fiscalcode"
)

// citizen is one person of Pontelieto. Mail and Telegram are empty for who has
// none; the first mail address is the usual one.
type citizen struct {
	Key         string // "lucia.ferrante"
	First, Last string
	Woman       bool
	Mail        []string
	Telegram    standin.User // ID 0 for who has none
	Phone       string
	CF          string
	Street      string
	Manner      string // "plain", "formal", "hurried", "old"
	Fate        string // of the mailbox: "full", "gone", or empty
	Blocks      bool   // stops the bot one day
	Guest       bool   // is played by who visits the demo, and left alone by the robots
}

// Name is the whole name.
func (c *citizen) Name() string { return c.First + " " + c.Last }

var firstF = []string{
	"Anna", "Rosa", "Irina", "Elisa", "Francesca", "Paola", "Chiara", "Teresa", "Giovanna", "Silvia", "Laura", "Martina", "Sofia", "Federica",
	"Valentina", "Ilaria", "Caterina", "Nicoletta", "Fatima", "Alessia", "Monica", "Daniela", "Ornella", "Bruna", "Yolanda", "Graziella", "Rita", "Emma",
}

var firstM = []string{
	"Marco", "Franco", "Matteo", "Ahmed", "Giorgio", "Alberto", "Lorenzo", "Davide", "Antonio", "Pietro", "Giuseppe", "Nicola", "Fabrizio", "Andrea",
	"Carlo", "Enrico", "Massimo", "Tommaso", "Sergio", "Umberto", "Ivan", "Gabriele", "Riccardo", "Luigi", "Dario", "Samuele", "Ettore", "Mihai",
}

var lastNames = []string{
	"Bassi", "Olivieri", "Pellegrini", "Benali", "Popescu", "Grandi", "Ricci", "Bellini", "Rizzo", "Salvi", "Conti", "Denti", "Tosi", "Marchetti",
	"Galli", "Ferraro", "De Luca", "D'Angelo", "Barbieri", "Lombardi", "Esposito", "Serra", "Fontanesi", "Zanetti", "Sartori", "Vitali", "Caruso", "Longo", "Martinelli",
	"Leone", "Gentile", "Ferrari", "Valente", "Pagani", "Cattaneo", "Amato", "Silvestri", "Bernardi", "Testa", "Rossetti", "Guidi", "Monti", "Palumbo", "Orlandi",
}

// streets are those of the town; the robots know no others.
var streets = []string{
	"via Garibaldi", "corso Matteotti", "via dei Mille", "viale della Stazione", "piazza Roma", "via Po", "via Verdi", "via San Rocco", "via dell’Artigianato",
	"vicolo del Forno", "via Mazzini", "via Don Minzoni", "via delle Scuole", "via Primo Maggio", "via del Mulino", "borgo San Rocco", "via Fratelli Cervi", "via Partigiani",
}

var children = []string{"Giulio", "Nora", "Leonardo", "Bianca", "Tommaso", "Aurora", "Pietro", "Anita", "Elia", "Viola"}

// placeCode stands where a codice fiscale names the place of birth. No Comune
// has it, so that no code of the demo is anybody's.
const placeCode = "Z000"

// census makes the people of the town, one after the other. The same seed gives
// the same people in the same order. It is safe for use by several goroutines.
type census struct {
	mu     sync.RWMutex
	rng    *rand.Rand
	people []*citizen
	byKey  map[string]*citizen
	byMail map[string]*citizen
	byChat map[int64]*citizen
}

func newCensus(seed uint64) *census {
	c := &census{rng: rand.New(rand.NewPCG(seed, 0x706f706f6c6f)), byKey: map[string]*citizen{}, byMail: map[string]*citizen{}, byChat: map[int64]*citizen{}}
	c.add(lucia())
	return c
}

// all are the people so far.
func (c *census) all() []*citizen {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.people // it only ever grows
}

// next makes one more.
func (c *census) next() *citizen {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		p := somebody(c.rng, len(c.people))
		if c.byKey[p.Key] == nil {
			c.add(p)
			return p
		}
	}
}

func (c *census) add(p *citizen) {
	c.people = append(c.people, p)
	c.byKey[p.Key] = p
	for _, address := range p.Mail {
		c.byMail[address] = p
	}
	if p.Telegram.ID != 0 {
		c.byChat[p.Telegram.ID] = p
	}
}

func (c *census) key(key string) *citizen {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byKey[key]
}

func (c *census) mail(address string) *citizen {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byMail[strings.ToLower(address)]
}

func (c *census) chat(id int64) *citizen {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byChat[id]
}

// lucia is the citizen of the story that who visits the demo plays.
func lucia() *citizen {
	return &citizen{
		Key: "lucia.ferrante", First: "Lucia", Last: "Ferrante", Woman: true, Mail: []string{"lucia.ferrante@posta.example"},
		Telegram: standin.User{ID: 5100001, First: "Lucia", Username: "lucia_f", Lang: "it"},
		Phone:    "347 555 0142", CF: codeOf("FRR", "LCU", time.Date(1972, 5, 11, 0, 0, 0, 0, time.UTC), true),
		Street: "via Garibaldi 14", Manner: "plain", Guest: true,
	}
}

func somebody(rng *rand.Rand, n int) *citizen {
	woman := chance(rng, 52)
	c := &citizen{Woman: woman, Last: pick(rng, lastNames), Phone: fmt.Sprintf("3%d 555 %04d", 20+rng.IntN(75), 1000+n*7)}
	if c.First = pick(rng, firstM); woman {
		c.First = pick(rng, firstF)
	}
	c.Key = plain(c.First) + "." + plain(c.Last)
	c.Street = fmt.Sprintf("%s %d", pick(rng, streets), 1+rng.IntN(90))
	born := time.Date(1938+rng.IntN(67), time.Month(1+rng.IntN(12)), 1+rng.IntN(28), 0, 0, 0, 0, time.UTC)
	c.CF = codeOf(letters(c.Last), letters(c.First), born, woman)
	c.Manner = []string{"plain", "plain", "plain", "formal", "hurried"}[rng.IntN(5)]
	if born.Year() < 1952 {
		c.Manner = "old"
	}
	hasMail := chance(rng, 78)
	if hasMail {
		c.Mail = []string{c.Key + "@" + pick(rng, []string{"posta.example", "posta.example", "mail.example", "libero.example"})}
		if chance(rng, 25) {
			c.Mail = append(c.Mail, fmt.Sprintf("%s.%s@lavoro.example", plain(c.Last), plain(c.First)[:1]))
		}
	}
	if !hasMail && born.Year() > 1945 || born.Year() > 1955 && chance(rng, 60) {
		c.Telegram = standin.User{ID: 5100001 + int64(n), First: c.First, Lang: "it"}
		if chance(rng, 60) {
			c.Telegram.Last = c.Last
		}
		if chance(rng, 60) {
			c.Telegram.Username = strings.ReplaceAll(c.Key, ".", "_")
		}
		c.Blocks = chance(rng, 4)
	}
	switch {
	case !hasMail:
	case n%59 == 47:
		c.Fate = "full"
	case n%43 == 20:
		c.Fate = "gone"
	}
	return c
}

// plain are the letters of a name for an address.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "'", "", "’", "").Replace(name))
}

// letters are the three that a name gives to a codice fiscale, roughly: what
// matters here is the form and the check character.
func letters(name string) string {
	var consonants, vowels []rune
	for _, r := range strings.ToUpper(plain(name)) {
		if strings.ContainsRune("AEIOU", r) {
			vowels = append(vowels, r)
		} else {
			consonants = append(consonants, r)
		}
	}
	return string(append(append(consonants, vowels...), 'X', 'X', 'X')[:3])
}

// codeOf makes a codice fiscale with a true check character and a place of
// birth that does not exist.
func codeOf(last, first string, born time.Time, woman bool) string {
	day := born.Day()
	if woman {
		day += 40
	}
	body := fmt.Sprintf("%s%s%02d%c%02d%s", last, first, born.Year()%100, "ABCDEHLMPRST"[born.Month()-1], day, placeCode)
	return body + fiscalcode.Check(body+"A").Computed
}
