package mail

import (
	"errors"
	"strings"
)

const (
	// mostAuthBytes bounds one Authentication-Results field; true ones have some
	// hundred bytes.
	mostAuthBytes = 16 << 10
	// mostAuthClauses bounds the results of one field.
	mostAuthClauses = 50
	// mostAuthDepth bounds comments within comments.
	mostAuthDepth = 20
)

// errUnreadable says that a field does not follow RFC 8601, so that nobody can
// say where its results begin and end.
var errUnreadable = errors.New("mail: an Authentication-Results field that cannot be read")

// authPair is "spf=pass" or "smtp.mailfrom=anna@posta.example", its name in lower
// case.
type authPair struct{ name, value string }

// authField is a field by the grammar of RFC 8601 section 2.2: the server that
// wrote it, and its results, each with its properties behind it.
type authField struct {
	server  string
	clauses [][]authPair
}

// readAuth reads a field's unfolded value. Values are tokens or quoted strings,
// with comments anywhere between: a ";" or a "(" that a stranger put into the
// quoted part of an address ends nothing. The error is errUnreadable; what was
// read before it is given all the same, for what speaks against the sender.
func readAuth(value string) (authField, error) {
	var f authField
	if len(value) > mostAuthBytes {
		return authField{server: serverOf(value[:256])}, errUnreadable
	}
	p := authParser{s: value}
	f.server = p.server()
	p.word(false) // a version may follow
	for !p.failed && p.skip() {
		if p.s[p.at] != ';' {
			return f, errUnreadable
		}
		p.at++
		pairs := p.clause()
		if len(pairs) > 0 {
			f.clauses = append(f.clauses, pairs)
		}
		if len(f.clauses) > mostAuthClauses {
			return f, errUnreadable
		}
	}
	if p.failed {
		return f, errUnreadable
	}
	return f, nil
}

// serverOf is whose a field is that is too long to be read.
func serverOf(head string) string {
	p := authParser{s: head}
	return p.server()
}

type authParser struct {
	s      string
	at     int
	failed bool // a quoted string or a comment without its end
}

// server reads the name of who wrote the field; older ones put the version behind
// a stroke.
func (p *authParser) server() string {
	name, _, _ := strings.Cut(strings.ToLower(p.word(false)), "/")
	return name
}

// skip passes over blanks and comments, and reports whether something follows.
func (p *authParser) skip() bool {
	for p.at < len(p.s) {
		switch p.s[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		case '(':
			if !p.comment() {
				return false
			}
		default:
			return true
		}
	}
	return false
}

func (p *authParser) comment() bool {
	depth := 0
	for ; p.at < len(p.s); p.at++ {
		switch p.s[p.at] {
		case '\\':
			p.at++
		case '(':
			if depth++; depth > mostAuthDepth {
				p.at = len(p.s)
			}
		case ')':
			if depth--; depth == 0 {
				p.at++
				return true
			}
		}
	}
	p.at, p.failed = len(p.s), true
	return false
}

// word reads up to a blank, a comment or the end of the clause. A quoted string in
// it is taken without its quotes. In a value "=" is a sign as any other: addresses
// of lists have it.
func (p *authParser) word(value bool) string {
	if !p.skip() {
		return ""
	}
	var b strings.Builder
	for p.at < len(p.s) {
		switch c := p.s[p.at]; {
		case c == ' ', c == '\t', c == '\r', c == '\n', c == ';', c == '(', c == '=' && !value:
			return b.String()
		case c == '"':
			if !p.quoted(&b) {
				return ""
			}
		default:
			b.WriteByte(c)
			p.at++
		}
	}
	return b.String()
}

func (p *authParser) quoted(b *strings.Builder) bool {
	for p.at++; p.at < len(p.s); p.at++ {
		switch c := p.s[p.at]; c {
		case '\\':
			if p.at++; p.at < len(p.s) {
				b.WriteByte(p.s[p.at])
			}
		case '"':
			p.at++
			return true
		default:
			b.WriteByte(c)
		}
	}
	p.at, p.failed = len(p.s), true
	return false
}

// clause reads one result up to its ";". Words that belong to nothing are passed
// over, but for before the first "=": "spf pass" is no result.
func (p *authParser) clause() (pairs []authPair) {
	name := ""
	for p.skip() && p.s[p.at] != ';' {
		if p.s[p.at] == '=' {
			p.at++
			value := p.word(true)
			pairs = append(pairs, authPair{strings.ToLower(name), value})
			name = ""
			continue
		}
		w := p.word(false)
		if w == "" && !p.failed && p.at < len(p.s) && p.s[p.at] != '=' {
			continue
		}
		if joins(name, w) {
			name += w // "dkim / 1", "smtp . mailfrom"
		} else {
			name = w
		}
	}
	return pairs
}

func joins(a, b string) bool {
	return a != "" && b != "" && (strings.ContainsAny(a[len(a)-1:], "./") || strings.ContainsAny(b[:1], "./"))
}
