package testserver

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"testing"

	"github.com/emersion/go-imap/v2/imapclient"
)

type ci = *imapclient.Client

// trust makes a client's configuration that trusts one authority only.
func trust(t *testing.T, caFile string) *tls.Config {
	t.Helper()
	pem, err := os.ReadFile(caFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate in the file")
	}
	return &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
}

func TestCertificateIsVerified(t *testing.T) {
	d := mailbox(t)
	for name, dial := range map[string]func(*tls.Config) (ci, error){
		"tls": func(c *tls.Config) (ci, error) {
			return imapclient.DialTLS(d.TLSAddr(), &imapclient.Options{TLSConfig: c})
		},
		"starttls": func(c *tls.Config) (ci, error) {
			return imapclient.DialStartTLS(d.Addr(), &imapclient.Options{TLSConfig: c})
		},
	} {
		if c, err := dial(&tls.Config{ServerName: "127.0.0.1"}); err == nil {
			c.Close()
			t.Errorf("%s: an unknown authority was trusted", name)
		}
		c, err := dial(trust(t, d.CAFile()))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := c.Login(urp, "pass:word").Wait(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		c.Close()
	}
}
