package order

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestValidate(t *testing.T) {
	for _, r := range Rules {
		p := Default()
		p.Rule = r
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", r, err)
		}
	}
	cases := []struct {
		name string
		edit func(*Policy)
		want string
	}{
		{"rule", func(p *Policy) { p.Rule = "lottery" }, `rule "lottery"`},
		{"missing class", func(p *Policy) { delete(p.Weights, Protected) }, `"protected" has no weight`},
		{"flat slope starves", func(p *Policy) { p.Weights[WalkIn] = Weight{} }, "starve"},
		{"endless slope", func(p *Policy) { p.Weights[WalkIn] = Weight{Slope: math.Inf(1)} }, "slope"},
		{"no number", func(p *Policy) { p.Weights["vip"] = Weight{Head: math.NaN(), Slope: 1} }, "absolute"},
		{"window", func(p *Policy) { p.Late = -time.Minute }, "window"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := Default()
			c.edit(&p)
			err := p.Validate()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestValidateTellsAllAtOnce(t *testing.T) {
	err := Policy{Rule: "x", Early: -1}.Validate()
	if err == nil || strings.Count(err.Error(), "order:") != 5 {
		t.Errorf("got %v, want five errors", err)
	}
}

func TestPolicySurvivesJSON(t *testing.T) {
	p := Default()
	p.Weights[Protected] = Weight{Head: 10, Slope: 4, Absolute: true, Level: 3}
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back Policy
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(p, back); d != "" {
		t.Error(d)
	}
}

func TestDroppedClassCountsAsWalkIn(t *testing.T) {
	p := Default()
	if got := p.weight("gone"); got != p.Weights[WalkIn] {
		t.Errorf("got %+v", got)
	}
	if got := (Policy{}).weight("gone"); got.Slope != 1 {
		t.Errorf("a policy without weights gives %+v", got)
	}
}
