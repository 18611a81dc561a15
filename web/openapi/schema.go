// Package openapi describes an HTTP API in Go, writes the description as an
// OpenAPI 3.1 document, and holds JSON values against it. The same schema checks
// what comes in and is what the document says, so that the two cannot differ.
package openapi

import (
	"encoding/json"
	"regexp"
)

// Schema is the part of JSON Schema (draft 2020-12) that this API needs. The
// zero Schema takes any value.
type Schema struct {
	Name string // with one, it is written once under components and referred to

	Type string // "object", "array", "string", "integer", "number", "boolean"; "" is anything
	Null bool   // null is taken too
	Doc  string

	Props []Prop  // of an object; others are refused unless Open
	Open  bool    // an object may have members that are not named
	Items *Schema // of an array
	Most  int     // items of an array, characters of a string; 0 is no bound
	Least int

	Enum    []string
	Format  string // "id", "date-time", "uri", "binary"; the first two are checked
	Pattern *regexp.Regexp
	Min     *int64
	Max     *int64
	Example any
}

// Prop is a member of an object.
type Prop struct {
	Name     string
	Schema   *Schema
	Required bool
	Doc      string
}

// Object is an object with the members given.
func Object(props ...Prop) *Schema { return &Schema{Type: "object", Props: props} }

// Named gives a schema a name of its own in the document.
func Named(name, doc string, s *Schema) *Schema {
	named := *s
	named.Name, named.Doc = name, doc
	return &named
}

// Req is a member that must be there.
func Req(name string, s *Schema, doc string) Prop { return Prop{name, s, true, doc} }

// Opt is a member that may be left out.
func Opt(name string, s *Schema, doc string) Prop { return Prop{name, s, false, doc} }

// Any takes every value.
func Any() *Schema { return &Schema{} }

// Map is an object with any members.
func Map() *Schema { return &Schema{Type: "object", Open: true} }

// Bool is true or false.
func Bool() *Schema { return &Schema{Type: "boolean"} }

// Number is any number.
func Number() *Schema { return &Schema{Type: "number"} }

// Int is a whole number without bounds.
func Int() *Schema { return &Schema{Type: "integer"} }

// Between is a whole number within two bounds.
func Between(least, most int64) *Schema { return &Schema{Type: "integer", Min: &least, Max: &most} }

// Text is a string of at most so many characters; 0 is no bound.
func Text(most int) *Schema { return &Schema{Type: "string", Most: most} }

// Filled is a string that is not empty.
func Filled(most int) *Schema { return &Schema{Type: "string", Least: 1, Most: most} }

// OneOf is one of some words.
func OneOf[T ~string](words ...T) *Schema {
	s := &Schema{Type: "string"}
	for _, w := range words {
		s.Enum = append(s.Enum, string(w))
	}
	return s
}

// ID is the number of a row, as a string: JavaScript loses digits of large numbers.
func ID() *Schema { return &Schema{Type: "string", Format: "id", Example: "1234567890123456789"} }

// Time is an instant in RFC 3339.
func Time() *Schema {
	return &Schema{Type: "string", Format: "date-time", Example: "2026-03-05T09:14:00.000000Z"}
}

// Bytes is a body that is no JSON.
func Bytes() *Schema { return &Schema{Type: "string", Format: "binary"} }

// List is an array.
func List(of *Schema) *Schema { return &Schema{Type: "array", Items: of} }

// UpTo is an array of at most so many.
func UpTo(most int, of *Schema) *Schema { return &Schema{Type: "array", Items: of, Most: most} }

// OrNull takes null too.
func (s *Schema) OrNull() *Schema {
	if s.Name != "" {
		return &Schema{Null: true, Items: s}
	}
	n := *s
	n.Null = true
	return &n
}

// nullable reports whether s is "a named schema, or null", and which.
func (s *Schema) nullable() (*Schema, bool) { return s.Items, s.Null && s.Type == "" && s.Items != nil }

// prop finds a member.
func (s *Schema) prop(name string) *Prop {
	for i := range s.Props {
		if s.Props[i].Name == name {
			return &s.Props[i]
		}
	}
	return nil
}

// Needs reports whether an object has members that must be there.
func (s *Schema) Needs() bool {
	for _, p := range s.Props {
		if p.Required {
			return true
		}
	}
	return false
}

const refPrefix = "#/components/schemas/"

// ref is how the schema is written where it is used.
func (s *Schema) ref(named map[string]*Schema) any {
	if s.Name == "" {
		return s.inline(named)
	}
	if named[s.Name] == nil {
		named[s.Name] = s
		s.inline(named) // finds what it uses
	}
	return map[string]string{"$ref": refPrefix + s.Name}
}

// inline is the schema itself.
func (s *Schema) inline(named map[string]*Schema) map[string]any {
	if inner, ok := s.nullable(); ok {
		return map[string]any{"anyOf": []any{inner.ref(named), map[string]string{"type": "null"}}}
	}
	m := map[string]any{}
	set := func(key string, v any, ok bool) {
		if ok {
			m[key] = v
		}
	}
	if s.Type != "" {
		m["type"] = s.Type
		if s.Null {
			m["type"] = []string{s.Type, "null"}
		}
	}
	set("description", s.Doc, s.Doc != "")
	set("examples", []any{s.Example}, s.Example != nil)
	set("minimum", s.Min, s.Min != nil)
	set("maximum", s.Max, s.Max != nil)
	switch s.Type {
	case "object":
		s.inlineObject(m, named)
	case "array":
		m["items"] = s.Items.ref(named)
		set("maxItems", s.Most, s.Most > 0)
		set("minItems", s.Least, s.Least > 0)
	case "string":
		s.inlineString(m, set)
	}
	return m
}

func (s *Schema) inlineString(m map[string]any, set func(string, any, bool)) {
	set("maxLength", s.Most, s.Most > 0)
	set("minLength", s.Least, s.Least > 0)
	if len(s.Enum) > 0 {
		words := make([]any, len(s.Enum), len(s.Enum)+1)
		for i, w := range s.Enum {
			words[i] = w
		}
		if s.Null {
			words = append(words, nil)
		}
		m["enum"] = words
	}
	switch {
	case s.Format == "id":
		m["pattern"] = "^[1-9][0-9]{0,18}$"
	case s.Format != "":
		m["format"] = s.Format
	}
	if s.Pattern != nil {
		m["pattern"] = s.Pattern.String()
	}
}

func (s *Schema) inlineObject(m map[string]any, named map[string]*Schema) {
	props, required := map[string]any{}, []string{}
	for _, p := range s.Props {
		v := p.Schema.ref(named)
		if p.Doc != "" {
			v = described(v, p.Doc)
		}
		props[p.Name] = v
		if p.Required {
			required = append(required, p.Name)
		}
	}
	if len(props) > 0 {
		m["properties"] = props
	}
	if len(required) > 0 {
		m["required"] = required
	}
	m["additionalProperties"] = s.Open
}

// described adds words to a schema; beside $ref they are allowed since 3.1.
func described(v any, doc string) any {
	switch v := v.(type) {
	case map[string]string:
		return map[string]any{"$ref": v["$ref"], "description": doc}
	case map[string]any:
		v["description"] = doc
	}
	return v
}

// MarshalJSON writes the schema with everything that it uses written out where
// it stands under components of a document: see Document.
func (s *Schema) MarshalJSON() ([]byte, error) { return json.Marshal(s.inline(map[string]*Schema{})) }
