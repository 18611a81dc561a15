package reports

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Kind is what the cells of a column are.
type Kind int

// The kinds.
const (
	Text    Kind = iota // a string
	Count               // an int
	Minutes             // an int of seconds, -1 for none; written as minutes
	Share               // a float64 between 0 and 1, -1 for none; written as a percentage
	Mean                // a float64
)

// Column is a column of a sheet.
type Column struct {
	Name string // in words
	Kind Kind
}

// Sheet is a table of figures, for pages and for exports.
type Sheet struct {
	Key     string // of the address of its export
	Name    string // in words
	Columns []Column
	Rows    [][]any
}

// value is what of a cell is written: a string, an int, a float64 with at most two
// decimals, or nil.
func (c Column) value(cell any) any {
	switch x := cell.(type) {
	case int:
		switch {
		case c.Kind == Minutes && x < 0:
			return nil
		case c.Kind == Minutes:
			return round(float64(x)/60, 10)
		}
		return x
	case float64:
		switch {
		case c.Kind == Share && x < 0:
			return nil
		case c.Kind == Share:
			return round(100*x, 10)
		}
		return round(x, 100)
	}
	return cell
}

func round(x, by float64) float64 { return math.Round(x*by) / by }

// CSV writes the sheet as Italian spreadsheets read it: with a mark of UTF-8, a
// semicolon between cells and a comma in numbers. A text that a spreadsheet would
// take for a formula gets an apostrophe.
func (s *Sheet) CSV() []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	for i, c := range s.Columns {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteString(csvText(c.Name))
	}
	b.WriteString("\r\n")
	for _, row := range s.Rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte(';')
			}
			switch x := s.Columns[i].value(cell).(type) {
			case string:
				b.WriteString(csvText(x))
			case int:
				b.WriteString(strconv.Itoa(x))
			case float64:
				b.WriteString(strings.Replace(strconv.FormatFloat(x, 'f', -1, 64), ".", ",", 1))
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

// XLSX writes sheets into one workbook. Texts are texts there, whatever they begin
// with.
func XLSX(sheets ...*Sheet) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, fmt.Errorf("sheet of figures: %w", err)
	}
	for i, s := range sheets {
		if err := s.into(f, i, bold); err != nil {
			return nil, fmt.Errorf("sheet of figures: %w", err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("sheet of figures: %w", err)
	}
	return b.Bytes(), nil
}

// sheetName is a name that a workbook takes: 31 letters, and none of []:*?/\.
func (s *Sheet) sheetName() string {
	name := []rune(strings.NewReplacer("[", "(", "]", ")", ":", "", "*", "", "?", "", "/", "-", "\\", "-", "'", "’").Replace(s.Name))
	return string(name[:min(len(name), 31)])
}

func (s *Sheet) into(f *excelize.File, i, bold int) error {
	name := s.sheetName()
	if i == 0 {
		if err := f.SetSheetName("Sheet1", name); err != nil {
			return err
		}
	} else if _, err := f.NewSheet(name); err != nil {
		return err
	}
	head := make([]any, len(s.Columns))
	for j, c := range s.Columns {
		head[j] = c.Name
	}
	if err := f.SetSheetRow(name, "A1", &head); err != nil {
		return err
	}
	for n, row := range s.Rows {
		line := make([]any, len(row))
		for j, cell := range row {
			line[j] = s.Columns[j].value(cell)
		}
		if err := f.SetSheetRow(name, "A"+strconv.Itoa(n+2), &line); err != nil {
			return err
		}
	}
	last, err := excelize.ColumnNumberToName(max(1, len(s.Columns)))
	if err != nil {
		return err
	}
	if err := f.SetColWidth(name, "A", last, 16); err != nil {
		return err
	}
	if err := f.SetRowStyle(name, 1, 1, bold); err != nil {
		return err
	}
	return f.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}
