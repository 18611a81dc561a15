package sample

import (
	"fmt"

	"filodiretto/web/page"
)

// Estimates is how the promised waits of a month were kept.
func Estimates() page.Estimates {
	out := page.Estimates{
		Shell: Shell(page.SectionQueue), Site: 1, Name: "Municipio", Text: "ultimi 28 giorni",
		Spans: []page.ReportSpan{{Name: "ultimi 7 giorni", URL: "/queue/1/estimates?days=7"}, {Name: "ultimi 28 giorni", URL: "/queue/1/estimates?days=28", Here: true}},
		Cards: []page.ReportCard{
			{Name: "Mantenute", Value: "83 %", Note: "attese almeno 80 %"},
			{Name: "Previsioni date", Value: "2148", Note: "una per numero"},
		},
	}
	part := page.ReportPart{Key: "e-by_hour", Title: "Per ora del giorno", Lead: "mantenute su 100", How: "Conta la prima previsione di ogni numero."}
	table := page.ReportTable{Name: part.Title, Head: []page.ReportCell{{Text: "Fascia"}, {Text: "Previsioni", Num: true}, {Text: "Mantenute", Num: true}}}
	var bars []page.Bar
	for i, kept := range []float64{91, 86, 82, 78, 81, 84} {
		name := fmt.Sprintf("ore %02d", 8+i)
		bars = append(bars, page.Bar{Name: name, Value: kept, Tip: fmt.Sprintf("%s: %.0f %%", name, kept), Mark: kept < 80})
		table.Rows = append(table.Rows, []page.ReportCell{{Text: name}, {Text: fmt.Sprint(240 + 31*i), Num: true}, {Text: fmt.Sprintf("%.0f %%", kept), Num: true, Bad: kept < 80}})
	}
	part.Chart, part.Tables = page.BarChart("c-by_hour", part.Title, "Un’asta per riga della tabella.", bars), []page.ReportTable{table}
	out.Parts = []page.ReportPart{part}
	return out
}

// EstimatesFew is a site that has seen too little to promise anything.
func EstimatesFew() page.Estimates {
	out := Estimates()
	out.Parts, out.Few = nil, "La sede ha osservato 12 attese: per mostrare una previsione ne servono 30."
	out.Cards = []page.ReportCard{{Name: "Mantenute", Value: "–", Note: "attese almeno 80 %"}}
	return out
}
