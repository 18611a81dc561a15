package main

import (
	"context"
	"fmt"

	"filodiretto/app"
	"filodiretto/inbox"
	"filodiretto/router"
)

// offices of the town: one that meets citizens, one behind it, and one whose
// cases nobody else sees.
var offices = []router.Office{
	{Key: "urp", Name: "URP", Level: "front", SignName: "Ufficio relazioni con il pubblico"},
	{Key: "tributi", Name: "Tributi", Level: "back", SignName: "Ufficio tributi"},
	{Key: "sociali", Name: "Servizi sociali", Level: "back", SignName: "Servizi sociali", Reserved: true},
}

// staff are people of every role.
var staff = []struct {
	login, name, office string
	roles               []router.Role
}{
	{"giulia", "Giulia Moretti", "urp", []router.Role{router.FrontOffice}},
	{"davide", "Davide Riva", "urp", []router.Role{router.FrontOffice, router.Reception}},
	{"nadia", "Nadia Colombo", "urp", []router.Role{router.Reception}},
	{"paolo", "Paolo Ferri", "urp", []router.Role{router.Head}},
	{"elena", "Elena Costa", "tributi", []router.Role{router.BackOffice}},
	{"bruno", "Bruno Sacchi", "tributi", []router.Role{router.Head}},
	{"marta", "Marta Rinaldi", "sociali", []router.Role{router.BackOffice}},
	{"chiara", "Chiara Mori", "urp", []router.Role{router.Communication}},
	{"fabio", "Fabio Sala", "", []router.Role{router.Administrator}},
}

// settle makes offices, people, rules and ready texts before the doors open.
func settle(ctx context.Context, a *app.App) error {
	ids, err := makeOffices(ctx, a.Router)
	if err != nil {
		return err
	}
	if err := makeStaff(ctx, a, ids); err != nil {
		return err
	}
	all := inbox.Viewer{System: true}
	for _, r := range rules() {
		if _, err := a.Router.SaveRule(ctx, all, r); err != nil {
			return fmt.Errorf("rule %q: %w", r.Name, err)
		}
	}
	for _, t := range readyTexts(ids) {
		if _, err := a.Router.SaveReadyText(ctx, all, t); err != nil {
			return fmt.Errorf("ready text %q: %w", t.Short, err)
		}
	}
	return nil
}

func makeOffices(ctx context.Context, r *router.Router) (map[string]int64, error) {
	dir, err := r.Directory(ctx)
	if err != nil {
		return nil, err
	}
	ids := map[string]int64{}
	for _, o := range offices {
		if known := dir.OfficeByKey(o.Key); known != nil { // made with the account that names it
			o.ID, o.CreatedAt = known.ID, known.CreatedAt
		}
		made, err := r.SaveOffice(ctx, inbox.Viewer{System: true}, o)
		if err != nil {
			return nil, fmt.Errorf("office %s: %w", o.Key, err)
		}
		ids[o.Key] = made.ID
	}
	return ids, nil
}

func makeStaff(ctx context.Context, a *app.App, offices map[string]int64) error {
	hash, err := a.Hasher.Hash(ctx, loginPassword) // one for all: it takes its time
	if err != nil {
		return err
	}
	for _, s := range staff {
		var roles []router.Membership
		for _, role := range s.roles {
			roles = append(roles, router.Membership{OfficeID: offices[s.office], Role: role})
		}
		if _, err := a.Router.SaveOperator(ctx, inbox.Viewer{System: true}, router.Operator{Login: s.login, Name: s.name, Password: hash}, roles); err != nil {
			return fmt.Errorf("operator %s: %w", s.login, err)
		}
	}
	return nil
}

func rules() []router.Rule {
	words := func(value string) []router.Condition {
		return []router.Condition{{Field: router.FieldWords, Op: router.OpAny, Value: value}}
	}
	return []router.Rule{
		{Name: "Ricevuta a chi scrive per e-mail", Enabled: true, Definition: router.Definition{
			All: []router.Condition{{Field: router.FieldChannel, Op: router.OpIs, Value: "mail"}}, Actions: router.Actions{Receipt: true},
		}},
		{Name: "Reclami", Enabled: true, Definition: router.Definition{
			All: words("reclamo vergogna inaccettabile"), Actions: router.Actions{Kind: "complaint", DueDays: 30},
		}},
		{Name: "Tributi", Enabled: true, Definition: router.Definition{
			All: words("TARI IMU F24 cartella"), Actions: router.Actions{Office: "tributi", DueDays: 30}, Stop: true,
		}},
	}
}

func readyTexts(offices map[string]int64) []router.ReadyText {
	return []router.ReadyText{
		{OfficeID: offices["urp"], Short: "orari", Name: "Orari di apertura", Lang: "it", Body: "Siamo aperti dal lunedì al venerdì, dalle 8.30 alle 12.30, in piazza Roma 1."},
		{OfficeID: offices["urp"], Short: "integrazione", Name: "Manca un documento", Lang: "it", Body: "Per andare avanti ci serve ancora un documento: {documento}. Può mandarlo rispondendo a questo messaggio."},
	}
}
