package sample

import (
	"strconv"

	"filodiretto/web/page"
)

// Reports is every page of figures by name.
func Reports() map[string]page.View {
	s := Shell(page.SectionReports)
	s.May.Reports = true
	figures := page.Reports{
		Shell: s, Filter: reportFilter(), Until: "Aggiornato alle 11:10.", Book: "/reports/export/all.xlsx",
		Cards: []page.ReportCard{
			{Name: "Visite", Value: "2.928", Note: "+1,3%"},
			{Name: "Attesa mediana", Value: "9 min", Note: "1 in meno", Level: page.LevelOK},
			{Name: "8 su 10 entro", Value: "27 min", Note: "2 in più", Level: page.LevelSoon},
			{Name: "Soddisfatti", Value: "86,0%", Note: "su 1.250 voti"},
		},
		Parts: reportParts(),
	}
	empty := page.Reports{Shell: s, Filter: reportFilter(), Empty: "span"}
	never := page.Reports{Shell: s, Filter: reportFilter(), Empty: "never"}
	faulty := WhatIf(s)
	faulty.Table, faulty.Says = nil, nil
	faulty.Counters[1].Hours, faulty.Counters[1].Fault = "8-25", true
	faulty.Faults = []page.FieldFault{{Field: "c_2", Text: "Scrivi le ore come 08:30-13:00, una fascia dopo l’altra."}}
	return map[string]page.View{
		"reports": figures, "reports-empty": empty, "reports-never": never, "whatif": WhatIf(s), "whatif-fault": faulty,
		"whatif-none": page.ReportWhatIf{Shell: s, None: "Non ci sono ancora giorni da rigiocare."},
	}
}

func reportFilter() page.ReportFilter {
	return page.ReportFilter{
		Action: "/reports", Sites: Offices()[:2], Services: Offices(), From: "2026-10-21", To: "2026-11-17", Most: "2026-11-17", Text: "dal 21 ott 2026 al 17 nov 2026",
		Spans: []page.ReportSpan{{Name: "Settimana", URL: "/reports?from=2026-11-11"}, {Name: "4 settimane", URL: "/reports", Here: true}},
	}
}

// reportTable has a row for each name, with made-up figures.
func reportTable(name string, rows ...string) page.ReportTable {
	t := page.ReportTable{Name: name, CSV: "/reports/export/x.csv", XLSX: "/reports/export/x.xlsx", Head: []page.ReportCell{{Text: "Voce"}, {Text: "Quanti", Num: true}, {Text: "8 su 10", Num: true}}}
	for i, r := range rows {
		t.Rows = append(t.Rows, []page.ReportCell{{Text: r}, {Text: strconv.Itoa(140 + 37*i), Num: true}, {Text: strconv.Itoa(20+7*i) + " min", Num: true, Bad: i == 2}})
	}
	return t
}

func reportParts() []page.ReportPart {
	services := []string{"Carta d’identità elettronica", "Certificati", "TARI (rifiuti)"}
	days := []string{"lun 16", "mar 17"}
	heat := &page.ReportHeat{Hours: []string{"8-9", "9-10", "10-11"}, Table: reportTable("Visite per giorno e ora", days...)}
	for i, day := range days {
		heat.Rows = append(heat.Rows, page.ReportHeatRow{Day: day, Total: "72", Cells: []page.ReportHeatCell{{Text: "12", Step: 1 + i}, {Text: "27", Step: 4}, {Text: "33", Step: 6, Peak: i == 0}}})
	}
	var bars []page.Bar
	var waits []page.RangeRow
	for i, name := range services {
		bars = append(bars, page.Bar{Name: strconv.Itoa(16 + i), Value: float64(120 + 30*i), Tip: name, Mark: i == 2})
		waits = append(waits, page.RangeRow{Name: name, P50: 8, P80: 21 + float64(7*i), P95: 50, Tip: name})
	}
	need := []page.NeedBar{{Name: "9", Open: 4, Need: 3.2, Tip: "ore 9"}, {Name: "10", Open: 4, Need: 5.1, Tip: "ore 10"}}
	return []page.ReportPart{
		{Key: "days", Title: "Visite nel tempo", Lead: "per giorno", How: "Ogni persona una volta.", Wide: true, Side: page.SideWide, Chart: page.BarChart("c-days", "Visite nel tempo", "Un’asta per giorno.", bars), Folded: []page.ReportTable{reportTable("Per giorno", days...), reportTable("Per sede", "Municipio")}},
		{Key: "heat", Title: "Visite per giorno e ora", Lead: "media per giorno di apertura", How: "Dalle visite dei giorni aperti.", Heat: heat},
		{Key: "waits", Title: "Attesa per servizio", Lead: "minuti", How: "Dalla prima volta che si può chiamare alla prima chiamata.", Side: page.SideRight, Chart: page.RangeChart("c-waits", "Attesa per servizio", "Mediana, 8 e 19 su 20.", [3]string{"mediana", "8 su 10", "19 su 20"}, waits), Tables: []page.ReportTable{reportTable("Attese", services...)}},
		{Key: "counters", Title: "Sportelli aperti e necessari", Lead: "in media", How: "Necessari per 4 su 5 entro 15 minuti.", Chart: page.NeedChart("c-need", "Sportelli", "Aperti e necessari per ora.", [2]string{"aperti", "necessari"}, need), Tables: []page.ReportTable{reportTable("Sportelli", "9-10", "10-11")}},
		{Key: "votes", Title: "Soddisfazione", Lead: "voti", How: "Meno di 5 voti non si mostrano.", Side: page.SideRight, Faces: &page.ReportFaces{
			Chart:  page.FaceChart("c-faces", "Soddisfazione", "Quota di ogni faccina.", []page.FaceShare{{Class: "ok", Share: "86%", Count: "1.075", Part: .86}, {Class: "mid", Share: "8%", Count: "100", Part: .08}, {Class: "bad", Share: "6%", Count: "75", Part: .06}}),
			Months: []page.ReportMonth{{Name: "ottobre 2026", CSV: "/reports/votes/2026-10.csv", XLSX: "/reports/votes/2026-10.xlsx"}},
		}},
		{Key: "advice", Title: "Consigli", Lead: "dai giorni rigiocati", Wide: true, Side: page.SideWide, Advice: reportAdvice()},
		{Key: "none", Title: "Senza voti", Lead: "voti", None: "Ci sono meno di 5 voti."},
	}
}

func reportAdvice() *page.ReportAdvice {
	return &page.ReportAdvice{
		Lead: "6 lunedì, dal 5 ott al 16 nov", Days: []page.ReportSpan{{Name: "tutti", URL: "/reports/advice"}, {Name: "lunedì", URL: "/reports/advice?weekday=1", Here: true}}, Table: reportTable("Che cosa cambierebbe", "10:30-12:00"),
		Lines: []page.ReportAdviceLine{{Text: "Un 4° sportello 10:30-12:00 porta gli 8 su 10 da 48 a 27 minuti.", More: true}, {Text: "Uno in meno 15:00-16:30 li lascia a 12 minuti."}},
	}
}

// WhatIf is a morning that was played again.
func WhatIf(s page.Shell) page.ReportWhatIf {
	table := reportTable("Che cosa sarebbe cambiato", "Tutti", "Appuntamento")
	return page.ReportWhatIf{
		Shell: s, Action: "/reports/whatif", Sites: Offices()[:2], Days: []page.Choice{{Value: "0", Label: "ultimi 6 giorni", Chosen: true}}, Rules: []page.Choice{{Value: "affine", Label: "punti che maturano (consigliata)", Chosen: true}},
		Classes: []page.ReportClass{{Key: "ordinary", Name: "Ordinario", Head: "0", Slope: "1"}, {Key: "protected", Name: "Precedenza", Head: "10", Slope: "4", Absolute: true}},
		Counters: []page.ReportCounter{
			{ID: 1, Name: "Sportello 1", Was: "Anagrafe e stato civile, aperto 08:15-12:47"}, {ID: 2, Name: "Sportello 2", Was: "Anagrafe e stato civile, chiuso", Hours: "10:30-12:00"},
		},
		Lead: "6 giorni, dal 10 al 17 nov", Table: &table, Says: []string{"Tutti: otto su dieci aspettano 27 minuti invece di 48."}, Command: "filodiretto simulate --site municipio",
	}
}
