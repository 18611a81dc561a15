package telegram

import (
	"fmt"
	"mime"
	"strconv"
	"strings"

	"filodiretto/channels"
	"filodiretto/internal/person"
)

// parts reads files, places and contacts. Two objects that show the same thing
// are one part: an animation comes with a document, a venue with a location,
// a live photo with a photo (channels 1.4).
func (p *parser) parts(m *message) {
	if best := largest(m.Photo); best != nil {
		p.file(m, best, "foto", ".jpg", "image/jpeg")
	}
	if m.Animation != nil {
		p.file(m, m.Animation, "animazione", ".mp4", "video/mp4")
	} else if m.Document != nil {
		p.file(m, m.Document, "documento", "", "application/octet-stream")
	}
	if m.Video != nil {
		p.file(m, m.Video, "video", ".mp4", "video/mp4")
	}
	if m.Voice != nil {
		p.file(m, m.Voice, "messaggio-vocale", ".ogg", "audio/ogg")
	}
	if m.Audio != nil {
		p.file(m, m.Audio, "audio", ".mp3", "audio/mpeg")
	}
	if m.VideoNote != nil {
		p.file(m, m.VideoNote, "videomessaggio", ".mp4", "video/mp4")
	}
	if s := m.Sticker; s != nil {
		ext, kind := ".webp", "image/webp"
		if s.Animated {
			ext, kind = ".tgs", "application/x-tgsticker"
		} else if s.Moving {
			ext, kind = ".webm", "video/webm"
		}
		p.file(m, s, "adesivo", ext, kind)
	}
	if m.Venue != nil {
		p.place(m.Venue.Location, cleanLine(m.Venue.Title))
	} else if m.Location != nil {
		p.place(*m.Location, "")
	}
	if m.Contact != nil {
		p.contact(m)
	}
}

// file adds a file to be fetched. The name and the type come from the message:
// the platform's file server may not keep them (channels 1.5).
func (p *parser) file(m *message, f *file, stem, ext, kind string) {
	claimed := kind
	if t, _, err := mime.ParseMediaType(f.Type); err == nil {
		claimed = t
	}
	if ext == "" {
		ext = extensions[claimed]
	}
	part := channels.Part{Kind: channels.File, Claimed: claimed, Size: max(f.Size, 0)}
	part.Name = p.unusedName(cleanName(f.Name, stem+"-"+strconv.FormatInt(m.ID, 10)+ext))
	if f.ID == "" {
		part.Problem = "unreadable" // nothing to ask for
	} else {
		part.Remote = remote{ID: f.ID, Unique: f.UniqueID, Name: part.Name, Size: part.Size}.String()
	}
	p.item.Parts = append(p.item.Parts, part)
}

// extensions name a document that came without a name. The table of package
// mime is not used: it differs from machine to machine, and Parse is pure.
var extensions = map[string]string{
	"application/pdf": ".pdf", "application/zip": ".zip", "application/xml": ".xml",
	"application/pkcs7-mime": ".p7m", "image/jpeg": ".jpg", "image/png": ".png",
	"image/heic": ".heic", "text/plain": ".txt", "video/mp4": ".mp4",
}

// unusedName makes a name unique within the message (mail rule 37).
func (p *parser) unusedName(name string) string {
	used := func(s string) bool {
		for _, part := range p.item.Parts {
			if strings.EqualFold(part.Name, s) {
				return true
			}
		}
		return false
	}
	try := name
	for n := 2; used(try); n++ {
		try = fmt.Sprintf("%d-%s", n, name)
	}
	return try
}

func (p *parser) place(l location, name string) {
	if l.Lat < -90 || l.Lat > 90 || l.Lon < -180 || l.Lon > 180 {
		p.note("odd_place")
		return
	}
	if l.LivePeriod > 0 {
		p.note("live_location")
	}
	p.item.Parts = append(p.item.Parts, channels.Part{
		Kind: channels.Location, Name: name, Lat: l.Lat, Lon: l.Lon,
	})
}

// contact adds a contact card. It is the sender's own number only when the
// platform names the sender in the card: people also pass on other people's
// cards (channels 1.6).
func (p *parser) contact(m *message) {
	c := m.Contact
	part := channels.Part{
		Kind:  channels.Contact,
		Name:  cleanLine(c.FirstName + " " + c.LastName),
		Phone: e164(c.Phone, c.UserID != 0),
	}
	part.Preview = strings.TrimSpace(part.Name + " " + cut(cleanLine(c.Phone), 40))
	part.OwnPhone = part.Phone != "" && c.UserID != 0 &&
		m.From != nil && m.From.ID == c.UserID && !m.From.IsBot &&
		m.SenderChat == nil && m.Forward == nil && m.ViaBot == nil && m.Chat.Type == "private"
	p.item.Parts = append(p.item.Parts, part)
}

// e164 normalises a phone number, or gives nothing when it cannot be one. The
// number of a Telegram user is international without "+"; one from an address
// book may be written as people in Italy dial it.
func e164(s string, international bool) string {
	s = strings.TrimSpace(s)
	if international && s != "" && s[0] != '+' && !strings.HasPrefix(s, "00") {
		s = "+" + s
	}
	number, _ := person.Phone(s, "IT")
	return number
}

// largest is the biggest of the sizes of one picture.
func largest(sizes []file) *file {
	var best *file
	for i := range sizes {
		f := &sizes[i]
		if best == nil || f.Width*f.Height >= best.Width*best.Height {
			best = f
		}
	}
	return best
}
