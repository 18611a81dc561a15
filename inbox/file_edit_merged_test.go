package inbox

import (
	"testing"
	"time"
)

// Rule 78: what somebody changes in a message whose case was put into another is told on
// the case that people see.
func TestRule78AnEditIsToldOnTheCaseThatStayed(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.onceGivenChat()
		e.fromChat(photo("1", "Prima", "one/a"))
		root := e.allCases()[0].ID
		_, err := e.Close(t.Context(), e.giulia, root, 0, 0, "solved")
		must(t, err)
		e.manual.Advance(20 * 24 * time.Hour) // the chat begins a new case
		e.fromChat(photo("2", "Seconda", "two/a"))
		kin := e.lastIn(t).CaseID
		if kin == root {
			t.Fatal("one case")
		}
		e.mergeCase(e.theCase(kin), e.theCase(root))
		e.exec(t, "UPDATE cases SET unread = ?", false)
		version := e.theCase(root).Version
		e.fromChat(edited(photo("2", "Seconda, corretta", "two/a")))
		c, k := e.theCase(root), e.theCase(kin)
		if !c.Unread || c.Snippet != "Seconda, corretta" || c.Version != version+1 {
			t.Errorf("the case that stayed: unread %v, %q, version %d after %d", c.Unread, c.Snippet, c.Version, version)
		}
		if k.Unread || k.Snippet != "Seconda, corretta" || k.Status != Closed {
			t.Errorf("the case that went: unread %v, %q, %s", k.Unread, k.Snippet, k.Status)
		}
	})
}
