package page

// Display is the wall screen of a room. It is complete without a script, and
// renewed every 15 seconds then; js/display.js makes it live.
type Display struct {
	Lang Lang
	Town string
	Boot DisplayBoot
}

// DisplayBoot is all that the script begins with.
type DisplayBoot struct {
	Base  string                     `json:"base"` // "/display/centro"
	Langs []Lang                     `json:"langs"`
	Texts map[Lang]map[string]Phrase `json:"texts"`
	Voice bool                       `json:"voice"` // the server says calls, at {base}/say/{call}/{language}
	Speak bool                       `json:"speak"`
	// Volume is how loud, 1 to 100.
	Volume int          `json:"volume"`
	State  DisplayState `json:"state"`
	// Notices are those of this display, which the room's state does not hold.
	Notices []DisplayNotice `json:"notices,omitempty"`
}

// DisplayState is all that a display shows: whoever was cut off reads it again and
// lacks nothing (queue 3, row 24). It names no person and no class.
type DisplayState struct {
	RoomTime
	Release  string          `json:"release"`
	Title    string          `json:"title"`
	Open     bool            `json:"open"`
	Opens    int64           `json:"opens,omitempty"`
	Code     string          `json:"code,omitempty"` // of presence
	Calls    []DisplayCall   `json:"calls"`          // the newest first, one for each ticket
	Announce []DisplayCall   `json:"announce"`       // the last ones, oldest first, with every recall
	Next     []string        `json:"next"`
	Waiting  int             `json:"waiting"`
	Waits    []DisplayWait   `json:"waits"`
	Notices  []DisplayNotice `json:"notices,omitempty"`
}

// DisplayCall is a number that is called to a counter.
type DisplayCall struct {
	ID    int64  `json:"id,string"`
	Label string `json:"label"`
	Place Place  `json:"place"`
	At    int64  `json:"at"`
}

// DisplayWait is how long a service takes now.
type DisplayWait struct {
	Names Names `json:"names"`
	Wait  Wait  `json:"wait"`
}

// DisplayNotice is a line at the bottom.
type DisplayNotice struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// Rest are the calls after the newest, as many as the screen holds.
func (s DisplayState) Rest() []DisplayCall {
	if len(s.Calls) < 2 {
		return nil
	}
	return s.Calls[1:min(len(s.Calls), 4)]
}

// Soon are those who are next, as many as the screen holds.
func (s DisplayState) Soon() []string { return s.Next[:min(len(s.Next), 6)] }
