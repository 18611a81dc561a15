package mailgen

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// Message writes one mail as it would arrive by IMAP, lines ending in CRLF.
func (g *Gen) Message(o Options) (raw []byte, meta Meta) {
	g.count++
	m := g.plan(o)
	w := &writer{gen: g, charset: o.Charset, base64: o.Base64}
	if w.charset == "" {
		w.charset = "utf-8"
	}
	w.headers(o, m)
	w.content(o, m)
	return w.buf.Bytes(), m
}

func (g *Gen) plan(o Options) Meta {
	t := topics[g.rng.IntN(len(topics))]
	place := fmt.Sprintf("%s %d", g.pick(streets...), 1+g.rng.IntN(180))
	m := Meta{
		From: o.From, To: o.To, Subject: o.Subject, Text: o.Text, InReplyTo: o.InReplyTo,
		Date: o.Date, Topic: t.name, HTML: o.HTML,
	}
	if m.From == (Person{}) {
		m.From = g.Citizen()
	}
	if len(m.To) == 0 {
		m.To = []Person{URP}
	}
	if m.Subject == "" {
		m.Subject = strings.ReplaceAll(g.pick(t.subjects...), "%v", place)
	}
	if m.Text == "" {
		m.Text = g.text(t, place, m.From.Name)
	}
	if m.Date.IsZero() {
		g.now = g.now.Add(time.Duration(1+g.rng.IntN(240)) * time.Second)
		m.Date = g.now
	}
	if o.InReplyTo != "" {
		m.References = append(append([]string(nil), o.References...), o.InReplyTo)
	}
	_, domain, _ := strings.Cut(m.From.Address, "@")
	m.MessageID = fmt.Sprintf("%08x.%06d.%08x@%s", uint32(g.seed), g.count, g.rng.Uint32(), domain)
	for i := range o.PDF {
		m.Attachments = append(m.Attachments, fmt.Sprintf("%s %d.pdf", g.pick("modulo", "ricevuta", "attestazione però"), i+1))
	}
	for i := range o.JPEG {
		m.Attachments = append(m.Attachments, fmt.Sprintf("IMG_%04d-%d.jpg", g.rng.IntN(10000), i+1))
	}
	return m
}

func (g *Gen) text(t topic, place, name string) string {
	var b strings.Builder
	b.WriteString(g.pick(greetings...) + "\n\n")
	n := 1 + g.rng.IntN(len(t.lines))
	for i := range n {
		b.WriteString(strings.ReplaceAll(t.lines[i], "%v", place))
		b.WriteString("\n")
	}
	b.WriteString("\n" + g.pick(closings...) + "\n\n" + g.pick(regards...) + "\n" + name + "\n")
	if g.chance(40) {
		fmt.Fprintf(&b, "tel. 3%02d %07d\n", 20+g.rng.IntN(70), g.rng.IntN(10_000_000))
	}
	return b.String()
}

// writer holds the message while it is written.
type writer struct {
	gen     *Gen
	buf     bytes.Buffer
	charset string
	base64  bool
	bounds  int
}

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(&w.buf, format, args...)
	w.buf.WriteString("\r\n")
}

func (w *writer) headers(o Options, m Meta) {
	_, domain, _ := strings.Cut(m.From.Address, "@")
	w.line("Return-Path: <%s>", m.From.Address)
	w.line("Delivered-To: %s", m.To[0].Address)
	w.line("Received: from out.%s (out.%s [192.0.2.%d])\r\n\tby mx.comune.pontelieto.example with ESMTPS id %08X\r\n\tfor <%s>; %s",
		domain, domain, 1+w.gen.rng.IntN(250), w.gen.rng.Uint32(), m.To[0].Address, m.Date.Format(time.RFC1123Z))
	w.line("Date: %s", m.Date.Format(time.RFC1123Z))
	w.line("From: %s", w.people([]Person{m.From}))
	w.line("To: %s", w.people(m.To))
	if len(o.Cc) > 0 {
		w.line("Cc: %s", w.people(o.Cc))
	}
	w.line("Subject: %s", w.words(m.Subject))
	w.line("Message-ID: <%s>", m.MessageID)
	if m.InReplyTo != "" {
		w.line("In-Reply-To: <%s>", m.InReplyTo)
		w.line("References: <%s>", strings.Join(m.References, ">\r\n <"))
	}
	for _, h := range o.Headers {
		w.line("%s", h)
	}
	w.line("MIME-Version: 1.0")
}

func (w *writer) people(list []Person) string {
	var out []string
	for _, p := range list {
		if p.Name == "" {
			out = append(out, p.Address)
			continue
		}
		name := w.words(p.Name)
		if name == p.Name {
			name = `"` + p.Name + `"`
		}
		out = append(out, name+" <"+p.Address+">")
	}
	return strings.Join(out, ",\r\n ")
}

// words writes header text, as RFC 2047 words in the message's charset where
// it is not plain ASCII.
func (w *writer) words(s string) string {
	if w.charset == "utf-8" || isASCII(s) {
		return strings.ReplaceAll(mime.QEncoding.Encode("utf-8", s), "?= =?", "?=\r\n =?")
	}
	var b strings.Builder
	for i, word := range strings.Split(s, " ") {
		if i > 0 {
			b.WriteString("\r\n =?" + w.charset + "?Q?_")
		} else {
			b.WriteString("=?" + w.charset + "?Q?")
		}
		for _, c := range encode(w.charset, word) {
			if c > ' ' && c < 0x7f && !strings.ContainsRune("=?_()<>@,;:\"/[].", rune(c)) {
				b.WriteByte(c)
				continue
			}
			fmt.Fprintf(&b, "=%02X", c)
		}
		b.WriteString("?=")
	}
	return b.String()
}

func (w *writer) content(o Options, m Meta) {
	text := m.Text
	if o.Quoted != "" {
		text += "\nIl giorno precedente avevo scritto:\n> " +
			strings.ReplaceAll(strings.TrimRight(o.Quoted, "\n"), "\n", "\n> ") + "\n"
	}
	if len(m.Attachments) == 0 {
		w.body(o, m, text)
		return
	}
	bound := w.boundary()
	w.line("Content-Type: multipart/mixed; boundary=\"%s\"", bound)
	w.line("")
	w.line("--%s", bound)
	w.body(o, m, text)
	for i, name := range m.Attachments {
		w.line("--%s", bound)
		w.file(name, i)
	}
	w.line("--%s--", bound)
}

func (w *writer) body(o Options, m Meta, text string) {
	if !o.HTML {
		w.text("text/plain", text)
		return
	}
	bound := w.boundary()
	w.line("Content-Type: multipart/alternative; boundary=\"%s\"", bound)
	w.line("")
	w.line("--%s", bound)
	w.text("text/plain", text)
	w.line("--%s", bound)
	w.text("text/html", w.html(m, o.Quoted))
	w.line("--%s--", bound)
}

func (w *writer) html(m Meta, quoted string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=%s\">"+
		"<style>p.MsoNormal{margin:0cm;font-family:Calibri,sans-serif}</style></head>\n<body lang=\"IT\">\n", w.charset)
	for par := range strings.SplitSeq(strings.TrimSpace(m.Text), "\n") {
		if par == "" {
			par = "\u00a0"
		}
		fmt.Fprintf(&b, "<p class=\"MsoNormal\" style=\"margin:0cm\"><span style=\"font-size:11.0pt\">%s</span></p>\n", html.EscapeString(par))
	}
	if quoted != "" {
		fmt.Fprintf(&b, "<blockquote type=\"cite\">%s</blockquote>\n",
			strings.ReplaceAll(html.EscapeString(quoted), "\n", "<br>\n"))
	}
	b.WriteString("</body></html>\n")
	return b.String()
}

func (w *writer) text(kind, s string) {
	w.line("Content-Type: %s; charset=%s", kind, w.charset)
	b := encode(w.charset, strings.ReplaceAll(s, "\n", "\r\n"))
	if w.base64 {
		w.line("Content-Transfer-Encoding: base64\r\n")
		w.encoded(b)
		return
	}
	w.line("Content-Transfer-Encoding: quoted-printable\r\n")
	q := quotedprintable.NewWriter(&w.buf)
	q.Write(b) //nolint:errcheck // a bytes.Buffer takes everything
	q.Close()
	w.line("")
}

func (w *writer) encoded(b []byte) {
	s := base64.StdEncoding.EncodeToString(b)
	for len(s) > 76 {
		w.line("%s", s[:76])
		s = s[76:]
	}
	w.line("%s", s)
}

func (w *writer) boundary() string {
	w.bounds++
	return fmt.Sprintf("----=_Part_%d_%08x.%d", w.gen.count, w.gen.rng.Uint32(), w.bounds)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// encode turns s into the charset; what it does not have becomes "?" or, for
// the apostrophe and the euro, their old stand-ins.
func encode(charset, s string) []byte {
	var cm *charmap.Charmap
	switch charset {
	case "iso-8859-1":
		cm = charmap.ISO8859_1
	case "iso-8859-15":
		cm = charmap.ISO8859_15
	case "windows-1252":
		cm = charmap.Windows1252
	case "us-ascii":
		return bytes.ReplaceAll([]byte(ascii.Replace(s)), []byte("€"), []byte("EUR"))
	default:
		return []byte(s)
	}
	s = strings.ReplaceAll(s, "’", "'")
	if cm == charmap.ISO8859_1 {
		s = strings.ReplaceAll(s, "€", "EUR")
	}
	b, err := encoding.ReplaceUnsupported(cm.NewEncoder()).Bytes([]byte(s))
	if err != nil {
		return []byte(ascii.Replace(s))
	}
	return b
}
