package web

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/router"
)

const letter = "From: Lucia <lucia@posta.example>\r\nTo: urp@comune.pontelieto.example\r\nMessage-ID: <l1@posta.example>\r\nSubject: Buche\r\n\r\nBuongiorno.\r\n"

// intakeToken is a token that can hand mail over and nothing else.
func (e *apiTown) intakeToken() {
	e.t.Helper()
	word, _, err := e.router.CreateToken(e.t.Context(), e.people["admin"], "postfix", []router.Scope{router.ScopeIntake}, 0)
	if err != nil {
		e.t.Fatal(err)
	}
	e.tokens["postfix"] = word
}

// hand sends a body as it is.
func (e *apiTown) hand(who, account string, body io.Reader, size int64, headers ...string) *apiReply {
	e.t.Helper()
	r := httptest.NewRequest(http.MethodPost, apiPrefix+"/intake/mail/"+account, body)
	r.ContentLength = size
	r.Header.Set("Content-Type", "message/rfc822")
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+e.tokens[who])
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	e.site.ServeHTTP(w, r)
	out := &apiReply{t: e.t, Status: w.Code, Header: w.Header(), Bytes: w.Body.Bytes()}
	e.check(r, out)
	return out
}

func (e *apiTown) letter2(who, account string, headers ...string) *apiReply {
	e.t.Helper()
	return e.hand(who, account, strings.NewReader(letter), int64(len(letter)), headers...)
}

// Rule 81c: a message is stored before it is answered; the same again is the same
// id; who may not hand over, or hands over what is no message, is told so.
func TestRule81cOverHTTP(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		e.intakeToken()
		id := fmt.Sprint(e.mail.ID)
		const detail = "<urp+c.1.x@comune.pontelieto.example>"
		first := e.letter2("postfix", e.mail.Key, "X-Envelope-From", "<>", "X-Envelope-To", detail).want(http.StatusCreated)
		again := e.letter2("postfix", id, "X-Envelope-To", detail).want(http.StatusOK)
		if plain := e.letter2("postfix", id).want(http.StatusCreated); plain.str("id") == first.str("id") {
			t.Error("the envelope without a detail is lost")
		}
		if first.str("id") != again.str("id") || first.str("account") != id || first.num("size") != int64(len(letter)) || first.str("accepted_at") != again.str("accepted_at") {
			t.Errorf("%s\n%s", first.Bytes, again.Bytes)
		}
		var raw inbox.Raw
		if err := e.db.Read.NewSelect().Model(&raw).Where("r.id = ?", first.str("id")).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if string(raw.Body) != letter || raw.Stream != "http" || raw.State != "pending" || !strings.Contains(raw.Meta, `"envelope_from":"<>"`) && !strings.Contains(raw.Meta, `\u003c\u003e`) || !strings.Contains(raw.Meta, "urp+c.1.x@") {
			t.Errorf("%+v", raw)
		}
		if other := e.letter2("postfix", e.trib.Key).want(http.StatusCreated); other.str("id") == first.str("id") {
			t.Error("two mailboxes share an original")
		}
		e.letter2("admin", e.mail.Key).want(http.StatusOK) // an administrator's token may
		e.letter2("", e.mail.Key).want(http.StatusUnauthorized)
		e.letter2("giulia", e.mail.Key).wantCode(http.StatusForbidden, "scope_missing")
		e.letter2("postfix", "nessuna").want(http.StatusNotFound)
		e.letter2("postfix", e.bot.Key).want(http.StatusNotFound)
		e.letter2("postfix", e.mail.Key, "Content-Type", "text/plain").wantCode(http.StatusUnsupportedMediaType, "not_mail")
		e.hand("postfix", e.mail.Key, strings.NewReader(""), 0).wantCode(http.StatusUnprocessableEntity, "empty")
		e.hand("postfix", e.mail.Key, &broken{}, -1).wantCode(http.StatusBadRequest, "body_cut")
		e.call("postfix", "GET", "/cases", nil).wantCode(http.StatusForbidden, "scope_missing")
		e.call("postfix", "GET", "/me", nil).wantCode(http.StatusForbidden, "scope_missing")
		var n int
		if err := e.db.Read.NewRaw("SELECT count(*) FROM raws").Scan(t.Context(), &n); err != nil || n != 3 {
			t.Errorf("%d originals, %v", n, err)
		}
	})
}

// Rule 8: old mail that is brought in has its own date, by whatever way it comes.
func TestRule08ArchiveOverHTTP(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		e.intakeToken()
		old := time.Date(2020, 1, 6, 9, 30, 0, 0, time.UTC)
		for _, c := range []struct {
			name, query, head string
			archive           bool
			at                time.Time
		}{
			{"received", "?archive=true", "Received: from a by b; Mon, 6 Jan 2020 10:30:00 +0100\r\nDate: Sun, 5 Jan 2020 10:30:00 +0100\r\n", true, old},
			{"written", "?archive=true", "Date: Mon, 6 Jan 2020 10:30:00 +0100\r\n", true, old},
			{"no date", "?archive=true", "", true, e.db.Clock.Now().Time()},
			{"a date to come", "?archive=true", "Date: Mon, 6 Jan 2120 10:30:00 +0100\r\n", true, e.db.Clock.Now().Time()},
			{"no archive", "", "Date: Mon, 6 Jan 2020 10:30:00 +0100\r\nX-A: b\r\n", false, e.db.Clock.Now().Time()},
		} {
			body := c.head + letter
			got := e.hand("postfix", e.mail.Key+c.query, strings.NewReader(body), int64(len(body))).want(http.StatusCreated)
			var raw inbox.Raw
			if err := e.db.Read.NewSelect().Model(&raw).Where("r.id = ?", got.str("id")).Scan(t.Context()); err != nil {
				t.Fatal(err)
			}
			if raw.Archive != c.archive || !raw.ReceivedAt.Time().Equal(c.at) {
				t.Errorf("%s: archive %v, %s", c.name, raw.Archive, raw.ReceivedAt.Time())
			}
		}
		e.hand("postfix", e.mail.Key+"?archive=forse", strings.NewReader(letter), int64(len(letter))).want(http.StatusUnprocessableEntity)
	})
}

// broken is a program that breaks off.
type broken struct{ n int }

func (b *broken) Read(p []byte) (int, error) {
	if b.n++; b.n > 3 {
		return 0, io.ErrUnexpectedEOF
	}
	return copy(p, "From: a@b.example\r\n"), nil
}

// Rules 11 and 12: a message of 100 MB is not held in memory; one that is larger is
// refused, whether it says so or not.
func TestRule81cLargeOverHTTP(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		e.intakeToken()
		most := int64(100 << 20)
		body := func(n int64) io.Reader {
			return io.LimitReader(io.MultiReader(strings.NewReader(letter), &line{}), n)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		done := e.hand("postfix", e.mail.Key, body(most), most).want(http.StatusCreated)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 24<<20 {
			t.Errorf("%d MiB were allocated for a message of 100", used>>20)
		}
		if done.num("size") != most {
			t.Errorf("%s", done.Bytes)
		}
		e.hand("postfix", e.mail.Key, body(most+1), most+1).wantCode(http.StatusRequestEntityTooLarge, "too_large")
		e.hand("postfix", e.mail.Key, body(most+1), -1).wantCode(http.StatusRequestEntityTooLarge, "too_large")
		e.hand("postfix", e.mail.Key, body(most+9<<20), -1).wantCode(http.StatusRequestEntityTooLarge, "too_large")
		for _, size := range []int64{most + 1, most + 9<<20} { // also what the first bound of all requests stops
			if got := e.hand("postfix", e.mail.Key, body(size), size); got.Status != http.StatusRequestEntityTooLarge || !strings.Contains(got.str("remedy"), "max_message_mb") {
				t.Errorf("%s", got.Bytes)
			}
		}
		e.call("postfix", "POST", "/files?name=x", strings.Repeat("x", 30<<20)).want(http.StatusRequestEntityTooLarge)
	})
}

// line is text without end.
type line struct{}

func (line) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnop\r\n"[i%64]
	}
	return len(p), nil
}
