package inbox

import (
	"slices"
	"testing"
)

// What has one instant stands on the timeline in the order of cause and effect: what the
// citizen wrote, that the case was opened, the receipt for it, and what tells of the receipt.
func TestTheTimelineHasCausesBeforeEffects(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		c := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca.")
		cv, err := e.ViewCase(t.Context(), e.giulia, c.ID)
		must(t, err)
		var got []string
		for _, x := range cv.Entries {
			if x.Event != nil {
				got = append(got, x.Event.Kind)
			} else {
				got = append(got, string(x.Message.Direction))
			}
		}
		if want := []string{"in", "case.opened", "out", "automatic.sent"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// An answer of a person comes before what that person did with the case at the same
// instant, but after its opening.
func TestAnAnswerComesBeforeWhatFollowsIt(t *testing.T) {
	answer := &Message{ID: 1, Direction: Out, At: 5}
	events := []*Event{{Kind: "case.opened", At: 5}, {Kind: "case.status", At: 5}}
	got := weave([]*Message{answer}, events, nil, nil)
	if len(got) != 3 || got[0].Event != events[0] || got[1].Message != answer || got[2].Event != events[1] {
		t.Errorf("%+v", got)
	}
	wrote := &Message{ID: 1, Direction: In, At: 5}
	if got := weave([]*Message{wrote}, events, nil, nil); got[0].Message != wrote {
		t.Errorf("%+v", got)
	}
}
