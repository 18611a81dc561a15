package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/web/page"
)

func (s *Server) editPerson(w http.ResponseWriter, r *http.Request, c *caller) error {
	p, err := s.Inbox.Person(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return err
	}
	name, lang := r.PostFormValue("name"), r.PostFormValue("lang")
	edit := inbox.CitizenEdit{Version: p.Version, Name: &name, Lang: &lang, NameSource: p.NameSource}
	if name != p.Name || edit.NameSource != "document" {
		edit.NameSource = "operator"
	}
	err = s.Inbox.UpdateCitizen(r.Context(), c.Viewer, p.ID, edit)
	return s.done(w, r, c, personURL(p.ID), err, "person_saved")
}

// addIdentity adds what somebody learned of the person. A doubt, or somebody
// else who has the same, comes back with the form.
func (s *Server) addIdentity(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	f := page.IdentityForm{
		Open: true, Kind: page.IdentityKind(r.PostFormValue("kind")), Value: r.PostFormValue("value"),
		Proof: page.Proof(r.PostFormValue("proof")), Source: r.PostFormValue("source"),
	}
	n := inbox.NewIdentity{Kind: string(f.Kind), Value: f.Value, Source: "operator"}
	if r.PostFormValue("sure") == "1" {
		n.OverrideReason = overrideReason(r, c)
	}
	row, err := s.Inbox.AddIdentity(r.Context(), c.Viewer, id, n)
	if err == nil {
		err = s.proveNew(r, c, row.ID, f.Proof, f.Source)
	}
	var taken *inbox.TakenError
	var warning *inbox.WarningError
	var invalid *inbox.InvalidError
	switch {
	case err == nil:
		return s.done(w, r, c, personURL(id)+"#identities", nil, "identity_added")
	case errors.As(err, &taken):
		f.Warn = "known"
	case errors.As(err, &warning):
		f.Warn = warning.Code
	case errors.As(err, &invalid):
		f.Fault = identityFault(n.Kind, invalid)
	default:
		return err
	}
	return s.showPerson(w, r, c, http.StatusUnprocessableEntity, func(p *page.Person) { p.Add = f })
}

func identityFault(kind string, e *inbox.InvalidError) *page.FieldFault {
	if e.Field != "value" {
		return &page.FieldFault{Field: e.Field, Key: "bad_value"}
	}
	f := personField(&inbox.InvalidError{Field: kind, Code: e.Code})
	f.Field = "value"
	return f
}

// proveNew records how sure a new identity is.
func (s *Server) proveNew(r *http.Request, c *caller, identity int64, p page.Proof, source string) error {
	level, ok := proofLevel(p)
	if !ok || level == inbox.Declared {
		return nil
	}
	return s.Inbox.SetProof(r.Context(), c.Viewer, identity, level, proofSource(level, source))
}

func proofLevel(p page.Proof) (inbox.Proof, bool) {
	i := slices.Index(page.AllProofs, p)
	return inbox.Proof(max(0, i)), i >= 0
}

// proofSource is how an identity was proved: what the form says, else the usual
// way for the level.
func proofSource(level inbox.Proof, said string) string {
	if slices.Contains(inbox.ProofSources, said) {
		return said
	}
	return [...]string{"declared", "called_back", "document_seen"}[level]
}

func (s *Server) proveIdentity(w http.ResponseWriter, r *http.Request, c *caller) error {
	id, iid, _, err := s.pathIdentity(r, c)
	if err != nil {
		return err
	}
	level, ok := proofLevel(page.Proof(r.PostFormValue("proof")))
	if !ok {
		return s.done(w, r, c, personURL(id), &inbox.InvalidError{Field: "proof", Code: "unknown"}, "")
	}
	err = s.Inbox.SetProof(r.Context(), c.Viewer, iid, level, proofSource(level, r.PostFormValue("source")))
	return s.done(w, r, c, personURL(id)+"#identities", err, "saved")
}

// pathIdentity is the identity that the address names, if it is of the person
// that the address names, and all that the person's records have of the same,
// which the page shows in one row.
func (s *Server) pathIdentity(r *http.Request, c *caller) (person, identity int64, same []int64, err error) {
	p, err := s.Inbox.PersonSummary(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return 0, 0, nil, err
	}
	iid := pathID(r, "iid")
	at := slices.IndexFunc(p.Identities, func(i inbox.Identity) bool { return i.ID == iid })
	if at < 0 {
		return 0, 0, nil, inbox.ErrNotFound
	}
	for i := range p.Identities {
		if x := &p.Identities[i]; x.Kind == p.Identities[at].Kind && x.Shown() == p.Identities[at].Shown() {
			same = append(same, x.ID)
		}
	}
	return p.ID, iid, same, nil
}

// endIdentity takes away what stands in one row, of whichever record it is.
func (s *Server) endIdentity(w http.ResponseWriter, r *http.Request, c *caller) error {
	id, _, same, err := s.pathIdentity(r, c)
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(r.PostFormValue("reason"))
	if reason == "" {
		reason = c.say.Text("identity.end")
	}
	err = s.Inbox.RemoveIdentities(r.Context(), c.Viewer, same, reason)
	return s.done(w, r, c, personURL(id)+"#identities", err, "identity_ended")
}

// samePerson says that two records are one person. It can be undone at any time.
func (s *Server) samePerson(w http.ResponseWriter, r *http.Request, c *caller) error {
	p, other, err := s.pathOther(r, c)
	if err != nil {
		return err
	}
	var m *inbox.Merge
	if proposal := proposalOf(p, other); proposal != 0 {
		m, err = s.Inbox.AcceptProposal(r.Context(), c.Viewer, proposal)
	} else {
		m, err = s.Inbox.Merge(r.Context(), c.Viewer, p.ID, other, c.say.Text("person.same"))
	}
	if err == nil {
		s.flashUndo(r, personURL(p.ID)+"/merges/"+formatID(m.ID)+"/undo", "people_merged")
	}
	return s.done(w, r, c, personURL(p.ID), err, "")
}

// otherPerson says for good that two records are not one person.
func (s *Server) otherPerson(w http.ResponseWriter, r *http.Request, c *caller) error {
	p, other, err := s.pathOther(r, c)
	if err != nil {
		return err
	}
	if proposal := proposalOf(p, other); proposal != 0 {
		err = s.Inbox.RefuseProposal(r.Context(), c.Viewer, proposal)
	} else {
		err = s.Inbox.NotSame(r.Context(), c.Viewer, p.ID, other)
	}
	if err == nil {
		s.flashUndo(r, personURL(p.ID)+"/together?other="+formatID(other), "people_apart")
	}
	return s.done(w, r, c, backURL(r, personURL(p.ID)), err, "")
}

// notApart takes back that two records are not one person.
func (s *Server) notApart(w http.ResponseWriter, r *http.Request, c *caller) error {
	p, other, err := s.pathOther(r, c)
	if err != nil {
		return err
	}
	err = s.Inbox.WithdrawNotSame(r.Context(), c.Viewer, p.ID, other)
	return s.done(w, r, c, backURL(r, personURL(p.ID)), err, "undone")
}

// pathOther is the person of the address and the other record of the form.
func (s *Server) pathOther(r *http.Request, c *caller) (*inbox.Person, int64, error) {
	p, err := s.Inbox.Person(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return nil, 0, err
	}
	other := parseID(r.FormValue("other"))
	if other == 0 {
		return nil, 0, &badRequest{strconv.ErrSyntax}
	}
	return p, other, nil
}

func proposalOf(p *inbox.Person, other int64) int64 {
	for i := range p.Proposals {
		if p.Proposals[i].Other.ID == other {
			return p.Proposals[i].ID
		}
	}
	return 0
}

func (s *Server) undoMerge(w http.ResponseWriter, r *http.Request, c *caller) error {
	p, err := s.Inbox.Person(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return err
	}
	mid := pathID(r, "mid")
	if !slices.ContainsFunc(p.Merges, func(m inbox.PersonMerge) bool { return m.ID == mid }) {
		return inbox.ErrNotFound
	}
	err = s.Inbox.UndoMerge(r.Context(), c.Viewer, mid)
	return s.done(w, r, c, personURL(p.ID), err, "merge_undone")
}

// setWishes records how the person wants to be written to. An address that is
// barred gets nothing at all, until the person wants it again. What the form did
// not show (it came to be known since) stays as it is.
func (s *Server) setWishes(w http.ResponseWriter, r *http.Request, c *caller) error {
	p, err := s.Inbox.Person(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return err
	}
	preferred := r.PostFormValue("preferred")
	if preferred != p.Preferred {
		err = s.Inbox.UpdateCitizen(r.Context(), c.Viewer, p.ID, inbox.CitizenEdit{Version: p.Version, Preferred: &preferred})
	}
	each := func(name string) []string { return strings.Fields(strings.Join(r.PostForm[name], " ")) } // a choice may be of several records
	shown, barred := each("shown"), each("barred")
	for i := range p.Identities {
		id := &p.Identities[i]
		if err != nil || id.Kind == "cf" || id.Kind == "address" || !slices.Contains(shown, formatID(id.ID)) {
			continue
		}
		want, is := slices.Contains(barred, formatID(id.ID)), id.Status == "withdrawn"
		switch {
		case want && !is:
			err = s.Inbox.SetConsent(r.Context(), c.Viewer, id.ID, inbox.Consent{Action: inbox.Withdraw})
		case !want && is:
			err = s.Inbox.SetConsent(r.Context(), c.Viewer, id.ID, inbox.Consent{Action: inbox.OptIn})
		}
	}
	return s.done(w, r, c, personURL(p.ID), err, "wishes_saved")
}

func (s *Server) addPersonNote(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	err := s.Inbox.AddCitizenNote(r.Context(), c.Viewer, id, r.PostFormValue("text"))
	return s.done(w, r, c, personURL(id), err, "note_added")
}
