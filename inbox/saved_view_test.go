package inbox

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"filodiretto/internal/textfold"
)

// TestSavedViews keeps searches of two colleagues apart.
func TestSavedViews(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		first, err := e.SaveView(ctx, e.giulia, "  Buche   in attesa ", "buca  stato:attesa")
		if err != nil || first.Name != "Buche in attesa" || first.Query != "buca stato:attesa" {
			t.Fatalf("saved %+v, %v", first, err)
		}
		again, err := e.SaveView(ctx, e.giulia, "Buche in attesa", "tipo:reclamo")
		if err != nil || again.ID != first.ID {
			t.Fatalf("the same name made another view: %+v, %v", again, err)
		}
		if _, err := e.SaveView(ctx, e.elena, "Buche in attesa", "tari"); err != nil {
			t.Fatalf("a colleague's own name: %v", err)
		}
		list, err := e.SavedViews(ctx, e.giulia)
		if err != nil || len(list) != 1 || list[0].Query != "tipo:reclamo" {
			t.Fatalf("giulia keeps %+v, %v", list, err)
		}
		if _, err := e.SavedView(ctx, e.elena, first.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("a colleague reads it: %v", err)
		}
		if err := e.ForgetView(ctx, e.elena, first.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("a colleague takes it away: %v", err)
		}
		if err := e.ForgetView(ctx, e.giulia, first.ID); err != nil {
			t.Error(err)
		}
		if list, _ := e.SavedViews(ctx, e.giulia); len(list) != 0 {
			t.Errorf("still there: %+v", list)
		}
	})
}

func TestSavedViewsAreChecked(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		for _, tt := range []struct{ name, query, field, code string }{
			{" ", "x", "name", "empty"},
			{strings.Repeat("è", 61), "x", "name", "too_long"},
			{"x", "\n", "query", "empty"},
			{"x", strings.Repeat("è", 501), "query", "too_long"},
		} {
			_, err := e.SaveView(ctx, e.giulia, tt.name, tt.query)
			var invalid *InvalidError
			if !errors.As(err, &invalid) || invalid.Field != tt.field || invalid.Code != tt.code {
				t.Errorf("%.10q, %.10q: %v", tt.name, tt.query, err)
			}
		}
		if _, err := e.SaveView(ctx, Viewer{System: true}, "x", "x"); !errors.Is(err, ErrForbidden) {
			t.Errorf("nobody's view: %v", err)
		}
		for i := range mostSavedViews {
			if _, err := e.SaveView(ctx, e.giulia, fmt.Sprint(i), "x"); err != nil {
				t.Fatal(err)
			}
		}
		var invalid *InvalidError
		if _, err := e.SaveView(ctx, e.giulia, "one more", "x"); !errors.As(err, &invalid) || invalid.Code != "full" {
			t.Errorf("one too many: %v", err)
		}
		if _, err := e.SaveView(ctx, e.giulia, "3", "y"); err != nil {
			t.Errorf("another search for a name that is there: %v", err)
		}
	})
}

// TestFits asks for one case at a time, with words, filters and what must not be.
func TestFits(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		hole := e.opened("lucia@posta.example", "a1", "Via Po", "C'è una buca in via Po.")
		lamp := e.opened("mario@posta.example", "a2", "Via Po", "Un lampione spento in via Po.")
		for query, want := range map[string][2]bool{
			"buca": {true, false}, "via po": {true, true}, "canale:posta": {true, true}, "canale:telegram": {false, false},
			"via -buca": {false, true}, "numero:" + hole.Ref(): {true, false},
		} {
			q, problems := textfold.Parse(query, textfold.Options{Choices: SearchChoices()})
			if len(problems) > 0 {
				t.Fatal(query, problems)
			}
			for i, c := range []*Case{hole, lamp} {
				if got, err := e.Fits(t.Context(), e.giulia, q, c); err != nil || got != want[i] {
					t.Errorf("%q, %s: %v, %v", query, c.Subject, got, err)
				}
			}
		}
	})
}
