package config

import "strings"

// positions finds the line of every key of a TOML document that the parser has
// already accepted; the library tells lines only for its own errors. Keys are
// written with dots, tables of an array with their index: "channel[0].host".
func positions(text string) map[string]int {
	s := &scanner{text: text, line: 1, lines: map[string]int{}, arrays: map[string]int{}}
	for s.skipBlank(); !s.done(); s.skipBlank() {
		start := s.at
		switch {
		case s.has("[["):
			s.header(2)
		case s.has("["):
			s.header(1)
		default:
			s.pair(s.table)
		}
		if s.at == start { // not TOML after all: never stand still
			s.advance(1)
		}
	}
	return s.lines
}

type scanner struct {
	text   string
	at     int
	line   int
	table  string // of the last header, resolved
	lines  map[string]int
	arrays map[string]int // number of tables seen in each array of tables
}

func (s *scanner) done() bool { return s.at >= len(s.text) }

func (s *scanner) has(prefix string) bool { return strings.HasPrefix(s.text[s.at:], prefix) }

// advance moves on by n bytes, counting lines.
func (s *scanner) advance(n int) {
	end := min(s.at+n, len(s.text))
	s.line += strings.Count(s.text[s.at:end], "\n")
	s.at = end
}

// to moves to the first of the bytes in set, or to the end.
func (s *scanner) to(set string) {
	if n := strings.IndexAny(s.text[s.at:], set); n >= 0 {
		s.advance(n)
		return
	}
	s.advance(len(s.text))
}

func (s *scanner) skipBlank() {
	for !s.done() {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.advance(1)
		case '#':
			s.to("\n")
		default:
			return
		}
	}
}

// header reads [a.b] or [[a.b]]; brackets is the number of brackets.
func (s *scanner) header(brackets int) {
	line := s.line
	s.advance(brackets)
	parts := s.key()
	s.to("\n")
	path := ""
	for i, part := range parts {
		path = join(path, part)
		last := i == len(parts)-1
		if n, isArray := s.arrays[path]; isArray && (!last || brackets == 1) {
			path = indexed(path, n-1)
		}
	}
	if brackets == 2 {
		n := s.arrays[path]
		s.arrays[path] = n + 1
		s.note(path, line)
		path = indexed(path, n)
	}
	s.note(path, line)
	s.table = path
}

// pair reads key = value below a table.
func (s *scanner) pair(table string) {
	line := s.line
	path := table
	for _, part := range s.key() {
		path = join(path, part)
		s.note(path, line)
	}
	if s.has("=") {
		s.advance(1)
	}
	s.value(path)
}

// note keeps the first line of a path.
func (s *scanner) note(path string, line int) {
	if _, known := s.lines[path]; !known {
		s.lines[path] = line
	}
}

// key reads a dotted key, bare or quoted.
func (s *scanner) key() []string {
	var parts []string
	for !s.done() {
		s.skipSpace()
		start := s.at
		switch {
		case s.has(`"`), s.has(`'`):
			s.quoted()
			if s.at-start >= 2 {
				parts = append(parts, s.text[start+1:s.at-1])
			}
		default:
			s.to(" \t\r\n.=]\"'#")
			parts = append(parts, s.text[start:s.at])
		}
		s.skipSpace()
		if !s.has(".") {
			break
		}
		s.advance(1)
	}
	return parts
}

func (s *scanner) skipSpace() {
	for s.has(" ") || s.has("\t") {
		s.advance(1)
	}
}

// value passes over a value, noting the keys of inline tables.
func (s *scanner) value(path string) {
	s.skipSpace()
	switch {
	case s.done():
	case s.has(`"`), s.has(`'`):
		s.quoted()
	case s.has("["):
		s.inside(']', func() { s.value("") })
	case s.has("{"):
		s.inside('}', func() {
			if path == "" { // in an array: no path of its own
				path = "\x00"
			}
			s.pair(path)
		})
	default:
		s.to(",]}#\r\n")
	}
}

// inside reads the comma-separated things up to the closing bracket.
func (s *scanner) inside(closing byte, item func()) {
	s.advance(1)
	for s.skipBlank(); !s.done(); s.skipBlank() {
		start := s.at
		switch s.text[s.at] {
		case closing:
			s.advance(1)
			return
		case ',':
			s.advance(1)
		default:
			item()
		}
		if s.at == start {
			s.advance(1)
		}
	}
}

// quoted passes over a string of any of the four kinds.
func (s *scanner) quoted() {
	quote := s.text[s.at : s.at+1]
	if triple := strings.Repeat(quote, 3); s.has(triple) {
		quote = triple
	}
	s.advance(len(quote))
	for !s.done() && !s.has(quote) {
		if s.has(`\`) && quote[0] == '"' {
			s.advance(1)
		}
		s.advance(1)
	}
	s.advance(len(quote))
	// Up to two quotes may end the text of a triple-quoted string.
	for len(quote) == 3 && s.has(quote[:1]) {
		s.advance(1)
	}
}
