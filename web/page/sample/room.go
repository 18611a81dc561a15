package sample

import "filodiretto/web/page"

func it(words string) page.Names { return page.Names{"it": words} }

func names(it, en, de, fr string) page.Names {
	return page.Names{"it": it, "en": en, "de": de, "fr": fr}
}

func mustQR(text string) page.QR {
	q, err := page.DrawQR(text)
	if err != nil {
		panic(err)
	}
	return q
}

func wait(low, high, ahead int) page.Wait {
	return page.Wait{Known: true, Low: low, High: high, Ahead: ahead}
}

func roomTime() page.RoomTime { return page.RoomTime{Now: page.Millis(Now), Offset: 60} }

// KioskState is the kiosk on a busy morning.
func KioskState() page.KioskState {
	book := &page.KioskBook{URL: "https://filo.comune.pontelieto.example/p/book/centro", QR: mustQR("https://filo.comune.pontelieto.example/p/book/centro")}
	one := func(id int64, series, icon string, n page.Names, w page.Wait) page.KioskGroup {
		return page.KioskGroup{ID: id, Series: series, Icon: icon, Names: n, Wait: w, Services: []page.KioskService{{ID: id, Names: n, Wait: w, Today: "yes", Book: book}}}
	}
	card := one(1, "A", "card", names("Carta d’identità", "Identity card", "Personalausweis", "Carte d’identité"), wait(10, 20, 4))
	card.Services[0].For = []page.KioskSheet{
		{Key: "cie-rilascio", Names: names("Carta d’identità elettronica", "Electronic identity card", "Elektronischer Personalausweis", "Carte d’identité électronique"), Needs: []page.KioskNeed{
			{Names: it("Una fototessera fatta da meno di 6 mesi")},
			{Names: it("La vecchia carta, oppure la denuncia di furto o smarrimento")},
			{Names: it("La tessera sanitaria")},
			{Names: it("22,20 euro, con carta o contanti"), Cost: true},
			{Names: it("Se è per un minorenne: lui, con i genitori o il loro assenso firmato"), If: true},
		}},
		{Key: "cie-smarrimento", Names: it("Carta persa o rubata"), Needs: []page.KioskNeed{{Names: it("La denuncia ai Carabinieri o alla Polizia")}, {Names: it("Una fototessera fatta da meno di 6 mesi")}}},
		{Key: "cie-pin", Names: it("Ho perso il PIN della carta")},
	}
	paper := one(2, "B", "paper", names("Certificati e residenza", "Certificates and residence", "Bescheinigungen und Wohnsitz", "Certificats et résidence"), wait(5, 10, 2))
	paper.Services = append(paper.Services,
		page.KioskService{ID: 21, Names: it("Cambio di residenza"), Wait: wait(15, 30, 5), Today: "perhaps", Book: book},
		page.KioskService{ID: 22, Names: it("Autentica di firma"), Wait: page.Wait{Ahead: 3}},
		page.KioskService{ID: 23, Names: it("Certificati storici"), Wait: wait(0, 5, 0), Full: true, Book: book})
	paper.Services[0].Names = it("Certificati di anagrafe")
	paper.Services[2].Wait.Nobody, paper.Services[2].Wait.From = true, page.Millis(At(17, 15, 0))
	paper.Wait = page.GroupWait([]page.Wait{paper.Services[0].Wait, paper.Services[1].Wait, paper.Services[2].Wait, paper.Services[3].Wait})
	return page.KioskState{
		RoomTime: roomTime(), Release: "1", Site: "Sportello polifunzionale", Address: "piazza del Ponte 1", Open: true,
		Shuts: page.Millis(At(17, 17, 0)), Printer: "none", CheckIn: true, Ahead: true,
		Lease: &page.KioskLease{Day: "2026-11-17", Letters: "K", Next: map[string]int64{"A": 1, "B": 1}, Until: page.Millis(At(17, 23, 59))},
		Groups: []page.KioskGroup{
			card, paper,
			one(3, "C", "rings", names("Nascite, matrimoni, decessi", "Births, marriages, deaths", "Geburten, Heiraten, Todesfälle", "Naissances, mariages, décès"), wait(0, 5, 0)),
			one(4, "D", "euro", names("Tributi e pagamenti", "Taxes and payments", "Steuern und Zahlungen", "Impôts et paiements"), wait(15, 25, 6)),
			one(5, "E", "book", names("Scuola, mensa, bus", "School, meals, bus", "Schule, Mensa, Bus", "École, cantine, bus"), wait(5, 10, 1)),
			one(6, "F", "house", names("Edilizia e suolo pubblico", "Building and public ground", "Bauen und öffentlicher Grund", "Construction et voirie"), wait(10, 15, 2)),
			one(7, "G", "heart", names("Sociale e famiglia", "Social services and family", "Soziales und Familie", "Social et famille"), wait(5, 10, 1)),
			one(8, "P", "help", names("Altro, o non so", "Other, or I do not know", "Anderes, oder ich weiß nicht", "Autre, ou je ne sais pas"), page.Wait{Ahead: 1}),
		},
	}
}

// Kiosk is the kiosk; text are the texts for its script.
func Kiosk(state page.KioskState, text map[page.Lang]map[string]page.Phrase) page.Kiosk {
	return page.Kiosk{
		Lang: page.Italian, Town: "Comune di Pontelieto", Site: state.Site,
		Boot: page.KioskBoot{Base: "/kiosk/centro", Town: "Comune di Pontelieto", Langs: page.RoomLangs, Texts: text, State: state, CodeLetters: "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", CodeLength: 6},
	}
}

// KioskTicket is a number that the kiosk was given.
func KioskTicket() page.KioskTicket {
	url := "https://filo.comune.pontelieto.example/p/t/Qm9uZ2lvcm5vIGE"
	return page.KioskTicket{ID: 131, Label: "A131", Service: names("Carta d’identità", "Identity card", "Personalausweis", "Carte d’identité"), Wait: wait(10, 20, 4), Today: "yes", URL: url, QR: mustQR(url)}
}

func call(id int64, label, desk string, minute int) page.DisplayCall {
	return page.DisplayCall{ID: id, Label: label, Place: page.PlaceOf(desk), At: page.Millis(At(17, 11, minute))}
}

// DisplayState is the display in the middle of a morning.
func DisplayState() page.DisplayState {
	return page.DisplayState{
		RoomTime: roomTime(), Release: "1", Title: "Sportello polifunzionale", Open: true, Code: "4821",
		Calls:    []page.DisplayCall{call(28, "A128", "Sportello 11", 12), call(27, "A127", "Sportello 4", 10), call(26, "C41", "Sportello 9", 8), call(25, "B66", "Sportello 7", 7), call(24, "A126", "Sportello 2", 1)},
		Announce: []page.DisplayCall{call(24, "A126", "Sportello 2", 1), call(25, "B66", "Sportello 7", 7), call(26, "C41", "Sportello 9", 8), call(27, "A127", "Sportello 4", 10), call(28, "A128", "Sportello 11", 12)},
		Next:     []string{"P19", "C42", "A129", "B67", "A130", "A131"}, Waiting: 14,
		Waits: []page.DisplayWait{
			{Names: names("Carta d’identità", "Identity card", "Personalausweis", "Carte d’identité"), Wait: wait(10, 20, 4)},
			{Names: names("Anagrafe e stato civile", "Registry and civil status", "Einwohner- und Standesamt", "État civil et population"), Wait: wait(45, 120, 2)},
			{Names: names("Tributi", "Taxes", "Steuern", "Impôts"), Wait: wait(15, 25, 6)},
		},
		Notices: []page.DisplayNotice{{Title: "Allerta arancione per temporali.", Text: "Dalle 14 il sottopasso di via Molini è chiuso."}, {Title: "Sabato 21", Text: "lo sportello chiude alle 11."}},
	}
}

// Display is the display; text are the texts for its script.
func Display(state page.DisplayState, text map[page.Lang]map[string]page.Phrase) page.Display {
	return page.Display{Lang: page.Italian, Town: "Comune di Pontelieto", Boot: page.DisplayBoot{
		Base: "/display/centro", Langs: []page.Lang{page.Italian, page.English}, Texts: text, Speak: true, Volume: 100, State: state,
	}}
}

// Ticket is a number on its holder's telephone, in the middle of the wait.
func Ticket() page.Ticket {
	return page.Ticket{
		RoomFrame: RoomFrame("/p/t/Qm9uZ2lvcm5v"), Label: "A131", Service: "Carta d’identità", URL: "https://filo.comune.pontelieto.example/p/t/Qm9uZ2lvcm5v", TakenAt: At(17, 10, 47), Address: "Piano terra, piazza del Ponte 1",
		State: page.TicketState{Phase: page.TicketWaiting, Wait: wait(10, 20, 4)}, Left: 6, Step: 3, Key: "k",
		Needs: []string{"Una fototessera fatta da meno di 6 mesi", "La vecchia carta, oppure la denuncia", "La tessera sanitaria", "22,20 euro"}, Kept: 83, BookURL: "/p/book/centro",
	}
}

// RoomFrame is what surrounds a page of the wait.
func RoomFrame(path string) page.RoomFrame {
	return page.RoomFrame{Lang: page.Italian, Town: "Comune di Pontelieto", Site: "Sportello polifunzionale", Path: path}
}

// Tickets is the page of a number in every phase and with every question.
func Tickets() map[string]page.View {
	out := map[string]page.View{}
	for _, p := range page.AllTicketPhases {
		t := Ticket()
		t.State.Phase = p
		switch p {
		case page.TicketCalled, page.TicketServing:
			place := page.PlaceOf("Sportello 4")
			t.State.Place, t.State.At, t.State.Times = &place, page.Millis(At(17, 11, 2)), 1
		case page.TicketLater:
			t.State.At = page.Millis(At(17, 11, 30))
		case page.TicketLeft:
			t.Undo = At(17, 11, 14)
		case page.TicketDone:
			t.VoteURL = "/p/vote/x"
		case page.TicketAway:
			t.State.Wait = page.Wait{Ahead: 12}
			t.Fault = "wrong_code"
		}
		out["ticket-"+string(p)] = t
	}
	alone := Ticket()
	alone.State.Wait = page.Wait{Ahead: 3, Nobody: true, From: page.Millis(At(17, 15, 0))}
	out["ticket-nobody"] = alone
	pass, leave, late, why := Ticket(), Ticket(), Ticket(), Ticket()
	pass.Done, leave.Ask, late.Ask, why.Ask = "pass", "leave", "late", "why"
	why.Others = []page.NotMe{{At: At(17, 11, 2), Place: "Sportello 4", Reason: "service"}, {At: At(17, 11, 8), Place: "Sportello 2", Reason: "wait"}}
	out["ticket-passed"], out["ticket-leave"], out["ticket-late"], out["ticket-why"] = pass, leave, late, why
	out["take"] = Take()
	shut := Take()
	shut.Open, shut.Opens, shut.Mine = false, At(18, 8, 15), ""
	out["take-shut"] = shut
	return out
}

// Take is the page that gives a number to a telephone.
func Take() page.Take {
	return page.Take{
		RoomFrame: RoomFrame("/p/take/centro"), Open: true, Fault: "wrong_code", Chosen: "2", Code: "1234", Mine: "B66", MineURL: "/p/t/x", BookURL: "/p/book/centro", Key: "k",
		Groups: []page.TakeGroup{
			{Name: "Anagrafe e stato civile", Services: []page.TakeService{
				{ID: "1", Name: "Carta d’identità", Wait: wait(10, 20, 4)}, {ID: "2", Name: "Certificati di anagrafe", Wait: page.Wait{Ahead: 1}}, {ID: "3", Name: "Cambio di residenza", Full: true},
			}},
			{Name: "Tributi", Services: []page.TakeService{{ID: "4", Name: "TARI (rifiuti)", Wait: page.Wait{Ahead: 2, Nobody: true}}}},
		},
	}
}

// Votes are the three faces, step by step.
func Votes() map[string]page.View {
	out := map[string]page.View{}
	for _, step := range []page.VoteStep{page.VoteFaces, page.VoteReason, page.VoteThanks, page.VoteOver, page.VoteWait} {
		out["vote-"+string(step)] = page.Vote{RoomFrame: RoomFrame("/p/vote/x"), Step: step, More: "x", About: "Sportello 4"}
	}
	return out
}
