// Package escpos prints numbers on the receipt printers of kiosks: ESC/POS over
// TCP, in code page 858, which has the euro sign and the Italian vowels (queue 3,
// row 28).
package escpos

import (
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// Slip is what stands on the paper of a number. There is no place for a class of
// precedence on it (queue 4.5).
type Slip struct {
	Town    string
	Site    string
	Label   string // "A 131"
	Service string
	Taken   string   // date and hour, in words
	Lines   []string // the wait, what comes next
	URL     string   // of the number's page, as a QR code; empty for none
	URLText string   // what stands below the code
}

// Columns of the two widths of paper, in the printer's font A.
const (
	Wide   = 48 // 80 mm
	Narrow = 32 // 58 mm
)

// The commands, as the ESC/POS reference names them.
var (
	initialise = []byte{0x1b, '@'}
	page858    = []byte{0x1b, 't', 19}
	centred    = []byte{0x1b, 'a', 1}
	bold       = []byte{0x1b, 'E', 1}
	light      = []byte{0x1b, 'E', 0}
	feedAndCut = []byte{0x1d, 'V', 66, 0}
	qrModel    = []byte{0x1d, '(', 'k', 4, 0, 49, 65, 50, 0}
	qrLevelM   = []byte{0x1d, '(', 'k', 3, 0, 49, 69, 49}
	qrPrint    = []byte{0x1d, '(', 'k', 3, 0, 49, 81, 48}
)

// size is GS !: so many times as wide and high, 1 to 8.
func size(times int) []byte { return []byte{0x1d, '!', byte((times-1)<<4 | (times - 1))} }

// Encode gives the bytes of a slip for paper of so many columns.
func Encode(s Slip, columns int) []byte {
	w := &writer{columns: columns}
	w.raw(initialise, page858, centred)
	w.lines(s.Town, s.Site)
	w.feed(1)
	label := clean(s.Label)
	w.raw(bold, size(max(1, min(8, columns/max(1, len(encode(label)))))))
	w.text(label)
	w.raw(size(1), light)
	w.feed(1)
	w.raw(bold)
	w.lines(s.Service)
	w.raw(light)
	w.lines(s.Taken)
	w.lines(s.Lines...)
	if s.URL != "" {
		w.feed(1)
		w.qr(s.URL)
		w.lines(s.URLText)
	}
	w.feed(1)
	w.raw(feedAndCut)
	return w.out
}

type writer struct {
	out     []byte
	columns int
}

func (w *writer) raw(parts ...[]byte) {
	for _, p := range parts {
		w.out = append(w.out, p...)
	}
}

func (w *writer) feed(n int) { w.raw([]byte(strings.Repeat("\n", n))) }

// text writes one line.
func (w *writer) text(s string) {
	w.raw(encode(s))
	w.feed(1)
}

// lines writes texts, each broken between words where it is wider than the paper.
func (w *writer) lines(texts ...string) {
	for _, t := range texts {
		line := ""
		for _, word := range strings.Fields(clean(t)) {
			for _, part := range split(word, w.columns) {
				switch {
				case line == "":
					line = part
				case len(encode(line))+1+len(encode(part)) <= w.columns:
					line += " " + part
				default:
					w.text(line)
					line = part
				}
			}
		}
		if line != "" {
			w.text(line)
		}
	}
}

// split breaks a word that is wider than the paper.
func split(word string, columns int) []string {
	var out []string
	runes := []rune(word)
	for len(runes) > columns {
		out = append(out, string(runes[:columns]))
		runes = runes[columns:]
	}
	return append(out, string(runes))
}

// qr stores a text and prints it as a code of modules that a telephone reads at
// arm's length.
func (w *writer) qr(text string) {
	module := byte(6)
	if w.columns < Wide {
		module = 4
	}
	n := len(text) + 3
	w.raw(qrModel, []byte{0x1d, '(', 'k', 3, 0, 49, 67, module}, qrLevelM)
	w.raw([]byte{0x1d, '(', 'k', byte(n), byte(n >> 8), 49, 80, 48}, []byte(text), qrPrint)
	w.feed(1)
}

// plain are signs that code page 858 lacks and that have one that will do.
var plain = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`, "„", `"`, "–", "-", "—", "-", "…", "...", "\u00a0", " ", "\u2009", " ", "œ", "oe", "Œ", "OE")

// clean takes out what would be a command to the printer.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, plain.Replace(s))
}

// encode writes a text in code page 858; a sign that it lacks is a question mark.
func encode(s string) []byte {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		b, ok := charmap.CodePage858.EncodeRune(r)
		if !ok {
			b = '?'
		}
		out = append(out, b)
	}
	return out
}
