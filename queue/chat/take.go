package chat

import (
	"slices"
	"strings"
	"unicode"

	"filodiretto/channels"
	"filodiretto/internal/textfold"
)

// What somebody may write to the bot and not to people.
type ask string

const (
	askNothing ask = ""
	askNumber  ask = "number"
	askQueue   ask = "queue"
)

// asked are the whole texts, folded, that mean something to the bot. They are whole
// so that nobody's message is taken from people for a word in it.
var asked = map[string]ask{
	"/numero": askNumber, "/ticket": askNumber, "/number": askNumber, "/biglietto": askNumber,
	"/coda": askQueue, "/queue": askQueue, "/turno": askQueue,
	"prendi un numero": askNumber, "prendi numero": askNumber, "prendere un numero": askNumber, "voglio un numero": askNumber, "vorrei un numero": askNumber,
	"voglio prendere un numero": askNumber, "vorrei prendere un numero": askNumber, "prendo un numero": askNumber,
	"take a number": askNumber, "take a ticket": askNumber, "take number": askNumber, "get a number": askNumber, "i want a number": askNumber,
	"la mia coda": askQueue, "il mio numero": askQueue, "my queue": askQueue, "my number": askQueue, "my ticket": askQueue,
}

// asksFor is what a text asks of the bot.
func asksFor(text string) ask {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "/") {
		// In some clients a command names its bot: /numero@ComuneBot.
		text, _, _ = strings.Cut(text, "@")
		return asked[strings.ToLower(text)]
	}
	return asked[strings.TrimRight(textfold.Fold(strings.Join(strings.Fields(text), " ")), "!. ")]
}

// askCode is what a card asks for while it waits for the code of presence.
const askCode = "code"

// Takes tells the inbox which items are for the bot (inbox.Dialogue): its buttons, the
// words that it knows, and digits alone while a card asks for the code.
func Takes(it *channels.Item, asks string) bool {
	if it.Kind == channels.Button {
		return strings.HasPrefix(it.Payload, "q") && len(it.Payload) > 2 && it.Payload[1] >= '0' && it.Payload[1] <= '9'
	}
	if len(it.Parts) > 0 || len(it.Text) > 60 || slices.ContainsFunc(it.Notes, func(n string) bool { return strings.HasPrefix(n, "forwarded") }) {
		return false
	}
	return asksFor(it.Text) != askNothing || asks == askCode && codeIn(it.Text) != ""
}

// codeIn are the digits of a text that is nothing but a code: "48 21".
func codeIn(text string) string {
	var b strings.Builder
	for _, r := range strings.TrimSpace(text) {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case !unicode.IsSpace(r):
			return ""
		}
	}
	if n := b.Len(); n < 3 || n > 8 {
		return ""
	}
	return b.String()
}

// Menu are the commands that chats show, by language; none where nobody gives numbers.
func Menu(lang string) []channels.MenuItem {
	p := phrasesOf(lang)
	return []channels.MenuItem{{Command: "numero", Text: p.text("menu_number")}, {Command: "coda", Text: p.text("menu_queue")}}
}
