package demo

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"filodiretto/channels/pec/standin"
	"filodiretto/internal/clock"
)

// unsaid is a certified letter whose envelope does not say who wrote it: neither the
// data that the provider signs nor the letter inside.
func (p *certifiedPost) unsaid(n int, at clock.Instant) ([]byte, error) {
	letter := fmt.Sprintf("To: %s\r\nSubject: Planimetrie\r\nDate: %s\r\nMessage-ID: <demo-pec-senza-%d@posta.example>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: text/plain; charset=utf-8\r\n\r\nIn allegato le planimetrie richieste.\r\n", pecBox, at.Time().In(rome).Format(time.RFC1123Z), n)
	raw, err := p.provider.Envelope("", pecBox, []byte(letter), at)
	if err != nil {
		return nil, fmt.Errorf("demo: a certified letter of nobody: %w", err)
	}
	return raw, nil
}

// inside is the message within an envelope, as whoever wrote or got it has it.
func inside(envelope []byte) ([]byte, error) {
	_, rest, found := bytes.Cut(envelope, []byte("Content-Type: message/rfc822"))
	_, rest, part := bytes.Cut(rest, []byte("\r\n\r\n"))
	message, _, ends := bytes.Cut(rest, []byte("\r\n--"))
	if !found || !part || !ends {
		return nil, fmt.Errorf("demo: an envelope without a message")
	}
	return message, nil
}

// planOddCertified tells of certified mail that nobody can vouch for, and waits for a
// person, of a letter that came both ways: first as ordinary mail, then certified, and
// of one that was sent by PEC to an ordinary mailbox.
func (h *history) planOddCertified() {
	h.agenda.plan(h.until.Add(-4*time.Hour), func(context.Context) error {
		at := h.clock.Now()
		x := pecStory{name: "Consorzio Irriguo Rio Lieto", from: "consorzio@pec.riolieto.example", subject: "Convocazione dell’assemblea dei consorziati", text: "Il Comune è convocato all’assemblea del Consorzio, venerdì alle 18 nella sede di via Mulino.\n\nIl presidente"}
		raw, err := h.office.certified.provider.Envelope(x.from, pecBox, certifiedText(x, "demo-pec-lista@posta.example", at, ""), at)
		if err != nil {
			return fmt.Errorf("demo: a certified letter: %w", err)
		}
		return h.office.deliver(pecBox, standin.ThroughList(raw, "nella sede", "nella sala"))
	})
	h.agenda.plan(h.until.Add(-130*time.Minute), func(context.Context) error {
		raw, err := h.office.certified.unsaid(1, h.clock.Now())
		if err != nil {
			return err
		}
		return h.office.deliver(pecBox, raw)
	})
	var envelope []byte
	h.agenda.plan(h.until.Add(-80*time.Minute), func(context.Context) (err error) {
		envelope, err = h.bothWays(h.clock.Now())
		return err
	})
	h.agenda.plan(h.until.Add(-75*time.Minute), func(context.Context) error { return h.office.deliver(pecBox, envelope) })
	h.agenda.plan(h.until.Add(-50*time.Minute), func(context.Context) error {
		raw, err := h.office.certified.toOrdinary(h.clock.Now())
		if err != nil {
			return err
		}
		return h.office.deliver(urpBox, raw)
	})
}

const toOrdinarySubject = "Consultazione del fascicolo edilizio di via Mazzini 14"

// toOrdinary is a certified letter to the URP's ordinary mailbox.
func (p *certifiedPost) toOrdinary(at clock.Instant) ([]byte, error) {
	x := pecStory{name: "Geom. Aldo Ferri", from: "aldo.ferri@pec.geometri.example", subject: toOrdinarySubject, text: "Chiedo quando posso consultare il fascicolo edilizio di via Mazzini 14, per conto della proprietà.\n\nGeom. Aldo Ferri"}
	letter := bytes.Replace(certifiedText(x, "demo-pec-in-casella-ordinaria@posta.example", at, ""), []byte("To: "+pecBox), []byte("To: "+urpBox), 1)
	raw, err := p.provider.Envelope(x.from, urpBox, letter, at)
	if err != nil {
		return nil, fmt.Errorf("demo: a certified letter: %w", err)
	}
	return raw, nil
}

const bothWaysSubject = "Richiesta di un parcheggio riservato in via Roma"

// bothWays puts a letter into the ordinary mailbox and gives the envelope with the
// same words, which comes a little later.
func (h *history) bothWays(at clock.Instant) ([]byte, error) {
	x := pecStory{name: "Associazione Volontari del Soccorso", from: "volontari@pec.soccorso.example", subject: bothWaysSubject, text: "Si chiede un posto riservato all’ambulanza davanti alla sede di via Roma 5.\nMandiamo la stessa richiesta anche con la PEC.\n\nI volontari"}
	envelope, err := h.office.certified.provider.Envelope(x.from, pecBox, certifiedText(x, "demo-pec-due-vie@posta.example", at, ""), at)
	if err != nil {
		return nil, fmt.Errorf("demo: a certified letter: %w", err)
	}
	plain, err := inside(envelope)
	if err != nil {
		return nil, err
	}
	found := fmt.Sprintf("Return-Path: <%s>\r\nAuthentication-Results: %s; dmarc=pass header.from=pec.soccorso.example\r\n", x.from, townServer)
	return envelope, h.office.deliver(urpBox, append([]byte(found), plain...))
}
