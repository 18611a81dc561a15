package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"filodiretto/channels"
)

// Office is one [[office]] of the file: where citizens find an office that has
// a telephone or a door of its own.
type Office struct {
	ID      string // the office's code, as on the pages
	Phone   string
	Email   string
	Address string
	Hours   []string // lines, in words
	Place   Place

	origin map[string]Place // by key; none for a default
}

// OfficeContact says where citizens find an office: what is written of it alone,
// else what is written of the whole municipality. A telephone that is not its
// own is the switchboard's; hours and a door that are not its own would be wrong.
func (c *Config) OfficeContact(id string) Contact {
	i := slices.IndexFunc(c.Offices, func(o Office) bool { return o.ID == id })
	if i < 0 {
		return c.Contact
	}
	o := c.Offices[i]
	k := Contact{Phone: o.Phone, Email: o.Email, Address: o.Address, Hours: o.Hours}
	if k.Phone == "" {
		k.Phone = c.Contact.Phone
	}
	return k
}

// officeFields are the keys of an [[office]].
var officeFields = []field{
	{Field: channels.Field{Name: "id", Type: channels.Text, Required: true, Help: map[string]string{
		"it": "Codice dell'ufficio, come nelle pagine di amministrazione.", "en": "Code of the office, as on the pages of administration.",
	}}, example: "tributi"},
	{Field: channels.Field{Name: "phone", Type: channels.Text, Help: map[string]string{
		"it": "Telefono dell'ufficio; senza, quello sotto [contact].", "en": "Telephone of the office; without it, the one under [contact].",
	}}, example: "0371 555 120"},
	{Field: channels.Field{Name: "email", Type: channels.Text, Help: map[string]string{
		"it": "Indirizzo di posta che i cittadini vedono.", "en": "Mail address that citizens see.",
	}}, example: "tributi@comune.pontelieto.it"},
	{Field: channels.Field{Name: "address", Type: channels.Text, Help: map[string]string{
		"it": "Dove si trova, piano e stanza compresi.", "en": "Where it is, with floor and room.",
	}}, example: "Piazza Roma 1, primo piano"},
	{Field: channels.Field{Name: "hours", Type: channels.List, Help: map[string]string{
		"it": "Orari di apertura, una riga per voce.", "en": "Opening hours, one line each.",
	}}, example: "lunedì e mercoledì 09:00-12:30"},
}

// goodOffice is the form of an office's code.
var goodOffice = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

// offices reads all [[office]] tables.
func (l *loader) offices(raw any) []Office {
	tables, ok := raw.([]map[string]any)
	if !ok {
		if list, isList := raw.([]any); raw != nil && (!isList || len(list) > 0) {
			l.add(l.place("office"), "office", "is not a list of offices", "Begin each office with [[office]] on a line of its own")
		}
		return nil
	}
	var list []Office
	first := map[string]Place{}
	for i, entry := range tables {
		path := indexed("office", i)
		place := l.place(path, "id")
		id, isText := entry["id"].(string)
		switch earlier, twice := first[id]; {
		case entry["id"] == nil:
			l.add(place, "office.id", "is missing", `Name the office by its code: id = "tributi"`)
		case !isText || !goodOffice.MatchString(id):
			l.add(place, "office.id", "is not the code of an office", `Write a lower-case letter, then up to 31 lower-case letters, digits, hyphens and underscores: id = "tributi"`)
		case twice:
			l.add(place, "office."+id+".id", "is there already, at "+earlier.String(), "Keep one [[office]] for each office")
		default:
			first[id] = place
			list = append(list, l.office(entry, path, id))
		}
	}
	return list
}

// office reads one table.
func (l *loader) office(raw map[string]any, path, id string) Office {
	t := &table{path: path, key: "office." + id, header: "[[office]]", variable: prefix + "OFFICE_" + upper(id) + "_", fields: officeFields, raw: raw}
	l.fill(t)
	o := Office{ID: id, Place: l.place(path), origin: t.places}
	o.Phone, _ = t.values["phone"].(string)
	o.Email, _ = t.values["email"].(string)
	o.Address, _ = t.values["address"].(string)
	o.Hours, _ = t.values["hours"].([]string)
	bad := func(key, what, remedy string) { l.add(t.places[key], t.key+"."+key, what, remedy) }
	checkPhone(o.Phone, "phone", bad)
	checkEmail(o.Email, "email", bad)
	return o
}

func (o Office) redacted() []Shown {
	var list []Shown
	for _, x := range []struct{ name, text string }{
		{"address", o.Address}, {"email", o.Email}, {"hours", strings.Join(o.Hours, ", ")}, {"phone", o.Phone},
	} {
		list = append(list, Shown{fmt.Sprintf("office.%s.%s", o.ID, x.name), x.text, o.origin[x.name].String()})
	}
	return list
}
