package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"slices"
	"strings"
	"time"

	"filodiretto/channels"
)

// letter is a message ready for the wire. Everything but the files is in
// memory; files are read while the letter is written, each time anew.
type letter struct {
	from, to string // the envelope
	utf8     bool   // an address needs SMTPUTF8
	id       string // Message-ID without <>
	envid    string // the id of the envelope, for mail systems alone
	head     []byte // header and text, up to the first file
	files    []enclosure
	tail     []byte
}

// enclosure is one file and the header of its part.
type enclosure struct {
	head []byte
	file channels.OutgoingFile
}

// referencesMost is how many references a header carries: the first, which
// names the thread, and the latest ones.
const referencesMost = 20

// compose writes a message for one recipient. The same Outgoing gives the same
// bytes but for the date, so that a repeated try is recognisable (rule 65).
// Its errors are *channels.Error: nothing was sent.
func (m *mailbox) compose(out *channels.Outgoing) (*letter, error) {
	if !validID(out.ExternalID) {
		return nil, channels.Errorf(channels.ContentRejected, "", "the message has no usable Message-ID")
	}
	from, err := newRecipient(channels.Address{Value: m.set.address})
	if err != nil {
		return nil, channels.Errorf(channels.ContentRejected, "", "the mailbox's own address is not valid")
	}
	to, err := newRecipient(out.To)
	if err != nil {
		return nil, channels.Errorf(channels.RecipientGone, "5.1.3", "the recipient's address is not a valid mail address")
	}
	l := &letter{from: from.address, to: to.address, id: out.ExternalID, envid: out.EnvelopeID}
	l.utf8 = !ascii(l.to) || !ascii(l.from)
	h := &header{utf8: l.utf8}
	m.writeHeader(h, out, from)
	l.write(h, out)
	if most := m.variant.MaxBytes; most > 0 && l.size() > most {
		return nil, channels.Errorf(channels.ContentRejected, "5.3.4", "the message has %d bytes, and the provider takes %d", l.size(), most)
	}
	return l, nil
}

// writeHeader writes all fields but those of MIME.
func (m *mailbox) writeHeader(h *header, out *channels.Outgoing, from recipient) {
	from.name = out.FromName
	if from.name == "" {
		from.name = m.set.name
	}
	h.field("Date", m.clock.Now().Time().Format(time.RFC1123Z))
	h.addresses("From", from)
	shown := out.ToAll
	if len(shown) == 0 && len(out.CcAll) == 0 {
		shown = []channels.Address{out.To}
	}
	h.addresses("To", recipients(shown)...)
	h.addresses("Cc", recipients(out.CcAll)...)
	if m.set.plusAddressing && !m.variant.Plain && validToken(out.ReplyToken) {
		reply := from
		local, domain, _ := strings.Cut(from.address, "@")
		reply.address = local + "+" + out.ReplyToken + "@" + domain
		h.addresses("Reply-To", reply)
	}
	h.text("Subject", out.Subject)
	h.field("Message-ID", "<"+out.ExternalID+">")
	h.ids("In-Reply-To", out.AnswerTo)
	h.ids("References", references(out)...)
	for _, f := range m.variant.Header {
		h.field(f[0], f[1])
	}
	if out.Automatic && !m.variant.Plain {
		h.automatic(out.AnswerTo != "")
	}
	// Our own mail that comes back is known by this, even when a relay
	// rewrote its Message-ID (rule 55).
	h.field("X-FiloDiretto-Loop", "<"+out.ExternalID+">")
	h.field("MIME-Version", "1.0")
}

// automatic marks mail that no person wrote, so that no other robot answers
// it (rule 55; RFC 3834 5).
func (h *header) automatic(answer bool) {
	submitted := "auto-generated"
	if answer {
		submitted = "auto-replied"
	}
	h.field("Auto-Submitted", submitted)
	h.field("X-Auto-Response-Suppress", "All")
	h.field("Precedence", "auto_reply")
}

// references are the messages before this one, oldest first, ending with the
// one that is answered.
func references(out *channels.Outgoing) []string {
	var ids []string
	for _, id := range append(slices.Clone(out.References), out.AnswerTo) {
		if validID(id) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) > referencesMost {
		ids = append(ids[:1], ids[len(ids)-referencesMost+1:]...)
	}
	return ids
}

// write arranges text, HTML and files. Plain text is always there (rule 74).
func (l *letter) write(h *header, out *channels.Outgoing) {
	sum := sha256.Sum256([]byte(out.ExternalID))
	seed := hex.EncodeToString(sum[:12])
	outer, inner := "fd-m-"+seed, "fd-a-"+seed
	var b bytes.Buffer
	if len(out.Files) > 0 {
		h.field("Content-Type", `multipart/mixed; boundary="`+outer+`"`)
		b.Write(h.end())
		b.WriteString("--" + outer + "\r\n")
		h = &header{}
	}
	if out.HTML == "" {
		writeText(&b, h, "text/plain", out.Text)
	} else {
		h.field("Content-Type", `multipart/alternative; boundary="`+inner+`"`)
		b.Write(h.end())
		b.WriteString("--" + inner + "\r\n")
		writeText(&b, &header{}, "text/plain", out.Text)
		b.WriteString("\r\n--" + inner + "\r\n")
		writeText(&b, &header{}, "text/html", out.HTML)
		b.WriteString("\r\n--" + inner + "--\r\n")
	}
	l.head = b.Bytes()
	for _, f := range out.Files {
		l.files = append(l.files, enclosure{file: f, head: fileHeader(outer, f)})
	}
	if len(out.Files) > 0 {
		l.tail = []byte("\r\n--" + outer + "--\r\n")
	}
}

// fileHeader begins the part of a file. Messages and multiparts may not be
// encoded in base64 (RFC 2046 5.2.1), so they travel as plain files.
func fileHeader(boundary string, f channels.OutgoingFile) []byte {
	kind, params, err := mime.ParseMediaType(f.Type)
	if err != nil || strings.HasPrefix(kind, "message/") || strings.HasPrefix(kind, "multipart/") {
		kind, params = "application/octet-stream", nil
	}
	h := &header{}
	if full := mime.FormatMediaType(kind, params); full != "" && ascii(full) {
		kind = full
	}
	h.field("Content-Type", kind)
	h.field("Content-Transfer-Encoding", "base64")
	h.field("Content-Disposition", "attachment; "+fileParameter(fileName(f.Name)))
	return append([]byte("\r\n--"+boundary+"\r\n"), h.end()...)
}

// fileName is one line without a path.
func fileName(name string) string {
	name = strings.TrimSpace(oneLine(name))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if name == "" {
		return "allegato"
	}
	return name
}

// size is the length of the letter in bytes, as far as the files' sizes are
// true.
func (l *letter) size() int64 {
	n := int64(len(l.head) + len(l.tail))
	for _, e := range l.files {
		encoded := (e.file.Size + 2) / 3 * 4
		n += int64(len(e.head)) + encoded + 2*(encoded/lineLength+1)
	}
	return n
}

// fileError is the failure to read one of our own files.
type fileError struct{ err error }

func (e *fileError) Error() string { return "read a file to send: " + e.err.Error() }
func (e *fileError) Unwrap() error { return e.err }

// WriteTo writes the letter with CRLF line ends. A *fileError means that a
// file could not be read; any other error is the writer's.
func (l *letter) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(l.head)
	total := int64(n)
	for _, e := range l.files {
		if err != nil {
			return total, err
		}
		n, err = w.Write(e.head)
		total += int64(n)
		if err == nil {
			var written int64
			written, err = writeFile(w, e.file)
			total += written
		}
	}
	if err == nil {
		n, err = w.Write(l.tail)
		total += int64(n)
	}
	return total, err
}
