package page

import (
	"slices"

	"filodiretto/internal/clock"
)

// Channels is the page of the channels' health.
type Channels struct {
	Shell
	Accounts []ChannelCard
	Scan     *ScanNote // of the malware scan, for administrators; nil where nobody scans
	// Kinds are the kinds of channel that may be added.
	Kinds []ChannelKind
}

// ChannelKind is a kind of channel that may be added.
type ChannelKind struct {
	Channel Channel
}

// ChannelStateID is how an account fares.
type ChannelStateID string

// The states of an account.
const (
	ChannelUp       ChannelStateID = "up"
	ChannelStarting ChannelStateID = "starting"
	ChannelSlow     ChannelStateID = "slow"    // no good look, or no acceptance of what left, for longer than usual
	ChannelDown     ChannelStateID = "down"    // the last tries failed
	ChannelBroken   ChannelStateID = "broken"  // log-in refused: stopped until somebody acts
	ChannelMute     ChannelStateID = "mute"    // it is read, and nothing leaves
	ChannelPaused   ChannelStateID = "paused"  // by a person
	ChannelStopped  ChannelStateID = "stopped" // no worker runs it
)

// ChannelCard is one account, the element #channel-<id>.
type ChannelCard struct {
	ID      int64
	Channel Channel
	Name    string
	Address string // what citizens write to; empty where there is none
	Office  string
	State   ChannelStateID
	// PausedSince is since when a person keeps it paused; zero for not.
	PausedSince clock.Instant
	// RestsUntil is when it tries again by itself after a failure; zero for now.
	RestsUntil clock.Instant
	// Receives is false for a channel that nothing comes in by itself: a counter.
	Receives bool
	// LastGood is the last successful look at the platform; zero for never.
	LastGood clock.Instant
	// WayIn is how mail comes in, where it is not the usual way.
	WayIn WayIn
	// OldestPending is when the oldest item came that is not worked yet.
	OldestPending clock.Instant
	Pending       int // raw items not worked yet
	Outgoing      int // deliveries that wait
	Failed        int // deliveries that failed today
	Error         *ChannelError
	// Unaccepted are certified mails whose acceptance is missing; nil for none.
	Unaccepted *UnacceptedNote
	Warnings   []ChannelWarning
	// FromFile is true when the account stands in the configuration file: it is
	// read-only here.
	FromFile bool
	May      ChannelMay
	// Probed is the outcome of "try now", for the fragment; nil otherwise.
	Probed *ProbeResult
	// Loose are the newest receipts of a certified mailbox about letters that were
	// not sent from here.
	Loose []LooseReceipt
	// Reconciled is the last comparison with the provider; nil where there is no provider.
	Reconciled *ReconcileNote
}

// UnacceptedNote tells how many certified mails have no acceptance for too long.
type UnacceptedNote struct {
	Count int
	From  clock.Instant // when the first of them was given to the provider
	URL   string        // of the cases; "" for who sees none
}

// ReconcileNote is the last comparison in a line.
type ReconcileNote struct {
	At     clock.Instant // zero before the first
	Absent int           // messages that are still missing
	None   bool          // nothing is compared; the page of comparisons says why
}

// WayIn is how the mail of a mailbox comes in.
type WayIn string

// The ways in; empty is what the kind of channel usually does. Where mail is handed
// over nobody looks, and the last good look is when it last was.
const (
	FetchedPOP3 WayIn = "pop3"
	HandedOver  WayIn = "handed"
)

// ChannelMay says which actions are offered.
type ChannelMay struct{ Probe, Pause, Resume, Edit bool }

// ChannelError is the last failure of an account.
type ChannelError struct {
	At clock.Instant
	// Class is the class of failure; what to do is "channel.remedy_<class>".
	Class string
	Code  string // the platform's own
	Text  string // free of secrets
	Words string // what the code in Text means, in the reader's language; "" where nobody wrote it
	Count int    // how many times in a row
}

// ChannelWarning is something odd that did not stop the intake.
type ChannelWarning struct {
	At   clock.Instant
	Code string
	Text string
}

// ProbeResult is the outcome of "try now".
type ProbeResult struct {
	OK    bool
	At    clock.Instant
	Error *ChannelError
}

// ChannelForm adds or changes an account. Fields come from channels.Driver.
type ChannelForm struct {
	Shell
	ID       int64 // 0 for a new one
	Channel  Channel
	Key      string
	Name     string
	Offices  []Choice
	Fields   []SettingField
	FromFile bool
	Faults   []FieldFault
	// MoreOpen shows the settings that are neither needed nor secret from the
	// start: one of them is at fault, or there are no others.
	MoreOpen bool
	// Presets are the providers whose settings a new account's form can be filled
	// with, the chosen one marked; PresetNote is what to mind with it.
	Presets    []Choice
	PresetNote string
}

// More reports whether there are settings that most accounts leave as they are.
func (f ChannelForm) More() bool {
	return slices.ContainsFunc(f.Fields, func(x SettingField) bool { return !x.Front() })
}

// SettingType says which control edits a setting.
type SettingType string

// The types of a setting: those of channels.FieldType.
const (
	SettingText     SettingType = "text"
	SettingNumber   SettingType = "number"
	SettingBool     SettingType = "bool"
	SettingDuration SettingType = "duration"
	SettingList     SettingType = "list"
)

// SettingField is one setting of a channel, with its present value.
type SettingField struct {
	Name     string // the input is "set.<Name>"
	Type     SettingType
	Label    string // in words
	Help     string // in words
	Required bool
	// Secret fields never show their value: HasValue says that there is one,
	// and an empty input leaves it as it is.
	Secret   bool
	HasValue bool
	Value    string
	Default  string
	// Choices are the words that it may be; none for any.
	Choices []Choice
	// When is "reading=imap|pop3" where the setting counts only beside those words of
	// another, and several such joined by "&"; Off says that it does not count now.
	When string
	Off  bool
	// Steers says that others count or not by what it is: it stands with those that
	// are needed.
	Steers bool
}

// Front reports whether the setting is shown from the start.
func (x SettingField) Front() bool { return x.Required || x.Secret || x.Steers }
