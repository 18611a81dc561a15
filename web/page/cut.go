package page

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// cutText is a text cut at its placeholders once, so that filling it is putting
// strings together: a page fills some two hundred.
type cutText struct {
	one, other []piece // one is nil when the text has no singular of its own
}

// piece is some letters, or the name of a placeholder.
type piece struct{ text, name string }

var placeholderMark = regexp.MustCompile(`\{\{\.([a-z_]+)\}\}`)

// oneIsOne are the languages in which "one" is the number 1 and nothing else, as
// far as whole numbers go (CLDR).
var oneIsOne = []Lang{"it", "en", "de", "es"}

// cutMessage cuts a text; ok is false for one that needs more than that.
func cutMessage(l Lang, m *i18n.Message) (t cutText, ok bool) {
	if m.Zero+m.Two+m.Few+m.Many != "" || m.One != "" && !slices.Contains(oneIsOne, l) {
		return t, false
	}
	if t.other, ok = cut(m.Other); ok && m.One != "" {
		t.one, ok = cut(m.One)
	}
	return t, ok
}

func cut(s string) (out []piece, ok bool) {
	end := 0
	for _, at := range placeholderMark.FindAllStringSubmatchIndex(s, -1) {
		out = append(out, piece{text: s[end:at[0]]}, piece{name: s[at[2]:at[3]]})
		end = at[1]
	}
	out = append(out, piece{text: s[end:]})
	return out, !strings.Contains(placeholderMark.ReplaceAllString(s, ""), "{{")
}

// fill puts values in place; "n" chooses between singular and plural.
func (t cutText) fill(args map[string]any) string {
	pieces := t.other
	if n, counted := args["n"]; counted && t.one != nil && isOne(n) {
		pieces = t.one
	}
	var b strings.Builder
	for _, p := range pieces {
		if p.name == "" {
			b.WriteString(p.text)
			continue
		}
		switch v := args[p.name].(type) {
		case nil:
			b.WriteString(unknown)
		case string:
			b.WriteString(v)
		default:
			fmt.Fprint(&b, v)
		}
	}
	return b.String()
}

func isOne(n any) bool {
	s := strings.TrimPrefix(fmt.Sprint(n), "-")
	return s == "1"
}
