package page

import "filodiretto/internal/clock"

// ScanNote is how the malware scan fares, for administrators.
type ScanNote struct {
	Pending               int
	Oldest                clock.Instant // since when the oldest of them waits
	Late                  bool          // they wait for longer than they should
	Infected, Unscannable int           // found in the last 30 days
}

// ScanClass is the colour of what the malware scan says of a file.
func (f File) ScanClass() string {
	switch f.Scan {
	case "clean":
		return "ok"
	case "infected":
		return "bad"
	}
	return "late"
}

// ScanIcon is its sign.
func (f File) ScanIcon() string {
	switch f.Scan {
	case "clean":
		return "check"
	case "infected":
		return "error"
	case "unscannable":
		return "warning-circle"
	}
	return "clock"
}
