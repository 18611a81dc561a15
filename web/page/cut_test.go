package page

import (
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// What is put together from pieces is what the library would say.
func TestCutTextsSayTheSame(t *testing.T) {
	c := mustCatalogue(t)
	n := 0
	for l, texts := range c.cut {
		b := i18n.NewBundle(language.Make(string(l)))
		say := i18n.NewLocalizer(b, string(l))
		for id, cut := range texts {
			m := &i18n.Message{ID: id, One: c.known[l][id].One, Other: c.known[l][id].Other}
			b.MustAddMessages(language.Make(string(l)), m)
			for _, count := range []int{0, 1, 2, 5, 11, 21, 101} {
				args := map[string]any{}
				for _, name := range placeholders(m.One + m.Other) {
					args[name] = "<" + name + ">"
				}
				cfg := &i18n.LocalizeConfig{MessageID: id, TemplateData: args}
				if m.One != "" {
					args["n"], cfg.PluralCount = count, count
				}
				want, err := say.Localize(cfg)
				if err != nil {
					t.Fatal(err)
				}
				if got := cut.fill(args); got != want {
					t.Errorf("%s %s %d: %q, want %q", l, id, count, got, want)
				}
				n++
			}
		}
	}
	if n < 1000 {
		t.Error("hardly any text was cut:", n)
	}
}

func TestFill(t *testing.T) {
	text, ok := cutMessage("it", &i18n.Message{One: "un {{.what}}", Other: "{{.n}} {{.what}} di {{.who}}"})
	if !ok {
		t.Fatal("not cut")
	}
	for _, c := range []struct {
		args map[string]any
		want string
	}{
		{map[string]any{"n": 1, "what": "giorno"}, "un giorno"},
		{map[string]any{"n": int64(1), "what": "giorno"}, "un giorno"},
		{map[string]any{"n": 2, "what": "giorni", "who": "Ada"}, "2 giorni di Ada"},
		{map[string]any{"n": 21, "what": Kind("x")}, "21 x di " + unknown},
		{nil, unknown + " " + unknown + " di " + unknown},
	} {
		if got := text.fill(c.args); got != c.want {
			t.Errorf("%v: %q, want %q", c.args, got, c.want)
		}
	}
	for _, m := range []*i18n.Message{{Other: "{{if .n}}x{{end}}"}, {Other: "{{.n | print}}"}, {One: "1", Few: "x", Other: "y"}} {
		if _, ok := cutMessage("it", m); ok {
			t.Errorf("%+v needs more than pieces", m)
		}
	}
	if _, ok := cutMessage("fr", &i18n.Message{One: "a", Other: "b"}); ok {
		t.Error("French counts nothing as one")
	}
}
