package inbox

import (
	"errors"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/textfold"
)

// troubled reads raw items, and panics or sleeps at some.
type troubled struct {
	letters
	asleep chan struct{}
}

func (p troubled) Parse(raw channels.Raw) ([]channels.Item, error) {
	switch string(raw.Body) {
	case "panics":
		panic("a fault of the parser")
	case "sleeps":
		<-p.asleep
	}
	return p.letters.Parse(raw)
}

// A parser that panics costs its message, which waits for a person with the
// reason; those behind it are filed. One that does not end is left.
func TestRule21AParserThatFails(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		asleep := make(chan struct{})
		defer close(asleep)
		p := troubled{asleep: asleep}
		e.chans.put(e.mail, p)
		now := e.clock.Now()
		if err := e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{letterRaw("a", "", now), letterRaw("panics", "", now), letterRaw("b", "", now)}}); err != nil {
			t.Fatal(err)
		}
		e.ingest(e.mail)
		if n := e.number("SELECT count(*) FROM messages WHERE external_id IN ('a','b')"); n != 2 {
			t.Errorf("%d of the others were filed", n)
		}
		if n := e.number("SELECT count(*) FROM quarantine WHERE reason = 'unparseable' AND state = 'waiting'"); n != 1 {
			t.Errorf("%d in quarantine", n)
		}
		if n := e.number("SELECT count(*) FROM raws WHERE state = 'quarantined' AND body IS NOT NULL"); n != 1 {
			t.Error("the original is not kept")
		}
		if _, err := e.parse(p, channels.Raw{Body: []byte("sleeps")}, time.Millisecond); !errors.Is(err, errSlow) {
			t.Errorf("a parser that does not end: %v", err)
		}
	})
}

// A mail that was sent on as a file is found by its words.
func TestRule33AMailInAMailIsFound(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.arrive(e.mail, "From: Anna <anna@posta.example>\r\nTo: urp@comune.pontelieto.example\r\nMessage-ID: <n@posta.example>\r\nSubject: Inoltro\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"+
			"--b\r\nContent-Type: text/plain\r\n\r\nVi giro questa.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: Ugo <ugo@posta.example>\r\nSubject: Lampione\r\n\r\nIl lampione dondola da giorni.\r\n--b--\r\n")
		var words string
		if err := e.db.Read.NewRaw("SELECT preview FROM parts WHERE kind = 'message'").Scan(t.Context(), &words); err != nil || !strings.Contains(words, "dondola") {
			t.Errorf("preview %q: %v", words, err)
		}
		query, _ := textfold.Parse("dondola", textfold.Options{})
		found, err := e.Search(t.Context(), e.giulia, query, 10)
		if err != nil || len(found.Hits) != 1 {
			t.Errorf("%+v: %v", found, err)
		}
	})
}

// NUL and bytes that are no UTF-8 reach no table, whatever database it is.
func TestRule40OddBytesAreFiled(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.arrive(e.mail, letter("Anna \x00Ver\xffdi <anna@posta.example>", "z@posta.example", "Buca\x00 in \xfe via", "Testo con \x00 e \xff\xfe dentro."))
		if n := e.number("SELECT count(*) FROM messages WHERE external_id = 'z@posta.example' AND case_id > 0"); n != 1 {
			t.Errorf("%d messages", n)
		}
	})
}

// What goes out is signed by the installation, in all three places.
func TestRule75TokensOfOthersAreNone(t *testing.T) {
	ours, other := Signer{key: []byte("ours"), prefix: "PL", domain: "filo.example"}, Signer{key: []byte("other"), prefix: "PL", domain: "filo.example"}
	if n, ok := ours.ParseMessageID(ours.MessageID(7)); !ok || n != 7 {
		t.Error("our Message-ID is not known")
	}
	if _, ok := ours.ParseMessageID(other.MessageID(7)); ok {
		t.Error("somebody else's Message-ID counts")
	}
	if n, ok := ours.ParseReplyDetail(ours.ReplyDetail(7)); !ok || n != 7 {
		t.Error("our reply address is not known")
	}
	if _, ok := ours.ParseReplyDetail(other.ReplyDetail(7)); ok {
		t.Error("somebody else's reply address counts")
	}
}

// One wrong character in the number of a subject is found out.
func TestRule77CheckCharacterOfTheSubject(t *testing.T) {
	s := Signer{key: []byte("ours"), prefix: "PL", domain: "filo.example"}
	token := strings.Trim(s.SubjectToken(2026, 4512), "[]")
	if y, n, ok := s.ParseSubjectToken(token); !ok || y != 2026 || n != 4512 {
		t.Fatalf("%s is %d/%d, %v", token, y, n, ok)
	}
	wrong := 0
	for i, c := range token {
		if c < '0' || c > '9' {
			continue
		}
		other := token[:i] + string('0'+(c-'0'+1)%10) + token[i+1:]
		if _, _, ok := s.ParseSubjectToken(other); ok {
			t.Errorf("%s is taken for %s", other, token)
		}
		wrong++
	}
	if wrong < 5 {
		t.Errorf("only %d digits in %s", wrong, token)
	}
}
