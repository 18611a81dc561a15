package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filodiretto/channels/pec/standin"
	"filodiretto/internal/db"
	"filodiretto/internal/testserver"
)

// pecBox is the town's certified mailbox, at a made-up provider's.
const pecBox = "protocollo@pec.comune.pontelieto.example"

// provider is that of the certified mailbox: it answers what it is given with
// receipts at once. What becomes of a mail goes by the recipient's name: one that
// begins with "sparita" does not exist, one with "muta" gets no word of its
// provider, one with "lenta" is warned of.
type provider struct {
	standin.Provider
	sink *testserver.Sink
	pem  []byte
}

func (w *world) startProvider() error {
	now := w.clock.Now()
	a, err := standin.NewAuthority(now)
	if err != nil {
		return err
	}
	signer, err := a.Certify("Gestore di prova", "gestore.example", now.Time().AddDate(-1, 0, 0), now.Time().AddDate(1, 0, 0))
	if err != nil {
		return err
	}
	w.pec = &provider{Provider: standin.Provider{Name: "Gestore di prova", Domain: "gestore.example", Signer: signer, Fate: fate}, pem: a.PEM()}
	if err := w.dovecot.Account(pecBox, loginPassword); err != nil {
		return err
	}
	w.pec.sink, err = testserver.StartSMTPSink(testserver.SinkOptions{User: pecBox, Password: loginPassword, Deliver: w.submit})
	if err == nil {
		w.onEnd(func() error { w.pec.sink.Stop(); return nil })
	}
	return err
}

func fate(address string) standin.Fate {
	switch {
	case strings.HasPrefix(address, "sparita"):
		return standin.Fate{Fails: "no-dest", Words: "5.1.1 - Gestore di prova - indirizzo non valido"}
	case strings.HasPrefix(address, "lenta"):
		return standin.Fate{Silent: true}
	}
	return standin.Fate{}
}

// submit takes a mail of the town and puts the receipts that are due by now into
// its mailbox.
func (w *world) submit(from, to string, data []byte) error {
	if strings.HasPrefix(to, "muta") {
		return nil
	}
	posts, err := w.pec.Submit(pecBox, from, []string{to}, data, w.clock.Now())
	if err != nil {
		return err
	}
	for _, p := range posts {
		if p.Box != pecBox || p.After > 20*time.Hour {
			continue
		}
		if err := w.dovecot.DeliverAt(w.clock.Now(), pecBox, "INBOX", p.Raw); err != nil {
			return err
		}
	}
	return nil
}

// certified puts a letter into the certified mailbox, as "envelope", "anomaly"
// (ordinary mail), "forged" (changed after the provider signed it) or "listed" (so, and
// passed on by a mailing list).
func (w *world) certified(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	q := r.URL.Query()
	var raw []byte
	if err == nil {
		wrap := w.pec.Envelope
		if q.Get("how") == "anomaly" {
			wrap = w.pec.Anomaly
		}
		raw, err = wrap(q.Get("from"), pecBox, body, w.clock.Now())
	}
	if how := q.Get("how"); err == nil && (how == "forged" || how == "listed") {
		const word, other = "\r\n\r\nBuongiorno", "\r\n\r\nBuonasera"
		if !bytes.Contains(raw, []byte(word)) {
			err = fmt.Errorf("a %s letter begins with Buongiorno", how)
		}
		if how == "listed" {
			raw = standin.ThroughList(raw, word, other)
		} else {
			raw = bytes.Replace(raw, []byte(word), []byte(other), 1)
		}
	}
	if err == nil {
		err = w.dovecot.DeliverAt(w.clock.Now(), pecBox, "INBOX", raw)
	}
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
	}
}

// overdue lets the time pass after which missing acceptances are an alarm.
func (w *world) overdue(rw http.ResponseWriter, r *http.Request) {
	a := w.life.app
	err := a.DB.Tx(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewRaw("UPDATE deliveries SET begun_at = ? WHERE kind = 'pec' AND state = 'accepted' AND legal_sent_at = 0", tx.Now.Add(-time.Hour)).Exec(ctx)
		return err
	})
	if err == nil {
		_, err = a.Inbox.SweepReceipts(r.Context())
	}
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
	}
}

// certifiedChannel is the mailbox's table in the configuration.
func (w *world) certifiedChannel(dir string) (string, error) {
	file := filepath.Join(dir, "autorita-pec.pem")
	if err := os.WriteFile(file, w.pec.pem, 0o600); err != nil {
		return "", err
	}
	imapHost, imapPort, err := net.SplitHostPort(w.dovecot.Addr())
	if err != nil {
		return "", err
	}
	smtpHost, smtpPort, err := net.SplitHostPort(w.pec.sink.Addr())
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(configPEC, pecBox, imapHost, imapPort, loginPassword, smtpHost, smtpPort, file), nil
}

const configPEC = `
[[channel]]
id = "pec"
kind = "pec"
name = "PEC del Protocollo"
office = "urp"
address = "%s"
imap_host = "%s"
imap_port = %s
imap_security = "plain-local"
imap_password = "%s"
smtp_host = "%s"
smtp_port = %s
smtp_security = "plain-local"
rate_per_minute = 0
authorities_file = "%s"
`
