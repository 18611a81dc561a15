package inbox

import (
	"context"
	"regexp"

	"filodiretto/channels"
)

// edit keeps what a message said before and shows what it says now. An edit
// whose original never came is filed as a message.
func (f *filing) edit(ctx context.Context, r *reading, i int) error {
	it := &r.items[i]
	m, err := f.ownedMessage(ctx, it)
	if err != nil {
		return err
	}
	if m == nil {
		it.Notes = append(it.Notes, "edit_without_original")
		it.ExternalID = it.EditOf
		return f.message(ctx, r, i)
	}
	f.outcome[r.raw.ID] = "filed"
	f.addCopy(m.ID, r, &r.items[i])
	if m.ErasedAt > 0 { // what it says now goes where it went
		return nil
	}
	files, err := f.editFiles(ctx, m, it, r.facts[i].files)
	if err != nil {
		return err
	}
	if !files && m.Text == it.Text && m.HTML == it.HTML && m.Subject == it.Subject {
		return nil // "may also fire with no visible change"
	}
	f.versions = append(f.versions, m.asVersion(f.tx.Now))
	m.Version++
	m.Subject, m.Text, m.HTML, m.RawID = it.Subject, it.Text, it.HTML, r.raw.ID
	f.edited[m.ID] = m
	f.words = append(f.words, searchRow{m.ID, r.facts[i].words})
	f.messageEvent("message.edited", m, map[string]any{"version": m.Version})
	if c := f.cases[m.CaseID]; c != nil {
		shown := f.parent(c) // where people see it (mail rule 78)
		for _, x := range []*Case{c, shown} {
			if x.LastMessageID == m.ID {
				x.Snippet = snippet(m.Text)
				f.changedCases[x.ID] = x
			}
		}
		shown.Unread = true
		f.changedCases[shown.ID] = shown
	}
	return nil
}

// takenBack leaves the shell of a message whose sender deleted it: what an
// office received it may have acted on, so the text stays for those who work on
// the case, marked as taken back.
func (f *filing) takenBack(ctx context.Context, r *reading, i int) error {
	m, err := f.ownedMessage(ctx, &r.items[i])
	if err != nil || m == nil {
		return err
	}
	f.outcome[r.raw.ID] = "filed"
	f.addCopy(m.ID, r, &r.items[i])
	f.messageEvent("message.taken_back", m, nil)
	return nil
}

// ownedMessage finds the message that an edit changes: in this batch or in the
// table, of this account, and written by the same sender.
func (f *filing) ownedMessage(ctx context.Context, it *channels.Item) (*Message, error) {
	id := f.identities[f.addressKey(it.From)]
	if id == nil {
		return nil, nil
	}
	for _, m := range f.messages {
		if m.ExternalID == it.EditOf && m.IdentityID == id.ID {
			return m, nil
		}
	}
	p := f.last(it.EditOf)
	if p == nil || p.accountID != f.acc.ID {
		return nil, nil
	}
	if m := f.edited[p.messageID]; m != nil {
		return m, nil
	}
	m := new(Message)
	if err := f.tx.NewSelect().Model(m).Where("m.id = ? AND m.identity_id = ?", p.messageID, id.ID).Scan(ctx); err != nil {
		if notFound(err) == ErrNotFound {
			return nil, nil
		}
		return nil, err
	}
	return m, nil
}

func (f *filing) messageEvent(kind string, m *Message, data any) {
	e := NewEvent(f.tx, f.in.clock, kind, data)
	e.Actor, e.CitizenID, e.CaseID, e.MessageID = "citizen", m.CitizenID, m.CaseID, m.ID
	f.events = append(f.events, e)
}

// command answers what people say to a bot: /start, /stop, /privacy, /dati.
// These are a dialogue with the bot and open no case, unless they say more.
func (f *filing) command(ctx context.Context, r *reading, i int) error {
	it := &r.items[i]
	id := f.identity(it)
	key := f.messageKey(r, it)
	if _, ok := f.known[key]; ok {
		return nil
	}
	m := f.newMessage(r, it, id)
	m.Kind = "command"
	f.known[key] = m.ID
	f.keys = append(f.keys, &messageKey{Key: key, MessageID: m.ID})
	f.messages = append(f.messages, m)
	f.addCopy(m.ID, r, &r.items[i])
	f.messageEvent("bot."+it.Command, m, nil)
	answer := func(event string) {
		if f.fresh(m.At) {
			f.replies = append(f.replies, autoReply{event: event, to: id, answer: m})
		}
	}
	switch it.Command {
	case "start":
		if !tokenShaped(it.Payload) {
			answer("start")
		} else {
			f.links = append(f.links, pendingLink{token: it.Payload, id: id, answer: m, fresh: f.fresh(m.At)})
		}
		f.consents = append(f.consents, pendingConsent{id, true, "start", m})
	case "stop":
		f.consents = append(f.consents, pendingConsent{id, false, "stop", m})
		answer("opted_out")
	case "dati", "data":
		answer("privacy")
		f.openForData(ctx, r, i, id, m)
	default:
		answer(it.Command)
	}
	if saysMore(it) {
		return f.aside(ctx, r, i, id, m)
	}
	return nil
}

// linkShape is what MakeLink hands out.
var linkShape = regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`)

func tokenShaped(s string) bool { return linkShape.MatchString(s) }

// saysMore reports whether somebody wrote words to us behind a command, which no
// robot can answer.
func saysMore(it *channels.Item) bool {
	return it.Payload != "" && (it.Command != "start" || !tokenShaped(it.Payload))
}

// aside puts a command that says more on a case as any other message, since a
// person must read it. The row stays the one that the robot answers.
func (f *filing) aside(ctx context.Context, r *reading, i int, id *Identity, m *Message) error {
	it := &r.items[i]
	if m.CaseID == 0 { // /dati has opened one
		c, err := f.place(ctx, r, it, id, m)
		if err != nil || c == nil {
			return err
		}
		m.CaseID = c.ID
	}
	f.words = append(f.words, searchRow{m.ID, r.facts[i].words})
	f.claims(id, it, r.facts[i].claims)
	f.messageEvent("message.received", m, map[string]any{"channel": f.acc.Kind, "account": f.acc.Key, "auto": it.Auto})
	return nil
}

// openForData makes a request for one's own data a case: the right of access is
// a duty with a term, and no robot can answer it.
func (f *filing) openForData(_ context.Context, r *reading, i int, id *Identity, m *Message) {
	c := f.open(r, &r.items[i], id, m)
	c.Kind = RecordsAccess
	m.CaseID = c.ID
}

// pendingLink is a link token to be used once the identity is written.
type pendingLink struct {
	token  string
	id     *Identity
	answer *Message
	fresh  bool
}

// pendingConsent is an opt-in or opt-out to be recorded once the identity is written.
type pendingConsent struct {
	id     *Identity
	in     bool
	how    string
	answer *Message
}

// consent records that a citizen blocked the bot or took it back.
func (f *filing) consent(_ context.Context, r *reading, i int) error {
	it := &r.items[i]
	id := f.identity(it)
	f.outcome[r.raw.ID] = "filed"
	f.consents = append(f.consents, pendingConsent{id: id, in: it.Command == "unblocked", how: it.Command})
	return nil
}

// report settles the raw item of a report, which was applied before. What fits
// nothing is shown to people, since a receipt for a letter sent from elsewhere is
// data (mail rules 59, 85).
func (f *filing) report(r *reading, i int) {
	if f.unmatched[&r.items[i]] && !r.force && !r.raw.Archive {
		f.toQuarantine(r, i, "unknown_receipt", &r.items[i])
		return
	}
	f.outcome[r.raw.ID] = "filed"
}
