package inbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"filodiretto/channels"
)

// A letter that came as ordinary mail to one office and as certified mail to another is
// two messages of one id: who names it means the one in the same mailbox.
func TestWhoNamesOneOfTwoWithOneID(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		realMail(e)
		e.exec(t, "UPDATE accounts SET office_id = ? WHERE id = ?", e.trib, o.acc.ID)
		o.acc.OfficeID = e.trib
		e.chans.put(o.acc, o.box)
		s := o.envelope(annaPEC, "Anna Verdi <"+annaPEC+">", pecBox, "h4@pec.example")
		e.arrive(e.mail, insideOf(t, s))
		e.arrive(o.acc, s)
		first := e.everything()[0]
		e.arrive(e.mail, letter("Anna Verdi <"+annaPEC+">", "h5@pec.example", "Re: Istanza", "Aggiungo.", "References: <"+first.ExternalID+">"))
		all := e.everything()
		if len(all) != 3 || all[2].CaseID != first.CaseID || all[2].AnswersID != first.ID {
			t.Errorf("the addition is on case %d as an answer to %d, the letter %d on %d", all[2].CaseID, all[2].AnswersID, first.ID, first.CaseID)
		}
	})
}

// Anybody can send a mail with the id of another's: it draws nothing to its case, nobody
// is asked about it, and what it answers is the sender's own.
func TestAStolenID(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		const ada, mallory = "Ada <ada@posta.example>", "Mallory <m@evil.example>"
		e.arrive(e.mail, letter(ada, "a1@posta.example", "Buca", "C'è una buca."), letter(mallory, "a1@posta.example", "Altro", "x"))
		all := e.everything()
		own, stolen := all[0], all[1]
		e.arrive(e.mail, letter(ada, "a2@posta.example", "Re: Buca", "Ancora.", "References: <a1@posta.example>"))
		if m := e.everything()[2]; m.CaseID != own.CaseID || m.AnswersID != own.ID {
			t.Errorf("Ada's second mail is on case %d, her first on %d", m.CaseID, own.CaseID)
		}
		// Nor when her case is closed for long, or what she names is with another office.
		if _, err := e.Close(t.Context(), e.giulia, own.CaseID, 0, 0, "done"); err != nil {
			t.Fatal(err)
		}
		e.manual.Advance(60 * 24 * time.Hour)
		e.arrive(e.mail, letter(ada, "a3@posta.example", "Re: Buca", "Di nuovo.", "References: <a1@posta.example>"))
		if c := e.theCase(e.everything()[3].CaseID); c.FollowsID != own.CaseID {
			t.Errorf("it follows %d", c.FollowsID)
		}
		if n := e.number("SELECT count(*) FROM suggestions WHERE other_id = ?", stolen.CaseID); n != 0 {
			t.Error("a stranger's case is proposed")
		}
		// Who else names it is asked about both.
		e.arrive(e.mail, letter("Ugo <ugo@posta.example>", "u1@posta.example", "Re: Buca", "Anch'io.", "References: <a1@posta.example>"))
		m := e.everything()[4]
		if n := e.number("SELECT count(*) FROM suggestions WHERE case_id = ?", m.CaseID); n != 2 || m.AnswersID != 0 {
			t.Errorf("%d questions, an answer to %d", n, m.AnswersID)
		}
	})
}

// Nor does a mail that is sent in her name, with the id of one of hers and other words: it
// stands doubted on a case of its own, and a true answer to the id goes to the true one,
// or, where that is not here yet, opens a case to which it comes.
func TestAForgedMailWithATrueID(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		mailOf := func(how, id, text string, more ...string) string {
			return how + "\r\n" + letter("Rosa <rosa@example.org>", id, "Tributi", text, more...)
		}
		for i, order := range [][]string{{"true", "forged", "answer"}, {"forged", "true", "answer"}, {"forged", "answer", "true"}} {
			first, second := fmt.Sprintf("r%d@example.org", i), fmt.Sprintf("s%d@example.org", i)
			for _, what := range order {
				e.arrive(e.mail, map[string]string{
					"true": mailOf(isTrue, first, "Quanto devo?"), "forged": mailOf(isFalse, first, "Rimborsate su questo conto."),
					"answer": mailOf(isTrue, second, "Allora?", "References: <"+first+">"),
				}[what])
			}
			var forgery, letter, answer *Message
			for _, m := range e.everything() {
				switch {
				case m.ExternalID == second:
					answer = m
				case m.ExternalID == first && m.Standing() == StandsDoubted:
					forgery = m
				case m.ExternalID == first:
					letter = m
				}
			}
			if forgery == nil || letter == nil || answer == nil || letter.CaseID != answer.CaseID || letter.CaseID == forgery.CaseID {
				t.Errorf("%v: the letter is %+v, the answer %+v, the forgery %+v", order, letter, answer, forgery)
			}
		}
	})
}

// What our own people wrote with another program goes to whom it was written, where
// several have mails of the id that it answers; to nobody where that tells nothing.
func TestOwnMailToOneOfTwoWithOneID(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		const ada, mallory = "ada@posta.example", "m@evil.example"
		e.arrive(e.mail, letter("Ada <"+ada+">", "a1@posta.example", "Buca", "C'è una buca."), letter("Mallory <"+mallory+">", "a1@posta.example", "Altro", "x"))
		all := e.everything()
		for i, to := range []string{ada, mallory, "ugo@posta.example"} {
			x := letter("URP <urp@comune.pontelieto.example>", fmt.Sprintf("o%d@comune.example", i), "Re: Buca", "Veniamo.", "In-Reply-To: <a1@posta.example>")
			e.arrive(e.mail, strings.Replace(x, "To: ", "To: <"+to+">, ", 1))
			want := 1
			if i == 2 {
				want = 0
			}
			if n := e.number("SELECT count(*) FROM messages WHERE direction = 'out' AND external_id = ? AND case_id = ?", fmt.Sprintf("o%d@comune.example", i), all[i%2].CaseID); n != want {
				t.Errorf("the mail to %s: %d on the case", to, n)
			}
		}
		if q := e.held(t); q.Reason != "own_address" {
			t.Error(q.Reason)
		}
	})
}

// A device that gives all its mails one id fills nothing: the first and the last count.
func TestMostOfOneID(t *testing.T) {
	f := &filing{byRef: map[string][]place{}}
	for i := range int64(100) {
		f.refer("scan", place{messageID: i})
		f.refer("scan", place{messageID: i})
		f.refer("", place{messageID: i})
	}
	var got []int64
	for _, p := range f.byRef["scan"] {
		got = append(got, p.messageID)
	}
	if want := []int64{0, 1, 2, 3, 4, 95, 96, 97, 98, 99}; !slices.Equal(got, want) || len(f.byRef) != 1 {
		t.Error(got)
	}
}

// Whatever the order and the batches in which mails of some persons come, with mails of
// others among them that bear the same ids, or the same names too: the mails of a
// thread are on one case, and no case has mails of two persons.
func TestThreadsWithStolenIDs(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.chans.put(e.mail, letters{})
		round := 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			type mail struct {
				id, from string
				raw      channels.Raw
			}
			var mails []mail
			add := func(person, id string, names []string, age int) {
				x := e.named(id, person, strings.Join(names, " "), time.Duration(age)*time.Minute)
				x.Meta["hash"] = person + " " + id
				x.DedupKey, x.Body = fmt.Sprint(round, " ", person, " ", id), []byte(person+" "+id)
				x.Meta["id"] = id
				mails = append(mails, mail{id, person, x})
			}
			threads := rapid.IntRange(1, 4).Draw(r, "threads")
			for n := range threads {
				person, thief := fmt.Sprintf("p%d-%d", round, n), fmt.Sprintf("t%d-%d", round, n)
				var names []string // nearest first
				for i := range rapid.IntRange(1, 4).Draw(r, "length") {
					id := fmt.Sprintf("m%d-%d-%d", round, n, i)
					add(person, id, names, 100-i)
					switch rapid.SampledFrom([]string{"alone", "stolen", "forged"}).Draw(r, "how") {
					case "stolen":
						add(thief+fmt.Sprint(i), id, nil, 50)
					case "forged":
						add(person, id, nil, 50)
						x := mails[len(mails)-1].raw
						x.Meta["doubted"], x.Meta["hash"] = "yes", "forged "+id
						mails[len(mails)-1].raw.DedupKey, mails[len(mails)-1].raw.Body = x.DedupKey+" forged", []byte("forged "+id)
					}
					names = slices.Insert(names, 0, id)
				}
			}
			mails = rapid.Permutation(mails).Draw(r, "order")
			for rest := mails; len(rest) > 0; {
				n := rapid.IntRange(1, len(rest)).Draw(r, "batch")
				var batch []channels.Raw
				for _, m := range rest[:n] {
					batch = append(batch, m.raw)
				}
				e.filed(batch...)
				rest = rest[n:]
			}
			var rows []struct {
				CaseID int64
				Value  string
			}
			err := e.db.Read.NewRaw("SELECT DISTINCT m.case_id, i.value FROM messages AS m JOIN identities AS i ON i.id = m.identity_id WHERE m.notes NOT LIKE '%dmarc:fail%' AND (i.value LIKE ? OR i.value LIKE ?)",
				fmt.Sprintf("p%d-%%", round), fmt.Sprintf("t%d-%%", round)).Scan(t.Context(), &rows)
			if err != nil {
				r.Fatal(err)
			}
			people, cases := map[string]bool{}, map[int64]bool{}
			for _, x := range rows {
				if people[x.Value] || cases[x.CaseID] {
					r.Errorf("of %v: %+v is not one case of one person", mails, rows)
				}
				people[x.Value], cases[x.CaseID] = true, true
			}
			if n := e.number("SELECT count(*) FROM messages"); n < len(mails) {
				r.Errorf("%d messages of %d mails", n, len(mails))
			}
		})
	})
}
