package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/channels/telegram/standin"
	"filodiretto/internal/clock"
)

var ada = standin.User{ID: 5550001234, First: "Ada", Last: "Rossi", Username: "adar", Lang: "it"}

// bench is a stand-in that serves, and the channel of its bot.
type bench struct {
	*standin.Server
	url string
	at  *clock.Manual
	set map[string]string
}

// newBench starts a stand-in whose clock stands still until it is moved.
func newBench(t testing.TB, limits standin.Limits) *bench {
	t.Helper()
	b := &bench{at: clock.NewManual(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))}
	b.Server = standin.New(standin.Options{Clock: b.at, Limits: limits})
	api := httptest.NewServer(b.API())
	t.Cleanup(func() {
		b.Close()
		api.CloseClientConnections()
		api.Close()
	})
	b.url = api.URL
	b.set = map[string]string{"token": b.Token(), "api_url": b.url, "poll_timeout": "20s"}
	return b
}

// open makes the channel. It waits for nothing: pauses end at once.
func (b *bench) open(t testing.TB) *Channel {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := Driver.Open(
		channels.Account{ID: 1, Key: "telegram", Kind: Kind, Settings: b.set},
		channels.Deps{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Clock: b.at, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	tc := c.(*Channel)
	tc.pause = func(ctx context.Context, d time.Duration) error {
		b.at.Advance(d)
		return ctx.Err()
	}
	return tc
}

func guard(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

const bodySecret = "SEGRETO-nel-testo"

func TestSenderConformance(t *testing.T) {
	channeltest.RunSender(t, func(t *testing.T) *channeltest.Sender {
		b := newBench(t, standin.Limits{Off: true})
		b.Say(ada, "/start")
		var n atomic.Int64
		message := func() *channels.Outgoing {
			return &channels.Outgoing{
				DeliveryID: n.Add(1),
				To:         channels.Address{Kind: Kind, Value: fmt.Sprint(ada.ID)},
				Text:       bodySecret, Markup: "<b>" + bodySecret + "</b>",
			}
		}
		_, secret, _ := strings.Cut(b.Token(), ":")
		return &channeltest.Sender{
			Channel:  b.open(t),
			Message:  message,
			Taken:    func() int { return len(b.Sent(0)) },
			Failures: failures(b, message),
			Files:    true,
			Stall: func() func(context.Context) error {
				b.Fail(standin.Fault{Kind: standin.Hang, Times: -1})
				return func(ctx context.Context) error {
					_, err := b.AwaitCalls(ctx, "sendMessage", 1)
					return err
				}
			},
			Secrets: []string{secret, bodySecret, fmt.Sprint(ada.ID)},
		}
	})
}

// failures are the lines of the error table (channels 1.7) and the failures
// below the Bot API.
func failures(b *bench, message func() *channels.Outgoing) []channeltest.Failure {
	to := func(chat int64) func() *channels.Outgoing {
		return func() *channels.Outgoing {
			m := message()
			m.To.Value = fmt.Sprint(chat)
			return m
		}
	}
	answer := func(name string, code int, text string, want channels.Class) channeltest.Failure {
		return channeltest.Failure{Name: name, Want: want, Arrange: func() {
			b.Fail(standin.Fault{Method: "sendMessage", Status: code, Description: text})
		}}
	}
	page := func(name string, code int, want channels.Class) channeltest.Failure {
		return channeltest.Failure{Name: name, Want: want, Arrange: func() {
			b.Fail(standin.Fault{Kind: standin.Page, Method: "sendMessage", Status: code, Body: "<h1>" + b.Token() + "</h1>"})
		}}
	}
	return []channeltest.Failure{
		{Name: "blocked", Want: channels.RecipientBlocked, Arrange: func() { b.Block(ada) }},
		{Name: "deactivated", Want: channels.RecipientGone, Arrange: func() { b.Deactivate(ada) }},
		{Name: "unknown chat", Want: channels.RecipientGone, Message: to(999)},
		{
			Name: "never started", Want: channels.RecipientBlocked, Message: to(5550009999),
			Arrange: func() { b.AddUser(standin.User{ID: 5550009999}) },
		},
		{Name: "not a chat", Want: channels.ContentRejected, Message: func() *channels.Outgoing {
			m := message()
			m.To.Value = "adar"
			return m
		}},
		{Name: "empty", Want: channels.ContentRejected, Message: func() *channels.Outgoing {
			m := message()
			m.Text, m.Markup = " \n", ""
			return m
		}},
		{Name: "button too long", Want: channels.ContentRejected, Message: func() *channels.Outgoing {
			m := message()
			m.Buttons = [][]channels.OutgoingButton{{{Text: "Sì", Data: strings.Repeat("à", 33)}}}
			return m
		}},
		{Name: "file too large", Want: channels.ContentRejected, Message: func() *channels.Outgoing {
			m := message()
			m.Files = []channels.OutgoingFile{{Name: "a", Size: 51 << 20, Open: func() (io.ReadCloser, error) { return nil, io.EOF }}}
			return m
		}},
		{Name: "file cannot be opened", Want: channels.RetryBackoff, Message: func() *channels.Outgoing {
			m := message()
			m.Files = []channels.OutgoingFile{{Name: "a", Size: 5, Open: func() (io.ReadCloser, error) { return nil, io.ErrClosedPipe }}}
			return m
		}},
		{Name: "file shorter than said", Want: channels.RetryBackoff, Message: func() *channels.Outgoing {
			return withFile(message(), "corto", 10)
		}},
		{Name: "file longer than said", Want: channels.RetryBackoff, Message: func() *channels.Outgoing {
			return withFile(message(), "troppo lungo", 5)
		}},
		{Name: "429", Want: channels.RetryAfter, Arrange: func() {
			b.Fail(standin.Fault{Method: "sendMessage", Status: 429, Description: "Too Many Requests: retry after 7", RetryAfter: 7})
		}, Check: func(t *testing.T, e *channels.Error) {
			if e.After != 7*time.Second || e.Scope != channels.ScopeRecipient {
				t.Errorf("wait %v of %q, want 7s of the recipient", e.After, e.Scope)
			}
		}},
		{Name: "moved twice", Want: channels.ContentRejected, Arrange: func() {
			b.Fail(standin.Fault{Method: "sendMessage", Times: 2, Status: 400, Description: "Bad Request: group chat was upgraded to a supergroup chat", MigrateTo: -1001})
		}, Check: func(t *testing.T, e *channels.Error) {
			if e.MovedTo != "-1001" {
				t.Errorf("moved to %q", e.MovedTo)
			}
		}},
		answer("token revoked", 401, "Unauthorized", channels.AuthBroken),
		answer("wrong server", 421, "Misdirected Request: unallowed token specified", channels.AuthBroken),
		answer("no such method", 404, "Not Found: method not found", channels.AuthBroken),
		answer("restart", 500, "Internal Server Error: restart", channels.RetryBackoff),
		answer("bad gateway", 502, "Bad Gateway", channels.RetryBackoff),
		answer("gateway time-out", 504, "Gateway Timeout", channels.UnknownOutcome),
		answer("kicked", 403, "Forbidden: bot was kicked from the group chat", channels.RecipientGone),
		answer("another 403", 403, "Forbidden: something new", channels.ContentRejected),
		answer("conflict", 409, "Conflict: terminated by setWebhook request", channels.RetryBackoff),
		answer("too long", 400, "Bad Request: message is too long", channels.ContentRejected),
		page("proxy 502", 502, channels.RetryBackoff),
		page("proxy 429", 429, channels.RetryAfter),
		page("redirect", 302, channels.RetryBackoff),
		page("captive portal", 200, channels.UnknownOutcome),
		page("proxy 413", 413, channels.ContentRejected),
		{Name: "no answer, not carried out", Want: channels.UnknownOutcome, Arrange: func() {
			b.Fail(standin.Fault{Kind: standin.Close, Method: "sendMessage"})
		}},
		{Name: "no answer, carried out", Want: channels.UnknownOutcome, Taken: 1, Arrange: func() {
			b.Fail(standin.Fault{Kind: standin.Drop, Method: "sendMessage"})
		}},
	}
}

func withFile(m *channels.Outgoing, body string, size int64) *channels.Outgoing {
	m.Files = []channels.OutgoingFile{{
		Name: "nota.txt", Type: "text/plain", Size: size,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil },
	}}
	return m
}

func TestReceiverConformance(t *testing.T) {
	channeltest.RunReceiver(t, func(t *testing.T) *channeltest.Receiver {
		b := newBench(t, standin.Limits{Off: true})
		_, secret, _ := strings.Cut(b.Token(), ":")
		n := 0
		return &channeltest.Receiver{
			Open: func() channels.Channel { return b.open(t) },
			Deliver: func(count int) {
				for range count {
					n++
					b.Say(ada, fmt.Sprintf("buca numero %d in via Roma", n))
				}
			},
			Confirmed:      func() bool { return b.Pending() == 0 },
			AwaitConfirmed: b.AwaitConfirmed,
			Redeliver:      func() { b.Redeliver(1000) },
			Unknown: func() {
				b.Inject("telepathy", json.RawMessage(`{"from":{"id":5550001234,"first_name":"Ada"},"date":1795200000,"thought":"?"}`))
			},
			Refuse: func() { b.set["token"] = "999999999:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
			Interrupt: func() {
				b.Fail(standin.Fault{Kind: standin.Close, Method: "getUpdates", Times: 2})
				b.Fail(standin.Fault{Kind: standin.Page, Method: "getUpdates", Status: 502, Body: "bad gateway"})
			},
			Secrets: []string{secret, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "via Roma"},
		}
	})
}
