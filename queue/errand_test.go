package queue

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// TestErrands: what to bring is known before the number is given, stays with the
// step, and what was missing is noted by the counter and taken back with it.
func TestErrands(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		id := must(e.SaveErrand(ctx, e.admin, e.site, Errand{
			ServiceID: e.cards, Key: "cie-rilascio", Names: Names{"it": "Carta d'identità", "en": "Identity card"},
			Documents: Papers{"it": {"una foto tessera", "la carta scaduta"}, "en": {"a photograph", "the old card"}}, Online: "https://example.org/cie", Ord: 2,
		}))(t)
		sv := must(e.House(ctx, e.site))(t).Service(e.cards)
		if got := sv.Open(); len(got) != 2 || got[1].ID != id || !slices.Equal(got[1].Documents.In("en"), []string{"a photograph", "the old card"}) ||
			!slices.Equal(got[1].Documents.In("de"), []string{"una foto tessera", "la carta scaduta"}) {
			t.Fatalf("%+v", got)
		}
		i := must(e.IssueAtKiosk(ctx, e.kiosk, NewTicket{ServiceID: e.cards, Procedure: "cie-rilascio", Key: e.key()}))(t)
		if i.Step.Errand != "cie-rilascio" || i.Ticket.Procedure != "cie-rilascio" {
			t.Fatalf("%+v", i.Step)
		}
		e.sit(e.anna, e.c1)
		e.after(time.Minute)
		d := e.serve(e.anna, e.c1)
		moved := must(e.Transfer(ctx, e.anna, Transfer{Act: Act{StepID: d.Step.ID, Key: e.key()}, CounterID: e.c2}))(t)
		if moved.New == nil || moved.New.Errand != "cie-rilascio" {
			t.Fatalf("the errand goes along to another counter: %+v", moved.New)
		}
		e.sit(e.bruno, e.c2)
		d = e.serve(e.bruno, e.c2)
		done := must(e.Finish(ctx, e.bruno, Finish{Act: Act{StepID: d.Step.ID, Key: e.key()}, Missing: []string{"una foto tessera"}}))(t)
		if done.Step.Outcome != "missing_documents" || done.Step.Missing != "una foto tessera" {
			t.Fatalf("%+v", done.Step)
		}
		if n := e.number64("SELECT count(*) FROM steps WHERE missing = 'una foto tessera' AND errand = 'cie-rilascio'"); n != 1 {
			t.Fatal(n, "rows")
		}
		back := must(e.Undo(ctx, e.bruno, done.VerbID, e.key()))(t)
		if back.Step.Missing != "" || back.Step.Outcome != "" {
			t.Fatalf("taken back: %+v", back.Step)
		}
	})
}

func TestErrandsSetUp(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		good := Errand{ServiceID: e.cards, Key: "cambio", Names: Names{"it": "Cambio"}}
		for name, change := range map[string]func(*Errand){
			"key": func(x *Errand) { x.Key = "A b" }, "names": func(x *Errand) { x.Names = Names{"en": ""} }, "online": func(x *Errand) { x.Online = "javascript:alert(1)" },
			"documents": func(x *Errand) { x.Documents = Papers{"it": {" "}} }, "service": func(x *Errand) { x.ServiceID = 1 },
		} {
			bad := good
			change(&bad)
			if _, err := e.SaveErrand(ctx, e.admin, e.site, bad); !errors.Is(err, ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := e.SaveErrand(ctx, e.anna, e.site, good); !errors.Is(err, ErrNotFound) {
			t.Error("the counter sets nothing up:", err)
		}
		good.ID = must(e.SaveErrand(ctx, e.admin, e.site, good))(t)
		if _, err := e.SaveErrand(ctx, e.admin, e.site, Errand{ServiceID: e.cards, Key: "cambio", Names: Names{"it": "x"}}); !errors.Is(err, ErrInvalid) {
			t.Error("one row for each procedure:", err)
		}
		if err := e.EndErrand(ctx, e.admin, e.site, good.ID); err != nil {
			t.Fatal(err)
		}
		sv := must(e.House(ctx, e.site))(t).Service(e.cards)
		if len(sv.Open()) != 1 || sv.Errand("cambio") == nil || sv.has("cambio") {
			t.Errorf("it ended and its name is known: %+v", sv.Errands)
		}
		if _, err := e.IssueAtKiosk(ctx, e.kiosk, NewTicket{ServiceID: e.cards, Procedure: "cambio", Key: e.key()}); !errors.Is(err, ErrInvalid) {
			t.Error(err)
		}
		must(e.SaveErrand(ctx, e.admin, e.site, good))(t)
		if !must(e.House(ctx, e.site))(t).Service(e.cards).has("cambio") {
			t.Error("it begins again")
		}
	})
}
