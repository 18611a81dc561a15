package web

import "testing"

// A newer reader that only remarks something else on a mail puts no line on its case:
// after an upgrade there would be one for each mail of the town.
func TestReadAgainIsToldWhereSomethingReadsOtherwise(t *testing.T) {
	c := &caller{}
	for d, want := range map[*eventData]string{{Remarks: true}: "", {}: "message.read_again", {Proof: true}: "message.read_again_proof"} {
		if key, _, _ := c.eventWords("message.read_again", d, nil); key != want {
			t.Errorf("%+v: %q", d, key)
		}
	}
}
