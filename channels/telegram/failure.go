package telegram

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"filodiretto/channels"
)

// verdict is what a line of the error table (channels 1.7) says.
type verdict struct {
	code   int
	prefix string // of the description after its first colon, lower-case; empty fits all
	class  channels.Class
}

// table is matched from the top; the first line that fits decides. Lines with
// an empty prefix are the rest of a code. done means "treat as success".
const done channels.Class = ""

var table = []verdict{
	{400, "message is not modified", done},
	{400, "chat not found", channels.RecipientGone},
	{400, "user not found", channels.RecipientGone},
	{400, "peer_id_invalid", channels.RecipientGone},
	{400, "input_user_deactivated", channels.RecipientGone},
	{400, "", channels.ContentRejected},
	{401, "", channels.AuthBroken},
	{403, "bot was blocked by the user", channels.RecipientBlocked},
	{403, "bot can't initiate conversation", channels.RecipientBlocked},
	{403, "user is deactivated", channels.RecipientGone},
	{403, "bot was kicked", channels.RecipientGone},
	{403, "bot is not a member", channels.RecipientGone},
	{403, "the group chat was deleted", channels.RecipientGone},
	// Another 403 is no evidence that the person does not want us.
	{403, "", channels.ContentRejected},
	// The address or the method is wrong: nothing will work until someone
	// looks, and no message is to be lost meanwhile.
	{404, "", channels.AuthBroken},
	{409, "", channels.RetryBackoff},
	{413, "", channels.ContentRejected},
	{421, "", channels.AuthBroken},
	{429, "", channels.RetryAfter},
	// A gateway that waited in vain has passed the request on.
	{504, "", channels.UnknownOutcome},
}

// remedies are added to a description that says what, but not what to do.
var remedies = map[int]string{
	401: "the token is wrong or was revoked: get it from @BotFather and set it again",
	404: "check api_url and the token",
	421: "the token belongs to another Bot API server: check api_url",
}

// refusal makes a *channels.Error of an answer that says "ok":false, or nil
// where that is success.
func (c *client) refusal(method string, resp *http.Response, env *envelope) error {
	code := env.Code
	if code == 0 {
		code = resp.StatusCode
	}
	class := classify(code, env.Description)
	if class == done {
		return nil
	}
	e := &channels.Error{Class: class, Code: strconv.Itoa(code)}
	text := method + ": " + printable(env.Description)
	if r := remedies[code]; r != "" {
		text += " (" + r + ")"
	}
	e.Text = c.redact(text)
	if class == channels.RetryAfter {
		e.After = retryAfter(resp, env.Parameters.RetryAfter)
	}
	if m := env.Parameters.MigrateTo; m != 0 {
		e.MovedTo = strconv.FormatInt(m, 10)
	}
	return e
}

// classify looks a refusal up in the table. What is in no line is the
// platform's own trouble.
func classify(code int, description string) channels.Class {
	d := reason(description)
	for _, v := range table {
		if v.code == code && strings.HasPrefix(d, v.prefix) {
			return v.class
		}
	}
	if code >= 400 && code < 500 {
		return channels.ContentRejected
	}
	return channels.RetryBackoff
}

// reason is a description in lower case, without "Bad Request: " and its like.
func reason(description string) string {
	d := strings.ToLower(description)
	if _, after, ok := strings.Cut(d, ": "); ok {
		d = after
	}
	return strings.TrimSpace(d)
}

// retryAfter is how long a 429 asks to wait: the body says so and the header
// too. Without either it is a second.
func retryAfter(resp *http.Response, seconds int64) time.Duration {
	if seconds <= 0 {
		seconds, _ = strconv.ParseInt(resp.Header.Get("Retry-After"), 10, 64)
	}
	seconds = min(max(seconds, 1), 24*60*60)
	return time.Duration(seconds) * time.Second
}

// quoted finds what the platform quotes of our own message, such as the tag
// that it could not parse: no content belongs in an error.
var quoted = regexp.MustCompile(`"[^"]*"?`)

// printable bounds a text from outside before it goes into an error.
func printable(s string) string {
	s = quoted.ReplaceAllString(s, `"…"`)
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "…"
	}
	return s
}
