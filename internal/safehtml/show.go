package safehtml

import (
	"strings"

	"golang.org/x/net/html"
)

// Show makes the pictures of a cleaned document visible. cid gives the address
// of the part with a Content-ID, ok false when there is none; remote says
// whether pictures from outside may be loaded now ("images off until asked",
// mail rule 45). doc must come from Clean: Show does not sanitise.
func Show(doc string, cid func(id string) (src string, ok bool), remote bool) string {
	if !strings.Contains(doc, "<img") {
		return doc
	}
	var b strings.Builder
	b.Grow(len(doc) + 256)
	z := html.NewTokenizer(strings.NewReader(doc))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.StartTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			if t := z.Token(); t.Data == "img" {
				b.WriteString(showImage(t, cid, remote))
			} else {
				b.WriteString(raw)
			}
		default:
			b.Write(z.Raw())
		}
	}
}

func showImage(t html.Token, cid func(string) (string, bool), remote bool) string {
	var kept []html.Attribute
	src := ""
	for _, a := range t.Attr {
		switch a.Key {
		case "src":
		case "data-cid":
			if cid != nil {
				if s, ok := cid(a.Val); ok {
					src = s
				}
			}
		case "data-src":
			if remote {
				src = a.Val
			} else {
				kept = append(kept, a)
			}
		default:
			kept = append(kept, a)
		}
	}
	if src != "" {
		kept = append(kept, html.Attribute{Key: "src", Val: src}, html.Attribute{Key: "referrerpolicy", Val: "no-referrer"})
	}
	t.Attr = kept
	return t.String()
}
