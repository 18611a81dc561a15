package page

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// Charts are SVG made here, in two widths, of which the style sheet shows one. They
// have a title and a description for those who do not see them, and no style of their
// own; the same data stand beside them as a table.

// drawing is a chart under way.
type drawing struct {
	strings.Builder
	w, h float64
}

func draw(class, id, title, desc string, w, h float64, f func(*drawing)) string {
	d := &drawing{w: w, h: h}
	fmt.Fprintf(d, `<div class="%s"><svg viewBox="0 0 %g %g" role="img" aria-labelledby="%s-t %s-d"><title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
		class, w, h, id, id, id, template.HTMLEscapeString(title), id, template.HTMLEscapeString(desc))
	f(d)
	d.WriteString(`</svg></div>`)
	return d.String()
}

func figure(legend string, parts ...string) template.HTML {
	return template.HTML(`<figure class="chart">` + strings.Join(parts, "") + legend + `</figure>`) //nolint:gosec // texts are escaped as they are written
}

func (d *drawing) text(class string, x, y float64, anchor, s string) {
	if anchor != "" {
		anchor = ` text-anchor="` + anchor + `"`
	}
	fmt.Fprintf(d, `<text class="%s" x="%.1f" y="%.1f"%s>%s</text>`, class, x, y, anchor, template.HTMLEscapeString(s))
}

func (d *drawing) rect(class string, x, y, w, h float64, tip string) {
	fmt.Fprintf(d, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="1">`, class, x, y, math.Max(w, 0), math.Max(h, 0))
	if tip != "" {
		fmt.Fprintf(d, `<title>%s</title>`, template.HTMLEscapeString(tip))
	}
	d.WriteString(`</rect>`)
}

func (d *drawing) path(class, format string, a ...any) {
	fmt.Fprintf(d, `<path class="%s" d="%s"/>`, class, fmt.Sprintf(format, a...))
}

// legend is the key below a chart: class and word in turn.
func legend(pairs ...string) string {
	var b strings.Builder
	b.WriteString(`<figcaption>`)
	for i := 0; i+1 < len(pairs); i += 2 {
		fmt.Fprintf(&b, `<span class="key"><i class="%s"></i>%s</span>`, pairs[i], template.HTMLEscapeString(pairs[i+1]))
	}
	b.WriteString(`</figcaption>`)
	return b.String()
}

// ticks are round values from 0 up to at least most, at most n of them.
func ticks(most float64, n int) []float64 {
	step := 1.0
	for _, s := range []float64{1, 2, 5, 10, 15, 20, 30, 50, 60, 100, 120, 200, 500, 1000, 2000, 5000, 10000, 50000} {
		if step = s; most/s <= float64(n) {
			break
		}
	}
	out := []float64{0}
	for v := step; v < most+step; v += step {
		out = append(out, v)
	}
	return out
}

// RangeRow is a line of a chart of waits, in minutes.
type RangeRow struct {
	Name          string
	P50, P80, P95 float64
	Tip           string
}

// RangeChart shows median, P80 and P95 of each line on one scale of minutes.
func RangeChart(id, title, desc string, words [3]string, rows []RangeRow) template.HTML {
	most := 5.0
	for _, r := range rows {
		most = math.Max(most, r.P95)
	}
	marks := ticks(most, 6)
	top := marks[len(marks)-1]
	one := func(class string, w, left, pitch, first float64, above bool) string {
		h := first + pitch*float64(len(rows))
		return draw(class, id+class[:1], title, desc, w, h, func(d *drawing) {
			at := func(v float64) float64 { return left + v/top*(w-left-10) }
			for _, v := range marks {
				d.path("grid", "M%.1f 18V%.1f", at(v), h-6)
				d.text("", at(v), 12, "middle", fmt.Sprintf("%g", v))
			}
			for i, r := range rows {
				y := first + pitch*float64(i) + 10
				if above {
					d.text("val halo", 0, y-14, "", r.Name)
				} else {
					d.text("val halo", 0, y+4, "", shorten(r.Name, 28))
				}
				d.path("range", "M%.1f %.1fH%.1f", at(r.P50), y, at(r.P95))
				d.path("range-80", "M%.1f %.1fH%.1f", at(r.P50), y, at(r.P80))
				fmt.Fprintf(d, `<circle class="p50" cx="%.1f" cy="%.1f" r="5"><title>%s</title></circle>`, at(r.P50), y, template.HTMLEscapeString(r.Tip))
				d.rect("p80", at(r.P80)-5, y-5, 10, 10, r.Tip)
				d.path("p95", "M%.1f %.1fV%.1f", at(r.P95), y-6, y+6)
			}
		})
	}
	return figure(legend("k-p50", words[0], "k-p80", words[1], "k-p95", words[2]), one("wide", 600, 200, 28, 24, false), one("narrow", 320, 6, 44, 40, true))
}

func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}

// Bar is a bar of a chart over time.
type Bar struct {
	Name  string // below it; empty for none
	Value float64
	Tip   string
	Mark  bool
}

// scale draws the lines of a chart's values and says how high a value stands.
func (d *drawing) scale(left, width, bottom float64, marks []float64) (at func(float64) float64) {
	top := marks[len(marks)-1]
	at = func(v float64) float64 { return bottom - v/top*(bottom-12) }
	for _, v := range marks {
		d.path("grid", "M%.1f %.1fH%.1f", left, at(v), width)
		d.text("", left-6, at(v)+4, "end", fmt.Sprintf("%g", v))
	}
	return at
}

// BarChart shows bars side by side.
func BarChart(id, title, desc string, bars []Bar) template.HTML {
	most := 1.0
	for _, b := range bars {
		most = math.Max(most, b.Value)
	}
	marks := ticks(most, 4)
	one := func(class string, w, h float64) string {
		return draw(class, id+class[:1], title, desc, w, h, func(d *drawing) {
			left, bottom := 34.0, h-22
			at := d.scale(left, w, bottom, marks)
			pitch := (w - left - 4) / float64(max(1, len(bars)))
			last := -100.0
			for i, b := range bars {
				x := left + 4 + pitch*float64(i)
				bar := "bar"
				if b.Mark {
					bar = "bar bar-mark"
				}
				d.rect(bar, x, at(b.Value), math.Min(pitch*.8, 40), bottom-at(b.Value), b.Tip)
				if b.Name != "" && x-last > 52 {
					last = x
					d.text("", x, h-6, "", b.Name)
				}
			}
		})
	}
	return figure("", one("wide", 1200, 190), one("narrow", 340, 170))
}

// NeedBar is a half-hour in the chart of counters.
type NeedBar struct {
	Name       string
	Open, Need float64
	Tip        string
}

// NeedChart shows counters open as bars and counters needed as marks over them.
func NeedChart(id, title, desc string, words [2]string, bars []NeedBar) template.HTML {
	most := 1.0
	for _, b := range bars {
		most = math.Max(most, math.Max(b.Open, b.Need))
	}
	marks := ticks(most, 5)
	one := func(class string, w, h float64) string {
		return draw(class, id+class[:1], title, desc, w, h, func(d *drawing) {
			left, bottom := 26.0, h-22
			at := d.scale(left, w, bottom, marks)
			pitch := (w - left - 4) / float64(max(1, len(bars)))
			last := -100.0
			for i, b := range bars {
				x, wide := left+4+pitch*float64(i), math.Min(pitch*.8, 44)
				d.rect("bar bar-soft", x, at(b.Open), wide, bottom-at(b.Open), b.Tip)
				mark := "need"
				if b.Need > b.Open+.5 {
					mark = "need need-short"
				}
				d.path(mark, "M%.1f %.1fH%.1f", x-2, at(b.Need), x+wide+2)
				if x-last > 40 {
					last = x
					d.text("", x, h-6, "", b.Name)
				}
			}
		})
	}
	return figure(legend("k-open", words[0], "k-need", words[1]), one("wide", 600, 220), one("narrow", 340, 190))
}

// FaceShare is a part of the votes.
type FaceShare struct {
	Class string // ok, mid, bad
	Share string // in words
	Count string // in words
	Part  float64
}

var mouths = map[string]string{"ok": "M%.0f 34q8 9 16 0", "mid": "M%.0f 38h16", "bad": "M%.0f 41q8 -9 16 0"}

// FaceChart shows how votes are divided.
func FaceChart(id, title, desc string, faces []FaceShare) template.HTML {
	one := func(class string, w float64) string {
		return draw(class, id+class[:1], title, desc, w, 104, func(d *drawing) {
			pitch := w / 3
			for i, f := range faces {
				x := pitch*float64(i) + 22
				fmt.Fprintf(d, `<g class="f-%s"><circle cx="%.0f" cy="32" r="18"/><path d="M%.0f 25v3M%.0f 25v3"/>`, f.Class, x, x-7, x+7)
				fmt.Fprintf(d, `<path d="%s"/></g>`, fmt.Sprintf(mouths[f.Class], x-8))
				d.text("figure", x+26, 32, "", f.Share)
				d.text("", x+26, 49, "", f.Count)
			}
			x := 0.0
			for _, f := range faces {
				wide := f.Part * w
				d.rect("bar-"+f.Class, x, 78, wide-2, 14, f.Share)
				x += wide
			}
		})
	}
	return figure("", one("wide", 556), one("narrow", 340))
}
