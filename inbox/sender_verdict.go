package inbox

import (
	"slices"
	"strings"

	"filodiretto/channels"
	"filodiretto/internal/likeness"
)

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

// Standing is what the findings of our own mail server say together of the domain
// in From, and of no other.
type Standing string

// The standings of a sender.
const (
	StandsUnchecked Standing = ""          // nothing was found, or nothing that speaks of this domain
	StandsConfirmed Standing = "confirmed" // the domain vouches for the message
	StandsDoubted   Standing = "doubted"   // the server says that it is not from there
	StandsUnclear   Standing = "unclear"   // what was found may be about another sender
	StandsUnlikely  Standing = "unlikely"  // the domain does not say that such mail is not its own, only that it hardly is
)

// Standing is what our own mail server found of the sender of a message.
func (m *Message) Standing() Standing {
	return standing(senderAddress(m.Sender), strings.Fields(m.Notes))
}

// senderAddress is the address in "Lucia Ferrante <lucia@posta.example>".
func senderAddress(sender string) string {
	if i := strings.LastIndexByte(sender, '<'); i >= 0 {
		return strings.TrimRight(sender[i+1:], "> ")
	}
	return sender
}

// standing reads the findings together. One that says that the sender is false
// counts for whatever domain it is; one that confirms counts only for the domain in
// From, and where a single address and no field twice leaves no doubt which that is
// (RFC 7489 section 3.1): DMARC first, then a signature of the domain.
func standing(from string, notes []string) Standing {
	several := slices.ContainsFunc(notes, severalFrom)
	alone := !several && !slices.Contains(notes, "name_is_another_address")
	about := func(v Verdict) bool { return aligned(v, from, alone) }
	dmarc, spf, dkim := verdicts(notes, "dmarc"), verdicts(notes, "spf"), verdicts(notes, "dkim")
	switch {
	case slices.ContainsFunc(dmarc, func(v Verdict) bool { return v.Result == "fail" }):
		return StandsDoubted
	case slices.Contains(notes, "auth_unreadable"), several && len(dmarc)+len(spf)+len(dkim) > 0:
		return StandsUnclear
	case slices.ContainsFunc(dmarc, func(v Verdict) bool { return v.Result == "pass" && !about(v) }):
		return StandsUnclear // the server looked at another From than we show
	}
	vouched := slices.ContainsFunc(dmarc, passes) || slices.ContainsFunc(dkim, func(v Verdict) bool { return passes(v) && v.Domain != "" && about(v) })
	switch {
	case vouched && slices.ContainsFunc(notes, twice):
		return StandsUnchecked // nobody can say which of the fields was vouched for
	case vouched:
		return StandsConfirmed
	case slices.ContainsFunc(dmarc, func(v Verdict) bool { return v.Result != "none" }):
		return StandsUnchecked
	case slices.ContainsFunc(spf, func(v Verdict) bool { return v.Result == "fail" && about(v) }):
		return StandsDoubted
	case slices.ContainsFunc(spf, func(v Verdict) bool { return v.Result == "softfail" && about(v) }):
		return StandsUnlikely // also mail that somebody forwarded is: it raises no alarm
	}
	return StandsUnchecked
}

func passes(v Verdict) bool { return v.Result == "pass" }

// aligned reports whether a finding is about the domain of an address; one that
// names no domain is, where there is but one address that it may mean.
func aligned(v Verdict, address string, alone bool) bool {
	if v.Domain == "" {
		return alone
	}
	return likeness.SameHolder(v.Domain, mailDomain(address))
}

// severalFrom reports whether a remark says that a mail gives more than one sender.
func severalFrom(note string) bool { return note == "several_from" || note == "twice:from" }

func twice(note string) bool { return strings.HasPrefix(note, "twice:") }

// untrusted reports whether our own mail server speaks against a mail being its
// sender's, so that it joins nobody's case by itself (inbox.md 4.2).
func untrusted(it *channels.Item) bool {
	if it.From.Kind != "email" {
		return false
	}
	s := standing(it.From.Value, it.Notes)
	return s == StandsDoubted || s == StandsUnclear
}
