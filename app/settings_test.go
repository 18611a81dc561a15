package app

import (
	"testing"
	"time"

	"filodiretto/internal/config"
)

// Each bound of the configuration reaches the inbox: one that does not would
// promise what nobody keeps.
func TestTheBoundsOfTheConfigurationAreKept(t *testing.T) {
	c := config.Default()
	a := &c.Automation
	a.PerRecipientHour, a.PerRecipientDay, a.PerCaseDay, a.PerAccountHour, a.GlobalHour, a.UndoSeconds = 1, 2, 3, 4, 5, 6
	c.PEC.AcceptanceWithin, c.PEC.DeliveryWithin = 7*time.Minute, 26*time.Hour
	s := inboxSettings(c)
	for what, got := range map[string][2]int{
		"per_recipient_hour": {s.AutoPerHour, 1}, "per_recipient_day": {s.AutoPerDay, 2}, "per_case_day": {s.AutoPerCase, 3},
		"per_account_hour": {s.AutoAccount, 4}, "global_hour": {s.AutoGlobal, 5}, "undo_seconds": {int(s.Undo.Seconds()), 6},
		"acceptance_within": {int(s.AcceptWithin.Minutes()), 7}, "delivery_within": {int(s.ArriveWithin.Hours()), 26},
	} {
		if got[0] != got[1] {
			t.Errorf("%s is %d, want %d", what, got[0], got[1])
		}
	}
}
