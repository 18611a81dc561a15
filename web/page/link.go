package page

import "filodiretto/internal/clock"

// PersonLink is the sheet with which a person links a chat. It is shown once,
// and made to be printed: what stands on it is in the citizen's language.
type PersonLink struct {
	Shell
	Head  PersonHead
	Chats []LinkChat
	State LinkState
	// Sheet is in words, in the language that it names.
	Sheet LinkSheet
}

// LinkSheet is the words of the sheet.
type LinkSheet struct {
	Lang               Lang
	Town, Title, Intro string
	Steps              []string
	Code, Until, Alone string
}

// LinkChat is one bot that the citizen may choose.
type LinkChat struct {
	Channel Channel
	Handle  string // "@pontelieto_bot"
	URL     string // holds the word
}

// LinkStage is how a link stands.
type LinkStage string

// The stages of a link.
const (
	LinkNone    LinkStage = ""
	LinkWaiting LinkStage = "waiting"
	LinkUsed    LinkStage = "used"
	LinkExpired LinkStage = "expired"
)

// LinkState is how the newest link of a person stands, the element #link-state
// and the fragment of GET /people/{id}/link.
type LinkState struct {
	PersonID  int64
	Stage     LinkStage
	MadeAt    clock.Instant
	ExpiresAt clock.Instant
	UsedAt    clock.Instant
	By        string // who made it
	With      string // the chat that was linked, as shown
	// Watch is true beside the sheet: the element then asks how the link
	// stands, until it was used.
	Watch bool
}
