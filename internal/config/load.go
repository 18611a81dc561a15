package config

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"filodiretto/channels"
)

// prefix begins every variable that this program reads.
const prefix = "FILODIRETTO_"

// elsewhere are beginnings of variables that other parts of the program read.
var elsewhere = []string{prefix + "CONFIG", prefix + "TEST_", prefix + "BENCH_", prefix + "DEMO_"}

// loader gathers what Load finds.
type loader struct {
	file     string
	lines    map[string]int
	vars     map[string]string
	claimed  map[string]string // variable -> the key that took it
	problems []Problem
	secrets  []string // files that hold secrets
}

// Load reads the file at path (none when path is empty), lets env override it
// (in the form of os.Environ), reads the files of secrets, fills in defaults
// and checks everything. The error is an *Errors with all that is wrong; no
// text in it repeats a secret.
func Load(path string, env []string, drivers []channels.Driver) (*Config, error) {
	l := &loader{file: path, vars: variables(env), claimed: map[string]string{}}
	raw, ok := l.parse()
	if !ok {
		return nil, &Errors{l.problems}
	}
	c := defaults()
	c.Path, c.origin = path, map[string]Place{}
	l.unknownSections(raw)
	for _, s := range sections {
		t := &table{
			path: s.name, key: s.name, header: "[" + s.name + "]",
			variable: prefix + upper(s.name) + "_", fields: s.fields, raw: l.asTable(s.name, raw[s.name]),
		}
		l.fill(t)
		l.require(t)
		for _, f := range s.fields {
			if v, read := t.values[f.Name]; read {
				assign(c, f, v)
				c.origin[s.name+"."+f.Name] = t.places[f.Name]
			}
		}
	}
	c.Channels = l.channels(raw["channel"], drivers)
	c.Offices = l.offices(raw["office"])
	l.unknownVariables()
	l.check(c)
	c.SecretFiles = l.secrets
	if len(l.problems) > 0 {
		e := &Errors{l.problems}
		e.sort()
		return nil, e
	}
	return c, nil
}

// Default is the configuration of somebody who sets nothing.
func Default() *Config {
	c := defaults()
	(&loader{}).check(c)
	return c
}

// defaults fills in what the tags say, and not yet what follows from it.
func defaults() *Config {
	c := &Config{}
	for _, s := range sections {
		for _, f := range s.fields {
			assign(c, f, f.byDefault())
		}
	}
	return c
}

// parse reads the file as TOML and notes where its keys are.
func (l *loader) parse() (map[string]any, bool) {
	raw := map[string]any{}
	if l.file == "" {
		return raw, true
	}
	text, err := os.ReadFile(l.file)
	if errors.Is(err, fs.ErrNotExist) {
		l.add(Place{File: l.file}, "", "there is no such file", "Give the right path with --config")
		return nil, false
	}
	if err != nil {
		l.add(Place{File: l.file}, "", "cannot be read: "+plain(err), "Let this user read it")
		return nil, false
	}
	doc := string(text)
	for {
		raw = map[string]any{}
		_, err := toml.Decode(doc, &raw)
		if err == nil {
			break
		}
		l.syntax(err, doc)
		without, ok := withoutDoubled(err, doc)
		if !ok {
			return nil, false
		}
		doc = without // so that what is wrong further down is told too
	}
	l.lines = positions(doc)
	return raw, true
}

// asTable takes a section's value as a table, or reports that it is none.
func (l *loader) asTable(name string, v any) map[string]any {
	t, ok := v.(map[string]any)
	if v != nil && !ok {
		l.add(l.place(name), name, "is not a section", "Write ["+name+"] on a line of its own and the keys below it")
	}
	return t
}

// unknownSections reports top-level names that mean nothing.
func (l *loader) unknownSections(raw map[string]any) {
	names := []string{"channel", "office"}
	for _, s := range sections {
		names = append(names, s.name)
	}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		if slices.Contains(names, name) {
			continue
		}
		remedy := "The sections are " + strings.Join(names, ", ")
		if near, ok := nearest(name, names); ok {
			remedy = "Did you mean " + near + "?"
		} else if _, isTable := raw[name].(map[string]any); !isTable {
			remedy = remedyFor(name, "the top of the file", names)
		}
		l.add(l.place(name), name, "is not a known section", remedy)
	}
}

// add reports a problem.
func (l *loader) add(p Place, key, what, remedy string) {
	l.problems = append(l.problems, Problem{Place: p, Key: key, What: what, Remedy: remedy})
}

// place is the line of a key of the file, or of the nearest thing around it.
func (l *loader) place(path ...string) Place {
	p := Place{File: l.file}
	for n := len(path); n > 0 && p.Line == 0; n-- {
		p.Line = l.lines[strings.Join(path[:n], ".")]
	}
	if p.Line == 0 {
		p.Line = l.lines[strings.TrimRight(strings.TrimRight(path[0], "0123456789]"), "[")]
	}
	return p
}

// dir is the folder from which relative paths in the file are meant.
func (l *loader) dir() string {
	if l.file == "" {
		return ""
	}
	return filepath.Dir(l.file)
}

func upper(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }

func join(path, part string) string {
	if path == "" {
		return part
	}
	return path + "." + part
}

func indexed(path string, n int) string { return path + "[" + strconv.Itoa(n) + "]" }

// plain is the cause of a file error without the operation and the path.
func plain(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
