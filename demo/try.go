package demo

import (
	"fmt"
	"net/url"
)

// trial is something worth trying in the room: where to open it and what to do there.
type trial struct {
	Title string
	Where string // the address
	Who   string // the login that it takes; empty for none
	Text  string
}

// trials are the ways through the queue of the town hall, as a visitor of the demo
// may go them: kiosk, display, telephone, counter, room, agenda, reports.
func trials(town, site, kiosk, display string) []trial {
	return []trial{
		{"Il totem", kiosk, "", "Tocca un servizio, guarda che cosa serve, prendi il numero. Il suo codice QR apre la pagina del numero sul telefono; un lettore USB o la fotocamera lo rilegge."},
		{"Il tabellone", display, "", "Chi è chiamato e dove, i prossimi, le attese. In alto c’è il codice che dice «sono qui»."},
		{"Il telefono", town + "/p/take/" + site, "", "Prendi un numero con il codice del tabellone: vedi il tuo posto dal vivo. «Avvisami quando tocca a me», «Sono in ritardo», «Lascio passare». Con Lucia, su Telegram, scrivi /numero."},
		{"Lo sportello", town + "/counter", "nadia", "Siediti a uno sportello libero e chiama con N, comincia con S, concludi con F. Perché proprio quel numero? La pagina lo spiega."},
		{"La sala", town + "/queue", "davide", "Chi aspetta, da quando e fino a quando, e i servizi che nessuno sportello aperto fa."},
		{"L’agenda", town + "/agenda", "giulia", "Prenota come cittadino su " + town + "/p/book, poi fai il check-in: con il codice al totem, o all’accoglienza."},
		{"I rapporti", town + "/reports", "paolo", "Le visite e le attese per fascia oraria, quanti sportelli servono, e «che cosa sarebbe successo se» con le giornate vere."},
	}
}

// letterTrials are what is worth a look among the letters: of whom nobody knows who
// wrote, and of which nobody knows whether they arrived. All may be opened by giulia.
func letterTrials(town string) []trial {
	found := func(words string) string { return town + "/search?q=" + url.QueryEscape(words) }
	return []trial{
		{"La PEC che nessuno prova", town + "/quarantine?why=pec_not_proven", "giulia", "È passata per una lista, la firma del gestore non vale più: aspetta che qualcuno decida. Di un’altra il gestore non dice chi l’ha scritta."},
		{"La stessa lettera per due vie", found(bothWaysSubject), "giulia", "Prima per posta ordinaria, poi come PEC, con le stesse parole: una pratica sola, e fa fede la PEC."},
		{"Una PEC in una casella ordinaria", found(toOrdinarySubject), "giulia", "È aperta come PEC: mittente e ora sono certificati, e si può rispondere per PEC o dalla casella a cui è arrivata."},
		{"La stessa mail a due uffici", town + "/cases?view=copied", "giulia", "È arrivata prima ai Tributi, poi all’URP: una pratica sola, dei Tributi, che l’URP ritrova in «Arrivate anche a noi»."},
		{"La stessa mail con altre parole", found(sentAgainSubject), "giulia", "Due mail con lo stesso identificativo e un testo diverso: restano tutte e due, e la seconda avvisa e porta alla prima."},
		{"L’avviso che non prova niente", town + "/cases?view=failed", "giulia", "Un avviso dice che una risposta non è arrivata, ma potrebbe averlo scritto chiunque: è un dubbio, si chiede conferma o si segna come arrivata."},
		{"Chi scrive a nome di un altro", found("Nuovo IBAN"), "giulia", "Il nostro server di posta non conferma il mittente: una pratica a sé, con un riquadro, e la pratica vera non ne sa nulla."},
	}
}

// trials of the town hall's own room.
func (d *Demo) trials() []trial {
	return trials("http://"+d.Addr(), d.hall.site.Key, d.KioskURL(), d.DisplayURL())
}

// roomRecipe are the trials, a line each.
func (d *Demo) roomRecipe() []string {
	var out []string
	for _, x := range d.trials() {
		where := x.Where
		if x.Who != "" {
			where = fmt.Sprintf("%s, come %s", where, x.Who)
		}
		out = append(out, fmt.Sprintf("%s (%s): %s", x.Title, where, x.Text))
	}
	return out
}
