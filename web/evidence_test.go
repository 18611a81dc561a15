package web

import (
	"archive/zip"
	"bytes"
	"html"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels/pec/standin"
	"filodiretto/inbox"
)

// evidenceOf is the readable page of the package of the newest message of a direction on
// the newest case, and the names of the package's files.
func (e *certifiedTown) evidenceOf(path, direction string) (index string, names []string) {
	e.t.Helper()
	list := e.call("giulia", "GET", path+"/messages", nil).want(http.StatusOK)
	for i := range list.list("items") {
		if list.str("items", i, "direction") != direction {
			continue
		}
		raw := e.call("giulia", "GET", "/messages/"+list.str("items", i, "id")+"/evidence", nil).want(http.StatusOK).Bytes
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			e.t.Fatal(err)
		}
		for _, f := range z.File {
			names = append(names, f.Name)
			if f.Name == "index.html" {
				index = html.UnescapeString(e.unzipped(f))
			}
		}
	}
	return index, names
}

func (e *certifiedTown) unzipped(f *zip.File) string {
	e.t.Helper()
	r, err := f.Open()
	if err != nil {
		e.t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		e.t.Fatal(err)
	}
	return string(b)
}

// What nobody certifies is not called certified in the package, on the page or by the API.
func TestAPackageSaysWhatIsNotCertified(t *testing.T) {
	eachSite(t, func(t *testing.T, site *siteTown) {
		e := newCertifiedTown(t, site)
		envelope := func(id string) string {
			raw, err := e.provider.Envelope(annaPEC, testPEC, certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, id, "Richiesta"), e.manual.Now())
			if err != nil {
				t.Fatal(err)
			}
			return string(raw)
		}
		anomaly, err := e.provider.Anomaly("luca@mail.example", testPEC, certifiedLetter("Luca <luca@mail.example>", testPEC, "b1@mail.example", "Domanda"), e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		unsigned, err := e.provider.Write(standin.Letter{
			Transport: "posta-certificata", Data: "posta-certificata", ID: "u1@gestore.example", Original: "u1@x.example", MessageID: "u1@gestore.example",
			From: annaPEC, To: []standin.Recipient{{Address: testPEC}}, Subject: "x", Addressee: testPEC, At: e.manual.Now(),
			Inner: certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, "u1@x.example", "x"), Unsigned: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			name, raw, certification string
			files                    int // sums, index, the authorities and each of them beside
			says, page               []string
			not                      []string
		}{
			{"proven", envelope("a1@pec.example"), "proven", 6, []string{"<strong>Posta certificata ricevuta</strong>", "Mittente certificato", "<dt>Ora del gestore</dt>", "La busta del gestore, con la sua firma"}, []string{"Mittente certificato", "· ora del gestore oggi alle", "· GESTORE DI PROVA S.p.A."}, []string{"Attenzione", "NON"}},
			{
				"broken", strings.Replace(envelope("a2@pec.example"), "Chiedo copia", "Chiedo soldi", 1), "broken", 4,
				[]string{"NON provato", "questo messaggio non prova nulla", "Mittente dichiarato, non provato", "Ora dichiarata, non provata", "Gestore dichiarato, non provato", "la firma che porta non vale"},
				[]string{"La firma del gestore non è valida", "· ora dichiarata oggi alle 10:00, non provata · gestore dichiarato GESTORE DI PROVA S.p.A., non provato"},
				[]string{"Posta certificata ricevuta", "<dt>Ora del gestore</dt>", "con la sua firma"},
			},
			{
				"unsigned", string(unsigned), "broken", 4,
				[]string{"NON provato", "senza una firma del gestore che la copra", "Manca una firma del gestore"},
				[]string{"Manca una firma del gestore che si possa leggere"},
				[]string{"Posta certificata ricevuta", "con la sua firma"},
			},
			{
				"anomaly", string(anomaly), "ordinary_envelope", 6,
				[]string{"NON certificato", "Posta ordinaria, non certificata", "La busta di anomalia"},
				[]string{"Posta ordinaria, non certificata"},
				[]string{"Posta certificata ricevuta", "con la sua firma", "Mittente certificato"},
			},
			{
				"bare", string(certifiedLetter("Ugo <ugo@mail.example>", testPEC, "c1@mail.example", "CONSEGNA: fattura")), "ordinary", 3,
				[]string{"NON certificato", "Posta ordinaria, non certificata", "senza busta né firma del gestore", "messaggio.eml"},
				[]string{"Posta ordinaria, non certificata"},
				[]string{"Posta certificata ricevuta", "busta.eml</a>", "Firma del gestore</dt>", "Mittente certificato"},
			},
		} {
			e.comes([]byte(x.raw), nil)
			path, _ := e.firstCase("giulia")
			index, names := e.evidenceOf(path, "in")
			for _, words := range x.says {
				if !strings.Contains(index, words) {
					t.Errorf("%s: the package does not say %q:\n%s", x.name, words, index)
				}
			}
			for _, words := range x.not {
				if strings.Contains(index, words) {
					t.Errorf("%s: the package says %q", x.name, words)
				}
			}
			if len(names) != x.files {
				t.Errorf("%s: %q", x.name, names)
			}
			if got := e.call("giulia", "GET", path+"/messages", nil).want(http.StatusOK); got.str("items", 0, "certification") != x.certification {
				t.Errorf("%s: %q by the API", x.name, got.str("items", 0, "certification"))
			}
			ref := strings.TrimPrefix(path, "/cases/")
			e.as("giulia").get("/cases?case="+ref).want(http.StatusOK, x.page...)
			e.wearsSign(path, ref, !inbox.Certification(x.certification).Ordinary())
		}
	})
}

// wearsSign checks that a case stands among the certified ones, in list, row and API, or
// nowhere there.
func (e *certifiedTown) wearsSign(path, ref string, certified bool) {
	e.t.Helper()
	row, channel := http.StatusNoContent, "mail"
	if certified {
		row, channel = http.StatusOK, "pec"
	}
	e.as("giulia").fragment("/cases/row?view=pec&number=" + ref).want(row)
	list := e.call("giulia", "GET", "/cases?view=pec", nil).want(http.StatusOK)
	listed := slices.ContainsFunc(list.list("items"), func(c any) bool { return c.(map[string]any)["ref"] == ref })
	if got := e.call("giulia", "GET", path, nil).want(http.StatusOK).str("channel"); listed != certified || got != channel {
		e.t.Errorf("%s: among the certified %v, by the API's case %q", ref, listed, got)
	}
}

// The package says of each recipient what the case page does, with the receipt that
// proves it, and of which sending; the API gives the same steps.
func TestAPackageSaysWhatThePageDoes(t *testing.T) {
	eachSite(t, func(t *testing.T, site *siteTown) {
		e := newCertifiedTown(t, site)
		e.comes(e.provider.Envelope(annaPEC, testPEC, certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, "a1@pec.example", "Richiesta di copia"), e.manual.Now()))
		path, _ := e.firstCase("giulia")
		ref := strings.TrimPrefix(path, "/cases/")
		e.call("giulia", "POST", path+"/messages", e.answer("giulia", path, "Ecco la copia.")).want(http.StatusCreated)
		e.manual.Advance(time.Minute)
		leaves := func() []byte {
			sent := e.sent(e.pec)
			out := sent[len(sent)-1]
			left := certifiedLetter("Protocollo <"+testPEC+">", annaPEC, out.ExternalID, out.Subject)
			if err := out.Keep(t.Context(), bytes.NewReader(left)); err != nil {
				t.Fatal(err)
			}
			return left
		}
		comes := func(left []byte, fate standin.Fate) {
			e.provider.Fate = func(string) standin.Fate { return fate }
			posts, err := e.provider.Submit(testPEC, testPEC, []string{annaPEC}, left, e.manual.Now())
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range posts {
				if p.Box == testPEC {
					e.comes(p.Raw, nil)
				}
			}
		}
		says := func(want ...string) {
			t.Helper()
			index, _ := e.evidenceOf(path, "out")
			for _, words := range want {
				if !strings.Contains(index, words) {
					t.Errorf("the package does not say %q:\n%s", words, index)
				}
			}
			if strings.Contains(index, "</dt><dd>accettato") {
				t.Error("the package calls accepted what no provider accepted")
			}
		}
		first := leaves()
		given := (&Server{zone: e.deps.Config.Municipality.Location}).localTime(e.manual.Now())
		e.manual.Advance(25 * time.Minute)
		if _, err := e.inbox.SweepReceipts(t.Context()); err != nil {
			t.Fatal(err)
		}
		says("Messaggio per posta certificata, senza accettazione del gestore</strong>", "<"+testPEC+">", "data al gestore, in attesa di accettazione "+given, "nessuna accettazione da oltre 20 minuti")
		got := e.call("giulia", "GET", path+"/messages", nil).want(http.StatusOK)
		if got.str("items", 0, "deliveries", 0, "steps", 0, "step") != "given" || got.str("items", 0, "deliveries", 0, "steps", 1, "step") != "no_acceptance" {
			t.Errorf("%s", got.Bytes)
		}
		comes(first, standin.Fate{Fails: "altro", Words: "5.2.2 - GESTORE - casella piena"})
		says("<strong>Posta certificata inviata</strong>", "accettata dal gestore", "non consegnata", "(ricevute/01-accettazione.eml)", "(ricevute/02-errore-consegna.eml)", "Il gestore dice: «5.2.2 - GESTORE - casella piena»")
		got = e.call("giulia", "GET", path+"/messages", nil).want(http.StatusOK)
		if got.str("items", 0, "deliveries", 0, "steps", 1, "step") != "failed" || got.str("items", 0, "deliveries", 0, "steps", 1, "receipt_id") == "" || got.str("items", 0, "deliveries", 0, "steps", 1, "at") == "" {
			t.Errorf("%s", got.Bytes)
		}
		e.manual.Advance(time.Hour)
		e.call("giulia", "POST", path+"/deliveries/"+got.str("items", 0, "deliveries", 0, "id")+"/retry", nil).want(http.StatusNoContent)
		e.manual.Advance(time.Minute)
		comes(leaves(), standin.Fate{})
		says("consegnata in casella", "riguarda inviato-01.eml", "riguarda inviato-02.eml", "(ricevute/04-avvenuta-consegna.eml)")
		e.as("giulia").get("/cases?case="+ref).want(http.StatusOK, "1º invio", "2º invio", "4 ricevute", "Inviato di nuovo: non era stato consegnato").without("indirizzi che non sono")
		sent := e.sent(e.pec)
		stray, err := e.provider.Write(standin.Letter{
			Receipt: "avvenuta-consegna", Data: "avvenuta-consegna", ID: "s9@gestore.example", Original: sent[len(sent)-1].ExternalID, MessageID: "s9r@gestore.example",
			From: testPEC, About: "altra@pec.example", Addressee: testPEC, To: []standin.Recipient{{Address: annaPEC}}, Subject: "x", Kind: "sintetica", At: e.manual.Now(),
		})
		e.comes(stray, err)
		e.as("giulia").get("/cases?case="+ref).want(http.StatusOK, "1 ricevuta per un indirizzo che non è tra i destinatari", "per un altro indirizzo, altra@pec.example")
		says("(altra@pec.example), di un indirizzo che non è tra i destinatari")
	})
}
