package router

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/textfold"
)

func facts(subject, text string, change ...func(*inbox.Facts)) inbox.Facts {
	f := inbox.Facts{
		Channel: "mail", AccountKey: "mail-urp", Sender: "ada@posta.example", Subject: subject, Text: text, Words: textfold.Words(subject + "\n" + text),
		Kind: inbox.Request, At: clock.At(time.Date(2026, 11, 17, 10, 30, 0, 0, time.UTC)), Lang: "it",
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

func TestConditions(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	night := func(f *inbox.Facts) { f.At = clock.At(time.Date(2026, 11, 17, 22, 30, 0, 0, time.UTC)) }
	sunday := func(f *inbox.Facts) { f.At = clock.At(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)) }
	for _, x := range []struct {
		name string
		c    Condition
		f    inbox.Facts
		want bool
	}{
		{"a word stands for its forms", Condition{FieldWords, OpAny, "buca, lampione"}, facts("Strade", "ci sono tre buche"), true},
		{"no such word", Condition{FieldWords, OpAny, "nido"}, facts("Strade", "ci sono tre buche"), false},
		{"all words", Condition{FieldWords, OpAll, "TARI rimborso"}, facts("TARI", "chiedo il rimborso"), true},
		{"not all words", Condition{FieldWords, OpAll, "TARI rimborso"}, facts("TARI", "quanto pago?"), false},
		{"none of the words", Condition{FieldWords, OpNone, "TARI"}, facts("Nido", "quando apre"), true},
		{"subject alone", Condition{FieldSubject, OpAny, "buca"}, facts("Strade", "una buca"), false},
		{"sender is", Condition{FieldSender, OpIs, "ADA@posta.example"}, facts("", ""), true},
		{"sender contains", Condition{FieldSender, OpContains, "@posta."}, facts("", ""), true},
		{"sender is not", Condition{FieldSender, OpIsNot, "eva@posta.example"}, facts("", ""), true},
		{"channel", Condition{FieldChannel, OpIs, "telegram"}, facts("", ""), false},
		{"account", Condition{FieldAccount, OpIs, "mail-urp"}, facts("", ""), true},
		{"kind", Condition{FieldKind, OpIsNot, "complaint"}, facts("", ""), true},
		{"hour in Rome", Condition{FieldHour, OpIn, "11-12"}, facts("", ""), true},
		{"hour outside", Condition{FieldHour, OpIn, "8-11"}, facts("", ""), false},
		{"over midnight", Condition{FieldHour, OpIn, "20-6"}, facts("", "", night), true},
		{"over midnight, by day", Condition{FieldHour, OpNotIn, "20-6"}, facts("", ""), true},
		{"day", Condition{FieldDay, OpIn, "tue, wed"}, facts("", ""), true},
		{"sunday", Condition{FieldDay, OpIn, "sat,sun"}, facts("", "", sunday), true},
		{"files", Condition{FieldFiles, OpAtLeast, "1"}, facts("", "", func(f *inbox.Facts) { f.Files = 2 }), true},
		{"a field of a newer program never fits", Condition{"moon", OpIs, "full"}, facts("", ""), false},
	} {
		set := &ruleSet{rules: []compiled{{id: 1, all: []test{x.c.test()}}}}
		d, _ := set.decide(rome, x.f)
		if got := len(d.Rules) == 1; got != x.want {
			t.Errorf("%s: %v", x.name, got)
		}
	}
}

func TestRulesActInOrderAndStop(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		high := 1
		for _, r := range []Rule{
			{Name: "tributi", Enabled: true, Definition: Definition{Any: []Condition{{FieldWords, OpAny, "TARI IMU"}}, Actions: Actions{Office: "tributi", DueDays: 30}}},
			{Name: "reclami", Enabled: true, Definition: Definition{All: []Condition{{FieldWords, OpAny, "reclamo vergogna"}}, Actions: Actions{Kind: "complaint", Priority: &high, Receipt: true}, Stop: true}},
			{Name: "mai", Enabled: true, Definition: Definition{Actions: Actions{Office: "sociale"}}},
			{Name: "spenta", Enabled: false, Definition: Definition{Actions: Actions{Priority: new(int)}}},
		} {
			if _, err := e.SaveRule(t.Context(), e.admin, r); err != nil {
				t.Fatal(err)
			}
		}
		c := e.visit("k1", "Reclamo: la TARI è sbagliata")
		if c.OfficeID != e.office["tributi"] || c.Kind != inbox.Complaint || c.Priority != 1 {
			t.Errorf("%+v", c)
		}
		rome := e.zone
		want := time.Date(2026, 12, 17, 23, 59, 59, 0, rome)
		if got := c.DueAt.Time(); !got.Equal(want) {
			t.Errorf("due %v, want the end of the 30th day %v", got, want)
		}
		if c := e.visit("k2", "Buongiorno"); c.OfficeID != e.office["sociale"] {
			t.Error("a rule without conditions fits everything")
		}
		trials, err := e.TryRules(t.Context(), e.admin, nil, 0, 100)
		if err != nil || len(trials) != 2 {
			t.Fatal(err, trials)
		}
		if trials[1].Office != e.office["tributi"] || trials[1].Kind != inbox.Complaint || len(trials[1].Rules) != 2 {
			t.Errorf("the trial must do as the rules did: %+v", trials[1])
		}
	})
}

func TestRuleCheckNamesWhatIsWrong(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		save := func(d Definition) error {
			_, err := e.SaveRule(t.Context(), e.admin, Rule{Name: "x", Definition: d})
			return err
		}
		ok := Actions{Receipt: true}
		wantCode(t, save(Definition{Actions: Actions{}}), "actions.", "required")
		wantCode(t, save(Definition{Actions: Actions{Office: "luna"}}), "actions.office", "unknown")
		wantCode(t, save(Definition{Actions: Actions{Assignee: "nessuno"}}), "actions.assignee", "unknown")
		wantCode(t, save(Definition{All: []Condition{{"luna", OpIs, "x"}}, Actions: ok}), "conditions.0", "unknown_field")
		wantCode(t, save(Definition{All: []Condition{{FieldHour, OpIn, "8-11"}, {FieldHour, OpIn, "25-3"}}, Actions: ok}), "conditions.1", "bad_hours")
		wantCode(t, save(Definition{All: []Condition{{FieldWords, OpAny, "di il"}}, Actions: ok}), "conditions.0", "only_common_words")
		if _, err := e.SaveRule(t.Context(), e.people["giulia"], Rule{Name: "x", Definition: Definition{Actions: ok}}); err != inbox.ErrForbidden {
			t.Error("who is neither head nor administrator makes no rules:", err)
		}
		if _, err := e.SaveRule(t.Context(), e.people["marco"], Rule{Name: "x", Definition: Definition{Actions: ok}}); err != nil {
			t.Error("a head does:", err)
		}
	})
}

func TestMoveAndDeleteRules(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		var ids []int64
		for _, n := range []string{"a", "b", "c"} {
			r, err := e.SaveRule(t.Context(), e.admin, Rule{Name: n, Enabled: true, Definition: Definition{Actions: Actions{Receipt: true}}})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, r.ID)
		}
		names := func() (out string) {
			rules, err := e.Rules(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rules {
				out += r.Name
			}
			return out
		}
		for _, step := range []struct {
			id   int64
			dir  int
			want string
		}{{ids[2], -1, "acb"}, {ids[2], -1, "cab"}, {ids[2], -1, "cab"}, {ids[0], 1, "cba"}, {ids[0], 1, "cba"}} {
			if err := e.MoveRule(t.Context(), e.admin, step.id, step.dir); err != nil {
				t.Fatal(err)
			}
			if got := names(); got != step.want {
				t.Errorf("got %s, want %s", got, step.want)
			}
		}
		if err := e.DeleteRule(t.Context(), e.admin, ids[1]); err != nil || names() != "ca" {
			t.Error(err, names())
		}
		rules, _ := e.Rules(t.Context())
		stale := rules[0]
		if _, err := e.SaveRule(t.Context(), e.admin, stale); err != nil {
			t.Fatal(err)
		}
		if _, err := e.SaveRule(t.Context(), e.admin, stale); err != inbox.ErrChanged {
			t.Error("a rule that changed meanwhile must not be overwritten:", err)
		}
	})
}

func TestRoundRobinGoesRoundAndSkipsWhoIsAway(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		if _, err := e.SaveRule(t.Context(), e.admin, Rule{Name: "a turno", Enabled: true, Definition: Definition{Actions: Actions{Assignee: RoundRobin}}}); err != nil {
			t.Fatal(err)
		}
		got := map[int64]int{}
		var order []int64
		for _, k := range []string{"1", "2", "3", "4"} {
			c := e.visit(k, "turno "+k)
			got[c.AssigneeID]++
			order = append(order, c.AssigneeID)
		}
		giulia, sara := e.people["giulia"].OperatorID, e.people["sara"].OperatorID
		if got[giulia] != 2 || got[sara] != 2 || order[0] == order[1] {
			t.Error(got, order)
		}
		if err := e.SetPreferences(t.Context(), e.people["sara"], Preferences{Lang: "it", Away: true}); err != nil {
			t.Fatal(err)
		}
		for _, k := range []string{"5", "6"} {
			if c := e.visit(k, "turno "+k); c.AssigneeID != giulia {
				t.Error("who is away gets nothing")
			}
		}
	})
}

func TestDirectoryAndViewers(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		g, el := e.people["giulia"], e.people["elena"]
		if !g.FrontDesk || el.FrontDesk || !g.Member(e.office["urp"]) || el.Member(e.office["urp"]) {
			t.Error(g, el)
		}
		wantCode(t, func() error {
			_, err := e.SaveOperator(t.Context(), e.admin, Operator{Login: "giulia", Name: "x", Password: "x"}, nil)
			return err
		}(), "login", "taken")
		wantCode(t, func() error {
			_, err := e.SaveOffice(t.Context(), e.admin, Office{Key: "urp", Name: "x", Level: "front"})
			return err
		}(), "key", "taken")
		if _, err := e.SaveOffice(t.Context(), g, Office{Key: "x", Name: "x", Level: "front"}); err != inbox.ErrForbidden {
			t.Error(err)
		}
		dir, err := e.Directory(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]int64{e.people["marco"].OperatorID}, dir.Heads(e.office["tributi"])); d != "" {
			t.Error(d)
		}
		op := *dir.Operator(el.OperatorID)
		op.DisabledAt = e.manual.Now()
		if _, err := e.SaveOperator(t.Context(), e.admin, op, []Membership{{OfficeID: e.office["tributi"], Role: BackOffice}}); err != nil {
			t.Fatal(err)
		}
		dir, err = e.Directory(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := dir.Viewer(el.OperatorID); ok {
			t.Error("who is disabled sees nothing")
		}
		if _, err := e.OperatorByLogin(t.Context(), "elena"); err != inbox.ErrNotFound {
			t.Error("and cannot log in:", err)
		}
	})
}

// TestRuleOfTheRegister: the first rule that wants a case registered is kept with it,
// also when a later one says so too, and one that only says so is a rule.
func TestRuleOfTheRegister(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		var first int64
		for i, value := range []string{"reclamo", "vergogna"} {
			r, err := e.SaveRule(t.Context(), e.admin, Rule{Name: value, Enabled: true, Definition: Definition{All: []Condition{{FieldWords, OpAny, value}}, Actions: Actions{Register: true}}})
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				first = r.ID
			}
		}
		if c := e.visit("k1", "Reclamo: che vergogna"); c.RegisterRule != first {
			t.Errorf("%d, want %d", c.RegisterRule, first)
		}
		if c := e.visit("k2", "Buongiorno"); c.RegisterRule != 0 {
			t.Errorf("no rule fits: %d", c.RegisterRule)
		}
		tried, err := e.TryRules(t.Context(), e.admin, nil, 0, 10)
		if err != nil || len(tried) != 2 || tried[0].Register || !tried[1].Register {
			t.Errorf("%+v %v", tried, err)
		}
	})
}
