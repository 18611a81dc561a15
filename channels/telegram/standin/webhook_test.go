package standin_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/channels/telegram/standin"
)

// receiver is a webhook of ours, over TLS as the platform demands.
type receiver struct {
	*world
	srv     *httptest.Server
	got     chan string // texts, in order of arrival
	mu      sync.Mutex
	answers []int // statuses to give; then 200
	after   string
	secrets []string
	waits   []time.Duration
	tick    bool // waits move the clock
}

func newReceiver(t *testing.T, answers ...int) *receiver {
	t.Helper()
	r := &receiver{got: make(chan string, 100), answers: answers}
	r.srv = httptest.NewTLSServer(r)
	r.world = newWorld(t, standin.Options{
		WebhookClient: r.srv.Client(), AnyWebhookPort: true,
		Wait: func(ctx context.Context, d time.Duration) error {
			r.mu.Lock()
			r.waits = append(r.waits, d)
			if r.tick {
				r.at.Advance(d)
			}
			r.mu.Unlock()
			return ctx.Err()
		},
	})
	t.Cleanup(func() {
		r.Close() // before the receiver, so that no delivery is under way
		r.srv.Close()
	})
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	b, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = append(r.secrets, req.Header.Get("X-Telegram-Bot-Api-Secret-Token"))
	if len(r.answers) > 0 {
		status := r.answers[0]
		r.answers = r.answers[1:]
		if r.after != "" {
			w.Header().Set("Retry-After", r.after)
		}
		w.WriteHeader(status)
		return
	}
	var u struct {
		Message struct {
			Text string `json:"text"`
		} `json:"message"`
	}
	_ = json.Unmarshal(b, &u)
	r.got <- u.Message.Text
}

func (r *receiver) set(t *testing.T, more url.Values) {
	t.Helper()
	v := url.Values{"url": {r.srv.URL + "/tg"}, "secret_token": {"s3-Gr_eto"}}
	for k := range more {
		v.Set(k, more.Get(k))
	}
	if a := r.call(guard(t), t, "setWebhook", v); !a.OK {
		t.Fatalf("setWebhook: %+v", a)
	}
}

func TestWebhookDelivers(t *testing.T) {
	r := newReceiver(t)
	r.Say(ada, "prima") // waits for the webhook
	r.set(t, nil)
	r.Say(ada, "dopo")
	if a, b := <-r.got, <-r.got; a != "prima" || b != "dopo" {
		t.Errorf("came %q, %q", a, b)
	}
	if err := r.AwaitConfirmed(guard(t)); err != nil {
		t.Error(err)
	}
	if r.secrets[0] != "s3-Gr_eto" {
		t.Errorf("secret header %q", r.secrets[0])
	}
}

func TestWebhookRetries(t *testing.T) {
	r := newReceiver(t, 500, 502, 500, 500)
	r.set(t, nil)
	r.Say(ada, "x")
	if text := <-r.got; text != "x" {
		t.Errorf("came %q", text)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// The first retry comes at once, then the delay doubles from a second.
	if want := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}; !slices.Equal(r.waits, want) {
		t.Errorf("waited %v, want %v", r.waits, want)
	}
	a := r.call(guard(t), t, "getWebhookInfo", nil)
	if !strings.Contains(string(a.Result), "Wrong response from the webhook: 500 Internal Server Error") {
		t.Errorf("getWebhookInfo: %s", a.Result)
	}
}

func TestWebhookObeysRetryAfter(t *testing.T) {
	r := newReceiver(t, 429)
	r.after = "77"
	r.set(t, nil)
	r.Say(ada, "x")
	<-r.got
	r.mu.Lock()
	defer r.mu.Unlock()
	if want := []time.Duration{77 * time.Second}; !slices.Equal(r.waits, want) {
		t.Errorf("waited %v, want %v", r.waits, want)
	}
}

func TestWebhookDropsPending(t *testing.T) {
	r := newReceiver(t)
	r.Say(ada, "vecchio")
	r.set(t, url.Values{"drop_pending_updates": {"true"}})
	r.Say(ada, "nuovo")
	if text := <-r.got; text != "nuovo" {
		t.Errorf("came %q", text)
	}
}

func TestWebhookRefusals(t *testing.T) {
	w := newWorld(t, standin.Options{})
	for name, c := range map[string]struct {
		url, secret, want string
	}{
		"no TLS":      {"http://hook.example.org", "", "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"},
		"odd port":    {"https://hook.example.org:8080", "", "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"},
		"no host":     {"https:///x", "", "Bad Request: bad webhook: invalid URL specified"},
		"long secret": {"https://hook.example.org", strings.Repeat("a", 257), "Bad Request: secret token is too long"},
		"odd secret":  {"https://hook.example.org", "è", "Bad Request: secret token contains unallowed characters"},
	} {
		a := w.call(guard(t), t, "setWebhook", url.Values{"url": {c.url}, "secret_token": {c.secret}})
		if a.Code != 400 || a.Text != c.want {
			t.Errorf("%s: %d %s", name, a.Code, a.Text)
		}
	}
	if a := w.call(guard(t), t, "deleteWebhook", nil); !a.OK || a.Text != "Webhook is already deleted" {
		t.Errorf("deleteWebhook: %+v", a)
	}
}

// A receiver that says 410 Gone for 23 hours loses the webhook.
func TestWebhookGone(t *testing.T) {
	r := newReceiver(t)
	r.answers = slices.Repeat([]int{410}, 5000)
	r.tick = true
	r.set(t, nil)
	r.Say(ada, "x")
	if err := r.AwaitWebhook(guard(t), ""); err != nil {
		t.Fatal(err)
	}
	if r.Pending() != 1 {
		t.Errorf("%d pending, want the message that nobody took", r.Pending())
	}
}
