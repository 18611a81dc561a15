package textfold

import (
	"fmt"
	"strings"
)

// Code names a kind of problem in a search.
type Code string

// The problems of a search.
const (
	UnknownOperator Code = "unknown_operator"
	MissingValue    Code = "missing_value"
	BadDate         Code = "bad_date"
	BadDue          Code = "bad_due"
	BadNumber       Code = "bad_number"
	BadValue        Code = "bad_value"
	OpenQuote       Code = "open_quote"
	OnlyCommon      Code = "only_common_words"
	TooLong         Code = "too_long"
)

// Problem is something in the search box that could not be followed.
type Problem struct {
	Code    Code
	Token   string   // the operator, or the words, as typed
	Value   string   // the value as typed
	Suggest string   // the operator or value that was probably meant, or empty
	Fixed   string   // the whole search with Suggest in its place, or empty
	Choices []Choice // the values that the operator takes
}

// Allowed are the values that could have been written, one spelling of each.
func (p Problem) Allowed(lang string) []string { return Spelled(p.Choices, lang) }

// Text says in the language ("en", else Italian) what was not followed and
// what to write. It holds what was typed: escape it like any other text.
func (p Problem) Text(lang string) string {
	it := lang != "en"
	switch p.Code {
	case UnknownOperator:
		s := fmt.Sprintf(pick(it, "«%s:» non è un filtro: ho cercato le parole. ", "“%s:” is not a filter: I searched for the words. "), p.Token)
		if p.Suggest != "" {
			return s + fmt.Sprintf(pick(it, "Forse volevi scrivere «%s:».", "Did you mean “%s:”?"), p.Suggest)
		}
		return s + pick(it, "I filtri sono: ", "The filters are: ") + operatorList(lang) + "."
	case MissingValue:
		return fmt.Sprintf(pick(it,
			"Dopo «%s:» manca il valore. Scrivi per esempio «%s».",
			"“%s:” has no value. Write for example “%s”."), p.Token, example(p.Token, lang))
	case BadDate:
		return fmt.Sprintf(pick(it,
			"«%[2]s» non è una data: ho cercato senza. Scrivi per esempio «%[1]s:21/11/2026» o «%[1]s:oggi».",
			"“%[2]s” is not a date: I searched without it. Write for example “%[1]s:2026-11-21” or “%[1]s:today”."), p.Token, p.Value)
	case BadNumber:
		return fmt.Sprintf(pick(it,
			"«%[2]s» non è il numero di una pratica: ho cercato le parole. Scrivi per esempio «%[1]s:2026/000123».",
			"“%[2]s” is not the number of a case: I searched for the words. Write for example “%[1]s:2026/000123”."), p.Token, p.Value)
	case BadDue, BadValue:
		return p.badValue(it, lang)
	case OpenQuote:
		return pick(it,
			"Manca la seconda virgoletta: ho cercato la frase fino alla fine. Chiudi la frase con \".",
			"The closing quote is missing: I searched for the words up to the end. Close the phrase with \".")
	case OnlyCommon:
		return fmt.Sprintf(pick(it,
			"«%s» è una parola che sta in quasi tutti i messaggi. Aggiungi una parola più precisa.",
			"“%s” stands in nearly every message. Add a more precise word."), p.Token)
	case TooLong:
		return pick(it,
			"La ricerca è troppo lunga: ho usato solo la prima parte. Bastano poche parole.",
			"The search is too long: I used the first part only. A few words are enough.")
	}
	return string(p.Code)
}

// mostListed is how many values a sentence names.
const mostListed = 12

func (p Problem) badValue(it bool, lang string) string {
	s := fmt.Sprintf(pick(it, "«%s:» non conosce «%s»: ho cercato senza questo filtro. ", "“%s:” does not know “%s”: I searched without this filter. "), p.Token, p.Value)
	if p.Suggest != "" {
		return s + fmt.Sprintf(pick(it, "Forse volevi scrivere «%s:%s».", "Did you mean “%s:%s”?"), p.Token, quoted(p.Suggest))
	}
	allowed := p.Allowed(lang)
	more := ""
	if len(allowed) > mostListed {
		allowed, more = allowed[:mostListed], ", …"
	}
	if p.Code == BadDue {
		more += pick(it, ", o una data come 21/11/2026", ", or a date like 2026-11-21")
	}
	return s + pick(it, "Puoi scrivere: ", "You can write: ") + strings.Join(allowed, ", ") + more + "."
}

func pick(it bool, italian, english string) string {
	if it {
		return italian
	}
	return english
}

func operatorList(lang string) string {
	list := make([]string, len(Operators))
	for i, o := range Operators {
		list[i] = o.In(lang).Names[0] + ":"
	}
	return strings.Join(list, " ")
}

// example is a term that can be written with the operator of that name, with the
// name as it was typed.
func example(name, lang string) string {
	o, _ := operator(name)
	_, value, _ := strings.Cut(o.In(lang).Examples[0], ":")
	return name + ":" + value
}
