package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"filodiretto/bench/rig"
)

// browser is somebody who is logged in. Its cookie is sent by hand, since the
// program marks it for https and the measurement runs over loopback.
type browser struct {
	base   string
	cookie string
	http   *http.Client
}

// logIn logs in as people do, with the form.
func logIn(ctx context.Context, base, user, password string) (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	c := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	form := url.Values{"user": {user}, "password": {password}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.Do(req)
	if err != nil {
		return nil, fmt.Errorf("log in: %w", err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusSeeOther {
		return nil, fmt.Errorf("log in: status %d", resp.StatusCode)
	}
	for _, k := range resp.Cookies() {
		if strings.HasSuffix(k.Name, "filodiretto") {
			return &browser{base: base, cookie: k.Name + "=" + k.Value, http: httpClient()}, nil
		}
	}
	return nil, errors.New("log in: there is no session cookie")
}

// get fetches a page whole. With headers it asks for a piece of it, as the page's
// script does.
func (b *browser) get(ctx context.Context, path string, headers map[string]string) (status int, body []byte, err error) {
	resp, err := b.open(ctx, path, headers)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	if body, err = rig.ReadBody(resp); err != nil {
		return 0, nil, fmt.Errorf("get %s: %w", path, err)
	}
	return resp.StatusCode, body, nil
}

func (b *browser) open(ctx context.Context, path string, headers map[string]string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Cookie", b.cookie)
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	resp, err := b.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", path, err)
	}
	return resp, nil
}

// page fetches a page that must be there.
func (b *browser) page(ctx context.Context, path string) ([]byte, error) {
	return b.found(ctx, path, nil)
}

// piece fetches what the page's script puts into the element with the id.
func (b *browser) piece(ctx context.Context, path, id string) ([]byte, error) {
	return b.found(ctx, path, map[string]string{"HX-Request": "true", "HX-Target": id})
}

func (b *browser) found(ctx context.Context, path string, headers map[string]string) ([]byte, error) {
	status, body, err := b.get(ctx, path, headers)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("get %s: status %d", path, status)
	}
	return body, err
}
