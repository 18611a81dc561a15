package textfold

import (
	"slices"
	"strings"
)

// filter takes a token as an operator with a value.
func (p *parser) filter(o Operator, t token) {
	f := Filter{Op: o.Op, Value: t.value, Not: t.not}
	switch {
	case o.Op == OpDue:
		if !p.due(&f, o, t) {
			return
		}
	case o.Op == OpBefore || o.Op == OpAfter:
		day, _, ok := readDays(t.value, p.opt.Today)
		if !ok {
			p.problem(Problem{Code: BadDate, Token: t.name, Value: t.value})
			return
		}
		f.Day, f.Value = day, ""
	case o.Op == OpNumber:
		if f.Value = anyCaseNumber(t.value); f.Value == "" {
			p.problem(Problem{Code: BadNumber, Token: t.name, Value: t.value})
			p.words(token{value: t.value, quoted: t.quoted, not: t.not})
			return
		}
	case o.Op == OpCF:
		f.Value = strings.ToUpper(strings.Join(strings.Fields(t.value), ""))
	default:
		p.chosen(o, t)
		return
	}
	p.add(f)
}

func (p *parser) add(f Filter) {
	if !slices.Contains(p.query.Filters, f) {
		p.query.Filters = append(p.query.Filters, f)
	}
}

// chosen takes a value that the operator knows, or any where it knows none. A
// part of a name may mean several.
func (p *parser) chosen(o Operator, t token) {
	values := p.match(o, t.value)
	if len(values) == 0 && p.takesAny(o) {
		values = []string{t.value}
	}
	if len(values) == 0 {
		choices := p.choices(o)
		meant := nearestChoice(choices, t.value)
		p.problem(Problem{Code: BadValue, Token: t.name, Value: t.value, Suggest: meant, Choices: choices, Fixed: p.fixed(t, t.name, meant)})
	}
	for _, v := range values {
		p.add(Filter{Op: o.Op, Value: v, Not: t.not})
	}
}

// comparison is the sign before a date: "<=12/11". It is empty where there is none.
func comparison(value string) string {
	for _, sign := range []string{"<=", ">=", "≤", "≥", "<", ">", "="} {
		if strings.HasPrefix(value, sign) {
			return sign
		}
	}
	return ""
}

// due reads when something is due: a word, a day, a month, or one with a sign
// before it. "entro:12/11" is "due on the twelfth or before".
func (p *parser) due(f *Filter, o Operator, t token) bool {
	sign := comparison(t.value)
	day := strings.TrimSpace(t.value[len(sign):])
	if v, ok := exact(p.choices(o), Fold(day)); ok && sign == "" {
		f.Value = v
		return true
	}
	from, to, ok := readDays(day, p.opt.Today)
	if !ok {
		meant := nearestChoice(p.choices(o), day)
		p.problem(Problem{Code: BadDue, Token: t.name, Value: t.value, Suggest: meant, Choices: p.choices(o), Fixed: p.fixed(t, t.name, meant)})
		return false
	}
	if sign == "" && Fold(t.name) == "entro" {
		sign = "<="
	}
	f.Value = ""
	switch sign {
	case "<":
		f.End = from
	case "<=", "≤":
		f.End = to
	case ">":
		f.Day = to
	case ">=", "≥":
		f.Day = from
	default:
		f.Day, f.End = from, to
	}
	return true
}

// anyCaseNumber reads a whole number of a case, or its part within a year
// without the zeros before it; "" for anything else.
func anyCaseNumber(s string) string {
	if n := caseNumber(s); n != "" {
		return n
	}
	s = strings.TrimPrefix(s, "#")
	if len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return strings.TrimLeft(s, "0")
}

// caseNumber gives 2026/000123 for 2026/123, 2026-000123 and the like, or "".
func caseNumber(s string) string {
	year, serial, ok := strings.Cut(strings.TrimPrefix(s, "#"), "/")
	if !ok {
		year, serial, ok = strings.Cut(year, "-")
	}
	if !ok || len(year) != 4 || year[:2] != "20" || len(serial) == 0 || len(serial) > 9 ||
		strings.Trim(year+serial, "0123456789") != "" {
		return ""
	}
	serial = strings.TrimLeft(serial, "0")
	return year + "/" + strings.Repeat("0", max(6-len(serial), 0)) + serial
}

// looksLikeCF reports whether an upper-case word has the shape of the code of a
// person; whether it checks is for package fiscalcode to say.
func looksLikeCF(s string) bool {
	if len(s) != 16 {
		return false
	}
	for i := range len(s) {
		letter := s[i] >= 'A' && s[i] <= 'Z'
		digit := s[i] >= '0' && s[i] <= '9'
		fixed := i < 6 || i == 8 || i == 11 || i == 15
		if fixed && !letter || !letter && !digit {
			return false
		}
	}
	return true
}
