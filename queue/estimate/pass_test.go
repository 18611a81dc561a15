package estimate

import "testing"

// Somebody who lets others pass is called after them, and can be told when.
func TestWhoLetsPassIsToldToo(t *testing.T) {
	e := taught(t, 400)
	s := room()
	for i := range int64(9) {
		s.Waiting = append(s.Waiting, walkin(i+1, 1, 9, 40+int(i)))
	}
	before := e.Estimate(s).Waiting[4]
	s.Waiting[4].LetPass = 3
	after := e.Estimate(s, Ask{Service: 1, Class: "walkin"}, Ask{Service: 1, Class: "protected"}).Waiting[4]
	if !after.Known || after.Expected < before.Expected+before.Expected/4 {
		t.Errorf("%+v, before %+v", after, before)
	}
}
