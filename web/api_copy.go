package web

import (
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/openapi"
)

// apiCopy is a further mailbox that a message came by.
type apiCopy struct {
	AccountID apiID         `json:"account_id"`
	Account   string        `json:"account"`
	Office    *apiOfficeRef `json:"office"`
	At        clock.Instant `json:"at"`
	Blind     bool          `json:"blind"`
}

var copySchema = openapi.Named("Copy", "A further mailbox of ours that a message came by.", openapi.Object(
	openapi.Req("account_id", openapi.ID(), ""),
	openapi.Req("account", openapi.Text(0), "Name of the mailbox; empty for one that is there no more."),
	openapi.Req("office", officeRefSchema.OrNull(), ""),
	openapi.Req("at", openapi.Time(), "When it was taken in there."),
	openapi.Req("blind", openapi.Bool(), "The mail does not name the mailbox, as with a blind copy: only the members of its office are told.")))

func (q *apiCall) viewCopies(m *inbox.Message) []apiCopy {
	out := make([]apiCopy, len(m.Also))
	for i, a := range m.Also {
		out[i] = apiCopy{apiID(a.AccountID), a.Account, q.officeRef(a.OfficeID), a.At, a.Blind}
	}
	return out
}

// apiSameID is the mail that had the Message-ID of another one before it.
type apiSameID struct {
	MessageID apiID         `json:"message_id"`
	Case      apiCaseRef    `json:"case"`
	At        clock.Instant `json:"at"`
}

var sameIDSchema = openapi.Named("SameID", "A mail that came before, under the same Message-ID and with another text.", openapi.Object(
	openapi.Req("message_id", openapi.ID(), ""),
	openapi.Req("case", caseRefSchema, "Its case; the subject is that of the mail."),
	openapi.Req("at", openapi.Time(), "")))

func viewSameID(m *inbox.Message) *apiSameID {
	if m.SameID == nil {
		return nil
	}
	return &apiSameID{apiID(m.SameID.MessageID), apiCaseRef{apiID(m.SameID.CaseID), m.SameID.Ref(), m.SameID.Subject}, m.SameID.At}
}

// viewNotes are the remarks on a message. That another mail has its id is told with that
// mail or not at all: it may be on a case that the operator may not see.
func viewNotes(m *inbox.Message) []string {
	return slices.DeleteFunc(splitWords(m.Notes), func(n string) bool { return n == inbox.SameIDNote && m.SameID == nil })
}
