package person

import (
	"slices"
	"strings"
)

// addressReader reads the tokens of an address from the front.
type addressReader struct {
	tokens []addressToken
	at     int
	out    Postal
}

// peek gives the text of the nth token from here, or "".
func (r *addressReader) peek(n int) string {
	if r.at+n < len(r.tokens) {
		return r.tokens[r.at+n].text
	}
	return ""
}

// skipCareOf leaves out "c/o Rossi," and "presso Rossi,".
func (r *addressReader) skipCareOf() {
	if r.peek(0) == "presso" || r.peek(0) == "c" && r.peek(1) == "o" && r.tokens[r.at+1].glued {
		r.skipToComma()
	}
}

// skipToComma moves to the next token that comes after a comma.
func (r *addressReader) skipToComma() {
	for r.at++; r.at < len(r.tokens) && !r.tokens[r.at].comma; r.at++ {
	}
}

// maxLead is how many words may come before the kind of street: "abito in via".
const maxLead = 3

// kind reads "via", "p.zza", "strada statale".
func (r *addressReader) kind() {
	if _, ok := streetKind[r.peek(0)]; !ok {
		for n := 1; n <= maxLead; n++ {
			// Only a word spelled out: a "v" may be anything.
			if w := r.peek(n); streetKind[w] == w && w != "" {
				r.at += n
				break
			}
		}
	}
	if k, ok := roadClass[r.peek(0)+" "+r.peek(1)]; ok {
		r.out.Kind = k
		r.at += 2
	} else if k, ok := streetKind[r.peek(0)]; ok && r.peek(1) != "" {
		r.out.Kind = k
		r.at++
	}
}

// street reads up to the civic number: "20 settembre" and "1 maggio" belong to
// the name, and so does what follows a road's class ("strada statale 71").
func (r *addressReader) street() {
	var words []string
	for ; r.at < len(r.tokens); r.at++ {
		w, next := r.peek(0), r.peek(1)
		if r.tokens[r.at].comma && len(words) > 0 {
			break
		}
		day := w
		if n, ok := romanDay[w]; ok {
			day = n
		}
		if isNumber(day) && months[next] {
			words = append(words, strings.TrimLeft(day, "0"))
			continue
		}
		road := len(words) == 0 && strings.HasPrefix(r.out.Kind, "strada ")
		unit := (w == "int" || w == "interno") && len(words) > 0
		if isNumber(w) && !road || civicMark(w) && isNumber(next) || noNumber(w) || unit && isNumber(next) {
			break
		}
		if w = placeWord(w); w != "" {
			words = append(words, w)
		}
	}
	r.out.Street = strings.Join(words, " ")
}

// placeWord drops the words that people leave out or add, and makes all saints alike.
func placeWord(w string) string {
	switch w {
	case "s", "san", "santo", "santa", "sant":
		return "san"
	case "ss", "santi", "santissima", "santissimo":
		return "santi"
	case "flli":
		return "fratelli"
	}
	if smallWords[w] {
		return ""
	}
	return w
}

// civic reads "n. 14/A", "14 bis", "km 12+300", "s.n.c.".
func (r *addressReader) civic() {
	if noNumber(r.peek(0)) {
		r.out.Civic = "snc"
		r.at++
		return
	}
	if r.peek(0) == "km" && isNumber(r.peek(1)) {
		r.out.Civic = "km " + r.peek(1)
		r.at += 2
		return
	}
	if civicMark(r.peek(0)) && isNumber(r.peek(1)) {
		r.at++
	}
	n := r.peek(0)
	if !isNumber(n) || len(n) >= capDigits {
		return // five digits are the CAP of an address without a number
	}
	r.out.Civic = withoutZeros(n)
	r.at++
	r.suffix()
}

const capDigits = 5

func withoutZeros(n string) string {
	if t := strings.TrimLeft(n, "0"); t != "" {
		return t
	}
	return n
}

// suffix reads what tells 14/A from 14. A small letter alone before another
// word is a preposition: "via Garibaldi 14 a Pontelieto".
func (r *addressReader) suffix() {
	if r.at >= len(r.tokens) {
		return
	}
	t, next := r.tokens[r.at], r.peek(1)
	last := next == "" || unitMarks[next] != "" || r.tokens[r.at+1].comma
	letter := len(t.text) == 1 && !isNumber(t.text)
	switch {
	case t.comma:
		return
	case t.glued && len(t.text) < capDigits && unitMarks[t.text] == "", numberSuffix[t.text], letter && (t.upper || last):
	case t.text == "rosso": // the red numbers of Florence and Genoa
		t.text = "r"
	default:
		return
	}
	r.out.Suffix = t.text
	r.at++
}

// rest reads the inside of the building and the place.
func (r *addressReader) rest() {
	var town []string
	for ; r.at < len(r.tokens); r.at++ {
		t, next := r.tokens[r.at], r.peek(1)
		field := r.unitField(t.text)
		switch {
		case field != nil && *field == "" && next != "":
			r.at++
			*field = r.unitValue()
		case next == "piano" && r.out.Floor == "" && (isNumber(t.text) || floorNumber[t.text] != ""):
			r.out.Floor = floorName(t.text) // "2° piano", "secondo piano"
			r.at++
		case len(t.text) == capDigits && isNumber(t.text) && r.out.CAP == "":
			r.out.CAP = t.text
		case isNumber(t.text), t.text == "italia", t.text == "italy", t.text == "cap" && isNumber(next):
		case t.text == "presso", streetKind[t.text] == "localita", streetKind[t.text] == "frazione":
			r.skipToComma() // beside the town, not instead of it
			r.at--
		case len(t.text) == 2 && len(town) > 0 && r.out.Province == "" && (t.comma || t.upper && next == ""):
			r.out.Province = t.text
		case len(town) == 0 && (t.text == "a" || t.text == "in"):
		default:
			if w := placeWord(t.text); w != "" {
				town = append(town, w)
			}
		}
	}
	r.out.Town = strings.Join(town, " ")
}

// unitValue reads "3", "b", "3/a" at the present token and stays on its last one.
func (r *addressReader) unitValue() string {
	v := floorName(r.peek(0))
	if r.at+1 < len(r.tokens) && r.tokens[r.at+1].glued && len(r.peek(1)) < capDigits {
		r.at++
		v += "/" + r.peek(0)
	}
	return v
}

// floorName writes "secondo" and "02" as "2".
func floorName(w string) string {
	if n := floorNumber[w]; n != "" {
		return n
	}
	return withoutZeros(w)
}

// unitField gives the field that a word announces, or nil.
func (r *addressReader) unitField(w string) *string {
	switch unitMarks[w] {
	case "unit":
		return &r.out.Unit
	case "stair":
		return &r.out.Stair
	case "floor":
		return &r.out.Floor
	case "building":
		return &r.out.Building
	}
	return nil
}

func civicMark(w string) bool {
	return slices.Contains([]string{"n", "nr", "num", "numero", "civico", "civ", "km"}, w)
}

func noNumber(w string) bool { return w == "snc" || w == "sn" }
