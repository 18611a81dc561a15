package page

import "filodiretto/internal/clock"

// Search is the page of results over cases and people.
type Search struct {
	Shell
	Query  string
	Cases  []Hit
	People []PersonLine
	Before string // cursor of the next page of cases
	// Faults are what could not be read in the query: "due:abc".
	Faults []QueryFault
	// Examples is true when nothing was asked yet: the page then teaches.
	Examples bool
}

// Hit is a case that was found.
type Hit struct {
	Row Row
	// Parts are the words around the hit; the marked ones are shown bold.
	Parts []HitPart
}

// HitPart is a piece of an excerpt.
type HitPart struct {
	Text   string
	Marked bool
}

// QueryFault is an operator that could not be understood.
type QueryFault struct {
	Word string // as typed: "due:abc"
	// Key is under "query.": "unknown_operator", "bad_date", "bad_kind", ...
	Key string
}

// SearchOperators are the operators of the search, in the order in which they are
// taught; their words are "operator.<name>" and "operator.<name>_example".
var SearchOperators = []string{"from", "office", "kind", "channel", "status", "due", "number", "cf", "has"}

// Palette is what Ctrl-K shows while typing: the fragment of /search?q=&palette=1.
type Palette struct {
	Query  string
	Cases  []CaseLine
	People []PersonLine
	At     clock.Instant
}
