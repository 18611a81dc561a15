package sample

import (
	"strconv"

	"filodiretto/web/page"
)

func bookSite() page.Site {
	s := Site()
	s.Path = "/p/book/centro"
	return s
}

var bookNeeds = []string{"Una fototessera fatta da meno di 6 mesi", "La vecchia carta, oppure la denuncia", "La tessera sanitaria", "22,20 euro"}

const bookPlace = "Sportello polifunzionale, piazza del Ponte 1"

// Bookings are the pages of appointments, step by step.
func Bookings() map[string]page.View {
	out := map[string]page.View{
		"book-sites": page.BookStart{Site: bookSite(), Groups: []page.BookGroup{
			{Name: "Sportello polifunzionale", Hint: "piazza del Ponte 1", Lines: []page.BookLine{{Name: "Carta d’identità e altri 5 servizi", URL: "/p/book/centro"}}},
			{Name: "Sportello di Borgo Lieto", Hint: "via Roma 40", Lines: []page.BookLine{{Name: "Certificati di anagrafe", URL: "/p/book/borgo"}}},
		}},
		"book-services": page.BookStart{Site: bookSite(), Place: bookPlace, Groups: []page.BookGroup{
			{Name: "Carta d’identità", Lines: []page.BookLine{{Name: "Carta d’identità elettronica", URL: "/p/book/centro/carta", First: At(18, 9, 30)}, {Name: "Ritiro del PIN", URL: "/x", First: At(17, 15, 30)}}},
			{Name: "Tributi", Lines: []page.BookLine{{Name: "TARI, conteggi e rimborsi", URL: "/x"}}},
		}},
		"book-form":  BookForm(),
		"book-asked": page.BookAsked{Site: bookSite(), Email: "lucia.ferrante@posta.example", When: At(18, 9, 30), Until: At(17, 12, 12), Told: true},
	}
	slots := page.BookSlots{Site: bookSite(), Place: bookPlace, Service: "Carta d’identità elettronica", Back: "/p/book/centro", Path: "/p/book/centro/carta", Key: "k", Documents: bookNeeds, Later: "/p/book/centro/carta?from=2026-11-24"}
	for day := 18; day < 21; day++ {
		d := page.BookDay{At: At(day, 8, 0)}
		for i := range 3 + (day*5)%11 {
			at := At(day, 8+(i+1)/2, 30*((i+1)%2))
			d.Times = append(d.Times, page.BookTime{At: at, Value: strconv.FormatInt(int64(at), 10), Free: 1 + i%3})
		}
		slots.Days = append(slots.Days, d)
	}
	out["book-slots"] = slots
	slots.Moving, slots.Fault = At(19, 11, 0), "slot_full"
	out["book-move"] = slots
	none := slots
	none.Days = nil
	out["book-none"] = none
	faults := BookForm()
	faults.Person, faults.Email = "", "lucia@"
	faults.Faults = []page.FieldFault{{Field: "person", Key: "person"}, {Field: "email", Key: "email"}}
	out["book-faults"] = faults
	for _, step := range []page.BookStep{page.BookSee, page.BookConfirm, page.BookCancel, page.BookOffer, page.BookLeave, page.BookOver, page.BookCancelled, page.BookLeft, page.BookRefused} {
		a := BookAppointment()
		a.Step = step
		out["book-"+string(step)] = a
	}
	today := BookAppointment()
	today.When, today.End, today.Today, today.MayChange, today.FromDay, today.Done = At(17, 11, 30), At(17, 11, 45), true, false, "", ""
	out["book-today"] = today
	return out
}

// BookForm is the form of somebody whose place is kept.
func BookForm() page.BookForm {
	return page.BookForm{
		Site: bookSite(), Path: "/p/book/hold/1", Place: bookPlace, Service: "Carta d’identità elettronica", When: At(18, 9, 30), Until: At(17, 11, 22), Seconds: 600,
		Back: "/p/book/centro/carta", Person: "Lucia Ferrante", Email: "lucia.ferrante@posta.example", Documents: bookNeeds, Key: "k",
		Procedure: []page.Choice{{Value: "a", Label: "Rilascio o rinnovo", Chosen: true}, {Value: "b", Label: "Carta persa o rubata"}},
	}
}

// BookAppointment is an appointment as its link shows it.
func BookAppointment() page.BookAppointment {
	return page.BookAppointment{
		Site: bookSite(), Path: "/p/appointment/x", Step: page.BookSee, Place: bookPlace, Service: "Carta d’identità elettronica", Person: "Lucia Ferrante",
		When: At(24, 9, 30), End: At(24, 9, 45), Code: "K7MXQ2", Documents: bookNeeds, MayChange: true, Until: At(17, 12, 12), Done: "booked", BookURL: "/p/book", Key: "k",
		FromDay: "2026-11-18", ToDay: "2026-11-23",
	}
}
