package inbox

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"
)

// linkHint tells a citizen to what their chat was linked. Whoever gave the word
// back is not surely the person for whom it was made: a sheet can be
// photographed. So it shows what the right person recognises and nobody else can
// use: a mail address or telephone number but for a letter or two, else the
// initials. Never a name, a codice fiscale, a street, an office or a case.
func linkHint(ctx context.Context, idb bun.IDB, root int64, lang string) (string, error) {
	rows, err := findRows(ctx, idb, root)
	if err != nil {
		return "", err
	}
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	identities, err := findIdentities(ctx, idb, ids)
	if err != nil {
		return "", err
	}
	if len(rows) == 0 {
		return "", ErrNotFound
	}
	return hintOf(bestName(rows).Name, identities, lang), nil
}

func hintOf(name string, identities []Identity, lang string) string {
	var known []Identity
	for _, id := range identities {
		// What somebody wrote in a text may be another person's.
		if (isAddress(id.Kind) || id.Kind == "phone") && id.Source != "message_text" && id.Status != "gone" && id.Status != "bad" {
			known = append(known, id)
		}
	}
	slices.SortStableFunc(known, func(a, b Identity) int {
		return cmp.Or(cmp.Compare(b.Proof, a.Proof), cmp.Compare(a.Kind, b.Kind))
	})
	if len(known) > 0 {
		if best := known[0]; isAddress(best.Kind) {
			return maskedEmail(best.Value)
		}
		return maskedPhone(known[0].Value)
	}
	if s := maskedName(name); s != "" {
		return s
	}
	if strings.HasPrefix(lang, "en") {
		return "your file"
	}
	return "la tua scheda"
}

const mask = "•••"

// maskedEmail shows the first letter of what is before and after the "@", where
// more than two others hide, and the last part of the domain.
func maskedEmail(addr string) string {
	local, domain, _ := strings.Cut(addr, "@")
	first, last := domain, ""
	if i := strings.LastIndexByte(domain, '.'); i >= 0 {
		first, last = domain[:i], domain[i:]
	}
	return firstLetter(local) + mask + "@" + firstLetter(first) + mask + last
}

func firstLetter(s string) string {
	if utf8.RuneCountInString(s) < 4 {
		return ""
	}
	r, _ := utf8.DecodeRuneInString(s)
	return string(r)
}

// maskedPhone shows the last two digits.
func maskedPhone(number string) string {
	if len(number) < 8 {
		return mask
	}
	return mask + " " + number[len(number)-2:]
}

// maskedName is the initials; "" for an address that stands for a name.
func maskedName(name string) string {
	if strings.ContainsAny(name, "@0123456789") {
		return ""
	}
	var out []string
	for _, w := range strings.Fields(name) {
		if r, _ := utf8.DecodeRuneInString(w); unicode.IsLetter(r) {
			out = append(out, string(unicode.ToUpper(r))+".")
		}
	}
	return strings.Join(out, " ")
}
