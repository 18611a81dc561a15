package standin

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"

	"filodiretto/internal/clock"
)

// Recipient is one address of a message; External is an ordinary mailbox.
type Recipient struct {
	Address  string
	External bool
}

// Letter is everything a provider writes: an envelope or a receipt. Fields
// that are empty are left out, so that tests make what providers get wrong.
type Letter struct {
	Transport string // X-Trasporto
	Receipt   string // X-Ricevuta
	Data      string // tipo in daticert.xml; "" leaves the file out
	Error     string // errore; "" is "nessuno"
	Detail    string // errore-esteso

	ID        string // identificativo
	Original  string // the sender's Message-ID without <>; "" leaves it out
	MessageID string // of the letter itself
	From      string // mittente
	To        []Recipient
	About     string // consegna
	Kind      string // ricevuta: completa, breve, sintetica
	ReplyTo   string
	Subject   string // of the citizen
	Prefix    string // "CONSEGNA: "
	Addressee string // To of the letter
	At        clock.Instant
	Words     string // what the provider tells people
	Inner     []byte // postacert.eml, CRLF; nil leaves it out
	InnerLast bool   // daticert.xml before postacert.eml (else as Legalmail: after)
	Virus     bool   // X-VerificaSicurezza
	LineEnds  string // "\r\n" unless set: files saved by programs have "\n"
	Unsigned  bool
}

// Write makes the bytes of a letter, signed by the provider.
func (p *Provider) Write(l Letter) ([]byte, error) {
	body := p.mixed(l)
	h := p.header(l)
	if l.Unsigned {
		return ends(append(h, body...), l.LineEnds), nil
	}
	der, err := p.Signer.Sign(body, true, l.At)
	if err != nil {
		return nil, fmt.Errorf("write a letter: %w", err)
	}
	b := boundary("s", l.MessageID)
	var out bytes.Buffer
	out.Write(h)
	fmt.Fprintf(&out, "Content-Type: multipart/signed; protocol=\"application/x-pkcs7-signature\";\r\n micalg=\"sha-256\"; boundary=\"%s\"\r\n\r\n", b)
	fmt.Fprintf(&out, "This is an S/MIME signed message\r\n\r\n--%s\r\n", b)
	out.Write(body)
	fmt.Fprintf(&out, "\r\n--%s\r\nContent-Type: application/x-pkcs7-signature; name=\"smime.p7s\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n", b)
	wrapped(&out, der)
	fmt.Fprintf(&out, "\r\n--%s--\r\n", b)
	return ends(out.Bytes(), l.LineEnds), nil
}

func ends(b []byte, want string) []byte {
	if want == "" || want == "\r\n" {
		return b
	}
	return bytes.ReplaceAll(b, []byte("\r\n"), []byte(want))
}

func (p *Provider) header(l Letter) []byte {
	var h bytes.Buffer
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&h, "%s: %s\r\n", name, value)
		}
	}
	name := "Posta Certificata " + p.Name
	if l.Transport != "" {
		name = "Per conto di: " + l.From
	}
	if l.Transport != "" {
		field("Return-Path", "<"+l.From+">")
	} else {
		field("Return-Path", "<"+sender(p.Domain)+">")
	}
	field("Received", "from localhost by mx."+p.Domain+"; "+l.At.Time().In(p.zone()).Format(time.RFC1123Z))
	field("X-Trasporto", l.Transport)
	field("X-Ricevuta", l.Receipt)
	if l.Virus {
		field("X-VerificaSicurezza", "errore")
	}
	field("X-Tiporicevuta", l.Kind)
	if l.Original != "" {
		field("X-Riferimento-Message-ID", "<"+l.Original+">")
	}
	field("Date", l.At.Time().In(p.zone()).Format(time.RFC1123Z))
	field("Subject", mime.QEncoding.Encode("utf-8", l.Prefix+l.Subject))
	field("From", fmt.Sprintf("%s <%s>", quoted(name), sender(p.Domain)))
	field("Reply-To", l.ReplyTo)
	field("To", l.Addressee)
	field("Message-ID", "<"+l.MessageID+">")
	field("MIME-Version", "1.0")
	return h.Bytes()
}

func quoted(s string) string { return `"` + strings.NewReplacer(`\`, "", `"`, "").Replace(s) + `"` }

// mixed is the part that is signed.
func (p *Provider) mixed(l Letter) []byte {
	b := boundary("m", l.MessageID)
	var out bytes.Buffer
	fmt.Fprintf(&out, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n", b, b)
	out.WriteString("Content-Type: text/plain; charset=\"iso-8859-1\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(&out)
	words, err := charmap.ISO8859_1.NewEncoder().String(l.Words)
	if err != nil {
		words = strings.ToValidUTF8(l.Words, "?")
	}
	_, _ = q.Write([]byte(strings.ReplaceAll(words, "\n", "\r\n") + "\r\n"))
	_ = q.Close()
	data := func() {
		if l.Data == "" {
			return
		}
		fmt.Fprintf(&out, "\r\n--%s\r\nContent-Type: application/xml; name=\"daticert.xml\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: inline; filename=\"daticert.xml\"\r\n\r\n", b)
		wrapped(&out, append(p.daticert(l), "\n\r\n"...))
	}
	inner := func() {
		if l.Inner == nil {
			return
		}
		fmt.Fprintf(&out, "\r\n--%s\r\nContent-Type: message/rfc822; name=\"postacert.eml\"\r\nContent-Transfer-Encoding: 7bit\r\nContent-Disposition: inline; filename=\"postacert.eml\"\r\n\r\n", b)
		out.Write(l.Inner)
	}
	if l.InnerLast {
		data()
		inner()
	} else {
		inner()
		data()
	}
	fmt.Fprintf(&out, "\r\n--%s--\r\n", b)
	return out.Bytes()
}

// daticert is the certification data (PEC reference section 4).
func (p *Provider) daticert(l Letter) []byte {
	var x strings.Builder
	fault := l.Error
	if fault == "" {
		fault = "nessuno"
	}
	element := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&x, "<%s>%s</%s>", name, escaped(value), name)
		}
	}
	fmt.Fprintf(&x, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+`<postacert tipo="%s" errore="%s"><intestazione>`, escaped(l.Data), escaped(fault))
	element("mittente", l.From)
	for _, to := range l.To {
		kind := "certificato"
		if to.External {
			kind = "esterno"
		}
		fmt.Fprintf(&x, `<destinatari tipo="%s">%s</destinatari>`, kind, escaped(to.Address))
	}
	fmt.Fprintf(&x, "<risposte>%s</risposte>", escaped(l.ReplyTo))
	element("oggetto", l.Subject)
	x.WriteString("</intestazione><dati>")
	element("gestore-emittente", p.Name)
	at := l.At.Time().In(p.zone())
	fmt.Fprintf(&x, `<data zona="%s"><giorno>%s</giorno><ora>%s</ora></data>`, at.Format("-0700"), at.Format("02/01/2006"), at.Format("15:04:05"))
	element("identificativo", l.ID)
	if l.Original != "" {
		element("msgid", "<"+l.Original+">")
	}
	if l.Kind != "" {
		fmt.Fprintf(&x, `<ricevuta tipo="%s"/>`, escaped(l.Kind))
	}
	element("consegna", l.About)
	element("errore-esteso", l.Detail)
	x.WriteString("</dati></postacert>")
	return []byte(x.String())
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

func wrapped(out *bytes.Buffer, b []byte) {
	text := base64.StdEncoding.EncodeToString(b)
	for len(text) > 76 {
		out.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	out.WriteString(text + "\r\n")
}

// boundary is made of the id, so that the same letter has the same bytes.
func boundary(kind, id string) string {
	return "pec-" + kind + "-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '.'
	}, id)
}
