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

// Phrase is a run of words in quotes. Look for the Words in the index column
// first, then for Text in the folded message, between blanks.
type Phrase struct {
	Text  string   // folded
	Words []string // stems
}

// Op is what a filter looks at.
type Op string

// The filters of the search box.
const (
	OpFrom    Op = "from"
	OpOffice  Op = "office"
	OpKind    Op = "kind"
	OpChannel Op = "channel"
	OpStatus  Op = "status"
	OpDue     Op = "due"
	OpNumber  Op = "number"
	OpCF      Op = "cf"
	OpHas     Op = "has"
	OpBefore  Op = "before"
	OpAfter   Op = "after"
)

// Filter is one operator with its value.
type Filter struct {
	Op Op
	// Value is trimmed and otherwise as typed, but: one of Options.Values where
	// the Op has any; 2026/000123 for a full OpNumber; upper case without blanks
	// for OpCF; "attachment" for OpHas; "today", "tomorrow", "week" (the next
	// seven days), "overdue" or "none" for OpDue, or empty when Day says it.
	Value string
	// Day is the date of OpBefore (the first day that no longer counts), OpAfter
	// (the first day that counts) and OpDue (that very day).
	Day Day
	Not bool
}

// Options tell the parser what it cannot know.
type Options struct {
	Today Day // for "oggi", "ieri" and dates without a year; may be zero
	// Values are the values that an operator takes, from each spelling people
	// use (any case, with or without accents) to the one that the program
	// uses. An operator without an entry takes any value.
	Values map[Op]map[string]string
}

// operators maps what people type to the Op. The English name comes first.
var operators = []struct {
	op    Op
	names []string
}{
	{OpFrom, []string{"from", "da"}},
	{OpOffice, []string{"office", "ufficio"}},
	{OpKind, []string{"kind", "tipo"}},
	{OpChannel, []string{"channel", "canale"}},
	{OpStatus, []string{"status", "stato"}},
	{OpDue, []string{"due", "scade"}},
	{OpNumber, []string{"number", "numero"}},
	{OpCF, []string{"cf"}},
	{OpHas, []string{"has", "ha"}},
	{OpBefore, []string{"before", "prima"}},
	{OpAfter, []string{"after", "dopo"}},
}

func operator(name string) (Op, bool) {
	for _, o := range operators {
		if slices.Contains(o.names, name) {
			return o.op, true
		}
	}
	return "", false
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
	p := parser{opt: opt}
	if len(text) > maxQuery {
		cut := maxQuery
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut]
		p.problem(Problem{Code: TooLong})
	}
	tokens, closed := lex(text)
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
	query    Query
	problems []Problem
	dropped  string // a term that gave no word
}

func (p *parser) problem(pr Problem) { p.problems = append(p.problems, pr) }

func (p *parser) empty() bool {
	q := &p.query
	return len(q.Words)+len(q.NotWords)+len(q.Phrases)+len(q.NotPhrases)+len(q.Filters) == 0
}

// term handles the first token, and the next one where "da: Lucia" was typed
// with a blank; it gives how many tokens it used.
func (p *parser) term(tokens []token) int {
	t := tokens[0]
	if t.name == "" {
		p.words(t)
		return 1
	}
	op, known := operator(Fold(t.name))
	if !known {
		if t.value != "" && !strings.HasPrefix(t.value, "//") && !scheme[Fold(t.name)] {
			p.problem(Problem{Code: UnknownOperator, Token: t.name, Suggest: nearest(Fold(t.name))})
		}
		p.words(token{value: t.name + " " + t.value, not: t.not})
		return 1
	}
	if t.value != "" {
		p.filter(op, t)
		return 1
	}
	if len(tokens) > 1 && tokens[1].name == "" && !tokens[1].not && !t.quoted {
		next := tokens[1]
		p.filter(op, token{name: t.name, value: next.value, not: t.not})
		return 2
	}
	p.problem(Problem{Code: MissingValue, Token: t.name})
	return 1
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
