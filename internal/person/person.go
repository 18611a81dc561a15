// Package person normalises and compares what identifies a person: telephone
// numbers, mail addresses, names and street addresses as people write them.
//
// It answers only "could this be the same?". Whether two records are one
// person is for a human to confirm: namesakes are usual, numbers are recycled
// and families share an address.
package person

// Match is the outcome of a comparison.
type Match string

// The outcomes of a comparison. All functions here are symmetric.
const (
	Same       Match = "same"       // equal but for spelling
	Compatible Match = "compatible" // nothing contradicts, one says less than the other
	Different  Match = "different"
	Unknown    Match = "unknown" // too little to compare
)
