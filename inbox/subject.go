package inbox

import (
	"regexp"
	"strings"
)

var (
	replyPrefix  = regexp.MustCompile(`(?i)^\s*(re|r|rif|risp|i|in|fw|fwd|inoltro|inoltra|aw|wg|sv|antw)(\[\d+\])?\s*:\s*`)
	subjectToken = regexp.MustCompile(`\s*\[[A-Z]{2,4}-\d{4}-\d{6,}-[A-Z0-9]\]\s*`)
)

// cleanSubject takes away "Re:", "R:", "I:", "AW:", "Fwd:" and our own tokens
// (mail rule 80).
func cleanSubject(s string) string {
	s = subjectToken.ReplaceAllString(s, " ")
	for {
		t := replyPrefix.ReplaceAllString(s, "")
		if t == s {
			break
		}
		s = t
	}
	return strings.Join(strings.Fields(s), " ")
}

// bareSubject is a subject as it is compared.
func bareSubject(s string) string { return strings.ToLower(cleanSubject(s)) }
