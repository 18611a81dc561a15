package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/likeness"
	"filodiretto/internal/person"
	"filodiretto/internal/textfold"
)

// house is what of ours the sender of a mail may have or pose as: the addresses
// and domains of the mailboxes, the names of offices and of the people in them.
type house struct {
	addresses map[string]bool
	domains   []string
	sealed    []string          // domains of our certified mailboxes, which may be a provider's
	town      string            // "comune di pontelieto"
	place     []string          // "pontelieto"
	fill      map[string]bool   // words that tell no office from another
	desk      map[string]bool   // words for parts of an office, which tell nothing without the place
	offices   map[string]ourOwn // by the words that are left
	operators map[string]ourOwn // by person.Name
}

// ourOwn is a name of the house.
type ourOwn struct {
	id   int64
	name string
}

// loadHouse reads the names and addresses of the house, where the batch holds mail
// that may be held against them; else f.house stays nil.
func (f *filing) loadHouse(ctx context.Context) error {
	if !isMail(f.acc.Kind) {
		return nil
	}
	h, err := f.in.readHouse(ctx, f.tx)
	f.house = h
	return err
}

func (in *Inbox) readHouse(ctx context.Context, idb bun.IDB) (*house, error) {
	var rows []struct {
		Kind       string
		ID         int64
		Name, More string
	}
	err := idb.NewRaw(`SELECT 'office' AS kind, id, name, sign_name AS more FROM offices
		UNION ALL SELECT 'operator', id, name, '' FROM operators WHERE disabled_at = 0
		UNION ALL SELECT kind, id, settings, name FROM accounts WHERE kind IN ('mail','pec')`).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("names of the house: %w", err)
	}
	h := newHouse(in.set)
	var mailboxes []string
	for _, r := range rows {
		switch r.Kind {
		case "office":
			h.addOffice(ourOwn{r.ID, r.Name}, r.Name, r.More)
		case "operator":
			if key := nameKey(r.Name); key != "" {
				h.operators[key] = ourOwn{r.ID, r.Name}
			}
		default:
			h.addAccount(r.Kind, r.Name)
			mailboxes = append(mailboxes, r.More)
		}
	}
	for _, name := range append(mailboxes, "URP", "Protocollo") { // as writers know them; every town has these two
		if key := h.officeKey(name); key != "" && h.offices[key].name == "" {
			h.offices[key] = ourOwn{0, name}
		}
	}
	return h, nil
}

func newHouse(set Settings) *house {
	h := &house{addresses: map[string]bool{}, fill: map[string]bool{}, desk: map[string]bool{}, offices: map[string]ourOwn{}, operators: map[string]ourOwn{}, town: words(set.Municipality)}
	for _, w := range strings.Fields("comune di del della dei delle dello d degli municipio ufficio uffici servizio servizi settore area il lo la i gli le l e ed the of office and pec posta mail email casella certificata") {
		h.fill[w] = true
	}
	for _, w := range strings.Fields("sportello segreteria direzione assistenza clienti supporto centralino sindaco amministrazione riscossione avvisi pagamenti notifiche comunicazioni online digitale informazioni info") {
		h.desk[w] = true
	}
	for w := range strings.FieldsSeq(h.town) {
		if !h.fill[w] {
			h.place = append(h.place, w)
		}
		h.fill[w] = true
	}
	if u, err := url.Parse(set.PublicURL); err == nil && strings.Contains(u.Hostname(), ".") && !strings.HasPrefix(u.Hostname(), "127.") {
		h.domains = append(h.domains, u.Hostname())
	}
	return h
}

// addAccount learns the addresses of a mailbox. A provider's domain is not ours:
// everybody may have an address there.
func (h *house) addAccount(kind, settings string) {
	var set struct{ Address, Aliases string }
	if json.Unmarshal([]byte(settings), &set) != nil {
		return // an account that cannot be read is told elsewhere
	}
	for _, a := range append(strings.Split(set.Aliases, ","), set.Address) {
		addr, ok := person.Email(strings.TrimSpace(a))
		if !ok {
			continue
		}
		h.addresses[addr] = true
		list := &h.domains
		if kind != "mail" {
			list = &h.sealed
		}
		if d := mailDomain(addr); !likeness.Shared(d) && !slices.Contains(*list, d) {
			*list = append(*list, d)
		}
	}
}

func (h *house) addOffice(o ourOwn, names ...string) {
	for _, n := range names {
		if key := h.officeKey(n); key != "" {
			h.offices[key] = o
		}
	}
}

// officeKey are the words by which an office is told from others, in order of the
// alphabet: "Ufficio Tributi - Comune di Pontelieto" is "tributi".
func (h *house) officeKey(name string) string {
	var own []string
	for w := range strings.FieldsSeq(words(name)) {
		if !h.fill[w] {
			own = append(own, w)
		}
	}
	slices.Sort(own)
	return strings.Join(own, " ")
}

// ours reports whether an address is one of our mailboxes, or of our domains. Who holds
// ours may set up any name under it, but none that looks like the one in use.
func (h *house) ours(address string) bool {
	if h == nil {
		return false
	}
	d := mailDomain(address)
	return h.addresses[address] || slices.Contains(h.domains, d) ||
		h.domainLike(d) == "" && slices.ContainsFunc(h.domains, func(own string) bool { return likeness.SameHolder(d, own) })
}

// domainLike is the domain of ours that another looks like; "" where it looks like none.
func (h *house) domainLike(domain string) string {
	for _, own := range slices.Concat(h.domains, h.sealed) {
		if likeness.Domain(domain, own) {
			return own
		}
	}
	return ""
}

// words are the words of a name as the eye takes them.
func words(s string) string { return textfold.Fold(likeness.Plain(s)) }

// nameKey is a person's name as it is compared here; "" for fewer than two words,
// which tell nobody from another.
func nameKey(s string) string {
	key := person.Name(likeness.Plain(s))
	if !strings.Contains(key, " ") {
		return ""
	}
	return key
}

func mailDomain(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }
