package sample

import (
	"time"

	"filodiretto/web/page"
)

// Admin is every page of the administration by name.
func Admin() map[string]page.View {
	s := Shell(page.SectionAdmin)
	people := []page.OperatorLine{
		{ID: 1, Name: "Giulia Moretti", Login: "giulia.moretti", Roles: []page.Role{page.RoleHead, page.RoleFront}, Offices: []string{"URP"}, LastSeen: At(17, 11, 12)},
		{ID: 2, Name: "Sara Benassi", Login: "sara.benassi", Roles: []page.Role{page.RoleFront}, Offices: []string{"URP", "Tributi"}, LastSeen: At(16, 17, 3)},
		{ID: 3, Name: "Marco Tonelli", Login: "marco.tonelli", Roles: []page.Role{page.RoleBack}, Offices: []string{"Lavori pubblici"}, Disabled: true},
	}
	return map[string]page.View{
		"admin-offices": page.Offices{Shell: s, Offices: []page.OfficeLine{
			{ID: 1, Name: "URP", Front: true, Head: "Giulia Moretti", People: 6, Open: 38, Waiting: 7},
			{ID: 3, Name: "Edilizia privata", Head: "arch. Paola Sarti", People: 4, Open: 21},
			{ID: 9, Name: "Servizi demografici", Disabled: true},
		}},
		"admin-office":    page.OfficeForm{Shell: s, ID: 1, Name: "URP", Front: true, Heads: Operators(), Email: "urp@comune.pontelieto.example", Hours: 8, Active: true, Members: people},
		"admin-operators": page.Operators{Shell: s, Operators: people},
		"admin-operator": page.OperatorForm{
			Shell: s, Name: "Anna Gatti", Login: "anna.gatti", Roles: []page.Choice{{Value: "head", Label: "responsabile", Hint: "vede i rapporti"}, {Value: "front", Label: "front office", Chosen: true}}, Offices: Offices(), Lang: page.Italian, Active: true,
			Faults: []page.FieldFault{{Field: "login", Key: "taken"}},
		},
		"admin-rules": page.Rules{Shell: s, Rules: []page.RuleLine{
			{ID: 1, Name: "Tributi", When: []string{"il testo parla di «tari» o «imu»", "canale E-mail"}, All: true, Then: []string{"ufficio Tributi", "tipo Istanza"}, Stops: true, Active: true, Hits: 41, First: true},
			{ID: 2, Name: "Reclami al responsabile", When: []string{"tipo Reclamo"}, All: true, Then: []string{"priorità alta", "ricevuta automatica"}, Active: true, Hits: 9},
			{ID: 3, Name: "Fuori orario", Then: []string{"ricevuta «ci leggiamo domani»"}, Last: true},
		}},
		"admin-rule": page.RuleForm{
			Shell: s, ID: 1, Name: "Tributi", All: true, Active: true, Stop: true,
			Conditions: []page.RuleCondition{
				{Fields: []page.Choice{{Value: "text", Label: "parole del messaggio", Chosen: true}, {Value: "channel", Label: "canale"}}, Ops: []page.Choice{{Value: "has", Label: "contiene", Chosen: true}, {Value: "is", Label: "è"}}, Value: "tari, imu"},
				{Fields: []page.Choice{{Value: "text", Label: "parole del messaggio"}, {Value: "channel", Label: "canale"}}, Ops: []page.Choice{{Value: "is", Label: "è"}}, Values: []page.Choice{{Value: "mail", Label: "E-mail"}}},
			},
			Actions: []page.RuleAction{{Kinds: []page.Choice{{Value: "office", Label: "passa all’ufficio", Chosen: true}, {Value: "kind", Label: "segna il tipo"}}, Value: "Tributi", Values: Offices()}},
		},
		"admin-texts": page.Texts{Shell: s, Texts: []page.TextLine{
			{ID: 1, Name: "Ricevuta", Event: "arriva un messaggio nuovo", Channels: []page.Channel{page.ChannelMail, page.ChannelTelegram}, Langs: page.AllLangs, Changed: At(3, 9, 0), By: "Giulia Moretti"},
			{ID: 2, Name: "Integrazione ricevuta", Short: "integrazione-ok", Langs: []page.Lang{page.Italian}, Office: "Suolo pubblico", Changed: On(time.May, 3)},
		}},
		"admin-text": page.TextForm{
			Shell: s, ID: 1, Name: "Ricevuta", Events: []page.Choice{{Value: "received", Label: "arriva un messaggio nuovo", Chosen: true}}, Offices: Offices(), Channels: []page.Choice{{Value: "mail", Label: "E-mail"}}, Langs: []page.Choice{{Value: "it", Label: "Italiano"}},
			Subject: "Abbiamo ricevuto il tuo messaggio", Body: "Buongiorno {nome},\nabbiamo ricevuto il tuo messaggio. È la pratica {numero}.", Variables: []page.TextVariable{{Name: "{nome}", Meaning: "nome della persona"}, {Name: "{numero}", Meaning: "numero della pratica"}}, Preview: Preview(),
		},
		"admin-tokens": page.Tokens{Shell: s, Fresh: "fd_3kP9xQ7aLm2Zt8", Scopes: []page.Choice{{Value: "cases:read", Label: "cases:read", Hint: "leggere le pratiche"}, {Value: "cases:write", Label: "cases:write", Hint: "scrivere nelle pratiche"}}, Tokens: []page.TokenLine{
			{ID: 1, Name: "Protocollo informatico", Prefix: "fd_3kP9", Scopes: []string{"cases:read"}, By: "Giulia Moretti", Made: At(2, 9, 0), LastUsed: At(17, 11, 0), Expires: On(time.December, 31)},
			{ID: 2, Name: "Prova", Prefix: "fd_9aaa", Scopes: []string{"cases:read"}, By: "Sara Benassi", Made: At(1, 9, 0), Revoked: At(2, 9, 0)},
		}},
		"admin-events": page.Events{Shell: s, Who: Operators(), What: []page.Choice{{Value: "citizen.read", Label: "scheda letta"}}, Before: "x", Sealed: At(17, 11, 0), Events: []page.AuditLine{
			{ID: 1, At: At(17, 11, 10), Who: "Giulia Moretti", What: "scheda letta", Code: "citizen.read", Person: 41, Name: "Lucia Ferrante"},
			{ID: 2, At: At(17, 11, 4), Who: "sistema", What: "messaggio ricevuto", Code: "message.received", Number: number, Person: 41, Name: "Lucia Ferrante"},
			{ID: 3, At: At(16, 16, 41), Who: "Sara Benassi", What: "pratica passata", Code: "case.handed_over", Number: "2026/004011", Why: "serve il parere"},
		}},
	}
}

// Preview is a text on three channels.
func Preview() page.TextPreview {
	return page.TextPreview{Meter: &page.Meter{Index: 82}, Previews: []page.ChannelPreview{
		{Channel: page.ChannelMail, Subject: "Abbiamo ricevuto il tuo messaggio", Text: "Buongiorno Lucia,\nabbiamo ricevuto il tuo messaggio. È la pratica 2026/004127.", Chars: 78},
		{Channel: page.ChannelSMS, Text: "Buongiorno Lucia, abbiamo ricevuto il tuo messaggio. È la pratica 2026/004127.", Chars: 178, Limit: 160, Parts: 2, Unicode: true},
	}}
}
