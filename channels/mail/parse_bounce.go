package mail

import (
	"regexp"
	"slices"
	"strings"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
)

// bounceText bounds how much of a message is looked at for the patterns below.
const bounceText = 16 << 10

// Signs of a bounce in plain words (mail rule 61). They are looked for only in
// mail of a daemon or with an empty return path.
var (
	bounceSubject = regexp.MustCompile(`(?i)undeliver|delivery (?:status notification|failure|has failed|report)|` +
		`mail delivery (?:failed|system|subsystem)|returned mail|failure notice|non recapitabil|mancat[ao] (?:recapito|consegna)|` +
		`recapito non riuscito|messaggio non (?:consegnato|recapitato)|impossibile (?:recapitare|consegnare)|errore (?:di|nella) (?:consegna|recapito)|unzustellbar|delayed|in ritardo`)
	bounceBody = regexp.MustCompile(`(?i)this is the (?:qmail-send program|mail system at host)|` +
		`i'm afraid i wasn't able to deliver|i wasn't able to deliver|` +
		`did not reach (?:some or all of )?the (?:intended|following) recipient|` +
		`could not be delivered to|your message (?:couldn['’]t be|could not be|cannot be|wasn['’]t|was not) delivered|` +
		`a message that you sent could not be delivered|delivery to the following recipients? (?:failed|has been delayed)|` +
		`impossibile (?:recapitare|consegnare) il messaggio|messaggio non (?:è stato )?(?:recapitato|consegnato)|` +
		`recapito non riuscito (?:a|per)|non è stato possibile (?:recapitare|consegnare)`)
	delayedWords = regexp.MustCompile(`(?i)\bdelayed\b|has not (?:yet )?been (?:able|delivered)|still (?:being|in the) |will (?:be|keep) (?:retr|try)|` +
		`in ritardo|non è ancora stat|nuovi tentativi|ulteriori tentativi|no action is required`)

	enhancedCode = regexp.MustCompile(`(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.(?:\D|$)|$)`)
	replyCode    = regexp.MustCompile(`(?:^|[\s(#:;-])([45]\d\d)[\s)-]`)
	mailAddress  = regexp.MustCompile(`[\pL\pN._%+=/'-]{1,64}@[\pL\pN.-]{1,190}\.[\pL]{2,24}`)
	quotedID     = regexp.MustCompile(`(?im)^[> \t]*Message-ID:\s*<([^<>\s]{3,300})>`)
)

// looksLikeBounce finds reports that do not follow the standard: qmail,
// Exchange and providers' texts. They are marked as not confident.
func (p *parsing) looksLikeBounce() {
	if p.item.Kind == channels.Own || !p.daemon() {
		return
	}
	text := p.item.Text[:min(len(p.item.Text), bounceText)]
	failed := p.failedHeader()
	if len(failed) == 0 && !(bounceSubject.MatchString(p.item.Subject) || bounceBody.MatchString(text)) {
		return
	}
	if len(failed) == 0 {
		failed = p.namedAddresses(text)
	}
	code := statusCode(text)
	state, permanent := "failed", !strings.HasPrefix(code, "4.") && code != "5.2.2"
	if delayedWords.MatchString(p.item.Subject) || delayedWords.MatchString(text) && !strings.HasPrefix(code, "5.") {
		state, permanent = "delayed", false
	}
	if len(failed) == 0 {
		failed = []string{""}
	}
	id := p.bouncedID(text)
	p.item.System = p.system()
	for _, addr := range failed {
		p.item.Reports = append(p.item.Reports, channels.DeliveryReport{
			MessageID: id, Recipient: addr, State: state, Permanent: permanent, Code: code, Text: words(reasonLine(text, code)),
		})
	}
	p.item.Auto = channels.DSN
	p.note("bounce_by_pattern")
}

// daemon reports whether the message comes from a mail system, not a person.
func (p *parsing) daemon() bool {
	return p.item.Auto == channels.DSN || p.msg.Header.Has("X-Failed-Recipients") || p.system()
}

// system reports whether a mail system sent it by its looks: the envelope sender is
// empty, or a daemon is in From.
func (p *parsing) system() bool {
	if p.fromNobody() {
		return true
	}
	local, _, _ := strings.Cut(p.item.From.Value, "@")
	if local == "" {
		local = strings.ToLower(p.item.From.Display)
	}
	return strings.HasPrefix(local, "mailer-daemon") || strings.HasPrefix(local, "mail-daemon") || local == "postmaster" ||
		strings.HasPrefix(local, "mail delivery") || strings.HasPrefix(local, "microsoftexchange")
}

// failedHeader is what Exim and Gmail say in a header.
func (p *parsing) failedHeader() []string {
	var out []string
	for _, v := range p.msg.Header.Values("X-Failed-Recipients") {
		list, _ := rfc822.ParseAddresses(v, "", 100)
		for _, a := range list {
			if a.Addr != "" && !slices.Contains(out, a.Addr) {
				out = append(out, a.Addr)
			}
		}
	}
	return out
}

// namedAddresses are the addresses in the explaining text, above the returned
// message: neither ours nor the daemon's.
func (p *parsing) namedAddresses(text string) []string {
	for _, mark := range []string{
		"--- Below this line", "Original message", "Messaggio originale", "\nReceived: ", "\nReturn-Path: ",
		"------ This is a copy",
	} {
		if i := strings.Index(text, mark); i > 0 {
			text = text[:i]
		}
	}
	var out []string
	for _, found := range mailAddress.FindAllString(text, 20) {
		addr, ok := rfc822.NormalizeAddress(found)
		if !ok || addr == p.item.From.Value || slices.Contains(out, addr) {
			continue
		}
		if _, own := p.own.match(addr); own {
			continue
		}
		out = append(out, addr)
	}
	return out
}

// bouncedID finds our Message-ID in the returned message, attached or quoted.
func (p *parsing) bouncedID(text string) string {
	if id := p.returnedID(); id != "" {
		return id
	}
	if m := quotedID.FindStringSubmatch(text); m != nil {
		return rfc822.NormalizeID(m[1])
	}
	return ""
}

// statusCode is the enhanced code in a text, or one made of the plain reply
// code: 550 becomes 5.0.0.
func statusCode(s string) string {
	s = s[:min(len(s), bounceText)]
	if m := enhancedCode.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	if m := replyCode.FindStringSubmatch(" " + s + " "); m != nil {
		switch m[1] {
		case "550", "551", "553":
			return m[1][:1] + ".1.0"
		case "552", "452":
			return m[1][:1] + ".2.2"
		default:
			return m[1][:1] + ".0.0"
		}
	}
	return ""
}

// reasonLine is the line of the text that gives the reason.
func reasonLine(text, code string) string {
	best := ""
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if code != "" && strings.Contains(line, code) || replyCode.MatchString(" "+line+" ") {
			return line
		}
		if best == "" && bounceBody.MatchString(line) {
			best = line
		}
	}
	return best
}
