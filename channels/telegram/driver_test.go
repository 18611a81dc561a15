package telegram

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/channels/telegram/standin"
)

// openAt opens a channel on a server, with the stand-in's token.
func openAt(t *testing.T, base string, rt http.RoundTripper) *Channel {
	t.Helper()
	c, err := Driver.Open(channels.Account{Key: "t", Settings: map[string]string{"token": standin.DefaultToken, "api_url": base}}, channels.Deps{Transport: rt})
	if err != nil {
		t.Fatal(err)
	}
	return c.(*Channel)
}

func TestOpen(t *testing.T) {
	const good = standin.DefaultToken
	for name, c := range map[string]struct {
		set  map[string]string
		want []string // parts of the error; none means that it opens
	}{
		"defaults":          {map[string]string{"token": good}, nil},
		"own server":        {map[string]string{"token": good, "api_url": "http://127.0.0.1:8081/"}, nil},
		"no token":          {nil, []string{"token must look like"}},
		"token of words":    {map[string]string{"token": "segretissimo"}, []string{"token must look like"}},
		"all wrong":         {map[string]string{"api_url": "ftp://x", "poll_timeout": "2m", "max_file_mb": "0", "max_upload_mb": "x", "messages_per_second": "-1"}, []string{"token", "api_url", "poll_timeout", "max_file_mb", "max_upload_mb", "messages_per_second"}},
		"user in address":   {map[string]string{"token": good, "api_url": "https://u:p@example.org"}, []string{"user name"}},
		"public in clear":   {map[string]string{"token": good, "api_url": "http://api.telegram.org"}, []string{"https://"}},
		"address with path": {map[string]string{"token": good, "api_url": "https://proxy.example.org/tg/"}, nil},
	} {
		_, err := Driver.Open(channels.Account{Key: "telegram", Settings: c.set}, channels.Deps{})
		if (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v", name, err)
		}
		for _, part := range c.want {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q is not in the error %v", name, part, err)
			}
		}
		if err != nil && strings.Contains(err.Error(), "segretissimo") {
			t.Errorf("%s: the token is in the error", name)
		}
	}
}

func TestFieldsAreWhole(t *testing.T) {
	if Driver.Kind != "telegram" {
		t.Errorf("kind %q", Driver.Kind)
	}
	for _, f := range Driver.Fields {
		for _, lang := range []string{"it", "en"} {
			if f.Label[lang] == "" || f.Help[lang] == "" {
				t.Errorf("%s has no label or help in %q", f.Name, lang)
			}
		}
		if f.Secret != (f.Name == "token") || f.Required != (f.Name == "token") {
			t.Errorf("%s: secret %v, required %v", f.Name, f.Secret, f.Required)
		}
	}
}

// transport fails as it is told, with the URL in the error as Go does it.
type transport struct{ err func(*http.Request) error }

func (tr transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	return nil, tr.err(r)
}

// TestTokenIsRedacted: whatever fails, the token is in no error.
func TestTokenIsRedacted(t *testing.T) {
	secrets := []string{standin.DefaultToken, strings.SplitN(standin.DefaultToken, ":", 2)[1]}
	for name, fail := range map[string]func(*http.Request) error{
		"url error": func(r *http.Request) error { return &url.Error{Op: "Post", URL: r.URL.String(), Err: io.EOF} },
		"nested": func(r *http.Request) error {
			return fmt.Errorf("proxy: %w", &url.Error{Op: "Post", URL: r.URL.String(), Err: errors.New("bad " + r.URL.Path)})
		},
		"in the words": func(r *http.Request) error { return errors.New("cannot reach " + r.URL.String()) },
		"without the bot id": func(r *http.Request) error {
			_, rest, _ := strings.Cut(r.URL.Path, ":")
			return errors.New("cannot reach " + rest)
		},
		"joined": func(r *http.Request) error { return errors.Join(io.EOF, errors.New(r.URL.Path)) },
	} {
		t.Run(name, func(t *testing.T) {
			c := openAt(t, "http://bot.example.org", transport{fail})
			_, err := c.Send(guard(t), to(ada))
			channeltest.CheckNoSecret(t, err, secrets)
			if channels.AsError(err).Class != channels.UnknownOutcome {
				t.Errorf("class of a request that was read whole: %v", err)
			}
			channeltest.CheckNoSecret(t, c.Probe(guard(t)), secrets)
			channeltest.CheckNoSecret(t, c.Fetch(guard(t), remote{ID: "x"}.String(), io.Discard), secrets)
		})
	}
	// A server that says it back.
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"ok":false,"error_code":400,"description":%q}`, "Bad Request: no "+r.URL.Path)
	}))
	defer srv.Close()
	err := openAt(t, srv.URL, nil).Probe(guard(t))
	channeltest.CheckNoSecret(t, err, secrets)
	if !strings.Contains(err.Error(), "<token>") {
		t.Errorf("the text was not redacted but changed: %v", err)
	}
}

func TestAnswerIsBounded(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ok":true,"result":"`)
		for range maxAnswer/1024 + 1 {
			if _, err := w.Write(make([]byte, 1024)); err != nil {
				return
			}
		}
	}))
	defer srv.Close()
	if err := openAt(t, srv.URL, nil).Probe(guard(t)); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("got %v", err)
	}
}

// TestRedirectIsNotFollowed: it would carry the token and a message elsewhere.
func TestRedirectIsNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer other.Close()
	srv := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer srv.Close()
	c := openAt(t, srv.URL, nil)
	if err := c.Probe(guard(t)); err == nil {
		t.Error("a redirect is no answer")
	}
	if err := c.Fetch(guard(t), remote{ID: "x"}.String(), io.Discard); err == nil {
		t.Error("a redirect is no file")
	}
}

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		code int
		text string
		want channels.Class
	}{
		{400, "Bad Request: chat not found", channels.RecipientGone},
		{400, "Bad Request: message is not modified: specified new message content", done},
		{400, "Bad Request: message to be replied not found", channels.ContentRejected},
		{400, "Bad Request: can't parse entities: x", channels.ContentRejected},
		{400, "Bad Request: wrong HTTP URL specified", channels.ContentRejected},
		{400, "PEER_ID_INVALID", channels.RecipientGone},
		{401, "Unauthorized", channels.AuthBroken},
		{401, "Unauthorized: invalid token specified", channels.AuthBroken},
		{403, "Forbidden: bot was blocked by the user", channels.RecipientBlocked},
		{403, "Forbidden: user is deactivated", channels.RecipientGone},
		{403, "Forbidden: bot can't initiate conversation with a user", channels.RecipientBlocked},
		{403, "Forbidden: bot was kicked from the supergroup chat", channels.RecipientGone},
		{403, "Forbidden: bot is not a member of the channel chat", channels.RecipientGone},
		{403, "Forbidden: the group chat was deleted", channels.RecipientGone},
		{404, "Not Found", channels.AuthBroken},
		{409, "Conflict: x", channels.RetryBackoff},
		{421, "Misdirected Request: unallowed token specified", channels.AuthBroken},
		{429, "Too Many Requests: retry after 5", channels.RetryAfter},
		{500, "Internal Server Error: restart", channels.RetryBackoff},
		{418, "I'm a teapot", channels.ContentRejected},
	} {
		if got := classify(c.code, c.text); got != c.want {
			t.Errorf("%d %s: class %q, want %q", c.code, c.text, got, c.want)
		}
	}
}

func TestErrorTextHoldsNoContent(t *testing.T) {
	got := printable(`Bad Request: can't parse entities: Unsupported start tag "mario.rossi" at byte offset 3` + "\n\x00" + strings.Repeat("x", 500))
	if strings.Contains(got, "mario") || strings.ContainsAny(got, "\n\x00") || len(got) > 310 {
		t.Errorf("got %q", got)
	}
}
