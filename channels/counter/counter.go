// Package counter is the channel of those who come in person or telephone: a
// visit or a call is typed in by staff, and goes the way of every other message,
// raw first.
package counter

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// Driver is the counter; nothing is sent there and nothing received by itself.
var Driver = channels.Driver{Kind: "counter", Fields: fields, Open: open}

// PhoneDriver is the telephone, of which staff takes notes.
var PhoneDriver = channels.Driver{Kind: "phone", Fields: fields, Open: open}

var fields = []channels.Field{{
	Name: "place", Type: channels.Text,
	Label: map[string]string{"it": "Luogo", "en": "Place"},
	Help:  map[string]string{"it": "Dove si trova lo sportello, o il numero che risponde.", "en": "Where the counter is, or the number that answers."},
}}

// Note is what staff typed in. It is kept as it is, in JSON.
type Note struct {
	Key      string        `json:"key"`      // given by the form, so that a double click is one visit
	At       clock.Instant `json:"at"`       // when the person was there, which may be before it was typed in
	Operator int64         `json:"operator"` // who typed
	Person   string        `json:"person"`   // name as said; empty when nobody asked
	Subject  string        `json:"subject"`
	Text     string        `json:"text"`
	Lang     string        `json:"lang,omitempty"`
}

// ContentType of a Note.
const ContentType = "application/vnd.filodiretto.note+json"

// Raw makes the raw item of a note.
func (n Note) Raw() (channels.Raw, error) {
	if n.Key == "" {
		return channels.Raw{}, errors.New("counter: a note needs a key")
	}
	b, err := json.Marshal(n)
	if err != nil {
		return channels.Raw{}, fmt.Errorf("counter: %w", err)
	}
	return channels.Raw{
		DedupKey: n.Key, ContentType: ContentType, Body: b, Size: int64(len(b)), ReceivedAt: n.At,
		Meta: map[string]string{"operator": strconv.FormatInt(n.Operator, 10)},
	}, nil
}

type channel struct{}

func open(channels.Account, channels.Deps) (channels.Channel, error) { return channel{}, nil }

// ParserVersion is 1.
func (channel) ParserVersion() int { return 1 }

// Parse reads a note. What is not a note is an error, never a guess.
func (channel) Parse(raw channels.Raw) ([]channels.Item, error) {
	var n Note
	if err := json.Unmarshal(raw.Body, &n); err != nil {
		return nil, errors.New("counter: not a note")
	}
	if n.Key == "" {
		return nil, errors.New("counter: a note without a key")
	}
	text := strings.ToValidUTF8(strings.ReplaceAll(n.Text, "\x00", ""), "\uFFFD")
	subject := strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(n.Subject, "\x00", ""), "\uFFFD")), " ")
	return []channels.Item{{
		Kind: channels.Message, ExternalID: n.Key,
		From:   channels.Address{Kind: "visitor", Value: n.Key, Display: n.Person},
		SentAt: n.At, ReceivedAt: n.At, Subject: subject, Text: text, Lang: n.Lang,
	}}, nil
}
