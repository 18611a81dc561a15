package demo

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/register"
)

// registered is what the Protocollo does with a certified letter of the story.
type registered struct {
	class    string
	answer   bool   // its answer is registered too
	annulled string // why the first number was annulled; "" for never
}

// registeredStories are those that somebody registered, by who wrote. The others wait.
var registeredStories = map[string]registered{
	"anna.verdi@pec.cittadini.example": {class: "VI.3", answer: true},
	pecGone:                            {class: "VI.3", annulled: "Registrata con la classe di un altro procedimento"},
	pecSlow:                            {class: "VI.1"},
}

// planRegistered tells how a letter that came at an instant was registered: it after
// twenty minutes, the answer once it left.
func (h *history) planRegistered(x pecStory, at clock.Instant) {
	r, ok := registeredStories[x.from]
	if !ok {
		return
	}
	h.agenda.plan(at.Add(20*time.Minute), func(ctx context.Context) error { return h.enterInRegister(ctx, x.subject, inbox.In, r.class) })
	if r.answer {
		h.agenda.plan(at.Add(50*time.Minute), func(ctx context.Context) error { return h.enterInRegister(ctx, x.subject, inbox.Out, r.class) })
	}
	if r.annulled != "" {
		h.agenda.plan(at.Add(25*time.Minute), func(ctx context.Context) error { return h.annul(ctx, x.subject, r.annulled) })
		h.agenda.plan(at.Add(27*time.Minute), func(ctx context.Context) error { return h.enterInRegister(ctx, x.subject, inbox.In, r.class) })
	}
}

// planRegister tells the rest: a letter of another body with its segnatura, a forgery
// that needs no number, and the daily files.
func (h *history) planRegister() {
	at := h.until.Add(-100 * time.Minute)
	h.agenda.plan(at, func(context.Context) error { return h.office.bodyLetter(at) })
	looked := h.until.Add(-2 * time.Hour)
	h.agenda.plan(looked, func(ctx context.Context) error {
		if !inOffice(looked) {
			return nil // nobody is there to look: it waits
		}
		m, err := h.certifiedMessage(ctx, "Pagamento urgente", inbox.In)
		if err != nil {
			return err
		}
		_, err = h.off.Register.Decide(ctx, h.staff["sara"], m.ID, register.NotNeeded, "Messaggio ingannevole: la firma del gestore non è valida", h.standing(ctx, m.ID).Version)
		return wrapped(err)
	})
	h.agenda.plan(h.until.Add(-time.Minute), func(ctx context.Context) error {
		_, err := h.off.Register.CloseDays(ctx)
		return wrapped(err)
	})
}

func wrapped(err error) error {
	if err != nil {
		return fmt.Errorf("demo: register: %w", err)
	}
	return nil
}

// enterInRegister registers the letter of a subject, or the answer to it.
func (h *history) enterInRegister(ctx context.Context, subject string, way inbox.Direction, class string) error {
	m, err := h.certifiedMessage(ctx, subject, way)
	if err != nil {
		return err
	}
	_, err = h.off.Register.Enter(ctx, h.staff["sara"], register.Command{MessageID: m.ID, Version: h.standing(ctx, m.ID).Version, Class: class})
	return wrapped(err)
}

func (h *history) annul(ctx context.Context, subject, why string) error {
	m, err := h.certifiedMessage(ctx, subject, inbox.In)
	if err != nil {
		return err
	}
	_, err = h.off.Register.Annul(ctx, h.staff["paolo"], h.standing(ctx, m.ID).EntryID, why, "Determina del responsabile n. 41/2026")
	return wrapped(err)
}

// certifiedMessage is the newest certified message on the case of a letter, coming or
// going.
func (h *history) certifiedMessage(ctx context.Context, subject string, way inbox.Direction) (*inbox.Message, error) {
	m := new(inbox.Message)
	err := h.db.Read.NewSelect().Model(m).Where("m.channel = 'pec' AND m.direction = ?", way).
		Where("m.case_id = (SELECT x.case_id FROM messages AS x WHERE x.channel = 'pec' AND x.direction = 'in' AND x.subject = ? ORDER BY x.id DESC LIMIT 1)", subject).
		OrderExpr("m.id DESC").Limit(1).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("demo: find a certified message: %w", err)
	}
	return m, nil
}

// standing is where a message stands; the zero one where nobody asked.
func (h *history) standing(ctx context.Context, message int64) register.Standing {
	all, err := h.off.Register.Standings(ctx, []int64{message})
	if s := all[message]; err == nil && s != nil {
		return *s
	}
	return register.Standing{MessageID: message}
}

// bodySegnatura is the registration of another body, in the form of Allegato 6.
const bodySegnatura = `<?xml version="1.0" encoding="UTF-8"?>
<SegnaturaInformatica xmlns="http://www.agid.gov.it/protocollo/" versione="3.0.0" lang="it">
  <Intestazione>
    <Identificatore><CodiceAmministrazione>p_zz</CodiceAmministrazione><CodiceAOO>AOOPROV</CodiceAOO><CodiceRegistro>PG</CodiceRegistro><NumeroRegistrazione>0018842</NumeroRegistrazione><DataRegistrazione>%s</DataRegistrazione></Identificatore>
    <Oggetto>Conferenza di servizi per la ciclabile del Lambretto: richiesta di parere</Oggetto>
    <Classifica><Denominazione>Viabilità</Denominazione><CodiceFlat>VI.7</CodiceFlat></Classifica>
  </Intestazione>
  <Descrizione>
    <Mittente><Amministrazione><DenominazioneAmministrazione>Provincia di Zetaterra</DenominazioneAmministrazione></Amministrazione></Mittente>
    <Destinatario><Amministrazione><DenominazioneAmministrazione>Comune di Pontelieto</DenominazioneAmministrazione></Amministrazione></Destinatario>
    <DocumentoPrimario nomeFile="richiesta.txt" mimeType="text/plain"/>
  </Descrizione>
</SegnaturaInformatica>
`

// bodyLetter puts a certified letter of another body into the mailbox, with its
// segnatura.
func (p *postOffice) bodyLetter(at clock.Instant) error {
	const from = "protocollo@pec.provincia-zetaterra.example"
	file := func(name, kind, text string) string {
		return "--segn\r\nContent-Type: " + kind + "; name=\"" + name + "\"\r\nContent-Disposition: attachment; filename=\"" + name + "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(text)) + "\r\n"
	}
	day := at.Time().In(rome)
	letter := fmt.Sprintf("From: Provincia di Zetaterra <%s>\r\nTo: %s\r\nSubject: Prot. 0018842/%d - Conferenza di servizi, ciclabile del Lambretto\r\nDate: %s\r\nMessage-ID: <demo-provincia@pec.provincia-zetaterra.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=segn\r\n\r\n",
		from, pecBox, day.Year(), day.Format(time.RFC1123Z)) +
		"--segn\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSi trasmette la richiesta di parere in oggetto.\r\n\r\nProvincia di Zetaterra\r\n" +
		file("richiesta.txt", "text/plain", "Si chiede il parere entro trenta giorni.\n") + file("Segnatura.xml", "application/xml", fmt.Sprintf(bodySegnatura, day.Format("2006-01-02"))) + "--segn--\r\n"
	raw, err := p.certified.provider.Envelope(from, pecBox, []byte(letter), at)
	if err != nil {
		return fmt.Errorf("demo: a letter of another body: %w", err)
	}
	return p.deliver(pecBox, raw)
}
