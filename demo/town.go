package demo

import (
	"context"
	"fmt"
	"time"
	_ "time/tzdata" // the town's zone is known on every machine

	"filodiretto/inbox"
	"filodiretto/internal/password"
	"filodiretto/router"
)

// rome is the zone of Pontelieto.
var rome = func() *time.Location {
	l, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err) // the zone comes with the program
	}
	return l
}()

// Password is that of every login of the demo.
const Password = "pontelieto"

// Addresses of the town's mailboxes.
const (
	urpBox     = "urp@comune.pontelieto.example"
	tributiBox = "tributi@comune.pontelieto.example"
)

// The keys of the town's accounts.
const (
	urpMail     = "urp-mail"
	tributiMail = "tributi-mail"
	telegramBot = "telegram"
	counterDesk = "sportello"
	phoneDesk   = "telefono"
)

// town are the offices of Pontelieto, the front office first.
var town = []router.Office{
	{Key: "urp", Name: "URP", Level: "front", SignName: "Ufficio relazioni con il pubblico"},
	{Key: "anagrafe", Name: "Anagrafe", Level: "back", SignName: "Ufficio anagrafe"},
	{Key: "tributi", Name: "Tributi", Level: "back", SignName: "Ufficio tributi"},
	{Key: "edilizia_sue", Name: "Edilizia privata", Level: "back", SignName: "Sportello unico edilizia"},
	{Key: "lavori_pubblici", Name: "Lavori pubblici", Level: "back", SignName: "Ufficio lavori pubblici"},
	{Key: "polizia_locale", Name: "Polizia locale", Level: "back", SignName: "Comando di polizia locale", Reserved: true},
	{Key: "sociale", Name: "Servizi sociali", Level: "back", SignName: "Servizi sociali", Reserved: true},
	{Key: "scuola", Name: "Scuola", Level: "back", SignName: "Ufficio scuola"},
	{Key: "ambiente", Name: "Ambiente", Level: "back", SignName: "Ufficio ambiente"},
}

// Login is one of the people who work in Pontelieto, for whoever tries the demo.
type Login struct {
	Login, Name string
	What        string // who it is, in Italian
	roles       []staffRole
}

type staffRole struct {
	office string
	role   router.Role
}

// Staff are the logins of the demo, in the order in which they are worth trying.
var Staff = []Login{
	{"giulia", "Giulia Moretti", "URP e Anagrafe, risponde ai cittadini", []staffRole{{"urp", router.FrontOffice}, {"anagrafe", router.FrontOffice}}},
	{"sara", "Sara Benassi", "URP e Scuola, risponde ai cittadini", []staffRole{{"urp", router.FrontOffice}, {"scuola", router.FrontOffice}}},
	{"davide", "Davide Riva", "URP e accoglienza", []staffRole{{"urp", router.FrontOffice}, {"urp", router.Reception}}},
	{"nadia", "Nadia Colombo", "Accoglienza: registra visite e telefonate", []staffRole{{"urp", router.Reception}}},
	{"paolo", "Paolo Ferri", "Responsabile dell’URP", []staffRole{{"urp", router.Head}}},
	{"elena", "Elena Costa", "Tributi", []staffRole{{"tributi", router.BackOffice}}},
	{"bruno", "Bruno Sacchi", "Responsabile dei Tributi", []staffRole{{"tributi", router.Head}}},
	{"marco", "Marco Tonelli", "Lavori pubblici", []staffRole{{"lavori_pubblici", router.BackOffice}}},
	{"ivano", "Ivano Bruni", "Responsabile di Lavori pubblici e Ambiente", []staffRole{{"lavori_pubblici", router.Head}, {"ambiente", router.Head}}},
	{"luca", "Luca Fontana", "Edilizia privata", []staffRole{{"edilizia_sue", router.BackOffice}}},
	{"anna", "Anna Greco", "Anagrafe", []staffRole{{"anagrafe", router.BackOffice}}},
	{"dora", "Dora Russo", "Anagrafe", []staffRole{{"anagrafe", router.BackOffice}}},
	{"roberto", "Roberto Gatti", "Scuola", []staffRole{{"scuola", router.BackOffice}}},
	{"silvia", "Silvia Neri", "Ambiente", []staffRole{{"ambiente", router.BackOffice}}},
	{"stefano", "Stefano Villa", "Polizia locale (ufficio riservato)", []staffRole{{"polizia_locale", router.BackOffice}}},
	{"marta", "Marta Rinaldi", "Servizi sociali (ufficio riservato)", []staffRole{{"sociale", router.BackOffice}}},
	{"chiara", "Chiara Mori", "Comunicazione: scrive gli avvisi", []staffRole{{"urp", router.Communication}}},
	{"fabio", "Fabio Sala", "Amministratore del sistema", []staffRole{{"", router.Administrator}}},
}

// settle makes the offices, the people and the rules of the town.
func settle(ctx context.Context, r *router.Router) error {
	all := inbox.Viewer{System: true}
	ids := map[string]int64{}
	dir, err := r.Directory(ctx)
	if err != nil {
		return err
	}
	for _, o := range town {
		if known := dir.OfficeByKey(o.Key); known != nil { // made with the account that names it
			o.ID, o.CreatedAt = known.ID, known.CreatedAt
		}
		made, err := r.SaveOffice(ctx, all, o)
		if err != nil {
			return fmt.Errorf("demo: office %s: %w", o.Key, err)
		}
		ids[o.Key] = made.ID
	}
	// one hash for all: they have the same password, which is printed anyway
	hash, err := password.NewHasher(password.Recommended, 1).Hash(ctx, Password)
	if err != nil {
		return fmt.Errorf("demo: password: %w", err)
	}
	for _, s := range Staff {
		var roles []router.Membership
		for _, r := range s.roles {
			roles = append(roles, router.Membership{OfficeID: ids[r.office], Role: r.role})
		}
		if _, err := r.SaveOperator(ctx, all, router.Operator{Login: s.Login, Name: s.Name, Password: hash}, roles); err != nil {
			return fmt.Errorf("demo: operator %s: %w", s.Login, err)
		}
	}
	for _, rule := range townRules() {
		rule.Enabled = true
		if _, err := r.SaveRule(ctx, all, rule); err != nil {
			return fmt.Errorf("demo: rule %q: %w", rule.Name, err)
		}
	}
	return nil
}
