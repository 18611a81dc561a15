package config

import (
	"maps"
	"slices"
	"strings"
)

// variables keeps those of env that are ours. One that is set to nothing
// counts as not set.
func variables(env []string) map[string]string {
	vars := map[string]string{}
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		isElsewhere := slices.ContainsFunc(elsewhere, func(p string) bool {
			return name == p || (strings.HasSuffix(p, "_") && strings.HasPrefix(name, p))
		})
		if strings.HasPrefix(name, prefix) && value != "" && !isElsewhere {
			vars[name] = value
		}
	}
	return vars
}

// variable takes the value of one variable for a table, and reports when two
// keys are reached by the same name: channel a-b, key host and channel a, key
// b_host.
func (l *loader) variable(t *table, name string) (given, bool) {
	other, taken := l.claimed[name]
	l.claimed[name] = t.key
	value, set := l.vars[name]
	if !set {
		return given{}, false
	}
	place := Place{Variable: name}
	if taken && other != t.key {
		l.add(place, "", "could mean a key of "+other+" or of "+t.key, "Give one of the channels another id")
	}
	return given{raw: value, isText: true, place: place}, true
}

// unknownVariables reports variables with our prefix that nothing reads: a
// misspelt limit that is silently not set is worse than a refusal to start.
func (l *loader) unknownVariables() {
	known := slices.Collect(maps.Keys(l.claimed))
	for _, name := range slices.Sorted(maps.Keys(l.vars)) {
		if _, ok := l.claimed[name]; ok {
			continue
		}
		remedy := "Take it away; a channel's variables need the channel in the file"
		if near, ok := nearest(name, known); ok {
			remedy = "Did you mean " + near + "?"
		}
		l.add(Place{Variable: name}, "", "is not a known variable", remedy)
	}
}
