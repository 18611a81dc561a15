package web

import (
	"context"
	"math"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/reports"
	"filodiretto/web/page"
)

// reportBook makes tables, charts and sentences of figures. The tables on the page and
// those of the exports are the same.
type reportBook struct {
	s      *Server
	a      *figuresAsked
	f      *reports.Figures
	before *reports.Figures
	say    page.Say
	votes  map[queue.VoteBy]*queue.VoteTable
}

// votesBy are the tables of votes that are shown.
var votesBy = []queue.VoteBy{queue.VotesByService, queue.VotesByWait, queue.VotesByPromise, queue.VotesByReason, queue.VotesByMonth}

// countVotes counts the votes of the whole months in which the span lies.
func (b *reportBook) countVotes(ctx context.Context, v inbox.Viewer) error {
	b.votes = map[queue.VoteBy]*queue.VoteTable{}
	for _, by := range votesBy {
		t, err := b.s.Votes.Numbers(ctx, v, b.a.Site, string(b.a.From[:7]), string(b.a.To[:7]), by)
		if err != nil {
			return err
		}
		b.votes[by] = t
	}
	return nil
}

func (b *reportBook) text(id string, pairs ...any) string {
	return b.say.Text("report."+id, pairs...)
}

// columns are made of texts and kinds in turn.
func (b *reportBook) columns(pairs ...any) []reports.Column {
	var out []reports.Column
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, reports.Column{Name: b.text("col_" + pairs[i].(string)), Kind: pairs[i+1].(reports.Kind)})
	}
	return out
}

func (b *reportBook) sheet(key string, columns []reports.Column) *reports.Sheet {
	return &reports.Sheet{Key: key, Name: b.text("sheet_" + key), Columns: columns}
}

// sheets are all tables, in their order.
func (b *reportBook) sheets() []*reports.Sheet {
	out := []*reports.Sheet{b.hours(), b.days(), b.weeks(), b.sites(), b.waits(), b.work(), b.outcomes(), b.counters()}
	for _, by := range votesBy {
		out = append(out, b.faces(by))
	}
	return out
}

func clockOf(band int) string {
	m := band * 30 % (24 * 60)
	return strconv.Itoa(m/60) + ":" + strconv.Itoa(m%60 + 100)[1:]
}

// hours are visits by half-hour and weekday.
func (b *reportBook) hours() *reports.Sheet {
	columns := b.columns("hour", reports.Text)
	for d := 1; d <= 7; d++ {
		columns = append(columns, reports.Column{Name: b.weekday(d), Kind: reports.Count})
	}
	s := b.sheet("hours", append(columns, b.columns("visits", reports.Count, "median", reports.Minutes, "p80", reports.Minutes, "p95", reports.Minutes)...))
	for band := range reports.Bands {
		h := &b.f.Hours[band]
		if h.Visits == 0 && h.Wait.N() == 0 {
			continue
		}
		row := []any{clockOf(band) + "-" + clockOf(band+1)}
		for d := 1; d <= 7; d++ {
			row = append(row, b.f.Week[d][band])
		}
		s.Rows = append(s.Rows, append(row, h.Visits, h.Wait.Quantile(.5), h.Wait.Quantile(.8), h.Wait.Quantile(.95)))
	}
	return s
}

// weekday is the name of one; a day of the week of Monday 5 January 2026.
func (b *reportBook) weekday(d int) string { return b.say.Text("time.weekday_" + strconv.Itoa(d%7)) }

func (b *reportBook) days() *reports.Sheet {
	s := b.sheet("days", b.columns("day", reports.Text, "weekday", reports.Text, "visits", reports.Count, "served", reports.Count, "median", reports.Minutes, "p80", reports.Minutes, "p95", reports.Minutes))
	for i := range b.f.ByDay {
		d := &b.f.ByDay[i]
		s.Rows = append(s.Rows, []any{string(d.Day), b.weekday(d.Day.Weekday()), d.Visits, d.Served, d.Wait.Quantile(.5), d.Wait.Quantile(.8), d.Wait.Quantile(.95)})
	}
	return s
}

func (b *reportBook) weeks() *reports.Sheet {
	s := b.sheet("weeks", b.columns("week", reports.Text, "days", reports.Count, "visits", reports.Count, "served", reports.Count, "median", reports.Minutes, "p80", reports.Minutes))
	for _, w := range b.f.Weeks() {
		s.Rows = append(s.Rows, []any{string(w.Monday), w.Days, w.Visits, w.Served, w.Wait.Quantile(.5), w.Wait.Quantile(.8)})
	}
	return s
}

func (b *reportBook) sites() *reports.Sheet {
	s := b.sheet("sites", b.columns("site", reports.Text, "visits", reports.Count, "served", reports.Count, "median", reports.Minutes, "p80", reports.Minutes, "p95", reports.Minutes))
	for _, x := range b.f.Sites {
		s.Rows = append(s.Rows, []any{b.a.site(x.Site), x.Visits, x.Served, x.Wait.Quantile(.5), x.Wait.Quantile(.8), x.Wait.Quantile(.95)})
	}
	return s
}

func (b *reportBook) waits() *reports.Sheet {
	s := b.sheet("services", b.columns("service", reports.Text, "waits", reports.Count, "median", reports.Minutes, "p80", reports.Minutes, "p95", reports.Minutes, "mean", reports.Minutes, "over_hour", reports.Share))
	for _, x := range b.f.Services {
		if x.Wait.N() > 0 {
			s.Rows = append(s.Rows, []any{b.service(x), x.Wait.N(), x.Wait.Quantile(.5), x.Wait.Quantile(.8), x.Wait.Quantile(.95), x.Wait.Mean(), x.Wait.Over(3600)})
		}
	}
	return s
}

// service is the name of one, with the site where several are shown.
func (b *reportBook) service(x *reports.ServiceFigures) string {
	if b.a.Site == 0 && len(b.a.houses) > 1 {
		return b.a.service(x.Service) + " (" + b.a.site(x.Site) + ")"
	}
	return b.a.service(x.Service)
}

func (b *reportBook) work() *reports.Sheet {
	s := b.sheet("work", b.columns("service", reports.Text, "served", reports.Count, "work_median", reports.Minutes, "work_p80", reports.Minutes, "work_mean", reports.Minutes, "planned", reports.Mean))
	for _, x := range b.f.Services {
		if x.Work.N() == 0 {
			continue
		}
		planned := 0.0
		if sv := b.a.services[x.Service]; sv != nil {
			planned = sv.Minutes
		}
		s.Rows = append(s.Rows, []any{b.service(x), x.Work.N(), x.Work.Quantile(.5), x.Work.Quantile(.8), x.Work.Mean(), planned})
	}
	return s
}

var reportOutcomes = []reports.Outcome{reports.Served, reports.Moved, reports.NoShow, reports.Left, reports.Expired, reports.Open}

var outcomeNames = map[reports.Outcome]string{
	reports.Served: "served", reports.Moved: "moved", reports.NoShow: "no_show", reports.Left: "left", reports.Expired: "expired", reports.Open: "open",
}

func (b *reportBook) outcomes() *reports.Sheet {
	s := b.sheet("outcomes", b.columns("outcome", reports.Text, "count", reports.Count, "share", reports.Share))
	for _, o := range reportOutcomes {
		if n := b.f.Outcomes[o]; n > 0 {
			s.Rows = append(s.Rows, []any{b.text("outcome_" + outcomeNames[o]), n, float64(n) / float64(b.f.Steps)})
		}
	}
	return s
}

func (b *reportBook) counters() *reports.Sheet {
	s := b.sheet("counters", b.columns("hour", reports.Text, "came", reports.Mean, "open", reports.Mean, "busy", reports.Mean, "need", reports.Mean, "p80", reports.Minutes))
	for _, n := range b.f.Needs() {
		s.Rows = append(s.Rows, []any{clockOf(n.Band) + "-" + clockOf(n.Band+1), n.Came, n.Open, n.Busy, n.Need, n.P80})
	}
	return s
}

// faces is a table of votes. What is of too few is not told: the domain has put it
// together.
func (b *reportBook) faces(by queue.VoteBy) *reports.Sheet {
	s := b.sheet("votes_"+string(by), b.columns("group", reports.Text, "votes", reports.Count, "green", reports.Share, "yellow", reports.Share, "red", reports.Share))
	t := b.votes[by]
	for i := range t.Rows {
		n := &t.Rows[i]
		s.Rows = append(s.Rows, []any{b.voteGroup(by, n), n.Votes(), t.Share(n, n.Green), t.Share(n, n.Yellow), t.Share(n, n.Red)})
	}
	return s
}

func (b *reportBook) voteGroup(by queue.VoteBy, n *queue.VoteNumber) string {
	switch {
	case n.Key == queue.Few:
		return b.text("votes_few")
	case n.Key == "":
		return b.text("votes_none")
	case by == queue.VotesByWait:
		return b.text("wait_band", "band", strings.ReplaceAll(n.Key, "-", "–"))
	case by == queue.VotesByPromise:
		return b.say.Either("report.promise_", n.Key, n.Key)
	case by == queue.VotesByReason:
		return b.say.Either("report.reason_", n.Key, n.Key)
	case by == queue.VotesByService:
		for _, sv := range b.a.services {
			if sv.Key == n.Key {
				return sv.Names.In(b.a.lang)
			}
		}
	}
	return n.Key
}

// table is a sheet as the page shows it, with the addresses of its exports.
func (b *reportBook) table(s *reports.Sheet) page.ReportTable {
	out := page.ReportTable{Name: s.Name}
	if b.a != nil {
		out.CSV, out.XLSX = "/reports/export/"+s.Key+".csv?"+b.a.query(), "/reports/export/"+s.Key+".xlsx?"+b.a.query()
	}
	for _, c := range s.Columns {
		out.Head = append(out.Head, page.ReportCell{Text: c.Name, Num: c.Kind != reports.Text})
	}
	for _, row := range s.Rows {
		var cells []page.ReportCell
		for i, x := range row {
			cells = append(cells, page.ReportCell{Text: b.cell(s.Columns[i].Kind, x), Num: s.Columns[i].Kind != reports.Text})
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}

// cell says a value in words.
func (b *reportBook) cell(kind reports.Kind, x any) string {
	switch v := x.(type) {
	case string:
		if kind == reports.Text && len(v) == 10 {
			if d, err := queue.ParseDay(v); err == nil {
				return b.say.Date(b.s.noon(d))
			}
		}
		return v
	case int:
		if kind == reports.Minutes {
			return b.minutes(v)
		}
		return b.number(float64(v), 0)
	case float64:
		if kind == reports.Share {
			return b.share(v)
		}
		return b.number(v, 1)
	}
	return "–"
}

// minutes says a duration of whole seconds, -1 for none.
func (b *reportBook) minutes(seconds int) string {
	switch {
	case seconds < 0:
		return "–"
	case seconds < 30:
		return "<1"
	}
	return strconv.Itoa(int(math.Round(float64(seconds) / 60)))
}

func (b *reportBook) share(x float64) string {
	if x < 0 {
		return "–"
	}
	return b.number(100*x, 1) + "%"
}

// number writes a number as the language does: 1.234,5 or 1,234.5.
func (b *reportBook) number(x float64, decimals int) string {
	whole, rest, _ := strings.Cut(strconv.FormatFloat(x, 'f', decimals, 64), ".")
	minus := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	thousand, point := ".", ","
	if b.a.lang == "en" {
		thousand, point = ",", "."
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + thousand + whole[i:]
	}
	if minus {
		whole = "−" + whole
	}
	if rest == "" {
		return whole
	}
	return whole + point + rest
}
