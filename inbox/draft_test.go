package inbox

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestDraftOfTwoTabs(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		k := e.writes(e.mail, "lucia@example.org", "una")
		d, err := e.Draft(t.Context(), e.giulia, k.c.ID, ReplyDraft)
		if err != nil || d.Version != 0 {
			t.Fatal(d, err)
		}
		d.Body, d.Choice.Subject = "Buongiorno\r\n", "Oggetto"
		d.Choice.To = []Recipient{{IdentityID: k.id.ID}}
		first, err := e.SaveDraft(t.Context(), e.giulia, *d)
		if err != nil || first.Version != 1 {
			t.Fatal(first, err)
		}
		second := *first
		second.Body, second.Pen, second.Step = "Buongiorno Lucia", "a", 3
		if _, err := e.SaveDraft(t.Context(), e.giulia, second); err != nil {
			t.Fatal(err)
		}
		first.Body = "altro"
		_, err = e.SaveDraft(t.Context(), e.giulia, *first)
		var clash *DraftError
		if !errors.As(err, &clash) || !errors.Is(err, ErrChanged) || clash.Theirs.Body != "Buongiorno Lucia" || clash.Theirs.Version != 2 {
			t.Fatal("the older tab is told what the other one saved", err)
		}
		got, err := e.Draft(t.Context(), e.giulia, k.c.ID, ReplyDraft)
		if err != nil || got.Body != "Buongiorno Lucia" || got.Choice.Subject != "Oggetto" || got.Choice.To[0].IdentityID != k.id.ID || got.Pen != "a" || got.Step != 3 {
			t.Fatal(got, err)
		}
	})
}

func TestDraftsAreApart(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a, b := e.writes(e.mail, "a@example.org", "una"), e.writes(e.mail, "b@example.org", "una")
		save := func(v Viewer, c contact, kind DraftKind, body string) {
			t.Helper()
			if _, err := e.SaveDraft(t.Context(), v, Draft{CaseID: c.c.ID, Kind: kind, Body: body}); err != nil {
				t.Fatal(err)
			}
		}
		marco := e.giulia
		marco.OperatorID++
		save(e.giulia, a, ReplyDraft, "a")
		save(e.giulia, a, NoteDraft, "nota")
		save(e.giulia, b, ReplyDraft, "b")
		save(marco, a, ReplyDraft, "di Marco")
		for _, c := range []struct {
			v    Viewer
			k    contact
			kind DraftKind
			want string
		}{{e.giulia, a, ReplyDraft, "a"}, {e.giulia, a, NoteDraft, "nota"}, {e.giulia, b, ReplyDraft, "b"}, {marco, a, ReplyDraft, "di Marco"}, {marco, b, ReplyDraft, ""}} {
			if d, err := e.Draft(t.Context(), c.v, c.k.c.ID, c.kind); err != nil || d.Body != c.want {
				t.Fatal(d, err)
			}
		}
		if err := e.DiscardDraft(t.Context(), e.giulia, a.c.ID, ReplyDraft); err != nil {
			t.Fatal(err)
		}
		if d, _ := e.Draft(t.Context(), e.giulia, a.c.ID, ReplyDraft); d.Version != 0 {
			t.Fatal(d)
		}
		if d, _ := e.Draft(t.Context(), marco, a.c.ID, ReplyDraft); d.Body != "di Marco" {
			t.Fatal("a colleague's draft stays", d)
		}
		if _, err := e.Draft(t.Context(), e.elena, a.c.ID, ReplyDraft); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if _, err := e.Draft(t.Context(), Viewer{System: true}, a.c.ID, ReplyDraft); !errors.Is(err, ErrForbidden) {
			t.Fatal(err)
		}
		_, err := e.SaveDraft(t.Context(), e.giulia, Draft{CaseID: a.c.ID, Kind: "sms"})
		wantCode(t, err, "kind", "unknown")
	})
}

func TestFilesOfADraft(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		k := e.writes(e.mail, "lucia@example.org", "una")
		d, err := e.SaveDraft(t.Context(), e.giulia, Draft{CaseID: k.c.ID, Kind: ReplyDraft, Body: "testo"})
		if err != nil {
			t.Fatal(err)
		}
		png := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), make([]byte, 40)...)
		ref, d2, err := e.AttachToDraft(t.Context(), e.giulia, k.c.ID, ReplyDraft, "foto.png", bytes.NewReader(png))
		if err != nil || ref.Type != "image/png" || ref.Size != int64(len(png)) || d2.Version != d.Version+1 || d2.Body != "testo" {
			t.Fatal(ref, d2, err)
		}
		d2.Choice.Files = nil // a tab that knows of no file
		d2.Body = "altro"
		if d2, err = e.SaveDraft(t.Context(), e.giulia, *d2); err != nil || len(d2.Choice.Files) != 1 {
			t.Fatal("saving the text loses no file", d2, err)
		}
		for _, c := range []struct {
			body []byte
			code string
		}{{nil, "empty"}, {make([]byte, MaxUpload+1), "too_large"}, {make([]byte, MaxUpload), "too_large"}} { // the last: all together
			_, _, err := e.AttachToDraft(t.Context(), e.giulia, k.c.ID, ReplyDraft, "x", bytes.NewReader(c.body))
			wantCode(t, err, "file", c.code)
		}
		if _, err := e.DetachFromDraft(t.Context(), e.giulia, k.c.ID, ReplyDraft, strings.Repeat("0", 64)); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if d, err := e.DetachFromDraft(t.Context(), e.giulia, k.c.ID, ReplyDraft, ref.SHA256); err != nil || len(d.Choice.Files) != 0 {
			t.Fatal(d, err)
		}
		if _, _, err := e.AttachToDraft(t.Context(), e.elena, k.c.ID, ReplyDraft, "x", strings.NewReader("x")); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
	})
}
