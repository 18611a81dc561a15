package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Place is where a value came from: a line of the file, or a variable of the
// environment. The zero Place is a default.
type Place struct {
	File     string
	Line     int // from 1; 0 when the file as a whole is meant
	Variable string
}

// String is "filodiretto.toml:12", the variable's name, or "default".
func (p Place) String() string {
	switch {
	case p.Variable != "":
		return p.Variable
	case p.File == "":
		return "default"
	case p.Line == 0:
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Problem is one thing that is wrong, and what to do about it.
type Problem struct {
	Place  Place
	Key    string // "server.listen", "channel.urp.host"; empty when no key is meant
	What   string
	Remedy string
}

// String is the problem on one line, without any secret in it.
func (p Problem) String() string {
	var parts []string
	if p.Place != (Place{}) {
		parts = append(parts, p.Place.String())
	}
	if p.Key != "" {
		parts = append(parts, p.Key)
	}
	return strings.Join(append(parts, p.What+". "+p.Remedy), ": ")
}

// Errors is everything that is wrong with a configuration.
type Errors struct{ Problems []Problem }

// Error gives one line for each problem.
func (e *Errors) Error() string {
	lines := make([]string, 0, len(e.Problems)+1)
	count := "1 problem"
	if n := len(e.Problems); n != 1 {
		count = fmt.Sprintf("%d problems", n)
	}
	lines = append(lines, "configuration: "+count)
	for _, p := range e.Problems {
		lines = append(lines, "  "+p.String())
	}
	return strings.Join(lines, "\n")
}

// sort puts the problems in the order of the file, then those of the
// environment by name, then what is missing altogether.
func (e *Errors) sort() {
	rank := func(p Problem) int {
		switch {
		case p.Place.File != "":
			return 0
		case p.Place.Variable != "":
			return 1
		}
		return 2
	}
	slices.SortStableFunc(e.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Place.Line, b.Place.Line),
			cmp.Compare(a.Place.Variable, b.Place.Variable), cmp.Compare(a.Key, b.Key))
	})
}
