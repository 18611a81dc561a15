package chat

import (
	"strconv"
	"strings"
	"time"

	"filodiretto/internal/clock"
)

// phrases are the bot's words in one language.
type phrases struct{ lang string }

// phrasesOf are Italian, and English for those whose client speaks another language.
func phrasesOf(lang string) phrases {
	if lang == "" || lang == "it" || strings.HasPrefix(lang, "it-") {
		return phrases{"it"}
	}
	return phrases{"en"}
}

// words are all texts: Italian, English. What stands in braces is filled in.
var words = map[string][2]string{
	"menu_number": {"Prendi un numero per lo sportello", "Take a number for the counter"},
	"menu_queue":  {"I tuoi numeri e quanto manca", "Your numbers and how long it takes"},

	"which_site":    {"Dove vuoi andare?", "Where do you want to go?"},
	"which_service": {"Per che cosa vieni?", "What do you come for?"},
	"which_errand":  {"Di preciso, che cosa ti serve? Così sai subito quali documenti portare.", "What exactly do you need? So you know at once what to bring."},
	"other_errand":  {"Altro", "Something else"},
	"back":          {"‹ Indietro", "‹ Back"},
	"again":         {"Riprova", "Try again"},
	"take":          {"Prendi il numero", "Take the number"},
	"take_one":      {"Prendi un numero", "Take a number"},
	"online":        {"Si può fare online", "Can be done on-line"},
	"bring":         {"Porta con te:", "Bring along:"},

	"ahead_none": {"Prima di te: nessuno", "Before you: nobody"},
	"ahead_one":  {"Prima di te: 1 persona", "Before you: 1 person"},
	"ahead_more": {"Prima di te: {count} persone", "Before you: {count} people"},

	"wait":           {"Attesa prevista: {range}", "Expected wait: {range}"},
	"between":        {"fra {low} e {high} minuti", "between {low} and {high} minutes"},
	"within":         {"entro {high} minuti", "within {high} minutes"},
	"wait_longer":    {"L'attesa si è allungata.", "The wait has become longer."},
	"wait_perhaps":   {"Potrebbe non bastare il tempo prima della chiusura.", "There may not be enough time before closing."},
	"wait_not_today": {"Difficilmente ci sarà tempo prima della chiusura: meglio un appuntamento.", "There will hardly be time before closing: better book an appointment."},

	"nobody":      {"Nessuno sportello è aperto per questo servizio: finché nessuno apre non sappiamo dirti quanto ci vuole.", "No counter is open for this service: until one opens we cannot tell how long it takes."},
	"nobody_from": {"Nessuno sportello è aperto per questo servizio: dovrebbe aprire alle {time}.", "No counter is open for this service: one should open at {time}."},
	"card_keep":   {"Il posto resta tuo.", "You keep your place."},

	"taken":      {"Fatto: il tuo numero è {ticket}.", "Done: your number is {ticket}."},
	"moved_down": {"Il numero {ticket} è qui sotto ↓", "Number {ticket} is further down ↓"},
	"no_numbers": {"Non hai numeri in attesa.", "You have no number waiting."},
	"no_sites":   {"Al momento non si prendono numeri da qui.", "Numbers are not given here at the moment."},

	"card_away":    {"Quando arrivi, scrivi qui il codice che vedi sul tabellone: solo chi è in sala viene chiamato.", "When you arrive, write here the code that the display shows: only who is in the room is called."},
	"card_later":   {"Ti aspettiamo dalle {time}: prima non ti chiamiamo.", "We expect you from {time}: you are not called before."},
	"card_pass":    {"Lasci passare: {count}", "You let go first: {count}"},
	"card_at":      {"Aggiornato alle {time}", "As of {time}"},
	"card_called":  {"Tocca a te: {counter}", "It is your turn: {counter}"},
	"card_serving": {"Sei allo sportello: {counter}", "You are at the counter: {counter}"},
	"card_held":    {"Resta nei pressi: lo sportello ti richiama.", "Stay near: the counter will call you again."},
	"card_office":  {"Se ne occupa ora l'ufficio. Ti scriviamo noi.", "The office deals with it now. We will write to you."},
	"card_done":    {"Visita conclusa. Grazie.", "Your visit is over. Thank you."},
	"card_missed":  {"Ti abbiamo chiamato e non ti abbiamo visto. Il numero non vale più.", "You were called and not seen. The number is good no more."},
	"card_left":    {"Hai rinunciato: il numero non vale più.", "You gave up: the number is good no more."},
	"card_over":    {"Il numero non vale più.", "The number is good no more."},

	"late":      {"Sono in ritardo", "I'm late"},
	"pass":      {"Fai passare {count}", "Let {count} go first"},
	"leave":     {"Rinuncio", "I give up"},
	"ask_late":  {"Di quanto sei in ritardo? Il posto ti resta.", "How late are you? You keep your place."},
	"minutes":   {"{minutes} minuti", "{minutes} minutes"},
	"ask_leave": {"Vuoi davvero rinunciare? Il posto si perde.", "Do you really give up? Your place is lost."},
	"leave_yes": {"Sì, rinuncio", "Yes, I give up"},
	"stay":      {"‹ No, resto in coda", "‹ No, I stay"},
	"come_back": {"Ci ho ripensato", "I changed my mind"},

	"did_pass":  {"Fatto: passano avanti in {count}.", "Done: {count} go first."},
	"did_late":  {"Fatto: ti aspettiamo dalle {time}.", "Done: we expect you from {time}."},
	"did_leave": {"Fatto.", "Done."},
	"did_back":  {"Bentornato in coda: il posto è quello di prima.", "You are back: your place is what it was."},
	"did_here":  {"Ora sappiamo che sei qui: puoi essere chiamato.", "Now we know that you are here: you can be called."},

	"code_nowhere":   {"Non c'è un numero che aspetta un codice. Per prenderne uno: /numero", "There is no number that waits for a code. To take one: /numero"},
	"code_late":      {"Il codice è arrivato troppo tardi. Scrivi quello che vedi ora sul tabellone.", "The code came too late. Write the one that the display shows now."},
	"too_late_press": {"È passato troppo tempo: non è stato fatto nulla. Guarda come sei messo con /coda", "Too much time has passed: nothing was done. See how things are with /coda"},
	"button_old":     {"Questo pulsante non vale più. Per ricominciare: /numero", "This button is good no more. To begin again: /numero"},
	"failed":         {"Qualcosa non ha funzionato e non è stato fatto nulla. Riprova con /numero, o chiedi allo sportello.", "Something went wrong and nothing was done. Try again with /numero, or ask at the counter."},

	"shut_until":   {"Ora è chiuso. Riapre {when}.", "It is shut now. It opens {when}."},
	"book_instead": {"Puoi prenotare un appuntamento: {link}", "You can book an appointment: {link}"},
	"today":        {"oggi alle {time}", "today at {time}"},
	"tomorrow":     {"domani alle {time}", "tomorrow at {time}"},
	"on_day":       {"il {day} alle {time}", "on {day} at {time}"},

	"fault_shut":            {"Ora è chiuso.", "It is shut now."},
	"fault_too_late":        {"La chiusura è vicina: per oggi non si danno altri numeri.", "It closes soon: no more numbers are given today."},
	"fault_day_ended":       {"Per oggi si è finito.", "The day has ended."},
	"fault_service_full":    {"Per oggi i posti di questo servizio sono finiti.", "This service has no more places today."},
	"fault_room_full":       {"La sala è piena: riprova fra poco.", "The room is full: try again soon."},
	"fault_already_waiting": {"Hai già un numero per questo servizio: eccolo.", "You have a number for this service already: here it is."},
	"fault_not_remote":      {"Per questo servizio il numero si prende solo in sede.", "For this service numbers are only given on site."},
	"fault_wrong_code":      {"Il codice non è quello del tabellone. Guarda e riscrivilo.", "The code is not the one on the display. Look and write it again."},
	"fault_too_many_tries":  {"Troppi tentativi: di' allo sportello che sei arrivato.", "Too many tries: tell the counter that you are here."},
	"fault_wrong_state":     {"Ora non si può più.", "This cannot be done any more."},
	"fault_undo_too_late":   {"È passato troppo tempo: prendi un altro numero con /numero", "Too much time has passed: take another number with /numero"},
	"fault_range":           {"Di più non si può.", "More is not possible."},
	"fault_other":           {"Ora non è possibile.", "This is not possible now."},
}

// text is a text with its values, given as name and value in turn.
func (p phrases) text(key string, pairs ...string) string {
	i := 0
	if p.lang != "it" {
		i = 1
	}
	s := words[key][i]
	for j := 0; j+1 < len(pairs); j += 2 {
		s = strings.ReplaceAll(s, "{"+pairs[j]+"}", pairs[j+1])
	}
	return s
}

// fault is the sentence for a refusal.
func (p phrases) fault(code string) string {
	if _, known := words["fault_"+code]; !known {
		code = "other"
	}
	return p.text("fault_" + code)
}

func (p phrases) ahead(n int) string {
	switch n {
	case 0:
		return p.text("ahead_none")
	case 1:
		return p.text("ahead_one")
	}
	return p.text("ahead_more", "count", strconv.Itoa(n))
}

func (p phrases) between(low, high int) string {
	if low <= 0 || low >= high {
		return p.text("within", "high", strconv.Itoa(max(1, high)))
	}
	return p.text("between", "low", strconv.Itoa(low), "high", strconv.Itoa(high))
}

func (p phrases) clock(at clock.Instant, zone *time.Location) string {
	return at.Time().In(zone).Format("15:04")
}

// when is an instant in the near future as people say it.
func (p phrases) when(at, now clock.Instant, zone *time.Location) string {
	t, today := at.Time().In(zone), now.Time().In(zone)
	time := p.clock(at, zone)
	switch {
	case t.Format("2006-01-02") == today.Format("2006-01-02"):
		return p.text("today", "time", time)
	case t.Format("2006-01-02") == today.AddDate(0, 0, 1).Format("2006-01-02"):
		return p.text("tomorrow", "time", time)
	}
	return p.text("on_day", "day", strconv.Itoa(t.Day())+"/"+strconv.Itoa(int(t.Month())), "time", time)
}
