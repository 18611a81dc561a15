package page

// Vote is the three faces ("Mettiamoci la faccia", italian-pa 8), on a telephone
// or on the tablet of a counter. A vote is about the service, never about a person
// or an operator, and the page shows no vote to anybody.
type Vote struct {
	RoomFrame
	Step VoteStep
	// What is asked about, in words: a service, or where the vote is given.
	About string
	// More is the word with which the page of a red face gives its reason.
	More string
	// Again is after how many seconds a tablet is ready for the next person; 0 never.
	Again int
}

// VoteStep is where somebody is.
type VoteStep string

// The steps. A tablet that waits for a visit to end shows VoteWait.
const (
	VoteFaces  VoteStep = "faces"
	VoteReason VoteStep = "reason"
	VoteThanks VoteStep = "thanks"
	VoteOver   VoteStep = "over" // voted already, or too long ago
	VoteWait   VoteStep = "wait"
)

// VoteReasons are the reasons after the red face, under "vote.reason_".
var VoteReasons = []string{"waiting", "operator", "come_back", "outcome", "unclear", "other"}

// Reasons are the reasons that the page asks for.
func (Vote) Reasons() []string { return VoteReasons }
