package page

// Kiosk is the machine that gives numbers: one page, which goes on while the
// server is away. Its script (js/kiosk.js) draws the steps from Boot.
type Kiosk struct {
	Lang Lang
	Town string
	Site string
	Boot KioskBoot
}

// KioskBoot is all that the script begins with.
type KioskBoot struct {
	Base  string                     `json:"base"` // "/kiosk/centro"
	Town  string                     `json:"town"`
	Langs []Lang                     `json:"langs"` // the first is the default
	Texts map[Lang]map[string]Phrase `json:"texts"`
	State KioskState                 `json:"state"`
	// The codes of appointments, for the keys on the screen.
	CodeLetters string `json:"code_letters"`
	CodeLength  int    `json:"code_length"`
}

// KioskState is what changes. It is asked for again every few seconds, at
// {base}/state.
type KioskState struct {
	RoomTime
	Release string       `json:"release"` // of the page; at another one it loads anew
	Site    string       `json:"site"`
	Address string       `json:"address,omitempty"`
	Open    bool         `json:"open"`
	Opens   int64        `json:"opens,omitempty"` // when it opens next, ms; 0 when not known
	Shuts   int64        `json:"shuts,omitempty"` // when it shuts, ms
	Groups  []KioskGroup `json:"groups"`
	Lease   *KioskLease  `json:"lease,omitempty"`
	Printer string       `json:"printer"`           // "server", "browser", "none"
	Problem string       `json:"problem,omitempty"` // of the printer: "paper_out", "printer_off"
	CheckIn bool         `json:"check_in,omitempty"`
	Ahead   bool         `json:"precedence,omitempty"` // people may say that they have precedence
	Reader  bool         `json:"reader,omitempty"`     // a scanner is there, which people are told of
	Camera  bool         `json:"camera,omitempty"`     // codes may be read by the device's camera
}

// KioskGroup is a group of services.
type KioskGroup struct {
	ID       int64          `json:"id,string"`
	Series   string         `json:"series"`
	Names    Names          `json:"names"`
	Icon     string         `json:"icon"` // of KioskIcons
	Wait     Wait           `json:"wait"` // of its services together
	Services []KioskService `json:"services"`
}

// KioskService is a service that gives numbers here.
type KioskService struct {
	ID    int64        `json:"id,string"`
	Names Names        `json:"names"`
	Wait  Wait         `json:"wait"`
	Today string       `json:"today,omitempty"` // will somebody who comes now be served: "yes", "perhaps", "no"
	Full  bool         `json:"full,omitempty"`
	Book  *KioskBook   `json:"book,omitempty"` // appointments can be booked
	For   []KioskSheet `json:"for,omitempty"`  // what people come for
}

// KioskBook leads to the booking page on a telephone.
type KioskBook struct {
	URL string `json:"url"`
	QR  QR     `json:"qr"`
}

// KioskSheet is one reason to come, with what it takes.
type KioskSheet struct {
	Key   string      `json:"key"`
	Names Names       `json:"names"`
	Needs []KioskNeed `json:"needs,omitempty"`
	// Online is where the same can be done without coming; nil for nowhere.
	Online *KioskBook `json:"online,omitempty"`
}

// KioskNeed is something to bring along.
type KioskNeed struct {
	Names Names `json:"names"`
	If    bool  `json:"if,omitempty"` // only in the case that the text names
	Cost  bool  `json:"cost,omitempty"`
}

// KioskLease are the numbers that the kiosk gives while it is alone.
type KioskLease struct {
	Day     string           `json:"day"`
	Letters string           `json:"letters"`
	Next    map[string]int64 `json:"next"` // by series
	Until   int64            `json:"until"`
}

// KioskTicket is a number as the kiosk got it.
type KioskTicket struct {
	ID      int64  `json:"id,string"`
	Label   string `json:"label"`
	Service Names  `json:"service"`
	Wait    Wait   `json:"wait"`
	Today   string `json:"today,omitempty"`
	URL     string `json:"url"`
	QR      QR     `json:"qr"`
	Slot    int64  `json:"slot,omitempty"` // of an appointment, ms
	// Scan says of a number that was read how it stands; empty for a new one. Place is
	// where its holder is called to.
	Scan  KioskRead `json:"scan,omitempty"`
	Place *Place    `json:"place,omitempty"`
}

// KioskRead is how a number stands that its holder had a kiosk read.
type KioskRead string

// How it stands.
const (
	ScanHere   KioskRead = "here" // from now on its holder can be called
	ScanKnown  KioskRead = "known"
	ScanCalled KioskRead = "called"
	ScanHeld   KioskRead = "held"
)

// KioskIcons are the signs of groups, drawn in html/room_icons.html.
var KioskIcons = []string{"card", "paper", "rings", "euro", "book", "house", "heart", "shop", "tree", "help"}
