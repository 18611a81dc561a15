package demo

import (
	"context"
	"time"
)

// copyStory is a letter of the last hours that is in several hands, or that has the id of
// another one: the same mail to several mailboxes of the town, and the mail that somebody
// sends once more with other words.
type copyStory struct {
	ago           time.Duration // how long before now it came to the first mailbox
	id            string
	name, from    string
	to, cc        string // as written; cc may be empty
	boxes         []string
	subject, text string
}

// sentAgainSubject is that by which the letter is found that came twice with other words.
const sentAgainSubject = "Passo carraio in via Verdi 18"

var copyStories = []copyStory{
	{
		ago: 100 * time.Minute, id: "demo-due-uffici@posta.example", name: "Antonella Ferri", from: "antonella.ferri@posta.example", to: tributiBox, cc: urpBox,
		boxes: []string{tributiBox, urpBox}, subject: "Avviso TARI pagato due volte",
		text: "Buongiorno,\n\nho pagato due volte la seconda rata della TARI, il 2 e il 9 novembre. Non so a chi devo scrivere per il rimborso, quindi lo mando a tutti e due.\n\nAntonella Ferri",
	},
	{
		ago: 85 * time.Minute, id: "demo-nascosta@posta.example", name: "Sergio Monti", from: "sergio.monti@posta.example", to: urpBox,
		boxes: []string{urpBox, tributiBox}, subject: "Telefono dell’ufficio sempre occupato",
		text: "Buongiorno,\n\nda tre giorni provo a chiamare l’ufficio tributi e non risponde nessuno. Mi dite quando posso venire?\n\nSergio Monti",
	},
	{
		ago: 65 * time.Minute, id: "demo-rimandata@posta.example", name: "Stefano Greco", from: "stefano.greco@posta.example", to: urpBox,
		boxes: []string{urpBox}, subject: sentAgainSubject,
		text: "Buongiorno,\n\nchiedo il passo carraio per l’ingresso di via Verdi 18, largo tre metri.\n\nStefano Greco",
	},
	{
		ago: 40 * time.Minute, id: "demo-rimandata@posta.example", name: "Stefano Greco", from: "stefano.greco@posta.example", to: urpBox,
		boxes: []string{urpBox}, subject: sentAgainSubject,
		text: "Buongiorno,\n\nchiedo il passo carraio per l’ingresso di via Verdi 18, largo quattro metri e mezzo.\n\nStefano Greco",
	},
}

// planCopies tells these letters; nobody answers them, so that whoever tries the demo may.
func (h *history) planCopies() {
	for _, x := range copyStories {
		at := h.until.Add(-x.ago)
		for i, box := range x.boxes { // the second mailbox is read a little later
			h.agenda.plan(at.Add(time.Duration(i)*4*time.Minute), func(context.Context) error {
				l := letter{From: x.from, Name: x.name, To: x.to, Cc: x.cc, Box: box, Subject: x.subject, Text: x.text, ID: x.id, At: at}
				return h.office.deliver(box, l.write())
			})
		}
	}
}
