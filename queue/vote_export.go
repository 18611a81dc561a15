package queue

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"filodiretto/inbox"
)

// MonthReport is what a body told the ministry each month under "Mettiamoci la
// faccia": by channel and service the three faces, and why the red ones
// (italian-pa section 8). Nobody collects it any more; it is for the municipality's
// own site and for whoever asks.
type MonthReport struct {
	Municipality string
	Month        string // "2026-11"
	Rows         []ReportRow
	Least        int
}

// ReportRow is a line of the report.
type ReportRow struct {
	Channel string // "counter", "phone", "web": the ministry's three; "" for Few and the total
	Name    string // of the service as people know it; empty for Few
	Kind    string // "service", "few", "total"
	VoteNumber
}

// ministryChannel is which of the ministry's three channels one of ours is.
func ministryChannel(channel string) string {
	switch channel {
	case "counter", "phone":
		return channel
	}
	return "web"
}

// Month makes the report of a month. name gives the services' names by their keys.
// ErrNotFound for who is no member of the staff.
func (v *Votes) Month(ctx context.Context, viewer inbox.Viewer, municipality, month string, name func(key string) string) (*MonthReport, error) {
	if citizen(viewer) {
		return nil, ErrNotFound
	}
	list, err := months(month, month)
	if err != nil {
		return nil, err
	}
	first := list[0]
	end := min(first.nextMonth(), v.today())
	groups, err := v.count(ctx, 0, first, end, votesByLine)
	if err != nil {
		return nil, err
	}
	// The ministry's channels are fewer than ours: lines of the same service become one.
	t := &VoteTable{By: votesByLine}
	for _, g := range groups {
		channel, key, _ := strings.Cut(g.Key, "/")
		g.Key = ministryChannel(channel) + "/" + key
		t.take([]VoteNumber{g})
	}
	if err := v.servedAtCounters(ctx, first, end, t.Rows); err != nil {
		return nil, err
	}
	rows := v.suppress(t.Rows)
	out := &MonthReport{Municipality: municipality, Month: month, Least: v.set.Least}
	if len(rows) == 0 {
		return out, nil
	}
	all := total(rows)
	for i := range rows {
		v.refine(&rows[i])
		r := ReportRow{Kind: Few, VoteNumber: rows[i]}
		if rows[i].Key != Few {
			var key string
			r.Kind = "service"
			r.Channel, key, _ = strings.Cut(rows[i].Key, "/")
			r.Name = name(key)
		}
		out.Rows = append(out.Rows, r)
	}
	v.refine(all)
	out.Rows = append(out.Rows, ReportRow{Kind: "total", VoteNumber: *all})
	return out, nil
}

// votesByLine counts by the lines of the report: channel and service.
const votesByLine VoteBy = "channel || '/' || service"

func (v *Votes) servedAtCounters(ctx context.Context, first, end Day, rows []VoteNumber) error {
	var bare []VoteNumber
	var at []int
	for i, r := range rows {
		if channel, key, _ := strings.Cut(r.Key, "/"); channel == "counter" {
			bare, at = append(bare, VoteNumber{Key: key, Served: -1}), append(at, i)
		}
	}
	if err := v.served(ctx, 0, first, end, VotesByService, bare); err != nil {
		return err
	}
	for j, i := range at {
		rows[i].Served = bare[j].Served
	}
	return nil
}

// words of the report.
var reportWords = map[string]map[bool]string{ // by word, true is English
	"municipality": {false: "Amministrazione", true: "Body"}, "month": {false: "Mese", true: "Month"},
	"channel": {false: "Canale", true: "Channel"}, "service": {false: "Servizio", true: "Service"},
	"green": {false: "Giudizi positivi", true: "Positive"}, "yellow": {false: "Giudizi sufficienti", true: "Neutral"}, "red": {false: "Giudizi negativi", true: "Negative"},
	"votes": {false: "Totale giudizi", true: "Votes"}, "served": {false: "Contatti serviti", true: "Contacts served"}, "rate": {false: "Partecipazione %", true: "Participation %"},
	"waiting": {false: "Negativi: tempo di attesa", true: "Negative: waiting time"}, "operator": {false: "Negativi: cortesia o competenza", true: "Negative: courtesy or skill"},
	"come_back": {false: "Negativi: devo tornare", true: "Negative: have to come back"}, "outcome": {false: "Negativi: esito", true: "Negative: outcome"},
	"unclear": {false: "Negativi: informazioni poco chiare", true: "Negative: information unclear"}, "other": {false: "Negativi: altro", true: "Negative: other"},
	"few_reasons": {false: "Negativi: motivi dati da pochi", true: "Negative: reasons that few gave"},
	"":            {false: "Negativi: motivo non detto", true: "Negative: reason not said"},
	"counter":     {false: "Sportello", true: "Counter"}, "phone": {false: "Telefono", true: "Telephone"}, "web": {false: "Web", true: "Web"},
	"few": {false: "Altri servizi con pochi giudizi", true: "Other services with few votes"}, "total": {false: "Totale", true: "Total"},
}

// Table is the report as lines of cells, the first with the headings. A cell that
// is not told is empty.
func (r *MonthReport) Table(lang string) [][]any {
	word := func(w string) string { return reportWords[w][english(lang)] }
	head := []any{}
	for _, w := range []string{"municipality", "month", "channel", "service", "green", "yellow", "red", "votes", "served", "rate"} {
		head = append(head, word(w))
	}
	reasons := append(append([]string{}, VoteReasons...), Few+"_reasons", "")
	for _, w := range reasons {
		head = append(head, word(w))
	}
	out := [][]any{head}
	for _, row := range r.Rows {
		name := row.Name
		if row.Kind != "service" {
			name = word(row.Kind)
		}
		channel := ""
		if row.Channel != "" {
			channel = word(row.Channel)
		}
		line := []any{r.Municipality, r.Month, channel, name, row.Green, row.Yellow, row.Red, row.Votes()}
		if row.Served > 0 && row.Kind == "service" {
			line = append(line, row.Served, float64(int(1000*float64(row.Votes())/float64(row.Served)+0.5))/10)
		} else {
			line = append(line, nil, nil)
		}
		for _, w := range reasons {
			if row.Reasons == nil {
				line = append(line, nil)
				continue
			}
			if n, told := row.Reasons[strings.TrimSuffix(w, "_reasons")]; told {
				line = append(line, n)
			} else {
				line = append(line, nil)
			}
		}
		out = append(out, line)
	}
	return out
}

// CSV writes the report as Italian spreadsheets read it: with a mark of UTF-8, a
// semicolon between cells and a comma in numbers. A text that a spreadsheet would
// take for a formula gets an apostrophe.
func (r *MonthReport) CSV(lang string) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	for _, line := range r.Table(lang) {
		for i, cell := range line {
			if i > 0 {
				b.WriteByte(';')
			}
			switch x := cell.(type) {
			case string:
				b.WriteString(csvText(x))
			case int:
				b.WriteString(strconv.Itoa(x))
			case float64:
				b.WriteString(strings.Replace(strconv.FormatFloat(x, 'f', 1, 64), ".", ",", 1))
			}
		}
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

func csvText(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r") {
		s = "'" + s
	}
	if strings.ContainsAny(s, ";\"\r\n") {
		s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// XLSX writes the report as a sheet. Texts are texts there, whatever they begin
// with.
func (r *MonthReport) XLSX(lang string) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	const sheet = "Mettiamoci la faccia"
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return nil, fmt.Errorf("sheet of votes: %w", err)
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, fmt.Errorf("sheet of votes: %w", err)
	}
	table := r.Table(lang)
	for i, line := range table {
		if err := f.SetSheetRow(sheet, "A"+strconv.Itoa(i+1), &line); err != nil {
			return nil, fmt.Errorf("sheet of votes: %w", err)
		}
	}
	for _, step := range []func() error{
		func() error { return f.SetRowStyle(sheet, 1, 1, bold) },
		func() error { return f.SetColWidth(sheet, "A", "D", 28) },
		func() error {
			return f.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
		},
	} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("sheet of votes: %w", err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("sheet of votes: %w", err)
	}
	return b.Bytes(), nil
}
