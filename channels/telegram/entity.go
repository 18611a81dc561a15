package telegram

import (
	"slices"
	"strings"
	"unicode/utf16"
)

// spell gives the text with the address of every hidden link written after its
// words: "qui" becomes "qui (https://...)". Offsets count UTF-16 code units
// (channels 1.4); those that point outside the text are brought back into it.
func spell(text string, entities []entity) string {
	type insertion struct {
		at    int
		words string
	}
	var units []uint16
	var inserts []insertion
	for _, e := range entities {
		if e.Type != "text_link" {
			continue
		}
		link := cleanLinkAddress(e.URL)
		if link == "" {
			continue
		}
		if units == nil {
			units = utf16.Encode([]rune(text))
		}
		from := onBoundary(units, e.Offset)
		to := onBoundary(units, addBounded(e.Offset, e.Length))
		if to < from {
			to = from
		}
		if sameLink(string(utf16.Decode(units[from:to])), link) {
			continue
		}
		inserts = append(inserts, insertion{to, " (" + link + ")"})
	}
	if len(inserts) == 0 {
		return text
	}
	slices.SortStableFunc(inserts, func(a, b insertion) int { return a.at - b.at })
	var b strings.Builder
	last := 0
	for _, in := range inserts {
		b.WriteString(string(utf16.Decode(units[last:in.at])))
		b.WriteString(in.words)
		last = in.at
	}
	b.WriteString(string(utf16.Decode(units[last:])))
	return b.String()
}

// onBoundary brings an offset into the text and out of a surrogate pair.
func onBoundary(units []uint16, at int) int {
	at = min(max(at, 0), len(units))
	if at > 0 && at < len(units) && isHigh(units[at-1]) && isLow(units[at]) {
		at++
	}
	return at
}

func isHigh(u uint16) bool { return u >= 0xD800 && u < 0xDC00 }
func isLow(u uint16) bool  { return u >= 0xDC00 && u < 0xE000 }

// addBounded adds without overflow: both numbers come from outside.
func addBounded(a, b int) int {
	const most = 1 << 30
	return min(max(a, -most), most) + min(max(b, 0), most)
}

// cleanLinkAddress gives an address fit to be shown in a line of text.
func cleanLinkAddress(s string) string {
	s = strings.Join(strings.Fields(oneLine(s)), "%20")
	return cut(s, 2048)
}

// sameLink reports whether the words are the address already.
func sameLink(words, link string) bool {
	bare := func(s string) string {
		s = strings.ToLower(strings.TrimSpace(s))
		s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
		return strings.TrimSuffix(s, "/")
	}
	return bare(words) == bare(link)
}
