package pec

import (
	"strings"
	"testing"
	"time"
)

const certified = `<?xml version="1.0" encoding="UTF-8"?>
<postacert tipo="avvenuta-consegna" errore="nessuno">
  <intestazione>
    <mittente> Protocollo@PEC.comune.valdisotto.example</mittente>
    <destinatari tipo="certificato">anna.verdi@pec.example</destinatari>
    <destinatari tipo="esterno">luca.neri@mail.example</destinatari>
    <destinatari>con-trattino@pec-avvocati.example</destinatari>
    <risposte></risposte>
    <oggetto>Prot. 0001234/2026 - Riscontro &amp; altro</oggetto>
  </intestazione>
  <dati>
    <gestore-emittente>GESTORE DI PROVA S.p.A.</gestore-emittente>
    <data zona="+0100"><giorno>20/11/2026</giorno><ora>09:31:05</ora></data>
    <identificativo>tpec77.20261120093102.00417.12.1.9@gestore.example</identificativo>
    <msgid>&lt;Hub.01J9ZX3Q7K.v1@comune.valdisotto.example&gt;</msgid>
    <ricevuta tipo="completa"/>
    <consegna>anna.verdi@pec.example</consegna>
  </dati>
</postacert>` + "\n\r\n"

func TestDaticert(t *testing.T) {
	c, err := parseDaticert([]byte(certified))
	if err != nil {
		t.Fatal(err)
	}
	if c.Kind != KindDelivered || c.Error != "nessuno" || c.Sender != "protocollo@pec.comune.valdisotto.example" || c.Recipient != "anna.verdi@pec.example" {
		t.Errorf("%+v", c)
	}
	if len(c.Recipients) != 3 || c.Recipients[0].External || !c.Recipients[1].External || c.Recipients[2].External {
		t.Errorf("recipients %+v", c.Recipients)
	}
	if c.Original != "hub.01j9zx3q7k.v1@comune.valdisotto.example" || c.Receipt != "completa" || c.Subject != "Prot. 0001234/2026 - Riscontro & altro" {
		t.Errorf("%+v", c)
	}
	if want := time.Date(2026, 11, 20, 8, 31, 5, 0, time.UTC); !c.At.Time().Equal(want) {
		t.Errorf("at %v, want %v", c.At.Time(), want)
	}
}

func TestDaticertOdd(t *testing.T) {
	latin1 := strings.Replace(strings.Replace(certified, "UTF-8", "ISO-8859-1", 1), "Riscontro", "Citt\xe0", 1)
	c, err := parseDaticert([]byte(latin1))
	if err != nil || !strings.Contains(c.Subject, "Città") {
		t.Errorf("Latin-1: %v %+v", err, c)
	}
	for name, change := range map[string][2]string{
		"summer":           {`"+0100"`, `"+0200"`},
		"colon in zone":    {`"+0100"`, `"+01:00"`},
		"no zone":          {` zona="+0100"`, ``},
		"no error":         {` errore="nessuno"`, ``},
		"unknown word":     {`tipo="avvenuta-consegna"`, `tipo="non-pec"`},
		"unknown elements": {`<dati>`, `<dati><novita><x/></novita>`},
		"month 13":         {"20/11/2026", "20/13/2026"},
	} {
		c, err := parseDaticert([]byte(strings.Replace(certified, change[0], change[1], 1)))
		if err != nil || c.Sender == "" || c.Error != "nessuno" {
			t.Errorf("%s: %v %+v", name, err, c)
			continue
		}
		switch hour := c.At.Time().Hour(); {
		case name == "summer" && hour != 7, name == "colon in zone" && hour != 8, name == "no zone" && !c.At.IsZero(), name == "month 13" && !c.At.IsZero():
			t.Errorf("%s: at %v", name, c.At.Time())
		}
	}
}

// Entities, depth and size end in an error, soon.
func TestDaticertBad(t *testing.T) {
	bomb := `<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><postacert tipo="accettazione"><intestazione><oggetto>&b;&b;</oggetto></intestazione></postacert>`
	for name, s := range map[string]string{
		"nothing": "", "no XML": "ciao", "other root": "<x/>", "entity bomb": bomb, "outside entity": strings.Replace(bomb, `"xxxxxxxxxx"`, `SYSTEM "file:///etc/passwd"`, 1),
		"too deep": "<postacert>" + strings.Repeat("<a>", 10_000), "too long": "<postacert>" + strings.Repeat("<a/>", 30_000) + "</postacert>",
		"too large": "<postacert>" + strings.Repeat(" ", maxDaticert) + "</postacert>", "cut": certified[:300],
		"unknown charset": strings.Replace(certified, "UTF-8", "EBCDIC", 1),
	} {
		start := time.Now()
		if c, err := parseDaticert([]byte(s)); err == nil {
			t.Errorf("%s was read: %+v", name, c)
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
}

func FuzzDaticert(f *testing.F) {
	f.Add([]byte(certified))
	f.Add([]byte(`<postacert tipo="x"><dati><data zona="+0100"><giorno>1/1/2026</giorno></data></dati></postacert>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseDaticert(b)
		if err != nil {
			return
		}
		if len(c.Recipients) > maxRecipients || len(c.Detail) > maxWords || len(c.Subject) > maxWords {
			t.Errorf("over a limit: %d recipients", len(c.Recipients))
		}
	})
}
