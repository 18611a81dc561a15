package web

import (
	"fmt"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/secret"
	"filodiretto/web/openapi"
)

func (a *api) visitOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{
			Method: "POST", Path: "/visits", ID: "recordVisit", Tag: "cases", Scope: "write", Summary: "Record that somebody came or telephoned; the answer is the case",
			OK: statusCreated, Out: caseSchema, Body: openapi.Object(
				openapi.Req("account", openapi.ID(), "A counter or telephone."),
				openapi.Opt("at", timeOrNull, "Now when left out."),
				openapi.Opt("citizen_id", idOrNull, "Who it was, when known."),
				openapi.Opt("person", openapi.Text(200), "Name as said."),
				openapi.Opt("phone", openapi.Text(50), ""),
				openapi.Opt("email", openapi.Text(320), ""),
				openapi.Opt("cf", openapi.Text(30), "Codice fiscale."),
				openapi.Opt("override_reason", openapi.Text(500), "Why a codice fiscale with a wrong check character is kept all the same."),
				openapi.Opt("address", openapi.Text(300), ""),
				openapi.Opt("document_seen", openapi.Bool(), "The codice fiscale becomes certain. Counts at a counter alone."),
				openapi.Opt("kind", openapi.OneOf(inbox.CaseKinds...), ""),
				openapi.Opt("subject", openapi.Text(250), ""),
				openapi.Opt("text", openapi.Text(100_000), "Subject or text must be there."),
				openapi.Opt("office", idOrNull, "Where it goes; the rules decide when left out."),
				openapi.Opt("case", openapi.Text(20), "Number of the case that it adds to; a new one when left out."),
				openapi.Opt("other_person", openapi.Bool(), "The case is another person's and that is meant, as when a daughter comes for her mother."),
				openapi.Opt("closed", openapi.Bool(), "Dealt with on the spot."),
				openapi.Opt("outcome", openapi.Text(2000), "")),
		}, apiDo(a.recordVisit)),
	}
}

type visitIn struct {
	Account        apiID          `json:"account"`
	At             clock.Instant  `json:"at"`
	CitizenID      apiID          `json:"citizen_id"`
	Person         string         `json:"person"`
	Phone          string         `json:"phone"`
	Email          string         `json:"email"`
	CF             string         `json:"cf"`
	OverrideReason string         `json:"override_reason"`
	Address        string         `json:"address"`
	DocumentSeen   bool           `json:"document_seen"`
	Kind           inbox.CaseKind `json:"kind"`
	Subject        string         `json:"subject"`
	Text           string         `json:"text"`
	Office         apiID          `json:"office"`
	Case           string         `json:"case"`
	OtherPerson    bool           `json:"other_person"`
	Closed         bool           `json:"closed"`
	Outcome        string         `json:"outcome"`
}

func (a *api) recordVisit(q *apiCall, in visitIn) (apiCase, error) {
	caseID, err := a.caseNamed(q, "case", in.Case)
	if err != nil {
		return apiCase{}, err
	}
	if in.Office != 0 && q.dir.Office(int64(in.Office)) == nil {
		return apiCase{}, &inbox.InvalidError{Field: "office", Code: "unknown"}
	}
	if in.CitizenID != 0 {
		if _, err := a.Inbox.PersonSummary(q.ctx, q.Viewer, int64(in.CitizenID)); err == inbox.ErrNotFound {
			return apiCase{}, &inbox.InvalidError{Field: "citizen_id", Code: "unknown"}
		} else if err != nil {
			return apiCase{}, err
		}
	}
	c, err := a.Inbox.RecordVisit(q.ctx, q.Viewer, inbox.Visit{
		AccountID: int64(in.Account), Key: visitKey(q), At: in.At, CitizenID: int64(in.CitizenID), Person: in.Person,
		Phone: in.Phone, Email: in.Email, CF: in.CF, CFReason: in.OverrideReason, Address: in.Address, DocumentSeen: in.DocumentSeen, Kind: in.Kind,
		Subject: in.Subject, Text: in.Text, OfficeID: int64(in.Office), CaseID: caseID, OtherPerson: in.OtherPerson, Closed: in.Closed, Outcome: in.Outcome,
	})
	if err == nil {
		q.at = casePathOf(c)
	}
	return q.changed(c, err)
}

// visitKey is what makes a visit one visit: the caller's key, or one of its own.
func visitKey(q *apiCall) string {
	if key := q.r.Header.Get("Idempotency-Key"); key != "" {
		return fmt.Sprintf("api:%d:%s", q.OperatorID, key)
	}
	return secret.Token(12)
}

func casePathOf(c *inbox.Case) string { return fmt.Sprintf("%s/cases/%s", apiPrefix, c.Ref()) }
