package mail

import (
	"strings"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
	"filodiretto/channels/mail/tnef"
)

// What is looked into: so many parts of one message, and wrappers within
// wrappers so deep. Three are seen (a file signed twice, in a winmail.dat).
const (
	maxUnpacked = 1000
	maxWrapped  = 5
	maxJoined   = 16 << 20 // bytes of contents that stood in pieces, but for the first
)

// depth is how many wrappers the part was taken out of.
func (d *partDraft) depth() int {
	n := 0
	for x := d.from; x != nil; x = x.from {
		n++
	}
	return n
}

// called is the name that the sender gave the part.
func (d *partDraft) called() string {
	if d.name == "" && d.entity != nil {
		return claimedName(d.entity)
	}
	return d.name
}

// unpack takes out what is inside a part that is a wrapper of others. The part
// itself stays as it was sent.
func (p *parsing) unpack(d *partDraft) {
	open := p.opener(d)
	if open == nil {
		return
	}
	if p.unpacked++; p.unpacked > maxUnpacked || p.depth+d.depth() >= maxWrapped {
		p.note("limit:unpacked")
		return
	}
	open(d)
}

// opener is what looks into a part; nil for one that wraps nothing.
func (p *parsing) opener(d *partDraft) func(*partDraft) {
	name := strings.ToLower(d.called())
	switch {
	case d.part.Body == nil:
	case tnef.Is(d.part.Body) && (d.part.Claimed == "application/ms-tnef" || d.part.Claimed == "application/vnd.ms-tnef" || name == "winmail.dat"):
		return p.openTNEF
	case strings.HasSuffix(name, ".p7m") || isEnvelope(d.part.Claimed):
		return p.openSigned
	case d.part.Claimed == "text/vcard" || d.part.Claimed == "text/x-vcard" || strings.HasSuffix(name, ".vcf"):
		return p.openCard
	case strings.HasPrefix(d.part.Claimed, "message/"): // read as what it says
	case strings.HasSuffix(name, ".eml"), d.part.Detected == "message/rfc822" && strings.HasPrefix(d.part.Claimed, "application/"):
		return p.openMail
	}
	return nil
}

// openMail makes a mail that came as a nameless kind of file readable, as some
// programs enclose one (mail rule 33).
func (p *parsing) openMail(d *partDraft) {
	m := rfc822.Read(d.part.Body, p.lim)
	if !m.Header.Recognised() {
		return
	}
	d.part.Kind, d.part.Preview = channels.Nested, p.previewOf(m, &m.Entity)
	p.noteIf(len(m.Exceeded) > 0, "preview_cut")
}

func (p *parsing) openCard(d *partDraft) {
	text, _ := rfc822.DecodeCharset(d.part.Body, "")
	d.part.Preview = readCard(rfc822.Clean(text)).describe()
}

// openTNEF gives the files of a winmail.dat as parts, and its text when the
// message has none beside it (mail rule 34).
func (p *parsing) openTNEF(d *partDraft) {
	m, err := tnef.Parse(d.part.Body)
	if err != nil {
		p.note("tnef_unreadable")
		return
	}
	p.note("tnef")
	p.noteIf(m.Cut, "tnef_cut")
	p.addFiles(d, m)
	p.inside = append(p.inside, tnefText(m))
}

func (p *parsing) addFiles(from *partDraft, m *tnef.Message) {
	for _, f := range m.Files {
		x := &partDraft{from: from, name: rfc822.CleanLine(rfc822.Clean(legacy(f.Name, m.Charset)))}
		x.part.Kind = channels.File
		if f.Message != nil {
			if x.name == "" {
				x.name = "messaggio"
			}
			text := tnefText(f.Message)
			body := []byte(text.plain)
			x.name, x.part.Claimed = x.name+".txt", "text/plain"
			if text.plain == "" {
				body = []byte(plainOf(text.html))
			}
			x.part.Body, x.part.Preview = body, p.cut(string(body), previewLimit, "preview_cut")
		} else {
			x.part.Body, x.part.Claimed, x.part.ContentID = f.Body, claimed(f.Type), cleanID(f.ContentID)
			if x.part.Claimed == "" {
				x.part.Claimed = "application/octet-stream"
			}
		}
		x.part.Size, x.part.Detected = int64(len(x.part.Body)), detected(x.part.Body)
		if f.ContentID != "" && strings.HasPrefix(x.part.Detected, "image/") {
			x.part.Kind = channels.Inline
		}
		p.parts = append(p.parts, x)
		p.unpack(x)
		if f.Message != nil {
			p.addFiles(x, f.Message)
		}
	}
}

// maxRTF bounds what compressed RTF may unfold to.
const maxRTF = 4 << 20

// tnefText is the text of a message in a winmail.dat.
func tnefText(m *tnef.Message) segment {
	var s segment
	if len(m.HTML) > 0 {
		s.html, _ = rfc822.DecodeCharset(m.HTML, m.Charset)
		s.html = rfc822.Clean(s.html)
	}
	s.plain = rfc822.Clean(legacy(m.Text, m.Charset))
	if s.html == "" && s.plain == "" && len(m.RTF) > 0 {
		if rtf, err := tnef.Decompress(m.RTF, maxRTF); err == nil {
			s.plain = rfc822.Clean(tnef.Text(rtf))
		}
	}
	return s
}

// legacy decodes a text that was not Unicode.
func legacy(s, charset string) string {
	text, _ := rfc822.DecodeCharset([]byte(s), charset)
	return text
}
