package demo

import "filodiretto/router"

// complaintRule is the one that the head of the URP changes lately.
const complaintRule = "Reclami all'URP, 30 giorni"

// townRules route by words. Those without stop only add something; of the
// others the first that fits decides, so the narrow ones come first. There is
// none for the school: those the front office passes on by hand, and who tries
// the demo can see what a rule would have done.
func townRules() []router.Rule {
	high := 1
	words := func(op, value string) router.Condition {
		return router.Condition{Field: router.FieldWords, Op: op, Value: value}
	}
	to := func(name, office, value string, a router.Actions) router.Rule {
		a.Office = office
		return router.Rule{Name: name, Definition: router.Definition{All: []router.Condition{words(router.OpAny, value)}, Actions: a, Stop: true}}
	}
	return []router.Rule{
		{Name: "Ricevuta a chi scrive per e-mail", Definition: router.Definition{
			All: []router.Condition{{Field: router.FieldChannel, Op: router.OpIs, Value: "mail"}}, Actions: router.Actions{Receipt: true},
		}},
		{Name: "Pericolo: priorità alta", Definition: router.Definition{
			All: []router.Condition{words(router.OpAny, "pericolo pericolosa pericolosissima pericolante caduto caduta celiaco")}, Actions: router.Actions{Priority: &high},
		}},
		{Name: complaintRule, Definition: router.Definition{
			All:     []router.Condition{words(router.OpAny, "reclamo vergogna inaccettabile")},
			Actions: router.Actions{Office: "urp", Kind: "complaint", Procedure: "reclamo", DueDays: 30}, Stop: true,
		}},
		{Name: "Ringraziamenti", Definition: router.Definition{
			All:     []router.Condition{words(router.OpAny, "ringraziare ringraziamento complimenti")},
			Actions: router.Actions{Office: "urp", Kind: "thanks"}, Stop: true,
		}},
		{Name: "Suggerimenti", Definition: router.Definition{
			All:     []router.Condition{words(router.OpAny, "suggerimento propongo proposta idea")},
			Actions: router.Actions{Office: "urp", Kind: "suggestion", DueDays: 30}, Stop: true,
		}},
		{Name: "Accesso agli atti, 30 giorni", Definition: router.Definition{
			All:     []router.Condition{words(router.OpAll, "accesso atti")},
			Actions: router.Actions{Office: "edilizia_sue", Kind: "records_access", Procedure: "accesso-pratiche-edilizie", DueDays: 30}, Stop: true,
		}},
		to("Aiuti e assistenza ai Servizi sociali", "sociale", "contributo assistente badante bollette", router.Actions{Kind: "request", DueDays: 30}),
		to("Multe alla Polizia locale", "polizia_locale", "multa multato verbale ZTL", router.Actions{Kind: "complaint", DueDays: 30}),
		to("Rumori alla Polizia locale", "polizia_locale", "rumori rumore schiamazzi musica motorini", router.Actions{Kind: "report", DueDays: 15}),
		to("Strade e luci ai Lavori pubblici", "lavori_pubblici", "buca buche asfalto lampione lampioni illuminazione tombino caditoia marciapiede", router.Actions{Kind: "report", Procedure: "segnalazione-disservizio", DueDays: 10}),
		to("Suolo pubblico ai Lavori pubblici", "lavori_pubblici", "ponteggio suolo trasloco", router.Actions{Kind: "request", Procedure: "occupazione-suolo", DueDays: 30}),
		to("Tributi", "tributi", "TARI IMU F24 cartella rateizzare", router.Actions{DueDays: 30, Assignee: router.RoundRobin}),
		to("Rifiuti e verde all'Ambiente", "ambiente", "raccolta rifiuti ingombranti potatura potate rami ramo umido materasso divano", router.Actions{DueDays: 15}),
		to("Pratiche edilizie", "edilizia_sue", "SCIA CILA sanare veranda infissi", router.Actions{DueDays: 30}),
		to("Anagrafe a turno", "anagrafe", "residenza identità CIE certificato famiglia estratto", router.Actions{DueDays: 30, Assignee: router.RoundRobin}),
	}
}
