package mail

import (
	"context"
	"net"
	"strings"
	"testing"

	"filodiretto/channels"
)

// Rule 13: a server for outgoing mail that knows no tokens is named as such; one that
// asks for no login gets none, unless somebody named a user for it.
func TestRule13TokensOverSMTP(t *testing.T) {
	for _, c := range []struct {
		name, greeting string
		more           []string
		want           string // in the error's words
	}{
		{"only passwords", "250-mx.example\r\n250 AUTH PLAIN LOGIN", nil, "XOAUTH2"},
		{"no login", "250 mx.example", nil, ""},
		{"no login, for a user who is named", "250 mx.example", []string{"smtp_user", "urp"}, "XOAUTH2"},
		{"tokens", "250-mx.example\r\n250 AUTH PLAIN XOAUTH2", nil, ""},
	} {
		p := newProvider(t)
		s := startScripted(t, map[string]string{"EHLO": c.greeting, "AUTH": "235 ok"})
		host, port, _ := net.SplitHostPort(s.listen.Addr().String())
		m := openBox(t, p.settings(nowhere, append([]string{"smtp_host", host, "smtp_port", port}, c.more...)...))
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		err := m.probeSMTP(ctx)
		cancel()
		switch e := channels.AsError(err); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (e == nil || e.Class != channels.AuthBroken || !strings.Contains(e.Text, c.want)):
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
