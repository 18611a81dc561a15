package mail

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/internal/clock"
	"filodiretto/internal/testserver"
)

// provider hands out access tokens and says whose they are, as Google's and
// Microsoft's servers do.
type provider struct {
	*httptest.Server
	mu      sync.Mutex
	refresh string // that is accepted now
	rotates bool
	down    bool
	n       int
	good    map[string]bool
}

func newProvider(t *testing.T) *provider {
	p := &provider{refresh: "rinnovo-0", good: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /whose", p.whose)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case p.down:
		w.WriteHeader(http.StatusServiceUnavailable)
	case r.FormValue("grant_type") == "client_credentials", r.FormValue("refresh_token") == p.refresh:
		p.n++
		token := fmt.Sprint("accesso-", p.n)
		p.good[token] = true
		next := ""
		if p.rotates {
			p.refresh = fmt.Sprint("rinnovo-", p.n)
			next = fmt.Sprintf(`,"refresh_token":%q`, p.refresh)
		}
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":3600%s}`, token, next)
	default:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
	}
}

func (p *provider) whose(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	fmt.Fprintf(w, `{"active":"%v","username":%q}`, p.good[token], boxAddress)
}

func (p *provider) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

func (p *provider) settings(imap string, more ...string) map[string]string {
	return settingsFor(imap, nowhere, append([]string{
		"imap_password", "", "auth", "oauth2", "oauth_token_url", p.URL + "/token", "oauth_client_id", "filodiretto",
		"oauth_client_secret", "segreto-app", "oauth_refresh_token", "rinnovo-0",
	}, more...)...)
}

// Rule 13: tokens are renewed before they end, a refusal stops the account and
// says so, and a provider that is away does not.
func TestRule13Tokens(t *testing.T) {
	p := newProvider(t)
	d, err := testserver.StartDovecot("", testserver.DovecotOptions{Introspect: p.URL + "/whose"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	if err := d.Account(boxAddress, "unused"); err != nil {
		t.Fatal(err)
	}
	m := openBox(t, p.settings(d.Addr()))
	now := clock.NewManual(clock.System{}.Now().Time())
	m.clock = now
	login := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return m.probeIMAP(ctx)
	}
	count := func() (n int) { p.set(func() { n = p.n }); return n }
	if err := login(); err != nil {
		t.Fatal(err)
	}
	if err := login(); err != nil || count() != 1 {
		t.Errorf("%v; %d tokens for two logins", err, count())
	}
	now.Advance(56 * time.Minute) // the token lives for an hour
	p.set(func() { p.rotates = true })
	if err := login(); err != nil || count() != 2 {
		t.Errorf("%v; %d tokens, the second before the first ended", err, count())
	}
	now.Advance(2 * time.Hour)
	if err := login(); err != nil || count() != 3 {
		t.Errorf("with the new refresh token: %v; %d tokens", err, count())
	}
	p.set(func() { clear(p.good) }) // the mailbox's owner took the access back
	if e := channels.AsError(login()); e == nil || e.Class != channels.AuthBroken {
		t.Errorf("an access token that is refused: %v", e)
	}
	if err := login(); err != nil || count() != 4 {
		t.Errorf("the next login asks for another: %v; %d tokens", err, count())
	}
	now.Advance(2 * time.Hour)
	p.set(func() { p.down = true })
	if e := channels.AsError(login()); e == nil || e.Class != channels.RetryBackoff {
		t.Errorf("the provider is away: %v", e)
	}
	p.set(func() { p.down, p.refresh = false, "another" })
	e := channels.AsError(login())
	if e == nil || e.Class != channels.AuthBroken || e.Code != "invalid_grant" {
		t.Errorf("the refresh token is refused: %v", e)
	}
	for _, secret := range []string{"rinnovo", "accesso-", "segreto-app"} {
		if strings.Contains(fmt.Sprintf("%v %+v", e, e), secret) {
			t.Errorf("the error tells a secret: %+v", e)
		}
	}
}

// Rule 13: the application's own access, and mail received with it.
func TestRule13ApplicationAccess(t *testing.T) {
	p := newProvider(t)
	d, err := testserver.StartDovecot("", testserver.DovecotOptions{Introspect: p.URL + "/whose"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	if err := d.Account(boxAddress, "unused"); err != nil {
		t.Fatal(err)
	}
	deliver(t, d, "INBOX", note("m1"))
	r := receive(t, openBox(t, p.settings(d.Addr(), "oauth_refresh_token", "")), channeltest.NewIntake())
	r.items(t, 1)
}

func TestRule13Settings(t *testing.T) {
	p := newProvider(t)
	for _, change := range [][2]string{
		{"auth", "kerberos"}, {"oauth_token_url", "http://provider.example/token"}, {"oauth_token_url", ""}, {"oauth_client_id", ""},
	} {
		set := p.settings(nowhere, change[0], change[1])
		if _, err := newMailbox(channels.Account{Settings: set}, channels.Deps{}); err == nil || !strings.Contains(err.Error(), change[0]) {
			t.Errorf("%s = %q: %v", change[0], change[1], err)
		}
	}
	if _, err := newMailbox(channels.Account{Settings: settingsFor(nowhere, nowhere, "imap_password", "")}, channels.Deps{}); err == nil || !strings.Contains(err.Error(), "imap_password") {
		t.Errorf("no password: %v", err)
	}
}
