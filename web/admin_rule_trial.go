package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"filodiretto/router"
	"filodiretto/web/page"
)

// How many cases a trial looks at, and how many it lists.
const (
	trialCases = 2000
	trialLines = 50
)

// triedRule stands for a rule that is not stored yet.
const triedRule = -1

// tryRule says what the rule in the form would have done with the cases of the
// last days, and stores nothing.
func (s *Server) tryRule(w http.ResponseWriter, r *http.Request, c *caller) error {
	in := readRule(r)
	rule, err := s.parseRule(r, c, in)
	if err != nil {
		return err
	}
	trial := &page.RuleTrial{Days: ruleDays}
	if in.faults != nil {
		trial.Fault = faultWords(c.say, in.faults[0])
	} else if trial, err = s.trial(r, c, rule); err != nil {
		return err
	}
	if r.Header.Get("HX-Request") == "true" {
		s.show(w, r, http.StatusOK, c.lang, trial)
		return nil
	}
	return s.showRule(w, r, c, in, trial)
}

// faultWords is a fault as its field would say it.
func faultWords(say page.Say, f page.FieldFault) string {
	if f.Key == "" {
		return f.Text
	}
	return say.Text("fault." + f.Key)
}

func (s *Server) trial(r *http.Request, c *caller, rule *router.Rule) (*page.RuleTrial, error) {
	list, err := s.Router.Rules(r.Context())
	if err != nil {
		return nil, err
	}
	tried := *rule
	tried.Enabled = true
	if i := slices.IndexFunc(list, func(x router.Rule) bool { return x.ID == rule.ID }); rule.ID != 0 && i >= 0 {
		list[i] = tried
	} else {
		tried.ID = triedRule
		list = append(list, tried)
	}
	cases, err := s.Router.TryRules(r.Context(), c.Viewer, list, s.clock.Now().Add(-ruleDays*24*time.Hour), trialCases)
	if err != nil {
		return nil, err
	}
	say, err := s.ruleWords(r, c)
	if err != nil {
		return nil, err
	}
	out := &page.RuleTrial{Days: ruleDays, Tried: len(cases)}
	for _, t := range cases {
		if !slices.Contains(t.Rules, tried.ID) {
			continue
		}
		out.Fits++
		line := page.TrialLine{Number: t.Ref, Subject: t.Subject, Was: c.office(t.Was), Would: c.office(t.Office), Moves: t.Was != t.Office, Effects: say.effects(&t)}
		if line.Moves {
			out.Moves++
		}
		out.Cases = append(out.Cases, line)
	}
	slices.SortStableFunc(out.Cases, func(a, b page.TrialLine) int { // what would move is what one looks for
		return cmp.Compare(boolInt(b.Moves), boolInt(a.Moves))
	})
	if out.More = max(0, len(out.Cases)-trialLines); out.More > 0 {
		out.Cases = out.Cases[:trialLines]
	}
	return out, nil
}

// effects are what all rules together would do beside choosing the office.
func (w *ruleWords) effects(t *router.Trial) (out []string) {
	say := w.c.say
	if t.Kind != "" {
		out = append(out, say.Text("rule_done.kind", "value", say.Either("kind.", string(t.Kind), string(t.Kind))))
	}
	if t.Priority > 0 {
		out = append(out, say.Text("rule_done.priority", "value", labelOf(first(w.doingValues(doPriority)), formatID(int64(t.Priority)))))
	}
	if t.Assignee {
		out = append(out, say.Text("rule_done.assigned"))
	}
	if t.Receipt {
		out = append(out, say.Text("rule_done.receipt", "value", ""))
	}
	if t.Register {
		out = append(out, say.Text("rule_done.register", "value", ""))
	}
	return out
}

func first[A, B any](a A, _ B) A { return a }

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
