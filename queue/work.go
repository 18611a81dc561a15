package queue

// OfficeWork is what a counter hands to an office: the same visit goes on there,
// and the answer goes out on the citizen's channel (queue 5, point 3).
type OfficeWork struct {
	Key        string // of the verb: the same key twice is one case
	TicketID   int64
	StepID     int64
	SiteID     int64
	Label      string
	OfficeID   int64
	CaseID     int64 // the case it adds to; 0 opens one
	CitizenID  int64
	IdentityID int64
	AccountID  int64
	Lang       string
	Kind       string // an inbox.CaseKind; empty is a request
	Procedure  string
	Subject    string
	Text       string // the counter's note
}
