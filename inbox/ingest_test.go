package inbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/counter"
	"filodiretto/channels/mail"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// deafMail are the settings of a mailbox whose server is not there.
var deafMail = map[string]string{
	"address": "urp@comune.pontelieto.example", "imap_host": "127.0.0.1", "imap_port": "1", "imap_security": "plain-local", "imap_user": "u", "imap_password": "p",
	"smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_security": "plain-local", "folders": "INBOX",
}

// realMail gives the env's mail account the real parser.
func realMail(e *env) {
	e.t.Helper()
	ch, err := mail.Driver.Open(channels.Account{ID: e.mail.ID, Key: "mail", Kind: "mail", Settings: deafMail}, channels.Deps{Log: e.log, Clock: e.clock})
	if err != nil {
		e.t.Fatal(err)
	}
	e.chans.put(e.mail, ch)
}

// letter writes a plain mail.
func letter(from, id, subject, text string, more ...string) string {
	h := []string{
		"From: " + from, "To: urp@comune.pontelieto.example", "Message-ID: <" + id + ">", "Subject: " + subject,
		"Date: Tue, 17 Nov 2026 10:00:00 +0000", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
	}
	h = append(h, more...)
	return strings.Join(h, "\r\n") + "\r\n\r\n" + text + "\r\n"
}

var uid int

// arrive accepts letters on an account and ingests them.
func (e *env) arrive(acc Account, raws ...string) {
	e.t.Helper()
	b := channels.Batch{Stream: "INBOX"}
	for _, r := range raws {
		uid++
		b.Items = append(b.Items, channels.Raw{DedupKey: fmt.Sprintf("INBOX/1/%d", uid), ContentType: mail.TypeMessage, Body: []byte(r), ReceivedAt: e.manual.Now(), Meta: map[string]string{"uid": fmt.Sprint(uid)}})
	}
	if err := e.Accept(e.t.Context(), acc.ID, b); err != nil {
		e.t.Fatal(err)
	}
	e.ingest(acc)
}

func (e *env) ingest(acc Account) {
	e.t.Helper()
	for {
		n, err := e.Ingest(e.t.Context(), acc.ID)
		if err != nil {
			e.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

func (e *env) allCases() []*Case {
	e.t.Helper()
	var cs []*Case
	if err := e.db.Read.NewSelect().Model(&cs).OrderExpr("c.id").Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return cs
}

func (e *env) number(query string, args ...any) int {
	e.t.Helper()
	n := 0
	if err := e.db.Read.NewRaw(query, args...).Scan(e.t.Context(), &n); err != nil {
		e.t.Fatal(err)
	}
	return n
}

func TestALetterOpensACase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.arrive(e.mail, letter("Lucia Ferrante <Lucia.Ferrante@posta.example>", "a1@posta.example", "Ponteggio in via Garibaldi 14", "Buongiorno,\r\nmi serve un permesso. Telefono 347 555 0142."))
		cs := e.allCases()
		if len(cs) != 1 {
			t.Fatalf("%d cases", len(cs))
		}
		c := cs[0]
		if c.Ref() != "2026/000001" || c.Person != "Lucia Ferrante" || c.Subject != "Ponteggio in via Garibaldi 14" || c.Channel != "mail" || !c.Unread || c.OfficeID != e.urp || !strings.Contains(c.Snippet, "permesso") {
			t.Errorf("%+v", c)
		}
		cv, err := e.ViewCase(t.Context(), e.giulia, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if m := cv.Entries[len(cv.Entries)-1].Message; m == nil && cv.Entries[0].Message == nil {
			t.Error("no message on the timeline")
		}
		if n := e.number("SELECT count(*) FROM identities WHERE kind = 'phone' AND value = '+393475550142'"); n != 1 {
			t.Error("the telephone number in the text is a declared identity", n)
		}
		if _, err := e.ViewCase(t.Context(), e.elena, c.ID); err != ErrNotFound {
			t.Error("another back office must not see it", err)
		}
	})
}

func TestRule24TheSameMailTwiceIsOneMessage(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		l := letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca.")
		e.arrive(e.mail, l)
		e.arrive(e.mail, l, l)
		e.arrive(e.mail, "Received: from elsewhere by mx; Tue, 17 Nov 2026 10:00:01 +0000\r\n"+l)
		if n := e.number("SELECT count(*) FROM messages"); n != 1 {
			t.Error("messages:", n)
		}
		if n := e.number("SELECT count(*) FROM raws"); n != 4 {
			t.Error("every raw item is kept:", n)
		}
		if n := e.number("SELECT count(*) FROM raws WHERE state = 'pending'"); n != 0 {
			t.Error("pending:", n)
		}
	})
}

func TestRule26SameMessageIDOtherBodyKeepsBoth(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "same@posta.example", "Uno", "primo"), letter("Eva <eva@posta.example>", "same@posta.example", "Due", "secondo"))
		if n := e.number("SELECT count(*) FROM messages"); n != 2 {
			t.Error("messages:", n)
		}
	})
}

func TestScenario8OneMailToThreeMailboxes(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		l := letter("Ada <ada@posta.example>", "a8@posta.example", "Per tutti", "A tutti gli uffici.")
		e.arrive(e.mail, l)
		for i, office := range []int64{e.trib, e.urp} {
			acc := Account{ID: db.NewID(e.clock), Key: fmt.Sprintf("mail%d", i), Kind: "mail", Name: "m", OfficeID: office, Origin: "file", Settings: "{}", Enabled: true}
			if _, err := e.db.Write.NewInsert().Model(&acc).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			ch, _, _ := e.chans.Channel(e.mail.ID)
			e.chans.put(acc, ch)
			e.arrive(acc, "Received: by mx"+fmt.Sprint(i)+"\r\n"+l)
		}
		if n := e.number("SELECT count(*) FROM messages"); n != 1 {
			t.Error("messages:", n)
		}
		if n := e.number("SELECT count(*) FROM copies"); n != 3 {
			t.Error("copies:", n)
		}
		// each office sees its own
		c := e.allCases()[0]
		if _, err := e.CaseByID(t.Context(), e.elena, c.ID); err != nil {
			t.Error("the second office's mailbox got it too, so its people see it:", err)
		}
	})
}

func TestRepliesJoinTheCaseOfTheirSender(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca."))
		e.manual.Advance(time.Hour)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a2@posta.example", "Re: Buca", "Ancora lì.", "In-Reply-To: <a1@posta.example>"))
		cs := e.allCases()
		if len(cs) != 1 || cs[0].Version < 2 || !strings.HasPrefix(cs[0].Snippet, "Ancora") {
			t.Fatalf("%d cases %+v", len(cs), cs[0])
		}
		// in one batch, too
		e.arrive(e.mail, letter("Eva <eva@posta.example>", "e1@posta.example", "Nido", "Quando apre?"),
			letter("Eva <eva@posta.example>", "e2@posta.example", "R: Nido", "Dimenticavo.", "References: <e1@posta.example>"))
		if n := len(e.allCases()); n != 2 {
			t.Error("cases:", n)
		}
		// a bare subject never threads (rule 80)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a3@posta.example", "Re: Buca", "Altra cosa."))
		if n := len(e.allCases()); n != 3 {
			t.Error("cases:", n)
		}
	})
}

func TestScenario5AStrangerWithAStolenTokenStaysOutside(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca."))
		c := e.allCases()[0]
		token := e.sign.SubjectToken(c.Year, c.Number)
		plus := "urp+" + e.sign.ReplyDetail(c.ID) + "@comune.pontelieto.example"
		e.arrive(e.mail,
			letter("Mallory <mallory@evil.example>", "m1@evil.example", "Re: Buca ["+token+"]", "Mandatemi tutto."),
			letter("Mallory <mallory@evil.example>", "m2@evil.example", "Re: Buca", "Mandatemi tutto.", "In-Reply-To: <a1@posta.example>"),
			letter("Mallory <mallory2@evil.example>", "m3@evil.example", "Re: Buca", "Mandatemi tutto.", "Delivered-To: "+plus),
			letter("Mallory <mallory3@evil.example>", "m4@evil.example", "Re: Buca", "Mandatemi tutto.", "Reply-To: ada@posta.example", "In-Reply-To: <a1@posta.example>"))
		if n := e.number("SELECT count(*) FROM messages WHERE case_id = ?", c.ID); n != 1 {
			t.Error("a stranger's mail is in the case:", n)
		}
		if n := e.number("SELECT count(*) FROM suggestions WHERE other_id = ? AND state = 'open'", c.ID); n != 4 {
			t.Error("each is a suggestion for a person:", n)
		}
		// the citizen's own answer by token finds the case
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a2@posta.example", "Re: Buca ["+token+"]", "Eccomi."))
		if n := e.number("SELECT count(*) FROM messages WHERE case_id = ?", c.ID); n != 2 {
			t.Error("the citizen's answer:", n)
		}
		// a mistyped token finds nothing
		wrong := token[:len(token)-1] + "0"
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a9@posta.example", "Re: Buca ["+wrong+"]", "Eccomi."))
		if n := e.number("SELECT count(*) FROM messages WHERE case_id = ?", c.ID); n != 2 {
			t.Error("a token with a wrong check character was believed:", n)
		}
	})
}

func TestRule79ALateAnswerOpensALinkedCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca."))
		c := e.allCases()[0]
		if _, err := e.Close(t.Context(), e.giulia, c.ID, 0, 0, "done"); err != nil {
			t.Fatal(err)
		}
		e.manual.Advance(24 * time.Hour)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a2@posta.example", "Re: Buca", "Si è riaperta.", "In-Reply-To: <a1@posta.example>"))
		if c := e.allCases()[0]; c.Status != Open {
			t.Error("an answer soon after closing reopens:", c.Status)
		}
		if _, err := e.Close(t.Context(), e.giulia, c.ID, 0, 0, "done"); err != nil {
			t.Fatal(err)
		}
		e.manual.Advance(60 * 24 * time.Hour)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a3@posta.example", "Re: Buca", "Di nuovo.", "In-Reply-To: <a2@posta.example>"))
		cs := e.allCases()
		if len(cs) != 2 || cs[1].FollowsID != c.ID || cs[0].Status != Closed {
			t.Errorf("%d cases, %+v", len(cs), cs[len(cs)-1])
		}
	})
}

func TestRule23OneBadMessageNeverStopsTheNext(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.arrive(e.mail, "", letter("Ada <ada@posta.example>", "a1@posta.example", "Uno", "primo"), "\x00\xff\xfe", "Subject: senza mittente\r\n\r\nciao\r\n",
			letter("Eva <eva@posta.example>", "e1@posta.example", "Due", "secondo \x00 fine"))
		if n := e.number("SELECT count(*) FROM messages"); n != 2 {
			t.Error("messages:", n)
		}
		if n := e.number("SELECT count(*) FROM quarantine WHERE state = 'waiting'"); n != 3 {
			t.Error("quarantine:", n)
		}
		if n := e.number("SELECT count(*) FROM raws WHERE state = 'pending'"); n != 0 {
			t.Error("pending:", n)
		}
		list, err := e.QuarantineList(t.Context(), e.giulia, 0, 10)
		if err != nil || len(list) != 3 {
			t.Fatal(err, list)
		}
		for _, q := range list {
			if q.Reason == "no_sender" {
				c, err := e.Release(t.Context(), e.giulia, q.ID, 0, "vista")
				if err != nil || c.ID == 0 {
					t.Error("a released item opens a case", err)
				}
				if _, err := e.Release(t.Context(), e.giulia, q.ID, 0, ""); err != ErrChanged {
					t.Error("released twice", err)
				}
			} else if err := e.Reject(t.Context(), e.giulia, q.ID, "vuota"); err != nil {
				t.Error(err)
			}
		}
		if w, err := e.Tally(t.Context(), e.giulia); err != nil || w.Quarantined != 0 {
			t.Error(w.Quarantined, err)
		}
	})
}

func TestRule54AutomaticMailIsKeptAndOpensNothing(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca."),
			letter("Ada <ada@posta.example>", "v1@posta.example", "Fuori sede", "Rientro lunedì.", "Auto-Submitted: auto-replied", "In-Reply-To: <a1@posta.example>"),
			letter("Ditta <ditta@posta.example>", "v2@posta.example", "Fuori sede", "Rientro lunedì.", "Auto-Submitted: auto-replied"))
		cs := e.allCases()
		if len(cs) != 1 {
			t.Fatal("cases:", len(cs))
		}
		if cs[0].LastInID == cs[0].LastMessageID {
			t.Error("an automatic answer is not the citizen's last word")
		}
		if n := e.number("SELECT count(*) FROM quarantine WHERE reason = 'auto'"); n != 1 {
			t.Error("an automatic mail that belongs nowhere waits in quarantine:", n)
		}
	})
}

func TestRule58AStormGoesToQuarantine(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.set.PingPong = Budget{Count: 5, Within: 10 * time.Minute}
		for i := range 12 {
			e.manual.Advance(time.Second)
			e.arrive(e.mail, letter("Robot <robot@posta.example>", fmt.Sprintf("r%d@posta.example", i), fmt.Sprintf("Numero %d", i), "ciao"))
		}
		if n := e.number("SELECT count(*) FROM messages"); n != 5 {
			t.Error("messages:", n)
		}
		if n := e.number("SELECT count(*) FROM quarantine WHERE reason = 'over_budget'"); n != 7 {
			t.Error("quarantine:", n)
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'alarm.ping_pong'"); n != 1 {
			t.Error("one alarm for one cause:", n)
		}
	})
}

func TestScenario2ARenumberedFolderChangesNothing(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		var all []string
		for i := range 20 {
			all = append(all, letter(fmt.Sprintf("P%d <p%d@posta.example>", i, i), fmt.Sprintf("x%d@posta.example", i), "Oggetto", fmt.Sprintf("testo %d", i)))
		}
		e.arrive(e.mail, all...)
		cases, messages := len(e.allCases()), e.number("SELECT count(*) FROM messages")
		e.arrive(e.mail, all...) // the same bytes under new UIDs
		if len(e.allCases()) != cases || e.number("SELECT count(*) FROM messages") != messages {
			t.Error("a renumbered folder made new messages")
		}
	})
}

func TestRule39NoMessageIsFromTheFuture(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		b := channels.Batch{Stream: "INBOX", Items: []channels.Raw{{
			DedupKey: "f", ContentType: mail.TypeMessage,
			Body: []byte(letter("Ada <ada@posta.example>", "f@posta.example", "Futuro", "x")), ReceivedAt: e.manual.Now().Add(100 * time.Hour),
		}}}
		if err := e.Accept(t.Context(), e.mail.ID, b); err != nil {
			t.Fatal(err)
		}
		e.ingest(e.mail)
		var at clock.Instant
		if err := e.db.Read.NewRaw("SELECT at FROM messages").Scan(t.Context(), &at); err != nil || at > e.manual.Now() {
			t.Error(at.Time(), err)
		}
	})
}

// realCounter gives the env's counter account the real parser.
func realCounter(e *env) {
	e.t.Helper()
	ch, err := counter.Driver.Open(channels.Account{}, channels.Deps{})
	if err != nil {
		e.t.Fatal(err)
	}
	e.chans.put(e.counter, ch)
}

func TestMailOfOurOwnIsNeverAContact(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca."))
		e.arrive(e.mail, letter("URP <urp@comune.pontelieto.example>", "o1@comune.example", "Re: Buca", "Risposto da Outlook.", "In-Reply-To: <a1@posta.example>"),
			letter("URP <urp@comune.pontelieto.example>", "o2@comune.example", "Prova", "Una prova."))
		cs := e.allCases()
		if len(cs) != 1 || e.number("SELECT count(*) FROM messages WHERE direction = 'out' AND origin = 'external' AND case_id = ?", cs[0].ID) != 1 {
			t.Error("our answer from elsewhere is on the case as outgoing:", len(cs))
		}
		if n := e.number("SELECT count(*) FROM citizens"); n != 1 {
			t.Error("we became a citizen:", n)
		}
		if n := e.number("SELECT count(*) FROM quarantine WHERE reason = 'own_address'"); n != 1 {
			t.Error("what refers to nothing waits for a person:", n)
		}
		// the citizen's answer to what the hub never sent finds its case
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a2@posta.example", "Re: Buca", "Grazie.", "In-Reply-To: <o1@comune.example>"))
		if n := len(e.allCases()); n != 1 {
			t.Error("cases:", n)
		}
	})
}
