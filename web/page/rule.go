package page

// Rules is the ordered list of rules.
type Rules struct {
	Shell
	Rules []RuleLine
	Days  int // over which Hits count
}

// RuleLine is a rule in the list: the conditions and actions are in words.
type RuleLine struct {
	ID     int64
	Name   string
	All    []string // in words, one for each condition that must hold
	Any    []string // in words; one of them must hold
	Then   []string // in words, one for each action
	Stops  bool     // no rule after this one
	Active bool
	Hits   int
	First  bool
	Last   bool
}

// RuleForm makes or changes a rule. Inputs: name, version, for each condition
// all.field, all.op, all.value or any.field, any.op, any.value, for each action
// then.do, then.value (repeated, in order; empty rows are left out), stop=1,
// active=1. add=all|any|then gives the form back with one row more.
type RuleForm struct {
	Shell
	ID      int64
	Version int64
	Name    string
	All     []RuleCondition
	Any     []RuleCondition
	Actions []RuleAction
	Stop    bool
	Active  bool
	Faults  []FieldFault
	// Trial is what the rule would have done; nil until that was asked.
	Trial *RuleTrial
}

// RuleCondition is one row of conditions, and a fragment of its own, by which the
// row follows its first choice.
type RuleCondition struct {
	Group  string // "all" or "any"
	N      int    // from 0
	Fields []Choice
	Ops    []Choice
	Open   bool // nothing is chosen yet: all comparisons are offered
	Value  string
	// Values are known values. Closed says that there are no others; otherwise
	// they are offered while typing.
	Values []Choice
	Closed bool
	Hint   string // in words: what the value looks like
	Fault  *FieldFault
}

// RuleAction is one row of actions, and a fragment of its own.
type RuleAction struct {
	N      int
	Kinds  []Choice
	Value  string
	Values []Choice
	Closed bool
	Bare   bool // the action takes no value
	Hint   string
	Fault  *FieldFault
}

// RuleTrial is what a rule would have done with the cases of the last days, the
// element #trial.
type RuleTrial struct {
	Days  int
	Tried int // cases that were looked at
	Fits  int // those of them that the rule fits
	Moves int // those that would be with another office than today
	Cases []TrialLine
	More  int // cases that fit and are not listed
	// Fault is why there is no answer, in words.
	Fault string
}

// TrialLine is a case that the rule fits.
type TrialLine struct {
	Number  string
	Subject string // empty for who may not read it
	Was     string // office where it is today
	Would   string // office where it would be
	Moves   bool
	Effects []string // in words: what else would be done
}
