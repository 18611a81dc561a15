package demo

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"mime"
	"net/mail"
	"strings"
	"sync"
	"time"

	"filodiretto/channels/pec/standin"
	"filodiretto/internal/clock"
)

// pecLetters are what people write to the Protocollo by certified mail while the
// demo lives.
var pecLetters = []pecStory{
	{name: "Geom. Paolo Galli", from: "paolo.galli@pec.geometri.example", subject: "CILA per opere interne, via Garibaldi 40", text: "Si trasmette la comunicazione di inizio lavori asseverata per opere interne in via Garibaldi 40.\n\nGeom. Paolo Galli"},
	{name: "Impresa Lodi Costruzioni", from: "lodicostruzioni@pec.imprese.example", subject: "Richiesta di occupazione di suolo pubblico", text: "Si chiede di occupare 12 m² davanti al civico 9 di via Verdi dal 1 al 20 del mese prossimo, per un ponteggio.\n\nLodi Costruzioni"},
	{name: "Avv. Chiara Monti", from: "chiara.monti@pec-avvocati.example", subject: "Istanza di accesso agli atti, sinistro del 3 ottobre", text: "Per conto del mio assistito chiedo copia del rapporto della polizia locale sul sinistro del 3 ottobre in viale Marconi.\n\nAvv. Chiara Monti"},
	{name: "Marta Riva", from: "marta.riva@pec.cittadini.example", subject: "Osservazioni al piano delle soste", text: "Osservo che in via Dante mancano posti per le persone con disabilità. Chiedo che se ne tenga conto.\n\nMarta Riva"},
	{name: "Pro Loco Pontelieto", from: "proloco@pec.associazioni.example", subject: "Domanda di patrocinio, mercatino di Natale", text: "Si chiede il patrocinio e l’uso di piazza Garibaldi per il mercatino di Natale.\n\nPro Loco Pontelieto"},
	{name: "Studio Ferri", from: "studio.ferri@pec.commercialisti.example", subject: "Dichiarazione IMU di un cliente", text: "Si allega a parte la dichiarazione IMU del cliente: si chiede conferma del protocollo.\n\nStudio Ferri"},
	{name: "Giorgio Sala", from: "giorgio.sala@pec.cittadini.example", subject: "Ricorso contro il verbale 4471", text: "Chiedo l’annullamento del verbale 4471: il cartello era coperto dai rami.\n\nGiorgio Sala"},
	{name: "Condominio Aurora", from: "condominio.aurora@pec.amministratori.example", subject: "Perdita d’acqua sul marciapiede di via Po 3", text: "Da ieri l’acqua esce dal marciapiede davanti al civico 3. Si chiede un intervento.\n\nL’amministratore"},
	{name: "Sofia Conti", from: "sofia.conti@posta.example", subject: "Orario dell’ufficio elettorale", text: "Buongiorno, ho trovato questo indirizzo sul sito. Quando è aperto l’ufficio elettorale?\n\nSofia Conti", ordinary: true},
}

// pecAnswers are what a certified correspondent writes back.
var pecAnswers = []string{
	"Si conferma la ricezione. Si inviano gli elementi richiesti.\n\nDistinti saluti",
	"Si prende atto e si ringrazia.\n\nDistinti saluti",
	"Si chiede cortesemente entro quando sarà concluso il procedimento.\n\nDistinti saluti",
}

// certifiedLife lets certified mail go on: receipts come when they are due, and
// people write now and then and answer what they are answered.
type certifiedLife struct {
	office *postOffice
	rng    *rand.Rand
	speed  float64
	next   clock.Instant
	n      int
	run    int64 // of this run of the demo, so that ids differ from those of others
}

// startCertifiedLife returns what ends it. Without speed nobody writes by
// themselves, and receipts come all the same.
func startCertifiedLife(p *postOffice, log *slog.Logger, seed uint64, speed float64) (stop func() error) {
	l := &certifiedLife{office: p, rng: rand.New(rand.NewPCG(seed, 0x7065636c)), speed: speed, run: int64(p.clock.Now())}
	l.next = p.clock.Now().Add(l.pause(20, 40))
	if speed > 0 {
		p.certified.setAnswers(l.answer)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		t := time.NewTicker(time.Second)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				if err := l.turn(); err != nil {
					log.Warn("the demo's certified mail stumbled", "error", err)
				}
			}
		}
	})
	return func() error { cancel(); done.Wait(); return nil }
}

func (l *certifiedLife) pause(low, high int) time.Duration {
	s := float64(low) + l.rng.Float64()*float64(high-low)
	return time.Duration(s / max(l.speed, 0.01) * float64(time.Second))
}

// turn does what is due.
func (l *certifiedLife) turn() error {
	if err := l.office.deliverReceipts(); err != nil {
		return err
	}
	now := l.office.clock.Now()
	if l.speed <= 0 || now < l.next || l.n == len(pecLetters) { // each writes once
		return nil
	}
	l.next = now.Add(l.pause(240, 480))
	return l.write(now)
}

// write puts one letter into the certified mailbox.
func (l *certifiedLife) write(now clock.Instant) error {
	x := pecLetters[l.n]
	l.n++
	letter := certifiedText(x, fmt.Sprintf("demo-pec-%d-%d@posta.example", l.run, l.n), now, "")
	wrap := l.office.certified.provider.Envelope
	if x.ordinary {
		wrap = l.office.certified.provider.Anomaly
	}
	raw, err := wrap(x.from, pecBox, letter, now)
	if err != nil {
		return fmt.Errorf("demo: a certified letter: %w", err)
	}
	return l.office.deliver(pecBox, raw)
}

// answer is what a correspondent writes back to an envelope that reached them: it
// cites the envelope's id, which is the one that they saw. It is called while the
// provider takes a message, from any goroutine.
func (l *certifiedLife) answer(to string, envelope []byte, at clock.Instant, rng *rand.Rand) (standin.Post, bool) {
	m, err := mail.ReadMessage(bytes.NewReader(envelope))
	if err != nil || !chance(rng, 40) {
		return standin.Post{}, false
	}
	at = at.Add(time.Duration(float64(20+rng.IntN(40)) / max(l.speed, 0.01) * float64(time.Second)))
	cited := strings.Trim(m.Header.Get("Message-Id"), "<> ")
	d := mime.WordDecoder{}
	subject, err := d.DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return standin.Post{}, false
	}
	x := pecStory{name: nameOfAddress(to), from: to, subject: "R: " + strings.TrimPrefix(subject, "POSTA CERTIFICATA: "), text: pick(rng, pecAnswers)}
	raw, err := l.office.certified.provider.Envelope(to, pecBox, certifiedText(x, "re-"+cited, at, cited), at)
	if err != nil {
		return standin.Post{}, false
	}
	return standin.Post{Box: pecBox, At: at, Raw: raw}, true
}

// nameOfAddress is how a correspondent of the demo signs.
func nameOfAddress(address string) string {
	for _, x := range append(pecStories[:len(pecStories):len(pecStories)], pecLetters...) {
		if x.from == address {
			return x.name
		}
	}
	local, _, _ := strings.Cut(address, "@")
	return local
}

// certifiedText is a letter as its writer's program makes it.
func certifiedText(x pecStory, id string, at clock.Instant, answers string) []byte {
	h := fmt.Sprintf("From: %s <%s>\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s>\r\n",
		mime.QEncoding.Encode("utf-8", x.name), x.from, pecBox, mime.QEncoding.Encode("utf-8", x.subject), at.Time().In(rome).Format(time.RFC1123Z), id)
	if answers != "" {
		h += "In-Reply-To: <" + answers + ">\r\n"
	}
	return []byte(h + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + strings.ReplaceAll(x.text, "\n", "\r\n") + "\r\n")
}
