package web

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/logging"
	"filodiretto/queue"
	"filodiretto/register"
	"filodiretto/web/openapi"
	"filodiretto/web/page"
)

// apiError is a refusal with words for who wrote the program.
type apiError struct {
	status         int
	code, field    string
	detail, remedy string
	retryAfter     time.Duration
}

func (e *apiError) Error() string { return e.code }

// faultsError says which parts of a request are wrong.
type faultsError struct{ faults []openapi.Fault }

func (e *faultsError) Error() string { return "the request does not fit the document" }

// apiProblem is a problem document with what a program needs to decide.
type apiProblem struct {
	Problem
	Errors     []openapi.Fault `json:"errors,omitempty"`     // all that is wrong, when more than one thing may be
	Newer      []apiMessage    `json:"newer,omitempty"`      // the messages that the answer was written without
	Unseen     []apiAddress    `json:"unseen,omitempty"`     // recipients new to the case, to be confirmed
	Draft      *apiDraft       `json:"draft,omitempty"`      // the draft as another program or page saved it
	CitizenID  apiID           `json:"citizen_id,omitempty"` // whose the address is already
	Overriding string          `json:"overriding,omitempty"` // the member by which the warning is overridden
}

// refuse answers an error with a problem document.
func (a *api) refuse(w http.ResponseWriter, q *apiCall, err error) {
	p := a.explain(q, err)
	h := w.Header()
	var e *apiError
	if errors.As(err, &e) && e.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.retryAfter.Seconds()))))
	}
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="filodiretto"`)
	case http.StatusServiceUnavailable:
		if h.Get("Retry-After") == "" {
			h.Set("Retry-After", "5")
		}
	}
	h.Set("Content-Type", "application/problem+json")
	b, err := jsonBytes(p)
	if err != nil {
		a.Log.ErrorContext(q.r.Context(), "a problem document cannot be written", "error", err)
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(b)
}

// explain finds the words for an error. Nothing of how the program works inside
// is told.
func (a *api) explain(q *apiCall, err error) *apiProblem {
	p := &apiProblem{Problem: Problem{Type: "about:blank", Request: logging.RequestID(q.r.Context())}}
	var (
		said    *apiError
		faults  *faultsError
		warning *inbox.WarningError
		taken   *inbox.TakenError
		invalid *inbox.InvalidError
		unseen  *inbox.UnseenError
		newer   *inbox.NewerError
		draft   *inbox.DraftError
		refused *queue.RefusedError
	)
	switch {
	case errors.As(err, &said):
		p.Status, p.Code, p.Field, p.Detail, p.Remedy = said.status, said.code, said.field, said.detail, said.remedy
	case errors.As(err, &faults):
		p.Status, p.Errors = http.StatusUnprocessableEntity, faults.faults
		f := faults.faults[0]
		p.Field, p.Code, p.Detail = f.Path, f.Code, memberName(f.Path)+": "+f.Detail+"."
	case errors.As(err, &newer):
		p.Status, p.Code, p.Detail = http.StatusConflict, "newer_messages", "Something newer is on the case than what was answered."
		p.Remedy = "Read what is in newer. Then send again with its ids in seen_in_id and seen_id, or with override: true."
		for _, m := range newer.Messages {
			p.Newer = append(p.Newer, viewMessage(q, m, nil, nil))
		}
	case errors.As(err, &draft):
		p.Status, p.Code, p.Detail = http.StatusConflict, "draft_changed", "The draft was saved elsewhere meanwhile."
		p.Remedy = "Join your text with the one in draft, and save with its version."
		d := viewDraft(&draft.Theirs)
		p.Draft = &d
	case errors.As(err, &unseen):
		p.Status, p.Code, p.Field, p.Detail = http.StatusUnprocessableEntity, "unseen_recipients", "to", "The case has never seen these recipients."
		p.Remedy = "Make sure that they are right, and send again with confirmed: true on each of them."
		for _, r := range unseen.Recipients {
			p.Unseen = append(p.Unseen, apiAddress{r.Kind, r.Value, r.Display})
		}
	case errors.As(err, &taken):
		p.Status, p.Code, p.CitizenID, p.Detail = http.StatusConflict, "taken", apiID(taken.CitizenID), "The address is another person's."
		p.Remedy = "Look at the person in citizen_id; the two may be one, and can be merged."
	case errors.As(err, &warning):
		p.Status, p.Code, p.Field = http.StatusUnprocessableEntity, warning.Code, warning.Field
		p.doubt(warning)
	case errors.As(err, &refused):
		p.Status, p.Code, p.Detail = http.StatusConflict, refused.Code, "It cannot be done as things are: "+refused.Code+"."
		p.Remedy = "Read how things stand, and decide again."
	case errors.As(err, &invalid):
		p.Status, p.Code, p.Field = http.StatusUnprocessableEntity, invalid.Code, invalid.Field
		p.Detail = memberName(invalid.Field) + " is not acceptable: " + invalid.Code + "."
		if say := a.render.Say(page.English); strings.Contains(invalid.Field, ".") && say.Known("barred."+invalid.Code) { // one of the recipients
			p.Detail = memberName(invalid.Field) + " is not acceptable: " + invalid.Code + " (" + say.Text("barred."+invalid.Code) + ")."
		}
	default:
		p.Status = a.logged(q.r, err)
	}
	p.Title = http.StatusText(p.Status)
	if p.Status == 499 {
		p.Title = "Client Closed Request"
	}
	if p.Remedy == "" {
		p.Remedy = remedy(p.Status)
	}
	return p
}

// doubts are what each warning of the domain says, and the member by which it is
// overridden. One without a member can only be corrected.
var doubts = map[string]struct{ detail, overriding, remedy string }{
	inbox.WarnCheckLetter: {
		"The check character of the codice fiscale does not fit.", "override_reason",
		"Correct it, or, when the document says just so, say why it is kept in the member override_reason.",
	},
	register.WarnTaken: {
		"The number is another message's already.", "sure",
		"Correct it, or, when it is this very number, send sure: true.",
	},
	inbox.WarnOtherPerson: {
		"The case is another person's.", "other_person",
		"Correct the number, or, when somebody came on that person's behalf, send other_person: true.",
	},
}

func (p *apiProblem) doubt(w *inbox.WarningError) {
	d, known := doubts[w.Code]
	if !known {
		d.detail, d.remedy = memberName(w.Field)+" is doubtful: "+w.Code+".", "Correct it."
	}
	p.Detail, p.Overriding, p.Remedy = d.detail, d.overriding, d.remedy
}

func memberName(field string) string {
	if field == "" {
		return "The body"
	}
	return "The member " + field
}
