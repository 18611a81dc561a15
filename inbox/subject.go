package inbox

import (
	"regexp"
	"strings"
)

var (
	replyPrefix = regexp.MustCompile(`(?i)^\s*(re|r|rif|risp|i|in|fw|fwd|inoltro|inoltra|aw|wg|sv|antw)(\[\d+\])?\s*:\s*`)
	// certifiedPrefix is what providers of certified mail write before a subject.
	certifiedPrefix = regexp.MustCompile(`^(?:\s*POSTA CERTIFICATA\s*:)+\s*`)
	subjectToken    = regexp.MustCompile(`\s*\[[A-Z]{2,4}-\d{4}-\d{6,}-[A-Z0-9]\]\s*`)
)

// cleanSubject takes away "Re:", "R:", "I:", "AW:", "Fwd:" and our own tokens
// (mail rule 80), and behind one of them the word of a provider of certified mail (PEC
// reference section 1.1); not elsewhere, since a subject of one's own may begin so.
func cleanSubject(s string) string {
	s = subjectToken.ReplaceAllString(s, " ")
	for {
		t := replyPrefix.ReplaceAllString(s, "")
		if t == s {
			break
		}
		s = certifiedPrefix.ReplaceAllString(t, "")
	}
	return strings.Join(strings.Fields(s), " ")
}

// SameSubject reports whether two subjects differ in no more than that.
func SameSubject(a, b string) bool { return bareSubject(a) == bareSubject(b) }

// bareSubject is a subject as it is compared.
func bareSubject(s string) string { return strings.ToLower(cleanSubject(s)) }
