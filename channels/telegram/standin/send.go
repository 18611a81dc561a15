package standin

import (
	"bytes"
	"encoding/json"
	"image"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// Limits of what is sent, in UTF-16 units after the markup is read (channels 1.6).
const (
	maxText    = 4096
	maxCaption = 1024
)

func (s *Server) sendMessage(_ *http.Request, p *params) (any, *refusal) {
	text, entities, no := formatted(p, "text", "entities")
	if no != nil {
		return nil, no
	}
	if text == "" {
		return nil, bad("message text is empty")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, no := s.draft(p)
	if no != nil {
		return nil, no
	}
	if utf16Len(text) > maxText {
		return nil, bad("message is too long")
	}
	d.fields["text"] = text
	if len(entities) > 0 {
		d.fields["entities"] = entities
	}
	return s.make(d, 1)
}

func (s *Server) sendPhoto(_ *http.Request, p *params) (any, *refusal) {
	return s.sendUpload(p, "photo")
}

func (s *Server) sendDocument(_ *http.Request, p *params) (any, *refusal) {
	return s.sendUpload(p, "document")
}

func (s *Server) sendUpload(p *params, class string) (any, *refusal) {
	caption, entities, no := formatted(p, "caption", "caption_entities")
	if no != nil {
		return nil, no
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, no := s.draft(p)
	if no != nil {
		return nil, no
	}
	if no := s.attach(d, p, class, class); no != nil {
		return nil, no
	}
	if no := d.setCaption(caption, entities); no != nil {
		return nil, no
	}
	return s.make(d, 1)
}

// draft is a message of the bot before it is made.
type draft struct {
	chat   int64
	fields object
	file   *Upload
	silent bool
}

func (d *draft) setCaption(caption string, entities []Entity) *refusal {
	if utf16Len(caption) > maxCaption {
		return bad("message caption is too long")
	}
	if caption != "" {
		d.fields["caption"] = caption
	}
	if len(entities) > 0 {
		d.fields["caption_entities"] = entities
	}
	return nil
}

// draft checks what all sending methods share. The caller holds mu.
func (s *Server) draft(p *params) (*draft, *refusal) {
	id, no := chatID(p)
	if no != nil {
		return nil, no
	}
	keyboard, no := readKeyboard(p.text("reply_markup"))
	if no != nil {
		return nil, no
	}
	if no := s.mayWrite(id); no != nil {
		return nil, no
	}
	d := &draft{chat: id, fields: object{}, silent: p.yes("disable_notification")}
	if keyboard != nil {
		d.fields["reply_markup"] = keyboard
	}
	return d, s.answer(d, p)
}

// answer sets the message that is answered, given in the new way or in the old.
func (s *Server) answer(d *draft, p *params) *refusal {
	var reply struct {
		MessageID int64 `json:"message_id"`
		Anyway    bool  `json:"allow_sending_without_reply"`
	}
	if !p.decode("reply_parameters", &reply) {
		return bad("can't parse reply parameters JSON object")
	}
	if reply.MessageID == 0 {
		reply.MessageID, reply.Anyway = p.number("reply_to_message_id"), p.yes("allow_sending_without_reply")
	}
	if reply.MessageID == 0 {
		return nil
	}
	m := s.messages[messageKey{d.chat, reply.MessageID}]
	if m == nil || m.deleted {
		if reply.Anyway {
			return nil
		}
		return bad("message to be replied not found")
	}
	one := maps.Clone(m.fields)
	delete(one, "reply_to_message")
	d.fields["reply_to_message"] = one
	return nil
}

// attach finds the file of a parameter: an upload, "attach://name" or the id
// of a file that the server has.
func (s *Server) attach(d *draft, p *params, name, class string) *refusal {
	up := p.files[name]
	value := p.text(name)
	if ref, ok := strings.CutPrefix(value, "attach://"); ok {
		up, value = p.files[ref], ""
	}
	if up == nil {
		return s.attachKnown(d, value, class)
	}
	if len(up.body) == 0 {
		return bad("file must be non-empty")
	}
	if class == "photo" {
		if no := checkPhoto(up.body); no != nil {
			return no
		}
		sizes := s.photoSizes(up.body)
		d.fields["photo"] = sizes
		id, _ := sizes[len(sizes)-1]["file_id"].(string)
		d.file = &Upload{Class: class, ID: id, Name: up.name, Type: up.kind, Body: up.body, Size: int64(len(up.body))}
		return nil
	}
	k := s.keep(class, up.name, up.kind, up.body)
	d.fields[class] = k.object()
	d.file = &Upload{Class: class, ID: k.id, Name: up.name, Type: up.kind, Body: up.body, Size: k.size}
	return nil
}

func (s *Server) attachKnown(d *draft, value, class string) *refusal {
	if value == "" {
		return bad("there is no " + class + " in the request")
	}
	if strings.Contains(value, "://") {
		return bad("failed to get HTTP URL content") // the stand-in goes nowhere
	}
	k := s.files.byID[value]
	if k == nil {
		return bad("wrong file identifier/HTTP URL specified")
	}
	if (k.class == "photo") != (class == "photo") {
		return bad("can't use file of type " + k.class + " as " + class)
	}
	if class == "photo" {
		d.fields["photo"] = []object{k.object()}
	} else {
		d.fields[class] = k.object()
	}
	d.file = &Upload{Class: class, ID: k.id, Name: k.name, Type: k.kind, Body: k.body, Size: k.size}
	return nil
}

// checkPhoto refuses what cannot be a photo (channels 1.6).
func checkPhoto(body []byte) *refusal {
	if len(body) > maxPhoto {
		return bad("file is too big for a photo")
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil {
		return bad("IMAGE_PROCESS_FAILED")
	}
	if c.Width+c.Height > 10000 || max(c.Width, c.Height) > 20*min(c.Width, c.Height) {
		return bad("PHOTO_INVALID_DIMENSIONS")
	}
	return nil
}

// make spends the budget and makes the message. n is how many it counts for.
func (s *Server) make(d *draft, n int) (any, *refusal) {
	if no := s.spend(d.chat, n); no != nil {
		return nil, no
	}
	return s.place(d), nil
}

func (s *Server) place(d *draft) object {
	s.lastID++
	s.lastSent++
	d.fields["message_id"] = s.lastID
	d.fields["date"] = s.now()
	d.fields["from"] = s.bot()
	d.fields["chat"] = s.chatObject(d.chat)
	s.messages[messageKey{d.chat, s.lastID}] = &stored{
		fields: d.fields, fromBot: true, date: s.now(), sent: s.lastSent, file: d.file, silent: d.silent,
	}
	s.forgetOld()
	s.signal()
	return maps.Clone(d.fields)
}

// messagesKept bounds the memory of a long demo.
const messagesKept = 20000

func (s *Server) forgetOld() {
	if len(s.messages) < 2*messagesKept {
		return
	}
	for k := range s.messages {
		if k.message <= s.lastID-messagesKept {
			delete(s.messages, k)
		}
	}
	s.presses = map[string]press{}
}

// album is one entry of sendMediaGroup.
type album struct {
	Type            string          `json:"type"`
	Media           string          `json:"media"`
	Caption         string          `json:"caption"`
	ParseMode       string          `json:"parse_mode"`
	CaptionEntities json.RawMessage `json:"caption_entities"`
}

func (s *Server) sendMediaGroup(_ *http.Request, p *params) (any, *refusal) {
	var items []album
	if !p.decode("media", &items) {
		return nil, bad("can't parse media JSON object")
	}
	if len(items) < 2 || len(items) > 10 {
		return nil, bad("group send failed: there must be 2-10 items in the group")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var drafts []*draft
	for _, it := range items {
		if it.Type != "photo" && it.Type != "document" {
			return nil, bad("can't parse InputMedia: wrong media type")
		}
		if it.Type != items[0].Type {
			return nil, bad("document can't be mixed with other media types")
		}
		d, no := s.draft(p)
		if no != nil {
			return nil, no
		}
		one := &params{values: map[string]string{it.Type: it.Media, "caption": it.Caption, "parse_mode": it.ParseMode, "caption_entities": string(it.CaptionEntities)}, files: p.files}
		if no := s.attach(d, one, it.Type, it.Type); no != nil {
			return nil, no
		}
		caption, entities, no := formatted(one, "caption", "caption_entities")
		if no == nil {
			no = d.setCaption(caption, entities)
		}
		if no != nil {
			return nil, no
		}
		drafts = append(drafts, d)
	}
	if no := s.spend(drafts[0].chat, len(drafts)); no != nil {
		return nil, no
	}
	group := strconv.FormatInt(13900000+s.lastID, 10)
	var out []object
	for _, d := range drafts {
		d.fields["media_group_id"] = group
		out = append(out, s.place(d))
	}
	return out, nil
}
