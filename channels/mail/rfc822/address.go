package rfc822

import "strings"

// Address is one mailbox of an address list.
type Address struct {
	Name string // decoded and clean; "" when there is none
	Addr string // normalised; "" when what stands there is no address
	Raw  string // the address as written, clean
}

// ParseAddresses reads an address list however it is written: comments,
// groups, quoted and encoded names, commas in unquoted names, missing angle
// brackets, several in one field (mail rule 29). It stops after limit
// addresses and then reports more. hint is for raw 8-bit names.
func ParseAddresses(s, hint string, limit int) (list []Address, more bool) {
	p := addressParser{s: s, hint: hint}
	for p.next() {
		if len(list) >= limit {
			return list, true
		}
		list = append(list, p.found)
	}
	return list, false
}

// addressParser goes once over the text; every byte is looked at a bounded
// number of times.
type addressParser struct {
	s, hint string
	at      int
	found   Address

	phrase  strings.Builder // what stands before or instead of <address>
	comment string
	angle   string
	hasName bool   // phrase has a quoted part
	before  string // a name cut by an unquoted comma: "Rossi, Mario <m@x>"

	noQuote, noParen bool // no closing one exists any more: the sign is text
}

// next finds the next mailbox.
func (p *addressParser) next() bool {
	for p.at < len(p.s) {
		c := p.s[p.at]
		switch {
		case c == '"' && !p.noQuote:
			p.quoted()
		case c == '(' && !p.noParen:
			p.inComment()
		case c == '<':
			if p.atAngle() && p.flush(false) {
				return true // a second address without a comma before it
			}
			p.inAngle()
		case c == '=' && strings.HasPrefix(p.s[p.at:], "=?"):
			p.encoded()
		case c == ',' || c == ';':
			p.at++
			if p.flush(c == ',') {
				return true
			}
		case c == ':' && p.angle == "" && strings.IndexByte(p.phrase.String(), '@') < 0:
			p.at++ // the name of a group
			p.reset()
		default:
			p.phrase.WriteByte(c)
			p.at++
		}
	}
	return p.flush(false)
}

func (p *addressParser) reset() {
	p.phrase.Reset()
	p.comment, p.angle, p.hasName, p.before = "", "", false, ""
}

func (p *addressParser) quoted() {
	start := p.at + 1
	for i := start; i < len(p.s); i++ {
		switch p.s[i] {
		case '\\':
			i++
		case '"':
			text := p.s[start:i]
			if i+1 < len(p.s) && p.s[i+1] == '@' {
				p.phrase.WriteString(p.s[p.at : i+1]) // "mario rossi"@comune.example
			} else {
				p.phrase.WriteString(unescape(text))
				p.hasName = true
			}
			p.at = i + 1
			return
		}
	}
	p.noQuote = true
}

func (p *addressParser) inComment() {
	end := commentEnd(p.s[p.at:])
	if end < 0 {
		p.noParen = true
		return
	}
	if p.comment == "" {
		p.comment = unescape(p.s[p.at+1 : p.at+end])
	}
	p.at += end + 1
}

// atAngle reports whether an address was read and another one begins: "<a@b.it>
// <c@d.it>" names two, and mail servers do not agree on which of them counts.
func (p *addressParser) atAngle() bool {
	if strings.IndexByte(p.angle, '@') < 0 {
		return false
	}
	rest := p.s[p.at+1:]
	end := strings.IndexByte(rest, '>')
	return end >= 0 && strings.IndexByte(rest[:end], '@') > 0 && strings.TrimLeft(rest[:end], "< \t") != p.angle
}

func (p *addressParser) inAngle() {
	rest := p.s[p.at+1:]
	end := strings.IndexAny(rest, ">,;\"<")
	text := rest
	switch {
	case end < 0:
		p.at = len(p.s)
	case rest[end] == '"': // <"mario rossi"@comune.example>
		if gt := strings.IndexByte(rest, '>'); gt > end {
			end = gt
		}
		text = rest[:end]
		p.at += end + 2
	case rest[end] == '>':
		text = rest[:end]
		p.at += end + 2
	case rest[end] == ',' && strings.HasPrefix(strings.TrimSpace(rest), "@"): // <@relay,@relay:m@x>
		if gt := strings.IndexByte(rest, '>'); gt > 0 {
			end = gt
			p.at++
		}
		text = rest[:end]
		p.at += end + 1
	default:
		text = rest[:end]
		p.at += end + 1
	}
	if p.angle == "" || strings.IndexByte(p.angle, '@') < 0 {
		p.angle = strings.TrimSpace(text)
		if p.angle == "" {
			p.angle = " " // "<>": there is an address, and it is empty
		}
	}
}

func (p *addressParser) encoded() {
	_, end, ok := parseWord(p.s, p.at)
	if !ok {
		p.phrase.WriteString("=?")
		p.at += 2
		return
	}
	p.phrase.WriteString(p.s[p.at:end])
	p.at = end
}

// flush makes an Address of what was gathered; comma says that it was ended by
// one, so that it may be the first half of a name.
func (p *addressParser) flush(comma bool) bool {
	phrase := strings.TrimSpace(p.phrase.String())
	if phrase == "" && p.angle == "" && p.comment == "" {
		p.reset()
		return false
	}
	a := Address{Name: phrase, Raw: strings.TrimSpace(p.angle)}
	if p.angle == "" {
		if strings.Contains(phrase, "=?") { // the address may be inside an encoded word
			phrase = strings.NewReplacer("<", " ", ">", " ").Replace(CleanLine(DecodeWords(phrase, p.hint)))
		}
		a.Name, a.Raw = splitBare(phrase)
		if a.Raw == "" && comma && !p.hasName && p.before == "" && p.comment == "" && p.angleFollows() {
			p.phrase.Reset()
			p.before = phrase
			return false
		}
	}
	if p.before != "" {
		a.Name = p.before + ", " + a.Name
	}
	if a.Name == "" {
		a.Name = p.comment
	}
	p.reset()
	a.Name = CleanLine(DecodeWords(a.Name, p.hint))
	a.Name = strings.Trim(a.Name, " \t'\"<>")
	a.Raw = CleanLine(DecodeWords(a.Raw, p.hint))
	a.Addr, _ = NormalizeAddress(a.Raw)
	if strings.EqualFold(a.Name, a.Raw) {
		a.Name = ""
	}
	p.found = a
	return true
}

// angleFollows reports whether the text up to the next comma has an address in
// angle brackets.
func (p *addressParser) angleFollows() bool {
	i := strings.IndexAny(p.s[p.at:], ",;<")
	return i >= 0 && p.s[p.at+i] == '<' && strings.IndexByte(p.s[p.at:p.at+i], '@') < 0
}

// splitBare finds the address in text without angle brackets: the last word
// with "@"; the other words are the name.
func splitBare(s string) (name, addr string) {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return s, ""
	}
	start := at
	if at > 0 && s[at-1] == '"' {
		if q := strings.IndexByte(s[:at-1], '"'); q >= 0 {
			start = q
		}
	}
	if sp := strings.LastIndexAny(s[:start], " \t"); sp >= 0 {
		start = sp + 1
	} else {
		start = 0
	}
	end := at + 1
	for end < len(s) && isSpace(s[end]) { // "mario@ comune.example"
		end++
	}
	if sp := strings.IndexAny(s[end:], " \t"); sp >= 0 {
		end += sp
	} else {
		end = len(s)
	}
	return strings.TrimSpace(s[:start] + " " + s[end:]), s[start:end]
}

func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
