package web

import "testing"

// A newer reader that only remarks something else on a mail puts no line on its case:
// after an upgrade there would be one for each mail of the town.
func TestReadAgainIsToldWhereSomethingReadsOtherwise(t *testing.T) {
	c := &caller{}
	for remarks, want := range map[bool]string{true: "", false: "message.read_again"} {
		if key, _, _ := c.eventWords("message.read_again", &eventData{Remarks: remarks}, nil); key != want {
			t.Errorf("remarks %v: %q", remarks, key)
		}
	}
}
