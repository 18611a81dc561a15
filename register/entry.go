package register

import (
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/channels/mail/segnatura"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue"
)

// Source says whose number an entry bears.
type Source string

// The sources.
const (
	Own    Source = "own"      // of the program's own register
	Theirs Source = "external" // of another program, typed in
)

// Entry is one registration. Its row is never changed: what may change (office and
// class), and that it was annulled, are rows of their own.
type Entry struct {
	bun.BaseModel `bun:"table:register_entries,alias:re"`

	ID             int64 `bun:",pk"`
	Book           string
	Source         Source
	Administration string
	Area           string
	Code           string
	Year           int
	Number         int64     // 0 for one of another program that is no number
	Shown          string    // "0000123"
	Day            queue.Day // of the registration
	At             clock.Instant
	Direction      inbox.Direction // In or Out
	MessageID      int64
	CaseID         int64
	Channel        string
	Sender         string
	Recipients     string
	Subject        string
	DocumentAt     clock.Instant // when the document came or left
	Origin         string        // the other body's registration, as JSON: read it with OriginOf
	OperatorID     int64
	Operator       string
	ReplacesID     int64
	Folded         string
	Seq            int64
	Previous       string
	Hash           string

	// Made is what was written with the entry, filled by Enter and Correct: who calls
	// them within a larger transaction cannot read it yet.
	Made *Made `bun:"-"`
}

// Made is what belongs to a new entry.
type Made struct {
	Documents  []*Document
	Assignment *Assignment
	CaseRef    string
	Replaces   int64
}

// Ref is the number as people write it: "0000123/2026".
func (e *Entry) Ref() string { return fmt.Sprintf("%s/%d", e.Shown, e.Year) }

// OriginOf is the registration at the body that sent the document; nil for none.
func (e *Entry) OriginOf() *Origin {
	if e.Origin == "" {
		return nil
	}
	o := new(Origin)
	if json.Unmarshal([]byte(e.Origin), o) != nil {
		return nil
	}
	return o
}

// Origin is a registration at the body that sent a document, as it says itself.
type Origin struct {
	Number         string `json:"number,omitempty"`
	Date           string `json:"date,omitempty"`
	Administration string `json:"administration,omitempty"`
	Area           string `json:"area,omitempty"`
}

// OriginFrom takes what an entry keeps out of a segnatura.
func OriginFrom(s *segnatura.Record) Origin {
	if s == nil {
		return Origin{}
	}
	return Origin{Number: s.Number, Date: s.Date, Administration: s.Administration, Area: s.Area}
}

func (o Origin) json() string {
	if o == (Origin{}) {
		return ""
	}
	b, err := json.Marshal(o)
	if err != nil {
		return "" // plain texts always encode
	}
	return string(b)
}

// Document is one thing that was registered, with the hash of its bytes.
type Document struct {
	bun.BaseModel `bun:"table:register_documents,alias:rd"`

	EntryID int64 `bun:",pk"`
	Ord     int   `bun:",pk"`
	// What is "received" (the message byte for byte as it came), "sent" (as it was
	// given to the provider), "composed" (what was written, where no bytes of a
	// transmission are kept) or "attachment".
	What   string
	Name   string
	Type   string
	Size   int64
	SHA256 string `bun:"sha256"` // hex; empty for an attachment that could not be had
	OfID   int64  // the raw item, delivery or part that it is
}

// The kinds of document.
const (
	Received   = "received"
	Sent       = "sent"
	Composed   = "composed"
	Attachment = "attachment"
)

// Assignment is the office and the class of an entry from an instant on. The newest
// holds; all are kept.
type Assignment struct {
	bun.BaseModel `bun:"table:register_assignments,alias:ra"`

	ID         int64 `bun:",pk"`
	EntryID    int64
	OfficeID   int64
	Office     string
	Class      string
	ClassName  string
	OperatorID int64
	Operator   string
	Book       string
	Day        queue.Day
	At         clock.Instant
	Seq        int64
	Previous   string
	Hash       string
}

// Annulment takes an entry out of force. The entry stays legible (DPR 445/2000
// art. 54).
type Annulment struct {
	bun.BaseModel `bun:"table:register_annulments,alias:rx"`

	EntryID    int64 `bun:",pk"`
	Reason     string
	Act        string // that authorised it
	OperatorID int64
	Operator   string
	Book       string
	Day        queue.Day
	At         clock.Instant
	Seq        int64
	Previous   string
	Hash       string
}
