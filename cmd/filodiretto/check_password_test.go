package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// TestThePasswordsEndIsChecked: from two weeks before, and ever after, the check says on
// which day a mailbox's password ends, and how to go on; whatever the channel, and also
// where the mailbox cannot be reached.
func TestThePasswordsEndIsChecked(t *testing.T) {
	today := clock.System{}.Now().Time()
	for _, kind := range []string{"mail", "pec"} {
		for in, warned := range map[int]bool{-30: true, 3: true, 13: true, 16: false, 300: false} {
			day := today.AddDate(0, 0, in).Format(time.DateOnly)
			c := &checkCommand{Timeout: time.Second}
			f := c.try(t.Context(), channels.Account{Key: "urp", Kind: kind, Settings: map[string]string{
				"address": "urp@comune.example", "imap_host": "127.0.0.1", "imap_port": "1", "imap_security": "plain-local", "imap_user": "u", "imap_password": "p",
				"smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_security": "plain-local", "password_until": day,
			}})
			if f.err == nil || (f.warning != "") != warned || warned && (!strings.Contains(f.warning, day) || !strings.Contains(f.warning, "password_until")) {
				t.Errorf("%s, in %d days (%s): %q, %v", kind, in, day, f.warning, f.err)
			}
		}
	}
	var out strings.Builder
	s := &shell{out: &out}
	if n := s.tell(finding{name: "urp", kind: "mail", err: errors.New("the login is refused"), warning: "the password ends, or has ended"}); n != 1 || !strings.Contains(out.String(), "login is refused") || !strings.Contains(out.String(), "has ended") {
		t.Errorf("a refusal hides why: %q", out.String())
	}
	c := &checkCommand{Timeout: time.Second}
	if f := c.try(t.Context(), channels.Account{Key: "urp", Kind: "mail", Settings: map[string]string{"address": "urp@comune.example"}}); f.warning != "" {
		t.Errorf("no day is known: %q", f.warning)
	}
}
