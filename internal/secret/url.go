package secret

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"
)

// URL is an address that may carry a password, as those of databases do. It
// prints with the password masked; Reveal gives it whole.
type URL struct{ text String }

// NewURL hides the password of u.
func NewURL(u string) URL { return URL{text: New(u)} }

// Reveal gives the address with its password.
func (u URL) Reveal() string { return u.text.Reveal() }

// IsZero reports whether there is no address.
func (u URL) IsZero() bool { return u.text.IsZero() }

// Equal compares two addresses, passwords included.
func (u URL) Equal(v URL) bool { return u.text.Equal(v.text) }

// String shows the address without its password and without the values of
// its query. What does not read as an address is masked as a whole.
func (u URL) String() string {
	if u.IsZero() {
		return ""
	}
	parsed, err := url.Parse(u.Reveal())
	if err != nil || parsed.Scheme == "" {
		return mask
	}
	if parsed.User == nil && parsed.RawQuery == "" {
		return u.Reveal()
	}
	parsed.Fragment, parsed.RawFragment = "", ""
	query, user := maskQuery(parsed.RawQuery), ""
	if parsed.User != nil {
		user = url.PathEscape(parsed.User.Username())
		if _, has := parsed.User.Password(); has {
			user += ":" + mask
		}
		user += "@"
	}
	parsed.RawQuery, parsed.ForceQuery, parsed.User = "", false, nil
	shown := parsed.String()
	if user != "" {
		shown = strings.Replace(shown, "://", "://"+user, 1)
	}
	return shown + query
}

// maskQuery keeps the names of a query's parameters, not their values.
func maskQuery(raw string) string {
	if raw == "" {
		return ""
	}
	pairs := strings.Split(raw, "&")
	for i, pair := range pairs {
		if name, _, has := strings.Cut(pair, "="); has {
			pairs[i] = name + "=" + mask
		}
	}
	return "?" + strings.Join(pairs, "&")
}

// GoString hides the password from %#v.
func (u URL) GoString() string { return "secret.URL(" + u.String() + ")" }

// Format hides the password from every verb.
func (u URL) Format(f fmt.State, verb rune) { format(f, verb, u) }

// MarshalText hides the password from encoders, JSON included.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// LogValue hides the password from slog.
func (u URL) LogValue() slog.Value { return slog.StringValue(u.String()) }
