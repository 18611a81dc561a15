package inbox

import "filodiretto/internal/textfold"

// SearchChoices are the values of the search box's operators that are the same
// in every town, with the spellings that people use. Offices, people and
// procedures are added by who knows them.
func SearchChoices() map[textfold.Op][]textfold.Choice {
	return map[textfold.Op][]textfold.Choice{
		textfold.OpKind: searchKinds, textfold.OpStatus: searchStates, textfold.OpChannel: searchChannels,
	}
}

var searchKinds = []textfold.Choice{
	{Value: string(Information), It: []string{"informazione", "informazioni", "info"}, En: []string{"information"}},
	{Value: string(Request), It: []string{"richiesta", "richieste", "domanda", "istanza"}, En: []string{"request", "requests"}},
	{Value: string(Report), It: []string{"segnalazione", "segnalazioni"}, En: []string{"report", "reports"}},
	{Value: string(Complaint), It: []string{"reclamo", "reclami"}, En: []string{"complaint", "complaints"}},
	{Value: string(Suggestion), It: []string{"suggerimento", "suggerimenti", "proposta"}, En: []string{"suggestion", "suggestions"}},
	{Value: string(Thanks), It: []string{"ringraziamento", "ringraziamenti", "elogio", "grazie"}, En: []string{"thanks"}},
	{Value: string(RecordsAccess), It: []string{"accesso agli atti", "accesso"}, En: []string{"records access", "access"}},
}

// What "stato:" finds beside the states of a case.
const (
	stateMerged  = "merged"
	stateUnread  = "unread"
	stateFailed  = "failed"
	stateOverdue = "overdue"
)

var searchStates = []textfold.Choice{
	{Value: string(Open), It: []string{"aperta", "aperto", "aperte", "aperti"}, En: []string{"open"}},
	{Value: string(Waiting), It: []string{"in attesa", "attesa", "in attesa del cittadino"}, En: []string{"waiting", "waiting for citizen"}},
	{Value: string(Snoozed), It: []string{"posticipata", "posticipato", "posticipate", "rimandata", "rinviata", "sospesa"}, En: []string{"snoozed", "postponed"}},
	{Value: string(Closed), It: []string{"chiusa", "chiuso", "chiuse", "chiusi", "conclusa", "risolta"}, En: []string{"closed", "solved", "resolved"}},
	{Value: stateMerged, It: []string{"unita", "unite"}, En: []string{"merged"}},
	{Value: stateUnread, It: []string{"non letta", "non lette", "da leggere", "nuova", "nuove"}, En: []string{"unread", "new"}},
	{Value: stateFailed, It: []string{"non consegnata", "non recapitata", "fallita"}, En: []string{"failed", "not delivered", "undelivered"}},
	{Value: stateOverdue, It: []string{"scaduta", "scadute", "in ritardo"}, En: []string{"overdue", "late"}},
}

var searchChannels = []textfold.Choice{
	{Value: "mail", It: []string{"posta", "e-mail", "email", "mail", "posta elettronica"}, En: []string{"email", "e-mail", "mail"}},
	{Value: "pec", It: []string{"pec", "posta certificata"}, En: []string{"pec", "certified mail"}},
	{Value: "telegram", It: []string{"telegram"}},
	{Value: "counter", It: []string{"sportello", "visita", "allo sportello"}, En: []string{"counter", "visit", "desk"}},
	{Value: "phone", It: []string{"telefono", "telefonata"}, En: []string{"phone", "telephone", "call"}},
}
