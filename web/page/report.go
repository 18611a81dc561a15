package page

import "html/template"

// Reports is the page of the figures of the rooms.
type Reports struct {
	Shell
	Filter ReportFilter
	// Empty is "never" when nothing was ever counted, "span" when nobody came in the
	// days that were asked for, else empty.
	Empty string
	Until string // up to when the figures go, in words
	Cards []ReportCard
	Parts []ReportPart
	Book  string // address of all tables as one workbook
}

// ReportFilter is what the figures are asked for.
type ReportFilter struct {
	Action         string // of the form
	Sites          []Choice
	Services       []Choice
	From, To, Most string // days; Most is today
	Spans          []ReportSpan
	Text           string // the span in words
}

// ReportSpan is a span of days that is one click away.
type ReportSpan struct {
	Name string // in words
	URL  string
	Here bool
}

// ReportCard is one figure at the top.
type ReportCard struct {
	Name, Value, Note string // in words
	Level             Level  // of the note
}

// ReportPart is a figure with its chart and the same data as a table.
type ReportPart struct {
	Key    string
	Title  string // in words
	Lead   string // in words; what it is measured in
	How    string // in words; how it is computed
	Heat   *ReportHeat
	Chart  template.HTML // made by the functions of chart.go
	Faces  *ReportFaces
	Tables []ReportTable
	Folded []ReportTable // that are one click away
	None   string        // in words; shown instead when there is nothing
	Side   Side
	Wide   bool // over both columns, where parts follow each other
	Advice *ReportAdvice
	Load   string // address of a fragment that is fetched when the page is there
}

// Side is where a part stands on a wide screen.
type Side string

// The sides.
const (
	SideLeft  Side = ""
	SideRight Side = "right"
	SideWide  Side = "wide"
)

// On are the parts of a side.
func (r Reports) On(side Side) []ReportPart {
	var out []ReportPart
	for _, p := range r.Parts {
		if p.Side == side {
			out = append(out, p)
		}
	}
	return out
}

// ReportTable is a table of figures.
type ReportTable struct {
	Name   string // in words
	Head   []ReportCell
	Rows   [][]ReportCell // the first cell of each is its heading
	CSV    string         // address of the export; empty for none
	XLSX   string
	Hidden bool // its name is shown already
}

// ReportCell is a cell, in words.
type ReportCell struct {
	Text string
	Num  bool
	Bad  bool
}

// ReportHeat are visits by weekday and hour. It is a table that is its own chart.
type ReportHeat struct {
	Hours []string
	Rows  []ReportHeatRow
	Table ReportTable // for the exports
}

// ReportHeatRow is a weekday.
type ReportHeatRow struct {
	Day   string
	Cells []ReportHeatCell
	Total string
}

// ReportHeatCell is an hour of a weekday; Step is 0 for nobody, 1 to 6 for more and more.
type ReportHeatCell struct {
	Text string
	Step int
	Peak bool
}

// ReportFaces is how people voted.
type ReportFaces struct {
	Chart  template.HTML
	Months []ReportMonth
}

// ReportMonth is a month whose votes can be exported.
type ReportMonth struct {
	Name      string // in words
	CSV, XLSX string
}

// ReportAdvice is the fragment with the advice on counters.
type ReportAdvice struct {
	Lead  string // in words: which days were played again
	Lines []ReportAdviceLine
	Table ReportTable
	None  string // in words
	Days  []ReportSpan
}

// ReportAdviceLine is a sentence of advice.
type ReportAdviceLine struct {
	Text string // in words
	More bool   // a counter more; else one fewer
}

func (Reports) template() string      { return "reports" }
func (ReportAdvice) template() string { return "report-advice" }
func (ReportWhatIf) template() string { return "report-whatif" }

// ReportWhatIf is the page on which a site's own days are played again.
type ReportWhatIf struct {
	Shell
	Action   string
	Sites    []Choice
	Days     []Choice // which days: weekdays, or the last ones
	Rules    []Choice
	Classes  []ReportClass
	Counters []ReportCounter
	Faults   []FieldFault
	Lead     string // in words: which days were played
	Table    *ReportTable
	Chart    template.HTML
	Says     []string // in words: what would have changed
	None     string   // in words
	Command  string   // the same on the command line
}

// ReportClass is a class of precedence in the form.
type ReportClass struct {
	Key, Name   string
	Head, Slope string
	Absolute    bool
}

// ReportCounter is a counter in the form. Hours is as on those days, closed, or hours
// written as "08:30-13:00".
type ReportCounter struct {
	ID    int64
	Name  string
	Was   string // in words: when it was open on the newest of the days
	Hours string
	Fault bool
}
