package web

import (
	"net/http"
	"regexp"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/pec/standin"
)

// Whoever wrote an original that names nobody has no name, no address and no certified
// sender: no number of ours stands there for one, and none is proposed to the register.
func TestNobodyIsNotANumber(t *testing.T) {
	eachSite(t, func(t *testing.T, site *siteTown) {
		e := newCertifiedTown(t, site)
		e.comes(e.provider.Write(standin.Letter{ // the provider's signature holds, and nothing under it names a sender
			Transport: "posta-certificata", Data: "posta-certificata", Prefix: "POSTA CERTIFICATA: ", Subject: "Planimetrie", ID: "p1@gestore.example",
			MessageID: "p1@gestore.example", Addressee: testPEC, To: []standin.Recipient{{Address: testPEC}}, At: e.manual.Now(),
			Inner: []byte("Subject: Planimetrie\r\nMessage-ID: <p1@gestore.example>\r\nContent-Type: text/plain\r\n\r\nIn allegato.\r\n"),
		}))
		e.arrive(e.mail, channels.Raw{ContentType: mail.TypeMessage, Body: []byte("Subject: Scansione\r\nTo: urp@comune.pontelieto.example\r\nMessage-ID: <s1@x.example>\r\nContent-Type: text/plain\r\n\r\nDa scanner.\r\n")})
		b := e.as("giulia")
		number := regexp.MustCompile(`raw-\d`)
		silent := func(path string, want ...string) *seen {
			t.Helper()
			got := b.get(path).want(http.StatusOK, want...)
			if at := number.FindString(got.Body); at != "" {
				t.Errorf("%s tells %q", path, at)
			}
			return got
		}
		for _, subject := range []string{"Planimetrie", "Scansione"} {
			one := heldLink.FindStringSubmatch(b.get("/quarantine").want(http.StatusOK).Body)
			if one == nil {
				t.Fatalf("%s does not wait", subject)
			}
			b.post(one[1] + "/release").to("/cases?case=")
		}
		pec := silent("/cases?view=office&case=2026/000001", "Mittente non leggibile")
		plain := silent("/cases?view=office&case=2026/000002", "Mittente non leggibile")
		sealed, other := pec, plain
		if !regexp.MustCompile("Planimetrie</h").MatchString(pec.Body) {
			sealed, other = plain, pec
		}
		sealed.want(http.StatusOK, "nessun mittente certificato").without("Mittente certificato")
		other.without("nessun mittente certificato")
		for _, x := range []*seen{sealed, other} {
			form := regexp.MustCompile(`href="(/register/new[^"]*|/messages/\d+/register)"`).FindStringSubmatch(x.Body)
			if form == nil {
				t.Fatal("no way to the register")
			}
			silent(form[1], `name="sender" value=""`)
			person := regexp.MustCompile(`href="(/people/\d+)"`).FindStringSubmatch(x.Body)
			silent(person[1], "Mittente non leggibile")
			if out := e.call("giulia", "GET", "/citizens/"+person[1][len("/people/"):], nil).want(http.StatusOK); out.at("name") != "" || len(out.at("identities").([]any)) != 0 {
				t.Errorf("%v", out.at("identities"))
			}
		}
	})
}
