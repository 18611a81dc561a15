package page

import "filodiretto/internal/clock"

// AdminTab is a page of the administration.
type AdminTab string

// The pages of the administration.
const (
	AdminOffices   AdminTab = "offices"
	AdminOperators AdminTab = "operators"
	AdminQueue     AdminTab = "queue"
	AdminRules     AdminTab = "rules"
	AdminTexts     AdminTab = "texts"
	AdminTokens    AdminTab = "tokens"
	AdminEvents    AdminTab = "events"
)

// AllAdminTabs is every page of the administration, in the order shown.
var AllAdminTabs = []AdminTab{AdminOffices, AdminOperators, AdminQueue, AdminRules, AdminTexts, AdminTokens, AdminEvents}

// HeadTabs are those that heads of offices see too.
var HeadTabs = []AdminTab{AdminRules, AdminTexts, AdminEvents}

// adminTabs are the pages that the operator may open.
func adminTabs(m May) []AdminTab {
	if m.AdminAll {
		return AllAdminTabs
	}
	return HeadTabs
}

// Offices is the list of offices.
type Offices struct {
	Shell
	Offices []OfficeLine
}

// OfficeLine is an office in the list.
type OfficeLine struct {
	ID       int64
	Key      string
	Name     string
	Front    bool // front office; otherwise back office
	Reserved bool // its cases are seen by its people alone
	Heads    []string
	People   int
	Open     int // open cases
	Waiting  int // cases that nobody has
}

// OfficeForm makes or changes an office. Inputs: name, key (of a new one),
// side=front|back, reserved=1, sign.
type OfficeForm struct {
	Shell
	ID       int64
	Key      string
	Name     string
	Front    bool
	Reserved bool
	SignName string // how its letters are signed; the name when empty
	Members  []OperatorLine
	Faults   []FieldFault
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

// OperatorForm makes or changes an operator. Inputs: name, login, password
// (empty keeps it), role (many: "<office id>:<role>", office 0 for the
// administrator), lang, away=1, active=1.
type OperatorForm struct {
	Shell
	ID    int64
	Name  string
	Login string
	// Admin says that the person is an administrator.
	Admin bool
	// Roles are the columns of the table of offices.
	Roles   []Role
	Offices []OfficeRoles
	Lang    Lang
	Away    bool
	Active  bool
	Faults  []FieldFault
}

// OfficeRoles is a row of the table: what a person does in one office. There is
// one choice for each of the form's Roles, in their order.
type OfficeRoles struct {
	Name  string
	Roles []Choice
}

// Tokens is the list of API tokens.
type Tokens struct {
	Shell
	Tokens []TokenLine
	// Fresh is the new token, shown once.
	Fresh string
	// What was typed into the form for a new one. Inputs: name, scope, expires.
	Name    string
	Scopes  []Choice
	Expires string // 2006-01-02
	Faults  []FieldFault
}

// TokenLine is a token in the list; the secret itself is never shown again.
type TokenLine struct {
	ID       int64
	Name     string
	Scope    string // in words
	By       string
	Made     clock.Instant
	LastUsed clock.Instant
	Expires  clock.Instant
	Revoked  clock.Instant
	Over     bool // its time is over
}
