package pec

import (
	"slices"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/pec/standin"
)

// A mailbox is known by all of its addresses: receipts of letters that left under a
// former one are its own, and one that names nobody as the sender is nobody's. The
// same holds for whom an envelope names.
func TestAMailboxIsAllOfItsAddresses(t *testing.T) {
	w := newWorld(t)
	const former = "protocollo@pec.comune.valdisopra.example"
	renamed := mail.OwnAddresses{Address: box, Aliases: []string{former}}
	read := func(l standin.Letter) channels.Item {
		items, err := Parse(channels.Raw{Body: w.write(t, l), ReceivedAt: now}, renamed, w.trust)
		if err != nil || len(items) != 1 {
			t.Fatal(items, err)
		}
		return items[0]
	}
	for from, elsewhere := range map[string]bool{box: false, former: false, "Protocollo@PEC.comune.valdisopra.example": false, anna: true, "": true} {
		it := read(standin.Letter{
			Receipt: KindDelivered, Data: KindDelivered, ID: "t1@gestore.example", Original: ourID, From: from, About: anna, Addressee: box,
			To: []standin.Recipient{{Address: anna}}, Subject: "x", Prefix: "CONSEGNA: ", Kind: "completa", InnerLast: true,
		})
		if it.Certified.Elsewhere != elsewhere {
			t.Errorf("receipt of what %q sent: elsewhere %v", from, it.Certified.Elsewhere)
		}
	}
	for to, passedOn := range map[string]bool{box: false, former: false, luca: true} {
		it := read(standin.Letter{
			Transport: KindEnvelope, Data: KindEnvelope, ID: "t2@gestore.example", Original: "1@pec.example", From: anna, Addressee: to,
			To: []standin.Recipient{{Address: to}}, Subject: "x", Prefix: "POSTA CERTIFICATA: ",
			Inner: []byte("From: " + anna + "\r\nTo: " + to + "\r\nSubject: x\r\nMessage-ID: <t2@gestore.example>\r\n\r\nx\r\n"),
		})
		if !it.Certified.Proven() || slices.Contains(it.Notes, "pec_not_to_us") != passedOn {
			t.Errorf("envelope to %s: proven %v, notes %v", to, it.Certified.Proven(), it.Notes)
		}
	}
}
