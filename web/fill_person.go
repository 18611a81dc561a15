package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/person"
	"filodiretto/web/page"
)

// personPane is the person beside an open case.
func (s *Server) personPane(c *caller, view page.ViewID, read *inbox.CasePage) *page.PersonPane {
	k, p := read.Case, read.Person
	out := &page.PersonPane{
		Number: k.Ref(), View: view, Person: c.personHead(p), Identities: once(c.identities(p)), Preferred: page.Channel(p.Preferred),
		Barred: barred(p), Past: len(p.Past), Notes: c.personNotes(p),
	}
	for i := range p.Proposals {
		x := &p.Proposals[i]
		if x.Weak {
			continue // the person's page shows what is hardly more than a household
		}
		out.Possible = append(out.Possible, page.Possible{PersonID: p.ID, Other: x.Other.ID, Name: c.known(x.Other.Name), Handle: firstHandle(&x.Other), Reasons: x.Reasons, At: x.CreatedAt})
	}
	for i := range p.Open {
		if p.Open[i].ID != k.ID {
			out.Open = append(out.Open, s.caseLine(c, &p.Open[i]))
		}
	}
	for i := range p.Past {
		if at := p.Past[i].CreatedAt; out.PastSince == 0 || at < out.PastSince {
			out.PastSince = at
		}
	}
	out.Visits = s.visitLines(c, read.Visits)
	return out
}

// visitLines are visits and calls in a few words.
func (s *Server) visitLines(c *caller, list []inbox.VisitNote) []page.VisitLine {
	var out []page.VisitLine
	for i := range list {
		v := &list[i]
		x := page.VisitLine{At: v.At, Purpose: cmp.Or(v.Subject, v.Text), Number: v.Ref(), Where: c.say.Either("channel.name_", v.Channel, v.Channel)}
		if _, acc, ok := s.Accounts.Channel(v.AccountID); ok {
			x.Where = acc.Name
		}
		out = append(out, x)
	}
	return out
}

func firstHandle(p *inbox.PersonSummary) string {
	for i := range p.Identities {
		if k := p.Identities[i].Kind; k != "cf" && k != "address" {
			return p.Identities[i].Shown()
		}
	}
	return ""
}

// known is a person's name as pages say it.
func (c *caller) known(name string) string { return c.say.Name(name) }

func (c *caller) personHead(p *inbox.Person) page.PersonHead {
	h := page.PersonHead{ID: p.ID, Name: c.known(p.Name), Nameless: strings.HasSuffix(p.NameSource, "_address"), Lang: p.Lang}
	for i := range p.Rows {
		if at := p.Rows[i].CreatedAt; h.Since == 0 || at < h.Since {
			h.Since = at
		}
	}
	for i := range p.Identities {
		if p.Identities[i].Kind == "address" {
			h.Address = p.Identities[i].Shown()
		}
	}
	return h
}

func (c *caller) identities(p *inbox.Person) []page.Identity {
	out := make([]page.Identity, 0, len(p.Identities))
	for i := range p.Identities {
		id := &p.Identities[i]
		if id.Kind == inbox.Nobody {
			continue
		}
		x := page.Identity{
			ID: id.ID, Kind: page.IdentityKind(id.Kind), Value: id.Shown(), Proof: page.AllProofs[max(0, min(int(id.Proof), 2))],
			Source: id.Source, At: id.FirstSeen, Status: id.Status, Doubt: id.Warning,
		}
		if id.ProofSource != "" && id.Proof > inbox.Declared {
			x.SourceBy, x.At = id.VerifiedByName, id.VerifiedAt
			switch id.ProofSource {
			case "link":
				x.Source = "link"
			case "document_seen":
				x.Source = "document"
			}
		}
		out = append(out, x)
	}
	return out
}

// once makes one row of an identity that several records of a person have: the best
// proven one, with the others in Also.
func once(list []page.Identity) []page.Identity {
	var out []page.Identity
	for _, x := range list {
		i := slices.IndexFunc(out, func(y page.Identity) bool { return y.Kind == x.Kind && y.Value == x.Value })
		if i < 0 {
			out = append(out, x)
			continue
		}
		best := out[i]
		if slices.Index(page.AllProofs, x.Proof) > slices.Index(page.AllProofs, best.Proof) {
			best, x = x, best
			best.Also, x.Also = x.Also, nil
		}
		best.Also = append(best.Also, x)
		out[i] = best
	}
	return out
}

// barred are the channels on which nothing, or nothing unasked, may go to the
// person.
func barred(p *inbox.Person) []page.Barred {
	var out []page.Barred
	for i := range p.Identities {
		id := &p.Identities[i]
		why := cmp.Or(id.Barred, id.NoNotices)
		if why == "" || id.Kind == "cf" || id.Kind == "address" {
			continue
		}
		b := page.Barred{Channel: identityChannel(id.Kind), Why: why}
		if !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return out
}

func (c *caller) personNotes(p *inbox.Person) []page.PersonNote {
	var out []page.PersonNote
	for _, n := range p.Notes {
		out = append(out, page.PersonNote{ID: n.ID, Text: n.Text, By: c.operator(n.ByOperator), At: n.At})
	}
	if p.Reserved != "" {
		out = append(out, page.PersonNote{Text: p.Reserved})
	}
	return out
}

func (s *Server) caseLine(c *caller, k *inbox.Case) page.CaseLine {
	return page.CaseLine{
		Number: k.Ref(), Subject: cmp.Or(k.Subject, k.Snippet, k.Ref()), Kind: page.Kind(k.Kind), Status: pageStatus(k), Due: due(k, s.clock.Now()),
		Office: c.office(k.OfficeID), Suspect: k.Suspect, At: k.CreatedAt, Closed: k.ClosedAt,
	}
}

// fillPerson is a person's file but for the story and the comparisons.
func (s *Server) fillPerson(c *caller, p *inbox.Person) page.Person {
	out := page.Person{
		Head: c.personHead(p), Identities: once(c.identities(p)), OpenCases: len(p.Open), Notes: c.personNotes(p), Wishes: wishes(c, p),
		May: page.PersonMay{Write: true, Edit: true, Merge: true, Undo: true},
	}
	for i := range p.Open {
		out.Cases = append(out.Cases, s.caseLine(c, &p.Open[i]))
	}
	for i := range p.Past {
		out.Cases = append(out.Cases, s.caseLine(c, &p.Past[i]))
	}
	for _, m := range p.Merges {
		out.Merges = append(out.Merges, page.Merge{ID: m.ID, Name: cmp.Or(m.GoneName, m.KeptName), By: m.ByName, At: m.At, MayUndo: true})
	}
	for _, a := range p.Apart {
		out.Apart = append(out.Apart, page.ApartLine{Other: a.OtherID, Name: a.Name, At: a.At})
	}
	return out
}

// wishes offers the channels that the person has, and each address to be barred. What
// several records have is one choice for all of them, barred where one of them is.
func wishes(c *caller, p *inbox.Person) page.Wishes {
	w := page.Wishes{PersonID: p.ID, Reasons: barred(p)}
	var order []page.Channel
	name := func(ch page.Channel) string { return c.say.Either("channel.name_", string(ch), string(ch)) }
	for i := range p.Identities {
		id := &p.Identities[i]
		if id.Kind == "cf" || id.Kind == "address" {
			continue
		}
		ch := identityChannel(id.Kind)
		if !slices.Contains(order, ch) {
			order = append(order, ch)
		}
		x := page.Choice{Value: formatID(id.ID), Label: name(ch) + ": " + id.Shown(), Chosen: id.Status == "withdrawn"}
		at := slices.IndexFunc(w.Barred, func(y page.Choice) bool { return y.Label == x.Label })
		if at < 0 {
			w.Barred = append(w.Barred, x)
			continue
		}
		w.Barred[at].Value += " " + x.Value
		w.Barred[at].Chosen = w.Barred[at].Chosen || x.Chosen
	}
	w.Preferred = append(w.Preferred, page.Choice{Label: c.say.Text("wishes.no_preference"), Chosen: p.Preferred == ""})
	for _, ch := range order {
		w.Preferred = append(w.Preferred, page.Choice{Value: string(ch), Label: name(ch), Chosen: p.Preferred == string(ch)})
	}
	return w
}

var clueResults = map[person.Match]page.ClueResult{
	person.Same: page.ClueEqual, person.Compatible: page.ClueClose, person.Different: page.ClueOther, person.Unknown: page.ClueUnknown,
}

// fillComparisons sets the proposals side by side, and whom the address asks to
// be compared.
func (s *Server) fillComparisons(r *http.Request, c *caller, p *inbox.Person, asked int64, out *page.Person) error {
	var others []int64
	for i := range p.Proposals {
		others = append(others, p.Proposals[i].Other.ID)
	}
	facts, err := s.Inbox.PeopleFacts(r.Context(), c.Viewer, others)
	if err != nil {
		return err
	}
	for i := range p.Proposals {
		x := &p.Proposals[i]
		set := page.Comparison{PersonID: p.ID, Other: x.Other.ID, Name: c.known(x.Other.Name), Cases: facts[x.Other.ID].Open, At: x.CreatedAt, Open: x.Other.ID == asked}
		for _, row := range x.Table {
			clue := page.Clue{Kind: row.Field, Here: each(row.Mine), There: each(row.Theirs), Result: clueResults[row.Verdict]}
			if clue.Result == page.ClueOther && (row.Field == "cf" || row.Field == "name") {
				clue.Result = page.ClueContrary // nobody has two codici fiscali, and few have two names
			}
			set.Clues = append(set.Clues, clue)
		}
		out.Compare = append(out.Compare, set)
	}
	return nil
}

// each is every value once: records that were put together may say the same.
func each(values []string) string {
	values = slices.Clone(values)
	slices.Sort(values)
	return strings.Join(slices.Compact(values), ", ")
}
