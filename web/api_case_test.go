package web

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// firstCase is the path of the newest case of an office's view, and the case.
func (e *apiTown) firstCase(who string) (string, *apiReply) {
	e.t.Helper()
	r := e.call(who, "GET", "/cases?view=office&limit=1", nil).want(http.StatusOK)
	path := fmt.Sprintf("/cases/%d/%06d", r.num("items", 0, "year"), r.num("items", 0, "number"))
	return path, e.call(who, "GET", path, nil).want(http.StatusOK)
}

// answer is a reply to the case as it was read, in the way the composer offers first.
func (e *apiTown) answer(who, path, text string) map[string]any {
	e.t.Helper()
	o := e.call(who, "GET", path+"/options", nil).want(http.StatusOK)
	return obj("text", text, "account", o.str("items", 0, "account", "id"), "to", []any{obj("identity", o.str("items", 0, "identity"))},
		"seen_in_id", o.at("seen_in_id"), "seen_id", o.at("seen_id"), "undo_seconds", 0)
}

func TestAPIReply(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio in via Roma", "Buongiorno, serve un permesso?")
		path, c := e.firstCase("giulia")
		if c.str("status_secret") == "" || !strings.Contains(string(c.Bytes), "serve un permesso?") {
			t.Errorf("the office sees secret and text: %s", c.Bytes)
		}
		r := e.call("giulia", "POST", path+"/messages", e.answer("giulia", path, "Sì, ecco il modulo.")).want(http.StatusCreated)
		if len(r.list("message", "deliveries")) != 1 {
			t.Errorf("one recipient, one delivery: %s", r.Bytes)
		}
		got := e.sent(e.mail)
		if len(got) != 1 || !strings.Contains(got[0].Text, "ecco il modulo") || got[0].To.Value != "lucia@posta.example" {
			t.Errorf("%+v", got)
		}
	})
}

// TestAPIReplyOnce: 64 times the same request is one message, whoever comes first.
func TestAPIReplyOnce(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno.")
		path, _ := e.firstCase("giulia")
		body := e.answer("giulia", path, "Una volta sola.")
		var wg sync.WaitGroup
		replies := make([]*apiReply, 64)
		for i := range replies {
			wg.Go(func() { replies[i] = e.call("giulia", "POST", path+"/messages", body, "Idempotency-Key", "k1") })
		}
		wg.Wait()
		made := 0
		for _, r := range replies {
			switch {
			case r.Status == http.StatusCreated && r.Header.Get("Idempotent-Replayed") == "":
				made++
			case r.Status == http.StatusConflict:
				r.wantCode(http.StatusConflict, "in_progress")
				if r.Header.Get("Retry-After") == "" {
					t.Error("who must come again is told when")
				}
			default:
				r.want(http.StatusCreated)
			}
		}
		if made != 1 {
			t.Errorf("done %d times", made)
		}
		again := e.call("giulia", "POST", path+"/messages", body, "Idempotency-Key", "k1").want(http.StatusCreated)
		if again.Header.Get("Idempotent-Replayed") != "true" {
			t.Error("the first answer is given again")
		}
		for _, r := range replies {
			if r.Status == http.StatusCreated && string(r.Bytes) != string(again.Bytes) {
				t.Errorf("answers differ:\n%s\n%s", r.Bytes, again.Bytes)
			}
		}
		body["text"] = "Altro testo."
		e.call("giulia", "POST", path+"/messages", body, "Idempotency-Key", "k1").wantCode(http.StatusUnprocessableEntity, "key_reused")
		if got := e.sent(e.mail); len(got) != 1 {
			t.Errorf("%d messages left", len(got))
		}
	})
}
