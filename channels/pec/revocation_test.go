package pec

import (
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
)

// crl is the list of the made-up authority, with or without the provider on it.
func (w *world) crl(t *testing.T, revoked bool) []byte {
	t.Helper()
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: now.Time().Add(-time.Hour), NextUpdate: now.Time().Add(24 * time.Hour)}
	if revoked {
		list.RevokedCertificateEntries = []x509.RevocationListEntry{{SerialNumber: w.provider.Signer.Certificate.SerialNumber, RevocationTime: now.Time().Add(-2 * time.Hour)}}
	}
	der, err := w.authority.RevocationList(list)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// The list is had from a file or an address, not at each message; without it a
// signature is read all the same, and says that nobody was asked.
func TestRevocationListIsHadInTime(t *testing.T) {
	w := newWorld(t)
	raw, err := w.provider.Envelope(anna, box, written(anna, "x", "ciao"), now)
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	var answer atomic.Value
	answer.Store([]byte("nothing"))
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = rw.Write(answer.Load().([]byte))
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	ca, file := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "crl.pem")
	for path, b := range map[string][]byte{ca: w.authority.PEM(), file: pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: w.crl(t, true)})} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	watch := clock.NewManual(now.Time())
	opened := func(place string) channels.Channel {
		ch, err := open(account("authorities_file", ca, "revocation_list", place), channels.Deps{Clock: watch})
		if err != nil {
			t.Fatal(err)
		}
		return ch
	}
	check := func(ch channels.Channel, outcome cms.Outcome, revocation cms.Revocation) {
		t.Helper()
		items, err := ch.Parse(channels.Raw{Body: raw, ReceivedAt: now})
		if err != nil {
			t.Fatal(err)
		}
		if s := items[0].Certified.Signature; s.Outcome != outcome || s.Revocation != revocation {
			t.Errorf("%s %s, revocation %q; want %s, %q", s.Outcome, s.Reason, s.Revocation, outcome, revocation)
		}
	}
	check(opened(file), cms.Invalid, cms.Revoked)
	check(opened(filepath.Join(dir, "missing")), cms.Valid, "")
	ch := opened(server.URL + "/CRL")
	check(ch, cms.Valid, "") // what the server gives is no list
	check(ch, cms.Valid, "")
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times within minutes", n)
	}
	answer.Store(w.crl(t, false))
	watch.Advance(listRetry)
	check(ch, cms.Valid, cms.Good)
	answer.Store(w.crl(t, true))
	check(ch, cms.Valid, cms.Good)
	watch.Advance(listFresh)
	check(ch, cms.Invalid, cms.Revoked)
	if n := asked.Load(); n != 3 {
		t.Errorf("asked %d times", n)
	}
	for _, bad := range []string{"ftp://x/y", "http://"} {
		if _, err := open(account("revocation_list", bad), channels.Deps{}); err == nil || !strings.Contains(err.Error(), "revocation_list") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
