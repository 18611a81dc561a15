package safehtml

import (
	"regexp"
	"slices"
	"strings"
)

// SplitQuote parts a text into what was written now and what is quoted from
// before, so that the page can fold the second (mail rule 43). Nothing is
// taken away: fresh+quoted is the text. An answer written below or between the
// quotation is fresh: then only a quotation at the very end is parted.
func SplitQuote(text string) (fresh, quoted string) {
	at := len(text)
	if i := separator(text); i >= 0 {
		at = i
	}
	if i := trailingMarks(text[:at]); i >= 0 {
		at = i
	}
	if strings.TrimSpace(text[:at]) == "" { // an answer below the quotation, or nothing but it
		return text, ""
	}
	return text[:at], text[at:]
}

// separators begin the quoted message: everything after them is old.
var separators = regexp.MustCompile(`(?i)^[ \t]*(?:-{2,}[ \t]*(?:` +
	`messaggio originale|original message|messaggio inoltrato|forwarded message|ursprüngliche nachricht|` +
	`messaggio originario|message d'origine|mensaje original)[ \t]*-{2,}` +
	`|_{20,}[ \t]*)$`)

// openings and closings are how the line above a quotation begins and ends:
// "Il giorno 2 mar 2026 ... ha scritto:".
var (
	openings = []string{
		"il ", "on ", "am ", "le ", "el ", "in data ", "lunedì ", "martedì ", "mercoledì ", "giovedì ",
		"venerdì ", "sabato ", "domenica ",
	}
	closings = []string{"ha scritto", "wrote", "schrieb", "a écrit", "escribió"}
)

// attribution reports whether a line names who wrote the quotation, and when.
func attribution(line string) bool {
	l := strings.ToLower(strings.Trim(line, " \t:"))
	return slices.ContainsFunc(openings, func(s string) bool { return strings.HasPrefix(l, s) }) &&
		slices.ContainsFunc(closings, func(s string) bool { return strings.HasSuffix(l, s) }) &&
		strings.ContainsAny(l, "0123456789")
}

// headerBlock is the first line of the block that Outlook writes above the old message.
var headerBlock = regexp.MustCompile(`(?i)^[ \t*]*(?:da|from|von|de)[ \t]*:[ \t*]*\S`)

var headerNext = regexp.MustCompile(`(?i)^[ \t*]*(?:inviato|data|sent|date|a|to|cc|oggetto|subject|gesendet|an|betreff|envoyé|objet)[ \t]*:`)

// maxLine bounds how much of a line is compared; longer ones are text.
const maxLine = 500

// separator finds the line from which all is old, -1 when there is none.
func separator(text string) int {
	for at := 0; at < len(text); {
		line, next := lineAt(text, at)
		if len(line) <= maxLine && starts(line) {
			if separators.MatchString(line) && !(line[0] == '_' && !headerBlockAt(text, next)) {
				return at
			}
			if headerBlock.MatchString(line) && headerLines(text, next) >= 2 {
				return at
			}
			if attributionAt(text, line, next) {
				return at
			}
		}
		at = next
	}
	return -1
}

// starts is a cheap look before the regular expressions.
func starts(line string) bool {
	l := strings.TrimLeft(line, " \t*")
	if l == "" {
		return false
	}
	switch l[0] {
	case '-', '_':
		return true
	}
	return strings.IndexByte("IiOoAaLlEeMmGgVvSsDdFf", l[0]) >= 0 && strings.ContainsAny(line, ":0123456789")
}

// attributionAt knows "On ... wrote:" on one line or broken over two, when a
// quotation follows.
func attributionAt(text, line string, next int) bool {
	if !attribution(line) {
		second, after := lineAt(text, next)
		if len(second) > maxLine || !strings.HasSuffix(strings.TrimRight(second, " \t"), ":") ||
			!attribution(line+" "+second) {
			return false
		}
		next = after
	}
	return old(text, next)
}

// old reports whether all from at on is quotation: text, and when it begins
// with marks nothing but marked lines. Else somebody answers in between.
func old(text string, at int) bool {
	any, marked := false, false
	for at < len(text) {
		line, next := lineAt(text, at)
		line = strings.TrimSpace(line)
		switch is := strings.HasPrefix(line, ">"); {
		case line == "":
		case !any:
			any, marked = true, is
		case marked && !is:
			return false
		}
		if any && !marked {
			return true
		}
		at = next
	}
	return any
}

func headerBlockAt(text string, at int) bool {
	line, next := lineAt(text, at)
	return len(line) <= maxLine && headerBlock.MatchString(line) && headerLines(text, next) >= 2
}

// headerLines counts the header lines that follow directly, up to 3.
func headerLines(text string, at int) int {
	n := 0
	for range 6 {
		line, next := lineAt(text, at)
		if len(line) <= maxLine && headerNext.MatchString(line) {
			n++
		}
		at = next
	}
	return n
}

// trailingMarks finds where a block of "> " lines at the end begins.
func trailingMarks(text string) int {
	start, end := -1, len(text)
	for end > 0 {
		at := strings.LastIndexByte(text[:end-1], '\n') + 1
		line := strings.TrimSpace(text[at:end])
		switch {
		case strings.HasPrefix(line, ">"):
			start = at
		case line != "":
			return start
		}
		end = at
	}
	return start
}

func lineAt(text string, at int) (line string, next int) {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return text[at : at+i], at + i + 1
	}
	return text[at:], len(text)
}
