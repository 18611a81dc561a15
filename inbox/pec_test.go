package inbox

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/pec"
	"filodiretto/channels/pec/standin"
	"filodiretto/internal/cms"
	"filodiretto/internal/db"
)

const (
	pecBox  = "protocollo@pec.pontelieto.example"
	annaPEC = "anna.verdi@pec.example"
)

// certifiedBox is a certified mailbox whose provider is the stand-in.
type certifiedBox struct {
	*fakeSender
	trust *cms.Trust
	most  int64 // bytes of all files; 0 is as good as no limit
}

func (b certifiedBox) MostFiles() int64 { return cmp.Or(b.most, 1<<40) }

func (b certifiedBox) Parse(raw channels.Raw) ([]channels.Item, error) {
	return pec.Parse(raw, mail.OwnAddresses{Address: pecBox}, b.trust)
}
func (certifiedBox) ParserVersion() int { return pec.ParserVersion }

// office is the Protocollo's certified mailbox in a test, with its provider.
type certifiedOffice struct {
	*env
	acc      Account
	box      certifiedBox
	provider *standin.Provider
	liar     *standin.Provider // whom nobody vouches for

	authority []byte // its certificate, as PEM
	issuer    *standin.Authority
}

func newCertifiedOffice(t *testing.T, e *env) *certifiedOffice {
	t.Helper()
	o := &certifiedOffice{env: e}
	now := e.manual.Now()
	authority, err := standin.NewAuthority(now)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := authority.Certify("GESTORE DI PROVA S.p.A.", "gestore.example", now.Time().AddDate(-1, 0, 0), now.Time().AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	other, err := authority.Certify("ALTRO", "altro.example", now.Time().AddDate(-1, 0, 0), now.Time().AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	trust, err := authority.Trust()
	if err != nil {
		t.Fatal(err)
	}
	o.authority, o.issuer = authority.PEM(), authority
	o.provider = &standin.Provider{Name: "GESTORE DI PROVA S.p.A.", Domain: "gestore.example", Signer: signer}
	o.liar = &standin.Provider{Name: "GESTORE DI PROVA S.p.A.", Domain: "gestore.example", Signer: other}
	o.acc = Account{ID: db.NewID(e.clock), Key: "pec", Kind: "pec", Name: "PEC Protocollo", OfficeID: e.urp, Origin: "file", Settings: "{}", Enabled: true, CreatedAt: now}
	if _, err := e.db.Write.NewInsert().Model(&o.acc).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.box = certifiedBox{&fakeSender{tried: map[int64]int{}}, trust, 0}
	e.chans.put(o.acc, o.box)
	return o
}

// letterOf is what a citizen or we give to a provider.
func letterOf(from, to, id, subject string, more ...string) []byte {
	h := append([]string{
		"From: " + from, "To: " + to, "Subject: " + subject, "Date: Tue, 17 Nov 2026 10:00:00 +0000", "Message-ID: <" + id + ">",
		"MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
	}, more...)
	return []byte(strings.Join(h, "\r\n") + "\r\n\r\nChiedo copia del permesso.\r\n")
}

// comes brings a citizen's certified mail in, from a provider.
func (o *certifiedOffice) comes(p *standin.Provider, id string, more ...string) {
	o.t.Helper()
	raw, err := p.Envelope(annaPEC, pecBox, letterOf("Anna Verdi <"+annaPEC+">", pecBox, id, "Richiesta di copia", more...), o.manual.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	o.arrive(o.acc, string(raw))
}

// answered is a certified answer that the provider was given, with what it posts.
func (o *certifiedOffice) answered(fate standin.Fate) (*Reply, []standin.Post) {
	o.t.Helper()
	c := o.allCases()[0]
	m := new(Message)
	if err := o.db.Read.NewSelect().Model(m).Where("m.id = ?", c.LastInID).Scan(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	r := o.mustReply(ReplyCommand{CaseID: c.ID, SeenInID: m.ID, AccountID: o.acc.ID, To: []Recipient{{IdentityID: m.IdentityID}}, Text: "Ecco la copia.", Undo: AtOnce})
	o.deliver(o.acc)
	sent := o.box.arrived()
	out := sent[len(sent)-1]
	o.provider.Fate = func(string) standin.Fate { return fate }
	posts, err := o.provider.Submit(pecBox, pecBox, []string{out.To.Value}, letterOf(pecBox, out.To.Value, out.ExternalID, out.Subject), o.manual.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	return r, slices.DeleteFunc(posts, func(p standin.Post) bool { return p.Box != pecBox })
}

func (o *certifiedOffice) receipts() []*CertifiedReceipt {
	o.t.Helper()
	var rows []*CertifiedReceipt
	if err := o.db.Read.NewSelect().Model(&rows).OrderExpr("rc.id").Scan(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	return rows
}

func (o *certifiedOffice) message(where string, args ...any) *Message {
	o.t.Helper()
	m := new(Message)
	if err := o.db.Read.NewSelect().Model(m).Where(where, args...).Scan(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	return m
}

// Rules 83 and 87: what is certified is told, and an anomaly is ordinary mail.
func TestRule83CertifiedMailOpensACase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		c := e.allCases()[0]
		m := o.message("m.case_id = ?", c.ID)
		cert := m.CertifiedBy()
		if m.Channel != "pec" || !cert.Proven() || cert.Sender != annaPEC || cert.At != e.manual.Now() {
			t.Fatalf("%+v %+v", m, cert)
		}
		id := e.identity(m.IdentityID)
		if id.Kind != "pec" || id.Value != annaPEC || id.Proof != Confirmed || id.ProofSource != "pec" {
			t.Fatalf("the provider vouches for the address: %+v", id)
		}
		opts, err := e.Options(t.Context(), e.giulia, c.ID)
		if err != nil || opts.Default != 0 || opts.List[0].Account.ID != o.acc.ID || opts.List[0].Identity.Kind != "pec" {
			t.Fatalf("an answer goes out by the same mailbox to the certified address: %+v %v", opts, err)
		}
		raw, err := o.provider.Anomaly("luca@mail.example", pecBox, letterOf("Luca Neri <luca@mail.example>", pecBox, "b1@mail.example", "Domanda"), e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		e.arrive(o.acc, string(raw))
		m = o.message("m.external_id = 'b1@mail.example'")
		if id := e.identity(m.IdentityID); id.Kind != "email" || id.Proof != Declared || m.CertifiedBy().Kind != "errore" {
			t.Fatalf("ordinary mail is nobody's certified address: %+v", id)
		}
		view, err := e.List(t.Context(), e.giulia, ViewPEC, "", 10)
		counts, err2 := e.Counts(t.Context(), e.giulia)
		if err != nil || err2 != nil || len(view.Cases) != 1 || view.Cases[0].ID != c.ID || counts[ViewPEC] != 1 || m.ShownChannel() != "mail" {
			t.Fatal(view, counts, err, err2)
		}
		for _, c := range e.allCases() {
			want := "mail"
			if c.ID == view.Cases[0].ID {
				want = "pec"
			}
			if p, err := e.StatusPage(t.Context(), c.Ref(), c.Secret); err != nil || len(p.Messages) != 1 || p.Messages[0].Channel != want {
				t.Errorf("the citizen is told that it came by another way than %s: %+v %v", want, p, err)
			}
		}
	})
}

// A signature that does not hold is shown, and neither proves an identity nor
// brings the message into a case.
func TestABrokenSignatureProvesNothing(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.liar, "a1@pec.example")
		m := o.message("m.external_id <> ''")
		if id := e.identity(m.IdentityID); id.Proof != Declared {
			t.Fatalf("%+v", id)
		}
		if s := m.CertifiedBy().Signature; s.Outcome != cms.Invalid || s.Reason != "wrong_address" {
			t.Fatalf("%+v", s)
		}
		o.comes(o.provider, "a2@pec.example") // now she is known
		if id := e.identity(m.IdentityID); id.Proof != Confirmed {
			t.Fatalf("%+v", id)
		}
		before := len(e.allCases())
		refs := "In-Reply-To: <" + o.message("m.version = 1 AND m.notes NOT LIKE '%pec_signature_invalid%'").ExternalID + ">"
		o.comes(o.liar, "a3@pec.example", refs)
		if n := len(e.allCases()); n != before+1 {
			t.Fatal("a forged answer must not enter the case", n)
		}
		if n := e.number("SELECT count(*) FROM suggestions WHERE reason = 'reference'"); n != 1 {
			t.Fatal("a person may put it there", n)
		}
		o.comes(o.provider, "a4@pec.example", refs)
		if n := len(e.allCases()); n != before+1 {
			t.Fatal("a proven answer goes to its case", n)
		}
	})
}

// Rules 84 to 86 and 89: each receipt moves the delivery it is about.
func TestRule84ReceiptsMoveTheDelivery(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		c := e.allCases()[0]
		r, posts := o.answered(standin.Fate{After: 2 * time.Minute})
		id := r.Deliveries[0].ID
		if len(posts) != 2 {
			t.Fatal(len(posts))
		}
		accepted := e.manual.Now()
		e.arrive(o.acc, string(posts[0].Raw))
		if d := e.delivery(id); d.State != Sent || d.LegalSentAt != accepted || d.LegalArrivedAt != 0 {
			t.Fatalf("accepted: %+v", d)
		}
		e.manual.Advance(3 * time.Minute)
		e.arrive(o.acc, string(posts[1].Raw), string(posts[1].Raw))
		d := e.delivery(id)
		if d.State != Delivered || d.LegalArrivedAt != accepted.Add(2*time.Minute) {
			t.Fatalf("delivered: %+v", d)
		}
		rows := o.receipts()
		if len(rows) != 2 || rows[0].Kind != "accettazione" || rows[1].Kind != "avvenuta-consegna" || rows[1].DeliveryID != id || !rows[1].Proven || rows[1].Recipient != annaPEC {
			t.Fatalf("%+v", rows)
		}
		if n := len(e.allCases()); n != 1 {
			t.Fatal("receipts open no case", n)
		}
		if n := e.number("SELECT count(*) FROM messages"); n != 2 {
			t.Fatal("receipts are no messages", n)
		}
		// Read again: nothing changes.
		events := len(e.happened(c.ID))
		again := new(Raw)
		if err := e.db.Read.NewSelect().Model(again).Where("r.id = ?", rows[1].RawID).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.exec(t, "UPDATE raws SET state = 'pending' WHERE id = ?", again.ID)
		e.ingest(o.acc)
		if n := len(o.receipts()); n != 2 || len(e.happened(c.ID)) != events {
			t.Fatal(n, e.happened(c.ID))
		}
		// An answer that cites the envelope finds its case.
		o.comes(o.provider, "z9@pec.example", "In-Reply-To: <"+rows[0].CertifiedBy().ID+">")
		if n := len(e.allCases()); n != 1 {
			t.Fatal("the envelope's id leads to the case", n)
		}
	})
}

func TestRule84KindsOfReceipt(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		c := e.allCases()[0]
		for _, x := range []struct {
			name    string
			fate    standin.Fate
			state   State
			delayed bool
			outside bool
		}{
			{"fails", standin.Fate{Fails: "altro", Words: "5.1.1 - GESTORE - indirizzo non valido"}, Failed, false, false},
			{"virus", standin.Fate{Fails: "virus", Words: "presenza di un virus"}, Failed, false, false},
			{"twelve hours and a day", standin.Fate{Silent: true}, Failed, false, false},
			{"delivered after a warning", standin.Fate{Late: true}, Delivered, false, false},
			{"delivered before accepted", standin.Fate{Impatient: true, Twice: true}, Delivered, false, false},
			{"an ordinary mailbox", standin.Fate{External: true}, Sent, false, true},
		} {
			e.exec(t, "UPDATE identities SET status = 'active'")
			r, posts := o.answered(x.fate)
			if e.theCase(c.ID).Status != Closed {
				if _, err := e.Close(t.Context(), e.giulia, c.ID, 0, 0, "answered"); err != nil {
					t.Fatal(err)
				}
			}
			slices.SortStableFunc(posts, func(a, b standin.Post) int { return int(a.At.Sub(b.At)) })
			for i, p := range posts {
				e.manual.Advance(max(0, p.At.Sub(e.manual.Now())))
				e.arrive(o.acc, string(p.Raw))
				if d := e.delivery(r.Deliveries[0].ID); i == 1 && x.fate.Silent && (d.State != Sent || !d.Delayed || e.theCase(c.ID).Status != Closed) {
					t.Fatalf("%s: late is not failed: %+v", x.name, d)
				}
			}
			d := e.delivery(r.Deliveries[0].ID)
			if d.State != x.state || d.Delayed != x.delayed || d.Outside != x.outside || d.LegalSentAt == 0 {
				t.Fatalf("%s: %+v", x.name, d)
			}
			k := e.theCase(c.ID)
			if failed := x.state == Failed; k.Failed != failed || (k.Status == Open) != failed {
				t.Fatalf("%s: %+v", x.name, k)
			}
			if x.state == Failed {
				if _, err := e.DealWithFailure(t.Context(), e.giulia, c.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		if a := e.account(t, o.acc.ID); a.ErrorClass != "" {
			t.Fatal("a virus is no fault of the mailbox", a.ErrorClass)
		}
	})
}

// Delivered wins whatever the order, and what is not proven sets nothing.
func TestReceiptsThatDisagree(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		r, posts := o.answered(standin.Fate{})
		id := r.Deliveries[0].ID
		receipt := func(p *standin.Provider, word, prefix string) string {
			out := o.box.arrived()[0]
			raw, err := p.Write(standin.Letter{
				Receipt: word, Data: word, ID: "t1@gestore.example", Original: out.ExternalID, From: pecBox, About: annaPEC, Addressee: pecBox,
				To: []standin.Recipient{{Address: annaPEC}}, Subject: "x", Prefix: prefix, Kind: "completa", InnerLast: true, At: e.manual.Now(), MessageID: prefix + p.Name + "1@gestore.example",
			})
			if err != nil {
				t.Fatal(err)
			}
			return string(raw)
		}
		e.arrive(o.acc, receipt(o.liar, "avvenuta-consegna", "A"))
		if d := e.delivery(id); d.State != Accepted || d.LegalArrivedAt != 0 {
			t.Fatalf("a receipt that is not proven sets nothing: %+v", d)
		}
		if rows := o.receipts(); len(rows) != 1 || rows[0].Proven || rows[0].DeliveryID != id {
			t.Fatalf("and is kept: %+v", rows)
		}
		e.arrive(o.acc, receipt(o.provider, "errore-consegna", "B"))
		if d, c := e.delivery(id), e.allCases()[0]; d.State != Failed || !c.Failed {
			t.Fatalf("%+v %+v", d, c)
		}
		e.arrive(o.acc, string(posts[1].Raw))
		e.arrive(o.acc, receipt(o.provider, "errore-consegna", "C"), string(posts[0].Raw))
		if d, c := e.delivery(id), e.allCases()[0]; d.State != Delivered || d.LegalSentAt == 0 || d.LegalArrivedAt == 0 || c.Failed {
			t.Fatalf("%+v %+v", d, c)
		}
	})
}

// Rule 85: what was sent from the webmail has receipts that fit nothing here.
func TestRule85UnmatchedReceiptIsData(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		posts, err := o.provider.Submit(pecBox, pecBox, []string{annaPEC}, letterOf(pecBox, annaPEC, "webmail-1@pec.pontelieto.example", "Avviso"), e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		e.arrive(o.acc, string(posts[0].Raw), string(posts[1].Raw))
		rows := o.receipts()
		if len(rows) != 2 || rows[0].MessageID != 0 || rows[0].Subject == "" {
			t.Fatalf("%+v", rows)
		}
		if n := e.number("SELECT count(*) FROM quarantine"); n != 0 || len(e.allCases()) != 0 {
			t.Fatal("no exception, no quarantine, no case", n)
		}
		list, err := e.UnmatchedReceipts(t.Context(), e.giulia, o.acc, 10)
		if err != nil || len(list) != 2 || list[0].ID != rows[1].ID || list[0].Subject == "" {
			t.Fatal(list, err)
		}
		if _, body, err := e.Receipt(t.Context(), e.giulia, list[0].ID); err != nil || string(body) != string(posts[1].Raw) {
			t.Fatal("byte for byte", err)
		}
		if list, err = e.UnmatchedReceipts(t.Context(), e.elena, o.acc, 10); err != nil || list[0].Subject != "" || list[0].Recipient != "" {
			t.Fatal("contents are the office's", list, err)
		}
		if _, _, err := e.Receipt(t.Context(), e.elena, list[0].ID); err != ErrNotFound {
			t.Fatal(err)
		}
	})
}

// Rules 86 and 90: what is missing is an alarm, once.
func TestRule86MissingReceipts(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		c := e.allCases()[0]
		r, posts := o.answered(standin.Fate{})
		id := r.Deliveries[0].ID
		sweep := func(want int, alarm string) {
			t.Helper()
			n, err := e.SweepReceipts(t.Context())
			if d := e.delivery(id); err != nil || n != want || d.Alarm != alarm {
				t.Fatal(n, d.Alarm, err)
			}
		}
		e.manual.Advance(19 * time.Minute)
		sweep(0, "")
		e.manual.Advance(time.Minute)
		sweep(1, NoAcceptance)
		sweep(0, NoAcceptance)
		if k := e.theCase(c.ID); !k.Failed || !k.Unread {
			t.Fatalf("%+v", k)
		}
		e.arrive(o.acc, string(posts[0].Raw))
		if d, k := e.delivery(id), e.theCase(c.ID); d.Alarm != "" || k.Failed {
			t.Fatalf("%+v %+v", d, k)
		}
		e.manual.Advance(31 * time.Hour)
		sweep(1, NoDelivery)
		sweep(0, NoDelivery)
		if _, err := e.DealWithFailure(t.Context(), e.giulia, c.ID); err != nil {
			t.Fatal(err)
		}
		e.arrive(o.acc, string(posts[1].Raw))
		sweep(0, "")
		got := e.happened(c.ID)
		for _, kind := range []string{"delivery.no_acceptance", "delivery.no_delivery", "delivery.delivered"} {
			if n := len(slices.DeleteFunc(slices.Clone(got), func(k string) bool { return k != kind })); n != 1 {
				t.Fatal(kind, n, got)
			}
		}
	})
}
