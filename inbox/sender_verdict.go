package inbox

import "strings"

// Verdict is what the account's own mail server found of a sender (mail rule 51).
type Verdict struct {
	Method string // "spf", "dkim", "dmarc", "arc"
	Result string // "pass", "fail", "softfail", "none", ...
	Domain string // that was looked at, "" where the server does not say
}

// Verdicts are those among the remarks on a message.
func (m *Message) Verdicts() []Verdict {
	var out []Verdict
	for _, method := range []string{"dmarc", "spf", "dkim", "arc"} {
		out = append(out, verdicts(strings.Fields(m.Notes), method)...)
	}
	return out
}

// verdicts are those of one method, as the mail channel notes them.
func verdicts(notes []string, method string) (out []Verdict) {
	for _, n := range notes {
		if rest, ok := strings.CutPrefix(n, method+":"); ok {
			result, domain, _ := strings.Cut(rest, "/")
			out = append(out, Verdict{method, result, domain})
		}
	}
	return out
}

// verdictOf is the first of a method, or none.
func verdictOf(notes []string, method string) Verdict {
	if list := verdicts(notes, method); len(list) > 0 {
		return list[0]
	}
	return Verdict{}
}
