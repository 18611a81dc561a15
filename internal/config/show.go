package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Shown is one key for people to look at.
type Shown struct {
	Key    string // "server.listen", "channel.urp.host"
	Value  string // masked where it is a secret
	Origin string // "filodiretto.toml:12", the variable's name, or "default"
}

// Redacted lists every key with its value in use and where it came from.
// Secrets are masked, and of addresses the passwords.
func (c *Config) Redacted() []Shown {
	var list []Shown
	for _, s := range sections {
		for _, f := range s.fields {
			key := s.name + "." + f.Name
			v := reflect.ValueOf(c).Elem().FieldByIndex(f.index).Interface()
			text := fmt.Sprint(v)
			if words, ok := v.([]string); ok {
				text = strings.Join(words, ", ")
			}
			list = append(list, Shown{key, text, c.origin[key].String()})
		}
	}
	for _, o := range c.Offices {
		list = append(list, o.redacted()...)
	}
	for _, ch := range c.Channels {
		list = append(list, ch.redacted()...)
	}
	return list
}

func (ch Channel) redacted() []Shown {
	values := map[string]string{
		"kind": ch.Kind, "office": ch.Office, "name": ch.Name, "enabled": fmt.Sprint(ch.Enabled),
	}
	for name, text := range ch.Settings {
		values[name] = text
	}
	for name, s := range ch.Secrets {
		values[name] = s.String()
	}
	var list []Shown
	for name, text := range values {
		list = append(list, Shown{"channel." + ch.ID + "." + name, text, ch.origin[name].String()})
	}
	slices.SortFunc(list, func(a, b Shown) int { return strings.Compare(a.Key, b.Key) })
	return list
}
