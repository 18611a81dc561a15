package demo

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// Certified addresses whose mail does not simply arrive (pecFate).
const (
	pecGone = "edil.rossi@pec.imprese.example"   // given up since it wrote
	pecSlow = "studio.bellini@pec.studi.example" // its provider is down
	pecMute = "parrocchia@pec.enti.example"      // for a letter to it our own provider says nothing
)

// pecStory is a certified letter of the last days and what the Protocollo answered.
type pecStory struct {
	ago              time.Duration // how long before now it came
	name, from       string
	subject, text    string
	answer           string // "" leaves it open
	email            string // an ordinary address that the office knows of them too
	ordinary, forged bool   // ordinary mail in the certified mailbox; a signature that does not hold
}

var pecStories = []pecStory{
	{
		ago: 50 * time.Hour, name: "Anna Verdi", from: "anna.verdi@pec.cittadini.example", subject: "Richiesta di accesso agli atti, via Mazzini 12",
		text:   "La sottoscritta Anna Verdi chiede copia del permesso di costruire rilasciato per l’immobile di via Mazzini 12.\n\nDistinti saluti\nAnna Verdi",
		answer: "Gentile signora Verdi,\n\nla sua richiesta è registrata. Gli atti saranno disponibili entro 30 giorni e li riceverà a questo indirizzo.\n\nUfficio protocollo",
	},
	{
		ago: 31 * time.Hour, name: "Edil Rossi S.r.l.", from: pecGone, subject: "Comunicazione di inizio lavori, corso Matteotti 8",
		text:   "Si comunica l’inizio dei lavori in corso Matteotti 8. Per urgenze in cantiere: tel. 0521 234567.\n\nEdil Rossi S.r.l.",
		answer: "Buongiorno,\n\nmanca la firma del direttore dei lavori: inviatela entro 10 giorni.\n\nUfficio protocollo",
	},
	{
		ago: 27 * time.Hour, name: "Studio Bellini", from: pecSlow, email: "segreteria@studiobellini.example", subject: "Osservazioni alla variante urbanistica",
		text:   "Per conto dei clienti si trasmettono le osservazioni alla variante.\n\nStudio Bellini",
		answer: "Buongiorno,\n\nle osservazioni sono arrivate nei termini e saranno esaminate.\n\nUfficio protocollo",
	},
	{
		ago: 8 * time.Hour, name: "Parrocchia di San Rocco", from: pecMute, subject: "Richiesta di chiusura di via del Sagrato per la processione",
		text:   "Si chiede la chiusura di via del Sagrato il giorno della processione, dalle 15 alle 18.\n\nIl parroco",
		answer: "Reverendo,\n\nl’ordinanza è in preparazione: la polizia locale la chiamerà per gli orari.\n\nUfficio protocollo",
	},
	{
		ago: 5 * time.Hour, name: "Luca Neri", from: "luca.neri@posta.example", subject: "Orari del cimitero", ordinary: true,
		text: "Buongiorno, scrivo qui perché non trovo altri indirizzi: quali sono gli orari del cimitero?",
	},
	{
		ago: 3 * time.Hour, name: "Banca Sicura", from: "avvisi@pec.banca-sicura.example", subject: "Pagamento urgente", forged: true,
		text: "Il conto del Comune sarà bloccato oggi: confermare i dati al collegamento che segue.",
	},
	{ // true certified mail, of somebody who bought it under another's name
		ago: 50 * time.Minute, name: "Ufficio Tributi", from: "tributi@pec-pontelieto.example", subject: "Avviso di pagamento: nuovo conto della tesoreria",
		text: "Si comunica che i versamenti vanno fatti da oggi sul nuovo conto della tesoreria, qui sotto. Il presente avviso ha valore legale.\n\nUfficio Tributi",
	},
	{
		ago: 20 * time.Minute, name: "Cooperativa Il Ponte", from: "ilponte@pec.coop.example", subject: "Domanda di patrocinio per la festa di San Rocco",
		text: "Si trasmette la domanda di patrocinio per la festa di San Rocco.\n\nCooperativa Il Ponte",
	},
}

// planCertified tells the letters of the last days: they come, their office answers
// after forty minutes while it works, and the provider's receipts arrive when their
// time has come.
func (h *history) planCertified() {
	rng := rand.New(rand.NewPCG(h.seed, 0x706563))
	for i, x := range pecStories {
		at := h.until.Add(-x.ago)
		if x.answer != "" {
			at = lastOfficeHours(rng, at.Add(40*time.Minute)).Add(-40 * time.Minute)
		}
		h.agenda.plan(at, func(context.Context) error { return h.office.certifiedLetter(i, x, at) })
		if x.answer == "" {
			continue
		}
		h.agenda.plan(at.Add(40*time.Minute), func(ctx context.Context) error { return h.answerCertified(ctx, x) })
		h.planRegistered(x, at)
		h.agenda.plan(at.Add(65*time.Minute), func(ctx context.Context) error { _, err := h.in.SweepReceipts(ctx); return err })
		for _, after := range []time.Duration{41 * time.Minute, 42 * time.Minute, 12*time.Hour + 42*time.Minute, 24*time.Hour + 42*time.Minute} {
			h.agenda.plan(at.Add(after), func(context.Context) error { return h.office.deliverReceipts() })
		}
	}
}

// certifiedLetter puts a citizen's letter into the certified mailbox.
func (p *postOffice) certifiedLetter(n int, x pecStory, at clock.Instant) error {
	letter := certifiedText(x, fmt.Sprintf("demo-pec-%d@posta.example", n), at, "")
	wrap := p.certified.provider.Envelope
	if x.ordinary {
		wrap = p.certified.provider.Anomaly
	}
	raw, err := wrap(x.from, pecBox, letter, at)
	if err != nil {
		return fmt.Errorf("demo: a certified letter: %w", err)
	}
	if x.forged {
		raw = bytes.Replace(raw, []byte("Il conto del Comune"), []byte("Il conto del comune"), 1) // after it was signed
	}
	return p.deliver(pecBox, raw)
}

// answerCertified answers a letter from the certified mailbox: somebody of the
// office that the rules gave its case to.
func (h *history) answerCertified(ctx context.Context, x pecStory) error {
	c, v, err := h.certifiedCase(ctx, x)
	if err != nil {
		return err
	}
	if x.email != "" {
		if _, err := h.in.AddIdentity(ctx, v, c.CitizenID, inbox.NewIdentity{Kind: "email", Value: x.email}); err != nil {
			return fmt.Errorf("demo: add an address: %w", err)
		}
	}
	o, err := h.in.Options(ctx, v, c.ID)
	if err != nil {
		return fmt.Errorf("demo: ways to answer a certified letter: %w", err)
	}
	if o.Default < 0 {
		return fmt.Errorf("demo: no way to answer a certified letter: %s", o.List[0].Barred)
	}
	opt := o.List[o.Default]
	_, err = h.in.Reply(ctx, v, inbox.ReplyCommand{
		CaseID: c.ID, SeenInID: o.SeenInID, SeenID: o.SeenID, AccountID: opt.Account.ID, Text: x.answer, Subject: o.Subject,
		To: []inbox.Recipient{{IdentityID: opt.Identity.ID}},
	})
	if err != nil {
		return fmt.Errorf("demo: answer a certified letter: %w", err)
	}
	return nil
}

// certifiedCase is the case of a certified letter, with somebody of its office.
func (h *history) certifiedCase(ctx context.Context, x pecStory) (c struct{ ID, CitizenID, OfficeID int64 }, v inbox.Viewer, err error) {
	err = h.db.Read.NewRaw(`SELECT c.id, c.citizen_id, c.office_id FROM messages AS m JOIN cases AS c ON c.id = m.case_id
		WHERE m.account_id = ? AND m.direction = 'in' AND m.subject = ? ORDER BY m.id DESC LIMIT 1`, h.account(pecAccount), x.subject).Scan(ctx, &c)
	if err != nil {
		return c, v, fmt.Errorf("demo: find a certified letter: %w", err)
	}
	dir, err := h.router.Directory(ctx)
	if err != nil {
		return c, v, err
	}
	v, _ = dir.Viewer(dir.InOffice(c.OfficeID)[0].ID)
	return c, v, nil
}
