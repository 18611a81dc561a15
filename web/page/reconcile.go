package page

import "filodiretto/internal/clock"

// Reconcile is the page of an account's comparisons with its provider.
type Reconcile struct {
	Shell
	Channel Channel
	Name    string
	State   ReconcileState
}

// ReconcileState is the element #reconcile: what the newest comparison found, the
// one under way, and those before. While one is under way the element fetches
// itself again.
type ReconcileState struct {
	AccountID int64
	Runs      []ReconcileRun // newest first; none before the first comparison
	Items     []ReconcileItem
	// MoreItems is how many missing messages are not listed.
	MoreItems int
	// MayAsk is false for an account that is paused, or cannot be compared.
	MayAsk bool
	// None says why nothing is ever compared, and what stands in for it; empty where
	// something is.
	None  NoComparison
	Fault string // key of a sentence, for a request that was refused
}

// NoComparison is a reason for which nothing is compared. Its text is
// "reconcile.none_<reason>".
type NoComparison string

// The reasons.
const (
	NoneHanded   NoComparison = "handed"   // the town's own server hands mail over
	NoneTelegram NoComparison = "telegram" // the platform tells only what was not taken yet
	NoneHere     NoComparison = "here"     // what comes is written down here
	NoneOther    NoComparison = "other"    // the platform gives no list
)

// Newest is the comparison that came last to an end; nil before the first.
func (s ReconcileState) Newest() *ReconcileRun {
	for i := range s.Runs {
		if !s.Runs[i].Open() {
			return &s.Runs[i]
		}
	}
	return nil
}

// Now is the comparison that is under way; nil for none.
func (s ReconcileState) Now() *ReconcileRun {
	if len(s.Runs) > 0 && s.Runs[0].Open() {
		return &s.Runs[0]
	}
	return nil
}

// ReconcileRun is one comparison.
type ReconcileRun struct {
	At         clock.Instant
	By         string // who asked; empty for the daily one
	State      string // "asked", "running", "done", "failed"
	Phase      string // "listing", "comparing", "fetching"
	Done, Todo int    // messages fetched, of how many
	Ended      bool
	Seconds    int // how long it took
	Error      *ChannelError
	Streams    []ReconcileStream
}

// Open reports whether it is still to end.
func (r ReconcileRun) Open() bool { return r.State == "asked" || r.State == "running" }

// Missing, Fetched and Absent are sums over the streams.
func (r ReconcileRun) Missing() int {
	return r.sum(func(s ReconcileStream) int { return s.Missing })
}

// Fetched is how many were missing and have come.
func (r ReconcileRun) Fetched() int {
	return r.sum(func(s ReconcileStream) int { return s.Fetched })
}

// Absent is how many are still missing.
func (r ReconcileRun) Absent() int { return r.sum(func(s ReconcileStream) int { return s.Absent }) }

// Held is how many messages the provider holds.
func (r ReconcileRun) Held() int { return r.sum(func(s ReconcileStream) int { return s.Held }) }

// Renumbered reports whether a folder could not be compared yet.
func (r ReconcileRun) Renumbered() bool {
	for _, s := range r.Streams {
		if s.Renumbered {
			return true
		}
	}
	return false
}

func (r ReconcileRun) sum(of func(ReconcileStream) int) (n int) {
	for _, s := range r.Streams {
		n += of(s)
	}
	return n
}

// ReconcileStream is what was found of one folder.
type ReconcileStream struct {
	Name                                                       string
	Held, Here, Waiting, Gone, Older, Missing, Fetched, Absent int
	Renumbered                                                 bool
}

// ReconcileItem is a message that was missing.
type ReconcileItem struct {
	Folder  string
	Subject string // empty once it is here
	At      clock.Instant
	Size    int64 // -1 when not known
	Here    bool
}

func (Reconcile) template() string      { return "reconcile" }
func (ReconcileState) template() string { return "reconcile-state" }
