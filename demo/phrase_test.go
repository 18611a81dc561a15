package demo

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func someRand() *rand.Rand { return rand.New(rand.NewPCG(7, 7)) }

func TestPhrase(t *testing.T) {
	words := func(mark string) (string, bool) {
		v, ok := map[string]string{"via": "via Po 3", "o": "a"}[mark]
		return v, ok
	}
	for in, want := range map[string][]string{
		"ciao":                      {"ciao"},
		"[a|b] c":                   {"a c", "b c"},
		"[a|[b|c]] d":               {"a d", "b d", "c d"},
		"x[ y|].":                   {"x y.", "x."},
		"in {via}, arrivat{o}":      {"in via Po 3, arrivata"},
		"{altro} [z]":               {"{altro} z"},
		"una [|] , due":             {"una, due"},
		"prima\n\n[seconda|].":      {"prima\n\nseconda.", "prima\n\n."},
		"aperta [parentesi":         {"aperta parentesi"},
		"graffa { sola e quadra ] ": {"graffa { sola e quadra ]"},
	} {
		seen := map[string]bool{}
		for range 60 {
			rng := someRand()
			rng = rand.New(rand.NewPCG(rng.Uint64(), uint64(len(seen)*31+len(in))+rand.Uint64()))
			got := phrase(rng, in, words)
			if !slices.Contains(want, got) {
				t.Fatalf("%q gave %q, want one of %q", in, got, want)
			}
			seen[got] = true
		}
		if len(seen) != len(want) {
			t.Errorf("%q gave %d of %d alternatives", in, len(seen), len(want))
		}
	}
}

func FuzzPhrase(f *testing.F) {
	for _, s := range []string{"[a|b]", "{via}", "[[[", "]|[", "{", "[{via}|{o}] x"} {
		f.Add(s, uint64(1))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		got := phrase(rand.New(rand.NewPCG(seed, 1)), text, func(string) (string, bool) { return "", false })
		if len(got) > len(text)+2*strings.Count(text, "{") {
			t.Errorf("%q grew to %q", text, got)
		}
	})
}

func TestHurried(t *testing.T) {
	for in, want := range map[string]string{
		"Perché non è più così?": "perche' non e' piu' cosi'?",
		"TARI sbagliata":         "TARI sbagliata",
		"":                       "",
	} {
		if got := hurried(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// TestEveryText expands every text of the library, for a woman and a man, and
// looks that nothing is left unexpanded and that every thread can be told.
func TestEveryText(t *testing.T) {
	w := emptyWorld(t)
	keys := map[string]bool{}
	offices := map[string]bool{}
	for _, o := range town {
		offices[o.Key] = true
	}
	for _, m := range w.lib.matters {
		if keys[m.Key] || !offices[m.Office] || m.Weight < 1 || m.Handover == "" || len(m.Notes) == 0 {
			t.Errorf("matter %s: twice, of no office, without weight, hand-over or notes", m.Key)
		}
		keys[m.Key] = true
		for i, th := range m.Threads {
			if len(th.Subjects) == 0 || len(th.Answers) == 0 || len(th.Outcomes) == 0 {
				t.Errorf("%s %d lacks subjects, answers or outcomes", m.Key, i)
			}
			if len(th.Letters)+len(th.Chats)+len(th.Visits) == 0 {
				t.Errorf("%s %d is never begun", m.Key, i)
			}
			if (len(th.Questions) == 0) != (len(th.Replies) == 0) {
				t.Errorf("%s %d asks without an answer, or answers without a question", m.Key, i)
			}
			w.expand(t, m, slices.Concat(th.Subjects, th.Letters, th.Chats, th.Visits, th.Questions, th.Replies, th.Answers, th.Outcomes, m.Notes, []string{m.Handover}))
		}
	}
	r := w.lib.reactions
	all := slices.Concat(r.Thanks, r.Unhappy, r.Again, r.Chase, r.ChaseWeek, r.Given, r.ToUnhappy, r.ToAgain, r.TicketNotes, r.Edits, []string{r.Away})
	if len(w.lib.matters) < 20 || len(all) < 20 {
		t.Errorf("%d matters, %d reactions", len(w.lib.matters), len(all))
	}
	w.expand(t, w.lib.matters[0], all)
}

func (w *world) expand(t *testing.T, m *matter, texts []string) {
	t.Helper()
	for _, text := range texts {
		for _, c := range w.folk.all()[:12] {
			s := &story{w: w, c: c, m: m, t: m.Threads[0], marks: map[string]string{}}
			got := s.say(text)
			if strings.ContainsAny(got, "{}[]|") || strings.TrimSpace(got) == "" || strings.Contains(got, "  ") {
				t.Fatalf("%s: %q became %q", m.Key, text, got)
			}
		}
	}
}

// emptyWorld has people and texts, and nobody to talk to.
func emptyWorld(t *testing.T) *world {
	t.Helper()
	d, err := openDiary(t.TempDir() + "/diario.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.close() })
	w, err := newWorld(1, &replay{}, d)
	if err != nil {
		t.Fatal(err)
	}
	return w
}
