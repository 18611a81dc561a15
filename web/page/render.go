package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"slices"
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
	German  Lang = "de"
	French  Lang = "fr"
)

// AllLangs is every language of the whole site. RoomLangs are those of the pages
// that people meet in the room and on their telephone: kiosk, display, ticket and
// vote, whose templates are html/room_*.html and whose texts lang/room.*.toml.
var (
	AllLangs  = []Lang{Italian, English}
	RoomLangs = []Lang{Italian, English, German, French}
)

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
	r := &Renderer{byLang: make(map[Lang]*template.Template, len(RoomLangs)), words: make(map[Lang]*words, len(RoomLangs))}
	for _, l := range RoomLangs {
		w := &words{lang: l, cat: c, clock: o.Clock, zone: o.Zone}
		pattern := "html/*.html"
		if !slices.Contains(AllLangs, l) {
			pattern = "html/room_*.html"
		}
		src, err := sources(pattern, o.AssetURL("vendor/sprites.svg"), l, c)
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
// so that an error never leaves half a page behind; a language that the page is
// not written in is taken as Italian.
func (r *Renderer) Render(w io.Writer, l Lang, v View) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	t, ok := r.byLang[l]
	if !ok || t.Lookup(v.template()) == nil {
		t = r.byLang[Italian]
	}
	if err := t.ExecuteTemplate(b, v.template(), v); err != nil {
		return fmt.Errorf("render %s: %w", v.template(), err)
	}
	_, err := w.Write(b.Bytes())
	return err
}
