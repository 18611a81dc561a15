package page

import (
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"filodiretto/internal/clock"
)

// funcs are what templates may call.
func funcs(o Options, w *words) template.FuncMap {
	sprite := o.AssetURL("vendor/sprites.svg")
	return template.FuncMap{
		"T":      w.T,
		"TM":     func(id string, args map[string]any) (string, error) { return w.cat.loose(w.lang, id, args) },
		"either": w.either,
		"titled": titled,
		"known":  func(id string) bool { return w.cat.has(w.lang, id) },
		"hour":   w.Hour, "short": w.Short, "moment": w.Moment, "date": w.Date, "longdate": w.LongDate, "stamp": w.Stamp,
		"day": w.Day, "since": w.Since, "iso": w.ISO, "due": w.Due,
		"lang":  func() string { return string(w.lang) },
		"town":  func() string { return o.Municipality },
		"asset": o.AssetURL,
		"icon":  func(name string, class ...string) template.HTML { return icon(sprite, name, class) },
		"chan":  func(c Channel) (string, error) { return w.either("channel.name_", string(c), string(c)) },
		"size":  w.size,
		"kinds": func() []Kind { return AllKinds },
		"badge": w.badge,
		"by":    groups,
		"count": count, "initials": initials, "capital": capital, "args": args, "join": strings.Join,
		"days": func(t Timeline) []timelineDay { return w.byDay(t) },
		"eq_any": func(x any, ys ...any) bool {
			for _, y := range ys {
				if fmt.Sprint(x) == fmt.Sprint(y) {
					return true
				}
			}
			return false
		},
		"list":   func(xs ...any) []any { return xs },
		"add":    func(a, b int) int { return a + b },
		"sub":    func(a, b int) int { return a - b },
		"soft":   soft,
		"qr":     qrCode,
		"spaced": Spaced, "phrases": func(ids ...string) map[string]Phrase { return Say{w}.Phrases(ids...) },
		"inwork": func() template.HTMLAttr { return inWork },
		"ref":    ref,
		"slug":   slug, "first": first, "hasfault": hasFault, "draftfiles": draftFiles,
		"year":           func(i clock.Instant) int { return year(w.local(i)) },
		"outcomes":       func() []string { return CloseOutcomes },
		"proofs":         func() []Proof { return AllProofs },
		"identitykinds":  func() []IdentityKind { return AllIdentityKinds },
		"historyall":     func(n map[HistoryFilter]int) int { return n[HistoryAll] },
		"historyfilters": func() []HistoryFilter { return AllHistoryFilters },
		"whys":           func() []QuarantineWhy { return AllQuarantineWhys },
		"heldKinds":      func() []string { return HeldKinds },
		"admintabs":      adminTabs,
		"keygroups":      func() []keyGroup { return keyGroups },
	}
}

// inWork makes a form answer into #work, and keeps the page when scripts run.
const inWork = template.HTMLAttr(`hx-boost="true" hx-target="#work" hx-select="#work" hx-select-oob="#flash" hx-swap="outerHTML show:none"`)

// icon is a sign of the sprite. It is always beside a word or hidden text.
func icon(sprite, name string, class []string) template.HTML {
	c := strings.Join(append([]string{"ico"}, class...), " ")
	return template.HTML(`<svg class="` + c + `" aria-hidden="true"><use href="` + sprite + `#it-` + name + `"></use></svg>`) //nolint:gosec // names are written by us
}

// soft is an address that may break after its "@" and dots, and nowhere else
// as long as that is enough.
func soft(s string) template.HTML {
	return template.HTML(softBreaks.Replace(template.HTMLEscapeString(s))) //nolint:gosec // escaped
}

var softBreaks = strings.NewReplacer("@", "@<wbr>", ".", ".<wbr>")

// ref is a case's number inside an address, where its slash may stay as it is.
func ref(number string) template.URL {
	if strings.Trim(number, "0123456789/") != "" {
		return template.URL(url.QueryEscape(number)) //nolint:gosec // escaped
	}
	return template.URL(number) //nolint:gosec // digits and slashes only
}

// count is a figure for a view: exact up to 99.
func count(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}

// initials are at most two letters of a name; an address gives one.
func initials(name string) string {
	var out []rune
	words := strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == '-' })
	for i, f := range words {
		r, _ := utf8.DecodeRuneInString(strings.TrimLeft(f, "@'’("))
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		if len(out) < 1 || i == len(words)-1 {
			out = append(out, unicode.ToUpper(r))
		}
	}
	if len(out) == 0 {
		return "?"
	}
	return string(out)
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// args makes a map for a template that needs more than one value.
func args(pairs ...any) (map[string]any, error) {
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		k, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("args: names and values take turns")
		}
		m[k] = pairs[i+1]
	}
	return m, nil
}

// groups are the views with their heading before the first of each.
func groups() []viewGroup {
	var out []viewGroup
	for _, v := range AllViews {
		if len(out) == 0 || out[len(out)-1].Name != v.Group {
			out = append(out, viewGroup{Name: v.Group})
		}
		g := &out[len(out)-1]
		g.Views = append(g.Views, v.ID)
	}
	return out
}

type viewGroup struct {
	Name  string
	Views []ViewID
}

// size is a file's size in words: "840 kB", "2,1 MB".
func (w *words) size(n int64) string {
	switch {
	case n < 1000:
		return w.must("size.b", "size", n)
	case n < 1_000_000:
		return w.must("size.kb", "size", (n+500)/1000)
	}
	s := strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64)
	if w.lang == Italian {
		s = strings.Replace(s, ".", ",", 1)
	}
	return w.must("size.mb", "size", s)
}

// Mark is a badge: a level, a sign and a word.
type Mark struct {
	Level Level
	Icon  string
	Text  string
}

// badge is the one badge of a row: what matters most wins.
func (w *words) badge(r Row) Mark {
	switch {
	case r.Failed:
		return Mark{LevelLate, "error", w.must("badge.failed")}
	case r.Status == StatusClosed:
		return Mark{LevelNone, "", w.must("status.closed")}
	case r.SnoozedUntil != 0:
		return Mark{LevelNone, "clock", w.must("badge.snoozed", "when", w.Moment(r.SnoozedUntil))}
	case r.Due.Level == LevelLate:
		return Mark{LevelLate, "warning-circle", w.Due(r.Due)}
	case r.Status == StatusWaiting:
		return Mark{LevelNone, "", w.must("status.waiting")}
	case r.Due.At != 0:
		return w.dueMark(r.Due)
	case r.Assignee == nil:
		return Mark{LevelNone, "", w.must("badge.unassigned")}
	}
	return Mark{LevelNone, "", w.must("badge.no_term")}
}

func (w *words) dueMark(d Due) Mark {
	icons := map[Level]string{LevelSoon: "clock", LevelLate: "warning-circle"}
	return Mark{d.Level, icons[d.Level], w.Due(d)}
}

type timelineDay struct {
	Name    string
	Entries []Entry
}

// byDay cuts a timeline into days, in the order given.
func (w *words) byDay(t Timeline) []timelineDay {
	var out []timelineDay
	for _, e := range t.Entries {
		d := w.Day(e.At)
		if len(out) == 0 || out[len(out)-1].Name != d {
			out = append(out, timelineDay{Name: d})
		}
		g := &out[len(out)-1]
		g.Entries = append(g.Entries, e)
	}
	return out
}
