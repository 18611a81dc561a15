package telegram

import (
	"path"
	"strings"
	"unicode"
)

// cleanText makes text from outside fit to keep: valid UTF-8, one kind of line
// end, no control characters but tab and newline.
func cleanText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case r < ' ' || r >= 0x7f && r <= 0x9f:
			return -1
		}
		return r
	}, s)
}

// cleanLine is cleanText on one line, without the characters that turn the
// direction of what follows: a name stands beside other words on a page.
func cleanLine(s string) string { return cut(oneLine(s), 200) }

func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if turnsText(r) {
			return -1
		}
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, cleanText(s))
	return strings.Join(strings.Fields(s), " ")
}

// turnsText reports whether r is a bidi control: with one
// of them "fatturaexe.pdf" can be the looks of a program (mail rule 37).
func turnsText(r rune) bool {
	return r == 0x061C || r == 0x200E || r == 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// cleanName makes a file name safe to show and to save, or gives fallback.
func cleanName(name, fallback string) string {
	name = strings.ReplaceAll(oneLine(name), `\`, "/")
	name = path.Base(name)
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/:*?"<>|`, r) || !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, ". ")
	if name == "" || name == "_" {
		return fallback
	}
	stem, _, _ := strings.Cut(name, ".")
	if reserved[strings.ToUpper(strings.TrimSpace(stem))] {
		name = "_" + name
	}
	// The end of a long name says what it is: cut before it.
	if ext := path.Ext(name); len(name) > 150 && len(ext) <= 12 {
		return cut(strings.TrimSuffix(name, ext), 150-len(ext)) + ext
	}
	return cut(name, 150)
}

// reserved are the names that Windows does not let a file have.
var reserved = func() map[string]bool {
	m := map[string]bool{"CON": true, "PRN": true, "AUX": true, "NUL": true}
	for _, d := range "123456789" {
		m["COM"+string(d)] = true
		m["LPT"+string(d)] = true
	}
	return m
}()

// cut shortens s to at most n bytes without breaking a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
