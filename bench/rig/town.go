package rig

import (
	"context"
	"errors"
	"fmt"

	"filodiretto/inbox"
	"filodiretto/internal/password"
	"filodiretto/router"
)

// Offices are those of the town, the front office first.
var Offices = []router.Office{
	{Key: "urp", Name: "URP", Level: "front"},
	{Key: "anagrafe", Name: "Servizi demografici", Level: "front"},
	{Key: "tributi", Name: "Ufficio tributi", Level: "back"},
	{Key: "lavori", Name: "Lavori pubblici", Level: "back"},
	{Key: "ambiente", Name: "Ambiente e rifiuti", Level: "back"},
	{Key: "scuola", Name: "Servizi scolastici", Level: "back"},
	{Key: "edilizia", Name: "Edilizia privata", Level: "back"},
	{Key: "sociale", Name: "Servizi sociali", Level: "back", Reserved: true},
}

// Password is that of every operator of the rig.
const Password = "una frase lunga che nessuno indovina"

// system may do everything, as the command line may.
var system = inbox.Viewer{System: true}

// Staff makes the offices, an operator for each (the login is the office's key),
// and the rules, through the same services as the administrator's pages.
func Staff(ctx context.Context, rt *router.Router, hasher *password.Hasher) error {
	hashed, err := hasher.Hash(ctx, Password)
	if err != nil {
		return fmt.Errorf("rig: %w", err)
	}
	dir, err := rt.Directory(ctx)
	if err != nil {
		return fmt.Errorf("rig: %w", err)
	}
	for _, o := range Offices {
		if known := dir.OfficeByKey(o.Key); known != nil {
			o.ID = known.ID
		}
		saved, err := rt.SaveOffice(ctx, system, o)
		if err != nil {
			return fmt.Errorf("rig: office %s: %w", o.Key, err)
		}
		roles := []router.Membership{{OfficeID: saved.ID, Role: router.BackOffice}}
		if o.Level == "front" {
			roles[0].Role = router.FrontOffice
		}
		if o.Key == "urp" {
			roles = append(roles, router.Membership{Role: router.Administrator}, router.Membership{OfficeID: saved.ID, Role: router.Head})
		}
		if _, err := rt.SaveOperator(ctx, system, router.Operator{Login: o.Key, Name: "Operatore " + o.Name, Password: hashed}, roles); err != nil {
			return fmt.Errorf("rig: operator %s: %w", o.Key, err)
		}
	}
	if err := everybody(ctx, rt, hashed); err != nil {
		return err
	}
	for _, rule := range rules() {
		if _, err := rt.SaveRule(ctx, system, rule); err != nil {
			return fmt.Errorf("rig: rule %q: %w", rule.Name, err)
		}
	}
	return nil
}

// Everywhere is the login of an operator who belongs to every office.
const Everywhere = "segretario"

// everybody makes that operator.
func everybody(ctx context.Context, rt *router.Router, hashed string) error {
	dir, err := rt.Directory(ctx)
	if err != nil {
		return fmt.Errorf("rig: %w", err)
	}
	var roles []router.Membership
	for _, o := range dir.Offices {
		roles = append(roles, router.Membership{OfficeID: o.ID, Role: router.FrontOffice})
	}
	if _, err := rt.SaveOperator(ctx, system, router.Operator{Login: Everywhere, Name: "Segretario comunale", Password: hashed}, roles); err != nil {
		return fmt.Errorf("rig: operator %s: %w", Everywhere, err)
	}
	return nil
}

// Token makes a token for a program that acts as that operator.
func Token(ctx context.Context, rt *router.Router) (string, error) {
	v, err := Viewer(ctx, rt, Everywhere)
	if err != nil {
		return "", err
	}
	word, _, err := rt.CreateToken(ctx, v, "bench", []router.Scope{router.ScopeWrite}, 0)
	if err != nil {
		return "", fmt.Errorf("rig: make a token: %w", err)
	}
	return word, nil
}

// rules are ten that a town of this size would write.
func rules() []router.Rule {
	high := 1
	words := func(v string) []router.Condition {
		return []router.Condition{{Field: router.FieldWords, Op: router.OpAny, Value: v}}
	}
	to := func(name, looked, office string, kind inbox.CaseKind, days int) router.Rule {
		return router.Rule{Name: name, Enabled: true, Definition: router.Definition{
			All: words(looked), Actions: router.Actions{Office: office, Kind: string(kind), DueDays: days}, Stop: true,
		}}
	}
	return []router.Rule{
		{Name: "Ricevuta a tutti", Enabled: true, Definition: router.Definition{Actions: router.Actions{Receipt: true, DueDays: 30}}},
		{Name: "Pericolo", Enabled: true, Definition: router.Definition{
			Any:     append(words("pericolo pericolosa caduto frana crollo"), router.Condition{Field: router.FieldSubject, Op: router.OpAny, Value: "urgente"}),
			Actions: router.Actions{Priority: &high, DueDays: 3},
		}},
		{Name: "Reclamo", Enabled: true, Definition: router.Definition{All: words("reclamo vergogna inaccettabile"), Actions: router.Actions{Kind: string(inbox.Complaint)}}},
		to("Tributi", "TARI IMU bollettino tributi", "tributi", inbox.Request, 30),
		to("Strade e luce", "buca asfalto lampione lampioni marciapiede", "lavori", inbox.Report, 10),
		to("Rifiuti", "rifiuti ingombranti cassonetto raccolta", "ambiente", inbox.Report, 10),
		to("Scuola", "mensa scuola scuolabus nido iscrizione", "scuola", inbox.Request, 20),
		to("Edilizia", "SCIA CILA edilizia planimetria condono", "edilizia", inbox.RecordsAccess, 30),
		{Name: "Anagrafe", Enabled: true, Definition: router.Definition{
			All:     words("identità residenza certificato anagrafe CIE"),
			Actions: router.Actions{Office: "anagrafe", Kind: string(inbox.Request), Assignee: router.RoundRobin}, Stop: true,
		}},
		{Name: "Fuori orario con allegati", Enabled: true, Definition: router.Definition{
			All: []router.Condition{{Field: router.FieldHour, Op: router.OpIn, Value: "19-7"}, {Field: router.FieldFiles, Op: router.OpAtLeast, Value: "1"}},
			Any: []router.Condition{{Field: router.FieldDay, Op: router.OpIn, Value: "sat,sun"}, {Field: router.FieldLang, Op: router.OpIs, Value: "en"}}, Actions: router.Actions{DueDays: 15},
		}},
	}
}

// Viewer is the operator of a login.
func Viewer(ctx context.Context, rt *router.Router, login string) (inbox.Viewer, error) {
	op, err := rt.OperatorByLogin(ctx, login)
	if err != nil {
		return inbox.Viewer{}, fmt.Errorf("rig: %w", err)
	}
	dir, err := rt.Directory(ctx)
	if err != nil {
		return inbox.Viewer{}, fmt.Errorf("rig: %w", err)
	}
	v, ok := dir.Viewer(op.ID)
	if !ok {
		return v, errors.New("rig: an operator may not work")
	}
	return v, nil
}
