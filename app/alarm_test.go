package app

import (
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/internal/testserver"
)

// Rule 13: who keeps the system running gets one mail about an account that does not
// work, by another account that does, in their language and with no secret in it.
func TestRule13AnAlarmLeavesByAnotherAccount(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.Config.Alarm.To = []string{"ced@example.org"}
		bot := w.account("bot")
		if err := w.Inbox.Trouble(t.Context(), bot, channels.Errorf(channels.AuthBroken, "401", "the token is refused"), 0); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{1, 0} {
			if n, err := w.Inbox.SweepAlarms(t.Context(), w.tellAlarms); err != nil || n != want {
				t.Fatalf("%d told, want %d: %v", n, want, err)
			}
		}
		var letters []string
		for _, m := range w.sink.Messages() {
			if m.To == "ced@example.org" {
				letters = append(letters, string(m.Data))
			}
		}
		if len(letters) != 1 {
			t.Fatalf("%d mails", len(letters))
		}
		for _, want := range []string{"Telegram", "accesso rifiutato", "Auto-Submitted: auto-generated", "/channels", "From: Filo Diretto <" + boxUser + ">"} {
			if !strings.Contains(strings.ReplaceAll(letters[0], "=\r\n", ""), want) {
				t.Errorf("%q is not in\n%s", want, letters[0])
			}
		}
	})
}

// Rule 67: an alarm whose fate is not known is not sent anew every minute: it may have
// arrived.
func TestRule67AnAlarmThatMayHaveLeftIsNotRepeated(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.Config.Alarm.To = []string{"ced@example.org"}
		bot := w.account("bot")
		if err := w.Inbox.Trouble(t.Context(), bot, channels.Errorf(channels.AuthBroken, "401", "the token is refused"), 0); err != nil {
			t.Fatal(err)
		}
		lost := testserver.Answer{Stage: testserver.AtDot, Drop: true, Keep: true}
		w.sink.Answer("ced@example.org", lost, lost, lost)
		for _, want := range []int{1, 0, 0} {
			if n, err := w.Inbox.SweepAlarms(t.Context(), w.tellAlarms); err != nil || n != want {
				t.Errorf("%d told, want %d: %v", n, want, err)
			}
		}
		if n := w.sink.Count(); n != 1 {
			t.Errorf("%d mails", n)
		}
	})
}
