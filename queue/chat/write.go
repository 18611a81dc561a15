package chat

import (
	"html"
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// writing is a text in the making, plain and with Telegram's markup.
type writing struct{ plain, markup strings.Builder }

func newWriting() *writing { return &writing{} }

func (w *writing) line(s string) {
	w.plain.WriteString(s + "\n")
	w.markup.WriteString(html.EscapeString(s) + "\n")
}

// bold writes a line that stands out.
func (w *writing) bold(s string) {
	w.plain.WriteString(s + "\n")
	w.markup.WriteString("<b>" + html.EscapeString(s) + "</b>\n")
}

func (w *writing) said(rows inbox.Buttons) inbox.Said {
	return inbox.Said{Text: strings.TrimSpace(w.plain.String()), Markup: strings.TrimSpace(w.markup.String()), Buttons: rows}
}

// wait tells the place, and the range where it is known; where nobody does the service
// now, that, and when somebody should.
func (w *writing) wait(say phrases, x expectation, now clock.Instant, zone *time.Location) {
	w.line(say.ahead(x.Ahead))
	switch {
	case x.Nobody && x.From != 0:
		w.line(say.text("nobody_from", "time", say.clock(x.From, zone)))
		return
	case x.Nobody:
		w.line(say.text("nobody"))
		return
	case !x.Known:
		return
	}
	w.line(say.text("wait", "range", say.between(x.Low, x.High)))
	switch {
	case x.Later:
		w.line(say.text("wait_longer"))
	case x.NotToday:
		w.line(say.text("wait_not_today"))
	case x.Perhaps:
		w.line(say.text("wait_perhaps"))
	}
}
