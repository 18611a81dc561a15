package inbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"regexp"

	"filodiretto/channels"
	"filodiretto/internal/secret"
)

// A link in a notice lets whoever holds it do something in the citizen's name:
// cancel an appointment, give a vote. The house keeps the hash of its token, and
// the text of the message, which colleagues read, must not hold what the hash
// hides. So the text is stored with a stand-in, from which only the sending, with
// the key, makes the token: token = HMAC(key, stand-in).

// sealedNote is in Message.Notes when the text has stand-ins.
const sealedNote = "sealed"

// sealedToken is a stand-in: as long as the token, so that texts keep their
// length, and fit for an address.
var sealedToken = regexp.MustCompile(`~[A-Za-z0-9_-]{42}`)

// NewToken makes the secret of a link: token is 256 bits in 43 characters, of which
// only the hash (secret.HashToken) is to be kept; sealed stands for it in
// Notice.Vars.
func (in *Inbox) NewToken() (token, sealed string) {
	sealed = "~" + secret.Token(31) // 42 characters
	return in.sign.token(sealed), sealed
}

// token is what a stand-in stands for.
func (s Signer) token(sealed string) string {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte("notice token"))
	h.Write([]byte(sealed))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func hasSealed(text string) bool { return sealedToken.MatchString(text) }

// unseal puts the tokens into what goes out.
func (s Signer) unseal(m *Message, o *channels.Outgoing) {
	if m == nil || m.Origin != FromAutomation || !hasNote(m, sealedNote) {
		return
	}
	for _, text := range []*string{&o.Text, &o.HTML, &o.Markup} {
		*text = sealedToken.ReplaceAllStringFunc(*text, s.token)
	}
}
