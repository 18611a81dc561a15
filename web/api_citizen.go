package web

import (
	"net/http"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/web/openapi"
)

var newIdentitySchema = openapi.Named("NewIdentity", "An identity as a person typed it.", openapi.Object(
	openapi.Req("kind", openapi.OneOf("email", "pec", "phone", "cf", "address"), ""),
	openapi.Req("value", openapi.Filled(300), ""),
	openapi.Opt("display", openapi.Text(200), "A label."),
	openapi.Opt("override_reason", openapi.Text(500), "Why a codice fiscale with a wrong check character is kept all the same.")))

var nameSource = openapi.Opt("name_source", openapi.OneOf("operator", "document"), "document when one was seen.")

func (a *api) citizenOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/citizens", ID: "listCitizens", Tag: "citizens", Scope: "read", Summary: "People found by name, address, telephone or codice fiscale; without q the newest",
			Params: append([]openapi.Param{{Name: "q", In: "query", Schema: openapi.Text(200), Doc: "Beginnings of words; every word must fit. With it there is one page, of at most 50."}}, paging(100)...),
			Out:    pageSchema(personBriefSchema),
		}, apiRead(a.listCitizens)),
		op(openapi.Operation{
			Method: "POST", Path: "/citizens", ID: "createCitizen", Tag: "citizens", Scope: "write", Summary: "Open a file",
			Doc: "409 with citizen_id when an address is somebody's already. 422 with overriding when a codice fiscale is doubtful.", OK: statusCreated,
			Body: openapi.Object(openapi.Req("name", openapi.Filled(200), ""), nameSource, openapi.Opt("lang", openapi.Text(35), "BCP 47."),
				openapi.Opt("preferred", openapi.Text(20), "The channel that the person prefers."), openapi.Opt("note", openapi.Text(5000), ""),
				openapi.Opt("identities", openapi.UpTo(20, newIdentitySchema), "")), Out: citizenMadeSchema,
		}, apiDo(a.createCitizen)),
		op(openapi.Operation{
			Method: "GET", Path: "/citizens/{id}", ID: "getCitizen", Tag: "citizens", Scope: "read", Summary: "A person's file, found by any of its records",
			Doc: "Reading is written to the events, once in ten minutes.", Out: personSchema,
		}, apiRead(a.getCitizen)),
		op(openapi.Operation{
			Method: "PATCH", Path: "/citizens/{id}", ID: "editCitizen", Tag: "citizens", Scope: "write", Summary: "Change what is given of a person",
			Params: []openapi.Param{ifMatch},
			Body: openapi.Object(versionProp, openapi.Opt("name", openapi.Filled(200), ""), nameSource, openapi.Opt("lang", openapi.Text(35), ""),
				openapi.Opt("preferred", openapi.Text(20), ""), openapi.Opt("note", openapi.Text(5000), "")), Out: personSchema, Faults: []int{http.StatusPreconditionRequired},
		}, apiDo(a.editCitizen)),
		op(openapi.Operation{
			Method: "GET", Path: "/citizens/{id}/timeline", ID: "getTimeline", Tag: "citizens", Scope: "read", Summary: "What happened between the person and the municipality, newest first",
			Params: append([]openapi.Param{
				{Name: "what", In: "query", Schema: openapi.OneOf("messages", "visits", "notes", "events")},
				{Name: "channel", In: "query", Schema: openapi.Text(20), Doc: "Of messages and visits."},
			}, paging(200)...),
			Out: pageSchema(storySchema),
		}, apiRead(a.timeline)),
		op(openapi.Operation{
			Method: "POST", Path: "/citizens/{id}/notes", ID: "noteCitizen", Tag: "citizens", Scope: "write", Summary: "Write a note on the file",
			Body: openapi.Object(openapi.Req("text", openapi.Filled(5000), "")),
		}, apiEmpty(a.noteCitizen)),
		op(openapi.Operation{
			Method: "POST", Path: "/citizens/{id}/identities", ID: "addIdentity", Tag: "citizens", Scope: "write", Summary: "Add what was learned of the person, as declared",
			OK: statusCreated, Body: newIdentitySchema, Out: identitySchema,
		}, apiDo(a.addIdentity)),
		op(openapi.Operation{
			Method: "DELETE", Path: "/citizens/{id}/identities/{iid}", ID: "removeIdentity", Tag: "citizens", Scope: "write", Summary: "Take an identity off the person",
			Params: []openapi.Param{{Name: "reason", In: "query", Schema: openapi.Filled(500), Required: true}},
		}, apiEmpty(a.removeIdentity)),
		op(openapi.Operation{
			Method: "POST", Path: "/citizens/{id}/identities/{iid}/proof", ID: "proveIdentity", Tag: "citizens", Scope: "write", Summary: "Record how sure we are that it is theirs, and from what",
			Body: openapi.Object(openapi.Req("level", openapi.Between(0, 2), ""), openapi.Req("source", openapi.OneOf(inbox.ProofSources...), "")),
		}, apiEmpty(a.proveIdentity)),
		op(openapi.Operation{
			Method: "POST", Path: "/citizens/{id}/identities/{iid}/consent", ID: "setConsent", Tag: "citizens", Scope: "write", Summary: "Record what the citizen decided about being written to there",
			Body: openapi.Object(openapi.Req("action", openapi.OneOf(inbox.OptOut, inbox.OptIn, inbox.Withdraw), "")),
		}, apiEmpty(a.setConsent)),
		op(openapi.Operation{Method: "POST", Path: "/citizens/{id}/identities/{iid}/try-again", ID: "tryAddressAgain", Tag: "citizens", Scope: "write", Summary: "Take back that the address is bad"}, apiEmpty(a.tryAgain)),
		op(openapi.Operation{
			Method: "POST", Path: "/citizens/{id}/link", ID: "makeLink", Tag: "citizens", Scope: "write", Summary: "Make a word that links the person's Telegram: t.me/BOT?start=WORD",
			Doc: "Good for 24 hours and one use; an earlier one that was not used is good no more. It is told once, so that no Idempotency-Key is taken.", OK: statusCreated,
			Body: openapi.Object(openapi.Opt("case", openapi.Text(20), "Number of the case that it is made for.")), Out: linkSchema,
		}, apiDo(a.makeLink)).withoutKey(),
		op(openapi.Operation{
			Method: "GET", Path: "/citizens/{id}/link", ID: "getLink", Tag: "citizens", Scope: "read", Summary: "How the newest word made for the person stands",
			Doc: "404 when there is none, or none of the last days.", Out: linkStateSchema,
		}, apiRead(a.getLink)),
	}
}

func (a *api) listCitizens(q *apiCall) (apiPage[apiPersonBrief], error) {
	limit := q.limit(rowsOf)
	if query := strings.TrimSpace(q.query("q")); query != "" {
		people, err := a.peopleFound(q, query, min(limit, 50))
		return pageOf(people, ""), err
	}
	list, next, err := a.Inbox.NewestPeople(q.ctx, q.Viewer, parseID(q.query("cursor")), limit)
	if err != nil {
		return apiPage[apiPersonBrief]{}, err
	}
	people, err := a.briefs(q, list)
	return pageOf(people, idCursor(next)), err
}

func (a *api) peopleFound(q *apiCall, query string, limit int) ([]apiPersonBrief, error) {
	hits, err := a.Inbox.SearchCitizens(q.ctx, q.Viewer, query, limit)
	if err != nil {
		return nil, err
	}
	list := make([]inbox.PersonSummary, len(hits))
	for i := range hits {
		list[i] = hits[i].PersonSummary
	}
	return a.briefs(q, list)
}

// briefs are persons with what lists say of their cases.
func (a *api) briefs(q *apiCall, list []inbox.PersonSummary) ([]apiPersonBrief, error) {
	roots := make([]int64, len(list))
	for i := range list {
		roots[i] = list[i].ID
	}
	facts, err := a.Inbox.PeopleFacts(q.ctx, q.Viewer, roots)
	if err != nil {
		return nil, err
	}
	now := a.clock.Now()
	out := make([]apiPersonBrief, len(list))
	for i := range list {
		f := facts[list[i].ID]
		out[i] = q.viewBrief(&list[i], now)
		out[i].Open, out[i].DueAt, out[i].LastAt = &f.Open, &f.Due, &f.Last
	}
	return out, nil
}

type newIdentityIn struct {
	Kind           string `json:"kind"`
	Value          string `json:"value"`
	Display        string `json:"display"`
	OverrideReason string `json:"override_reason"`
}

func (in newIdentityIn) identity() inbox.NewIdentity {
	return inbox.NewIdentity{Kind: in.Kind, Value: in.Value, Display: in.Display, OverrideReason: in.OverrideReason}
}

type newCitizenIn struct {
	Name       string          `json:"name"`
	NameSource string          `json:"name_source"`
	Lang       string          `json:"lang"`
	Preferred  string          `json:"preferred"`
	Note       string          `json:"note"`
	Identities []newIdentityIn `json:"identities"`
}

type citizenMade struct {
	ID      apiID  `json:"id"`
	Name    string `json:"name"`
	Version int64  `json:"version"`
}

var citizenMadeSchema = openapi.Named("CitizenMade", "A file that was opened.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""), openapi.Req("name", openapi.Text(0), ""), openapi.Req("version", openapi.Int(), "")))

func (a *api) createCitizen(q *apiCall, in newCitizenIn) (citizenMade, error) {
	n := inbox.NewCitizen{Name: in.Name, NameSource: in.NameSource, Lang: in.Lang, Preferred: in.Preferred, Note: in.Note}
	for _, i := range in.Identities {
		n.Identities = append(n.Identities, i.identity())
	}
	z, err := a.Inbox.CreateCitizen(q.ctx, q.Viewer, n)
	if err != nil {
		return citizenMade{}, err
	}
	q.at, q.etag = apiPrefix+"/citizens/"+formatID(z.ID), etag(z.Version)
	return citizenMade{apiID(z.ID), z.Name, z.Version}, nil
}

func (a *api) getCitizen(q *apiCall) (*apiPerson, error) {
	p, err := a.Inbox.Person(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return nil, err
	}
	q.etag = etag(p.Version)
	return q.viewPerson(p, a.clock.Now()), nil
}

type editCitizenIn struct {
	Version    int64   `json:"version"`
	Name       *string `json:"name"`
	NameSource string  `json:"name_source"`
	Lang       *string `json:"lang"`
	Preferred  *string `json:"preferred"`
	Note       *string `json:"note"`
}

func (a *api) editCitizen(q *apiCall, in editCitizenIn) (*apiPerson, error) {
	v, err := q.needVersion(in.Version)
	if err != nil {
		return nil, err
	}
	err = a.Inbox.UpdateCitizen(q.ctx, q.Viewer, q.id("id"), inbox.CitizenEdit{Version: v, Name: in.Name, NameSource: in.NameSource, Lang: in.Lang, Preferred: in.Preferred, Note: in.Note})
	if err != nil {
		return nil, err
	}
	return a.getCitizen(q)
}

type textIn struct {
	Text string `json:"text"`
}

func (a *api) noteCitizen(q *apiCall, in textIn) error {
	return a.Inbox.AddCitizenNote(q.ctx, q.Viewer, q.id("id"), in.Text)
}

func (a *api) addIdentity(q *apiCall, in newIdentityIn) (apiIdentity, error) {
	i, err := a.Inbox.AddIdentity(q.ctx, q.Viewer, q.id("id"), in.identity())
	if err != nil {
		return apiIdentity{}, err
	}
	return q.viewIdentity(i, a.clock.Now()), nil
}

// pathIdentity is the identity of the address, when it is of the person of the
// address.
func (a *api) pathIdentity(q *apiCall) (int64, error) {
	p, err := a.Inbox.PersonSummary(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return 0, err
	}
	iid := q.id("iid")
	if !slices.ContainsFunc(p.Identities, func(i inbox.Identity) bool { return i.ID == iid }) {
		return 0, inbox.ErrNotFound
	}
	return iid, nil
}

func (a *api) removeIdentity(q *apiCall, _ nothing) error {
	id, err := a.pathIdentity(q)
	if err != nil {
		return err
	}
	return a.Inbox.RemoveIdentity(q.ctx, q.Viewer, id, q.query("reason"))
}

type proofIn struct {
	Level  int    `json:"level"`
	Source string `json:"source"`
}

func (a *api) proveIdentity(q *apiCall, in proofIn) error {
	id, err := a.pathIdentity(q)
	if err != nil {
		return err
	}
	return a.Inbox.SetProof(q.ctx, q.Viewer, id, inbox.Proof(in.Level), in.Source)
}

type consentIn struct {
	Action inbox.ConsentAction `json:"action"`
}

func (a *api) setConsent(q *apiCall, in consentIn) error {
	id, err := a.pathIdentity(q)
	if err != nil {
		return err
	}
	return a.Inbox.SetConsent(q.ctx, q.Viewer, id, inbox.Consent{Action: in.Action})
}

func (a *api) tryAgain(q *apiCall, _ nothing) error {
	id, err := a.pathIdentity(q)
	if err != nil {
		return err
	}
	return a.Inbox.TryAddressAgain(q.ctx, q.Viewer, id)
}

// caseNamed is the id of a case that a member of the body names by its number;
// 0 when it names none.
func (a *api) caseNamed(q *apiCall, field, ref string) (int64, error) {
	if ref == "" {
		return 0, nil
	}
	c, err := a.Inbox.CaseByRef(q.ctx, q.Viewer, ref)
	if err == inbox.ErrNotFound {
		return 0, &inbox.InvalidError{Field: field, Code: "unknown"}
	}
	if err != nil {
		return 0, err
	}
	return c.ID, nil
}
