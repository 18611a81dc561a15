package web

import (
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/person"
	"filodiretto/web/openapi"
)

// apiIdentity is one way by which a citizen is known or reached.
type apiIdentity struct {
	ID             apiID         `json:"id"`
	CitizenID      apiID         `json:"citizen_id"`
	Kind           string        `json:"kind"`
	Value          string        `json:"value"`
	Shown          string        `json:"shown"`
	Proof          inbox.Proof   `json:"proof"`
	ProofSource    string        `json:"proof_source"`
	Source         string        `json:"source"`
	VerifiedAt     clock.Instant `json:"verified_at"`
	VerifiedBy     *apiWho       `json:"verified_by"`
	Warning        string        `json:"warning"`
	OverrideReason string        `json:"override_reason"`
	Status         string        `json:"status"`
	StatusAt       clock.Instant `json:"status_at"`
	StatusUntil    clock.Instant `json:"status_until"`
	OptedOutAt     clock.Instant `json:"opted_out_at"`
	FirstSeen      clock.Instant `json:"first_seen"`
	LastSeen       clock.Instant `json:"last_seen"`
	Barred         string        `json:"barred"`
	NoNotices      string        `json:"no_notices"`
}

var identitySchema = openapi.Named("Identity", "One way by which a citizen is known or reached.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("citizen_id", openapi.ID(), "The record that it belongs to."),
	openapi.Req("kind", openapi.Text(0), "email, pec, telegram, phone, cf, address."),
	openapi.Req("value", openapi.Text(0), "Normalised."),
	openapi.Req("shown", openapi.Text(0), "As people read it."),
	openapi.Req("proof", openapi.Between(0, 2), "0 somebody said so, 1 confirmed from there, 2 certain."),
	openapi.Req("proof_source", openapi.Text(0), ""),
	openapi.Req("source", openapi.Text(0), "Where we have it from."),
	openapi.Req("verified_at", timeOrNull, ""),
	openapi.Req("verified_by", whoSchema.OrNull(), ""),
	openapi.Req("warning", openapi.Text(0), "A doubt that an operator overrode: cf_wrong_check."),
	openapi.Req("override_reason", openapi.Text(0), ""),
	openapi.Req("status", openapi.Text(0), "active, blocked, gone, bad, opted_out, withdrawn."),
	openapi.Req("status_at", timeOrNull, ""),
	openapi.Req("status_until", timeOrNull, "When bad is forgotten."),
	openapi.Req("opted_out_at", timeOrNull, ""),
	openapi.Req("first_seen", timeOrNull, ""),
	openapi.Req("last_seen", timeOrNull, ""),
	openapi.Req("barred", openapi.Text(0), "Why nothing at all may go there; empty when it may."),
	openapi.Req("no_notices", openapi.Text(0), "Why nothing may go there that was not asked for.")))

func (q *apiCall) viewIdentity(i *inbox.Identity, now clock.Instant) apiIdentity {
	return apiIdentity{
		ID: apiID(i.ID), CitizenID: apiID(i.CitizenID), Kind: i.Kind, Value: i.Value, Shown: i.Shown(), Proof: i.Proof, ProofSource: i.ProofSource,
		Source: i.Source, VerifiedAt: i.VerifiedAt, VerifiedBy: q.who(i.VerifiedBy), Warning: i.Warning, OverrideReason: i.OverrideReason, Status: i.Status,
		StatusAt: i.StatusAt, StatusUntil: i.StatusUntil, OptedOutAt: i.OptedOutAt, FirstSeen: i.FirstSeen, LastSeen: i.LastSeen,
		Barred: i.Barred(false, now), NoNotices: i.Barred(true, now),
	}
}

// apiPersonBrief is a person in a few words.
type apiPersonBrief struct {
	ID         apiID          `json:"id"`
	Name       string         `json:"name"`
	Since      clock.Instant  `json:"since"`
	Identities []apiIdentity  `json:"identities"`
	Open       *int           `json:"open,omitempty"`
	DueAt      *clock.Instant `json:"due_at,omitempty"`
	LastAt     *clock.Instant `json:"last_at,omitempty"`
}

var personBriefSchema = openapi.Named("PersonBrief", "A person in a few words.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("name", openapi.Text(0), "Empty for whoever wrote an original that names nobody."),
	openapi.Req("since", timeOrNull, "When the first record was made."),
	openapi.Req("identities", openapi.List(identitySchema), ""),
	openapi.Opt("open", openapi.Int(), "Open cases, of those that the operator may see."),
	openapi.Opt("due_at", timeOrNull, "The nearest term of them."),
	openapi.Opt("last_at", timeOrNull, "Newest contact.")))

func (q *apiCall) viewBrief(p *inbox.PersonSummary, now clock.Instant) apiPersonBrief {
	out := apiPersonBrief{ID: apiID(p.ID), Name: p.Name, Since: p.Since, Identities: []apiIdentity{}}
	for i := range p.Identities {
		if p.Identities[i].Kind != inbox.Nobody {
			out.Identities = append(out.Identities, q.viewIdentity(&p.Identities[i], now))
		}
	}
	return out
}

// apiPerson is a citizen's file.
type apiPerson struct {
	ID         apiID           `json:"id"`
	Version    int64           `json:"version"`
	Name       string          `json:"name"`
	NameSource string          `json:"name_source"`
	Lang       string          `json:"lang"`
	Preferred  string          `json:"preferred"`
	Records    []apiRecord     `json:"records"`
	Identities []apiIdentity   `json:"identities"`
	Notes      []apiPersonNote `json:"notes"`
	Open       []apiCase       `json:"open"`
	Past       []apiCase       `json:"past"`
	MorePast   bool            `json:"more_past"`
	Reserved   string          `json:"reserved"`
	Proposals  []apiProposal   `json:"proposals"`
	Merges     []apiMerge      `json:"merges"`
	Apart      []apiApart      `json:"apart"`
}

type apiRecord struct {
	ID        apiID         `json:"id"`
	Name      string        `json:"name"`
	CreatedAt clock.Instant `json:"created_at"`
}

type apiPersonNote struct {
	ID        apiID         `json:"id"`
	CitizenID apiID         `json:"citizen_id"`
	Text      string        `json:"text"`
	By        *apiWho       `json:"by"`
	At        clock.Instant `json:"at"`
}

type apiApart struct {
	ID   apiID         `json:"id"`
	Name string        `json:"name"`
	At   clock.Instant `json:"at"`
}

var personSchema = openapi.Named("Person", "A citizen's file, as one operator may see it.", openapi.Object(
	openapi.Req("id", openapi.ID(), "Of the record that was kept, when several are one person."),
	openapi.Req("version", openapi.Int(), "Also the ETag."),
	openapi.Req("name", openapi.Text(0), ""),
	openapi.Req("name_source", openapi.Text(0), "mail, telegram, operator, document."),
	openapi.Req("lang", openapi.Text(0), ""),
	openapi.Req("preferred", openapi.Text(0), "The channel that the person prefers; empty when not said."),
	openapi.Req("records", openapi.List(openapi.Object(
		openapi.Req("id", openapi.ID(), ""), openapi.Req("name", openapi.Text(0), ""), openapi.Req("created_at", openapi.Time(), ""))), "All records that are this person."),
	openapi.Req("identities", openapi.List(identitySchema), ""),
	openapi.Req("notes", openapi.List(openapi.Object(
		openapi.Req("id", idOrNull, ""), openapi.Req("citizen_id", openapi.ID(), ""), openapi.Req("text", openapi.Text(0), ""),
		openapi.Req("by", whoSchema.OrNull(), ""), openapi.Req("at", timeOrNull, ""))), "What staff should know the next time."),
	openapi.Req("open", openapi.List(caseSchema), "Newest contact first."),
	openapi.Req("past", openapi.List(caseSchema), "Closed ones, the newest hundred."),
	openapi.Req("more_past", openapi.Bool(), ""),
	openapi.Req("reserved", openapi.Text(0), "What may be said of a matter that is not to be seen; mostly empty."),
	openapi.Req("proposals", openapi.List(proposalSchema), "Who may be the same person."),
	openapi.Req("merges", openapi.List(mergeSchema), "In force, newest first; each can be undone."),
	openapi.Req("apart", openapi.List(openapi.Object(
		openapi.Req("id", openapi.ID(), ""), openapi.Req("name", openapi.Text(0), ""), openapi.Req("at", timeOrNull, ""))), "Said not to be the same person.")))

func (q *apiCall) viewPerson(p *inbox.Person, now clock.Instant) *apiPerson {
	out := &apiPerson{
		ID: apiID(p.ID), Version: p.Version, Name: p.Name, NameSource: p.NameSource, Lang: p.Lang, Preferred: p.Preferred,
		Records: []apiRecord{}, Identities: []apiIdentity{}, Notes: []apiPersonNote{}, Open: q.viewCases(p.Open), Past: q.viewCases(p.Past), MorePast: p.MorePast,
		Reserved: p.Reserved, Proposals: []apiProposal{}, Merges: []apiMerge{}, Apart: []apiApart{},
	}
	for _, z := range p.Rows {
		out.Records = append(out.Records, apiRecord{apiID(z.ID), z.Name, z.CreatedAt})
	}
	for i := range p.Identities {
		if p.Identities[i].Kind != inbox.Nobody {
			out.Identities = append(out.Identities, q.viewIdentity(&p.Identities[i].Identity, now))
		}
	}
	for _, n := range p.Notes {
		out.Notes = append(out.Notes, apiPersonNote{apiID(n.ID), apiID(n.CitizenID), n.Text, q.who(n.ByOperator), n.At})
	}
	for i := range p.Proposals {
		out.Proposals = append(out.Proposals, q.viewProposal(&p.Proposals[i], now))
	}
	for i := range p.Merges {
		out.Merges = append(out.Merges, q.viewMerge(&p.Merges[i].Merge))
	}
	for _, a := range p.Apart {
		out.Apart = append(out.Apart, apiApart{apiID(a.OtherID), a.Name, a.At})
	}
	return out
}

func (q *apiCall) viewCases(list []inbox.Case) []apiCase {
	out := make([]apiCase, len(list))
	for i := range list {
		out[i] = q.viewCase(&list[i])
	}
	return out
}

// apiProposal asks whether two are one person.
type apiProposal struct {
	ID        apiID          `json:"id"`
	Other     apiPersonBrief `json:"other"`
	Reasons   []string       `json:"reasons"`
	Score     int            `json:"score"`
	Weak      bool           `json:"weak"`
	CreatedAt clock.Instant  `json:"created_at"`
	Compared  []apiCompared  `json:"compared"`
}

type apiCompared struct {
	Field   string       `json:"field"`
	Verdict person.Match `json:"verdict"`
	Mine    []string     `json:"mine"`
	Theirs  []string     `json:"theirs"`
}

var proposalSchema = openapi.Named("Proposal", "Somebody who may be the same person, with what speaks for and against.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("other", personBriefSchema, ""),
	openapi.Req("reasons", openapi.List(openapi.Text(0)), "cf, email, form, phone, address, name."),
	openapi.Req("score", openapi.Int(), "5 to 100."),
	openapi.Req("weak", openapi.Bool(), "Hardly more than a household."),
	openapi.Req("created_at", openapi.Time(), ""),
	openapi.Req("compared", openapi.List(openapi.Object(
		openapi.Req("field", openapi.Text(0), ""),
		openapi.Req("verdict", openapi.OneOf(person.Same, person.Compatible, person.Different, person.Unknown), ""),
		openapi.Req("mine", openapi.List(openapi.Text(0)), ""),
		openapi.Req("theirs", openapi.List(openapi.Text(0)), ""))), "")))

func (q *apiCall) viewProposal(p *inbox.PersonProposal, now clock.Instant) apiProposal {
	out := apiProposal{ID: apiID(p.ID), Other: q.viewBrief(&p.Other, now), Reasons: orEmpty(p.Reasons), Score: p.Score, Weak: p.Weak, CreatedAt: p.CreatedAt, Compared: []apiCompared{}}
	for _, c := range p.Table {
		out.Compared = append(out.Compared, apiCompared{c.Field, c.Verdict, orEmpty(c.Mine), orEmpty(c.Theirs)})
	}
	return out
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// apiMerge joins two records into one person.
type apiMerge struct {
	ID       apiID         `json:"id"`
	KeptID   apiID         `json:"kept_id"`
	GoneID   apiID         `json:"gone_id"`
	Reason   string        `json:"reason"`
	By       *apiWho       `json:"by"`
	At       clock.Instant `json:"at"`
	UndoneAt clock.Instant `json:"undone_at"`
}

var mergeSchema = openapi.Named("Merge", "Two records that are one person, until undone.", openapi.Object(
	openapi.Req("id", openapi.ID(), "To undo it."),
	openapi.Req("kept_id", openapi.ID(), ""),
	openapi.Req("gone_id", openapi.ID(), ""),
	openapi.Req("reason", openapi.Text(0), ""),
	openapi.Req("by", whoSchema.OrNull(), "null when the citizen did it with a link."),
	openapi.Req("at", openapi.Time(), ""),
	openapi.Req("undone_at", timeOrNull, "")))

func (q *apiCall) viewMerge(m *inbox.Merge) apiMerge {
	return apiMerge{apiID(m.ID), apiID(m.KeptID), apiID(m.GoneID), m.Reason, q.who(m.ByOperator), m.At, m.UndoneAt}
}
