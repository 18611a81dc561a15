package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"filodiretto/channels"
)

// Bounds of one call.
const (
	callTimeout = 30 * time.Second
	// maxAnswer bounds what is read of an answer. A full poll of 100 updates
	// is well below it: a message has 4096 characters, with entities perhaps 60 kB.
	maxAnswer = 16 << 20
)

// client calls the Bot API. It knows the envelope, the classes of failure and
// how to keep the token out of every text; what is sent is others' business.
type client struct {
	base   string // without the final slash
	token  string
	secret string // the token's part after the colon: what must not be seen
	http   *http.Client
}

func newClient(base, token string, rt http.RoundTripper) *client {
	if rt == nil {
		rt = defaultTransport()
	}
	_, secret, _ := strings.Cut(token, ":")
	return &client{
		base: base, token: token, secret: secret,
		http: &http.Client{
			Transport: rt,
			// A redirect would carry the token, and perhaps a message, to a
			// place that nobody configured.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// defaultTransport keeps a connection for every call that may be under way:
// the poll, the sends and a download.
func defaultTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = sendsAtOnce + 2
	return t
}

// envelope is the form of every answer (channels 1.1).
type envelope struct {
	OK          *bool           `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int64 `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// ask calls a method that changes nothing worth knowing: when no answer comes
// it may simply be asked again.
func (c *client) ask(ctx context.Context, method string, params, result any) error {
	return c.askWithin(ctx, callTimeout, method, params, result)
}

// askWithin is ask with a time limit of its own, for long polls.
func (c *client) askWithin(ctx context.Context, limit time.Duration, method string, params, result any) error {
	body, err := json.Marshal(params)
	if err != nil {
		return channels.Errorf(channels.ContentRejected, "", "%s cannot be written as JSON", method)
	}
	err = c.call(ctx, limit, method, &payload{kind: "application/json", size: int64(len(body)), open: reopen(body)}, result)
	var e *channels.Error
	if errors.As(err, &e) && e.Class == channels.UnknownOutcome {
		e.Class = channels.RetryBackoff
	}
	return err
}

// send calls a method that makes a message. When the request left whole and
// no answer came, the class is UnknownOutcome: the Bot API has no idempotency
// key (channels 0.3), so that a second try could be a second message.
func (c *client) send(ctx context.Context, method string, p *payload, result any) error {
	limit := callTimeout
	// An upload gets a second more for every 100 kB.
	limit += time.Duration(p.size/100_000) * time.Second
	return c.call(ctx, limit, method, p, result)
}

// payload is the body of a request. open may be called more than once.
type payload struct {
	kind string // Content-Type
	size int64  // bytes, exact
	open func() (io.ReadCloser, error)
}

func reopen(b []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}

// call makes one request and puts the answer's result into result, which may
// be nil. Every error is a *channels.Error.
func (c *client) call(ctx context.Context, limit time.Duration, method string, p *payload, result any) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	seen := &departure{}
	req, err := c.request(ctx, method, p, seen)
	if err != nil {
		return c.fault(method, err, false)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.fault(method, err, seen.complete())
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	if err != nil {
		return c.fault(method, err, seen.complete())
	}
	var env envelope
	if err := json.Unmarshal(body, &env); err != nil || env.OK == nil {
		return c.stranger(method, resp)
	}
	if !*env.OK {
		return c.refusal(method, resp, &env)
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(env.Result, result); err != nil {
		return channels.Errorf(channels.UnknownOutcome, "", "%s: the result is not of the documented form", method)
	}
	return nil
}

func (c *client) request(ctx context.Context, method string, p *payload, seen *departure) (*http.Request, error) {
	body, err := p.open()
	if err != nil {
		return nil, fmt.Errorf("open the body: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/bot"+c.token+"/"+method, seen.watch(body, p.size))
	if err != nil {
		body.Close()
		return nil, err
	}
	req.ContentLength = p.size
	req.Header.Set("Content-Type", p.kind)
	req.Header.Set("Accept", "application/json")
	// The transport asks for the body again when a kept connection turned out
	// to be closed before anything was written.
	req.GetBody = func() (io.ReadCloser, error) {
		again, err := p.open()
		if err != nil {
			return nil, err
		}
		return seen.watch(again, p.size), nil
	}
	return req, nil
}

// stranger is an answer that no Bot API server gives: a proxy's page, a
// captive portal, a wrong address. Whether a message was made is unknown,
// except where the status says that the request went no further.
func (c *client) stranger(method string, resp *http.Response) error {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if kind == "" {
		kind = "no media type"
	}
	code := fmt.Sprint(resp.StatusCode)
	e := channels.Errorf(channels.UnknownOutcome, code,
		"%s: the answer is not the Bot API's (HTTP %d, %s): check api_url and any proxy", method, resp.StatusCode, kind)
	switch s := resp.StatusCode; {
	case s == http.StatusRequestEntityTooLarge:
		e.Class, e.Text = channels.ContentRejected, method+": the file is too large for the server"
	case s == http.StatusTooManyRequests:
		e.Class, e.Scope = channels.RetryAfter, channels.ScopeAccount
		e.After = retryAfter(resp, 0)
	case s >= 300 && s < 500, s == http.StatusBadGateway, s == http.StatusServiceUnavailable:
		e.Class = channels.RetryBackoff
	}
	e.Text = c.redact(e.Text)
	return e
}

// fault makes a *channels.Error of a failure below the Bot API. left is true
// when the whole request went out.
func (c *client) fault(method string, err error, left bool) error {
	class, text := channels.RetryBackoff, "the request did not leave"
	if left {
		class, text = channels.UnknownOutcome, "the request left and no whole answer came"
	}
	cause := c.clean(err)
	return &channels.Error{Class: class, Text: c.redact(method + ": " + text + ": " + cause.Error()), Err: cause}
}
