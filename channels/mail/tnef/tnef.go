// Package tnef takes apart "winmail.dat": what Outlook sends when it believes
// that everybody has Outlook (MS-OXTNEF; mail rule 34). It gives the bodies
// and the files. Nothing is copied, and the cost is linear in the bytes.
package tnef

import (
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf16"
)

// ErrNot is returned for bytes that are no TNEF.
var ErrNot = errors.New("tnef: not a winmail.dat")

// Limits of one stream; real ones have a few attachments and some hundred properties.
const (
	maxFiles      = 500
	maxProperties = 20_000
	maxName       = 1000 // bytes
	maxNested     = 8    // messages within messages
)

// Message is what a stream holds.
type Message struct {
	Subject string
	Text    string // plain text, "" when there is none
	HTML    []byte // in the charset that Charset names
	RTF     []byte // compressed (MS-OXRTFCP), when there is neither of the others
	Charset string // of HTML and of texts that were not Unicode: "windows-1252"
	Class   string // "IPM.Note", "IPM.Schedule.Meeting.Request"
	Files   []File
	// Cut says that the stream ended early or went over a limit: what was read
	// until there is here.
	Cut bool
}

// File is an attachment.
type File struct {
	Name      string
	Type      string // media type, as Outlook says
	ContentID string
	Body      []byte
	Message   *Message // an attached message; Body is nil then
	hidden    bool
}

// The attributes that are read: level 1 is the message's, 2 the attachment's.
const (
	attSubject     = 0x00018004
	attClass       = 0x00078008
	attBody        = 0x0002800c
	attFileData    = 0x0006800f
	attFileTitle   = 0x00018010
	attRendering   = 0x00069002 // begins an attachment
	attProperties  = 0x00069003
	attFileDetails = 0x00069005
	attCodePage    = 0x00069007
)

const signature = 0x223e9f78

// Is reports whether the bytes begin as TNEF does.
func Is(b []byte) bool { return len(b) > 6 && binary.LittleEndian.Uint32(b) == signature }

// Parse reads a stream. What is damaged at its end is left out and told by Cut.
func Parse(b []byte) (*Message, error) { return parse(b, 0) }

func parse(b []byte, depth int) (*Message, error) {
	if !Is(b) || depth > maxNested {
		return nil, ErrNot
	}
	m := &Message{Charset: "windows-1252"}
	r := reader{m: m, depth: depth}
	b = b[6:]
	for len(b) > 0 {
		if len(b) < 9 {
			m.Cut = true
			break
		}
		id, size := binary.LittleEndian.Uint32(b[1:]), binary.LittleEndian.Uint32(b[5:])
		if uint64(size)+2 > uint64(len(b)-9) {
			m.Cut = true
			break
		}
		r.attribute(id, b[9:9+size])
		b = b[9+size+2:] // with a checksum, which some programs get wrong
	}
	r.settle()
	return m, nil
}

// reader keeps the attachment that is being read.
type reader struct {
	m          *Message
	file       *File
	depth      int
	properties int
}

func (r *reader) attribute(id uint32, data []byte) {
	switch id {
	case attCodePage:
		if len(data) >= 4 {
			r.m.Charset = codePage(binary.LittleEndian.Uint32(data))
		}
	case attSubject:
		if r.m.Subject == "" {
			r.m.Subject = plain(data)
		}
	case attClass:
		r.m.Class = plain(data)
	case attBody:
		if r.m.Text == "" {
			r.m.Text = plain(data)
		}
	case attRendering:
		if r.settle(); len(r.m.Files) < maxFiles {
			r.file = &File{}
		} else {
			r.m.Cut = true
		}
	case attFileTitle:
		if r.file != nil && r.file.Name == "" {
			r.file.Name = short(plain(data))
		}
	case attFileData:
		if r.file != nil {
			r.file.Body = data
		}
	case attProperties:
		r.each(data, r.message)
	case attFileDetails:
		if r.file != nil {
			r.each(data, r.detail)
		}
	}
}

// settle ends the attachment that is being read.
func (r *reader) settle() {
	if r.file != nil && (r.file.Body != nil || r.file.Message != nil) && !r.file.hidden {
		r.m.Files = append(r.m.Files, *r.file)
	}
	r.file = nil
}

// The properties that are read (MS-OXPROPS).
const (
	propSubject     = 0x0037
	propClass       = 0x001a
	propBody        = 0x1000
	propRTF         = 0x1009
	propHTML        = 0x1013
	propCodePage    = 0x3fde
	propFileData    = 0x3701
	propFileName    = 0x3704
	propFileLong    = 0x3707
	propFileType    = 0x370e
	propContentID   = 0x3712
	propFileHidden  = 0x7ffe
	propDisplayName = 0x3001
)

func (r *reader) message(p property) {
	switch p.id {
	case propSubject:
		r.m.Subject = p.text()
	case propClass:
		r.m.Class = p.text()
	case propBody:
		if s := p.text(); s != "" {
			r.m.Text = s
		}
	case propHTML:
		r.m.HTML = p.data
		if p.kind == typeUnicode {
			r.m.HTML, r.m.Charset = []byte(p.text()), "utf-8"
		}
	case propRTF:
		r.m.RTF = p.data
	case propCodePage:
		if len(p.data) >= 4 {
			r.m.Charset = codePage(binary.LittleEndian.Uint32(p.data))
		}
	}
}

func (r *reader) detail(p property) {
	f := r.file
	switch p.id {
	case propFileLong:
		f.Name = short(p.text())
	case propFileName, propDisplayName:
		if f.Name == "" {
			f.Name = short(p.text())
		}
	case propFileType:
		f.Type = short(strings.ToLower(p.text()))
	case propContentID:
		f.ContentID = short(strings.Trim(p.text(), "<>"))
	case propFileHidden:
		f.hidden = len(p.data) > 0 && p.data[0] != 0 && f.ContentID == ""
	case propFileData:
		if p.kind != typeObject || len(p.data) <= 16 {
			if f.Body == nil {
				f.Body = p.data
			}
			return
		}
		if inner, err := parse(p.data[16:], r.depth+1); err == nil {
			f.Message, f.Body = inner, nil
		} else {
			f.Body = p.data[16:]
		}
	}
}

func short(s string) string {
	if len(s) > maxName {
		s = strings.ToValidUTF8(s[:maxName], "")
	}
	return s
}

// plain is a text of one byte a letter up to its NUL. Bytes above ASCII are
// left for the caller, who knows the charset.
func plain(b []byte) string {
	if i := strings.IndexByte(string(b), 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// wide is a text in UTF-16, little end first, up to its NUL.
func wide(b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		u := binary.LittleEndian.Uint16(b)
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}
