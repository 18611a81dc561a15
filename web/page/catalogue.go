package page

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed lang/*.toml
var langFiles embed.FS

// catalogue holds every text in every language.
type catalogue struct {
	plain map[Lang]map[string]string  // texts without placeholders and plurals
	cut   map[Lang]map[string]cutText // texts with placeholders, and with no plural but "one"
	rest  map[Lang]*i18n.Localizer    // the others
	known map[Lang]map[string]*Phrase
}

// loadCatalogue reads the embedded catalogues.
func loadCatalogue() (*catalogue, error) {
	b := i18n.NewBundle(language.Italian)
	read := map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal}
	c := &catalogue{
		plain: map[Lang]map[string]string{}, cut: map[Lang]map[string]cutText{}, rest: map[Lang]*i18n.Localizer{}, known: map[Lang]map[string]*Phrase{},
	}
	for _, l := range RoomLangs {
		c.plain[l], c.cut[l], c.known[l] = map[string]string{}, map[string]cutText{}, map[string]*Phrase{}
		names, err := langNames(l)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			text, err := langFiles.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("read texts %q: %w", name, err)
			}
			f, err := i18n.ParseMessageFileBytes(text, name, read)
			if err != nil {
				return nil, fmt.Errorf("read texts %q: %w", name, err)
			}
			for _, m := range f.Messages {
				if err := c.add(b, l, m); err != nil {
					return nil, fmt.Errorf("read texts %q: %w", name, err)
				}
			}
		}
		c.rest[l] = i18n.NewLocalizer(b, string(l))
	}
	return c, nil
}

// add takes a text in, in the cheapest form that says all of it.
func (c *catalogue) add(b *i18n.Bundle, l Lang, m *i18n.Message) error {
	c.known[l][m.ID] = &Phrase{One: m.One, Other: m.Other} // a Message of the library is six times as large
	if m.One == "" && !strings.Contains(m.Other, "{{") {
		c.plain[l][m.ID] = m.Other
		return nil
	}
	if t, ok := cutMessage(l, m); ok {
		c.cut[l][m.ID] = t
		return nil
	}
	return b.AddMessages(language.Make(string(l)), m)
}

// langNames are the files with texts of a language: lang/it.toml, lang/room.it.toml.
func langNames(l Lang) ([]string, error) {
	all, err := fs.Glob(langFiles, "lang/*.toml")
	return slices.DeleteFunc(all, func(name string) bool {
		name = strings.TrimSuffix(path.Base(name), ".toml")
		return name != string(l) && !strings.HasSuffix(name, "."+string(l))
	}), err
}

// has reports whether there is a text for the id.
func (c *catalogue) has(l Lang, id string) bool { return c.known[l][id] != nil }

// unknown is what a placeholder becomes that nobody filled.
const unknown = "<no value>"

// loose is text for facts that come from elsewhere (an event, a fault): what
// they leave out is shown as a dash, because a page with a gap is better than
// none.
func (c *catalogue) loose(l Lang, id string, args map[string]any) (string, error) {
	s, err := c.text(l, id, args)
	return strings.ReplaceAll(s, unknown, "–"), err
}

// text gives the text in the language. args fill its placeholders; "n" is the
// number that chooses between singular and plural.
func (c *catalogue) text(l Lang, id string, args map[string]any) (string, error) {
	if s, ok := c.plain[l][id]; ok {
		return s, nil
	}
	if t, ok := c.cut[l][id]; ok {
		return t.fill(args), nil
	}
	if !c.has(l, id) {
		return "", fmt.Errorf("no text %q in %q", id, l)
	}
	cfg := &i18n.LocalizeConfig{MessageID: id, TemplateData: args}
	if n, ok := args["n"]; ok {
		cfg.PluralCount = n
	}
	s, err := c.rest[l].Localize(cfg)
	if err != nil {
		return "", fmt.Errorf("text %q in %q: %w", id, l, err)
	}
	return s, nil
}
