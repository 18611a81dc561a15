package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"filodiretto/channels"
	"filodiretto/internal/secret"
)

// Channel is one [[channel]] of the file.
type Channel struct {
	ID       string
	Kind     string
	Office   string // code of the default office, may be empty
	Name     string // what people see; the id when none was given
	Enabled  bool
	Settings map[string]string        // the driver's own keys, checked and defaulted
	Secrets  map[string]secret.String // those of its keys that are secret
	Place    Place

	origin map[string]Place // by key; none for a default
}

// Account gives the channel as its driver wants it, with the secrets in clear.
// row is the account's row in the database.
func (c Channel) Account(row int64) channels.Account {
	a := channels.Account{ID: row, Key: c.ID, Kind: c.Kind, Name: c.Name, Settings: maps.Clone(c.Settings)}
	if a.Settings == nil {
		a.Settings = map[string]string{}
	}
	for name, s := range c.Secrets {
		a.Settings[name] = s.Reveal()
	}
	return a
}

// goodID fits into the name of a variable and into addresses.
var goodID = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// channels reads all [[channel]] tables.
func (l *loader) channels(raw any, drivers []channels.Driver) []Channel {
	var list []Channel
	first := map[string]Place{}
	for i, entry := range l.channelTables(raw) {
		path := indexed("channel", i)
		id, place, ok := l.channelID(entry, path)
		if !ok {
			l.driver(entry, path, "", drivers) // its kind is told as well
			continue
		}
		if earlier, twice := first[id]; twice {
			l.add(place, "channel."+id+".id", "is taken by the channel at "+earlier.String(), "Give every channel an id of its own")
			l.channel(entry, path, id, drivers) // what else is wrong with it is told as well
			continue
		}
		first[id] = place
		if c, ok := l.channel(entry, path, id, drivers); ok {
			list = append(list, c)
		}
	}
	return list
}

// channelTables takes [[channel]] in either of the ways TOML has for it.
func (l *loader) channelTables(raw any) []map[string]any {
	switch raw := raw.(type) {
	case nil:
		return nil
	case []map[string]any:
		return raw
	case []any:
		if len(raw) == 0 {
			return nil
		}
	}
	l.add(l.place("channel"), "channel", "is not a list of channels", "Begin each channel with [[channel]] on a line of its own")
	return nil
}

func (l *loader) channelID(raw map[string]any, path string) (string, Place, bool) {
	place := l.place(path, "id")
	id, isText := raw["id"].(string)
	switch {
	case raw["id"] == nil:
		l.add(place, "channel.id", "is missing", `Give the channel a name of its own: id = "urp-mail"`)
	case !isText || !goodID.MatchString(id):
		l.add(place, "channel.id", "is not a name", `Write a lower-case letter, then up to 31 lower-case letters, digits and hyphens: id = "urp-mail"`)
	default:
		return id, place, true
	}
	return "", place, false
}

// channel reads one table against the fields of its driver.
func (l *loader) channel(raw map[string]any, path, id string, drivers []channels.Driver) (Channel, bool) {
	t := &table{
		path: path, key: "channel." + id, header: "[[channel]]",
		variable: prefix + "CHANNEL_" + upper(id) + "_", raw: raw,
	}
	driver, ok := l.driver(raw, path, id, drivers)
	if !ok {
		return Channel{}, false
	}
	t.fields = slices.Clone(shared)
	for _, f := range driver.Fields {
		t.fields = append(t.fields, field{Field: f, one: f.Words()})
	}
	l.fill(t)
	c := Channel{
		ID: id, Kind: driver.Kind, Enabled: true, Place: l.place(path),
		Settings: map[string]string{}, Secrets: map[string]secret.String{},
		origin: t.places,
	}
	if on, set := t.values["enabled"].(bool); set {
		c.Enabled = on
	}
	c.Office, _ = t.values["office"].(string)
	if c.Name, _ = t.values["name"].(string); c.Name == "" {
		c.Name = id
	}
	if c.Enabled { // what is switched off may be half done
		l.require(t)
	}
	for _, f := range driver.Fields {
		v, set := t.values[f.Name]
		text := f.Default
		if set {
			text = show(v)
		}
		if f.Secret {
			c.Secrets[f.Name] = secret.New(text)
		} else {
			c.Settings[f.Name] = text
		}
	}
	return c, true
}

// driver finds the driver that the channel's kind names. The id may be empty,
// when it is itself wrong.
func (l *loader) driver(raw map[string]any, path, id string, drivers []channels.Driver) (channels.Driver, bool) {
	kind, isText := raw["kind"].(string)
	var kinds []string
	for _, d := range drivers {
		if d.Kind == kind && isText {
			return d, true
		}
		kinds = append(kinds, d.Kind)
	}
	what, remedy := "is not a kind of channel", "The kinds are "+strings.Join(kinds, ", ")
	if raw["kind"] == nil {
		what = "is missing"
	} else if near, ok := nearest(kind, kinds); ok && isText {
		remedy = fmt.Sprintf("Did you mean %s?", near)
	}
	if id == "" {
		l.add(l.place(path, "kind"), "channel.kind", what, remedy)
		return channels.Driver{}, false
	}
	l.add(l.place(path, "kind"), "channel."+id+".kind", what, remedy)
	l.ignore(prefix + "CHANNEL_" + upper(id) + "_")
	return channels.Driver{}, false
}

// ignore takes a channel's variables as read when its kind is not known, so
// that one mistake gives one problem.
func (l *loader) ignore(begin string) {
	maps.DeleteFunc(l.vars, func(name, _ string) bool { return strings.HasPrefix(name, begin) })
}
