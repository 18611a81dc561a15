package mail

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"filodiretto/channels"
)

// loginPOP3 proves who we are: by a token, by SASL PLAIN (RFC 5034), or with USER
// and PASS. A refusal stops the account; a mailbox that is only in use does not.
func (m *mailbox) loginPOP3(c *popConn) error {
	user, password := m.set.pop3.user, m.set.pop3.password
	var err error
	switch {
	case m.tokens != nil:
		token, terr := m.tokens.token()
		if terr != nil {
			return terr
		}
		if err = c.do(func() error { return c.auth("XOAUTH2", "user="+user+"\x01auth=Bearer "+token+"\x01\x01") }); isRefusal(err) {
			m.tokens.drop()
		}
	case slices.Contains(strings.Fields(c.caps["SASL"]), "PLAIN"):
		err = c.do(func() error { return c.auth("PLAIN", "\x00"+user+"\x00"+password) })
	default:
		err = c.do(func() error {
			if _, err := c.command("USER " + user); err != nil {
				return err
			}
			_, err := c.command("PASS " + password)
			return err
		})
	}
	no := (*popRefusal)(nil)
	if !errors.As(err, &no) {
		return err
	}
	if c.busy(no) {
		return m.popError("log in to", err)
	}
	return &channels.Error{
		Class: channels.AuthBroken, Code: strings.TrimSpace("-ERR " + no.code), Err: redacted(err),
		Text: "the POP3 server refuses the login: check pop3_user and pop3_password, whether POP3 is switched on for the mailbox, and whether the provider wants an app password",
	}
}

func isRefusal(err error) bool { return errors.As(err, new(*popRefusal)) }

// auth proves who we are by a SASL mechanism. The word goes on a line of its own,
// since tokens are longer than a command may be.
func (c *popConn) auth(mechanism, word string) error {
	if _, err := c.command("AUTH " + mechanism); err != nil {
		return err
	}
	rest, err := c.command(base64.StdEncoding.EncodeToString([]byte(word)))
	if err == nil && looksLikeReason(rest) { // why a token was refused, which is to be acknowledged
		_, err = c.command("")
	}
	return err
}

// looksLikeReason reports whether an answer is the challenge by which XOAUTH2 tells
// of a refusal: JSON in base64.
func looksLikeReason(rest string) bool {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	return err == nil && strings.HasPrefix(strings.TrimSpace(string(b)), "{")
}

// busy reports whether a refusal of the login is not about the password: the
// mailbox is open elsewhere, or the server is unwell. Servers that tell so by codes
// (RFC 3206) are believed; the words of others are read.
func (c *popConn) busy(no *popRefusal) bool {
	switch no.code {
	case "AUTH":
		return false
	case "IN-USE", "LOGIN-DELAY", "SYS/TEMP", "SYS/PERM":
		return true
	}
	if _, tells := c.caps["AUTH-RESP-CODE"]; tells {
		return true
	}
	text := strings.ToLower(no.text)
	return slices.ContainsFunc([]string{"lock", "in use", "busy", "temporar", "try again"}, func(w string) bool { return strings.Contains(text, w) })
}
