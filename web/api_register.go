package web

import (
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/register"
	"filodiretto/web/openapi"
)

// apiStanding is where a message stands with the protocol register.
type apiStanding struct {
	State   register.State   `json:"state"`
	Reason  string           `json:"reason"`
	By      *apiWho          `json:"by"`
	Since   clock.Instant    `json:"since"`
	Version int64            `json:"version"`
	Entry   *apiRegistration `json:"entry"`
}

var standingSchema = openapi.Named("Standing", "Where a message stands with the protocol register.", openapi.Object(
	openapi.Req("state", openapi.OneOf(register.NotNeeded, register.Due, register.Registered), ""),
	openapi.Req("reason", openapi.Text(0), "An operator's words; of a rule channel, rule (of routing), kind or office."),
	openapi.Req("by", whoSchema.OrNull(), "null for a rule, or for nobody."),
	openapi.Req("since", timeOrNull, ""),
	openapi.Req("version", openapi.Int(), "0 where nobody asked for it yet. Commands send it back."),
	openapi.Req("entry", registrationSchema.OrNull(), "The last one, also when it was annulled.")))

// apiRegistration is an entry of the register.
type apiRegistration struct {
	ID         apiID           `json:"id"`
	Source     register.Source `json:"source"`
	Number     string          `json:"number"`
	Year       int             `json:"year"`
	Ref        string          `json:"ref"`
	Day        queue.Day       `json:"day"`
	At         clock.Instant   `json:"at"`
	Direction  inbox.Direction `json:"direction"`
	Admin      string          `json:"administration"`
	Area       string          `json:"area"`
	Code       string          `json:"code"`
	Veiled     bool            `json:"veiled"`
	Annulled   bool            `json:"annulled"`
	Corrected  bool            `json:"corrected"`
	MessageID  apiID           `json:"message_id"`
	Case       string          `json:"case"`
	Sender     string          `json:"sender"`
	Recipients string          `json:"recipients"`
	Subject    string          `json:"subject"`
	Office     *apiOfficeRef   `json:"office"`
	Class      string          `json:"class"`
	Hash       string          `json:"hash"`
}

var registrationProps = []openapi.Prop{
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("source", openapi.OneOf(register.Own, register.Theirs), "own: of this program's register; external: of another program, typed in."),
	openapi.Req("number", openapi.Text(0), "As people write it: 0000123."),
	openapi.Req("year", openapi.Int(), ""),
	openapi.Req("ref", openapi.Text(0), "0000123/2026."),
	openapi.Req("day", openapi.Text(0), "Of the registration: 2026-11-22."),
	openapi.Req("at", openapi.Time(), "When it was entered here."),
	openapi.Req("direction", openapi.OneOf(inbox.In, inbox.Out), ""),
	openapi.Req("administration", openapi.Text(0), "Code in the national index (IPA)."),
	openapi.Req("area", openapi.Text(0), "Code of the AOO."),
	openapi.Req("code", openapi.Text(0), "Code of the register."),
	openapi.Req("veiled", openapi.Bool(), "The operator may not see the case: what follows is empty."),
	openapi.Req("annulled", openapi.Bool(), ""),
	openapi.Req("corrected", openapi.Bool(), "Another entry stands for it."),
	openapi.Req("message_id", idOrNull, ""),
	openapi.Req("case", openapi.Text(0), ""),
	openapi.Req("sender", openapi.Text(0), ""),
	openapi.Req("recipients", openapi.Text(0), ""),
	openapi.Req("subject", openapi.Text(0), ""),
	openapi.Req("office", officeRefSchema.OrNull(), "To which it is assigned."),
	openapi.Req("class", openapi.Text(0), "Of the titolario: VI.3."),
	openapi.Req("hash", openapi.Text(0), "Of the line, over that of the line before it."),
}

var registrationSchema = openapi.Named("Registration", "A registration: number, date, sender or recipients, subject, office and class.", openapi.Object(registrationProps...))

func (q *apiCall) viewEntry(l *register.Line) *apiRegistration {
	return &apiRegistration{
		ID: apiID(l.ID), Source: l.Source, Number: l.Shown, Year: l.Year, Ref: l.Ref(), Day: l.Day, At: l.At, Direction: l.Direction, Admin: l.Administration, Area: l.Area, Code: l.Code,
		Veiled: l.Veiled, Annulled: l.Annulled, Corrected: l.Corrected, MessageID: apiID(l.MessageID), Case: l.CaseRef, Sender: l.Sender, Recipients: l.Recipients, Subject: l.Subject,
		Office: q.officeRef(l.OfficeID), Class: l.Class, Hash: l.Hash,
	}
}

// apiRegistrationFull is an entry with what it registers.
type apiRegistrationFull struct {
	*apiRegistration
	Origin      *register.Origin `json:"origin"`
	Documents   []apiRegistered  `json:"documents"`
	Assignments []apiAssignment  `json:"assignments"`
	Annulment   *apiAnnulment    `json:"annulment"`
	Replaces    []apiID          `json:"replaces"`
	ReplacedBy  apiID            `json:"replaced_by"`
}

type apiRegistered struct {
	What   string `json:"what"`
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

type apiAssignment struct {
	ID     apiID         `json:"id"`
	Office *apiOfficeRef `json:"office"`
	Class  string        `json:"class"`
	By     string        `json:"by"`
	At     clock.Instant `json:"at"`
}

type apiAnnulment struct {
	Reason string        `json:"reason"`
	Act    string        `json:"act"`
	By     string        `json:"by"`
	At     clock.Instant `json:"at"`
}

var assignmentSchema = openapi.Named("RegisterAssignment", "The office and the class of an entry from an instant on.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""), openapi.Req("office", officeRefSchema.OrNull(), ""), openapi.Req("class", openapi.Text(0), ""), openapi.Req("by", openapi.Text(0), ""), openapi.Req("at", openapi.Time(), "")))

var annulmentSchema = openapi.Named("RegisterAnnulment", "Why an entry is out of force.", openapi.Object(
	openapi.Req("reason", openapi.Text(0), ""), openapi.Req("act", openapi.Text(0), ""), openapi.Req("by", openapi.Text(0), ""), openapi.Req("at", openapi.Time(), "")))

var originSchema = openapi.Object(
	openapi.Opt("number", openapi.Text(100), ""), openapi.Opt("date", openapi.Text(100), "2026-11-22, or as the sender wrote it."),
	openapi.Opt("administration", openapi.Text(100), "Code in the national index."), openapi.Opt("area", openapi.Text(100), "Code of the AOO."))

var registrationFullSchema = openapi.Named("RegistrationFull", "An entry with the hashes of what it registers and all that happened to it.", openapi.Object(append(registrationProps,
	openapi.Req("origin", originSchema.OrNull(), "The registration at the body that sent it."),
	openapi.Req("documents", openapi.List(openapi.Object(
		openapi.Req("what", openapi.OneOf(register.Received, register.Sent, register.Composed, register.Attachment), ""),
		openapi.Req("name", openapi.Text(0), ""), openapi.Req("size", openapi.Int(), "Bytes."), openapi.Req("sha256", openapi.Text(0), "Hex; empty where there are no bytes."))), ""),
	openapi.Req("assignments", openapi.List(assignmentSchema), "Newest first; the first holds."),
	openapi.Req("annulment", annulmentSchema.OrNull(), ""),
	openapi.Req("replaces", openapi.List(openapi.ID()), "Entries that it corrects, newest first."),
	openapi.Req("replaced_by", idOrNull, "The entry that corrects it."))...))

// apiDueMessage is a message that waits for its number.
type apiDueMessage struct {
	MessageID apiID           `json:"message_id"`
	Case      string          `json:"case"`
	Channel   string          `json:"channel"`
	Direction inbox.Direction `json:"direction"`
	At        clock.Instant   `json:"at"`
	Subject   string          `json:"subject"`
	Sender    string          `json:"sender"`
	Office    *apiOfficeRef   `json:"office"`
	Reason    string          `json:"reason"`
	Version   int64           `json:"version"`
}

var dueSchema = openapi.Named("DueMessage", "A message that must be registered and is not.", openapi.Object(
	openapi.Req("message_id", openapi.ID(), ""), openapi.Req("case", openapi.Text(0), ""), openapi.Req("channel", openapi.Text(0), ""), openapi.Req("direction", openapi.OneOf(inbox.In, inbox.Out), ""),
	openapi.Req("at", openapi.Time(), ""), openapi.Req("subject", openapi.Text(0), ""), openapi.Req("sender", openapi.Text(0), ""), openapi.Req("office", officeRefSchema.OrNull(), "Of the case."),
	openapi.Req("reason", openapi.Text(0), ""), openapi.Req("version", openapi.Int(), "Send it back when you register it.")))

// apiDaily is the register of one day.
type apiDaily struct {
	Day        queue.Day     `json:"day"`
	Entries    int           `json:"entries"`
	Annulments int           `json:"annulments"`
	First      string        `json:"first"`
	Last       string        `json:"last"`
	Size       int64         `json:"size"`
	SHA256     string        `json:"sha256"`
	Previous   string        `json:"previous"`
	MadeAt     clock.Instant `json:"made_at"`
}

var dailySchema = openapi.Named("DailyRegister", "The register of one day as it was closed.", openapi.Object(
	openapi.Req("day", openapi.Text(0), ""), openapi.Req("entries", openapi.Int(), ""), openapi.Req("annulments", openapi.Int(), ""), openapi.Req("first", openapi.Text(0), "Number."), openapi.Req("last", openapi.Text(0), "Number."),
	openapi.Req("size", openapi.Int(), "Bytes of the file."), openapi.Req("sha256", openapi.Text(0), "Of the file."), openapi.Req("previous", openapi.Text(0), "Hash of the file of the day before."), openapi.Req("made_at", openapi.Time(), "")))
