package mail

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"filodiretto/channels"
)

// Ways of logging in.
const (
	authPassword = "password"
	authToken    = "oauth2"
)

// oauthSettings say where tokens come from. Without a refresh token the
// account is the application's own (client credentials), as Microsoft 365
// offers it to programs that nobody sits at.
type oauthSettings struct {
	tokenURL, clientID, clientSecret, refreshToken string
	scopes                                         []string
}

// early is how long before its end a token is renewed (mail rule 13): longer
// than any login takes.
const early = 5 * time.Minute

// tokens hands out access tokens. One mailbox shares one among its connections.
type tokens struct {
	source func() oauth2.TokenSource
	now    func() time.Time

	mu   sync.Mutex
	held *oauth2.Token
}

func newTokens(set oauthSettings, transport http.RoundTripper, now func() time.Time) *tokens {
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, client)
	refresh := set.refreshToken
	t := &tokens{now: now}
	t.source = func() oauth2.TokenSource {
		if set.refreshToken == "" {
			c := clientcredentials.Config{ClientID: set.clientID, ClientSecret: set.clientSecret, TokenURL: set.tokenURL, Scopes: set.scopes}
			return c.TokenSource(ctx)
		}
		if t.held != nil && t.held.RefreshToken != "" {
			refresh = t.held.RefreshToken // some providers give a new one each time
		}
		c := oauth2.Config{ClientID: set.clientID, ClientSecret: set.clientSecret, Endpoint: oauth2.Endpoint{TokenURL: set.tokenURL}, Scopes: set.scopes}
		return c.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh})
	}
	return t
}

// token is one that lives for some minutes yet. A refusal stops the account
// until somebody signs in again; a provider that cannot be reached does not.
func (t *tokens) token() (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held != nil && (t.held.Expiry.IsZero() || t.now().Add(early).Before(t.held.Expiry)) {
		return t.held.AccessToken, nil
	}
	fresh, err := t.source().Token()
	if err == nil {
		if fresh.ExpiresIn > 0 { // by our clock, not the library's
			fresh.Expiry = t.now().Add(time.Duration(fresh.ExpiresIn) * time.Second)
		}
		t.held = fresh
		return fresh.AccessToken, nil
	}
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode >= 400 && refused.Response.StatusCode < 500 && refused.Response.StatusCode != http.StatusTooManyRequests {
		return "", channels.Errorf(channels.AuthBroken, refused.ErrorCode,
			"the provider refuses a new access token: sign in again and give oauth_refresh_token anew, or check oauth_client_id and oauth_client_secret")
	}
	return "", channels.Errorf(channels.RetryBackoff, "", "the provider's token server could not be reached or did not answer as it should: check oauth_token_url")
}

// drop forgets the token that a server refused, so that the next login asks
// for another.
func (t *tokens) drop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held != nil {
		t.held.Expiry = t.now()
	}
}

// xoauth2 is Google's and Microsoft's older way of giving a token.
type xoauth2 struct{ user, token string }

func (x xoauth2) Start() (mech string, ir []byte, err error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next answers the reason of a refusal, which ends it.
func (x xoauth2) Next([]byte) ([]byte, error) { return []byte{}, nil }

// loginWithToken proves who we are to the IMAP server by a token.
func (m *mailbox) loginWithToken(c *conn) error {
	token, err := m.tokens.token()
	if err != nil {
		return err
	}
	err = c.do(func() error { return c.Authenticate(xoauth2{m.set.imap.user, token}) })
	var no *imap.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &no) && !temporary(no):
		m.tokens.drop()
		return &channels.Error{
			Class: channels.AuthBroken, Code: imapCode(no), Err: redacted(err),
			Text: "the IMAP server refuses the access token: check imap_user, oauth_scopes, and whether the mailbox may be used over IMAP",
		}
	default:
		return m.imapError("log in to", err)
	}
}
