package telegram

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"filodiretto/channels"
)

// Notes of a Receipt.
const (
	notePlain    = "plain_fallback"    // the markup was refused, plain text went
	noteNoReply  = "without_reply"     // the message to answer is gone or elsewhere
	noteDocument = "photo_as_document" // the platform did not take it as a photo
	noteNoID     = "no_message_id"     // sent, but the answer did not name it
)

// Send delivers one message. A message is one call where it can be: text of up
// to 4096 units, or one file with a caption of up to 1024. Otherwise it goes
// as several pieces, text first.
//
// A message of several pieces must never begin again once a piece was sent,
// and the contract has no way to go on in the middle. So Send itself tries
// temporary troubles of a later piece again for half a minute. When it gives
// up, the error is UnknownOutcome ("2 of 3 pieces were sent"), which is never
// repeated blindly, or the piece's own class where that is final anyway
// (blocked, gone, rejected). In both cases the Receipt names the pieces that
// arrived and has the note "partial:2/3".
func (c *Channel) Send(ctx context.Context, m *channels.Outgoing) (channels.Receipt, error) {
	s, err := c.plan(m)
	if err != nil {
		return channels.Receipt{}, err
	}
	for i := range s.parts {
		if err := s.deliver(ctx, &s.parts[i], i > 0); err != nil {
			return s.receipt(i), s.verdict(err, i)
		}
	}
	return s.receipt(len(s.parts)), nil
}

// sending is one message on its way.
type sending struct {
	*Channel
	m       *channels.Outgoing
	chat    int64
	moved   bool  // chat is not the one that was asked for
	replyTo int64 // message in the chat; 0 for none
	parts   []part
	ids     []string
	notes   []string
}

// part is one call: a piece of text, or a file with its caption.
type part struct {
	text    piece
	html    bool // text.markup is to be used
	whole   bool // text is all there is
	file    *channels.OutgoingFile
	asPhoto bool
	first   bool // carries the reply
	buttons bool // carries the buttons
}

// plan checks the message and cuts it into calls. It reaches nobody.
func (c *Channel) plan(m *channels.Outgoing) (*sending, error) {
	s := &sending{Channel: c, m: m}
	target := m.ThreadKey
	if target == "" {
		target = m.To.Value
	}
	var err error
	if s.chat, err = strconv.ParseInt(target, 10, 64); err != nil || s.chat == 0 || (m.To.Kind != "" && m.To.Kind != Kind) {
		return nil, channels.Errorf(channels.ContentRejected, "", "send: the recipient is not a Telegram chat")
	}
	if err := checkButtons(m.Buttons); err != nil {
		return nil, err
	}
	if err := c.checkFiles(m.Files); err != nil {
		return nil, err
	}
	s.planReply()
	s.planParts()
	if len(s.parts) == 0 {
		return nil, channels.Errorf(channels.ContentRejected, "", "send: there is neither text nor file")
	}
	s.parts[0].first = true
	return s, nil
}

// planReply finds the message to answer, when it is in the same chat.
func (s *sending) planReply() {
	if s.m.AnswerTo == "" {
		return
	}
	chatID, messageID, ok := strings.Cut(s.m.AnswerTo, ":")
	n, err := strconv.ParseInt(messageID, 10, 64)
	if !ok || err != nil || n <= 0 || chatID != strconv.FormatInt(s.chat, 10) {
		s.note(noteNoReply)
		return
	}
	s.replyTo = n
}

func (s *sending) planParts() {
	whole, atoms, html := s.words()
	files := s.m.Files
	if len(files) == 1 && units(whole.plain) <= captionLimit {
		p := part{text: whole, html: html, whole: true, file: &files[0], buttons: true}
		p.asPhoto = isPhoto(&files[0])
		s.parts = append(s.parts, p)
		return
	}
	pieces := splitAtoms(atoms, textLimit)
	if len(pieces) > 1 {
		s.note("split:" + strconv.Itoa(len(pieces)))
	}
	for i, text := range pieces {
		s.parts = append(s.parts, part{text: text, html: html, whole: len(pieces) == 1, buttons: i == len(pieces)-1})
	}
	for i := range files {
		last := i == len(files)-1 && len(pieces) == 0
		s.parts = append(s.parts, part{file: &files[i], asPhoto: isPhoto(&files[i]), buttons: last})
	}
}

// words gives the text in one piece and in atoms. Markup that the platform
// would refuse is not even tried.
func (s *sending) words() (whole piece, atoms []atom, html bool) {
	if s.m.Markup != "" {
		atoms, err := readMarkup(s.m.Markup)
		if err == nil {
			whole, _ = assemble(atoms, nil)
			return whole, atoms, true
		}
		s.note(notePlain)
	}
	atoms = readPlain(s.m.Text)
	whole, _ = assemble(atoms, nil)
	return whole, atoms, false
}

func (s *sending) note(code string) {
	for _, n := range s.notes {
		if n == code {
			return
		}
	}
	s.notes = append(s.notes, code)
}

// patience is how long Send goes on trying the rest of a message whose
// beginning was sent.
const patience = 30 * time.Second

// deliver makes the call of one part. later is true when an earlier part was
// sent: then temporary trouble is worth some patience.
func (s *sending) deliver(ctx context.Context, p *part, later bool) error {
	waited := time.Duration(0)
	for failures := 0; ; {
		err := s.attempt(ctx, p)
		if err == nil {
			return nil
		}
		e := channels.AsError(err)
		if s.adapt(p, e) {
			continue
		}
		wait := backoff(failures)
		failures++
		switch {
		case !later || ctx.Err() != nil:
			return e
		case e.Class == channels.RetryAfter:
			wait = e.After
		case e.Class != channels.RetryBackoff:
			return e
		}
		if waited += wait; waited > patience {
			return e
		}
		if err := s.pause(ctx, wait); err != nil {
			return e
		}
	}
}

// adapt changes what can be changed about a refused part, each thing once, and
// reports whether another attempt makes sense.
func (s *sending) adapt(p *part, e *channels.Error) bool {
	_, why, _ := strings.Cut(strings.ToLower(e.Text), ": ") // without the method
	switch {
	case e.MovedTo != "" && !s.moved:
		to, err := strconv.ParseInt(e.MovedTo, 10, 64)
		if err != nil || to == 0 {
			return false
		}
		s.chat, s.moved = to, true
		s.note("moved_to:" + e.MovedTo)
		if s.replyTo != 0 {
			s.replyTo = 0 // messages have other numbers there
			s.note(noteNoReply)
		}
		return true
	case e.Class != channels.ContentRejected:
		return false
	case p.html && strings.Contains(why, "can't parse entities"):
		p.html = false
		if p.whole && s.m.Text != "" {
			p.text.plain = s.m.Text // it may spell out what the markup hides
		}
		s.note(notePlain)
		return true
	case p.first && s.replyTo != 0 && strings.Contains(why, "message to be replied not found"):
		s.replyTo = 0
		s.note(noteNoReply)
		return true
	case p.asPhoto && e.Code == "400" && isPhotoTrouble(why):
		p.asPhoto = false
		s.note(noteDocument)
		return true
	}
	return false
}

// receipt names what arrived: n parts of all.
func (s *sending) receipt(n int) channels.Receipt {
	r := channels.Receipt{ExternalIDs: s.ids, Notes: s.notes}
	if n == 0 {
		return channels.Receipt{}
	}
	r.Code = "200"
	r.Delivered = n == len(s.parts)
	if !r.Delivered {
		r.Notes = append(r.Notes, fmt.Sprintf("partial:%d/%d", n, len(s.parts)))
	}
	return r
}

// verdict is the error of a message of which n parts were sent before err.
func (s *sending) verdict(err error, n int) error {
	e := *channels.AsError(err)
	if s.moved {
		e.MovedTo = strconv.FormatInt(s.chat, 10)
	}
	if n == 0 {
		return &e
	}
	switch e.Class {
	case channels.RecipientBlocked, channels.RecipientGone, channels.ContentRejected:
	default:
		e.Class, e.Scope, e.After = channels.UnknownOutcome, channels.ScopeRecipient, 0
	}
	e.Text = fmt.Sprintf("%d of %d pieces were sent, the next was not or perhaps not: %s", n, len(s.parts), e.Text)
	return &e
}
