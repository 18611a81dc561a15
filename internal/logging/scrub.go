package logging

import (
	"encoding"
	"fmt"
	"log/slog"
	"reflect"
	"regexp"
	"strings"
)

// mask stands where something was kept out, so that the mistake is seen.
const mask = "•••"

// private are the names of attributes that are masked whatever they hold; a
// longer name that ends in one of them ("smtp_password") is masked as well.
var private = map[string]bool{
	"password": true, "passwd": true, "passphrase": true, "token": true, "secret": true, "authorization": true,
	"cookie": true, "credential": true, "credentials": true, "apikey": true, "body": true, "text": true,
	"html": true, "content": true, "subject": true, "payload": true, "note": true, "snippet": true, "raw": true,
	"address": true, "addresses": true, "email": true, "recipient": true, "recipients": true, "sender": true,
	"phone": true, "mobile": true, "handle": true, "cf": true, "fiscalcode": true, "iban": true,
	"display": true, "fullname": true, "surname": true, "citizen": true, "filename": true,
}

// isPrivate looks at the whole name and at its last word.
func isPrivate(name string) bool {
	name = strings.ToLower(strings.NewReplacer("-", "_", ".", "_").Replace(name))
	last := name[strings.LastIndex(name, "_")+1:]
	return private[last] || private[strings.ReplaceAll(name, "_", "")]
}

// patterns are what gives a secret or a person away inside any text, with the
// letter or word without which there is no need to look.
var patterns = []struct {
	hint string
	find *regexp.Regexp
	with string
}{
	{"://", regexp.MustCompile(`(://)[^/\s@"']*@`), "${1}" + mask + "@"},                                                                                          // user and password of a URL
	{"@", regexp.MustCompile(`[^\s<>"'(),;:=•]+@[^\s<>"'(),;:@]+`), mask},                                                                                         // mail address
	{"earer ", regexp.MustCompile(`(?i)(bearer )\S+`), "${1}" + mask},                                                                                             // Authorization header
	{"asic ", regexp.MustCompile(`(?i)(basic )[A-Za-z0-9+/=]{8,}`), "${1}" + mask},                                                                                // the same
	{":", regexp.MustCompile(`[0-9]{6,}:[A-Za-z0-9_-]{30,}`), mask},                                                                                               // Telegram bot
	{"xox", regexp.MustCompile(`\bxox[a-z]-[A-Za-z0-9-]+`), mask},                                                                                                 // Slack
	{"=", regexp.MustCompile(`(?i)\b(password|passwd|secret|token|access_token|key)=[^&\s"']+`), mask},                                                            // of a query
	{"", regexp.MustCompile(`\b[A-Za-z]{6}[0-9LMNPQRSTUVlmnpqrstuv]{2}[A-Za-z][0-9LMNPQRSTUVlmnpqrstuv]{2}[A-Za-z][0-9LMNPQRSTUVlmnpqrstuv]{3}[A-Za-z]\b`), mask}, // codice fiscale
	{"+", regexp.MustCompile(`\+[0-9][0-9 ]{7,16}[0-9]\b`), mask},                                                                                                 // phone
}

// Scrub masks in a text what looks like a mail address, a phone number, a
// codice fiscale or a credential. It is a net below the rule, not the rule:
// log ids.
func Scrub(text string) string {
	for _, p := range patterns {
		if strings.Contains(text, p.hint) {
			text = p.find.ReplaceAllString(text, p.with)
		}
	}
	return text
}

// safe is the attribute as it may be written.
func safe(a slog.Attr) slog.Attr {
	if isPrivate(a.Key) {
		return slog.String(a.Key, mask)
	}
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, Scrub(v.String()))
	case slog.KindGroup:
		inner := make([]slog.Attr, 0, len(v.Group()))
		for _, b := range v.Group() {
			inner = append(inner, safe(b))
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(inner...)}
	case slog.KindAny:
		return slog.String(a.Key, Scrub(spell(v.Any())))
	}
	return slog.Attr{Key: a.Key, Value: v}
}

// spell writes a value of any type as text. A struct is not handed on as it
// is: an encoder would write all of its fields past the guard.
func spell(v any) string {
	switch v := v.(type) {
	case error, fmt.Stringer:
		return fmt.Sprint(v)
	case encoding.TextMarshaler:
		if text, err := v.MarshalText(); err == nil {
			return string(text)
		}
	case []string, []int, []int64, []byte, nil:
		if b, ok := v.([]byte); ok {
			return fmt.Sprintf("%d bytes", len(b))
		}
		return fmt.Sprint(v)
	}
	if x := reflect.ValueOf(v); x.Kind() == reflect.String { // a kind of word, such as a class of failure
		return x.String()
	}
	return fmt.Sprintf("(%T)", v)
}
