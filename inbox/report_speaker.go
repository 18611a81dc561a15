package inbox

import (
	"context"
	"slices"
	"strings"

	"filodiretto/channels"
	"filodiretto/internal/db"
	"filodiretto/internal/likeness"
	"filodiretto/internal/person"
)

// weight is how much is believed of what a report says of a delivery.
type weight int

const (
	// nothing: it is shown to a person, since anybody may have written it.
	nothing weight = iota
	// hint: that something failed or is late may be true; it is told as doubt.
	hint
	// proof: only who carried the message, or has it, knows what the report knows.
	proof
)

// speaker is who brings a report, as far as it can be told. All of a mail may be
// written by a stranger, so what counts is what a stranger cannot know (our signed
// ids) and what our own mail server found (mail rules 51, 59 and 62).
type speaker struct {
	address   string // From, normalised
	reading   bool   // it is a receipt of reading: a person's program speaks
	system    bool   // it is written as by a mail system: no envelope sender, or a daemon's From
	confirmed bool   // our own mail server found that From is true
	doubted   bool   // our own mail server found that it is not
}

// speakerOf tells who brings the reports of an item.
func speakerOf(it *channels.Item) speaker {
	by := speaker{address: plainAddress(it.From.Value), reading: it.Auto == channels.MDN, system: it.System}
	found := standing(by.address, it.Notes)
	by.confirmed, by.doubted = found == StandsConfirmed, found == StandsDoubted || found == StandsUnclear
	return by
}

// weigh tells how much a report counts for a delivery. Whoever got a message knows
// its Message-ID, so that with several recipients each of them could write reports
// about the others: there only a mail system's own knowledge counts (the envelope id,
// which is in no message), or a daemon of the recipient's domain or of ours that our
// own mail server found to be true. Without any id of ours a report is a hint at
// most, and never good news.
func (f found) weigh(by speaker, r channels.DeliveryReport) weight {
	bad := r.State == "failed" || r.State == "delayed"
	switch {
	case by.reading:
		if f.named && by.address == f.d.Address && !by.doubted && (f.alone || by.confirmed) {
			return proof
		}
		return nothing
	case f.carried:
		return proof
	case !by.system:
		return nothing
	case f.named && !by.doubted && (f.alone || f.daemon(by)):
		return proof
	case bad && (f.named || !by.doubted):
		return hint
	}
	return nothing
}

// daemon reports whether a mail system whose From is proven is the recipient's or ours.
func (f found) daemon(by speaker) bool {
	local, domain, _ := strings.Cut(by.address, "@")
	return by.confirmed && robots[local] && slices.ContainsFunc(append(f.own, f.d.Address), func(a string) bool {
		return likeness.SameHolder(domain, mailDomain(a))
	})
}

// ownOf are the addresses of the account of a delivery.
func ownOf(ctx context.Context, tx *db.Tx, accountID int64) ([]string, error) {
	var settings []string
	if err := tx.NewRaw("SELECT settings FROM accounts WHERE id = ?", accountID).Scan(ctx, &settings); err != nil || len(settings) == 0 {
		return nil, err
	}
	return ownAddresses(settings[0]), nil
}

// plainAddress is an address as deliveries have it.
func plainAddress(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if addr, ok := person.Email(s); ok {
		return addr
	}
	return s
}
