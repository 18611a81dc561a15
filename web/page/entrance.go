package page

// Login is the page before the house.
type Login struct {
	Municipality string
	Lang         Lang
	User         string
	Next         string // address to go to afterwards
	// Fault is a key under "login.fault_": "wrong", "slow", "disabled", "ended".
	Fault string
	// Wait is how many seconds to wait when Fault is "slow".
	Wait int
}

// Help is the page of the keys and of first steps.
type Help struct {
	Shell
	Operators []SearchOperator
}

// Fault is a page that says what went wrong and what to do. Shell may be the
// zero value with Bare set, for people who are not logged in.
type Fault struct {
	Shell
	Status int // 400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503
	// Key is a text under "fault_page." in the catalogue; empty takes the one
	// of the status.
	Key string
	// Request is the id to tell the administrator; empty for none.
	Request string
	// RetryURL offers "try again"; empty offers the inbox.
	RetryURL string
	Bare     bool // without rail and bar
	Public   bool // citizens' look
	Site     Site
}
