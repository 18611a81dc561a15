// Package mailgen writes realistic mails of Italian citizens, for tests, for
// measurements and for the demonstration. The same seed gives the same mails
// on every machine, and two mails of one generator are never alike.
package mailgen

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Person is a name with a mail address.
type Person struct{ Name, Address string }

// Options say what a message should be. The zero value is a plain first
// message of some citizen to the town's front office.
type Options struct {
	From    Person   // zero: a citizen of the generator's own
	To      []Person // empty: the URP of Pontelieto
	Cc      []Person
	Subject string // empty: one that fits the topic
	Text    string // empty: written by the generator; lines end in "\n"

	// InReplyTo is the Message-ID answered, without <>. The header
	// References holds References (oldest first) and then InReplyTo.
	InReplyTo  string
	References []string
	Quoted     string // the text answered, quoted with "> " below the answer

	HTML    bool   // multipart/alternative with an HTML version
	PDF     int    // number of PDF files attached
	JPEG    int    // number of photographs attached
	Charset string // "utf-8" (empty), "iso-8859-1", "iso-8859-15", "windows-1252", "us-ascii"
	Base64  bool   // text in base64 instead of quoted-printable

	Date    time.Time // zero: the generator's own calendar, some minutes after the last mail
	Headers []string  // further header lines, without line end
}

// Meta is what the generator knows of a message that it wrote.
type Meta struct {
	MessageID   string // without <>
	From        Person
	To          []Person
	Subject     string
	Text        string // as written, without the quotation
	InReplyTo   string
	References  []string // as in the header, oldest first
	Date        time.Time
	Topic       string // a stable word: "tari", "strade", ...
	HTML        bool
	Attachments []string // file names, in order
}

// URP is the mailbox that the generated citizens write to.
var URP = Person{Name: "URP Comune di Pontelieto", Address: "urp@comune.pontelieto.example"}

// Gen writes messages. It is not safe for use by several goroutines at once.
type Gen struct {
	rng    *rand.Rand
	seed   uint64
	count  int
	now    time.Time
	recent []Meta // first messages and answers that Next may answer
}

// New starts a generator. Its calendar begins on a Monday morning of 2026.
func New(seed uint64) *Gen {
	return &Gen{
		rng:  rand.New(rand.NewPCG(seed, 0x66696c6f)),
		seed: seed,
		now:  time.Date(2026, 3, 2, 8, 0, 0, 0, time.FixedZone("CET", 3600)),
	}
}

// Next is a message of a realistic mixture: about 30 % answer an earlier
// message of the same citizen, half have an HTML version, a quarter carry
// files, and the older charsets are still there.
func (g *Gen) Next() ([]byte, Meta) {
	o := Options{HTML: g.chance(50), Charset: g.charset(), Base64: g.chance(10)}
	if g.chance(15) {
		o.PDF = 1 + g.rng.IntN(2)
	}
	if g.chance(15) {
		o.JPEG = 1 + g.rng.IntN(2)
	}
	if g.chance(30) && len(g.recent) > 0 {
		o = g.answer(o)
	}
	raw, m := g.Message(o)
	if len(g.recent) < 500 {
		g.recent = append(g.recent, m)
	} else {
		g.recent[g.rng.IntN(len(g.recent))] = m
	}
	return raw, m
}

func (g *Gen) answer(o Options) Options {
	m := g.recent[g.rng.IntN(len(g.recent))]
	o.From, o.To = m.From, m.To
	o.Subject = m.Subject
	if !strings.HasPrefix(o.Subject, "R") || !strings.Contains(o.Subject, ": ") {
		o.Subject = g.pick("Re: ", "R: ", "RE: ") + m.Subject
	}
	o.InReplyTo = m.MessageID
	o.References = m.References
	if len(o.References) > 8 {
		o.References = o.References[len(o.References)-8:]
	}
	o.Quoted = m.Text
	o.Text = fmt.Sprintf("%s\n\n%s %s\n\n%s\n%s\n", g.pick(greetings...), g.pick(followUps...),
		g.pick(closings...), g.pick(regards...), m.From.Name)
	return o
}

func (g *Gen) charset() string {
	switch n := g.rng.IntN(20); {
	case n == 0:
		return "iso-8859-1"
	case n == 1:
		return "windows-1252"
	case n == 2:
		return "iso-8859-15"
	default:
		return "utf-8"
	}
}

func (g *Gen) chance(percent int) bool { return g.rng.IntN(100) < percent }

func (g *Gen) pick(of ...string) string { return of[g.rng.IntN(len(of))] }

// Citizen invents a person whose address belongs to nobody.
func (g *Gen) Citizen() Person {
	first, last := g.pick(firstNames...), g.pick(lastNames...)
	local := strings.ToLower(ascii.Replace(first) + "." + ascii.Replace(last))
	local = strings.ReplaceAll(strings.ReplaceAll(local, " ", ""), "'", "")
	return Person{
		Name:    first + " " + last,
		Address: fmt.Sprintf("%s%d@%s", local, g.rng.IntN(100), g.pick(domains...)),
	}
}
