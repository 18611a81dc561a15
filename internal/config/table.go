package config

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"filodiretto/channels"
)

// secretFileMax is the size in bytes beyond which a secret's file is refused.
const secretFileMax = 64 << 10

// table is one table of the file together with the variables that override it.
type table struct {
	path     string // where positions knows it: "server", "channel[0]"
	key      string // how people know it: "server", "channel.urp"
	variable string // "FILODIRETTO_SERVER_"
	header   string // "[server]"
	fields   []field
	raw      map[string]any
	values   map[string]any   // by field name, read and in range
	places   map[string]Place // of those and of the refused ones
}

// fill reads every key of t, the environment before the file, and reports
// what is unknown, wrong, out of range or missing.
func (l *loader) fill(t *table) {
	t.values, t.places = map[string]any{}, map[string]Place{}
	l.unknown(t)
	for _, f := range t.fields {
		g, ok := l.pick(t, f)
		if !ok {
			continue
		}
		t.places[f.Name] = g.place
		v, bad := g.read(f.Type)
		if bad == nil {
			bad = f.inRange(v)
		}
		if bad != nil {
			l.add(g.place, t.key+"."+f.Name, bad.what, bad.remedy)
			continue
		}
		t.values[f.Name] = v
	}
}

// require reports the keys that must be there and are not.
func (l *loader) require(t *table) {
	for _, f := range t.fields {
		v, read := t.values[f.Name]
		_, tried := t.places[f.Name]
		if !f.Required || !f.Matters(t.text) || (tried && !read) || (read && show(v) != "") || (!read && f.Default != "") {
			continue
		}
		remedy := fmt.Sprintf("Set it under %s, or in %s%s", t.header, t.variable, upper(f.Name))
		if f.Secret {
			remedy += " (or " + f.Name + "_file to the path of a file that holds it)"
		}
		l.add(l.place(t.path), t.key+"."+f.Name, "is missing", remedy)
	}
}

// text is what a key of the table says, or would by default.
func (t *table) text(name string) string {
	if v, read := t.values[name]; read {
		return show(v)
	}
	for _, f := range t.fields {
		if f.Name == name {
			return f.Default
		}
	}
	return ""
}

// unknown reports keys that the table does not have.
func (l *loader) unknown(t *table) {
	var names []string
	for _, f := range t.fields {
		names = append(names, f.Name)
		if f.Secret {
			names = append(names, f.Name+"_file")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(t.raw)) {
		if !slices.Contains(names, key) {
			l.add(l.place(t.path, key), t.key+"."+key, "is not a known key", remedyFor(key, t.header, names))
		}
	}
}

// remedyFor names the key that was probably meant, here or in another section.
func remedyFor(key, header string, names []string) string {
	if near, ok := nearest(key, names); ok {
		return fmt.Sprintf("Did you mean %s?", near)
	}
	for _, s := range sections {
		if slices.ContainsFunc(s.fields, func(f field) bool { return f.Name == key }) {
			return fmt.Sprintf("It belongs under [%s]", s.name)
		}
	}
	return fmt.Sprintf("Take it away; %s knows %s", header, strings.Join(names, ", "))
}

// pick finds the one place where a key is set. A variable that is set to
// nothing counts as not set, as orchestrators pass those on.
func (l *loader) pick(t *table, f field) (given, bool) {
	name := t.variable + upper(f.Name)
	direct, hasDirect := l.variable(t, name)
	fromFile, hasFile := given{}, false
	if f.Secret {
		fromFile, hasFile = l.variable(t, name+"_FILE")
	}
	key, base := t.key+"."+f.Name, ""
	if !hasDirect && !hasFile {
		if v, ok := t.raw[f.Name]; ok {
			direct, hasDirect = given{raw: v, place: l.place(t.path, f.Name)}, true
			if f.Secret && confidential(v) {
				l.holdsSecret(l.file)
			}
		}
		if v, ok := t.raw[f.Name+"_file"]; ok && f.Secret {
			fromFile, hasFile = given{raw: v, place: l.place(t.path, f.Name+"_file")}, true
		}
		base = l.dir()
	}
	if hasDirect && hasFile {
		l.add(fromFile.place, key, "is set twice, by itself and as a file", "Keep one of the two")
		return direct, true
	}
	if hasFile {
		t.places[f.Name] = fromFile.place // tried, even if the file cannot be read
		return l.secretFile(fromFile, key+"_file", base)
	}
	return direct, hasDirect
}

// confidential tells a secret from an address that may hold one and does not,
// such as sqlite:/var/lib/filodiretto.db.
func confidential(v any) bool {
	text, ok := v.(string)
	if !ok || text == "" {
		return false
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" {
		return true
	}
	_, password := u.User.Password()
	return password || u.RawQuery != ""
}

// holdsSecret notes a file that nobody else should be able to read.
func (l *loader) holdsSecret(path string) {
	if !slices.Contains(l.secrets, path) {
		l.secrets = append(l.secrets, path)
	}
}

// secretFile reads the file that a secret is in, without the line end that
// editors add, or reports why it cannot be read.
func (l *loader) secretFile(g given, key, base string) (given, bool) {
	path, ok := g.raw.(string)
	if !ok || strings.TrimSpace(path) == "" {
		l.add(g.place, key, "is not the path of a file", "Put the path in quotes")
		return given{}, false
	}
	if base != "" && !filepath.IsAbs(path) {
		path = filepath.Join(base, path)
	}
	info, err := os.Stat(path)
	if err == nil && (info.IsDir() || info.Size() > secretFileMax) {
		l.add(g.place, key, "is not a file of at most 64 kB", "Name the file that holds the secret and nothing else")
		return given{}, false
	}
	text, err := os.ReadFile(path)
	if err != nil {
		l.add(g.place, key, "cannot be read: "+plain(err), "Check the path, and that this user may read it")
		return given{}, false
	}
	l.holdsSecret(path)
	return given{raw: strings.TrimRight(string(text), "\r\n"), isText: true, place: g.place}, true
}

// inRange checks a value against the words or limits of its field.
func (f field) inRange(v any) *wrong {
	switch v := v.(type) {
	case string:
		if len(f.one) > 0 && !slices.Contains(f.one, v) {
			return &wrong{"is not one of the words it can be", "Write one of: " + strings.Join(f.one, ", ")}
		}
	case []string:
		for _, entry := range v {
			if len(f.one) > 0 && !slices.Contains(f.one, entry) {
				return &wrong{"holds a word it cannot", "Write one or more of: " + strings.Join(f.one, ", ")}
			}
		}
	case int64:
		low, errLow := strconv.ParseInt(f.min, 10, 64)
		high, errHigh := strconv.ParseInt(f.max, 10, 64)
		if (errLow == nil && v < low) || (errHigh == nil && v > high) {
			return &wrong{fmt.Sprintf("is %d", v), fmt.Sprintf("Write a number from %s to %s", f.min, f.max)}
		}
	case time.Duration:
		low, errLow := time.ParseDuration(f.min)
		high, errHigh := time.ParseDuration(f.max)
		if (errLow == nil && v < low) || (errHigh == nil && v > high) {
			return &wrong{"is " + v.String(), fmt.Sprintf("Write a length of time from %s to %s", f.min, f.max)}
		}
		if v < 0 {
			return &wrong{"is less than nothing", `Write a length of time such as "90s"`}
		}
	}
	return nil
}

// byDefault is what a field holds when nobody sets it.
func (f field) byDefault() any {
	g := given{raw: f.Default, isText: true}
	if f.Default == "" && f.Type != channels.Text && f.Type != channels.List {
		g.raw = map[channels.FieldType]string{channels.Number: "0", channels.Bool: "false", channels.Duration: "0s"}[f.Type]
	}
	v, bad := g.read(f.Type)
	if bad != nil {
		panic("config: the default of " + f.Name + " " + bad.what)
	}
	return v
}
