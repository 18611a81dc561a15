package page

import "filodiretto/internal/clock"

// Events is the audit list. Inputs of the filter: who, what, number, person,
// from, to.
type Events struct {
	Shell
	Who    []Choice
	What   []ChoiceGroup
	Number string
	Person string // id of a person's file
	From   string // 2006-01-02
	To     string
	Events []AuditLine
	// Before is the address of the following page; empty at the end.
	Before string
	// Sealed says up to when the list is sealed.
	Sealed clock.Instant
	Faults []FieldFault
}

// ChoiceGroup is a heading of a select with what is under it.
type ChoiceGroup struct {
	Label   string // in words
	Choices []Choice
}

// AuditLine is one event. It tells no contents: what was written stands where it
// was written.
type AuditLine struct {
	ID     int64
	At     clock.Instant
	Who    string
	What   string // in words
	Detail string // in words: to whom, to which office
	Code   string // the event's own name
	Number string // a case; may be empty
	Person int64  // a citizen; 0 for none
	Name   string // of the citizen; empty for who may not read it
}
