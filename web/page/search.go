package page

import "filodiretto/internal/clock"

// Search is the page of results over cases and people.
type Search struct {
	Shell
	Query  string
	Cases  []Hit
	People []PersonLine
	// Faults are what could not be read in the query: "due:abc".
	Faults []QueryFault
	// After is the cursor of the next page; empty at the end. Later is true on
	// every page but the first.
	After string
	Later bool
	// Save is true when the search can be kept as a view.
	Save      bool
	Operators []SearchOperator
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

// QueryFault is something in the query that could not be followed.
type QueryFault struct {
	Text  string // what it was and what to write instead, in words
	Fixed string // the whole query as it was probably meant, or empty
}

// SearchOperator is how one operator of the search is taught, in the reader's
// language. Package textfold has the words, for the parser's sake.
type SearchOperator struct {
	Names    []string // the first is the one that is taught
	Meaning  string
	Examples []string // whole terms that may be tried
	Values   []string // what it takes, where that is a list
}

// Palette is what Ctrl-K shows while typing: the fragment of /search?q=&palette=1.
type Palette struct {
	Query  string
	Cases  []CaseLine
	People []PersonLine
	Faults []QueryFault
	At     clock.Instant
}
