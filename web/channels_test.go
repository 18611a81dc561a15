package web

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/secret"
)

// otherSecret may be in no answer.
const otherSecret = "parolachenessunovede"

// newMail is the form for a mailbox.
func newMail(change map[string]string) (pairs []string) {
	f := map[string]string{
		"kind": "mail", "name": "Posta Anagrafe", "set.address": "anagrafe@comune.pontelieto.example", "set.imap_host": "imap.example", "set.imap_password": otherSecret,
		"set.smtp_host": "smtp.example", "set.folders": " INBOX ,Junk,", "set.poll": "3m", "set.connections": "2", "set.plus_addressing": "true",
	}
	maps.Copy(f, change)
	for name, v := range f {
		pairs = append(pairs, name, v)
	}
	return pairs
}

func (e *siteTown) accountNamed(name string) (id int64, settings map[string]string, sealed []byte) {
	e.t.Helper()
	var raw string
	if err := e.db.Read.NewRaw("SELECT id, settings, secrets FROM accounts WHERE name = ?", name).Scan(e.t.Context(), &id, &raw, &sealed); err != nil {
		e.t.Fatal(name, err)
	}
	if err := json.Unmarshal([]byte(raw), &settings); err != nil {
		e.t.Fatal(err)
	}
	return id, settings, sealed
}

func (e *siteTown) unseal(id int64, sealed []byte) map[string]string {
	e.t.Helper()
	box, err := secret.NewBox(make([]byte, secret.KeySize))
	if err != nil {
		e.t.Fatal(err)
	}
	plain, err := box.Open(sealed, secret.Place("accounts", id, "secrets"))
	if err != nil {
		e.t.Fatal(err)
	}
	var out map[string]string
	if err := json.Unmarshal(plain, &out); err != nil {
		e.t.Fatal(err)
	}
	return out
}

func TestChannelRoundTrip(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		office := formatID(e.offices["anagrafe"])
		b := e.as("admin")
		b.get("/channels").want(http.StatusOK, `href="/channels/new?kind=mail"`, `href="/channels/new?kind=telegram"`)
		p := b.get("/channels/new?kind=mail").want(http.StatusOK, "Nuovo canale: E-mail", "Indirizzo della casella", "Il nome del server, per esempio imap.provider.it.", `name="set.imap_password" type="password"`, `value="INBOX"`)
		p.without(`name="set.imap_password" type="password" value`)
		b.post("/channels", newMail(map[string]string{"office": office})...).to("/channels")
		b.get("/channels").want(http.StatusOK, "Posta Anagrafe", "anagrafe@comune.pontelieto.example", "Anagrafe").without(otherSecret)
		id, settings, sealed := e.accountNamed("Posta Anagrafe")
		if settings["folders"] != "INBOX,Junk" || settings["connections"] != "2" || settings["plus_addressing"] != "true" || settings["allow_plaintext"] != "false" || settings["imap_security"] != "tls" {
			t.Errorf("settings %v", settings)
		}
		if _, ok := settings["imap_password"]; ok || strings.Contains(string(sealed), otherSecret) {
			t.Error("the password stands in the clear")
		}
		if got := e.unseal(id, sealed); got["imap_password"] != otherSecret {
			t.Errorf("secrets %v", got)
		}
		if e.chans.reloads != 1 {
			t.Errorf("%d reloads, want 1", e.chans.reloads)
		}
		path := fmt.Sprintf("/channels/%d", id)
		p = b.get(path).want(http.StatusOK, `value="imap.example"`, `value="INBOX,Junk"`, "lascia vuoto per tenere quello di ora", `name="set.plus_addressing" value="true" checked`, `value="`+office+`" selected`)
		p.without(otherSecret)
		// another host, and no new password: the old one stays
		b.post(path, newMail(map[string]string{"office": office, "name": "Posta nuova", "set.imap_host": "altro.example", "set.imap_password": "", "set.plus_addressing": "false"})...).to("/channels").without(otherSecret)
		id2, settings, sealed := e.accountNamed("Posta nuova")
		if id2 != id || settings["imap_host"] != "altro.example" || settings["plus_addressing"] != "false" || e.unseal(id, sealed)["imap_password"] != otherSecret {
			t.Errorf("changed: %v", settings)
		}
		b.post(path, newMail(map[string]string{"office": office, "name": "Posta nuova", "set.imap_password": "un'altra"})...).to("/channels")
		if _, _, sealed = e.accountNamed("Posta nuova"); e.unseal(id, sealed)["imap_password"] != "un'altra" {
			t.Error("the new password was not taken")
		}
		b.get("/channels/new?kind=fax").want(http.StatusNotFound)
		b.get("/channels/999").want(http.StatusNotFound)
		b.post("/channels", "kind", "fax", "name", "x").want(http.StatusNotFound)
		b.post("/channels/999", newMail(nil)...).want(http.StatusNotFound)
		for _, who := range []string{"admin"} {
			e.as(who).get("/admin/events").want(http.StatusOK, "canale aggiunto", "canale cambiato").without(otherSecret)
		}
		e.logMu.Lock()
		defer e.logMu.Unlock()
		if strings.Contains(e.log.String(), otherSecret) {
			t.Error("the password stands in the log")
		}
	})
}

func TestChannelFaultsStandAtTheirField(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b, office := e.as("admin"), formatID(e.offices["anagrafe"])
		for _, tt := range []struct {
			field, word string
			change      map[string]string
		}{
			{"name", "Questo campo è necessario.", map[string]string{"name": " "}},
			{"office", "Quest’ufficio non c’è più.", map[string]string{"office": "7"}},
			{"set.address", "Questo campo è necessario.", map[string]string{"set.address": ""}},
			{"set.address", "il canale non accetta questo valore", map[string]string{"set.address": "nessun indirizzo"}},
			{"set.imap_host", "Questo campo è necessario.", map[string]string{"set.imap_host": ""}},
			{"set.imap_password", "Questo campo è necessario.", map[string]string{"set.imap_password": ""}},
			{"set.connections", "Collegamenti per spedire: scrivi un numero intero.", map[string]string{"set.connections": "quattro"}},
			{"set.connections", "il canale non accetta questo valore", map[string]string{"set.connections": "99"}},
			{"set.poll", "Controllo periodico: scrivi un numero e un’unità", map[string]string{"set.poll": "spesso"}},
			{"set.poll", "il canale non accetta questo valore", map[string]string{"set.poll": "1s"}},
			{"set.imap_security", "il canale non accetta questo valore", map[string]string{"set.imap_security": "none"}},
			{"set.plus_addressing", "Questo valore non è valido.", map[string]string{"set.plus_addressing": "forse"}},
		} {
			if _, ok := tt.change["office"]; !ok {
				tt.change["office"] = office
			}
			b.post("/channels", newMail(tt.change)...).want(http.StatusUnprocessableEntity, tt.word, `href="#f-`+tt.field+`"`, `id="e-`+tt.field+`"`).without(otherSecret)
		}
		b.post("/channels", newMail(map[string]string{"office": office, "set.imap_security": "none", "set.poll": "1s"})...).want(http.StatusUnprocessableEntity, "Ci sono 2 cose da correggere", `id="e-set.imap_security"`, `id="e-set.poll"`)
		b.post("/channels", "kind", "telegram", "name", "Bot", "office", office, "set.token", "corto").want(http.StatusUnprocessableEntity, `id="e-set.token"`).without("corto")
		if e.chans.reloads != 0 {
			t.Errorf("%d reloads after nothing but faults", e.chans.reloads)
		}
	})
}

func TestAccountOfTheFileIsReadOnly(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		if _, err := e.db.Write.NewRaw(`UPDATE accounts SET origin = 'file', settings = '{"address":"urp@comune.pontelieto.example"}' WHERE id = ?`, e.mail.ID).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		b, path := e.as("admin"), fmt.Sprintf("/channels/%d", e.mail.ID)
		b.get("/channels").want(http.StatusOK, "urp@comune.pontelieto.example · dal file di configurazione")
		b.get(path).want(http.StatusOK, "Questo canale è nel file di configurazione", "<code>mail-urp</code>", "readonly", "urp@comune.pontelieto.example").without("Salva e prova")
		b.post(path, newMail(map[string]string{"office": formatID(e.offices["urp"])})...).to("/channels")
		b.get("/channels").want(http.StatusOK, "si cambia lì")
		if _, _, sealed := e.accountNamed("mail-urp"); len(sealed) != 0 {
			t.Error("an account of the file was changed")
		}
		b.post(path + "/pause").to("/channels") // what the file says stays; that it rests is not in the file
		b.get("/channels").want(http.StatusOK, "Canale in pausa.", "Messo in pausa")
	})
}

func TestChannelIsTriedPausedAndResumed(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b, path := e.as("admin"), fmt.Sprintf("/channels/%d", e.mail.ID)
		card := func(a *seen) *seen {
			t.Helper()
			return a.want(http.StatusOK, fmt.Sprintf(`id="channel-%d"`, e.mail.ID)).without("<html")
		}
		card(b.send(path+"/probe")).want(http.StatusOK, "Provato alle 10:00: funziona.")
		b.post(path + "/probe").to("/channels")
		b.get("/channels").want(http.StatusOK, "Provato: funziona.")
		e.sink(e.mail).fail = channels.Errorf(channels.AuthBroken, "535", "authentication refused")
		card(b.send(path+"/probe")).want(http.StatusOK, "Accesso rifiutato", "<code>535</code>", "authentication refused", "Controlla nome utente e password")
		b.post(path + "/probe").to("/channels")
		b.get("/channels").want(http.StatusOK, "La prova non è riuscita: Accesso rifiutato.")

		card(b.send(path+"/pause")).want(http.StatusOK, "In pausa", "Messo in pausa oggi alle 10:00", "Riprendi").without("Prova ora")
		b.get("/shell/health", "HX-Request", "true").want(http.StatusOK, "in pausa")
		card(b.send(path+"/resume")).want(http.StatusOK, "Metti in pausa").without("Messo in pausa")
		if e.chans.reloads != 2 {
			t.Errorf("%d reloads, want 2", e.chans.reloads)
		}
		for _, do := range []string{"/probe", "/pause", "/resume"} {
			b.post("/channels/999" + do).want(http.StatusNotFound)
		}
		delete(e.chans.by, e.mail.ID)
		card(b.send(path+"/probe")).want(http.StatusOK, "Il canale non si avvia", "Controlla le impostazioni")
	})
}

func TestProbeThatLastsTooLong(t *testing.T) {
	s := &Server{clock: clock.System{}}
	s.Accounts = &apiChannels{by: map[int64]apiOpened{1: {ch: slowProbe{}}}}
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0)) // long over
	defer cancel()
	if p := s.probe(ctx, 1); p.OK || p.Error.Class != probeSlow {
		t.Errorf("got %+v", p)
	}
}

func TestChannelSealedWithAnotherKey(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		other, err := secret.NewBox([]byte("another-key-another-key-another-"))
		if err != nil {
			t.Fatal(err)
		}
		a, err := e.inbox.SaveAccount(t.Context(), e.people["admin"], other, inbox.AccountEdit{Kind: "mail", Name: "Posta chiusa", OfficeID: e.offices["urp"], Secrets: map[string]string{"imap_password": otherSecret}})
		if err != nil {
			t.Fatal(err)
		}
		b, path := e.as("admin"), fmt.Sprintf("/channels/%d", a.ID)
		b.get(path).want(http.StatusOK, "Posta chiusa")
		b.post(path, newMail(map[string]string{"office": formatID(e.offices["urp"])})...).want(http.StatusUnprocessableEntity, "chiuse con un’altra chiave principale", "security.master_key_old").without(otherSecret)
	})
}

// slowProbe never answers by itself.
type slowProbe struct{ channels.Parser }

func (slowProbe) Probe(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestChannelCardsTellHowTheyFare(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		ctx := t.Context()
		if err := e.inbox.Alive(ctx, e.mail.ID); err != nil {
			t.Fatal(err)
		}
		if err := e.inbox.Accept(ctx, e.mail.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{{DedupKey: "x", ContentType: "message/rfc822", Body: []byte("x"), Size: 1, ReceivedAt: e.manual.Now()}}}); err != nil {
			t.Fatal(err)
		}
		e.manual.Advance(5 * 60e9)
		if err := e.inbox.Warn(ctx, e.mail.ID, "uidvalidity_changed", "INBOX"); err != nil {
			t.Fatal(err)
		}
		if err := e.inbox.Trouble(ctx, e.trib.ID, channels.Errorf(channels.AuthBroken, "535", "refused"), e.manual.Now().Add(3600e9)); err != nil {
			t.Fatal(err)
		}
		b := e.as("giulia") // sees the state, and changes nothing
		p := b.get("/channels").want(http.StatusOK, "oggi alle 10:00", "1 messaggio, il più vecchio da 5 minuti", "La casella è stata rinumerata", "Accesso rifiutato", "Controlla nome utente e password", "Riprova da sé oggi alle 11:05", "niente")
		p.without(`/probe"`, "Metti in pausa", "Aggiungi canale", "/channels/new", "Modifica")
		e.as("admin").get("/channels").want(http.StatusOK, "Prova ora", "Metti in pausa", "Aggiungi canale")
		b.get(fmt.Sprintf("/channels/%d", e.mail.ID)).want(http.StatusForbidden)
	})
}
