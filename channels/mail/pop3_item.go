package mail

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/clock"
)

// cutReader ends with an error when there is more than allowed.
type cutReader struct {
	r    io.Reader
	left int64
	over bool
}

func (c *cutReader) Read(p []byte) (int, error) {
	if c.left < 0 {
		c.over = true
		return 0, errTooLarge
	}
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.r.Read(p)
	c.left -= int64(n)
	return n, err
}

// header asks for the header of a message (TOP, which RFC 1939 leaves optional).
func (l *popLook) header(c *popConn, e popEntry) ([]byte, error) {
	var head []byte
	err := c.do(func() error {
		if _, err := c.command("TOP " + strconv.Itoa(e.number) + " 0"); err != nil {
			return err
		}
		body := &popBody{in: c.in}
		var err error
		if head, err = io.ReadAll(io.LimitReader(body, headerMost)); err != nil {
			return err
		}
		return body.drain()
	})
	return head, err
}

// headerOnly makes the item of a message that is not taken in whole.
func (l *popLook) headerOnly(c *popConn, e popEntry, problem string) (*channels.Raw, error) {
	head, err := l.header(c, e)
	if err != nil && !isRefusal(err) {
		l.box.tries[e.key(l.cur.Box)]++
		return nil, l.m.popError("fetch a header from", err)
	}
	return l.note(e, problem, head), nil
}

// note makes an item of a header alone, or of nothing but the reason.
func (l *popLook) note(e popEntry, problem string, head []byte) *channels.Raw {
	raw := l.raw(e)
	raw.ContentType, raw.Body = TypeHeaders, head
	l.date(raw, head)
	if len(head) == 0 {
		raw.Body = []byte("X-FiloDiretto-Missing: " + raw.DedupKey + "\r\n\r\n")
	}
	raw.Size = int64(len(raw.Body))
	raw.Meta[MetaProblem], raw.Meta[MetaSize] = problem, strconv.FormatInt(e.size, 10)
	return raw
}

func (l *popLook) raw(e popEntry) *channels.Raw {
	return &channels.Raw{DedupKey: e.key(l.cur.Box), ContentType: TypeMessage, ReceivedAt: l.m.clock.Now(), Meta: map[string]string{MetaUIDL: e.uid}}
}

// date gives an item the time at which the provider took it in, as its topmost
// Received field says: POP3 itself tells none. What is older than the first look by
// a day is archive (mail rule 8).
func (l *popLook) date(raw *channels.Raw, head []byte) {
	at := receivedAt(head)
	if at == 0 || at > raw.ReceivedAt {
		return
	}
	raw.ReceivedAt, raw.Archive = at, at < l.cur.ArchiveBefore
}

// receivedAt is the date in the first Received field of a message; 0 without one.
func receivedAt(head []byte) clock.Instant {
	s := firstField(head, "Received")
	return dateOf(s[strings.LastIndexByte(s, ';')+1:])
}

// writtenAt is the date that its sender gave a message; 0 without one.
func writtenAt(head []byte) clock.Instant { return dateOf(firstField(head, "Date")) }

// firstField is the first field of a name in a message; "" without one.
func firstField(head []byte, name string) string {
	if end := headerEnd(head); end >= 0 {
		head = head[:end]
	}
	return rfc822.Read(head, rfc822.DefaultLimits).Header.Get(name)
}

func dateOf(s string) clock.Instant {
	at, _, ok := rfc822.ParseDate(s)
	if !ok {
		return 0
	}
	return clock.At(at)
}

// headerEnd is where the header ends, -1 when no empty line is seen.
func headerEnd(b []byte) int {
	if i := bytes.Index(b, []byte("\r\n\r\n")); i >= 0 {
		return i + 4
	}
	if i := bytes.Index(b, []byte("\n\n")); i >= 0 {
		return i + 2
	}
	return -1
}
