package telegram

import (
	"slices"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/telegram/standin"
)

// TestEdit: text and buttons are replaced in place; the same edit twice is one, so that
// an outcome that is not known may be tried again.
func TestEdit(t *testing.T) {
	b, c := started(t)
	m := to(ada)
	m.Buttons = [][]channels.OutgoingButton{{{Text: "Uno", Data: "q1:n"}}}
	r := mustSend(t, c, m)
	m.Text, m.Markup = "A1 & altro", "<b>A1</b> &amp; altro"
	m.Buttons = [][]channels.OutgoingButton{{{Text: "Due", Data: "q1:k"}}}
	for range 2 {
		if err := c.Edit(guard(t), r.ExternalIDs[0], m); err != nil {
			t.Fatal(err)
		}
	}
	all := b.Sent(0)
	if got := all[0]; len(all) != 1 || got.Text != "A1 & altro" || !got.Edited || got.Buttons[0][0].Text != "Due" || len(got.Markup) != 1 {
		t.Errorf("%d messages, %+v", len(all), got)
	}
	b.Fail(standin.Fault{Kind: standin.Drop, Method: "editMessageText"})
	m.Text, m.Markup = "A1: tocca a te", ""
	if e := channels.AsError(c.Edit(guard(t), r.ExternalIDs[0], m)); e == nil || e.Class != channels.UnknownOutcome {
		t.Errorf("no answer came: %v", e)
	}
	if err := c.Edit(guard(t), r.ExternalIDs[0], m); err != nil {
		t.Error("the same edit again:", err)
	}
}

func TestEditRefused(t *testing.T) {
	_, c := started(t)
	m := to(ada)
	r := mustSend(t, c, m)
	long := *m
	long.Text = strings.Repeat("a", 4097)
	forged := *m
	forged.Buttons = [][]channels.OutgoingButton{{{Text: "x", Data: strings.Repeat("q", 65)}}}
	for name, x := range map[string]struct {
		id string
		m  *channels.Outgoing
	}{
		"no message's name": {"12", m}, "not ours": {"5550001234:99999", m}, "too long": {r.ExternalIDs[0], &long}, "a button too long": {r.ExternalIDs[0], &forged},
	} {
		if e := channels.AsError(c.Edit(guard(t), x.id, x.m)); e == nil || e.Class != channels.ContentRejected {
			t.Errorf("%s: %v", name, e)
		}
	}
}

func TestMenu(t *testing.T) {
	b, c := started(t)
	if err := c.SetMenu(guard(t), "", []channels.MenuItem{{Command: "numero", Text: "Prendi un numero"}}); err != nil {
		t.Fatal(err)
	}
	if err := c.SetMenu(guard(t), "en", []channels.MenuItem{{Command: "ticket", Text: "Take a number"}}); err != nil {
		t.Fatal(err)
	}
	if it, en := b.Menu("it"), b.Menu("en"); !slices.Equal(it, []string{"numero"}) || !slices.Equal(en, []string{"ticket"}) {
		t.Error(it, en)
	}
}
