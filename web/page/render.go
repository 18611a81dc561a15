package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"sync"
	"time"

	"filodiretto/internal/clock"
)

//go:embed html
var files embed.FS

// Lang is a language of the pages.
type Lang string

// The languages of the pages. Italian is the default.
const (
	Italian Lang = "it"
	English Lang = "en"
)

// AllLangs is every language that has a catalogue.
var AllLangs = []Lang{Italian, English}

// Options are what a Renderer needs to know of the house.
type Options struct {
	Clock        clock.Clock
	Zone         *time.Location // the municipality's; UTC when nil
	Municipality string         // "Pontelieto"
	// AssetURL gives the address of a static file ("css/staff.css").
	AssetURL func(name string) string
}

// Renderer renders views. It is made once and used by all requests at once.
type Renderer struct {
	byLang map[Lang]*template.Template
	words  map[Lang]*words
}

// New parses all templates in all languages. An error means that the binary
// was built wrong: a template does not parse or a text is missing.
func New(o Options) (*Renderer, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.AssetURL == nil {
		o.AssetURL = func(name string) string { return "/assets/" + name }
	}
	c, err := loadCatalogue()
	if err != nil {
		return nil, err
	}
	r := &Renderer{byLang: make(map[Lang]*template.Template, len(AllLangs)), words: make(map[Lang]*words, len(AllLangs))}
	for _, l := range AllLangs {
		w := &words{lang: l, cat: c, clock: o.Clock, zone: o.Zone}
		src, err := sources(o.AssetURL("vendor/sprites.svg"), l, c)
		if err != nil {
			return nil, fmt.Errorf("read pages: %w", err)
		}
		t, err := template.New("").Option("missingkey=error").Funcs(funcs(o, w)).Parse(src)
		if err != nil {
			return nil, fmt.Errorf("parse pages: %w", err)
		}
		r.byLang[l], r.words[l] = t, w
	}
	return r, nil
}

// buffers keeps the memory of pages between requests.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render writes the view in the language. The page is built in memory first,
// so that an error never leaves half a page behind; an unknown language is
// taken as Italian.
func (r *Renderer) Render(w io.Writer, l Lang, v View) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	t, ok := r.byLang[l]
	if !ok {
		t = r.byLang[Italian]
	}
	if err := t.ExecuteTemplate(b, v.template(), v); err != nil {
		return fmt.Errorf("render %s: %w", v.template(), err)
	}
	_, err := w.Write(b.Bytes())
	return err
}
