package page_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"filodiretto/internal/clock"
	"filodiretto/web/page"
)

// poison is what a citizen may write anywhere (scenario 13 of the inbox).
const poison = `"'><script>alert(1)</script>{{.Secret}}${x}` + "\u202e"

// fill puts poison into every text of a view, and one element into every list.
// Fields that carry a code or an address of ours keep their value.
func fill(v reflect.Value, name string, depth int) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Field(i)
			if f.CanSet() {
				fill(f, v.Type().Field(i).Name, depth)
			}
		}
	case reflect.Slice:
		if depth > 6 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), name, depth+1)
		}
	case reflect.Pointer:
		if depth > 6 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name, depth+1)
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && !codes[name] {
			v.SetString(poison)
		}
	case reflect.Int64:
		if v.Type() == reflect.TypeFor[clock.Instant]() {
			v.SetInt(1_763_000_000_000_000)
		} else {
			v.SetInt(3)
		}
	case reflect.Int:
		v.SetInt(3)
	case reflect.Bool:
		v.SetBool(true)
	}
}

// codes are fields that choose a text: the house sets them, never a citizen.
var codes = map[string]bool{
	"Key": true, "Fault": true, "Warn": true, "Why": true, "Barred": true, "Problem": true, "Source": true, "Status": true,
	"Reasons": true, "CFWarn": true, "Doubt": true, "Kind": true, "Class": true, "Warnings": true,
}

// set gives the typed codes a value that has a text.
func set(v page.View) page.View {
	switch x := v.(type) {
	case page.Row:
		x.Kind, x.Status, x.Channel, x.View = page.KindComplaint, page.StatusOpen, page.ChannelMail, page.ViewMine
		return x
	}
	return v
}

type fragmentCase struct {
	name string
	view func() page.View
}

func filled[T page.View](fix func(*T)) func() page.View {
	return func() page.View {
		var x T
		fill(reflect.ValueOf(&x).Elem(), "", 0)
		if fix != nil {
			fix(&x)
		}
		return set(x)
	}
}

func entries(e []page.Entry) {
	kinds := []page.EntryKind{page.EntryIn, page.EntryFail}
	for i := range e {
		e[i].Kind, e[i].Deliveries, e[i].Deleted = kinds[i%2], nil, false
		e[i].Body.HTML = ""
		e[i].Event, e[i].Channel = nil, page.ChannelMail
	}
}

var hostile = []fragmentCase{
	{"row", filled[page.Row](nil)},
	{"picker", filled[page.Picker](nil)},
	{"palette", filled(func(p *page.Palette) {
		for i := range p.Cases {
			p.Cases[i].Status = page.StatusOpen
		}
	})},
	{"picks", filled[page.PersonPicks](nil)},
	{"draft-files", filled(func(d *page.DraftFiles) { d.Fault, d.Mode = "too_large", page.ModeReply })},
	{"composer", filled(func(c *page.Composer) {
		c.Mode, c.Fault, c.State.Stop.Kind = page.ModeReply, nil, page.StopNewer
		c.State.Meter = nil
	})},
	{"case-live", filled(func(c *page.CaseLive) {
		c.Head.Kind, c.Head.Status, c.Stop.Kind = page.KindRequest, page.StatusOpen, page.StopColleague
		entries(c.Timeline.Entries)
	})},
	{"person-pane", filled(func(p *page.PersonPane) {
		for i := range p.Identities {
			p.Identities[i].Proof = page.ProofCertain
		}
		for i := range p.Open {
			p.Open[i].Status = page.StatusOpen
		}
	})},
	{"quarantine-item", filled(func(q *page.QuarantineItem) {
		q.Limits = page.HeldLimits
		q.Shell.Section, q.Decided, q.Fault, q.Flash, q.HTML = page.SectionQuarantine, nil, nil, nil, ""
		q.Me.Roles = nil
	})},
	{"channel-card", filled(func(c *page.ChannelCard) { c.Channel = page.ChannelMail })},
	{"search", filled(func(s *page.Search) {
		s.Shell.Section, s.Flash, s.Me.Roles = page.SectionInbox, nil, nil
		for i := range s.Cases {
			s.Cases[i].Row.Kind, s.Cases[i].Row.Status = page.KindRequest, page.StatusOpen
		}
	})},
	{"public-case", filled(func(p *page.PublicCase) {
		p.Status, p.Fault = page.StatusOpen, nil
		for i := range p.Phases {
			p.Phases[i].ID = page.PhaseReceived
		}
		for i := range p.Messages {
			p.Messages[i].State = page.DeliveryRead
		}
	})},
}

var script = regexp.MustCompile(`(?i)<script>|onerror=|javascript:|"'>`)

func TestWhatCitizensWriteStaysText(t *testing.T) {
	r := renderer(t)
	for _, tt := range hostile {
		t.Run(tt.name, func(t *testing.T) {
			got := render(t, r, page.Italian, tt.view())
			if m := script.FindString(got); m != "" {
				t.Errorf("%q came through, near %q", m, around(got, m))
			}
			if !strings.Contains(got, "alert(1)") {
				t.Error("the view shows none of its texts: this test tests nothing")
			}
		})
	}
}
