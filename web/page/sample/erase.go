package sample

import "filodiretto/web/page"

// Erase is the form that erases a message, as it is, with faults, and where it may not.
func Erase() map[string]page.View {
	form := page.Erase{
		Shell: Shell(page.SectionInbox), Action: "/messages/14/erase", BackURL: "/cases?case=2026-000142#e-14", Case: number, Channel: page.ChannelMail, By: "Lucia Ferrante", At: At(17, 9, 58),
		Subject: "Documenti di mio padre", Snippet: "Buongiorno, allego la cartella clinica…", Files: 2, Originals: 3, Versions: 1, Automatic: 1, Offices: []string{"Tributi", "Servizi sociali"},
		Reasons: []page.Choice{{Value: "asked", Label: "richiesta dell’interessato (GDPR art. 17)"}, {Value: "mistaken", Label: "mandato a noi per sbaglio, o dati di altri"}},
	}
	wrong := form
	wrong.Faults = []page.FieldFault{{Field: "reason", Key: "required"}, {Field: "words", Key: "required"}, {Field: "sure", Key: "sure_required"}}
	refused := form
	refused.Refused = "in_register"
	return map[string]page.View{"erase": form, "erase-faults": wrong, "erase-refused": refused}
}
