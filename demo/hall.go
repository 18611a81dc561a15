package demo

import (
	"context"
	"errors"
	"fmt"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/queue/order"
	"filodiretto/router"
)

// hall is the room of the town hall where people wait.
type hall struct {
	site     *queue.Site
	services map[string]*queue.Service
	counters []*queue.Counter
	Kiosk    string // tokens of the devices
	Display  string
}

const hallKey = "municipio"

// hallGroups are the series of numbers with their services; the minutes are what
// a service takes before anything is learnt.
var hallGroups = []struct {
	key, series string
	names       queue.Names
	services    []hallService
}{
	{"anagrafe", "A", queue.Names{"it": "Anagrafe e stato civile", "en": "Registry office", "de": "Einwohnermeldeamt", "fr": "État civil"}, []hallService{
		{"cie", "anagrafe", 15, queue.Names{"it": "Carta d'identità elettronica", "en": "Electronic identity card", "de": "Elektronischer Personalausweis", "fr": "Carte d'identité électronique"}},
		{"certificati", "anagrafe", 6, queue.Names{"it": "Certificati", "en": "Certificates", "de": "Bescheinigungen", "fr": "Certificats"}},
		{"residenza", "anagrafe", 20, queue.Names{"it": "Cambio di residenza", "en": "Change of residence", "de": "Wohnsitzwechsel", "fr": "Changement de résidence"}},
		{"stato_civile", "anagrafe", 18, queue.Names{"it": "Nascite, matrimoni e altri atti", "en": "Births, marriages and other deeds", "de": "Geburten, Ehen und andere Urkunden", "fr": "Naissances, mariages et autres actes"}},
	}},
	{"tributi", "B", queue.Names{"it": "Tributi", "en": "Taxes", "de": "Abgaben", "fr": "Impôts locaux"}, []hallService{
		{"tari", "tributi", 10, queue.Names{"it": "TARI (rifiuti)", "en": "Waste tax (TARI)", "de": "Müllgebühr (TARI)", "fr": "Taxe sur les déchets (TARI)"}},
		{"imu", "tributi", 14, queue.Names{"it": "IMU (casa)", "en": "Property tax (IMU)", "de": "Grundsteuer (IMU)", "fr": "Taxe foncière (IMU)"}},
	}},
	{"urp", "C", queue.Names{"it": "URP e protocollo", "en": "Information and registration", "de": "Auskunft und Eingang", "fr": "Accueil et enregistrement"}, []hallService{
		{"informazioni", "urp", 5, queue.Names{"it": "Informazioni", "en": "Information", "de": "Auskunft", "fr": "Renseignements"}},
		{"protocollo", "urp", 7, queue.Names{"it": "Consegna di documenti", "en": "Handing in documents", "de": "Abgabe von Unterlagen", "fr": "Dépôt de documents"}},
		{"reclami", "urp", 12, queue.Names{"it": "Segnalazioni e reclami", "en": "Reports and complaints", "de": "Meldungen und Beschwerden", "fr": "Signalements et réclamations"}},
	}},
	{"scuola", "D", queue.Names{"it": "Scuola", "en": "School", "de": "Schule", "fr": "École"}, []hallService{
		{"mensa", "scuola", 9, queue.Names{"it": "Mensa e trasporto", "en": "Meals and transport", "de": "Mensa und Schulbus", "fr": "Cantine et transport"}},
	}},
	{"edilizia", "E", queue.Names{"it": "Edilizia", "en": "Building", "de": "Bauamt", "fr": "Urbanisme"}, []hallService{
		{"edilizia", "edilizia_sue", 25, queue.Names{"it": "Pratiche edilizie", "en": "Building permits", "de": "Baugenehmigungen", "fr": "Permis de construire"}},
	}},
}

type hallService struct {
	key, office string
	minutes     float64
	names       queue.Names
}

// hallCounters are the twelve counters: what they do, and the login of the
// colleague who sits there while the demo lives; those without one are free for
// whoever tries it.
var hallCounters = []struct {
	kind, office, staff string
	does                []string
}{
	{"desk", "anagrafe", "anna", []string{"cie", "certificati", "residenza"}},
	{"desk", "anagrafe", "dora", []string{"cie", "certificati"}},
	{"desk", "anagrafe", "", []string{"cie", "certificati", "residenza", "stato_civile"}},
	{"desk", "anagrafe", "", []string{"stato_civile", "residenza"}},
	{"desk", "urp", "sara", []string{"informazioni", "protocollo", "reclami", "mensa"}},
	{"desk", "urp", "davide", []string{"informazioni", "protocollo", "certificati"}},
	{"desk", "urp", "", []string{"informazioni", "protocollo", "reclami", "certificati", "cie"}},
	{"desk", "urp", "", []string{"informazioni", "protocollo", "reclami", "mensa", "tari"}},
	{"specialist", "tributi", "elena", []string{"tari", "imu"}},
	{"specialist", "tributi", "", []string{"tari", "imu"}},
	{"specialist", "scuola", "roberto", []string{"mensa"}},
	{"specialist", "edilizia_sue", "luca", []string{"edilizia"}},
}

// hallWeek is when the town hall is open, as the one of reference 9: minutes of
// the day by weekday.
var hallWeek = map[int]queue.Ranges{
	1: {{From: 495, To: 1020}}, 2: {{From: 495, To: 1020}}, 3: {{From: 495, To: 810}},
	4: {{From: 495, To: 780}, {From: 840, To: 1020}}, 5: {{From: 495, To: 810}}, 6: {{From: 495, To: 735}},
}

// furnish makes the room, or finds it as an earlier run left it. The devices get
// new tokens each time, since only their hashes are kept.
func furnish(ctx context.Context, q *queue.Queue, r *router.Router) (*hall, error) {
	h := &hall{services: map[string]*queue.Service{}}
	house, err := q.SiteByKey(ctx, hallKey)
	if errors.Is(err, inbox.ErrNotFound) || errors.Is(err, queue.ErrNotFound) {
		if err := h.build(ctx, q, r); err != nil {
			return nil, fmt.Errorf("demo: the town hall's room: %w", err)
		}
		house, err = q.SiteByKey(ctx, hallKey)
	}
	if err != nil {
		return nil, fmt.Errorf("demo: the town hall's room: %w", err)
	}
	h.site, h.counters = house.Site, house.Counters
	for _, s := range house.Services {
		h.services[s.Key] = s
	}
	if err := h.tellErrands(ctx, q); err != nil {
		return nil, err
	}
	all := inbox.Viewer{System: true}
	old, err := q.Devices(ctx, all, h.site.ID)
	if err != nil {
		return nil, err
	}
	for _, d := range old {
		if err := q.RevokeDevice(ctx, all, h.site.ID, d.ID); err != nil {
			return nil, err
		}
	}
	if _, h.Kiosk, err = q.SaveDevice(ctx, all, queue.DeviceEdit{SiteID: h.site.ID, Kind: "kiosk", Name: "Totem all'ingresso", Alone: true, Settings: `{"reader":true,"camera":true}`}); err != nil {
		return nil, err
	}
	_, h.Display, err = q.SaveDevice(ctx, all, queue.DeviceEdit{SiteID: h.site.ID, Kind: "display", Name: "Sala d'attesa"})
	return h, err
}

// code tells what the displays of the room show, to say that one is here.
func (h *hall) code(q *queue.Queue) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		d, err := q.DisplayState(ctx, h.site.ID, -1)
		if err != nil {
			return "", err
		}
		return d.Code, nil
	}
}

func (h *hall) build(ctx context.Context, q *queue.Queue, r *router.Router) error {
	all := inbox.Viewer{System: true}
	dir, err := r.Directory(ctx)
	if err != nil {
		return err
	}
	site, err := q.SaveSite(ctx, all, queue.SiteEdit{
		Key: hallKey, Name: "Municipio", Address: "piazza Roma 1",
		Settings: queue.SiteSettings{Rule: order.Affine, Patron: patron, Langs: []string{"it", "en", "de", "fr"}},
	})
	if err != nil {
		return err
	}
	if _, err := q.SaveHours(ctx, all, site.ID, 0, hallWeek); err != nil {
		return err
	}
	ids := map[string]int64{}
	for i, g := range hallGroups {
		group, err := q.SaveGroup(ctx, all, queue.Group{SiteID: site.ID, Key: g.key, Names: g.names, Series: g.series, Ord: i})
		if err != nil {
			return err
		}
		for j, s := range g.services {
			ids[s.key], err = q.SaveService(ctx, all, queue.Service{
				SiteID: site.ID, GroupID: group, Key: s.key, Names: s.names, OfficeID: dir.OfficeByKey(s.office).ID,
				Minutes: s.minutes, Kiosk: true, Remote: true, Ord: j,
			})
			if err != nil {
				return err
			}
		}
	}
	for i, c := range hallCounters {
		e := queue.CounterEdit{Counter: queue.Counter{
			SiteID: site.ID, Key: fmt.Sprint(i + 1), Name: fmt.Sprintf("Sportello %d", i+1), Kind: c.kind, OfficeID: dir.OfficeByKey(c.office).ID, Ord: i,
		}}
		for _, s := range c.does {
			e.Skills = append(e.Skills, queue.Skill{ServiceID: ids[s]})
		}
		for day, open := range hallWeek {
			for _, r := range open {
				e.Shifts = append(e.Shifts, queue.Shift{Weekday: day, Kind: "open", FromMin: r.From, ToMin: r.To})
			}
		}
		if _, err := q.SaveCounter(ctx, all, e); err != nil {
			return err
		}
	}
	return nil
}
