package channels

import (
	"context"
	"io"
)

// TextLookup finds the TXT records of a name in the DNS.
type TextLookup func(ctx context.Context, name string) ([]string, error)

// SenderChecker is a channel that can check by the DNS whether a raw item is from
// where it says (mail rule 51). It is asked after the item was filed: no message
// waits for the DNS, and reading stays a pure function of the bytes.
type SenderChecker interface {
	// CheckSender reads the item as it came. from is the sender's address, empty
	// where there are several. The error is of reading; what the DNS does not say
	// is an outcome.
	CheckSender(ctx context.Context, item io.Reader, from string) (SenderCheck, error)
}

// CheckOutcome is what a check of a sender found.
type CheckOutcome string

// The outcomes of a check. A signature that cannot be used (no key, an algorithm
// that is not taken any more) proves nothing and is none.
const (
	CheckPass      CheckOutcome = "pass"
	CheckFail      CheckOutcome = "fail" // the message is not what the domain signed
	CheckNone      CheckOutcome = "none"
	CheckTemporary CheckOutcome = "temporary" // the DNS did not answer
)

// SenderCheck is what was found of a sender. Domain is the one that the outcome
// is about, Aligned whether it is that of the sender's address.
type SenderCheck struct {
	Outcome    CheckOutcome
	Domain     string
	Aligned    bool
	Signatures []DomainSignature
}

// DomainSignature is one signature of a domain (DKIM). Reason is a stable code:
// "body_changed", "header_changed", "part_signed", "no_key", "expired",
// "malformed", "weak", "no_answer", "too_many".
type DomainSignature struct {
	Domain  string       `json:"domain"`
	Outcome CheckOutcome `json:"outcome"`
	Aligned bool         `json:"aligned,omitempty"`
	Reason  string       `json:"reason,omitempty"`
}

// Conclude sets what the signatures say together: one of the sender's own domain
// that holds is the best there is; while the DNS does not answer nothing is said.
func (c *SenderCheck) Conclude() {
	best := -1
	for _, s := range c.Signatures {
		if r := s.rank(); r > best {
			best, c.Outcome, c.Domain, c.Aligned = r, s.Outcome, s.Domain, s.Aligned
		}
	}
}

func (s DomainSignature) rank() int {
	switch {
	case s.Outcome == CheckPass && s.Aligned:
		return 4
	case s.Outcome == CheckTemporary:
		return 3
	case s.Outcome == CheckPass:
		return 2
	case s.Outcome == CheckFail:
		return 1
	}
	return 0
}
