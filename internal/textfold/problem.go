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
	Suggest string   // the operator that was probably meant, or empty
	Allowed []string // the values that the operator takes, sorted
}

// Text says in the language ("en", else Italian) what was not followed and
// what to write. It holds what was typed: escape it like any other text.
func (p Problem) Text(lang string) string {
	it := lang != "en"
	switch p.Code {
	case UnknownOperator:
		s := pick(it, "«%s:» non è un filtro: ho cercato le parole. ", "“%s:” is not a filter: I searched for the words. ")
		s = fmt.Sprintf(s, p.Token)
		if p.Suggest != "" {
			return s + fmt.Sprintf(pick(it, "Forse volevi scrivere «%s:».", "Did you mean “%s:”?"), p.Suggest)
		}
		return s + pick(it, "I filtri sono: ", "The filters are: ") + operatorList(it) + "."
	case MissingValue:
		return fmt.Sprintf(pick(it,
			"Dopo «%[1]s:» manca il valore. Scrivi per esempio «%[1]s:%[2]s».",
			"“%[1]s:” has no value. Write for example “%[1]s:%[2]s”."), p.Token, example(p.Token, it))
	case BadDate:
		return fmt.Sprintf(pick(it,
			"«%[2]s» non è una data. Scrivi per esempio «%[1]s:21/11/2026» o «%[1]s:oggi».",
			"“%[2]s” is not a date. Write for example “%[1]s:2026-11-21” or “%[1]s:today”."), p.Token, p.Value)
	case BadDue:
		return fmt.Sprintf(pick(it,
			"«%[2]s» non è una scadenza. Scrivi una data, oppure «%[1]s:oggi», «%[1]s:settimana» o «%[1]s:scaduti».",
			"“%[2]s” is not a due date. Write a date, or “%[1]s:today”, “%[1]s:week” or “%[1]s:overdue”."), p.Token, p.Value)
	case BadValue:
		return fmt.Sprintf(pick(it,
			"«%s:» non conosce «%s». Puoi scrivere: %s.",
			"“%s:” does not know “%s”. You can write: %s."), p.Token, p.Value, strings.Join(p.Allowed, ", "))
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

func pick(it bool, italian, english string) string {
	if it {
		return italian
	}
	return english
}

func operatorList(it bool) string {
	var names []string
	for _, o := range operators {
		name := o.names[0]
		if it {
			name = o.names[len(o.names)-1]
		}
		names = append(names, name+":")
	}
	return strings.Join(names, " ")
}

// example gives a value that the operator takes.
func example(name string, it bool) string {
	op, _ := operator(Fold(name))
	switch op {
	case OpFrom:
		return "lucia"
	case OpOffice:
		return "tributi"
	case OpKind:
		return pick(it, "reclamo", "complaint")
	case OpChannel:
		return "telegram"
	case OpStatus:
		return pick(it, "aperta", "open")
	case OpNumber:
		return "2026/000123"
	case OpCF:
		return "RSSMRA85T10A562S"
	case OpHas:
		return pick(it, "allegato", "attachment")
	}
	return pick(it, "oggi", "today")
}

// nearest gives the operator that a mistyped name was meant for, or "".
func nearest(name string) string {
	var names []string
	for _, o := range operators {
		names = append(names, o.names...)
	}
	return Nearest(name, names)
}
