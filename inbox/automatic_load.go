package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/person"
	"filodiretto/templates"
)

// load reads what the batch needs: budgets, accounts, names of offices.
func (b *automatics) load(ctx context.Context, list []automatic) error {
	b.wake = map[int64]bool{}
	var err error
	if b.spent, err = loadBudget(ctx, b.tx, b.in.set, list); err != nil {
		return err
	}
	var accounts []*Account
	if err := b.tx.NewSelect().Model(&accounts).Column("id", "key", "kind", "office_id", "enabled", "settings").Scan(ctx); err != nil {
		return err
	}
	b.enabled, b.own = map[int64]*Account{}, map[string]bool{}
	for _, a := range accounts {
		if a.Enabled {
			b.enabled[a.ID] = a
		}
		if isMail(a.Kind) {
			for _, addr := range ownAddresses(a.Settings) {
				b.own[addr] = true
			}
		}
	}
	return b.loadOffices(ctx, list, accounts)
}

func (b *automatics) loadOffices(ctx context.Context, list []automatic, accounts []*Account) error {
	b.offices, b.phones = map[int64]string{}, map[int64]string{}
	var ids []int64
	for _, a := range accounts {
		ids = append(ids, a.OfficeID)
	}
	for i := range list {
		if c := list[i].Case; c != nil {
			ids = append(ids, c.OfficeID)
		}
		if n := list[i].Notice; n != nil && n.OfficeID > 0 {
			ids = append(ids, n.OfficeID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		ID                  int64
		Key, Name, SignName string
	}
	err := b.tx.NewRaw("SELECT id, key, name, sign_name FROM offices WHERE id IN (?)", bun.List(ids)).Scan(ctx, &rows)
	for _, r := range rows {
		b.offices[r.ID], b.phones[r.ID] = r.Name, b.in.set.officePhone(r.Key)
		if r.SignName != "" {
			b.offices[r.ID] = r.SignName
		}
	}
	return err
}

// ownAddresses are the addresses of a mail account, as its settings name them.
func ownAddresses(settings string) []string {
	var s struct {
		Address string `json:"address"`
		Aliases any    `json:"aliases"`
	}
	if err := json.Unmarshal([]byte(settings), &s); err != nil {
		return nil
	}
	list := []string{s.Address}
	switch a := s.Aliases.(type) {
	case string:
		list = append(list, strings.Split(a, ",")...)
	case []any:
		for _, x := range a {
			list = append(list, fmt.Sprint(x))
		}
	}
	var out []string
	for _, x := range list {
		if addr, ok := person.Email(strings.TrimSpace(x)); ok {
			out = append(out, addr)
		}
	}
	return out
}

// account is where an automatic message goes out: where its answer came in, else
// where the citizen of the case wrote last.
func (b *automatics) account(a *automatic) (acc *Account, why string) {
	var id int64
	switch {
	case a.Notice != nil:
		id = a.Notice.AccountID
	case a.Answer != nil:
		id = a.Answer.AccountID
	case a.Case != nil:
		id = a.Case.AccountID
	}
	acc = b.enabled[id]
	if acc == nil {
		return nil, "account_off"
	}
	if addressKind(acc.Kind) != a.To.Kind { // as after a visit at the counter
		return nil, "no_channel"
	}
	ch, _, ok := b.in.channels.Channel(id)
	return acc, canSend(ch, ok)
}

// robots are the local parts behind which nobody reads (mail rule 54).
var robots = map[string]bool{
	"mailer-daemon": true, "postmaster": true, "no-reply": true, "noreply": true, "no_reply": true, "donotreply": true,
	"posta-certificata": true, "do-not-reply": true, "non-rispondere": true, "nonrispondere": true, "bounce": true, "bounces": true,
}

// withheld tells why a robot must not answer (mail rule 56), "" when it may.
func (b *automatics) withheld(a *automatic) string {
	if m := a.Answer; m != nil {
		switch {
		case m.Auto != "":
			return "automatic"
		case hasNote(m, "only_copied"):
			return "only_copied"
		case hasNote(m, "from_junk"): // let in by a person, who answers: a robot would tell spammers that somebody reads
			return "junk"
		case hasNote(m, "pec_signature_invalid"): // whoever forged it chose who gets the answer
			return "not_proven"
		case hasNote(m, "pec_not_to_us"): // it was passed on, and the other mailbox may have answered
			return "not_to_us"
		case falseSender(m):
			return "not_proven"
		case !b.fresh(m.At):
			return "old"
		}
	}
	if isAddress(a.To.Kind) {
		local, _, _ := strings.Cut(a.To.Value, "@")
		plain, domain, plus := cutPlus(a.To.Value)
		switch {
		case b.own[a.To.Value] || plus && b.own[plain+"@"+domain]:
			return "own_address"
		case robots[strings.ToLower(local)]:
			return "robot"
		}
	}
	if a.Case != nil && (a.Case.Suspect || a.Case.CalledFalse) && a.To.Proof < Confirmed { // nobody has decided yet who it is
		return "suspect"
	}
	return a.To.Barred(!a.dialogue(), b.tx.Now)
}

// falseSender reports whether our own mail server speaks against a mail being its
// sender's: an answer would reach a person who wrote nothing, with the secret of a
// stranger's page (mail rule 56).
func falseSender(m *Message) bool {
	found := m.Standing()
	return m.Channel == "mail" && (found == StandsDoubted || found == StandsUnclear)
}

// cutPlus parts "urp+c.1.x@comune.example" into "urp" and the domain.
func cutPlus(addr string) (local, domain string, plus bool) {
	local, domain, _ = strings.Cut(addr, "@")
	local, _, plus = strings.Cut(local, "+")
	return local, domain, plus
}

// sender is the name in From.
func (b *automatics) sender(a *automatic) string {
	name := b.in.set.Municipality
	if office := b.offices[a.office()]; office != "" {
		if name != "" {
			name += " - "
		}
		name += office
	}
	return name
}

// office is in whose name it is written, 0 for the municipality's.
func (a *automatic) office() int64 {
	switch {
	case a.Notice != nil && a.Notice.OfficeID > 0:
		return a.Notice.OfficeID
	case a.Case != nil:
		return a.Case.OfficeID
	}
	return 0
}

// lang is the citizen's language where the message tells it.
func (b *automatics) lang(a *automatic) string {
	if a.Notice != nil && a.Notice.Lang != "" {
		return a.Notice.Lang
	}
	if a.Answer != nil && a.Answer.Lang != "" {
		return a.Answer.Lang
	}
	return b.in.set.Lang
}

// values are what texts may use; what the caller gives goes before them.
func (b *automatics) values(a *automatic, acc *Account) map[string]string {
	v := map[string]string{
		"municipality": b.in.set.Municipality, "office": b.sender(a), "office_phone": b.phones[acc.OfficeID],
		"privacy_link": b.in.set.privacyLink(), "dpo_contact": b.in.set.DPOContact,
		"reopen_days": strconv.Itoa(int(b.in.set.ReopenWithin / (24 * time.Hour))),
	}
	if c := a.Case; c != nil {
		text, _ := b.in.texts(context.Background()).Pick(a.Event, c.Channel, b.lang(a))
		v["case_number"], v["case_subject"], v["status_link"] = c.Ref(), c.Subject, b.in.StatusLink(c)
		v["answer_by"] = dateText(c.DueAt, b.in.set.Zone, text.Lang)
		if name := b.offices[c.OfficeID]; name != "" {
			v["office"], v["office_phone"] = name, b.phones[c.OfficeID]
		}
	}
	if name := b.offices[a.office()]; a.Notice != nil && name != "" {
		v["office"], v["office_phone"] = name, b.phones[a.office()]
	}
	for k, x := range a.Vars {
		v[k] = x
	}
	return v
}

var monthsIt = [...]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"}

// dateText writes a day as people do, in the municipality's zone; "" for none.
func dateText(at clock.Instant, zone *time.Location, lang string) string {
	if at.IsZero() {
		return ""
	}
	t := at.Time().In(zone)
	if lang == templates.DefaultLang || lang == "" {
		return fmt.Sprintf("%d %s %d", t.Day(), monthsIt[t.Month()-1], t.Year())
	}
	return t.Format("2 January 2006")
}
