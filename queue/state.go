package queue

// Verb is something that somebody does with a step.
type Verb string

// The verbs. Undo is not one of them: it has a rule of its own (undo.go).
const (
	CallNextVerb Verb = "call_next"
	CallVerb     Verb = "call"   // this one, out of order, with a reason
	RecallVerb   Verb = "recall" // announce again
	StartVerb    Verb = "start"
	NoShowVerb   Verb = "no_show"
	PutBackVerb  Verb = "put_back"
	HoldVerb     Verb = "hold"
	ResumeVerb   Verb = "resume"
	TransferVerb Verb = "transfer"  // to a service or to one counter
	OfficeVerb   Verb = "to_office" // to the back office
	AddVerb      Verb = "add_service"
	FinishVerb   Verb = "finish"
	ReturnVerb   Verb = "return"   // somebody who missed the call is back
	GiveUpVerb   Verb = "give_up"  // the citizen leaves
	LetPassVerb  Verb = "let_pass" // the citizen lets some go first
	LateVerb     Verb = "late"     // the citizen says to come later
	HereVerb     Verb = "here"     // the citizen is here
	NextVerb     Verb = "next"     // the step before is over: this one's turn in the visit
	AnswerVerb   Verb = "answer"   // the back office has answered
	VoidVerb     Verb = "void"     // its number was never printed
	ExpireVerb   Verb = "expire"   // the day is over
)

// Verbs are all verbs.
var Verbs = []Verb{
	CallNextVerb, CallVerb, RecallVerb, StartVerb, NoShowVerb, PutBackVerb, HoldVerb, ResumeVerb, TransferVerb, OfficeVerb,
	AddVerb, FinishVerb, ReturnVerb, GiveUpVerb, LetPassVerb, LateVerb, HereVerb, NextVerb, AnswerVerb, VoidVerb, ExpireVerb,
}

// transitions is the one table of what each verb makes of each state. What is not
// in it is refused with WrongState. A verb that leaves the state as it is changes
// something else.
var transitions = map[Verb]map[State]State{
	CallNextVerb: {Waiting: Called},
	CallVerb:     {Waiting: Called},
	RecallVerb:   {Called: Called},
	StartVerb:    {Called: Serving},
	NoShowVerb:   {Called: NoShow},
	PutBackVerb:  {Called: Waiting, Serving: Waiting, Held: Waiting},
	HoldVerb:     {Called: Held, Serving: Held},
	ResumeVerb:   {Held: Serving},
	TransferVerb: {Waiting: Transferred, Called: Transferred, Serving: Transferred, Held: Transferred},
	OfficeVerb:   {Called: Transferred, Serving: Transferred, Held: Transferred},
	AddVerb:      {Waiting: Waiting, Called: Called, Serving: Serving, Held: Held},
	FinishVerb:   {Serving: Done},
	ReturnVerb:   {NoShow: Waiting, Left: Waiting},
	GiveUpVerb:   {Booked: Left, Waiting: Left, Called: Left, Held: Left},
	LetPassVerb:  {Waiting: Waiting},
	LateVerb:     {Waiting: Waiting},
	HereVerb:     {Waiting: Waiting},
	NextVerb:     {Booked: Waiting},
	AnswerVerb:   {Transferred: Done},
	VoidVerb:     {Waiting: Cancelled},
	ExpireVerb:   {Booked: Expired, Waiting: Expired, Called: Expired, Held: Expired, Serving: Done},
}

// After is the state in which a verb leaves a step; ok is false when the verb means
// nothing in its present state.
func (v Verb) After(s State) (to State, ok bool) {
	to, ok = transitions[v][s]
	return to, ok
}

// atCounter reports whether a step in this state occupies a counter.
func (s State) atCounter() bool { return s == Called || s == Serving }

// goesOn reports whether a step in this state is the one of its ticket that goes on.
func (s State) goesOn() bool { return s == Waiting || s == Called || s == Serving || s == Held }

// segment is what a person does in a state; empty when nothing that is timed.
func (s State) segment() SegmentKind {
	switch s {
	case Waiting:
		return WaitingSegment
	case Called:
		return CalledSegment
	case Serving:
		return ServingSegment
	case Held:
		return HeldSegment
	}
	return ""
}
