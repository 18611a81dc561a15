package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"filodiretto/internal/db/dbtest"
)

// fuse is a context that ends when it is looked at for the nth time: a request
// that breaks off at every place in turn, without a clock.
type fuse struct {
	context.Context
	left *atomic.Int64
	blow context.CancelFunc
}

func newFuse(parent context.Context, n int64) *fuse {
	ctx, cancel := context.WithCancel(parent)
	f := &fuse{Context: ctx, left: new(atomic.Int64), blow: cancel}
	f.left.Store(n)
	return f
}

func (f *fuse) Done() <-chan struct{} {
	if f.left.Add(-1) == 0 {
		f.blow()
	}
	return f.Context.Done()
}

// TestAPIOnceAllOrNothing breaks a request off at every place where it looks at
// its context. Whatever the place, either the message and the answer under its
// key are there or neither is; and the same request sent again leaves one.
func TestAPIOnceAllOrNothing(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		e.letter(e.mail, "Lucia <lucia@posta.example>", "Aperto", "Ciao.")
		path, _ := e.firstCase("giulia")
		broken, tries, n := 0, 0, int64(1)
		step := int64(1)
		if e.db.Postgres { // each place costs a round trip more
			step = 3
		}
		for ; n < 2000; n += step {
			tries++
			key, text := fmt.Sprintf("k%d", n), fmt.Sprintf("Risposta numero %d.", n)
			body := jsonOf(t, e.answer("giulia", path, text))
			f := newFuse(t.Context(), n)
			st := e.raw(f, path+"/messages", key, body)
			blown := f.left.Load() <= 0
			f.blow()
			messages, keys := e.kept(text, key)
			if messages != keys || st == http.StatusCreated && messages != 1 {
				t.Fatalf("broken off at %d: status %d, %d messages, %d answers", n, st, messages, keys)
			}
			if st := e.raw(t.Context(), path+"/messages", key, body); st != http.StatusCreated {
				t.Fatalf("sent again after %d: %d", n, st)
			}
			if messages, keys := e.kept(text, key); messages != 1 || keys != 1 {
				t.Fatalf("sent again after %d: %d messages, %d answers", n, messages, keys)
			}
			if !blown {
				break
			}
			broken++
		}
		if broken < 10 {
			t.Errorf("broken off at %d places only", broken)
		}
		if got := len(e.sent(e.mail)); got != tries {
			t.Errorf("%d messages left, of %d", got, tries)
		}
	})
}

func jsonOf(t *testing.T, v any) []byte {
	t.Helper()
	b, err := jsonBytes(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// raw posts as giulia and gives the status alone.
func (e *apiTown) raw(ctx context.Context, path, key string, body []byte) int {
	r := httptest.NewRequest(http.MethodPost, apiPrefix+path, bytes.NewReader(body)).WithContext(ctx)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+e.tokens["giulia"])
	r.Header.Set("Idempotency-Key", key)
	w := httptest.NewRecorder()
	e.site.ServeHTTP(w, r)
	return w.Code
}

// kept counts the messages with a text and the answers stored under a key.
func (e *apiTown) kept(text, key string) (messages, keys int) {
	e.t.Helper()
	// what is written is read on the writer's side, after what it is still doing
	if err := e.db.Write.NewRaw("SELECT count(*) FROM messages WHERE text LIKE ?", text+"%").Scan(context.WithoutCancel(e.t.Context()), &messages); err != nil {
		e.t.Fatal(err)
	}
	if err := e.db.Write.NewRaw("SELECT count(*) FROM idempotency_keys WHERE key = ? AND status = 201", key).Scan(context.WithoutCancel(e.t.Context()), &keys); err != nil {
		e.t.Fatal(err)
	}
	return messages, keys
}

// TestAPIOnceAcrossProcesses: two processes over one database get the same
// requests at the same time. None is done twice, and after a restart the answers
// are the same.
func TestAPIOnceAcrossProcesses(t *testing.T) {
	e := newAPITown(t, dbtest.Postgres(t))
	second := e.restarted()
	e.letter(e.mail, "Lucia <lucia@posta.example>", "Aperto", "Ciao.")
	path, _ := e.firstCase("giulia")
	const commands = 20
	bodies := make([]map[string]any, commands)
	for i := range bodies {
		bodies[i] = e.answer("giulia", path, fmt.Sprintf("Risposta %02d.", i))
		bodies[i]["override"] = true
	}
	var wg sync.WaitGroup
	var done atomic.Int64
	for i, body := range bodies {
		for n := range 4 {
			town := e
			if n%2 == 1 {
				town = second
			}
			wg.Go(func() {
				r := town.once("giulia", "POST", path+"/messages", body, "Idempotency-Key", fmt.Sprint("k", i))
				if r.Status == http.StatusCreated && r.Header.Get("Idempotent-Replayed") == "" {
					done.Add(1)
				} else if r.Status != http.StatusCreated && r.Status != http.StatusConflict {
					t.Errorf("%d %s", r.Status, r.Bytes)
				}
			})
		}
	}
	wg.Wait()
	if done.Load() != commands {
		t.Errorf("%d commands were done %d times", commands, done.Load())
	}
	third := e.restarted()
	for i, body := range bodies {
		a := e.once("giulia", "POST", path+"/messages", body, "Idempotency-Key", fmt.Sprint("k", i)).want(http.StatusCreated)
		b := third.once("giulia", "POST", path+"/messages", body, "Idempotency-Key", fmt.Sprint("k", i)).want(http.StatusCreated)
		if !bytes.Equal(a.Bytes, b.Bytes) {
			t.Errorf("%s\n%s", a.Bytes, b.Bytes)
		}
	}
	if got := len(e.sent(e.mail)); got != commands {
		t.Errorf("%d messages left, of %d", got, commands)
	}
}

// restarted is another process over the same database.
func (e *apiTown) restarted() *apiTown {
	e.t.Helper()
	site, err := New(e.deps)
	if err != nil {
		e.t.Fatal(err)
	}
	return &apiTown{t: e.t, db: e.db, manual: e.manual, site: site, log: e.log, logMu: e.logMu, tokens: e.tokens, people: e.people, ops: e.ops, done: map[string]bool{}}
}

// TestAPIOnceBelongsToOne: the same key of two operators is two keys, and a key
// whose request was refused is free again.
func TestAPIOnceBelongsToOne(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		a := e.call("giulia", "POST", "/citizens", obj("name", "Ada"), "Idempotency-Key", "k").want(http.StatusCreated)
		b := e.call("sara", "POST", "/citizens", obj("name", "Bea"), "Idempotency-Key", "k").want(http.StatusCreated)
		if a.str("id") == b.str("id") {
			t.Error("a key is its operator's")
		}
		e.call("giulia", "POST", "/citizens", obj("name", "Ada", "lang", "boh boh"), "Idempotency-Key", "k2").wantCode(http.StatusUnprocessableEntity, "unknown")
		e.call("giulia", "POST", "/citizens", obj("name", "Ada", "lang", "it"), "Idempotency-Key", "k2").want(http.StatusCreated)
		e.call("giulia", "POST", "/visits", obj("account", e.id(e.counter.ID), "text", "x"), "Idempotency-Key", "k2").wantCode(http.StatusUnprocessableEntity, "key_reused")
	})
}

// TestAPIRefusalKeepsWhatStays: an address of somebody else is refused, and the
// proposal that the two are one person stays, with a key as without.
func TestAPIRefusalKeepsWhatStays(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		e.letter(e.mail, "Lucia <lucia@posta.example>", "Aperto", "Ciao.")
		id := e.call("giulia", "POST", "/citizens", obj("name", "Ada")).want(http.StatusCreated).str("id")
		e.call("giulia", "POST", "/citizens/"+id+"/identities", obj("kind", "email", "value", "lucia@posta.example"), "Idempotency-Key", "k").wantCode(http.StatusConflict, "taken")
		if r := e.call("giulia", "GET", "/citizens/"+id, nil).want(http.StatusOK); len(r.list("proposals")) != 1 {
			t.Errorf("%s", r.Bytes)
		}
	})
}

// FuzzAPI sends bodies and queries to every operation. Whatever comes, the answer
// is one of the document: never a fault of ours, never without words.
func FuzzAPI(f *testing.F) {
	e := newAPITown(f, dbtest.SQLite(f))
	e.letter(e.mail, "Lucia <lucia@posta.example>", "Aperto", "Ciao.")
	var ops []string
	for _, op := range (&api{Server: &Server{}}).operations() {
		ops = append(ops, op.Method+" "+op.Path)
		i := uint8(len(ops) - 1)
		body, query := []byte("{}"), ""
		if op.Body != nil && op.BodyType == "" {
			body = jsonBytesOf(sample(op.Body))
		}
		for _, p := range op.Params {
			if p.In == "query" {
				query = strings.TrimPrefix(query+"&"+p.Name+"="+fmt.Sprint(sample(p.Schema)), "&")
			}
		}
		f.Add(i, "1", query, body, "")
		f.Add(i, "9223372036854775807", "cursor=MTIzLjQ&limit=1", []byte(`{"a":[1,{"b":null}]}`), `"1"`)
	}
	f.Fuzz(func(t *testing.T, n uint8, id, query string, body []byte, match string) {
		method, path, _ := strings.Cut(ops[int(n)%len(ops)], " ")
		r := httptest.NewRequestWithContext(t.Context(), method, apiPrefix+fuzzPath(path, id), bytes.NewReader(body))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("If-Match", match)
		r.Header.Set("Authorization", "Bearer "+e.tokens["giulia"])
		w := httptest.NewRecorder()
		e.site.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%s %s?%s %q: %d %s", method, r.URL.Path, query, body, w.Code, w.Body)
		}
		if w.Code >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Fatalf("%s %s: %d %q", method, r.URL.Path, w.Code, w.Header().Get("Content-Type"))
		}
	})
}

func jsonBytesOf(v any) []byte { b, _ := jsonBytes(v); return b }

func fuzzPath(path, id string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, id)
	if clean == "" {
		clean = "1"
	}
	return strings.NewReplacer("{year}", "2026", "{number}", "1", "{kind}", "reply", "{id}", clean, "{iid}", clean, "{sha256}", clean, "{event}", "receipt", "{channel}", "any", "{lang}", "it").Replace(path)
}
