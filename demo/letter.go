package demo

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/clock"
)

// townServer is the name under which the town's mail server tells what it found of
// a sender.
const townServer = "posta.pontelieto.example"

// letter is a mail of a citizen, before it is written.
type letter struct {
	From, Name string // address and name
	To, Cc     string // Cc may be empty
	Box        string // of the town, to which it came; empty for To
	Subject    string
	Text       string
	ID         string // Message-ID without <>
	InReplyTo  string
	References []string
	Files      []enclosure
	HTML       bool
	Automatic  bool // an answer of the mailbox itself, not of its owner
	At         clock.Instant
	dmarc      string // what the town's mail server found of the sender's domain; "" is pass
}

// enclosure is a file that goes with a letter or a chat message.
type enclosure struct {
	Name, Type string
	Body       []byte
}

// write gives the letter as it arrives by IMAP.
func (l *letter) write() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	domain := l.From[strings.LastIndexByte(l.From, '@')+1:]
	date := l.At.Time().In(rome).Format(time.RFC1123Z)
	line("Return-Path: <%s>", l.From)
	line("Delivered-To: %s", cmp.Or(l.Box, l.To))
	line("Authentication-Results: %s;\r\n\tspf=%[2]s smtp.mailfrom=%[3]s;\r\n\tdmarc=%[2]s header.from=%[3]s", townServer, cmp.Or(l.dmarc, "pass"), domain)
	line("Received: from out.%s (out.%s [192.0.2.44])\r\n\tby posta.pontelieto.example with ESMTPS\r\n\tfor <%s>; %s", domain, domain, cmp.Or(l.Box, l.To), date)
	line("Date: %s", date)
	line("From: %s <%s>", mime.QEncoding.Encode("utf-8", l.Name), l.From)
	line("To: <%s>", l.To)
	if l.Cc != "" {
		line("Cc: <%s>", l.Cc)
	}
	line("Subject: %s", mime.QEncoding.Encode("utf-8", l.Subject))
	line("Message-ID: <%s>", l.ID)
	if l.InReplyTo != "" {
		line("In-Reply-To: <%s>", l.InReplyTo)
		line("References: <%s>", strings.Join(append(l.References, l.InReplyTo), ">\r\n <"))
	}
	if l.Automatic {
		line("Auto-Submitted: auto-replied")
		line("Precedence: bulk")
	}
	line("MIME-Version: 1.0")
	if len(l.Files) == 0 {
		l.body(&b, line)
		return b.Bytes()
	}
	mark := "=_mista_" + plain(l.ID[:min(len(l.ID), 12)])
	line(`Content-Type: multipart/mixed; boundary="%s"`, mark)
	line("")
	line("--%s", mark)
	l.body(&b, line)
	for _, f := range l.Files {
		line("\r\n--%s", mark)
		f.write(line)
	}
	line("--%s--", mark)
	return b.Bytes()
}

func (l *letter) body(b *bytes.Buffer, line func(string, ...any)) {
	if !l.HTML {
		writeText(b, line, "text/plain", l.Text)
		return
	}
	mark := "=_alt_" + plain(l.ID[:min(len(l.ID), 12)])
	line(`Content-Type: multipart/alternative; boundary="%s"`, mark)
	line("")
	line("--%s", mark)
	writeText(b, line, "text/plain", l.Text)
	line("\r\n--%s", mark)
	writeText(b, line, "text/html", asHTML(l.Text))
	line("\r\n--%s--", mark)
}

func writeText(b *bytes.Buffer, line func(string, ...any), kind, text string) {
	line("Content-Type: %s; charset=utf-8", kind)
	line("Content-Transfer-Encoding: quoted-printable\r\n")
	q := quotedprintable.NewWriter(b)
	_, _ = q.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n"))) // a bytes.Buffer takes everything
	_ = q.Close()
	line("")
}

// asHTML is how the usual programs write a plain letter.
func asHTML(text string) string {
	esc := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", "<br>\n").Replace(text)
	return `<html><head><meta charset="utf-8"></head><body style="font-family:Calibri,sans-serif">` + "\n" + esc + "\n</body></html>\n"
}

func (f enclosure) write(line func(string, ...any)) {
	line("Content-Type: %s; name=\"%s\"", f.Type, mime.QEncoding.Encode("utf-8", f.Name))
	line("Content-Transfer-Encoding: base64")
	line("%s\r\n", "Content-Disposition: "+mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	s := base64.StdEncoding.EncodeToString(f.Body)
	for len(s) > 76 {
		line("%s", s[:76])
		s = s[76:]
	}
	line("%s", s)
}

// received is what a citizen's own mail program shows of a message.
type received struct {
	ID, InReplyTo string
	References    []string
	From, Subject string
	Box           string // the mailbox that wrote
	To            string
	Text          string
	Files         []string
	Automatic     bool
}

// readReceived reads a mail as its recipient does, with the same parser that the
// town uses.
func readReceived(to string, data []byte) received {
	// the mark by which the town knows its own mail is nothing to a citizen
	data = bytes.Replace(data, []byte("\r\nX-FiloDiretto-Loop:"), []byte("\r\nX-From-The-Town:"), 1)
	items, err := mail.Parse(channels.Raw{ContentType: mail.TypeMessage, Body: data, Size: int64(len(data))}, mail.OwnAddresses{Address: to})
	if err != nil || len(items) == 0 {
		return received{To: to}
	}
	it := &items[0]
	r := received{
		ID: it.ExternalID, From: it.From.Display, Box: it.From.Value, Subject: it.Subject, Text: it.Text, To: to,
		Automatic: it.Auto != channels.NotAuto, References: it.References,
	}
	if len(it.References) > 0 {
		r.InReplyTo = it.References[0]
	}
	for _, p := range it.Parts {
		r.Files = append(r.Files, p.Name)
	}
	return r
}
