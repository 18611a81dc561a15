package queue

import "filodiretto/inbox"

// Failures that callers tell apart are those of the inbox, so that one place maps
// them to answers.
var (
	ErrNotFound  = inbox.ErrNotFound  // or not to be seen by who asks
	ErrForbidden = inbox.ErrForbidden // seen, but not to be done by who asks
	ErrChanged   = inbox.ErrChanged   // somebody else was quicker
	ErrInvalid   = inbox.ErrInvalid   // see *inbox.InvalidError
)

// RefusedError says that a command is understood and allowed but cannot be done as
// things are. The codes are stable and each has a sentence on the pages.
type RefusedError struct {
	Code   string
	Ticket int64 // which stands in the way, when one does
}

// The codes of refusals.
const (
	Shut           = "shut"              // the site is not open now
	NotToday       = "not_today"         // would hardly be served before closing: an appointment is offered
	TooLate        = "too_late"          // so near to closing no more numbers are given
	DayEnded       = "day_ended"         // the day was ended
	ServiceFull    = "service_full"      // as many as the service takes in a day
	RoomFull       = "room_full"         // as many as the room holds
	AlreadyWaiting = "already_waiting"   // this person has an open ticket for the service
	NotAtKiosk     = "not_at_kiosk"      // the service gives no numbers at the kiosk
	NotRemote      = "not_remote"        // the service gives no numbers from afar
	Nobody         = "nobody"            // nobody waits for this counter
	CounterBusy    = "counter_busy"      // the counter has somebody
	CounterTaken   = "counter_taken"     // somebody else sits there
	SittingElse    = "sitting_elsewhere" // the operator sits at another counter
	NotOpen        = "not_open"          // nobody sits at the counter
	Paused         = "paused"            // the counter is on a break
	NotCallable    = "not_callable"      // away, or another counter's
	WrongState     = "wrong_state"       // the verb means nothing in the step's state
	TicketBusy     = "ticket_busy"       // another step of the ticket is at a counter
	UndoTooLate    = "undo_too_late"     // more than 30 s ago
	UndoOvertaken  = "undo_overtaken"    // something else happened since
	WrongCode      = "wrong_code"        // the code of presence is not the one shown
	TooManyTries   = "too_many_tries"    // staff must say that the person is here
	NoSkill        = "no_skill"          // the counter does not do the service
	NumberTaken    = "number_taken"      // another ticket has the number
	NotLeased      = "not_leased"        // the kiosk has no band of numbers
	DeviceRevoked  = "device_revoked"    // the device's token was taken back
	InUse          = "in_use"            // it cannot be taken off while somebody uses it
)

// Error names the code.
func (e *RefusedError) Error() string { return "refused: " + e.Code }

func refuse(code string) error { return &RefusedError{Code: code} }

func invalid(field, code string) error { return &inbox.InvalidError{Field: field, Code: code} }
