package telegram

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"

	"filodiretto/channels"
)

// sent is the message that the platform made.
type sent struct {
	ID   int64 `json:"message_id"`
	Chat struct {
		ID int64 `json:"id"`
	} `json:"chat"`
}

// request is the common part of sendMessage, sendPhoto and sendDocument.
type request struct {
	ChatID    int64        `json:"chat_id"`
	Text      string       `json:"text,omitempty"`
	Caption   string       `json:"caption,omitempty"`
	ParseMode string       `json:"parse_mode,omitempty"`
	Reply     *replyTo     `json:"reply_parameters,omitempty"`
	Preview   *linkPreview `json:"link_preview_options,omitempty"`
	Silent    bool         `json:"disable_notification,omitempty"`
	Keyboard  *keyboard    `json:"reply_markup,omitempty"`
}

type replyTo struct {
	MessageID int64 `json:"message_id"`
	Anyway    bool  `json:"allow_sending_without_reply"`
}

type linkPreview struct {
	Disabled bool `json:"is_disabled"`
}

type keyboard struct {
	Rows [][]button `json:"inline_keyboard"`
}

type button struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

// attempt makes one call, in its turn.
func (s *sending) attempt(ctx context.Context, p *part) error {
	delay, err := s.pace.reserve(s.clock.Now(), s.chat)
	if err != nil {
		return err
	}
	if err := s.pause(ctx, delay); err != nil {
		return &channels.Error{Class: channels.RetryBackoff, Text: "send: given up before the call", Err: err}
	}
	method, body, err := s.compose(p)
	if err != nil {
		return err
	}
	var made sent
	if err := s.api.send(ctx, method, body, &made); err != nil {
		e := channels.AsError(err)
		if e.Class == channels.RetryAfter && e.Scope == channels.ScopeRecipient {
			e.Scope = s.pace.struckBy429(s.clock.Now(), s.chat, e.After)
		}
		return e
	}
	if key := messageKey(made.Chat.ID, made.ID); key != "" {
		s.ids = append(s.ids, key)
	} else {
		s.note(noteNoID)
	}
	return nil
}

// compose writes the call of a part.
func (s *sending) compose(p *part) (method string, body *payload, err error) {
	r := request{ChatID: s.chat, Silent: s.m.Silent}
	words := p.text.plain
	if p.html && words != "" {
		words, r.ParseMode = p.text.markup, "HTML"
	}
	if p.first && s.replyTo != 0 {
		r.Reply = &replyTo{MessageID: s.replyTo, Anyway: true}
	}
	if p.buttons {
		r.Keyboard = keyboardOf(s.m.Buttons)
	}
	if p.file == nil {
		r.Text = words
		r.Preview = &linkPreview{Disabled: true}
		b, err := json.Marshal(r)
		if err != nil {
			return "", nil, channels.Errorf(channels.ContentRejected, "", "send: the message cannot be written as JSON")
		}
		return "sendMessage", &payload{kind: "application/json", size: int64(len(b)), open: reopen(b)}, nil
	}
	r.Caption = words
	method, field := "sendDocument", "document"
	if p.asPhoto {
		method, field = "sendPhoto", "photo"
	}
	body, err = upload(r, field, p.file)
	return method, body, err
}

func keyboardOf(rows [][]channels.OutgoingButton) *keyboard {
	var k keyboard
	for _, row := range rows {
		var out []button
		for _, b := range row {
			out = append(out, button(b))
		}
		if len(out) > 0 {
			k.Rows = append(k.Rows, out)
		}
	}
	if k.Rows == nil {
		return nil
	}
	return &k
}

// dataLimit is the most bytes of a button's data (channels 1.6).
const dataLimit = 64

// checkButtons refuses what the platform would refuse, before anything is sent.
func checkButtons(rows [][]channels.OutgoingButton) error {
	for _, row := range rows {
		for _, b := range row {
			fault := ""
			switch {
			case b.Text == "":
				fault = "has no text"
			case b.Data == "" && b.URL == "":
				fault = "has neither data nor address"
			case b.Data != "" && b.URL != "":
				fault = "has both data and address"
			case len(b.Data) > dataLimit:
				fault = "has " + strconv.Itoa(len(b.Data)) + " bytes of data, more than 64"
			case b.URL != "" && !isButtonURL(b.URL):
				fault = "has an address that is not https://, http:// or tg://"
			}
			if fault != "" {
				return channels.Errorf(channels.ContentRejected, "", "send: a button %s", fault)
			}
		}
	}
	return nil
}

func isButtonURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http" || u.Scheme == "tg") && u.Host != ""
}
