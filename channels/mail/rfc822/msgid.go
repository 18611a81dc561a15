package rfc822

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// maxID bounds an id so that a database can index it; a longer one is known by
// its hash, the same wherever it appears.
const maxID = 300

// NormalizeID gives a Message-ID without <>, white space and comments.
func NormalizeID(s string) string {
	if i := strings.IndexByte(s, '<'); i >= 0 {
		s = s[i+1:]
		if j := strings.IndexByte(s, '>'); j >= 0 {
			s = s[:j]
		}
	}
	s = Clean(strings.ToValidUTF8(s, "\ufffd"))
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r == '<' || r == '>' || IsBidi(r) {
			return -1
		}
		return r
	}, s)
	if len(s) > maxID {
		sum := sha256.Sum256([]byte(s))
		return "sha256-" + hex.EncodeToString(sum[:]) + "@long"
	}
	return s
}

// IDs are the Message-IDs in a References or In-Reply-To value, in its order.
// Words around them ("Your message of ...") are left out.
func IDs(s string) []string {
	var out []string
	if strings.IndexByte(s, '<') < 0 {
		for f := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == ';' }) {
			if strings.IndexByte(f, '@') > 0 {
				out = append(out, NormalizeID(f))
			}
		}
		return out
	}
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			return out
		}
		s = s[i+1:]
		end := strings.IndexAny(s, "<>")
		if end < 0 {
			end = len(s)
		}
		if id := NormalizeID(s[:end]); id != "" {
			out = append(out, id)
		}
		s = s[end:]
	}
}

// Answered lists what a message answers, best candidate first: In-Reply-To,
// then References from last to first, each once, at most limit.
func (h *Header) Answered(limit int) []string {
	var out []string
	add := func(id string) bool {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
		return len(out) < limit
	}
	for _, id := range IDs(h.Get("In-Reply-To")) {
		if !add(id) {
			return out
		}
	}
	refs := IDs(strings.Join(h.Values("References"), " "))
	for _, id := range slices.Backward(refs) {
		if !add(id) {
			break
		}
	}
	return out
}
