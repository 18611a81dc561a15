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
	roles := []page.Role{page.RoleHead, page.RoleFront, page.RoleBack, page.RoleReception, page.RoleCommunication}
	row := func(id int64, name string, chosen int) page.OfficeRoles {
		x := page.OfficeRoles{Name: name}
		for i, r := range roles {
			x.Roles = append(x.Roles, page.Choice{Value: string(r), Label: string(r) + ", " + name, Chosen: i == chosen})
		}
		return x
	}
	return map[string]page.View{
		"admin-offices": page.Offices{Shell: s, Offices: []page.OfficeLine{
			{ID: 1, Key: "urp", Name: "URP", Front: true, Heads: []string{"Giulia Moretti"}, People: 6, Open: 38, Waiting: 7},
			{ID: 3, Key: "edilizia", Name: "Edilizia privata", Heads: []string{"arch. Paola Sarti"}, People: 4, Open: 21},
			{ID: 9, Key: "sociale", Name: "Servizi sociali", Reserved: true},
		}},
		"admin-office":    page.OfficeForm{Shell: s, ID: 1, Key: "urp", Name: "URP", Front: true, SignName: "Ufficio relazioni con il pubblico", Members: people},
		"admin-operators": page.Operators{Shell: s, Operators: people},
		"admin-operator": page.OperatorForm{
			Shell: s, Name: "Anna Gatti", Login: "anna.gatti", Roles: roles, Offices: []page.OfficeRoles{row(1, "URP", 1), row(2, "Tributi", 2), row(3, "Edilizia privata", -1)}, Lang: page.Italian, Active: true,
			Faults: []page.FieldFault{{Field: "login", Key: "login_taken"}},
		},
		"admin-rules": page.Rules{Shell: s, Days: 30, Rules: []page.RuleLine{
			{ID: 1, Name: "Tributi", All: []string{"il messaggio parla di «tari, imu», almeno una"}, Any: []string{"arriva da E-mail", "arriva da Telegram"}, Then: []string{"va a Tributi", "il tipo diventa Istanza"}, Stops: true, Active: true, Hits: 41, First: true},
			{ID: 2, Name: "Reclami al responsabile", All: []string{"il tipo è Reclamo"}, Then: []string{"priorità alta", "conferma automatica a chi scrive"}, Active: true, Hits: 9},
			{ID: 3, Name: "Fuori orario", Then: []string{"conferma automatica a chi scrive"}, Last: true},
		}},
		"admin-rule": page.RuleForm{
			Shell: s, ID: 1, Version: 3, Name: "Tributi", Active: true, Stop: true,
			All: []page.RuleCondition{
				{Group: "all", Fields: ruleFields("words"), Ops: []page.Choice{{Value: "any", Label: "almeno una di", Chosen: true}}, Value: "tari, imu", Hint: "tari, imu"},
				{Group: "all", N: 1, Fields: ruleFields("channel"), Ops: []page.Choice{{Value: "is", Label: "è"}}, Closed: true, Values: []page.Choice{{Value: "mail", Label: "E-mail"}}, Fault: &page.FieldFault{Field: "all.1", Key: "rule_value_required"}},
			},
			Any:     []page.RuleCondition{{Group: "any", Fields: ruleFields("")}},
			Actions: []page.RuleAction{{Kinds: []page.Choice{{Value: "office", Label: "passa all’ufficio", Chosen: true}, {Value: "kind", Label: "segna il tipo"}}, Closed: true, Values: Offices()}, {N: 1, Kinds: []page.Choice{{Value: "receipt", Label: "manda la conferma automatica", Chosen: true}}, Bare: true}},
			Faults:  []page.FieldFault{{Field: "all.1", Key: "rule_value_required"}},
			Trial:   Trial(),
		},
		"admin-texts": page.Texts{Shell: s, Topics: noticeTopics(), Ready: []page.ReadyLine{{ID: 2, Name: "Integrazione ricevuta", Short: "integrazione-ok", Lang: page.Italian, Office: "Suolo pubblico", Changed: On(time.May, 3), By: "Giulia Moretti"}}},
		"admin-text": page.TextForm{
			Shell: s, Event: "receipt", Slot: "mail", Channel: page.ChannelMail, Lang: page.Italian, Own: true, HasSubject: true, Name: "Conferma automatica: il messaggio è arrivato e la pratica è aperta.",
			Subject: "Abbiamo ricevuto il tuo messaggio", Body: "Buongiorno,\nabbiamo ricevuto il tuo messaggio. È la pratica {case_number}.", Builtin: &page.BuiltinText{Subject: "Ricevuto", Body: "Abbiamo ricevuto."},
			Variables: []page.TextVariable{{Name: "{case_number}", Meaning: "Il numero della pratica"}}, Preview: Preview(),
		},
		"admin-text-fault": page.TextForm{
			Shell: s, Event: "start", Slot: "all", Lang: page.English, Name: "Greeting", Body: "{nothing}",
			Faults:  []page.FieldFault{{Field: "body", Text: "riga 1: «{nothing}» non è una variabile di questo testo."}},
			Preview: page.TextPreview{Faults: []string{"riga 1: «{nothing}» non è una variabile di questo testo."}},
		},
		"admin-ready": page.ReadyForm{
			Shell: s, ID: 2, Name: "Integrazione ricevuta", Short: "integrazione-ok", Offices: Offices(), Langs: []page.Choice{{Value: "it", Label: "Italiano"}},
			Body: "Abbiamo ricevuto i documenti della pratica {case_number}.", Variables: []page.TextVariable{{Name: "{case_number}", Meaning: "Il numero della pratica"}}, Preview: Preview(),
		},
		"admin-tokens": page.Tokens{Shell: s, Fresh: "fd_3kP9xQ7aLm2Zt8", Name: "Protocollo", Expires: "2026-12-31", Scopes: []page.Choice{{Value: "read", Label: "leggere", Hint: "Vede quello che vedi tu.", Chosen: true}, {Value: "write", Label: "leggere e scrivere"}}, Tokens: []page.TokenLine{
			{ID: 1, Name: "Protocollo informatico", Scope: "leggere", By: "Giulia Moretti", Made: At(2, 9, 0), LastUsed: At(17, 11, 0), Expires: On(time.December, 31)},
			{ID: 2, Name: "Prova", Scope: "leggere", By: "Sara Benassi", Made: At(1, 9, 0), Revoked: At(2, 9, 0)},
			{ID: 3, Name: "Vecchio", Scope: "amministrare", By: "Sara Benassi", Made: On(time.March, 1), Expires: At(2, 9, 0), Over: true},
		}},
		"admin-events": page.Events{
			Shell: s, Who: Operators(), What: []page.ChoiceGroup{{Label: "Persone", Choices: []page.Choice{{Value: "citizen.", Label: "Persone: tutto"}, {Value: "citizen.read", Label: "scheda letta"}}}},
			Person: "41", From: "2026-11-17", To: "2026-11-16", Before: "/admin/events?before=3", Sealed: At(17, 11, 0), Faults: []page.FieldFault{{Field: "to", Key: "to_before"}}, Events: []page.AuditLine{
				{ID: 1, At: At(17, 11, 10), Who: "Giulia Moretti", What: "scheda letta", Code: "citizen.read", Person: 41, Name: "Lucia Ferrante"},
				{ID: 2, At: At(17, 11, 4), Who: "Filo Diretto", What: "messaggio ricevuto", Code: "message.received", Number: number, Person: 41, Name: "Lucia Ferrante"},
				{ID: 3, At: At(16, 16, 41), Who: "Sara Benassi", What: "passaggio offerto", Detail: "Offerta da URP a Tributi", Code: "handover.offered", Number: "2026/004011"},
			},
		},
	}
}

func ruleFields(chosen string) []page.Choice {
	return []page.Choice{{Value: "words", Label: "parole del messaggio", Chosen: chosen == "words"}, {Value: "channel", Label: "canale", Chosen: chosen == "channel"}}
}

// Trial is what a rule would have done.
func Trial() *page.RuleTrial {
	return &page.RuleTrial{Days: 30, Tried: 412, Fits: 3, Moves: 1, More: 1, Cases: []page.TrialLine{
		{Number: number, Subject: "TARI pagata due volte", Was: "URP", Would: "Tributi", Moves: true, Effects: []string{"il tipo diventa Istanza"}},
		{Number: "2026/004011", Was: "Tributi", Would: "Tributi"},
	}}
}

// Preview is a text on three channels.
func Preview() page.TextPreview {
	return page.TextPreview{Meter: &page.Meter{Index: 82}, Previews: []page.ChannelPreview{
		{Channel: page.ChannelMail, Subject: "Abbiamo ricevuto il tuo messaggio", Text: "Buongiorno Lucia,\nabbiamo ricevuto il tuo messaggio. È la pratica 2026/004127.", Chars: 78},
		{Channel: page.ChannelSMS, Text: "Buongiorno Lucia, abbiamo ricevuto il tuo messaggio. È la pratica 2026/004127.", Chars: 178, Limit: 160, Parts: 2, Unicode: true, Adapted: true},
	}}
}
