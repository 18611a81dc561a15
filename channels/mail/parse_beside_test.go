package mail

import (
	"strings"
	"testing"

	"filodiretto/channels"
)

// Rule 35: text beside a signed part is nobody's word, whether the signature is
// detached or around its text; a signature around the whole message is.
func TestRule35ASignatureSpeaksForTheWholeOnly(t *testing.T) {
	s := newSignatory(t)
	text := []byte("Content-Type: text/plain\r\n\r\nHo scritto io.\r\n")
	for name, signed := range map[string][]byte{
		"detached": s.sign(t, text, "-binary"),
		"opaque":   s.sign(t, text, "-binary", "-nodetach"),
	} {
		if it := s.parse(t, append([]byte(trapHead), signed...)); len(it.Signatures) != 1 || !strings.Contains(it.Text, "Ho scritto io") {
			t.Errorf("%s: %d signatures over the whole: %q", name, len(it.Signatures), it.Text)
		}
		around := trapHead + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=zz\n\n--zz\nContent-Type: text/plain\n\nInventato.\n--zz\n" + string(signed) + "\n--zz--\n"
		if it := s.parse(t, []byte(around)); len(it.Signatures) != 0 {
			t.Errorf("%s: a signature of a part stands for all: %+v", name, it.Signatures)
		}
	}
}

// Rule 54: a person who sends a report on in a mail of their own wrote a mail.
func TestRule54APersonSendsAReportOn(t *testing.T) {
	status := "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; x@y.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
	body := "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nVi giro l'errore che ho avuto.\n" + status
	it := parseOne(t, channels.Raw{Body: []byte(trapHead + body), ReceivedAt: testReceived}, testOwn)
	if it.Kind != channels.Message || len(it.Reports) != 0 || !strings.Contains(it.Text, "Vi giro") {
		t.Errorf("%s, %d reports: %q", it.Kind, len(it.Reports), it.Text)
	}
	it = parseOne(t, channels.Raw{Body: []byte("From: MAILER-DAEMON@mx.example\nTo: urp@comune.pontelieto.example\n" + body), ReceivedAt: testReceived}, testOwn)
	if it.Kind != channels.Report || len(it.Reports) != 1 {
		t.Errorf("a mailer's: %s, %d reports", it.Kind, len(it.Reports))
	}
}
