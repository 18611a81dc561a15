//go:build preview

// Command preview serves the sample pages, for people who work on their looks:
//
//	go run -tags preview ./web/page/preview
package main

import (
	"flag"
	"fmt"
	"log"
	"maps"
	"net/http"
	"slices"
	"sort"

	"filodiretto/internal/clock"
	"filodiretto/web/assets"
	"filodiretto/web/page"
	"filodiretto/web/page/sample"
)

func main() {
	addr := flag.String("listen", "127.0.0.1:8099", "address to listen on")
	flag.Parse()
	r, err := page.New(page.Options{Clock: clock.NewManual(sample.Now.Time()), Zone: sample.Zone, Municipality: "Pontelieto", AssetURL: assets.URL})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+assets.Prefix, assets.Handler())
	render := func(w http.ResponseWriter, q *http.Request, v page.View) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'")
		l := page.Italian
		if want := page.Lang(q.URL.Query().Get("lang")); slices.Contains(page.RoomLangs, want) {
			l = want
		}
		if err := r.Render(w, l, v); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
	st := &stage{render: render, seat: map[string]*seat{}}
	show := func(views map[string]page.View) http.HandlerFunc {
		return func(w http.ResponseWriter, q *http.Request) {
			if v, ok := views[q.PathValue("name")]; ok {
				render(w, q, v)
				return
			}
			http.NotFound(w, q)
		}
	}
	pages := sample.All()
	maps.Copy(pages, sample.Room(r.Phrases))
	st.routes(mux)
	st.roomRoutes(mux)
	mux.HandleFunc("GET /page/{name}", show(pages))
	mux.HandleFunc("GET /fragment/{name}", show(sample.Fragments()))
	mux.HandleFunc("GET /messages/{id}/html", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox")
		fmt.Fprint(w, `<!doctype html><html lang="it"><title>Messaggio</title><body style="font:14px/1.5 sans-serif;margin:0"><h3 style="color:#800">Studio Tecnico Salvi</h3><p>Gentile ufficio,<br>in allegato quanto richiesto.</p><table border=1 cellpadding=6><tr><th>Tavola</th><th>Scala</th></tr><tr><td>Planimetria</td><td>1:100</td></tr></table><p>Cordiali saluti<br>geom. Andrea Salvi</p>`)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		var names []string
		for n := range pages {
			names = append(names, n)
		}
		sort.Strings(names)
		for _, n := range names {
			fmt.Fprintln(w, "/page/"+n)
		}
	})
	log.Print("http://", *addr)
	log.Fatal(http.ListenAndServe(*addr, st.seated(mux)))
}
