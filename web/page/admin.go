package page

import "filodiretto/internal/clock"

// AdminTab is a page of the administration.
type AdminTab string

// The pages of the administration.
const (
	AdminOffices   AdminTab = "offices"
	AdminOperators AdminTab = "operators"
	AdminRules     AdminTab = "rules"
	AdminTexts     AdminTab = "texts"
	AdminTokens    AdminTab = "tokens"
	AdminEvents    AdminTab = "events"
)

// AllAdminTabs is every page of the administration, in the order shown.
var AllAdminTabs = []AdminTab{AdminOffices, AdminOperators, AdminRules, AdminTexts, AdminTokens, AdminEvents}

// Offices is the list of offices.
type Offices struct {
	Shell
	Offices []OfficeLine
}

// OfficeLine is an office in the list.
type OfficeLine struct {
	ID       int64
	Name     string
	Front    bool // front office; otherwise back office
	Head     string
	People   int
	Open     int // open cases
	Waiting  int // cases that nobody has
	Disabled bool
}

// OfficeForm makes or changes an office. Inputs: name, side=front|back, head
// (operator id), email, hours (raised to the head after), active=1.
type OfficeForm struct {
	Shell
	ID      int64
	Name    string
	Front   bool
	Heads   []Choice
	Email   string
	Hours   int // working hours after which a case that nobody has is raised; 0 for never
	Members []OperatorLine
	Active  bool
	Faults  []FieldFault
}

// Operators is the list of people who work here.
type Operators struct {
	Shell
	Operators []OperatorLine
}

// OperatorLine is an operator in the list.
type OperatorLine struct {
	ID       int64
	Name     string
	Login    string
	Roles    []Role
	Offices  []string
	LastSeen clock.Instant
	Disabled bool
}

// OperatorForm makes or changes an operator. Inputs: name, login, email,
// password (empty keeps it), role (many), office (many), lang, active=1.
type OperatorForm struct {
	Shell
	ID          int64
	Name        string
	Login       string
	Email       string
	HasPassword bool
	Roles       []Choice
	Offices     []Choice
	Lang        Lang
	Active      bool
	Faults      []FieldFault
}

// Rules is the ordered list of rules.
type Rules struct {
	Shell
	Rules []RuleLine
}

// RuleLine is a rule in the list: the conditions and actions are in words.
type RuleLine struct {
	ID     int64
	Name   string
	When   []string // in words, one for each condition
	All    bool     // all conditions, otherwise any
	Then   []string // in words, one for each action
	Stops  bool     // no rule after this one
	Active bool
	Hits   int // in the last 30 days
	First  bool
	Last   bool
}

// RuleForm makes or changes a rule. Inputs: name, match=all|any, and for each
// condition when.field, when.op, when.value, for each action then.do,
// then.value (repeated, in order; empty rows are left out), stop=1, active=1.
type RuleForm struct {
	Shell
	ID         int64
	Name       string
	All        bool
	Conditions []RuleCondition
	Actions    []RuleAction
	Stop       bool
	Active     bool
	Faults     []FieldFault
}

// RuleCondition is one row of conditions; give one empty row more than set.
type RuleCondition struct {
	Fields []Choice
	Ops    []Choice
	Value  string
	// Values are known values, offered while typing.
	Values []Choice
}

// RuleAction is one row of actions; give one empty row more than set.
type RuleAction struct {
	Kinds  []Choice
	Value  string
	Values []Choice
}

// Texts is the list of ready texts and receipts.
type Texts struct {
	Shell
	Texts []TextLine
}

// TextLine is a text in the list.
type TextLine struct {
	ID       int64
	Name     string
	Event    string // in words; empty for a ready text of operators
	Short    string // "/integrazione-ok"
	Channels []Channel
	Langs    []Lang
	Office   string
	Changed  clock.Instant
	By       string
}

// TextForm makes or changes a text. Inputs: name, event, short, office,
// channel, lang, subject, body.
type TextForm struct {
	Shell
	ID       int64
	Name     string
	Events   []Choice
	Short    string
	Offices  []Choice
	Channels []Choice
	Langs    []Choice
	Subject  string
	Body     string
	// Variables may be written in braces.
	Variables []TextVariable
	Preview   TextPreview
	Faults    []FieldFault
}

// TextVariable is a variable that a text may use.
type TextVariable struct {
	Name    string // "{{.Number}}" as it is typed
	Meaning string // in words
}

// TextPreview is how a text will look on each channel, the element #preview.
type TextPreview struct {
	Previews []ChannelPreview
	// Fault is what is wrong with the text, in words; nothing is shown then.
	Fault string
	Meter *Meter
}

// ChannelPreview is a text on one channel.
type ChannelPreview struct {
	Channel Channel
	Subject string
	Text    string
	Chars   int
	Limit   int // 0 for none
	Parts   int // SMS parts, or Telegram messages; 0 where it means nothing
	Unicode bool
}

// Tokens is the list of API tokens.
type Tokens struct {
	Shell
	Tokens []TokenLine
	Scopes []Choice
	// Fresh is the new token, shown once.
	Fresh  string
	Faults []FieldFault
}

// TokenLine is a token in the list; the secret itself is never shown again.
type TokenLine struct {
	ID       int64
	Name     string
	Prefix   string // its first characters
	Scopes   []string
	By       string
	Made     clock.Instant
	LastUsed clock.Instant
	Expires  clock.Instant
	Revoked  clock.Instant
}

// Events is the audit list. Inputs of the filter: who, what, number, from, to.
type Events struct {
	Shell
	Who    []Choice
	What   []Choice
	Number string
	From   string // 2006-01-02
	To     string
	Events []AuditLine
	Before string
	// Seal says up to when the list is sealed.
	Sealed clock.Instant
}

// AuditLine is one event.
type AuditLine struct {
	ID     int64
	At     clock.Instant
	Who    string
	What   string // in words
	Code   string // the event's own name
	Number string // a case; may be empty
	Person int64  // a citizen; 0 for none
	Name   string // of the citizen
	Why    string
}
