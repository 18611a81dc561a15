package inbox

import (
	"strings"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/likeness"
	"filodiretto/internal/person"
)

// identity finds who an address is, or makes a new citizen for it. Only From
// counts, never Reply-To (mail rule 52).
func (f *filing) identity(it *channels.Item) *Identity {
	k := f.addressKey(it.From)
	id := f.identities[k]
	if id == nil {
		id = f.newIdentity(it, k)
	}
	at := orderTime(it, &Raw{ReceivedAt: f.tx.Now}, f.tx.Now)
	id.LastSeen = max(id.LastSeen, at)
	if it.From.Handle != "" {
		id.Handle = it.From.Handle
	}
	if id.Status == "bad" || id.Status == "gone" { // it writes: it exists
		id.Status, id.StatusAt, id.StatusUntil, id.StatusText = "active", f.tx.Now, 0, ""
	}
	f.certify(id, it)
	f.seenIdentity[id.ID] = id
	return id
}

func (f *filing) newIdentity(it *channels.Item, k addressKey) *Identity {
	now := f.tx.Now
	display := likeness.Name(it.From.Display) // an address there would pass for the true one
	name, source := display, f.acc.Kind
	if strings.TrimSpace(name) == "" {
		name, source = it.From.Handle, f.acc.Kind+"_address"
	}
	if strings.TrimSpace(name) == "" && k.kind != Nobody { // else nobody knows one
		name = it.From.Value
	}
	z := &Citizen{ID: db.NewID(f.in.clock), Name: name, NameSource: source, NameKey: person.Name(name), Lang: it.Lang, Version: 1, CreatedAt: now}
	z.RootID = z.ID
	id := &Identity{
		ID: db.NewID(f.in.clock), CitizenID: z.ID, Kind: k.kind, Scope: k.scope, Value: k.value,
		Display: display, Handle: it.From.Handle, Proof: Declared, Source: f.acc.Kind,
		Status: "active", FirstSeen: now, LastSeen: now,
	}
	if k.kind == "telegram" { // the platform vouches for the account
		id.Proof, id.VerifiedAt = Confirmed, now
	}
	f.newCitizens = append(f.newCitizens, z)
	f.newIdentities = append(f.newIdentities, id)
	f.identities[k] = id
	f.roots[z.ID], f.names[z.ID] = z.ID, z.Name
	e := NewEvent(f.tx, f.in.clock, "citizen.created", map[string]any{"source": f.acc.Kind})
	e.CitizenID = z.ID
	f.events = append(f.events, e)
	return id
}

// claims adds what a person wrote about themselves as declared identities, from
// which proposals are made.
func (f *filing) claims(id *Identity, it *channels.Item, found []claim) {
	for _, p := range it.Parts {
		if p.Kind == channels.Contact && p.OwnPhone && p.Phone != "" {
			f.addClaim(id, claim{"phone", p.Phone}, Confirmed, f.acc.Kind)
		}
	}
	for _, c := range found {
		f.addClaim(id, c, Declared, "message_text")
	}
}

func (f *filing) addClaim(id *Identity, c claim, proof Proof, source string) {
	k := claimKey{id.CitizenID, c.kind, c.value}
	if f.claimed[k] {
		return
	}
	f.claimed[k] = true
	f.newIdentities = append(f.newIdentities, &Identity{
		ID: db.NewID(f.in.clock), CitizenID: id.CitizenID, Kind: c.kind, Value: c.value, MatchKey: c.value,
		Proof: proof, Source: source, Status: "active", FirstSeen: f.tx.Now, LastSeen: f.tx.Now,
	})
}

// suspend tells why an item should wait for a person instead of becoming a
// message: a loop of our own, or one sender who writes faster than people do
// (mail rules 50 and 58). Empty means that nothing speaks against it.
func (f *filing) suspend(r *reading, it *channels.Item, id *Identity) string {
	if r.force || r.raw.Archive {
		return ""
	}
	if it.Auto == channels.OwnLoop {
		return "loop"
	}
	if f.acc.Kind == "mail" && f.tooFast(it, id) {
		return overBudget
	}
	return ""
}

// tooFast counts the mails of a sender in a window by their time of receipt, so
// that a backlog of ten days is not taken for a storm.
func (f *filing) tooFast(it *channels.Item, id *Identity) bool {
	at := orderTime(it, &Raw{ReceivedAt: f.tx.Now}, f.tx.Now)
	b := f.in.set.PingPong
	if at.Sub(id.RecentSince) > b.Within || at < id.RecentSince {
		id.RecentSince, id.RecentCount = at, 0
	}
	id.RecentCount++
	if id.RecentCount == b.Count+1 {
		e := NewEvent(f.tx, f.in.clock, "alarm.ping_pong", map[string]any{"identity": id.ID, "within_s": int(b.Within / time.Second), "count": b.Count, "account": f.acc.ID})
		e.CitizenID, e.OfficeID = id.CitizenID, f.acc.OfficeID
		f.events = append(f.events, e)
	}
	return id.RecentCount > b.Count
}

// fresh reports whether something is new enough for an automatic answer.
func (f *filing) fresh(at clock.Instant) bool { return f.tx.Now.Sub(at) <= f.in.set.ReceiptMaxAge }

// Nobody is the kind of identity of whoever wrote an original that names nobody: its
// value is ours, and is shown to no one.
const Nobody = "unknown"

func shownAddress(a channels.Address) string {
	if a.Value == "" || a.Kind == Nobody {
		return a.Display
	}
	v := a.Value
	if a.Kind == "telegram" && a.Handle != "" {
		v = a.Handle
	}
	if a.Display == "" {
		return v
	}
	return a.Display + " <" + v + ">"
}

func shownAddresses(lists ...[]channels.Address) string {
	const most = 20
	var out []string
	n := 0
	for _, l := range lists {
		for _, a := range l {
			if n++; n <= most {
				out = append(out, shownAddress(a))
			}
		}
	}
	s := strings.Join(out, ", ")
	if n > most {
		s += " …"
	}
	return s
}

func joinNotes(it *channels.Item) string {
	notes := it.Notes
	for _, a := range it.ReplyTo {
		if a.Value != "" && a.Value != it.From.Value {
			notes = append(notes[:len(notes):len(notes)], "reply_to:"+a.Value)
		}
	}
	if it.OnlyCopied {
		notes = append(notes[:len(notes):len(notes)], "only_copied")
	}
	return strings.Join(notes, " ")
}
