// Package webpage is the channel of what citizens write on the municipality's
// own pages. The raw item is the form as the browser sent it, byte for byte, so
// that it goes the way of every other message: raw first.
package webpage

import (
	"errors"
	"fmt"

	"filodiretto/channels"
)

// Kind is the kind of the channel.
const Kind = "web"

// Driver is the channel of the pages. Nothing is sent there: an answer goes where
// the citizen is reached, and stands on the page of the case.
var Driver = channels.Driver{Kind: Kind, Open: open}

// What Meta holds of a message. It is written by the house and not by the browser.
const (
	MetaCase    = "on_case"    // id of the case on whose page it was written
	MetaCitizen = "by_citizen" // id of the citizen row whose secret opened the page
	MetaLang    = "lang"       // in which language the page was
)

// NoteSecret is the note on a message whose writer proved to have the secret of
// the case, and no more: who it was is not proven.
const NoteSecret = "proof_secret"

type channel struct{}

func open(channels.Account, channels.Deps) (channels.Channel, error) { return channel{}, nil }

// ParserVersion is 1.
func (channel) ParserVersion() int { return 1 }

// Parse reads a form. What is no form, or says nothing, is an error, never a guess.
func (channel) Parse(raw channels.Raw) ([]channels.Item, error) {
	f, err := ReadForm(raw.ContentType, raw.Body)
	if err != nil {
		return nil, fmt.Errorf("webpage: %w", err)
	}
	if f.Empty() {
		return nil, errors.New("webpage: a form that says nothing")
	}
	it := channels.Item{
		Kind: channels.Message, ExternalID: cleanLine(raw.DedupKey), From: channels.Address{Kind: "page", Value: cleanLine(raw.Meta[MetaCase])},
		SentAt: raw.ReceivedAt, ReceivedAt: raw.ReceivedAt, Text: f.Text, Lang: cleanLine(raw.Meta[MetaLang]), Notes: []string{NoteSecret},
	}
	for _, x := range f.Files {
		it.Parts = append(it.Parts, channels.Part{Kind: channels.File, Name: x.Name, Claimed: x.Claimed, Detected: x.Detected, Body: x.Body, Size: int64(len(x.Body))})
	}
	return []channels.Item{it}, nil
}
