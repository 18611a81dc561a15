// Package safehtml makes HTML from outside fit to be shown, and text out of
// HTML. What it lets through is an allow-list; pictures from outside are not
// loaded, and links to our own machine are taken out (mail rules 32, 44-46).
package safehtml

import (
	"context"
	"errors"
	"net/url"
	"strings"
)

// Version grows whenever Clean may give another result.
const Version = 1

// Options say how to clean.
type Options struct {
	// OwnHosts are the host names of this installation, without port: links
	// and pictures that point to them lose their address.
	OwnHosts []string
	// Inline maps the address of a picture to the Content-ID of the part that
	// holds it, for pictures named by Content-Location; nil for none. A "cid:"
	// address is understood without it.
	Inline func(src string) (cid string, ok bool)
	// Nodes is how many elements and texts are kept, Links how many links;
	// 0 means 50,000 and 5,000.
	Nodes, Links int
}

// Result is what became of the HTML.
type Result struct {
	// HTML is sanitised. Its pictures have no src: those of the message carry
	// data-cid, those from outside data-src. Show turns them into pictures.
	HTML string
	// Text is the readable text of the same HTML.
	Text string
	// CIDs are the Content-IDs that pictures refer to, each once, in order.
	CIDs []string
	// RemoteImages and OwnLinks say that there were some.
	RemoteImages, OwnLinks bool
	// Pixels says that there were images of one pixel, which only tell the
	// sender who reads; they are gone.
	Pixels bool
	// Cut says that the node limit was reached and the rest is missing.
	Cut bool
	// TooManyLinks says that there were more links than the limit; those
	// above it are text.
	TooManyLinks bool
	// Empty says that there is nothing to see in HTML.
	Empty bool
}

// ErrDeadline says that the HTML took too long.
var ErrDeadline = errors.New("safehtml: deadline passed")

// Clean sanitises a document or fragment. The only error is ErrDeadline, when
// ctx ended first: then HTML is empty and Text what was found so far.
func Clean(ctx context.Context, doc string, o Options) (Result, error) {
	if o.Nodes == 0 {
		o.Nodes = 50_000
	}
	if o.Links == 0 {
		o.Links = 5000
	}
	w, err := walk(walker{ctx: ctx, o: o}, doc)
	if err != nil {
		return w.res, err
	}
	// The walk wrote only what is allowed; the policy is the second lock.
	html, err := sanitise(ctx, w.html.String())
	if err != nil {
		return w.res, err
	}
	w.res.HTML = html
	return w.res, nil
}

// Text is the readable text of HTML, within the same limits as Clean.
func Text(ctx context.Context, doc string) string {
	// An error is the deadline: what was found until then is the text.
	w, _ := walk(walker{ctx: ctx, o: Options{Nodes: 50_000, Links: 5000}, textOnly: true}, doc)
	return w.res.Text
}

// walk goes over the document; when nothing of it would be seen, or an element
// that is left out never ends, it goes again and leaves out less.
func walk(w walker, doc string) (walker, error) {
	first := w
	err := first.walk(doc)
	first.finish()
	if err != nil || !first.res.Empty && first.skip == 0 {
		return first, err
	}
	w.lenient = true
	err = w.walk(doc)
	w.finish()
	return w, err
}

// ownHost reports whether the address points to this installation. Relative
// addresses count as own: shown on our page they would.
func (o *Options) ownHost(u *url.URL) bool {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if host == "" {
		return u.Scheme == "" || u.Scheme == "http" || u.Scheme == "https"
	}
	for _, own := range o.OwnHosts {
		if strings.EqualFold(host, strings.TrimSuffix(own, ".")) {
			return true
		}
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") || host == "::1"
}
