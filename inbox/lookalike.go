package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/likeness"
	"filodiretto/internal/person"
)

// Lookalike is the remark that the sender of a message looks like somebody else
// (mail rule 51). It is never a reason to take them for that person, nor proof
// that they are not: two people may have one name.
type Lookalike struct {
	bun.BaseModel `bun:"table:lookalikes,alias:l"`

	ID         int64 `bun:",pk"`
	MessageID  int64
	CaseID     int64
	IdentityID int64
	Kind       string // "domain", "municipality", "office", "operator", "citizen", "address", "forged"
	AboutID    int64  // the office, the operator, the citizen; of "forged" the message
	Likes      string // the name, the address or the domain that it looks like
	Alarm      bool   // else it is a remark and no warning
	At         clock.Instant
	Decision   string // "", "fine", "false"
	DecidedBy  int64
	DecidedAt  clock.Instant
}

// resemble remarks whom the sender of a message looks like, also of certified mail:
// anybody can have a certified mailbox, under any name. fresh says that the address was
// not known before.
func (f *filing) resemble(r *reading, it *channels.Item, id *Identity, m *Message, fresh bool) {
	if f.house == nil || !isMailbox(it.From.Kind) || it.Auto != channels.NotAuto || r.raw.Archive || r.force {
		return
	}
	add := func(kind string, about int64, likes string, alarm bool) {
		f.lookalikes = append(f.lookalikes, &Lookalike{
			ID: db.NewID(f.in.clock), MessageID: m.ID, CaseID: m.CaseID, IdentityID: id.ID, Kind: kind, AboutID: about, Likes: likes, Alarm: alarm, At: f.tx.Now,
		})
	}
	domain := mailDomain(it.From.Value)
	if untrusted(it) || brokenSeal(it) {
		add("forged", m.ID, domain, true) // of this message, and no word on the address
	}
	if f.house.ours(it.From.Value) {
		return
	}
	if own := f.house.domainLike(domain); own != "" {
		add("domain", 0, own, true) // whatever name stands before it
		return
	}
	if kind, o := f.house.posesAs(it.From.Display, domain, f.in.set.Municipality); kind != "" {
		add(kind, o.id, o.name, true)
		return
	}
	if who, alarm := f.namesakeOf(it, id, m.CaseID, fresh); who != nil {
		add("citizen", who.root, who.name, alarm)
	}
}

// isMailbox reports whether an address is one of ordinary or of certified mail.
func isMailbox(kind string) bool { return kind == "email" || kind == "pec" }

// posesAs tells which name or address of the house a display name is to a quick eye.
// The offices of other public bodies have the names of ours, and are no lookalikes.
func (h *house) posesAs(display, domain, municipality string) (kind string, of ourOwn) {
	for _, a := range likeness.Addresses(display) {
		if h.ours(a) {
			return "address", ourOwn{0, a}
		}
	}
	official := likeness.PublicBody(domain)
	for _, reading := range likeness.Readings(display) {
		if o, ok := h.operators[person.Name(reading)]; ok {
			return "operator", o
		}
		for _, r := range []string{reading, likeness.Closer(reading)} {
			if kind, of = h.bears(words(r), official, municipality); kind != "" {
				return kind, of
			}
		}
	}
	return "", ourOwn{}
}

// bears tells which office the words of a name are, or that they are the
// municipality's. Words such as "sportello" say nothing alone: others have them too.
func (h *house) bears(name string, official bool, municipality string) (kind string, of ourOwn) {
	if name == "" {
		return "", ourOwn{}
	}
	key, list := h.officeKey(name), strings.Fields(name)
	here := len(h.place) > 0 && !slices.ContainsFunc(h.place, func(w string) bool { return !slices.Contains(list, w) })
	if o, ok := h.offices[key]; ok && key != "" && !official && (name != key || strings.Contains(key, " ") || isURP(key)) {
		return "office", o // of one common word alone, "Scuola", nothing is said
	}
	if h.town != "" && strings.Contains(" "+name+" ", " "+h.town+" ") {
		return "municipality", ourOwn{0, municipality}
	}
	if !here && !slices.Contains(list, "sportello") || official {
		return "", ourOwn{}
	}
	left := slices.DeleteFunc(strings.Fields(key), func(w string) bool { return h.desk[w] })
	if o, ok := h.offices[strings.Join(left, " ")]; ok && len(left) > 0 {
		return "office", o
	}
	if here && len(left) == 0 && slices.ContainsFunc(list, speaksForTown) {
		return "municipality", ourOwn{0, municipality}
	}
	return "", ourOwn{}
}

// speaksForTown are the words beside a place's name by which the municipality is
// meant and no shop or club of the place.
func speaksForTown(w string) bool {
	switch w {
	case "comune", "municipio", "ufficio", "uffici", "sportello", "segreteria", "sindaco", "amministrazione", "riscossione":
		return true
	}
	return false
}

// isURP reports whether a word names a front office and nothing else.
func isURP(key string) bool { return key == "urp" || key == "protocollo" }

// settleLookalikes leaves out what a person has found to be fine of an address
// before, and marks the cases that deserve a look.
func (f *filing) settleLookalikes(ctx context.Context) error {
	if len(f.lookalikes) == 0 {
		return nil
	}
	ids := make([]int64, len(f.lookalikes))
	for i, l := range f.lookalikes {
		ids[i] = l.IdentityID
	}
	type cause struct {
		IdentityID int64
		Kind       string
		AboutID    int64
	}
	var rows []cause
	err := f.tx.NewRaw("SELECT DISTINCT identity_id, kind, about_id FROM lookalikes WHERE identity_id IN (?) AND decision = 'fine'", bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("lookalikes: %w", err)
	}
	f.lookalikes = slices.DeleteFunc(f.lookalikes, func(l *Lookalike) bool { return slices.Contains(rows, cause{l.IdentityID, l.Kind, l.AboutID}) })
	for _, l := range f.lookalikes {
		if c := f.cases[l.CaseID]; c != nil && l.Alarm {
			c.Suspect = true
		}
		e := NewEvent(f.tx, f.in.clock, "lookalike.seen", map[string]any{"kind": l.Kind, "about": l.AboutID, "identity": l.IdentityID, "alarm": l.Alarm})
		e.CaseID, e.MessageID = l.CaseID, l.MessageID
		f.events = append(f.events, e)
	}
	return nil
}
