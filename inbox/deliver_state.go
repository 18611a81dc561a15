package inbox

// rank orders the states that are good news; the others have rank 0.
func (s State) rank() int {
	switch s {
	case Accepted:
		return 1
	case Sent:
		return 2
	case Delivered:
		return 3
	case Read:
		return 4
	}
	return 0
}

// lost reports whether the state says that the message will not arrive.
func (s State) lost() bool { return s == Failed || s == Blocked || s == Expired }

// Ended reports whether nothing is tried any more. News of the recipient's
// server may still come.
func (s State) Ended() bool { return s != Queued && s != Sending }

// advances is the rule of precedence (channels 11.4): whether news of state to
// may replace the state from. Reports come late, twice and in any order, so
// good news is never undone by weaker news, and a failure that was reported
// gives way only to the proof that the message did arrive.
func advances(from, to State) bool {
	switch from {
	case Queued:
		return to != Queued && to != Unknown
	case Sending:
		return to != Sending
	case Accepted, Sent:
		return to.rank() > from.rank() || to.lost()
	case Delivered:
		return to == Read
	case Failed, Blocked, Expired:
		return to == Delivered || to == Read
	case Unknown: // an operator may try again, and a report may settle it
		return to == Queued || to.rank() > 0 || to.lost()
	}
	return false // Read, Cancelled and Suppressed stay what they are
}
