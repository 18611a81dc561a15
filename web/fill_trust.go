package web

import (
	"cmp"
	"slices"
	"strings"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/likeness"
	"filodiretto/web/page"
)

// senderCheck is what is known of where a mail on a case comes from; nil where
// nothing is. What our own mail server found counts before what the signatures say,
// and each only for the domain of the sender who is shown (RFC 7489 section 3.1).
func senderCheck(cv *inbox.CaseView, m *inbox.Message) *page.SenderCheck {
	if m.Direction != inbox.In || m.Channel != "mail" {
		return nil
	}
	x := &page.SenderCheck{Domain: domainIn(m.Sender), Doubtful: slices.ContainsFunc(cv.Lookalikes[m.ID], func(l inbox.Lookalike) bool { return l.Alarm && l.Decision != "fine" })}
	for _, v := range m.Verdicts() {
		x.Server = append(x.Server, page.Finding{Method: strings.ToUpper(v.Method), Result: v.Result, Domain: v.Domain})
	}
	c := cv.Checks[m.RawID]
	if c != nil {
		x.At = c.CheckedAt
		for _, s := range c.Details() {
			x.Signatures = append(x.Signatures, page.Finding{Method: "DKIM", Result: string(s.Outcome), Domain: s.Domain, Reason: s.Reason})
		}
	}
	via := otherSigner(x)
	switch standing := m.Standing(); {
	case standing == inbox.StandsDoubted:
		x.State = page.SenderDoubted
	case standing == inbox.StandsUnclear:
		x.State = page.SenderUnclear
	case standing == inbox.StandsConfirmed, c != nil && c.Outcome == string(channels.CheckPass) && c.Aligned:
		x.State = page.SenderConfirmed
	case via != "":
		x.State, x.Domain = page.SenderVia, via
	case standing == inbox.StandsUnlikely:
		x.State = page.SenderUnlikely
	case c != nil:
		x.State, x.Domain = signedState(c), c.Domain
	}
	if x.State == page.SenderUnknown {
		return nil
	}
	return x
}

// otherSigner is the domain of another than the sender that vouches for the mail, as
// lists and mailing programs do; "" where none does.
func otherSigner(x *page.SenderCheck) string {
	for _, v := range slices.Concat(x.Server, x.Signatures) {
		if v.Method == "DKIM" && v.Result == "pass" && v.Domain != "" && !likeness.SameHolder(v.Domain, x.Domain) {
			return v.Domain
		}
	}
	return ""
}

func signedState(c *inbox.SenderCheck) page.SenderState {
	switch channels.CheckOutcome(c.Outcome) {
	case channels.CheckPass:
		return page.SenderVia
	case channels.CheckFail:
		return page.SenderChanged
	case channels.CheckTemporary:
		return page.SenderSilent
	case channels.CheckNone:
		return page.SenderUnknown
	}
	return page.SenderWaiting
}

// domainIn is the domain of the address in "Lucia Ferrante <lucia@posta.example>".
func domainIn(sender string) string {
	address := addressIn(sender)
	return address[strings.LastIndexByte(address, '@')+1:]
}

// addressIn is that address.
func addressIn(sender string) string {
	_, address := partSender(sender)
	return address
}

// alikes are the remarks on the sender of a message.
func (f *filling) alikes(m *inbox.Message) []page.Alike {
	var out []page.Alike
	for _, l := range f.cv.Lookalikes[m.ID] {
		if l.Decision == "fine" {
			continue
		}
		x := page.Alike{ID: l.ID, Number: f.k.Ref(), Kind: l.Kind, Likes: l.Likes, Address: addressIn(m.Sender), Alarm: l.Alarm, MayJudge: f.c.mayWork(f.k)}
		x.Sealed = l.Kind == "forged" && m.CertifiedBy() != nil
		if l.Kind == "citizen" && f.c.may().People {
			x.PersonURL = "/people/" + formatID(l.AboutID)
		}
		if l.Decision == "false" {
			x.FalseBy, x.FalseAt = f.c.operator(l.DecidedBy), l.DecidedAt
		}
		out = append(out, x)
	}
	return out
}

// alikeNote is the newest alarm about a sender that nobody found to be fine. One that
// was found to be false stays: that is no reason to answer.
func (f *filling) alikeNote() *page.AlikeNote {
	for i := len(f.cv.Entries) - 1; i >= 0; i-- {
		m := f.cv.Entries[i].Message
		if m == nil {
			continue
		}
		for _, x := range f.alikes(m) {
			if x.Alarm {
				return &page.AlikeNote{Alike: x, MessageID: m.ID}
			}
		}
	}
	return nil
}

// forwarded are the offers to take the first writer of a mail for the case's person.
func (f *filling) forwarded() []page.Forwarded {
	if !f.c.mayWork(f.k) || f.k.MergedInto > 0 {
		return nil
	}
	var out []page.Forwarded
	for i := range f.cv.Entries {
		m := f.cv.Entries[i].Message
		if m == nil {
			continue
		}
		if fw := f.cv.Forwards[m.ID]; fw != nil && fw.State == "open" {
			out = append(out, page.Forwarded{
				Number: f.k.Ref(), MessageID: m.ID, Colleague: senderName(m.Sender), Name: cmp.Or(fw.Known, fw.Name), Address: fw.Address, Attached: fw.Found == "attached",
			})
		}
	}
	return out
}

// trustVersion grows with what becomes known of a message's sender.
func (f *filling) trustVersion(m *inbox.Message) int64 {
	var v int64
	if c := f.cv.Checks[m.RawID]; c != nil {
		v += int64(c.CheckedAt)
	}
	for _, l := range f.cv.Lookalikes[m.ID] {
		v += 1 + int64(l.DecidedAt)
	}
	return v
}
