package web

import (
	"encoding/base64"
	"log/slog"
	"net/http"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/pec/standin"
)

// A signature that holds is of its signer and of nobody else: when that is not who
// sent the message, the page says so in words, and the API with a code.
func TestASignerWhoIsNotTheSenderIsTold(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		a, err := standin.NewAuthority(e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		trust, err := a.Trust()
		if err != nil {
			t.Fatal(err)
		}
		acc := e.houseMail()
		ch, err := mail.Driver.Open(channels.Account{ID: acc.ID, Key: acc.Key, Kind: "mail", Settings: mailSettings}, channels.Deps{Log: slog.New(slog.DiscardHandler), Clock: e.db.Clock, Trust: trust})
		if err != nil {
			t.Fatal(err)
		}
		e.chans.by[acc.ID] = apiOpened{&apiSink{Parser: ch}, acc}
		b := e.as("giulia")
		const notHim = "che non è il mittente"
		for _, tt := range []struct {
			signer  string
			address []string
			is      string
			want    []string
			without []string
		}{
			{"Paola Rinaldi", []string{"paola@posta.example"}, "sender", []string{"codice fiscale RNLPLA80A41H501X"}, []string{notHim}},
			{"RINALDI PAOLA", nil, "sender", nil, []string{notHim}},
			{"Furbo Furbetti", []string{"furbo@posta.example"}, "other_address", []string{"Firmato da Furbo Furbetti (furbo@posta.example), " + notHim + " paola@posta.example", "Chiedi a chi scrive"}, nil},
			{"FERRI MARIO", nil, "other_name", []string{"Firmato da FERRI MARIO, " + notHim + " paola@posta.example"}, []string{"Chiedi a chi scrive"}},
		} {
			s, err := a.CertifyPerson(tt.signer, "RNLPLA80A41H501X", tt.address, e.manual.Now().Time().AddDate(-1, 0, 0), e.manual.Now().Time().AddDate(1, 0, 0))
			if err != nil {
				t.Fatal(err)
			}
			file, err := s.Sign([]byte("%PDF-1.4 la domanda"), false, e.manual.Now())
			if err != nil {
				t.Fatal(err)
			}
			part := "Content-Type: text/plain\r\n\r\nFirmata.\r\n"
			whole, err := s.Sign([]byte(part), true, e.manual.Now())
			if err != nil {
				t.Fatal(err)
			}
			e.letter(acc, "Paola Rinaldi <paola@posta.example>", "File", "--b\r\nContent-Type: text/plain\r\n\r\nEcco.\r\n--b\r\nContent-Type: application/pkcs7-mime; name=domanda.pdf.p7m\r\nContent-Disposition: attachment; filename=domanda.pdf.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
				base64.StdEncoding.EncodeToString(file)+"\r\n--b--", "Content-Type: multipart/mixed; boundary=b")
			path, _ := e.firstCase("giulia")
			first := b.get("/cases?case="+e.ref(e.people["giulia"])).want(http.StatusOK, tt.want...)
			first.without(tt.without...).without("dichiarato application/pkcs7-mime")
			m := e.call("giulia", "GET", "/messages/"+formatID(e.theCase(path[len("/cases/"):]).LastInID), nil).want(http.StatusOK)
			if got := m.str("parts", 0, "signatures", 0, "signer_is"); got != tt.is {
				t.Errorf("%s: the file's signer is %q, want %q", tt.signer, got, tt.is)
			}
			e.manual.Advance(1e9)
			e.letter(acc, "Paola Rinaldi <paola@posta.example>", "Messaggio", "--c\r\n"+part+"\r\n--c\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
				base64.StdEncoding.EncodeToString(whole)+"\r\n--c--", "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=c")
			path, _ = e.firstCase("giulia")
			b.get("/cases?case="+e.ref(e.people["giulia"])).want(http.StatusOK, append(tt.want, "Firma valida di "+tt.signer)...).without(tt.without...)
			m = e.call("giulia", "GET", "/messages/"+formatID(e.theCase(path[len("/cases/"):]).LastInID), nil).want(http.StatusOK)
			if got := m.str("signatures", 0, "signer_is"); got != tt.is {
				t.Errorf("%s: the message's signer is %q, want %q", tt.signer, got, tt.is)
			}
			e.manual.Advance(1e9)
		}
	})
}
