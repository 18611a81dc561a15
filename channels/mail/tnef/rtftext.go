package tnef

import (
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// Text is what people read in RTF: letters, line ends and tabs, without fonts,
// pictures and the HTML that Outlook hides in it.
func Text(rtf []byte) string {
	t := texter{skip: []bool{false}, wide: 1}
	for i := 0; i < len(rtf); {
		switch c := rtf[i]; c {
		case '{':
			if len(t.skip) > 1000 {
				return t.out.String()
			}
			t.skip = append(t.skip, t.skip[len(t.skip)-1])
			i++
		case '}':
			if len(t.skip) > 1 {
				t.skip = t.skip[:len(t.skip)-1]
			}
			i++
		case '\\':
			i = t.control(rtf, i+1)
		case '\r', '\n':
			i++
		default:
			t.letter(charmap.Windows1252.DecodeByte(c))
			i++
		}
	}
	return t.out.String()
}

// texter keeps for each open group whether its text is left out.
type texter struct {
	out     strings.Builder
	skip    []bool
	pending int // letters that follow a Unicode one, for programs that know none
	wide    int // how many these are
}

func (t *texter) letter(r rune) {
	if t.pending > 0 {
		t.pending--
		return
	}
	if !t.skip[len(t.skip)-1] {
		t.out.WriteRune(r)
	}
}

// hidden are groups that hold no text.
var hidden = map[string]bool{
	"fonttbl": true, "colortbl": true, "stylesheet": true, "info": true, "pict": true, "object": true, "htmltag": true,
	"mhtmltag": true, "header": true, "footer": true, "generator": true, "listtable": true, "listoverridetable": true,
}

// control reads a control word at i and says where it ends.
func (t *texter) control(rtf []byte, i int) int {
	if i >= len(rtf) {
		return i
	}
	if c := rtf[i]; c < 'a' || c > 'z' {
		return t.symbol(rtf, i)
	}
	start := i
	for i < len(rtf) && rtf[i] >= 'a' && rtf[i] <= 'z' {
		i++
	}
	word, digits := string(rtf[start:min(i, start+32)]), i
	for i < len(rtf) && (rtf[i] >= '0' && rtf[i] <= '9' || rtf[i] == '-' && i == digits) {
		i++
	}
	n, err := strconv.Atoi(string(rtf[digits:min(i, digits+11)]))
	if i < len(rtf) && rtf[i] == ' ' {
		i++
	}
	switch {
	case word == "par" || word == "line" || word == "row":
		t.letter('\n')
	case word == "tab" || word == "cell":
		t.letter('\t')
	case word == "htmlrtf":
		t.skip[len(t.skip)-1] = err != nil || n != 0
	case word == "uc" && err == nil && n >= 0 && n < 10:
		t.wide = n
	case word == "u" && err == nil:
		t.letter(rune(uint16(n)))
		t.pending = t.wide
	case hidden[word]:
		t.skip[len(t.skip)-1] = true
	}
	return i
}

// symbol reads a control of one sign.
func (t *texter) symbol(rtf []byte, i int) int {
	switch rtf[i] {
	case '\'':
		if i+2 < len(rtf) {
			if n, err := strconv.ParseUint(string(rtf[i+1:i+3]), 16, 8); err == nil {
				t.letter(charmap.Windows1252.DecodeByte(byte(n)))
			}
			return i + 3
		}
		return len(rtf)
	case '*':
		t.skip[len(t.skip)-1] = true // a group that older programs may pass over
	case '~':
		t.letter(' ')
	case '\\', '{', '}':
		t.letter(rune(rtf[i]))
	}
	return i + 1
}
