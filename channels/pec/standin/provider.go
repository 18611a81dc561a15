package standin

import (
	"bytes"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
)

// Provider is one provider of certified mail with its own domains.
type Provider struct {
	Name     string
	Domain   string // of the provider's own address
	Signer   cms.Signer
	Zone     *time.Location // in which it writes times; nil means UTC
	MaxBytes int64          // size times recipients; 0 means 30 MiB, the least that the law asks for
	// Fate says what becomes of a message to an address. Nil delivers to all.
	Fate func(address string) Fate

	made atomic.Int64
}

// Fate is what becomes of a message to one recipient.
type Fate struct {
	External  bool // an ordinary mailbox: accepted, and no receipt of delivery
	Fails     string
	Words     string        // errore-esteso of a failure
	Late      bool          // the 12 hour warning, then delivery
	Silent    bool          // neither delivery nor failure: warnings after 12 and 24 hours
	After     time.Duration // until delivery or failure
	Twice     bool          // each receipt is sent twice
	Impatient bool          // delivery is told before acceptance
}

// Post is one thing that the provider puts into a mailbox.
type Post struct {
	Box   string // whose mailbox
	After time.Duration
	At    clock.Instant // when it is written
	Raw   []byte
}

func (p *Provider) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

// Refusal is what the provider says instead of taking a message.
type Refusal struct {
	Code  int
	Words string
}

func (r *Refusal) Error() string { return fmt.Sprintf("%d %s", r.Code, r.Words) }

// errNoHeader is a message that cannot be read at all.
var errNoHeader = errors.New("a message without a header")

// Submit takes a message as the access point does (PEC reference section 9).
// user is the mailbox that logged in. A *Refusal is the answer at the SMTP
// dialogue; what a provider refuses only by a notice is among the posts.
func (p *Provider) Submit(user, from string, to []string, raw []byte, now clock.Instant) ([]Post, error) {
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, errNoHeader
	}
	limit := p.MaxBytes
	if limit == 0 {
		limit = 30 << 20
	}
	switch {
	case !strings.EqualFold(user, from):
		return nil, &Refusal{550, "5.7.1 sender is not the mailbox that logged in"}
	case int64(len(raw))*int64(len(to)) > limit*4:
		return nil, &Refusal{552, "5.3.4 message too large"}
	}
	l := p.about(msg, user, now)
	for _, a := range to {
		l.To = append(l.To, Recipient{Address: a, External: p.fate(a).External})
	}
	if words := formalFault(msg, user, to); words != "" {
		return p.refuse(l, words)
	}
	if int64(len(raw))*int64(len(to)) > limit {
		return p.refuse(l, "5.3.4 - "+p.Name+" - superato il limite di dimensione per numero di destinatari")
	}
	return p.take(l, raw)
}

func (p *Provider) fate(a string) Fate {
	if p.Fate == nil {
		return Fate{}
	}
	return p.Fate(strings.ToLower(a))
}

// about gathers what all letters about a message have in common.
func (p *Provider) about(msg *mail.Message, user string, now clock.Instant) Letter {
	l := Letter{
		ID: p.newID(now), Original: strings.Trim(msg.Header.Get("Message-Id"), "<> "), From: user, Subject: decoded(msg.Header.Get("Subject")),
		Kind: strings.ToLower(msg.Header.Get("X-Tiporicevuta")), Addressee: user, At: now, InnerLast: true, ReplyTo: user,
	}
	if r := msg.Header.Get("Reply-To"); r != "" {
		l.ReplyTo = r
	}
	if l.Kind == "" {
		l.Kind = "completa"
	}
	return l
}

// formalFault is why a message is refused by a notice.
func formalFault(msg *mail.Message, user string, to []string) string {
	from, err := msg.Header.AddressList("From")
	if err != nil || len(from) != 1 || !strings.EqualFold(from[0].Address, user) {
		return "5.6.0 - il mittente nel messaggio non è la casella"
	}
	if msg.Header.Get("Bcc") != "" {
		return "5.6.0 - campo Bcc presente"
	}
	var shown []string
	for _, name := range []string{"To", "Cc"} {
		list, _ := msg.Header.AddressList(name)
		for _, a := range list {
			shown = append(shown, strings.ToLower(a.Address))
		}
	}
	for _, a := range to {
		if !slices.Contains(shown, strings.ToLower(a)) {
			return "5.6.0 - un destinatario non è in To o Cc"
		}
	}
	return ""
}

func (p *Provider) refuse(l Letter, words string) ([]Post, error) {
	l.Receipt, l.Data, l.Error, l.Detail, l.Prefix = "non-accettazione", "non-accettazione", "altro", words, "AVVISO DI NON ACCETTAZIONE: "
	l.Words = "Il messaggio non è stato accettato: " + words
	return p.post(nil, l, l.From, 0, 1)
}

// take accepts a message: receipts to the sender, envelopes to the recipients.
func (p *Provider) take(l Letter, raw []byte) ([]Post, error) {
	var posts []Post
	accepted := l
	accepted.Receipt, accepted.Data, accepted.Prefix = "accettazione", "accettazione", "ACCETTAZIONE: "
	accepted.Words = "Il messaggio è stato accettato dal sistema ed inoltrato."
	posts, err := p.post(posts, accepted, l.From, 0, 1)
	for _, to := range l.To {
		if err == nil {
			posts, err = p.deliver(posts, l, to.Address, raw)
		}
	}
	return posts, err
}

func (p *Provider) deliver(posts []Post, l Letter, to string, raw []byte) ([]Post, error) {
	f, n := p.fate(to), 1
	if f.Twice {
		n = 2
	}
	l.About = to
	var err error
	send := func(change Letter, after time.Duration) {
		if err == nil {
			posts, err = p.post(posts, change, l.From, after, n)
		}
	}
	warn := func(code, words string, after time.Duration) {
		w := l
		w.Receipt, w.Data, w.Error, w.Prefix = "preavviso-errore-consegna", "preavviso-errore-consegna", "altro", "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: "
		w.Detail, w.Words = code+" - "+p.Name+" - "+words, words
		send(w, after)
	}
	switch {
	case f.External:
		return posts, nil
	case f.Fails != "":
		w := l
		w.Receipt, w.Data, w.Error, w.Detail, w.Prefix = "errore-consegna", "errore-consegna", f.Fails, f.Words, "AVVISO DI MANCATA CONSEGNA: "
		w.Words, w.Virus = "Il messaggio non è stato consegnato: "+f.Words, f.Fails == "virus"
		send(w, f.After)
	case f.Silent:
		warn("4.4.1", "il messaggio non è stato consegnato nelle prime dodici ore dal suo invio", 12*time.Hour)
		warn("5.4.1", "il messaggio non è stato consegnato nelle prime ventiquattro ore dal suo invio", 24*time.Hour)
	default:
		if f.Late {
			warn("4.4.1", "il messaggio non è stato consegnato nelle prime dodici ore dal suo invio", 12*time.Hour)
			f.After = max(f.After, 13*time.Hour)
		}
		if f.Impatient {
			f.After = -time.Second
		}
		w := l
		w.Receipt, w.Data, w.Prefix, w.Words = "avvenuta-consegna", "avvenuta-consegna", "CONSEGNA: ", "Il messaggio è stato consegnato nella casella di destinazione."
		if l.Kind != "sintetica" {
			w.Inner = renamed(raw, l)
		}
		send(w, f.After)
		e := l
		e.Transport, e.Data, e.Prefix, e.Addressee, e.Inner, e.MessageID = "posta-certificata", "posta-certificata", "POSTA CERTIFICATA: ", to, renamed(raw, l), l.ID
		e.Words, e.About = "Il messaggio allegato è stato inviato da "+l.From, ""
		if err == nil {
			posts, err = p.post(posts, e, to, f.After, 1)
		}
	}
	return posts, err
}

// Envelope wraps a message that comes from another mailbox, as a recipient
// finds it.
func (p *Provider) Envelope(from, to string, raw []byte, at clock.Instant) ([]byte, error) {
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, errNoHeader
	}
	l := p.about(msg, from, at)
	l.To, l.Addressee = []Recipient{{Address: to}}, to
	l.Transport, l.Data, l.Prefix, l.Inner, l.MessageID = "posta-certificata", "posta-certificata", "POSTA CERTIFICATA: ", renamed(raw, l), l.ID
	l.Words = "Il messaggio allegato è stato inviato da " + from
	return p.Write(l)
}

// Anomaly wraps ordinary mail that reached a certified mailbox: nothing in it
// is certified.
func (p *Provider) Anomaly(from, to string, raw []byte, at clock.Instant) ([]byte, error) {
	l := Letter{
		Transport: "errore", Prefix: "ANOMALIA MESSAGGIO: ", From: from, Addressee: to, At: at, MessageID: p.newID(at), ReplyTo: from,
		Inner: raw, Words: "Il messaggio allegato non è di posta certificata.",
	}
	if msg, err := mail.ReadMessage(bytes.NewReader(raw)); err == nil {
		l.Subject = decoded(msg.Header.Get("Subject"))
	}
	return p.Write(l)
}

func (p *Provider) post(posts []Post, l Letter, box string, after time.Duration, n int) ([]Post, error) {
	if after > 0 {
		l.At = l.At.Add(after)
	}
	if l.MessageID == "" {
		l.MessageID = p.newID(l.At)
	}
	raw, err := p.Write(l)
	if err != nil {
		return nil, err
	}
	for range n {
		posts = append(posts, Post{Box: box, After: after, At: l.At, Raw: raw})
	}
	return posts, nil
}

func (p *Provider) newID(at clock.Instant) string {
	return fmt.Sprintf("tpec%d.%s.%05d@%s", p.made.Add(1), at.Time().In(p.zone()).Format("20060102150405"), p.made.Load(), p.Domain)
}
