package telegram

import "regexp"

var (
	goodUsername = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{3,31}$`)
	goodPayload  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`) // channels 1.6
)

// deepLink opens the chat with the bot; the person's first tap sends
// "/start word". It is "" where either could not stand in such an address.
func deepLink(username, word string) string {
	if !goodUsername.MatchString(username) || !goodPayload.MatchString(word) {
		return ""
	}
	return "https://t.me/" + username + "?start=" + word
}
