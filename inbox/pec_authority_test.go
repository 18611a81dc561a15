package inbox

import (
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"filodiretto/channels/pec/standin"
)

// revoke puts the provider's certificate on its authority's list of those taken back.
func (o *certifiedOffice) revoke() {
	o.t.Helper()
	now := o.manual.Now().Time()
	der, err := o.issuer.RevocationList(&x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: now.Add(-time.Hour), NextUpdate: now.AddDate(0, 0, 1),
		RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: o.provider.Signer.Certificate.SerialNumber, RevocationTime: now.Add(-2 * time.Hour)}},
	})
	if err != nil {
		o.t.Fatal(err)
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		o.t.Fatal(err)
	}
	o.box.trust.UseLists(func() []*x509.RevocationList { return []*x509.RevocationList{list} })
}

// A signature that was refused has nobody who vouches for it: a chain of certificates
// leads to an authority all the same, by which openssl would find it good.
func TestARefusedSignatureKeepsNoAuthority(t *testing.T) {
	for reason, by := range map[string]func(o *certifiedOffice) *standin.Provider{
		"wrong_address": func(o *certifiedOffice) *standin.Provider { return o.liar },
		"revoked":       func(o *certifiedOffice) *standin.Provider { o.revoke(); return o.provider },
	} {
		t.Run(reason, func(t *testing.T) {
			eachDB(t, func(t *testing.T, e *env) {
				o := newCertifiedOffice(t, e)
				o.comes(by(o), "a1@pec.example")
				m := o.message("m.direction = 'in'")
				if s := m.CertifiedBy().Signature; s.Reason != reason || len(s.Chain) != 2 {
					t.Fatalf("%+v", s)
				}
				if n := e.number("SELECT count(*) FROM authorities"); n != 0 {
					t.Error(n, "authorities are kept")
				}
				// Another mail for which the same one vouches may have kept it.
				e.exec(t, "INSERT INTO authorities (fingerprint, der, kept_at) VALUES (?, ?, 1)", m.CertifiedBy().Signature.Chain[1], []byte{0})
				if x, err := e.Evidence(t.Context(), e.giulia, m.ID); err != nil || len(x.Authorities) > 0 {
					t.Error("the package names one who vouches for it", err)
				}
			})
		})
	}
}

// What came under a version that did not keep authorities has them from the day on which
// it is read again, whether or not it reads differently: a mail and a receipt alike.
func TestWhatIsReadAgainKeepsItsAuthority(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		_, posts := o.answered(standin.Fate{})
		e.arrive(o.acc, string(posts[0].Raw), string(posts[1].Raw))
		m := o.message("m.direction = 'in'")
		broken := `replace(certified, '"outcome":"valid"', '"outcome":"invalid"')`
		for _, x := range []struct{ name, was, raws string }{
			{"a mail that reads the same", "", "SELECT raw_id FROM messages WHERE direction = 'in'"},
			{"a mail that reads differently", "UPDATE messages SET certified = " + broken + " WHERE direction = 'in'", "SELECT raw_id FROM messages WHERE direction = 'in'"},
			{"receipts that read the same", "", "SELECT raw_id FROM receipts"},
			{"receipts that read differently", "UPDATE receipts SET certified = " + broken, "SELECT raw_id FROM receipts"},
		} {
			e.exec(t, "DELETE FROM authorities")
			if x.was != "" {
				e.exec(t, x.was)
			}
			e.exec(t, "UPDATE raws SET parser = 1 WHERE id IN ("+x.raws+")")
			if n, err := e.ReadOlder(t.Context()); err != nil || n == 0 {
				t.Fatal(x.name, n, err)
			}
			if n := e.number("SELECT count(*) FROM authorities"); n != 1 {
				t.Errorf("%s: %d authorities are kept", x.name, n)
			}
		}
		e.exec(t, "DELETE FROM authorities")
		if changed, err := e.ReadMessageAgain(t.Context(), Viewer{System: true}, m.ID); err != nil || changed || e.number("SELECT count(*) FROM authorities") != 1 {
			t.Error("read again by a person", changed, err)
		}
	})
}
