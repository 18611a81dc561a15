package page

// Section says which entry of the rail is the present one.
type Section string

// The entries of the rail.
const (
	SectionInbox      Section = "inbox"
	SectionReception  Section = "reception"
	SectionQueue      Section = "queue"
	SectionCounter    Section = "counter"
	SectionAgenda     Section = "agenda"
	SectionPeople     Section = "people"
	SectionQuarantine Section = "quarantine"
	SectionRegister   Section = "register"
	SectionChannels   Section = "channels"
	SectionReports    Section = "reports"
	SectionAdmin      Section = "admin"
	SectionHelp       Section = "help"
)

// Shell is what surrounds every staff page: rail, top bar, who I am.
type Shell struct {
	Section Section
	// Title is the document's title before " · Filo Diretto", in words; empty
	// means the page's own default.
	Title string
	// Place is what stands beside the municipality's name in the top bar: the
	// operator's office.
	Place       string
	Me          Me
	May         May
	Health      Health
	Tally       Tally // on the inbox
	Quarantined int   // on quarantine
	// Query is what the search field shows.
	Query string
	// Flash is one sentence about what was just done; nil for none.
	Flash *Flash
	// Back is the address of this page, for forms that come back to it.
	Back string
}

// Me is the operator who is looking.
type Me struct {
	ID     int64
	Name   string
	Office string // in words; empty for none
	Roles  []Role
	Lang   Lang
	Keys   bool // single-letter shortcuts are on (WCAG 2.1.4)
}

// May says which parts of the house the operator is shown. It decides nothing:
// the handler refuses by itself.
type May struct {
	Inbox, Reception, Queue, People, Quarantine, Channels, Reports, Admin bool
	Register                                                              bool
	// AdminAll is false for heads, who see rules, texts and the register only.
	AdminAll bool
	// Compose is false for those who may read a case and not answer it.
	Compose bool
}

// Tally is how many cases of one's own views hold something that is not read:
// the mark on the inbox, the element #tally, and the fragment of /shell/tally.
type Tally struct{ Unread int }

// Health is the sign for the state of all channels in the top bar, and a
// fragment of its own.
type Health struct {
	Total, Up int
	Paused    int
}

// Level is ok, soon (something is paused) or late (something is broken).
func (h Health) Level() Level {
	switch {
	case h.Up+h.Paused < h.Total:
		return LevelLate
	case h.Paused > 0:
		return LevelSoon
	}
	return LevelOK
}

// Flash is a sentence at the top of a page after a redirect.
type Flash struct {
	Level Level // LevelOK announces politely, LevelLate at once
	// Key is the id of a text under "flash." in the catalogue ("case_closed");
	// Args are its placeholders by name.
	Key  string
	Args map[string]any
	// Text, in words, is shown when Key is empty.
	Text string
	// UndoURL, when set, offers "undo" as a POST to this address.
	UndoURL string
}

// Level is the weight of a mark: no colour comes without a word.
type Level string

// The levels.
const (
	LevelNone Level = ""
	LevelOK   Level = "ok"
	LevelInfo Level = "info"
	LevelSoon Level = "soon"
	LevelLate Level = "late"
)

// Role is what an operator may be.
type Role string

// The roles.
const (
	RoleAdministrator Role = "administrator"
	RoleHead          Role = "head"
	RoleFront         Role = "front"
	RoleBack          Role = "back"
	RoleReception     Role = "reception"
	RoleCommunication Role = "communication"
)

// AllRoles is every role, in the order of the forms.
var AllRoles = []Role{RoleAdministrator, RoleHead, RoleFront, RoleBack, RoleReception, RoleCommunication}

// Choice is one line of a select, a radio group or a list of boxes.
type Choice struct {
	Value    string
	Label    string // in words
	Hint     string // in words; beside or below the label
	Chosen   bool
	Disabled bool // stays visible and says why in Hint
}
