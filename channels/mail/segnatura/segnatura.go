// Package segnatura reads the file Segnatura.xml, by which an Italian public body
// tells under which number of its own register a document left (Italian reference
// 1.4 and 1.5). Two forms arrive: the one of Allegato 6, version 3, in force since
// 2022, and the older one of circular AIPA 28/2001 and AgID 60/2013. Real files keep
// to neither schema, so that nothing is validated: what can be read is read.
package segnatura

import "strings"

// Form is the schema that a file follows.
type Form string

// The forms.
const (
	Allegato6 Form = "allegato6" // root SegnaturaInformatica
	Circular  Form = "circular"  // root Segnatura
)

// Record is the registration of a document at another body, as its file tells it.
// It is a claim of the sender's: nothing in it is proven. What is missing is empty.
type Record struct {
	Form Form `json:"form"`
	// Administration and Area are the codes of the body and of its homogeneous
	// organisational area (AOO) in the national index; Register is the code of the
	// register, which the oldest files do not have.
	Administration string `json:"administration,omitempty"`
	Area           string `json:"area,omitempty"`
	Register       string `json:"register,omitempty"`
	// Number is as written, often with zeros in front; Date is 2026-11-22 when it
	// could be read as a date, else as written.
	Number string `json:"number,omitempty"`
	Date   string `json:"date,omitempty"`

	Subject    string     `json:"subject,omitempty"`
	Class      string     `json:"class,omitempty"` // code, or name where there is none
	Sender     string     `json:"sender,omitempty"`
	Recipients []string   `json:"recipients,omitempty"`
	Documents  []Document `json:"documents,omitempty"` // the principal one first
	Reserved   bool       `json:"reserved,omitempty"`
	// Confirm is set when the sender wants a ConfermaRicezione.
	Confirm bool `json:"confirm,omitempty"`
}

// Document is one file that the sender registered.
type Document struct {
	Name   string `json:"name"`
	Title  string `json:"title,omitempty"`
	SHA256 string `json:"sha256,omitempty"` // lower-case hex; empty where the file tells another hash or none
}

// IsName reports whether a file of this name may be one: Segnatura.xml, in
// whatever case. One under a signature (.p7m) was taken out of it when the mail was
// read, and bears the same name.
func IsName(name string) bool { return strings.EqualFold(strings.TrimSpace(name), "segnatura.xml") }

// Registered reports whether a number is told. A "0" stands for "not yet".
func (r *Record) Registered() bool { return strings.Trim(r.Number, "0 ") != "" }
