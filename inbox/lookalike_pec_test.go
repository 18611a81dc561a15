package inbox

import (
	"fmt"
	"strings"
	"testing"

	"filodiretto/channels/pec/standin"
)

// certifiedMail brings in a certified mail of a sender under a name.
func (o *certifiedOffice) certifiedMail(p *standin.Provider, name, from, id, subject string, more ...string) {
	o.t.Helper()
	raw, err := p.Envelope(from, pecBox, letterOf(name+" <"+from+">", pecBox, id, subject, more...), o.manual.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	o.arrive(o.acc, string(raw))
}

// Rule 51: a certified mailbox can be had under any name and at any domain, and what is
// not certified comes to ours too: what looks like somebody else is told there as well.
func TestRule51LookalikesInTheCertifiedMailbox(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		o := newCertifiedOffice(t, e)
		e.exec(t, "UPDATE accounts SET settings = ? WHERE id = ?", `{"address":"`+pecBox+`"}`, o.acc.ID)
		o.comes(o.provider, "p1@pec.example")
		if _, got, _ := e.remarks(); len(got) != 0 {
			t.Error("Anna herself:", got)
		}
		for i, tt := range []struct{ name, from, want string }{
			{"Comune di Pontelieto", "info@pec-posta.example", "municipality:Comune di Pontelieto:true"},
			{"Info", "info@pec-pontelieto.example", "domain:pec.pontelieto.example:true"}, // as that of our certified mailbox
			{"Ufficio Tributi", "tributi@comune.ponteliet0.example", "domain:comune.pontelieto.example:true"},
			{"Ufficio Tributi", "tributi@pec.example", "office:Ufficio tributi:true"},
			{"Elena Costa", "elena@pec.example", "operator:Elena Costa:true"},
			{"Anna Verdi", "a.verdi@pec.altra.example", "citizen:Anna Verdi:false"},
			{"Ufficio Protocollo", "protocollo@pec.comune.viadana.mn.it", ""},
			{"Edil Neri srl", "edilneri@pec.example", ""},
		} {
			o.certifiedMail(o.provider, tt.name, tt.from, fmt.Sprintf("l%d@pec.example", i), fmt.Sprintf("Oggetto %d", i))
			c, got, _ := e.remarks()
			if want := tt.want; (want == "") != (len(got) == 0) || want != "" && (len(got) != 1 || got[0] != want) {
				t.Errorf("%s: %v, want %q", tt.name, got, want)
			}
			if c.Suspect != strings.HasSuffix(tt.want, ":true") {
				t.Errorf("%s: suspect %v", tt.name, c.Suspect)
			}
		}
		raw, err := o.provider.Anomaly("tributi9@gmail.com", pecBox, letterOf("Ufficio Tributi <tributi9@gmail.com>", pecBox, "n1@gmail.com", "Avviso"), e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		bare := string(letterOf("Comune di Pontelieto <n@posta.example>", pecBox, "n2@posta.example", "Bolletta"))
		for want, mail := range map[string]string{"office:Ufficio tributi:true": string(raw), "municipality:Comune di Pontelieto:true": bare} {
			e.arrive(o.acc, mail)
			if c, got, _ := e.remarks(); len(got) != 1 || got[0] != want || !c.Suspect {
				t.Errorf("not certified: %v, want %s", got, want)
			}
		}
	})
}

// Rule 82: an envelope under a seal that is wrong, or none, stands out until somebody has
// looked: the address in it is a known person's, and anybody may have written it.
func TestRule82ABrokenSealIsMarked(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "s1@pec.example")
		for i, tt := range []struct {
			name   string
			change func(string) string
			from   *standin.Provider
			marked bool
		}{
			{"sealed", nil, o.provider, false},
			{"changed after it was sealed", func(s string) string { return strings.Replace(s, "copia del permesso", "rimborso sul conto", 1) }, o.provider, true},
			{"another's certificate", nil, o.liar, true},
			{"without a seal", func(s string) string {
				return strings.NewReplacer("application/x-pkcs7-signature; name", "text/plain; name", "smime.p7s", "firma.txt").Replace(s)
			}, o.provider, true},
			{"a seal that is not for an envelope", func(string) string {
				raw, err := o.provider.Anomaly(annaPEC, pecBox, letterOf("Anna Verdi <"+annaPEC+">", pecBox, "s3@pec.example", "Istanza"), e.manual.Now())
				if err != nil {
					t.Fatal(err)
				}
				return strings.Replace(string(raw), "X-Trasporto: errore", "X-Trasporto: posta-certificata", 1)
			}, o.provider, true},
			{"an authority that nobody named", nil, o.unknown(), false},
		} {
			raw, err := tt.from.Envelope(annaPEC, pecBox, letterOf("Anna Verdi <"+annaPEC+">", pecBox, fmt.Sprintf("s2-%d@pec.example", i), "Istanza"), e.manual.Now())
			if err != nil {
				t.Fatal(err)
			}
			s := string(raw)
			if tt.change != nil {
				if s = tt.change(s); s == string(raw) {
					t.Fatal(tt.name, "is as it was")
				}
			}
			before := len(e.allCases())
			e.arrive(o.acc, s)
			c, got, l := e.remarks()
			if len(e.allCases()) != before+1 || c.Suspect != tt.marked || (len(got) == 1 && got[0] == "forged:pec.example:true") != tt.marked {
				t.Errorf("%s: %v, suspect %v", tt.name, got, c.Suspect)
			}
			if !tt.marked {
				continue
			}
			if c, err := e.JudgeLookalike(t.Context(), e.giulia, c.ID, l.ID, false); err != nil || c.Suspect {
				t.Error(tt.name, err)
			}
		}
		if n := e.number("SELECT count(*) FROM held_senders"); n != 0 {
			t.Error("her address is held for what others wrote under it")
		}
	})
}
