package seed

// What staff writes: enough of it that two answers are seldom alike.
var (
	openings     = []string{"Buongiorno,", "Gentile cittadina, gentile cittadino,", "Buonasera,", "Salve,"}
	acknowledges = []string{
		"abbiamo ricevuto la sua segnalazione e l'abbiamo trasmessa alla squadra di manutenzione.",
		"la sua richiesta è stata presa in carico dall'ufficio competente.",
		"abbiamo verificato quanto ci scrive e la ringraziamo per la pazienza.",
		"l'importo indicato nel bollettino è stato ricalcolato sui metri quadri corretti.",
		"il sopralluogo è stato fatto ieri mattina insieme alla polizia locale.",
		"il certificato può essere scaricato anche dal portale dell'anagrafe nazionale.",
	}
	details = []string{
		"Per completare la pratica servono una copia del documento e il modulo firmato.",
		"L'intervento è previsto entro dieci giorni lavorativi, salvo maltempo.",
		"Può presentarsi allo sportello il martedì e il giovedì pomeriggio, anche senza appuntamento.",
		"Se desidera la riduzione, alleghi la dichiarazione di residenza e lo stato di famiglia.",
		"La ditta che raccoglie i rifiuti ingombranti passa il primo lunedì del mese.",
		"Le ricordiamo che la graduatoria dell'asilo nido sarà pubblicata a giugno.",
	}
	goodbyes     = []string{"Cordiali saluti", "Distinti saluti", "Restiamo a disposizione. Cordiali saluti", "Un cordiale saluto"}
	notesOfStaff = []string{
		"Sentito il cantiere: passano domani.", "Manca la firma sul modulo, richiamare dopo le dieci.", "Verificato in anagrafe: la residenza è corretta.",
		"Chiesto un parere ai lavori pubblici.", "Il signore ha telefonato ancora, è molto seccato.", "Pratica gemella di quella del vicino, trattare insieme.",
	}
)

func (l *life) pick(from []string) string { return from[l.chance.IntN(len(from))] }

// reply is an answer to the citizen of a story.
func (l *life) reply(s *story) string {
	return l.pick(openings) + "\n\n" + s.last.Subject + ": " + l.pick(acknowledges) + "\n" + l.pick(details) + "\n\n" + l.pick(goodbyes) + "\n"
}
