package inbox

import (
	"cmp"
	"context"
	"fmt"

	"filodiretto/channels"
	"filodiretto/channels/webpage"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// filing is one transaction that turns readings into messages on cases. All
// that it needs is loaded at first with a query a table, whatever the number of
// messages; then it works in memory, in order; then it writes table by table.
type filing struct {
	in   *Inbox
	tx   *db.Tx
	acc  Account
	list []*reading

	sameBytes  map[string]int64  // SHA-256 -> raw id filed before, in this account
	junk       map[string]int64  // the same of what is kept out as unwanted mail (file_rescued.go)
	rescued    map[int64]int64   // raw id -> that of the same mail in junk
	known      map[string]int64  // message key -> message id
	apart      map[int64]bool    // messages that are another office's alone (copy.go)
	reserved   bool              // the account's office shares none of its own either
	bodies     map[string]string // external id -> hash of the text that has it (same_id.go)
	identities map[addressKey]*Identity
	claimed    map[claimKey]bool // what each citizen is known to claim
	roots      map[int64]int64   // citizen id -> root
	names      map[int64]string  // citizen id -> name of the root
	cases      map[int64]*Case
	byRef      map[string][]place       // external id -> where messages of it are (refer)
	awaited    map[string][]int64       // external id of a mail that is not here -> cases
	byNumber   map[string]*Case         // "2026/000123"
	byThread   map[string]*Case         // newest case of a chat
	twins      map[string]twin          // plainKey -> the ordinary mail with the words of a certified one
	talking    map[int64]map[int64]bool // case -> roots of the persons who take part

	house     *house                // nil where senders are not held against it
	namesakes map[string][]namesake // by nameKey
	held      map[addressKey]bool   // addresses whose mail waits for a person

	written   map[writtenTo]bool      // addresses to which a case has written
	unmatched map[*channels.Item]bool // reports that fit nothing we sent

	newCitizens   []*Citizen
	newIdentities []*Identity
	newWriters    []*Identity // of those that write for the first time
	newCases      []*newCase
	messages      []*Message
	versions      []*MessageVersion
	edited        map[int64]*Message
	former        map[int64]*Part // files that edits have replaced
	parts         []*Part
	copies        []*Copy
	lookalikes    []*Lookalike
	forwards      []*Forward
	shared        map[int64]bool // messages that came before, by another account perhaps; true where blind
	copied        []*Case        // those that the account's office got a copy's sight of
	keys          []*messageKey
	newAwaited    []*awaited
	words         []searchRow
	suggestions   []suggestion
	quarantine    []*Quarantined
	events        []Event
	changedCases  map[int64]*Case
	seenIdentity  map[int64]*Identity
	replies       []autoReply // bot answers and receipts to be queued
	links         []pendingLink
	consents      []pendingConsent
	talk          dialogues
	toFetch       bool
	outcome       map[int64]string // raw id -> state
	erased        []int64          // raw items whose message was erased before
}

type addressKey struct{ kind, scope, value string }

type writtenTo struct {
	caseID int64
	to     addressKey
}

type claimKey struct {
	citizen     int64
	kind, value string
}

type searchRow struct {
	messageID int64
	words     []string
}

// newCase is a case to be opened, with what the router wants to know.
type newCase struct {
	*Case
	facts Facts
	first *Message
	from  *Identity
}

// autoReply is an automatic answer to be queued once the rows are written.
type autoReply struct {
	event  string
	c      *Case
	to     *Identity
	answer *Message
	vars   map[string]string
}

// file writes the readings in one transaction.
func (in *Inbox) file(ctx context.Context, acc Account, list []*reading) error {
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return in.fileTx(ctx, tx, acc, list)
	})
}

func (in *Inbox) fileTx(ctx context.Context, tx *db.Tx, acc Account, list []*reading) error {
	f := &filing{
		in: in, tx: tx, acc: acc, list: list, changedCases: map[int64]*Case{},
		seenIdentity: map[int64]*Identity{}, shared: map[int64]bool{}, edited: map[int64]*Message{}, former: map[int64]*Part{}, outcome: map[int64]string{},
	}
	if err := f.load(ctx); err != nil {
		return fmt.Errorf("file: load: %w", err)
	}
	for _, r := range list {
		if err := f.one(ctx, r); err != nil {
			return err
		}
	}
	if err := f.routeNewCases(ctx); err != nil {
		return fmt.Errorf("file: route: %w", err)
	}
	if err := f.write(ctx); err != nil {
		return fmt.Errorf("file: write: %w", err)
	}
	return f.afterwards(ctx)
}

// one decides about one raw item.
func (f *filing) one(ctx context.Context, r *reading) error {
	if r.fail != "" {
		f.toQuarantine(r, 0, r.fail, nil)
		return nil
	}
	if f.filedBefore(r.raw) != 0 && !r.force {
		return f.handedAgain(ctx, r)
	}
	f.rescue(r)
	f.sameBytes[r.raw.SHA256] = r.raw.ID
	f.outcome[r.raw.ID] = "ignored"
	for i := range r.items {
		if err := f.item(ctx, r, i); err != nil {
			return err
		}
	}
	f.noteJunk(r.raw)
	return nil
}

func (f *filing) item(ctx context.Context, r *reading, i int) error {
	it := &r.items[i]
	if it.Quarantine != "" && !r.force {
		f.toQuarantine(r, i, it.Quarantine, it)
		return nil
	}
	if f.inDialogue(r, it) {
		f.turn(r, it)
		return nil
	}
	switch it.Kind {
	case channels.Message, channels.Unsupported, channels.Button:
		return f.message(ctx, r, i)
	case channels.Edit:
		return f.edit(ctx, r, i)
	case channels.Deleted:
		return f.takenBack(ctx, r, i)
	case channels.Command:
		return f.command(ctx, r, i)
	case channels.Consent:
		return f.consent(ctx, r, i)
	case channels.Report:
		f.report(r, i)
		return nil
	case channels.Own:
		if reason := f.distrust(r, it); reason != "" {
			f.toQuarantine(r, i, reason, it)
			return nil
		}
		return f.own(ctx, r, i)
	default: // Ignorable: kept as raw bytes only
		return nil
	}
}

// message files something that a person or a robot wrote.
func (f *filing) message(ctx context.Context, r *reading, i int) error {
	it := &r.items[i]
	if id, ok := f.knownAs(r, it); ok {
		f.addCopy(id, r, it)
		f.shared[id] = f.blind(it)
		return nil
	}
	if f.relayed(it) {
		if !r.force {
			nobodys := *it // and not the item itself: the batch may be filed again
			nobodys.From = channels.Address{}
			f.toQuarantine(r, i, "pec_not_proven", &nobodys)
			return nil
		}
		it.From = unknownSender(r.raw.ID, "")
	}
	if it.From.Value == "" {
		f.toQuarantine(r, i, "no_sender", it)
		return nil
	}
	if reason := f.distrust(r, it); reason != "" { // before it makes anybody known
		f.toQuarantine(r, i, reason, it)
		return nil
	}
	id, fresh := r.sender, false
	if id == nil {
		fresh = f.identities[f.addressKey(it.From)] == nil
		id = f.identity(it)
	}
	if reason := f.suspend(r, it, id); reason != "" {
		f.toQuarantine(r, i, reason, it)
		return nil
	}
	m := f.newMessage(r, it, id)
	f.flagSameID(it, m)
	c, err := f.place(ctx, r, it, id, m)
	if err != nil {
		return err
	}
	if c == nil { // an automatic mail that belongs nowhere
		f.toQuarantine(r, i, "auto", it)
		return nil
	}
	m.CaseID, m.AnswersID = c.ID, f.answered(it, c)
	f.remember(cmp.Or(r.key, f.messageKey(r, it)), it, m)
	f.messages = append(f.messages, m)
	f.await(it, c)
	f.refer(it.ExternalID, place{m.ID, c.ID, f.acc.ID, forged(it) || untrusted(it)})
	f.addParts(m, it, r.facts[i].files)
	f.addCopy(m.ID, r, it)
	f.words = append(f.words, searchRow{m.ID, r.facts[i].words})
	if !untrusted(it) && !r.said { // else a stranger would say who somebody is
		f.claims(id, it, r.facts[i].claims)
		if fresh && !forged(it) {
			f.newWriters = append(f.newWriters, id)
		}
	}
	f.resemble(r, it, id, m, fresh)
	f.offerForwarded(r, it, id, m, c)
	data := map[string]any{"channel": m.Channel, "account": f.acc.Key, "auto": it.Auto}
	if f.acc.Kind == webpage.Kind {
		data["proof"] = "secret"
	}
	e := NewEvent(f.tx, f.in.clock, "message.received", data)
	e.Actor, e.CitizenID, e.CaseID, e.MessageID, e.OfficeID = "citizen", id.CitizenID, c.ID, m.ID, c.OfficeID
	f.events = append(f.events, e)
	return nil
}

// messageKey is what makes a message the same message: for mail the Message-ID
// with what the sender wrote, over all accounts (mail rules 24, 26, 27), and for
// certified mail the envelope; for the others the platform's id within the account.
func (f *filing) messageKey(r *reading, it *channels.Item) string {
	switch {
	case it.ExternalID == "" || forged(it): // else a forgery that came first would stand for the message
		return fmt.Sprintf("raw:%d:%s", f.acc.ID, r.raw.SHA256)
	case certified(it):
		return certifiedKey(it)
	case isMail(f.acc.Kind) && untrusted(it):
		return doubtedKey(it)
	case isMail(f.acc.Kind):
		return plainKey(it)
	default:
		return fmt.Sprintf("%d:%s", f.acc.ID, it.ExternalID)
	}
}

func (f *filing) newMessage(r *reading, it *channels.Item, id *Identity) *Message {
	kind := "message"
	switch it.Kind {
	case channels.Unsupported:
		kind = "unsupported"
	case channels.Button:
		kind = "button"
	}
	m := &Message{
		ID: db.NewID(f.in.clock), CitizenID: id.CitizenID, IdentityID: id.ID, AccountID: f.acc.ID,
		Channel: f.cameBy(it), Direction: In, Origin: FromCitizen, Kind: kind,
		ExternalID: it.ExternalID, BodyHash: it.BodyHash, ThreadKey: it.ThreadKey, GroupKey: it.GroupKey,
		Sender: shownAddress(it.From), Recipients: shownAddresses(it.To, it.Cc), Subject: it.Subject,
		Text: itemText(it), HTML: it.HTML, Lang: it.Lang, Auto: string(it.Auto), Notes: joinNotes(it),
		Version: 1, RawID: r.raw.ID, SentAt: it.SentAt, At: orderTime(it, r.raw, f.tx.Now), Sequence: it.Sequence,
		Certified: stored(it.Certified, it.Certified != nil), Signatures: stored(it.Signatures, len(it.Signatures) > 0),
	}
	switch f.acc.Kind {
	case "counter":
		m.Kind, m.OperatorID = "visit", r.by.OperatorID
	case "phone":
		m.Kind, m.OperatorID = "call", r.by.OperatorID
	case webpage.Kind:
		m.Sender = f.names[id.CitizenID] // of whom the case is; a note says what is proven
	}
	m.AnswersID = f.answered(it, nil)
	return m
}

// itemText is what somebody said: for a button without words what it stands for.
func itemText(it *channels.Item) string {
	if it.Kind == channels.Button && it.Text == "" {
		return it.Payload
	}
	return it.Text
}

// orderTime is the time by which the timeline is ordered: when the platform
// took the message, and never the future (mail rule 39).
func orderTime(it *channels.Item, r *Raw, now clock.Instant) clock.Instant {
	at := it.ReceivedAt
	if at.IsZero() {
		at = r.ReceivedAt
	}
	return min(at, now)
}

// toQuarantine puts an item where people see it (mail rule 22).
func (f *filing) toQuarantine(r *reading, item int, reason string, it *channels.Item) {
	f.outcome[r.raw.ID] = "quarantined"
	q := &Quarantined{
		ID: db.NewID(f.in.clock), RawID: r.raw.ID, Item: item, AccountID: f.acc.ID, OfficeID: f.acc.OfficeID,
		Reason: reason, At: f.tx.Now, State: "waiting",
	}
	if it != nil {
		q.Sender, q.Subject = shownAddress(it.From), it.Subject
		if reason == "auto" {
			q.Detail = automaticKind(it)
		}
	}
	f.quarantine = append(f.quarantine, q)
	e := NewEvent(f.tx, f.in.clock, "quarantine.added", map[string]any{"reason": reason, "raw": r.raw.ID})
	e.OfficeID = f.acc.OfficeID
	f.events = append(f.events, e)
}
