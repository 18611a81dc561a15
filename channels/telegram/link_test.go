package telegram

import (
	"testing"

	"filodiretto/channels/channeltest"
	"filodiretto/channels/telegram/standin"
)

func TestDeepLink(t *testing.T) {
	for _, tt := range []struct{ username, word, want string }{
		{"PontelietoBot", "k3Jx_9-AAAAAAAAAAAAAAA", "https://t.me/PontelietoBot?start=k3Jx_9-AAAAAAAAAAAAAAA"},
		{"", "k3Jx", ""},
		{"bot", "", ""},
		{"evil.example/x", "k3Jx", ""},
		{"PontelietoBot", "a b", ""},
		{"PontelietoBot", "a&startgroup=1", ""},
		{"1bot", "a", ""},
	} {
		if got := Driver.Link(tt.username, tt.word); got != tt.want {
			t.Errorf("%q %q: %q, want %q", tt.username, tt.word, got, tt.want)
		}
	}
}

// The bot's name is told at the start of each run, and an odd one never.
func TestReceiveTellsTheName(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	in := channeltest.NewIntake()
	b.Say(standin.User{ID: 5, First: "Ada"}, "ciao")
	receive(t, b.open(t), in)
	if _, err := in.AwaitItems(guard(t), 1); err != nil {
		t.Fatal(err)
	}
	if got := in.Handle(); got != "comune_bot" {
		t.Errorf("kept %q", got)
	}
}
