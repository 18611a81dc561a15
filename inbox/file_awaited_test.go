package inbox

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
)

// named is a mail of a test: what it names, nearest first, and who wrote it.
func (e *env) named(name, from, names string, age time.Duration) channels.Raw {
	r := letterRaw(name, names, e.clock.Now().Add(-age))
	r.Meta["from"] = from
	return r
}

// filed takes mails in, in one batch, and files all of them.
func (e *env) filed(mails ...channels.Raw) {
	e.t.Helper()
	if err := e.Accept(e.t.Context(), e.mail.ID, channels.Batch{Stream: "INBOX", Items: mails}); err != nil {
		e.t.Fatal(err)
	}
	for {
		n, err := e.Ingest(e.t.Context(), e.mail.ID)
		if err != nil {
			e.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// caseOf is the case of a mail.
func (e *env) caseOf(name string) int64 {
	e.t.Helper()
	return int64(e.number("SELECT case_id FROM messages WHERE external_id = ?", name))
}

// A mail that comes after its answer is on the answer's case, and stands before it
// (mail rule 39): mails overtake each other.
func TestAnswerThatCameFirst(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.chans.put(e.mail, letters{})
		e.filed(e.named("answer", "rosa", "first", 0))
		e.filed(e.named("first", "rosa", "", time.Hour))
		if a, b := e.caseOf("answer"), e.caseOf("first"); a != b {
			t.Errorf("the answer is on case %d, what it answers on %d", a, b)
		}
		if n := e.number("SELECT count(*) FROM cases"); n != 1 {
			t.Error(n, "cases")
		}
		if n := e.number("SELECT count(*) FROM cases AS c JOIN messages AS m ON m.id = c.last_message_id WHERE m.external_id = 'answer'"); n != 1 {
			t.Error("the older mail that came later is taken for the last word")
		}

		// Two that name the same unknown mail belong together before it comes.
		e.filed(e.named("second answer", "ugo", "start", 2*time.Hour), e.named("third answer", "ugo", "never start", time.Hour))
		if a, b := e.caseOf("second answer"), e.caseOf("third answer"); a != b {
			t.Errorf("mails of one thread are on cases %d and %d", a, b)
		}
		e.filed(e.named("start", "ugo", "", 3*time.Hour))
		if a, b := e.caseOf("second answer"), e.caseOf("start"); a != b {
			t.Errorf("the answers are on case %d, what they answer on %d", a, b)
		}
	})
}

// Threading is a confidentiality boundary in this direction too: somebody else's
// mail opens a case of its own and is proposed to a person, and a forged one
// draws nothing to itself (inbox reference section 4).
func TestRule76SomebodyElsesAnswerThatCameFirst(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.chans.put(e.mail, letters{})
		e.filed(e.named("remark", "ugo", "letter", 0))
		e.filed(e.named("letter", "rosa", "", time.Hour))
		if e.caseOf("remark") == e.caseOf("letter") {
			t.Error("Rosa's letter is on Ugo's case")
		}
		if n := e.number("SELECT count(*) FROM suggestions WHERE case_id = ? AND other_id = ? AND reason = 'reference'", e.caseOf("letter"), e.caseOf("remark")); n != 1 {
			t.Error("nobody is asked whether they belong together")
		}

		for _, how := range []string{"forged", "doubted"} { // by its signature; by our own mail server
			forgery := e.named("forgery "+how, "rosa", "secret-"+how, 0)
			forgery.Meta[how] = "yes"
			e.filed(forgery)
			e.filed(e.named("secret-"+how, "rosa", "", time.Hour))
			if n := e.number("SELECT count(*) FROM awaited WHERE ref = ?", "secret-"+how); n != 0 {
				t.Error(how, "mail is waited upon")
			}
			if c := e.caseOf("forgery " + how); c == e.caseOf("secret-"+how) {
				t.Error("a letter went to the case of a mail that is", how)
			}
		}
	})
}

// What many name is a circular and no dialogue: nobody is asked whether their cases
// belong together, and the rows do not grow with the square of their number. Who
// answers it twice, about two matters, has two cases and a question for a person.
func TestAnswersToACircular(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.chans.put(e.mail, letters{})
		var mails []channels.Raw
		for i := range 120 {
			mails = append(mails, e.named(fmt.Sprint("m", i), fmt.Sprint("p", i), "circular", time.Hour))
		}
		e.filed(mails...)
		if n := e.number("SELECT count(*) FROM cases"); n != 120 {
			t.Error(n, "cases of 120 persons")
		}
		if n := e.number("SELECT count(*) FROM awaited"); n != mostAwaiting {
			t.Error(n, "cases await the circular")
		}
		if n := e.number("SELECT count(*) FROM suggestions"); n > aCircular*aCircular {
			t.Error(n, "questions about a circular")
		}

		first, second := e.named("rates", "rosa", "news", time.Hour), e.named("nursery", "rosa", "news", 0)
		first.Meta["subject"], second.Meta["subject"] = "Tassa rifiuti", "Iscrizione al nido"
		e.filed(first)
		e.filed(second)
		if e.caseOf("rates") == e.caseOf("nursery") {
			t.Error("two matters of one person are one case because both name the same circular")
		}
		if n := e.number("SELECT count(*) FROM suggestions WHERE case_id = ? AND other_id = ?", e.caseOf("nursery"), e.caseOf("rates")); n != 1 {
			t.Error("nobody is asked about the two")
		}
	})
}

// What our own people wrote with another program comes to the case of who answered
// it, and to no case only because both name the same unknown mail.
func TestOwnMailThatIsAwaited(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.chans.put(e.mail, letters{})
		own := func(name, names string) channels.Raw {
			r := e.named(name, "urp", names, time.Hour)
			r.Meta["own"] = "yes"
			return r
		}
		e.filed(e.named("question", "rosa", "news", 0))
		e.filed(own("to the publisher", "news"))
		if n := e.number("SELECT count(*) FROM messages WHERE external_id = 'to the publisher'"); n != 0 {
			t.Error("a mail to somebody else is on Rosa's case")
		}
		e.filed(e.named("thanks", "ugo", "letter", 0))
		e.filed(own("letter", ""))
		if n := e.number("SELECT count(*) FROM messages WHERE external_id = 'letter' AND direction = 'out' AND case_id = ?", e.caseOf("thanks")); n != 1 {
			t.Error("what Ugo answered is not on his case")
		}
	})
}

// Whatever the order in which mails of many threads come, and in whatever batches,
// the mails of a thread are on one case and no case has mails of two.
func TestThreadsInAnyOrder(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.chans.put(e.mail, letters{})
		seed := rand.Uint64()
		dice := rand.New(rand.NewPCG(seed, 0))
		threadOf := map[string]int{}
		var mails []channels.Raw
		for thread := range 60 {
			var names []string // nearest first
			for i := range 1 + dice.IntN(5) {
				name := fmt.Sprintf("m%d-%d", thread, i)
				threadOf[name] = thread
				age := time.Duration(100-i) * time.Minute
				mails = append(mails, e.named(name, fmt.Sprint("p", thread), strings.Join(names, " "), age))
				names = slices.Insert(names, 0, name)
			}
		}
		dice.Shuffle(len(mails), func(i, j int) { mails[i], mails[j] = mails[j], mails[i] })
		for len(mails) > 0 {
			n := min(len(mails), 1+dice.IntN(40))
			e.filed(mails[:n]...)
			mails = mails[n:]
		}
		caseOf := map[int]int64{}
		for _, name := range slices.Sorted(maps.Keys(threadOf)) {
			c := e.caseOf(name)
			if have, ok := caseOf[threadOf[name]]; ok && have != c {
				t.Errorf("seed %d: %s is on case %d, its thread on %d", seed, name, c, have)
			}
			caseOf[threadOf[name]] = c
		}
		if n := e.number("SELECT count(*) FROM cases"); n != 60 {
			t.Errorf("seed %d: %d cases of 60 threads", seed, n)
		}
	})
}
