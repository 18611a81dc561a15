package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Fault is one thing that is wrong with a value, and where.
type Fault struct {
	Path   string `json:"field"` // "to.0.address"; empty for the whole value
	Code   string `json:"code"`  // stable, for programs: "unknown", "required", "type", ...
	Detail string `json:"detail"`
}

// mostFaults is how many faults are told at once.
const mostFaults = 20

// mostDepth bounds how deep arrays and objects may lie in one another; no
// command comes near it.
const mostDepth = 64

// Read reads one JSON value, whole, with numbers as they are written. A member
// that is written twice is an error: the two readers of a request must not take
// different ones.
func Read(b []byte) (any, error) {
	if !utf8.Valid(b) {
		return nil, fmt.Errorf("the text is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	v, err := readValue(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the value, at byte %d", d.InputOffset())
	}
	return v, nil
}

func readValue(d *json.Decoder, depth int) (any, error) {
	if depth > mostDepth {
		return nil, fmt.Errorf("arrays and objects lie more than %d deep in one another", mostDepth)
	}
	t, err := d.Token()
	if err != nil {
		return nil, syntax(err, d)
	}
	switch t {
	case json.Delim('{'):
		return readObject(d, depth)
	case json.Delim('['):
		return readArray(d, depth)
	}
	return t, nil
}

func readObject(d *json.Decoder, depth int) (any, error) {
	out := map[string]any{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, syntax(err, d)
		}
		name, ok := t.(string)
		if !ok {
			return nil, fmt.Errorf("the name of a member is missing, at byte %d", d.InputOffset())
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("the member %q is there twice", name)
		}
		if out[name], err = readValue(d, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return out, syntax(err, d)
}

func readArray(d *json.Decoder, depth int) (any, error) {
	out := []any{}
	for d.More() {
		v, err := readValue(d, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	_, err := d.Token()
	return out, syntax(err, d)
}

func syntax(err error, d *json.Decoder) error {
	if err == nil {
		return nil
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("it ends too early, at byte %d", d.InputOffset())
	}
	return fmt.Errorf("at byte %d: %w", d.InputOffset(), err)
}

// Check holds a value that Read gave against the schema. No fault means that it
// fits.
func (s *Schema) Check(v any) []Fault {
	c := &checking{}
	c.value(s, v, "")
	return c.faults
}

type checking struct{ faults []Fault }

func (c *checking) fault(path, code, format string, args ...any) {
	if len(c.faults) < mostFaults {
		c.faults = append(c.faults, Fault{path, code, fmt.Sprintf(format, args...)})
	}
}

func (c *checking) value(s *Schema, v any, path string) {
	if inner, ok := s.nullable(); ok {
		if v != nil {
			c.value(inner, v, path)
		}
		return
	}
	if s.Type == "" || v == nil && s.Null {
		return
	}
	ok := false
	switch s.Type {
	case "object":
		var m map[string]any
		if m, ok = v.(map[string]any); ok {
			c.object(s, m, path)
		}
	case "array":
		var l []any
		if l, ok = v.([]any); ok {
			c.array(s, l, path)
		}
	case "string":
		var t string
		if t, ok = v.(string); ok {
			c.text(s, t, path)
		}
	case "boolean":
		_, ok = v.(bool)
	default:
		ok = c.number(s, v, path)
	}
	if !ok {
		c.fault(path, "type", "it must be %s", article(s.Type))
	}
}

func article(kind string) string {
	switch kind {
	case "integer":
		return "a whole number"
	case "object", "array":
		return "an " + kind
	case "boolean":
		return "true or false"
	}
	return "a " + kind
}

func (c *checking) object(s *Schema, m map[string]any, path string) {
	if !s.Open {
		for _, name := range sortedKeys(m) {
			if s.prop(name) == nil {
				c.fault(join(path, name), "unknown", "there is no such member; those that there are: %s", s.names())
			}
		}
	}
	for _, p := range s.Props {
		v, ok := m[p.Name]
		switch {
		case ok:
			c.value(p.Schema, v, join(path, p.Name))
		case p.Required:
			c.fault(join(path, p.Name), "required", "it must be there")
		}
	}
}

func (c *checking) array(s *Schema, l []any, path string) {
	switch {
	case s.Most > 0 && len(l) > s.Most:
		c.fault(path, "too_many", "at most %d are allowed", s.Most)
		return
	case len(l) < s.Least:
		c.fault(path, "too_few", "at least %d must be there", s.Least)
	}
	for i, v := range l {
		c.value(s.Items, v, join(path, strconv.Itoa(i)))
	}
}

func (c *checking) text(s *Schema, t, path string) {
	n := utf8.RuneCountInString(t)
	switch {
	case s.Most > 0 && n > s.Most:
		c.fault(path, "too_long", "at most %d characters are allowed", s.Most)
	case n < s.Least:
		c.fault(path, "required", "it must not be empty")
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, t):
		c.fault(path, "not_one_of", "it must be one of %s", list(s.Enum))
	case s.Pattern != nil && !s.Pattern.MatchString(t):
		c.fault(path, "bad_form", "it must have the form %s", s.Pattern)
	case s.Format == "id" && !isID(t):
		c.fault(path, "bad_form", "it must be an id: digits in a string")
	case s.Format == "date-time" && !isTime(t):
		c.fault(path, "bad_form", "it must be an instant of RFC 3339, such as 2026-03-05T10:14:00+01:00")
	}
}

func isID(t string) bool {
	n, err := strconv.ParseInt(t, 10, 64)
	return err == nil && n > 0 && t[0] != '0' && t[0] != '+'
}

func isTime(t string) bool {
	at, err := time.Parse(time.RFC3339Nano, t)
	return err == nil && at.Year() >= 1971 && at.Year() < 3000
}

func (c *checking) number(s *Schema, v any, path string) bool {
	n, ok := v.(json.Number)
	if !ok {
		return false
	}
	if s.Type == "number" {
		f, err := n.Float64()
		return err == nil && f == f
	}
	i, err := strconv.ParseInt(string(n), 10, 64)
	if err != nil {
		return false
	}
	if s.Min != nil && i < *s.Min || s.Max != nil && i > *s.Max {
		c.fault(path, "out_of_range", "it must lie within %s and %s", bound(s.Min), bound(s.Max))
	}
	return true
}

func bound(n *int64) string {
	if n == nil {
		return "any number"
	}
	return strconv.FormatInt(*n, 10)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (s *Schema) names() string {
	names := make([]string, len(s.Props))
	for i, p := range s.Props {
		names[i] = p.Name
	}
	return list(names)
}

func list(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
