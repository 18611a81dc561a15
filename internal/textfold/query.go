package textfold

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Query is what the search box asks for. Everything in it must hold at once;
// several filters of the same Op that are not negated mean any of them.
type Query struct {
	Words      []string // stems that must all occur in the index column
	NotWords   []string // stems that must not occur
	Phrases    []Phrase // runs of words that must occur as written
	NotPhrases []Phrase
	Filters    []Filter
	// Hints are what a free word looks like besides: a case number or a codice
	// fiscale. They do not narrow the search; they let the page offer the case
	// or the person at once.
	Hints []Filter
}

// Excludes reports whether the query says what must not occur.
func (q Query) Excludes() bool { return len(q.NotWords)+len(q.NotPhrases) > 0 }

// Phrase is a run of words in quotes. Look for the Words in the index column
// first, then for Text in the folded message, between blanks.
type Phrase struct {
	Text  string   // folded
	Words []string // stems
}

// Filter is one operator with its value.
type Filter struct {
	Op Op
	// Value is trimmed and otherwise as typed, but: one of Choice.Value where the
	// Op has any; 2026/000123 for a full OpNumber; upper case without blanks for
	// OpCF; empty when Day or End says it.
	Value string
	// Day is the first day that counts (OpAfter, OpDue), or for OpBefore the
	// first that no longer does. End is the first day after those of OpDue. Either
	// may be missing in OpDue, not both.
	Day, End Day
	Not      bool
}

// Options tell the parser what it cannot know.
type Options struct {
	Today Day // for "oggi", "ieri" and dates without a year; may be zero
	// Choices are the values that an operator takes beside those that it has of
	// itself. An operator without any takes any value.
	Choices map[Op][]Choice
}

// maxTerms bounds how much one search may ask of the database, and maxQuery
// how many bytes are read.
const (
	maxTerms = 40
	maxQuery = 4096
)

// Parse reads the search box. It always gives a query that can be run; what it
// could not follow is told in problems, each with a remedy, and is searched as
// words or left out.
func Parse(text string, opt Options) (Query, []Problem) {
	p := parser{opt: opt, text: text}
	if len(text) > maxQuery {
		cut := maxQuery
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		p.text = text[:cut]
		p.problem(Problem{Code: TooLong})
	}
	tokens, closed := lex(p.text)
	if !closed {
		p.problem(Problem{Code: OpenQuote, Token: tokens[len(tokens)-1].value})
	}
	if len(tokens) > maxTerms {
		p.problem(Problem{Code: TooLong, Token: tokens[maxTerms].value})
		tokens = tokens[:maxTerms]
	}
	for len(tokens) > 0 {
		tokens = tokens[p.term(tokens):]
	}
	if p.empty() && p.dropped != "" {
		p.problem(Problem{Code: OnlyCommon, Token: p.dropped})
	}
	return p.query, p.problems
}

type parser struct {
	opt      Options
	text     string
	query    Query
	problems []Problem
	dropped  string // a term that gave no word
}

func (p *parser) problem(pr Problem) { p.problems = append(p.problems, pr) }

func (p *parser) empty() bool {
	q := &p.query
	return len(q.Words)+len(q.NotWords)+len(q.Phrases)+len(q.NotPhrases)+len(q.Filters) == 0
}

// term handles the first token, and those after it that belong to its value; it
// gives how many tokens it used.
func (p *parser) term(tokens []token) int {
	t := tokens[0]
	if t.name == "" {
		p.words(t)
		return 1
	}
	o, known := operator(t.name)
	if !known {
		if t.value != "" && !strings.HasPrefix(t.value, "//") && !scheme[Fold(t.name)] {
			meant := nearestOperator(t.name)
			p.problem(Problem{Code: UnknownOperator, Token: t.name, Suggest: meant, Fixed: p.fixed(t, meant, t.value)})
		}
		p.words(token{value: t.name + " " + t.value, not: t.not})
		return 1
	}
	t, used := p.value(o, tokens)
	if t.value == "" {
		p.problem(Problem{Code: MissingValue, Token: t.name})
		return 1
	}
	p.filter(o, t)
	return used
}

// longestValue is how many words without quotes one value may have: "in attesa
// del cittadino".
const longestValue = 4

// value takes the words after an operator that are its value: the next one where
// a blank was typed after the colon or a comparison, and as many as spell one of
// its values.
func (p *parser) value(o Operator, tokens []token) (token, int) {
	t, used := tokens[0], 1
	plain := func(i int) bool {
		return i < len(tokens) && tokens[i].name == "" && !tokens[i].not && tokens[i].value != ""
	}
	for comparison(t.value) == t.value && !t.quoted && plain(used) {
		next := tokens[used]
		t.value, t.quoted, t.end = t.value+next.value, next.quoted, next.end
		used++
	}
	if t.quoted || t.value == "" {
		return t, used
	}
	choices, value, first := p.choices(o), t.value, used
	for n := first; n < first+longestValue-1 && plain(n) && !tokens[n].quoted; n++ {
		value += " " + tokens[n].value
		if _, ok := exact(choices, Fold(value)); ok {
			t.value, t.end, used = value, tokens[n].end, n+1
		}
	}
	return t, used
}

// fixed is the whole text with one term written as it was probably meant.
func (p *parser) fixed(t token, name, value string) string {
	if name == "" || value == "" {
		return ""
	}
	sign := ""
	if t.not {
		sign = "-"
	}
	return p.text[:t.start] + sign + name + ":" + quoted(value) + p.text[t.end:]
}

// scheme holds what stands before a colon in an address and is no operator.
var scheme = map[string]bool{"http": true, "https": true, "mailto": true, "tel": true}

// words takes a token as free words, a phrase or their exclusion.
func (p *parser) words(t token) {
	stems := Words(t.value)
	if len(stems) == 0 {
		if Fold(t.value) != "" {
			p.dropped = t.value
		}
		return
	}
	q := &p.query
	// "-e-mail" excludes the run of words, not each of them.
	phrase := Phrase{Fold(t.value), stems}
	switch {
	case t.not && (t.quoted || len(stems) > 1):
		q.NotPhrases = append(q.NotPhrases, phrase)
		return
	case t.quoted:
		q.Phrases = append(q.Phrases, phrase)
		return
	}
	into := &q.Words
	if t.not {
		into = &q.NotWords
	}
	for _, w := range stems {
		if !slices.Contains(*into, w) {
			*into = append(*into, w)
		}
	}
	if !t.not {
		p.hint(t.value)
	}
}

func (p *parser) hint(value string) {
	var h Filter
	if n := caseNumber(value); n != "" {
		h = Filter{Op: OpNumber, Value: n}
	} else if cf := strings.ToUpper(value); looksLikeCF(cf) {
		h = Filter{Op: OpCF, Value: cf}
	} else {
		return
	}
	if !slices.Contains(p.query.Hints, h) {
		p.query.Hints = append(p.query.Hints, h)
	}
}
