package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/internal/db"
)

// told is a story in short.
func told(entries []StoryEntry) []string {
	var out []string
	for _, s := range entries {
		if s.Message != nil {
			out = append(out, s.Message.Channel+" "+s.Message.Kind+" "+s.Message.Text)
		} else {
			out = append(out, s.Event.Kind)
		}
	}
	return out
}

func (e *env) story(v Viewer, id int64, f StoryFilter) []string {
	e.t.Helper()
	entries, _, err := e.PersonStory(e.t.Context(), v, id, f, "")
	if err != nil {
		e.t.Fatal(err)
	}
	return told(entries)
}

func TestPersonStoryOverAllChannels(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a, b := e.citizen("Lucia Ferrante"), e.citizen("Lucia F.")
		e.manual.Advance(time.Minute)
		c := e.case_(a, e.urp, "mail", "buca")
		e.manual.Advance(time.Minute)
		e.case_(b, e.trib, "telegram", "tassa")
		e.manual.Advance(time.Minute)
		e.tx(func(ctx context.Context, tx *db.Tx) error {
			return e.insertMessage(ctx, tx, a.ID, c, "counter", "visit", "allo sportello")
		})
		e.manual.Advance(time.Minute)
		e.tx(func(ctx context.Context, tx *db.Tx) error {
			return e.insertMessage(ctx, tx, a.ID, nil, "telegram", "command", "/start")
		})
		e.manual.Advance(time.Minute)
		e.tx(func(ctx context.Context, tx *db.Tx) error {
			ev := NewEvent(tx, e.clock, "case.closed", nil)
			ev.CaseID, ev.CitizenID = c.ID, a.ID
			return AppendEvents(ctx, tx, ev)
		})
		e.manual.Advance(time.Minute)
		e.merge(a, b)

		all := []string{
			"citizen.merged", "case.closed", "telegram command /start", "counter visit allo sportello",
			"telegram message tassa", "mail message buca", "citizen.created", "citizen.created",
		}
		hidden := func(drop ...string) []string {
			return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(drop, s) })
		}
		tests := []struct {
			who    string
			v      Viewer
			filter StoryFilter
			want   []string
		}{
			{"front office", e.giulia, StoryFilter{}, all},
			{"back office", e.elena, StoryFilter{}, hidden("case.closed", "telegram command /start", "counter visit allo sportello", "mail message buca")},
			{"visits", e.giulia, StoryFilter{What: "visits"}, []string{"counter visit allo sportello"}},
			{"messages", e.giulia, StoryFilter{What: "messages"}, []string{"telegram command /start", "telegram message tassa", "mail message buca"}},
			{"events", e.giulia, StoryFilter{What: "events"}, []string{"citizen.merged", "case.closed", "citizen.created", "citizen.created"}},
			{"a channel", e.giulia, StoryFilter{Channel: "telegram"}, []string{"telegram command /start", "telegram message tassa"}},
		}
		for _, tt := range tests {
			if got := e.story(tt.v, b.ID, tt.filter); !slices.Equal(got, tt.want) {
				t.Errorf("%s:\n%q\nwant\n%q", tt.who, got, tt.want)
			}
		}
		entries, _, _ := e.PersonStory(t.Context(), e.giulia, a.ID, StoryFilter{What: "visits"}, "")
		if entries[0].Case == nil || entries[0].Case.ID != c.ID || entries[0].Case.Ref() != c.Ref() || entries[0].Message.HTML != "" {
			t.Errorf("%+v", entries[0])
		}
	})
}

func TestPersonStoryPages(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a, b := e.citizen("Lucia Ferrante"), e.citizen("Lucia F.")
		c := e.case_(a, e.urp, "mail", "messaggio 0")
		for i := 1; i < 40; i++ {
			if i%3 > 0 { // some at the same instant
				e.manual.Advance(time.Second)
			}
			z := []*Citizen{a, b}[i%2]
			e.tx(func(ctx context.Context, tx *db.Tx) error {
				return e.insertMessage(ctx, tx, z.ID, c, "mail", "message", fmt.Sprintf("messaggio %d", i))
			})
		}
		e.merge(a, b)
		want := e.story(e.giulia, a.ID, StoryFilter{Limit: 200})
		for _, limit := range []int{1, 7, 40} {
			var got []string
			cursor := ""
			for range 100 {
				entries, next, err := e.PersonStory(t.Context(), e.giulia, a.ID, StoryFilter{Limit: limit}, cursor)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, told(entries)...)
				if cursor = next; cursor == "" {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("pages of %d:\n%q\nat once\n%q", limit, got, want)
			}
		}
		for _, cursor := range []string{"x", "AAAA", strings.Repeat("9", 400)} {
			if _, _, err := e.PersonStory(t.Context(), e.giulia, a.ID, StoryFilter{}, cursor); code(err) != "cursor:bad_form" {
				t.Errorf("cursor %.10q: %v", cursor, err)
			}
		}
		if _, _, err := e.PersonStory(t.Context(), e.giulia, a.ID, StoryFilter{What: "gossip"}, ""); code(err) != "what:unknown" {
			t.Error(err)
		}
	})
}

// TestPersonStoryKeepsSecrets: a story is read also by who does not work on the
// case, so that it holds neither the closing lines with the secret of the
// citizen's page nor the secret where a citizen quoted it.
func TestPersonStoryKeepsSecrets(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "> A che punto: https://town.example/p/case?number=2026%2F000001&secret=7Q4M2XKP3D\nGrazie")
		r := e.mustReply(k.reply(strings.Repeat("è", storyText-10) + " fine"))
		if !strings.Contains(r.Message.Notes, "footer:") || !strings.Contains(r.Message.Text, "secret=") {
			t.Fatalf("an answer without closing lines: %q", r.Message.Text)
		}
		entries, _, err := e.PersonStory(t.Context(), e.giulia, k.c.CitizenID, StoryFilter{What: "messages"}, "")
		if err != nil || len(entries) != 2 {
			t.Fatal(len(entries), err)
		}
		if got, want := entries[0].Message.Text, strings.Repeat("è", storyText-10)+" fine"; got != want {
			t.Errorf("an answer: %q", got)
		}
		if got := entries[1].Message.Text; strings.Contains(got, "7Q4M2XKP3D") || !strings.Contains(got, "secret=••••\nGrazie") {
			t.Errorf("a quotation: %q", got)
		}
	})
}

func TestStoryWords(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "ciao \n\n": "ciao", strings.Repeat("à", storyText+1): strings.Repeat("à", storyText),
		strings.Repeat("x", storyText-8) + " secret=ABCDEFGHJK": strings.Repeat("x", storyText-8) + " secret=",
	} {
		if got := storyWords(&Message{Text: in}); got != want {
			t.Errorf("%.20q: %q, want %q", in, got, want)
		}
	}
}
