package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/channels/pec"
	"filodiretto/internal/db"
	"filodiretto/internal/person"
)

// target is a recipient as the delivery row will have it.
type target struct {
	Recipient
	role     string
	at       int // place among those of its role
	address  channels.Address
	identity *Identity // nil for an address that nobody has yet
}

// invalid says which of the recipients is not acceptable: "to.1.address".
func (t *target) invalid(code string) *InvalidError {
	member := "address"
	if t.IdentityID > 0 {
		member = "identity"
	}
	return &InvalidError{fmt.Sprintf("%s.%d.%s", t.role, t.at, member), code}
}

// addressKind is the kind of identity that an account's messages go to.
func addressKind(accountKind string) string {
	if accountKind == "mail" {
		return "email"
	}
	return accountKind
}

// isAddress reports whether an identity or a delivery of the kind is a mail
// address, certified ("pec") or not ("email"). The two are never the same
// identity: what is written to one must not go to the other, but for an answer from
// the ordinary mailbox to which a certified message came.
func isAddress(kind string) bool { return kind == "email" || kind == "pec" }

// loadTargets resolves the recipients: each must be of the channel's kind, and
// may be named once.
func (r *replying) loadTargets(ctx context.Context) error {
	all := make([]target, 0, len(r.cmd.To)+len(r.cmd.Cc))
	for i, to := range r.cmd.To {
		all = append(all, target{Recipient: to, role: "to", at: i})
	}
	for i, cc := range r.cmd.Cc {
		all = append(all, target{Recipient: cc, role: "cc", at: i})
	}
	if !isMail(r.acc.Kind) && len(all) > 1 {
		return &InvalidError{"to", "one_only"}
	}
	if err := r.resolve(ctx, all); err != nil {
		return err
	}
	seen := map[channels.Address]bool{}
	for i := range all {
		t := &all[i]
		if t.identity != nil {
			if code := t.identity.Barred(false, r.tx.Now); code != "" {
				return t.invalid(code)
			}
		}
		k := channels.Address{Kind: t.address.Kind, Scope: t.address.Scope, Value: t.address.Value}
		if seen[k] {
			return t.invalid("twice")
		}
		seen[k] = true
	}
	r.to = all
	return nil
}

// resolve finds the identities of the recipients, by id or by address.
func (r *replying) resolve(ctx context.Context, all []target) error {
	kind := addressKind(r.acc.Kind)
	var ids []int64
	var typed []string
	for i := range all {
		t := &all[i]
		switch {
		case t.IdentityID > 0:
			ids = append(ids, t.IdentityID)
		case !isAddress(kind):
			return t.invalid("identity_missing")
		default:
			addr, ok := person.Email(t.Address)
			if !ok || pec.Relays(addr) {
				return t.invalid("bad_address")
			}
			t.address = channels.Address{Kind: kind, Value: addr, Display: clean(t.Display)}
			typed = append(typed, addr)
		}
	}
	rows, err := r.identities(ctx, kind, ids, typed)
	if err != nil {
		return fmt.Errorf("find recipients: %w", err)
	}
	for i := range all {
		t := &all[i]
		for _, id := range rows {
			if id.ID == t.IdentityID || t.IdentityID == 0 && id.Value == t.address.Value && id.RemovedAt.IsZero() {
				t.identity = id
			}
		}
		if t.IdentityID > 0 {
			if t.identity == nil {
				return t.invalid("other_channel")
			}
			t.address = channels.Address{Kind: kind, Scope: t.identity.Scope, Value: t.identity.Value, Display: clean(t.identity.Display), Handle: t.identity.Handle}
		}
	}
	return nil
}

// identities reads those of the ids, and those that the typed addresses have.
// They are two questions because each has an index, and their union has none.
func (r *replying) identities(ctx context.Context, kind string, ids []int64, typed []string) (rows []*Identity, err error) {
	if len(ids) > 0 {
		of, args := db.In(ids)
		where := "i.kind = ?"
		if args = append([]any{kind}, args...); r.acc.Kind == "mail" { // a certified message may have come to it
			where = "(i.kind = ? OR i.kind = 'pec' AND EXISTS (SELECT 1 FROM messages AS m WHERE m.citizen_id = i.citizen_id AND m.identity_id = i.id AND m.account_id = ? AND m.direction = 'in'))"
			args = slices.Insert(args, 1, any(r.acc.ID))
		}
		if err := r.tx.Ask(ctx, "SELECT i.* FROM identities AS i WHERE "+where+" AND i.id IN ("+of+")", args, &rows); err != nil {
			return nil, err
		}
	}
	if len(typed) == 0 {
		return rows, nil
	}
	var more []*Identity
	err = r.tx.NewSelect().Model(&more).Where("i.kind = ? AND i.scope = '' AND i.value IN (?) AND i.removed_at = 0", kind, bun.List(typed)).
		Where("i.kind IN ('email','telegram','pec')"). // names the unique index
		Scan(ctx)
	return append(rows, more...), err
}

// checkTargets asks for a confirmation of whom the case has never seen
// (inbox.md 4.5).
func (r *replying) checkTargets(ctx context.Context) error {
	var doubt []target
	for _, t := range r.to {
		answering := r.answered != nil && t.identity != nil && t.identity.ID == r.answered.IdentityID
		if !t.Confirmed && !answering {
			doubt = append(doubt, t)
		}
	}
	if len(doubt) == 0 {
		return nil
	}
	known, err := r.known(ctx)
	if err != nil {
		return err
	}
	e := &UnseenError{}
	for _, t := range doubt {
		if !known.has(t) {
			e.Recipients = append(e.Recipients, t.address)
		}
	}
	if len(e.Recipients) > 0 {
		return e
	}
	return nil
}

// knownTo is whom a case has seen.
type knownTo struct {
	identities map[int64]bool
	addresses  map[string]bool
}

func (k knownTo) has(t target) bool {
	return t.identity != nil && k.identities[t.identity.ID] || isAddress(t.address.Kind) && k.addresses[t.address.Value]
}

// known gathers the senders of the case, whom its answers went to, whom its
// mails were addressed to, and the proven identities of its person.
func (r *replying) known(ctx context.Context) (knownTo, error) {
	k := knownTo{map[int64]bool{}, map[string]bool{}}
	var rows []struct {
		IdentityID int64
		Address    string
		Shown      string
	}
	err := r.tx.NewRaw(`SELECT identity_id, '' AS address, recipients AS shown FROM messages WHERE case_id IN `+family+` AND direction = 'in'
		UNION SELECT identity_id, address, '' AS shown FROM deliveries WHERE case_id IN `+family+`
		UNION SELECT i.id, '' AS address, '' AS shown FROM identities AS i JOIN citizens AS z ON z.id = i.citizen_id
			WHERE i.proof >= 1 AND z.root_id = (SELECT root_id FROM citizens WHERE id = ?)
		UNION SELECT identity_id, '' AS address, '' AS shown FROM forwards WHERE state = 'accepted' AND case_id IN `+family,
		r.c.ID, r.c.ID, r.c.CitizenID, r.c.ID).Scan(ctx, &rows)
	if err != nil {
		return k, fmt.Errorf("whom the case has seen: %w", err)
	}
	for _, row := range rows {
		k.identities[row.IdentityID] = true
		k.addresses[row.Address] = true
		for _, word := range strings.FieldsFunc(row.Shown, func(c rune) bool { return strings.ContainsRune(" ,;<>\"'()", c) }) {
			k.addresses[strings.ToLower(word)] = true
		}
	}
	delete(k.identities, 0)
	delete(k.addresses, "")
	return k, nil
}
