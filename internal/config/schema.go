package config

import (
	"reflect"
	"strings"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/secret"
)

// field is one key that may be set: a channel's own Field, or one made from
// the tags of a struct.
type field struct {
	channels.Field
	one      []string // the words allowed, empty for any
	min, max string   // of a number or a length of time, empty for none
	example  string
	index    []int // in Config; nil for a channel's keys
}

// section is one table of the file with the keys it may hold.
type section struct {
	name   string
	help   map[string]string
	fields []field
}

// sections describes all of Config but the channels, in the order of the struct.
var sections = describe()

func describe() []section {
	var all []section
	for _, outer := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		name := outer.Tag.Get("toml")
		if name == "" || name == "-" {
			continue
		}
		s := section{name: name, help: words(outer.Tag)}
		for _, inner := range reflect.VisibleFields(outer.Type) {
			if inner.Tag.Get("toml") == "-" {
				continue
			}
			f := describeField(inner)
			f.index = append(append([]int{}, outer.Index...), inner.Index...)
			s.fields = append(s.fields, f)
		}
		all = append(all, s)
	}
	return all
}

func describeField(sf reflect.StructField) field {
	tag := sf.Tag
	kind, isSecret := kindOf(sf.Type)
	return field{
		Field: channels.Field{
			Name: tag.Get("toml"), Type: kind, Secret: isSecret,
			Required: tag.Get("required") == "true",
			Default:  tag.Get("default"), Help: words(tag),
		},
		one: strings.Fields(tag.Get("one")), min: tag.Get("min"), max: tag.Get("max"),
		example: tag.Get("eg"),
	}
}

func words(tag reflect.StructTag) map[string]string {
	return map[string]string{"it": tag.Get("it"), "en": tag.Get("en")}
}

// kindOf says how a struct field is written, and whether it is a secret.
func kindOf(t reflect.Type) (channels.FieldType, bool) {
	switch t {
	case reflect.TypeFor[secret.String](), reflect.TypeFor[secret.URL]():
		return channels.Text, true
	case reflect.TypeFor[time.Duration]():
		return channels.Duration, false
	case reflect.TypeFor[[]string]():
		return channels.List, false
	case reflect.TypeFor[int]():
		return channels.Number, false
	case reflect.TypeFor[bool]():
		return channels.Bool, false
	case reflect.TypeFor[string]():
		return channels.Text, false
	}
	panic("config: no way to read a " + t.String())
}

// assign puts a checked value into the field of the configuration.
func assign(c *Config, f field, v any) {
	dst := reflect.ValueOf(c).Elem().FieldByIndex(f.index)
	switch dst.Interface().(type) {
	case secret.String:
		v = secret.New(v.(string))
	case secret.URL:
		v = secret.NewURL(v.(string))
	case int:
		v = int(v.(int64))
	}
	dst.Set(reflect.ValueOf(v))
}

// shared are the keys that every [[channel]] has, whatever its kind.
var shared = []field{
	{Field: channels.Field{Name: "id", Type: channels.Text, Required: true, Help: map[string]string{
		"it": "Nome stabile e unico, lettere minuscole, cifre e trattini. Non si cambia più.",
		"en": "Stable and unique name of lower-case letters, digits and hyphens. Never to be changed.",
	}}},
	{Field: channels.Field{Name: "kind", Type: channels.Text, Required: true, Help: map[string]string{
		"it": "Il tipo di canale.", "en": "The kind of channel.",
	}}},
	{Field: channels.Field{Name: "office", Type: channels.Text, Help: map[string]string{
		"it": "Codice dell'ufficio a cui va ciò che nessuna regola smista altrove.",
		"en": "Code of the office that gets what no rule sends elsewhere.",
	}}},
	{Field: channels.Field{Name: "name", Type: channels.Text, Help: map[string]string{
		"it": "Come lo vedono le persone; senza, vale id.", "en": "What people see; id when absent.",
	}}},
	{Field: channels.Field{Name: "enabled", Type: channels.Bool, Default: "true", Help: map[string]string{
		"it": "false lo tiene fermo, senza cancellarlo.", "en": "false keeps it still without deleting it.",
	}}},
}
