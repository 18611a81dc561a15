package page

// NumberDesk gives numbers at reception: for each site the services, of which one
// is touched. Inputs: site, key, person, class, anyway=1, service.
type NumberDesk struct {
	Key     string // makes a double touch one number
	Person  int64  // whose number it is; 0 for nobody's
	Name    string
	Sites   []NumberSite
	Given   *NumberGiven
	Refused string // under "flash.", why there is none
}

// NumberSite is a site at which the operator may give numbers.
type NumberSite struct {
	ID       int64
	Name     string
	Groups   []NumberGroup
	Classes  []Choice // the ordinary one first
	Anyway   bool     // offers a number although the site is shut or full
	AnywayOn bool
}

// NumberGroup is a group of services, by which they are shown.
type NumberGroup struct {
	Name     string
	Services []NumberService
}

// NumberService is a service with what somebody meets who takes a number now.
type NumberService struct {
	Choice
	Wait  Wait
	Today string // whether they are called before closing, see TicketState
}

// NumberGiven is a number as it was given.
type NumberGiven struct {
	Label   string
	Service string
	URL     string // of its page, for the telephone
	Again   bool   // the same touch came twice
	Wait    Wait
	Today   string // whether they are called before closing, see TicketState
}
