package demo

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"filodiretto/internal/clock"
)

// senderStory is a letter of the last hours by which one sees what the program
// says of senders: who poses as an office, who writes in a
// citizen's name, who forwards a citizen's mail, whose domain and whose hand signed.
type senderStory struct {
	ago           time.Duration // how long before now it came
	name, from    string
	subject, text string
	dmarc         string // what the town's mail server found; "" is pass
	signed        string // the domain that signs; "" for none
	changed       string // a word of the text that was another one when it was signed
	document      string // a file that its author signed by hand; "" for none
	hand, card    string // who signed it where that is not the sender, and the address in the certificate
	photo         string // the name under which a telephone's photograph is enclosed; "" for none
}

var senderStories = []senderStory{
	{
		ago: 4 * time.Hour, name: "Ufficio Tributi", from: "avvisi@comune-pontelieto.example", subject: "Rimborso TARI: confermare i dati",
		text: "Gentile cittadino,\n\nle spetta un rimborso di € 184,20. Per riceverlo risponda a questo messaggio con il suo IBAN entro oggi.\n\nUfficio Tributi\nComune di Pontelieto",
	},
	{
		ago: 3 * time.Hour, name: "Il Sindaco", from: "sindaco@comune.pontelieto.example", subject: "Bonifico urgente", dmarc: "fail",
		text: "Sono in riunione e non posso telefonare. Disponi subito il bonifico di cui ti ho parlato e rispondimi qui.\n\nIl Sindaco",
	},
	{
		ago: 95 * time.Minute, name: "Roberto Gatti", from: "roberto.gatti@comune.pontelieto.example", subject: "I: Intolleranza al lattosio, mensa della primaria",
		text: "Ciao, è arrivata a me ma è per voi. Grazie\n\nRoberto\n\n________________________________\nDa: Chiara Sartori <" + forwardedFrom + ">\nInviato: oggi\nA: Roberto Gatti <roberto.gatti@comune.pontelieto.example>\nOggetto: Intolleranza al lattosio, mensa della primaria\n\nBuongiorno,\nmia figlia ha un’intolleranza al lattosio. A chi mando il certificato perché in mensa lo sappiano?\n\nChiara Sartori",
	},
	{
		ago: 55 * time.Minute, name: "Geom. Paola Rinaldi", from: "paola.rinaldi@studiorinaldi.example", subject: "Domanda firmata, dehors in piazza Roma", signed: "studiorinaldi.example",
		text: "Buongiorno,\n\ntrasmetto la domanda per il dehors in piazza Roma, firmata digitalmente.\n\nGeom. Paola Rinaldi", document: "domanda_dehors.pdf",
	},
	{
		ago: 45 * time.Minute, name: "Marco Villa", from: "marco.villa@posta.example", subject: "CILA firmata dal tecnico, via Cavour 3", hand: "Paolo Galli", card: "paolo.galli@studio-galli.example",
		text: "Buongiorno,\n\nallego la comunicazione di inizio lavori per il mio appartamento in via Cavour 3, firmata dal mio geometra.\n\nMarco Villa", document: "cila_via_cavour_3.pdf",
	},
	{
		ago: 35 * time.Minute, name: "Comitato di quartiere Stazione", from: "comitato@lista.example", subject: "Panchine in piazza Stazione", signed: "lista.example", changed: "quattro",
		text: "Buongiorno,\n\nle panchine rotte in piazza Stazione sono quattro. Quando saranno riparate?\n\nIl comitato",
	},
	{
		ago: 25 * time.Minute, name: "Marco Villa", from: "marco.villa@posta.example", subject: "Nuovo IBAN per il rimborso", dmarc: "fail",
		text: "Buongiorno,\n\nper il rimborso degli oneri usate d’ora in poi questo conto, quello di prima è chiuso. Confermatemi appena fatto.\n\nMarco Villa",
	},
	{
		ago: 20 * time.Minute, name: "Davide Colombo", from: "davide.colombo@posta.example", subject: "Buca e lampione storto in via Garibaldi", photo: "IMG_4127.HEIC",
		text: "Buongiorno,\n\nin via Garibaldi, all’altezza del civico 12, c’è una buca larga mezzo metro e il lampione accanto è storto. Mando la foto fatta col telefono.\n\nDavide Colombo",
	},
}

// forwardedFrom wrote what a colleague forwards.
const forwardedFrom = "chiara.sartori@posta.example"

// readsMail reports whether one of these addresses has a mailbox: answers arrive
// there, and nobody reads them.
func readsMail(address string) bool {
	return address == forwardedFrom || slices.ContainsFunc(senderStories, func(x senderStory) bool { return x.from == address }) ||
		slices.ContainsFunc(copyStories, func(x copyStory) bool { return x.from == address })
}

// planSenders tells these letters; nobody answers them, so that whoever tries the
// demo may.
func (h *history) planSenders() {
	for i, x := range senderStories {
		at := h.until.Add(-x.ago)
		h.agenda.plan(at, func(context.Context) error { return h.office.senderLetter(i, x, at) })
	}
}

func (p *postOffice) senderLetter(n int, x senderStory, at clock.Instant) error {
	l := letter{From: x.from, Name: x.name, To: urpBox, Subject: x.subject, Text: x.text, ID: fmt.Sprintf("demo-mittente-%d@%s", n, x.from[strings.LastIndexByte(x.from, '@')+1:]), At: at, dmarc: x.dmarc}
	if x.document != "" {
		signed, err := p.certified.signedByHand(cmp.Or(x.hand, strings.TrimPrefix(x.name, "Geom. ")), x.card, document(x.subject), at)
		if err != nil {
			return err
		}
		l.Files = []enclosure{{x.document + ".p7m", "application/pkcs7-mime", signed}}
	}
	if x.photo != "" {
		l.Files = append(l.Files, enclosure{x.photo, "image/heic", telephonePhoto})
	}
	raw := l.write()
	if x.signed != "" {
		was := raw
		if x.changed != "" { // a list that mends texts breaks the signature
			was = bytes.Replace(raw, []byte(x.changed), []byte("alcune"), 1)
		}
		field, err := p.names.signature(x.signed, was)
		if err != nil {
			return err
		}
		raw = append(field, raw...)
	}
	return p.deliver(urpBox, raw)
}

// signature is the header field by which a domain signs a letter.
func (n *names) signature(domain string, raw []byte) ([]byte, error) {
	k, err := n.key(domain)
	if err != nil {
		return nil, err
	}
	s, err := dkim.NewSigner(&dkim.SignOptions{
		Domain: domain, Selector: dkimSelector, Signer: k, HeaderKeys: []string{"From", "To", "Subject", "Date", "Message-ID"},
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err == nil {
		_, err = s.Write(raw)
	}
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("demo: sign a letter: %w", err)
	}
	return []byte(s.Signature()), nil
}

// signedByHand is a document with its author's digital signature around it, under
// the demo's own authority.
func (p *certifiedPost) signedByHand(name, address string, content []byte, at clock.Instant) ([]byte, error) {
	var addresses []string // most cards have none
	if address != "" {
		addresses = []string{address}
	}
	s, err := p.maker.CertifyPerson(name, "", addresses, at.Time().AddDate(-1, 0, 0), at.Time().AddDate(2, 0, 0))
	if err != nil {
		return nil, fmt.Errorf("demo: certify a hand: %w", err)
	}
	out, err := s.Sign(content, false, at)
	if err != nil {
		return nil, fmt.Errorf("demo: sign a document: %w", err)
	}
	return out, nil
}
