package pec

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/internal/cms"
	"filodiretto/internal/testcost"
)

// wrote is an envelope with these certification data and a signature that is
// none, as anybody can send one.
func wrote(daticert string) string {
	return "From: \"Per conto di: anna@pec.example\" <posta-certificata@gestore.example>\r\nTo: " + box + "\r\nSubject: POSTA CERTIFICATA: x\r\n" +
		"X-Trasporto: posta-certificata\r\nMessage-ID: <opec1@gestore.example>\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/signed; boundary=s; protocol=\"application/pkcs7-signature\"\r\n\r\n--s\r\n" +
		"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nMessaggio.\r\n--m\r\n" +
		"Content-Type: application/xml; name=daticert.xml\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(daticert)) + "\r\n--m\r\n" +
		"Content-Type: message/rfc822; name=postacert.eml\r\n\r\nFrom: anna@pec.example\r\nSubject: x\r\nMessage-ID: <a@pec.example>\r\n\r\nCiao.\r\n--m--\r\n--s\r\n" +
		"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nniente\r\n--s--\r\n"
}

const root = `<?xml version="1.0"?>` + "\n" + `<postacert tipo="posta-certificata" errore="nessuno">`

// bombs are certified mails made to cost more than they weigh.
var bombs = []struct {
	name string
	make func() string
}{
	{"entity bomb", func() string {
		var b strings.Builder
		b.WriteString("<?xml version=\"1.0\"?>\n<!DOCTYPE postacert [<!ENTITY l0 \"ah\">")
		for i := range 12 {
			fmt.Fprintf(&b, "<!ENTITY l%d \"%s\">", i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 10))
		}
		return wrote(b.String() + "]><postacert tipo=\"posta-certificata\"><dati><oggetto>&l12;</oggetto></dati></postacert>")
	}},
	{"entity of a megabyte, often", func() string {
		return wrote("<!DOCTYPE postacert [<!ENTITY a \"" + strings.Repeat("a", 500_000) + "\">]><postacert>" + strings.Repeat("&a;", 100_000) + "</postacert>")
	}},
	{"file from elsewhere", func() string {
		return wrote(`<!DOCTYPE postacert [<!ENTITY a SYSTEM "file:///etc/passwd">]><postacert tipo="posta-certificata"><oggetto>&a;</oggetto></postacert>`)
	}},
	{"elements 100,000 deep", func() string { return wrote(root + strings.Repeat("<a>", 100_000)) }},
	{"200,000 elements", func() string { return wrote(root + strings.Repeat("<a/>", 200_000)) }},
	{"a megabyte of attributes", func() string { return wrote(root + "<a " + strings.Repeat(`b="" `, 200_000) + "/>") }},
	{"a megabyte of namespaces", func() string {
		return wrote(root + strings.Repeat(`<a xmlns:b="c" xmlns:d="e">`, 19) + strings.Repeat(`<b:x/>`, 100_000))
	}},
	{"a megabyte of comment signs", func() string { return wrote(root + strings.Repeat("<!-- -", 170_000)) }},
	{"17,000 recipients", func() string {
		return wrote(root + strings.Repeat(`<destinatari tipo="certificato">a@b.example</destinatari>`, 17_000))
	}},
	{"daticert of 20 MB", func() string { return wrote(root + strings.Repeat("a", 20<<20)) }},
	{"certified in certified 10,000 deep", func() string {
		one := wrote(root + "</postacert>")
		head, tail, _ := strings.Cut(one, "From: anna@pec.example\r\n")
		return strings.Repeat(head, 300) + strings.Repeat("X-Trasporto: posta-certificata\r\nContent-Type: message/rfc822\r\n\r\n", 10_000) + tail
	}},
	{"header of 10 MB", func() string { return strings.Repeat("X-Ricevuta: a\r\n", 700_000) + wrote(root+"</postacert>") }},
	{"signature of 24 MB", func() string {
		return strings.Replace(wrote(root+"</postacert>"), "niente", strings.Repeat("0\x800\x80", 6<<20), 1)
	}},
	{"anomaly with 100,000 parts", func() string {
		return "From: posta-certificata@gestore.example\r\nX-Trasporto: errore\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n" + strings.Repeat("--m\r\n\r\nx\r\n", 100_000)
	}},
}

// TestBombs: each is read in under 2 seconds by a process that grows by less
// than 64 MiB beside the message itself, gives one item, and proves nothing.
func TestBombs(t *testing.T) {
	for _, bomb := range bombs {
		t.Run(bomb.name, func(t *testing.T) {
			testcost.Within(t, testcost.Most, func() func() {
				trust, err := cms.NewTrust()
				if err != nil {
					t.Fatal(err)
				}
				raw := channels.Raw{Body: []byte(bomb.make()), ReceivedAt: now}
				return func() {
					items, err := Parse(raw, own, trust)
					if err != nil || len(items) != 1 {
						t.Fatalf("%d items, %v", len(items), err)
					}
					if items[0].Certified.Proven() {
						t.Error("proven")
					}
				}
			})
		})
	}
}
