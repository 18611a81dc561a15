package sample

import "filodiretto/web/page"

// QueueAdmin is every page of the set-up of sites by name.
func QueueAdmin() map[string]page.View {
	s := Shell(page.SectionAdmin)
	cells := func(names ...string) []page.QueueField {
		var out []page.QueueField
		for _, n := range names {
			out = append(out, page.QueueField{Name: n, Kind: page.FieldTime, Value: "08:30"})
		}
		return out
	}
	return map[string]page.View{
		"admin-queue-none": page.QueueSites{Shell: s},
		"admin-queue": page.QueueSites{Shell: s, Sites: []page.QueueSiteLine{
			{ID: 1, Name: "Municipio", Address: "Piazza Garibaldi 1", Rule: "Attesa pesata", Services: 14, Counters: 9},
			{ID: 2, Name: "Delegazione San Rocco", Rule: "Chi arriva prima", Services: 1, Counters: 1},
		}},
		"admin-queue-site": page.QueueSite{Shell: s, ID: 1, Name: "Municipio", Address: "Piazza Garibaldi 1", Facts: []string{"Attesa pesata", "La giornata finisce 120 minuti dopo la chiusura."}, Parts: []page.QueuePart{
			{Name: "hours", Edit: "/admin/queue/1/hours", Rows: []page.QueueRow{{Title: "lunedì", Facts: "08:30–12:30, 14:30–17:00"}, {Title: "domenica", Facts: "chiuso"}}},
			{Name: "days", New: "/admin/queue/1/days/new", Rows: []page.QueueRow{{Title: "lunedì 7 dic 2026", Facts: "chiuso · ponte", End: "/admin/queue/1/days/2026-12-07/drop", How: "day"}}},
			{Name: "groups", New: "/admin/queue/1/groups/new", Rows: []page.QueueRow{{Title: "Anagrafe", Tag: "serie A", URL: "/admin/queue/1/groups/1"}}},
			{Name: "services", New: "/admin/queue/1/services/new", Rows: []page.QueueRow{{Title: "Carta d’identità elettronica", Tag: "A", Facts: "15 minuti · Anagrafe · al totem", URL: "/admin/queue/1/services/1", End: "/admin/queue/1/services/1/end", How: "service"}}},
			{Name: "classes", New: "/admin/queue/1/classes/new", Rows: []page.QueueRow{{Title: "Appuntamento", Facts: "vale 25 minuti di attesa · matura 2 volte più in fretta", URL: "/admin/queue/1/classes/2"}}},
			{Name: "counters", New: "/admin/queue/1/counters/new"},
			{Name: "devices", New: "/admin/queue/1/devices/new", Rows: []page.QueueRow{{Title: "Totem ingresso", Tag: "Totem", Facts: "visto oggi alle 11:11", URL: "/admin/queue/1/devices/1", End: "/admin/queue/1/devices/1/revoke", How: "device"}}},
		}},
		"admin-queue-settings": page.QueueForm{
			Shell: s, Part: "settings", Site: "Municipio", Back: "/admin/queue/1", Action: "/admin/queue/1/settings", Version: 7,
			Fields: []page.QueueField{
				{Name: "name", Kind: page.FieldText, Value: "Municipio"},
				{Name: "key", Kind: page.FieldText, Value: "centro", ReadOnly: true},
				{Name: "rule", Kind: page.FieldSelect, Choices: []page.Choice{{Value: "affine", Label: "Attesa pesata", Chosen: true}}},
				{Name: "last_min", Kind: page.FieldNumber, Value: "dieci"},
				{Name: "patron", Kind: page.FieldText, Optional: true},
				{Name: "langs", Kind: page.FieldChecks, Choices: []page.Choice{{Value: "it", Label: "italiano", Chosen: true}, {Value: "en", Label: "inglese"}}},
			},
			Faults: []page.FieldFault{{Field: "last_min", Key: "queue_whole"}, {Field: "langs", Key: "queue_langs_required"}},
		},
		"admin-queue-day": page.QueueForm{
			Shell: s, Part: "day", Site: "Municipio", Back: "/admin/queue/1", Action: "/admin/queue/1/days/new",
			Fields: []page.QueueField{
				{Name: "day", Kind: page.FieldDate, Value: "2026-12-07"},
				{Name: "hours", Text: "day_hours", Kind: page.FieldGrid, Columns: []string{"from", "to", "from", "to"}, Rows: []page.QueueFieldRow{{Label: "Quel giorno", Cells: cells("a", "b", "c", "d")}}},
			},
		},
		"admin-queue-counter": page.QueueForm{
			Shell: s, Part: "counter", Site: "Municipio", Back: "/admin/queue/1", Action: "/admin/queue/1/counters/3",
			Fields: []page.QueueField{
				{Name: "name", Text: "counter_name", Kind: page.FieldText, Value: "Sportello 3"},
				{Name: "skills", Kind: page.FieldGrid, Columns: []string{"does", "handicap"}, Rows: []page.QueueFieldRow{{Label: "Certificati", Cells: []page.QueueField{{Name: "skill_1", Kind: page.FieldCheck, Chosen: true}, {Name: "back_1", Kind: page.FieldNumber, Value: "0"}}}}},
				{Name: "shifts", Kind: page.FieldGrid, Columns: []string{"open", "break"}, Rows: []page.QueueFieldRow{{Label: "lunedì", Cells: []page.QueueField{{Name: "open_1", Kind: page.FieldText, Value: "08:30-12:30"}, {Name: "break_1", Kind: page.FieldText}}}}},
			},
			Faults: []page.FieldFault{{Field: "shifts", Key: "queue_shifts_range"}},
		},
		"admin-queue-class": page.QueueForm{
			Shell: s, Part: "class", Site: "Municipio", Back: "/admin/queue/1", Action: "/admin/queue/1/classes/3",
			Fields: []page.QueueField{
				{Name: "name_it", Kind: page.FieldText, Value: "Precedenza"},
				{Name: "head_min", Kind: page.FieldNumber, Value: "10"},
				{Name: "slope", Kind: page.FieldNumber, Value: "4"},
				{Name: "absolute", Kind: page.FieldCheck},
				{Name: "kiosk", Text: "class_kiosk", Kind: page.FieldCheck, Chosen: true},
			},
		},
		"admin-queue-kiosk":   deviceForm("kiosk"),
		"admin-queue-display": deviceForm("display"),
		"admin-queue-device":  page.QueueDeviceMade{Shell: s, Site: "Municipio", Name: "Totem ingresso", Kind: "kiosk", URL: "https://filo.comune.pontelieto.example/kiosk/centro?token=7Q4M2X9K7Q4M2X9K7Q4M2X9K7Q4M2X9K", Back: "/admin/queue/1"},
	}
}

// deviceForm is what a device may be told, by its kind.
func deviceForm(kind string) page.QueueForm {
	langs := page.QueueField{Name: "langs", Text: "device_langs", Kind: page.FieldChecks, Choices: []page.Choice{{Value: "it", Label: "italiano", Chosen: true}, {Value: "en", Label: "inglese"}}}
	out := page.QueueForm{
		Shell: Shell(page.SectionAdmin), Part: "device", Site: "Municipio", Back: "/admin/queue/1", Action: "/admin/queue/1/devices/1",
		Fields: []page.QueueField{{Name: "name", Text: "device_name", Kind: page.FieldText, Value: "Ingresso"}},
	}
	if kind == "kiosk" {
		out.Try = "/admin/queue/1/devices/1/try"
		out.Fields = append(out.Fields,
			page.QueueField{Name: "paper", Text: "device_paper", Kind: page.FieldSelect, Choices: []page.Choice{{Value: "server", Label: "stampante in rete", Chosen: true}, {Value: "browser", Label: "dal browser"}}},
			page.QueueField{Name: "printer", Text: "device_printer", Kind: page.FieldText, Value: "10.0.0.21:9100", Optional: true}, page.QueueField{Name: "narrow", Text: "device_narrow", Kind: page.FieldCheck, Chosen: true}, langs)
		return out
	}
	notices := page.QueueField{Name: "notices", Text: "device_notices", Kind: page.FieldGrid, Columns: []string{"notice_title", "notice_text"}, Rows: []page.QueueFieldRow{
		{Label: "1", Cells: []page.QueueField{{Name: "title0", Kind: page.FieldText, Value: "Domani"}, {Name: "text0", Kind: page.FieldText, Value: "Chiuso dalle 12 per assemblea."}}},
	}}
	out.Fields = append(out.Fields, page.QueueField{Name: "speaks", Text: "device_speaks", Kind: page.FieldCheck, Chosen: true}, page.QueueField{Name: "volume", Text: "device_volume", Kind: page.FieldNumber, Value: "80"}, langs, notices)
	return out
}
