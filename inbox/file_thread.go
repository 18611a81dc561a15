package inbox

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/webpage"
	"filodiretto/internal/db"
	"filodiretto/internal/likeness"
)

// chatReopen is how long after closing a word in the same chat ("thank you")
// still belongs to the case.
const chatReopen = 48 * time.Hour

// mostMerges is how many times a case is followed to the one it was put into.
const mostMerges = 20

// suggestion says that a new case may belong to another one.
type suggestion struct {
	caseID, otherID int64
	reason          string
}

// place finds the case of a message, or opens one. It returns nil for automatic
// mail that belongs to no case. The rule is that of reference/inbox.md section
// 4: a candidate is accepted only when the mailbox and the sender fit, since
// threading is a confidentiality boundary; otherwise the message opens a case of
// its own, with a suggestion for a person. So does one that our own mail server
// does not take for its sender's, whatever case it names, and one whose sender is only
// said.
func (f *filing) place(ctx context.Context, r *reading, it *channels.Item, id *Identity, m *Message) (*Case, error) {
	if r.attach > 0 {
		if c := f.cases[r.attach]; c != nil {
			return f.join(c, it, id, m, r), nil
		}
		return nil, ErrNotFound
	}
	found := f.choose(r, it, id)
	if found.join != nil {
		return f.join(found.join, it, id, m, r), nil
	}
	if it.Auto != channels.NotAuto && !r.force {
		return nil, nil
	}
	c := f.open(r, it, id, m)
	if found.follows != nil {
		c.FollowsID = found.follows.ID
		found.suggest = append(found.suggest, suggestion{otherID: c.FollowsID, reason: "follows"})
	}
	for _, s := range found.suggest {
		s.caseID = c.ID
		f.suggestions = append(f.suggestions, s)
	}
	return c, nil
}

// choice is what the candidates of a message come to: a case that it joins, or one that
// it follows, and those about which a person is asked.
type choice struct {
	join, follows *Case
	suggest       []suggestion
}

func (f *filing) choose(r *reading, it *channels.Item, id *Identity) (out choice) {
	named := "" // the id by which the case is meant that is followed
	for _, cand := range f.meant(f.candidates(it), id) {
		c := f.parent(cand.c)
		switch {
		case out.follows != nil && (cand.ref == "" || cand.ref != named):
			return out // what comes now is less sure
		case !f.sameMailbox(c):
			continue // another office's mailbox: not even a suggestion may tell of it
		case !f.mayJoin(r, it, id, cand):
			if !cand.crowd && out.follows == nil {
				out.suggest = append(out.suggest, suggestion{otherID: c.ID, reason: cand.reason})
			}
		case it.Auto != channels.NotAuto || !f.newMatter(c, it, r.raw): // a robot's answer begins nothing
			out.join = c
			return out
		case out.follows == nil:
			out.follows, named = c, cand.ref
		}
	}
	return out
}

// mayJoin reports whether a message may come to a case by itself: its sender takes part
// there and is who they say, and so is who wrote what it answers.
func (f *filing) mayJoin(r *reading, it *channels.Item, id *Identity, cand candidate) bool {
	c := f.parent(cand.c)
	switch {
	case r.said, cand.doubted, forged(it), untrusted(it):
		return false
	case cand.weak && bareSubject(it.Subject) != bareSubject(c.Subject):
		return false
	}
	return cand.reason == sameWords || f.takesPart(c, id)
}

type candidate struct {
	c       *Case
	reason  string
	ref     string // the id by which it is meant; several cases may have mails of one
	doubted bool   // our own mail server does not take that mail for its sender's
	weak    bool   // holds only where the subject is the same
	crowd   bool   // one of so many that nobody is asked about it
}

// candidates are the cases that a message may mean, the surest first: signed
// reply address, references from the nearest back, mails that name it or the same
// unknown one, subject token, the chat.
func (f *filing) candidates(it *channels.Item) []candidate {
	var out []candidate
	add := func(c *Case, reason string) {
		if c != nil {
			out = append(out, candidate{c: c, reason: reason})
		}
	}
	add(f.caseOfTwin(it), sameWords)
	for _, t := range it.Tokens {
		if id, ok := f.in.sign.ParseReplyDetail(t); ok {
			add(f.cases[id], "reply_address")
		}
	}
	refs := it.References
	if it.Answers != "" {
		refs = append([]string{it.Answers}, refs...)
	}
	for _, ref := range refs {
		out = append(out, f.referred(ref)...)
	}
	out = append(out, f.awaiting(it)...)
	for _, t := range it.Tokens {
		if y, n, ok := f.in.sign.ParseSubjectToken(t); ok {
			add(f.byNumber[CaseRef(y, n)], "subject_token")
		}
	}
	if it.ThreadKey != "" {
		add(f.byThread[it.ThreadKey], "chat")
	}
	return out
}

// meant leaves of the cases with mails of one id those that the sender most surely
// means: where they take part. Anybody can send a mail with the id of another's, or in
// another's name: it draws nothing to itself, and nobody is asked about it.
func (f *filing) meant(list []candidate, id *Identity) []candidate {
	rank := func(x candidate) int {
		switch {
		case !f.takesPart(f.parent(x.c), id):
			return 0
		case x.doubted:
			return 1
		}
		return 2
	}
	best := map[string]int{}
	for _, x := range list {
		best[x.ref] = max(best[x.ref], rank(x))
	}
	return slices.DeleteFunc(list, func(x candidate) bool { return x.ref != "" && rank(x) < best[x.ref] })
}

func (f *filing) parent(c *Case) *Case {
	for range mostMerges {
		p := f.cases[c.MergedInto]
		if c.MergedInto == 0 || p == nil {
			break
		}
		c = p
	}
	return c
}

func (f *filing) sameMailbox(c *Case) bool {
	return c.AccountID == f.acc.ID || c.OfficeID == f.acc.OfficeID
}

func (f *filing) takesPart(c *Case, id *Identity) bool {
	root := f.roots[id.CitizenID]
	return f.roots[c.CitizenID] == root || f.talking[c.ID][root] || f.written[writtenTo{c.ID, addressKey{id.Kind, id.Scope, id.Value}}]
}

// newMatter reports whether an answer to an old message begins something new:
// the case is closed for too long, the chat was quiet, or the subject was
// changed in a case that is closed or quiet (mail rule 79, inbox.md 4.6). Of an archive
// it is asked as it was when the message came (mail rule 8).
func (f *filing) newMatter(c *Case, it *channels.Item, raw *Raw) bool {
	now := f.tx.Now
	if raw.Archive {
		now = min(now, raw.ReceivedAt)
	}
	quiet := now.Sub(c.LastAt) > f.in.set.QuietAfter
	if it.ThreadKey != "" {
		if c.Status == Closed {
			return now.Sub(c.ClosedAt) > chatReopen
		}
		return quiet && len(it.References) == 0
	}
	if c.Status == Closed && now.Sub(c.ClosedAt) > f.in.set.ReopenWithin {
		return true
	}
	return (c.Status == Closed || quiet) && it.Subject != "" && bareSubject(it.Subject) != bareSubject(c.Subject)
}

// archived is the outcome of a case that began with old mail that was brought in.
const archived = "archive"

// join adds a message to a case and brings the case's own facts up to date. What an
// archive holds opens nothing again (mail rule 8).
func (f *filing) join(c *Case, it *channels.Item, id *Identity, m *Message, r *reading) *Case {
	if r.raw.Archive && c.Outcome == archived {
		c.ClosedAt = max(c.ClosedAt, m.At)
	}
	if it.Auto == channels.NotAuto && !r.raw.Archive && c.Status != Open {
		e := NewEvent(f.tx, f.in.clock, "case.reopened", map[string]any{"from": c.Status})
		e.CaseID, e.CitizenID, e.OfficeID = c.ID, c.CitizenID, c.OfficeID
		f.events = append(f.events, e)
		c.Status, c.ClosedAt, c.SnoozedUntil, c.Outcome = Open, 0, 0, ""
	}
	if m.At >= c.LastAt {
		c.LastAt, c.LastMessageID, c.Channel = m.At, m.ID, m.ShownChannel()
		c.Snippet = snippet(m.Text)
	}
	if it.Auto == channels.NotAuto && m.At >= c.LastInAt {
		c.LastInID, c.LastInAt = m.ID, m.At
		if f.acc.Kind != webpage.Kind { // nobody is reached on a page
			c.AccountID = f.acc.ID
		}
		if it.ThreadKey != "" {
			c.ThreadKey = it.ThreadKey
		}
	}
	if it.Auto == channels.NotAuto && !r.raw.Archive {
		c.Unread = true
	}
	if root := f.roots[id.CitizenID]; f.talking[c.ID] != nil && m.Kind != "visit" && m.Kind != "call" {
		f.talking[c.ID][root] = true
	}
	f.changedCases[c.ID] = c
	return c
}

// open begins a case with its first message. Its number and its office are set
// when the whole batch is known.
func (f *filing) open(r *reading, it *channels.Item, id *Identity, m *Message) *Case {
	c := &Case{
		ID: db.NewID(f.in.clock), Secret: caseSecret(), CitizenID: id.CitizenID, Person: f.shownName(it, id),
		OfficeID: f.acc.OfficeID, Kind: Request, Status: Open, Subject: caseSubject(it),
		Channel: m.ShownChannel(), AccountID: f.acc.ID, ThreadKey: it.ThreadKey, Snippet: snippet(it.Text),
		LastMessageID: m.ID, LastInID: m.ID, LastAt: m.At, LastInAt: m.At,
		Unread: !r.raw.Archive, Version: 1, CreatedAt: f.tx.Now,
	}
	if r.raw.Archive {
		c.Status, c.Outcome, c.ClosedAt = Closed, archived, m.At
	}
	f.cases[c.ID] = c
	f.talking[c.ID] = map[int64]bool{f.roots[id.CitizenID]: true}
	if it.ThreadKey != "" {
		f.byThread[it.ThreadKey] = c
	}
	f.newCases = append(f.newCases, &newCase{Case: c, first: m, from: id, facts: Facts{
		AccountID: f.acc.ID, AccountKey: f.acc.Key, Office: f.acc.OfficeID, Channel: m.Channel,
		Sender: it.From.Value, Subject: it.Subject, Text: it.Text, Kind: c.Kind, At: m.At,
		Lang: it.Lang, Auto: it.Auto, OnlyCopied: it.OnlyCopied, Archive: r.raw.Archive, Files: len(it.Parts),
		Words: r.facts[indexOf(r, it)].words,
	}})
	return c
}

func indexOf(r *reading, it *channels.Item) int {
	for i := range r.items {
		if &r.items[i] == it {
			return i
		}
	}
	return 0
}

// shownName is what lists show for the person of a new case.
func (f *filing) shownName(it *channels.Item, id *Identity) string {
	if n := f.names[id.CitizenID]; n != "" {
		return n
	}
	if name := likeness.Name(it.From.Display); name != "" {
		return name
	}
	if it.From.Kind == Nobody {
		return ""
	}
	return it.From.Value
}

// caseSubject is the subject without prefixes and tokens, or the first words.
func caseSubject(it *channels.Item) string {
	s := it.Subject
	if slices.ContainsFunc(it.Forwarded, func(x channels.Forwarded) bool { return x.From.Kind == "pec" }) {
		s = "I: " + s // not every program says that it passes something on
	}
	if s = cleanSubject(s); s != "" {
		return s
	}
	s = snippet(it.Text)
	const most = 70
	if r := []rune(s); len(r) > most {
		s = string(r[:most])
		if i := strings.LastIndexByte(s, ' '); i > most/2 {
			s = s[:i]
		}
		s += "…"
	}
	return s
}

// secretLetters leave out what is mistaken for something else on paper.
const secretLetters = "ABCDEFGHJKMNPQRSTVWXYZ23456789"

// caseSecret is the word with which a citizen opens the status page: ten
// letters and digits, about 49 bits; wrong guesses are slowed down by the page.
func caseSecret() string {
	b := make([]byte, 10)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = secretLetters[int(b[i])%len(secretLetters)]
	}
	return string(b)
}
