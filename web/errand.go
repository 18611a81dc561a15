package web

import (
	"strings"

	"filodiretto/queue"
	"filodiretto/web/page"
)

// kioskErrands are what people come for, with what to bring; a service that is for
// nothing in particular has none.
func kioskErrands(sv *queue.Service) ([]page.KioskSheet, error) {
	var out []page.KioskSheet
	for _, e := range sv.Open() {
		sheet := page.KioskSheet{Key: e.Key, Names: page.Names(e.Names)}
		for i, it := range e.Documents["it"] {
			need := page.KioskNeed{Names: page.Names{"it": it}, If: onlyIf(it)}
			for lang, list := range e.Documents {
				if i < len(list) {
					need.Names[lang] = list[i]
				}
			}
			sheet.Needs = append(sheet.Needs, need)
		}
		if e.Online != "" {
			code, err := page.DrawQR(e.Online)
			if err != nil {
				return nil, err
			}
			sheet.Online = &page.KioskBook{URL: e.Online, QR: code}
		}
		out = append(out, sheet)
	}
	return out, nil
}

// onlyIf reports whether a document is needed in a certain case only: "Denuncia, se
// hai perso la carta".
func onlyIf(text string) bool {
	text = strings.ToLower(text)
	return strings.HasPrefix(text, "se ") || strings.Contains(text, ", se ")
}

// anyErrand is what somebody chooses who comes for none of the errands.
const anyErrand = "-"

// takeErrands are the errands of a service as the page shows them that gives numbers to
// telephones.
func takeErrands(sv *queue.Service, chosen string, lang page.Lang) []page.TakeErrand {
	var out []page.TakeErrand
	for _, e := range sv.Open() {
		out = append(out, page.TakeErrand{Key: e.Key, Name: e.Names.In(string(lang)), Bring: e.Documents.In(string(lang)), Online: e.Online, Chosen: e.Key == chosen})
	}
	return out
}

// deskErrand is why somebody is at the counter, with the documents of which one may be
// missing.
func deskErrand(h *queue.House, s *queue.Step, lang page.Lang) (name string, papers []string) {
	sv := h.Service(s.ServiceID)
	if sv == nil {
		return "", nil
	}
	e := sv.Errand(s.Errand)
	if e == nil {
		return "", nil
	}
	return e.Names.In(string(lang)), e.Documents.In(string(lang))
}
