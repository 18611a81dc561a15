package webpage

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cleanText makes lines of what was typed: valid UTF-8, no control characters,
// none that turn the direction of the text around.
func cleanText(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case unicode.IsControl(r), turns(r):
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// cleanLine is cleanText for what stands on one line.
func cleanLine(s string) string { return strings.Join(strings.Fields(cleanText(s)), " ") }

// turns reports whether a character changes the direction of what follows.
func turns(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// mostName is how long a file's name may be, in characters.
const mostName = 120

// safeName makes a name fit to be shown and saved anywhere (mail rule 37).
func safeName(s string) string {
	s = cleanLine(s)
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		case unicode.Is(unicode.Cf, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	s = strings.Trim(s, " .")
	if strings.Trim(s, "_ .") == "" {
		return "file"
	}
	if r := []rune(s); len(r) > mostName {
		ext := []rune(path.Ext(s))
		if len(ext) > 12 {
			ext = nil
		}
		s = strings.TrimSpace(string(r[:mostName-len(ext)])) + string(ext)
	}
	return s
}

// uniqueName numbers a name that the form has already: "a.pdf", "a (2).pdf".
func uniqueName(name string, taken map[string]bool) string {
	out, ext := name, path.Ext(name)
	for n := 2; taken[strings.ToLower(out)]; n++ {
		out = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), n, ext)
	}
	taken[strings.ToLower(out)] = true
	return out
}
