package likeness

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// inText finds addresses in the midst of words. It is wider than what mail takes:
// what an eye takes for an address is meant.
var inText = regexp.MustCompile(`[^\s<>"'«»“”‘’(),;:@\[\]]+@[^\s<>"'«»“”‘’(),;:@\[\]]+`)

// Addresses are the mail addresses that a text holds, in lower case. The name in
// From is free: who writes an address there wants it to be read as theirs.
func Addresses(s string) []string {
	if !strings.ContainsAny(s, "@＠﹫") {
		return nil
	}
	var out []string
	for _, a := range inText.FindAllString(strings.ToLower(norm.NFKC.String(s)), 10) {
		a = strings.TrimRight(a, ".!?")
		if i := strings.IndexByte(a, '@'); i > 0 && strings.Contains(strings.Trim(a[i+1:], "."), ".") {
			out = append(out, a)
		}
	}
	return out
}

// Name is a name as it may be shown and kept for whom it names; "" where it holds a
// mail address, which would be taken for the true one.
func Name(s string) string {
	if len(Addresses(s)) > 0 {
		return ""
	}
	return s
}
