package textfold

import (
	"slices"
	"strings"
)

// filter takes a token as an operator with a value.
func (p *parser) filter(op Op, t token) {
	f := Filter{Op: op, Value: t.value, Not: t.not}
	if values := p.opt.Values[op]; len(values) > 0 {
		v, ok := lookup(values, t.value)
		if !ok {
			p.problem(Problem{Code: BadValue, Token: t.name, Value: t.value, Allowed: spellings(values)})
			return
		}
		f.Value = v
	}
	switch op {
	case OpBefore, OpAfter:
		day, ok := readDay(t.value, p.opt.Today)
		if !ok {
			p.problem(Problem{Code: BadDate, Token: t.name, Value: t.value})
			return
		}
		f.Day, f.Value = day, ""
	case OpDue:
		if !p.due(&f, t) {
			return
		}
	case OpHas:
		switch Fold(t.value) {
		case "attachment", "attachments", "allegato", "allegati", "file":
			f.Value = "attachment"
		default:
			p.problem(Problem{Code: BadValue, Token: t.name, Value: t.value, Allowed: []string{"allegato", "attachment"}})
			return
		}
	case OpNumber:
		if n := caseNumber(t.value); n != "" {
			f.Value = n
		}
	case OpCF:
		f.Value = strings.ToUpper(strings.Join(strings.Fields(t.value), ""))
	}
	if !slices.Contains(p.query.Filters, f) {
		p.query.Filters = append(p.query.Filters, f)
	}
}

var dueWords = map[string]string{
	"oggi": "today", "today": "today",
	"domani": "tomorrow", "tomorrow": "tomorrow",
	"settimana": "week", "week": "week",
	"scaduto": "overdue", "scaduta": "overdue", "scaduti": "overdue", "scadute": "overdue", "overdue": "overdue",
	"mai": "none", "nessuna": "none", "none": "none", "never": "none",
}

func (p *parser) due(f *Filter, t token) bool {
	if w, ok := dueWords[Fold(t.value)]; ok {
		f.Value = w
		return true
	}
	day, ok := readDay(t.value, p.opt.Today)
	if !ok {
		p.problem(Problem{Code: BadDue, Token: t.name, Value: t.value})
		return false
	}
	f.Day, f.Value = day, ""
	return true
}

func lookup(values map[string]string, typed string) (string, bool) {
	typed = Fold(typed)
	for spelling, v := range values {
		if Fold(spelling) == typed {
			return v, true
		}
	}
	return "", false
}

func spellings(values map[string]string) []string {
	var out []string
	for s := range values {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
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
