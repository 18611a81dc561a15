package inbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/webpage"
	"filodiretto/internal/db"
)

// page puts an account of the pages into the town.
func (e *env) page() Account {
	e.t.Helper()
	acc := Account{ID: db.NewID(e.clock), Key: "pagine", Kind: "web", Name: "Pagine", OfficeID: e.urp, Origin: "file", Settings: "{}", Enabled: true, CreatedAt: e.clock.Now()}
	if _, err := e.db.Write.NewInsert().Model(&acc).Exec(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	ch, err := webpage.Driver.Open(channels.Account{}, channels.Deps{})
	if err != nil {
		e.t.Fatal(err)
	}
	e.chans.put(acc, ch)
	return acc
}

// form is what a browser sends: key, text, and files "name:contents".
func form(t testing.TB, c *Case, key, text string, files ...string) PageReply {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range [][2]string{{"key", key}, {"text", text}} {
		if err := w.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		name, contents, _ := strings.Cut(f, ":")
		p, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(p, contents)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return PageReply{Ref: c.Ref(), Secret: c.Secret, ContentType: w.FormDataContentType(), Body: b.Bytes(), Lang: "it"}
}

// messages are the texts of a case, oldest first.
func (e *env) messages(caseID int64) (out []*Message) {
	e.t.Helper()
	if err := e.db.Read.NewSelect().Model(&out).Where("m.case_id = ?", caseID).OrderExpr("m.at, m.id").Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return out
}

func TestReplyOnPage(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		acc := e.page()
		c := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca.")
		if _, err := e.Close(t.Context(), e.giulia, c.ID, 0, 0, "done"); err != nil {
			t.Fatal(err)
		}
		before := e.theCase(c.ID)
		r := form(t, c, "k1", "Non è riparata.\r\nEcco la foto.", "foto.jpg:\xff\xd8\xff\xe0JFIF", "grande.bin:"+strings.Repeat("x", inRow+1))
		for range 2 { // a double click
			if err := e.ReplyOnPage(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		ms := e.messages(c.ID)
		if len(ms) != 2 {
			t.Fatalf("%d messages", len(ms))
		}
		m := ms[1]
		if m.Text != "Non è riparata.\nEcco la foto." || m.Channel != "web" || m.Direction != In || m.Origin != FromCitizen || m.CitizenID != c.CitizenID ||
			m.IdentityID != 0 || m.Notes != webpage.NoteSecret || m.Sender != "Ada" || m.Parts != 2 || m.Lang != "it" {
			t.Errorf("%+v", m)
		}
		now := e.theCase(c.ID)
		if now.Status != Open || !now.Unread || now.LastInID != m.ID || now.Channel != "web" || now.AccountID != before.AccountID || now.Version <= before.Version {
			t.Errorf("%+v", now)
		}
		raw := new(Raw)
		if err := e.db.Read.NewSelect().Model(raw).Where("r.id = ?", m.RawID).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if body, err := e.rawBody(t.Context(), raw); err != nil || !bytes.Equal(body, r.Body) || raw.State != "filed" || raw.AccountID != acc.ID {
			t.Errorf("the bytes are not kept as they came: %s %v", raw.State, err)
		}
		if n := e.number(`SELECT count(*) FROM events WHERE message_id = ? AND kind = 'message.received' AND actor = 'citizen' AND data LIKE '%"proof":"secret"%'`, m.ID); n != 1 {
			t.Error("how far the writer is proven is not recorded")
		}
		if changed, err := e.ReadMessageAgain(t.Context(), Viewer{System: true}, m.ID); err != nil || changed {
			t.Error("read again it reads otherwise:", changed, err)
		}

		// An answer goes where the citizen is reached.
		o, err := e.Options(t.Context(), e.giulia, c.ID)
		if err != nil || o.Default != 0 || o.List[0].Identity.Value != "ada@posta.example" {
			t.Errorf("%+v %v", o, err)
		}
		p, err := e.StatusPage(t.Context(), c.Ref(), c.Secret)
		if err != nil || !p.MayReply || p.AnswerTo != "mail" || len(p.Messages) != 2 || p.Messages[1].Files[0] != (PublicFile{Name: "foto.jpg", Size: 8}) {
			t.Errorf("%+v %v", p, err)
		}

		// Gone back to and changed, the same form says something new.
		if err := e.ReplyOnPage(t.Context(), form(t, c, "k1", "Anzi, sono due.")); err != nil || len(e.messages(c.ID)) != 3 {
			t.Error("a changed form is lost:", err)
		}
	})
}

func TestReplyOnPageIsRefused(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		c := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca.")
		try := func(r PageReply) string {
			t.Helper()
			err := e.ReplyOnPage(t.Context(), r)
			switch err {
			case nil:
				return ""
			case ErrSecret:
				return "secret"
			}
			return code(err)
		}
		if got := try(form(t, c, "k", "x")); got != "page:off" {
			t.Error("without an account of the pages:", got)
		}
		if p, err := e.StatusPage(t.Context(), c.Ref(), c.Secret); err != nil || p.MayReply {
			t.Errorf("the page offers what cannot be done: %v", err)
		}
		acc := e.page()
		wrong := form(t, c, "k", "x")
		wrong.Secret = "ABC"
		unknown := form(t, c, "k", "x")
		unknown.Ref = "2026/000999"
		odd := form(t, c, "k", "x")
		odd.ContentType = "text/plain"
		short := form(t, c, "k", "parole", "a.bin:"+strings.Repeat("x", 1000))
		short.Body = short.Body[:len(short.Body)-300]
		many := make([]string, mostPageFiles+1)
		for i := range many {
			many[i] = fmt.Sprintf("%d.txt:x", i)
		}
		for what, tt := range map[string]struct {
			r    PageReply
			want string
		}{
			"a wrong secret":      {wrong, "secret"},
			"no such case":        {unknown, "secret"},
			"nothing":             {form(t, c, "k", "  "), "text:required"},
			"too long":            {form(t, c, "k", strings.Repeat("è", mostPageText+1)), "text:too_long"},
			"too many files":      {form(t, c, "k", "", many...), "file:too_many"},
			"files too large":     {form(t, c, "k", "", "a:"+strings.Repeat("x", MaxFiles+1)), "file:too_large"},
			"cut by the limit":    {short, "file:too_large"},
			"no form":             {odd, "text:unreadable"},
			"files and no words":  {form(t, c, "k", "", "a.txt:x"), ""},
			"exactly as allowed":  {form(t, c, "k2", strings.Repeat("è", mostPageText)), ""},
			"words of a template": {form(t, c, "k3", "{{.}} #{x} <b>"), ""},
		} {
			if got := try(tt.r); got != tt.want {
				t.Errorf("%s: %q, want %q", what, got, tt.want)
			}
		}
		for i := range pagePerHour {
			_ = try(form(t, c, fmt.Sprint("n", i), "ancora"))
		}
		if got := try(form(t, c, "last", "ancora")); got != "case:too_often" {
			t.Error("no limit:", got)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE account_id = ?", acc.ID); n != pagePerHour {
			t.Errorf("%d were taken in", n)
		}
		e.manual.Advance(61 * time.Minute)
		if got := try(form(t, c, "later", "ancora")); got != "" {
			t.Error("after an hour:", got)
		}
		if _, err := e.Close(t.Context(), e.giulia, c.ID, 0, 0, "done"); err != nil {
			t.Fatal(err)
		}
		e.manual.Advance(e.set.ReopenWithin + time.Minute)
		if got := try(form(t, c, "late", "ancora")); got != "case:closed" {
			t.Error("closed long ago:", got)
		}
		if n := e.number("SELECT count(*) FROM raws WHERE account_id = ? AND state <> 'filed'", acc.ID); n != 0 {
			t.Errorf("%d raw items were left by what was refused", n)
		}
	})
}

// Many clicks at once are one message, on the case that people see.
func TestReplyOnPageOnceAndOnTheOuterCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.page()
		a := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "la prima")
		b := e.opened("Ada <ada@posta.example>", "a2@posta.example", "Nido", "la seconda")
		e.mergeCase(b, a)
		r := form(t, b, "k1", "dalla pagina della seconda")
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				if err := e.ReplyOnPage(t.Context(), r); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		var got []string
		for _, m := range e.messages(a.ID) {
			got = append(got, strings.TrimSpace(m.Text))
		}
		if !slices.Equal(got, []string{"la prima", "dalla pagina della seconda"}) {
			t.Errorf("%q", got)
		}
	})
}

// What the database refuses to file is kept and waits, and is filed or shown to
// people later: the citizen is not told of faults of ours.
func TestReplyOnPageIsKeptWhenItCannotBeFiled(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		acc := e.page()
		c := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca.")
		e.refuse("messages", "INSERT")
		if err := e.ReplyOnPage(t.Context(), form(t, c, "k1", "resta", "a.txt:x")); err != nil {
			t.Fatal(err)
		}
		if n := e.number("SELECT count(*) FROM raws WHERE account_id = ? AND state = 'pending'", acc.ID); n != 1 {
			t.Fatalf("%d raw items wait", n)
		}
		e.allow("messages")
		e.ingest(acc)
		ms := e.messages(c.ID)
		if len(ms) != 2 || ms[1].Text != "resta" || ms[1].CitizenID != c.CitizenID || ms[1].Notes != webpage.NoteSecret {
			t.Fatalf("%+v", ms[len(ms)-1])
		}
	})
}

// refuse makes the database refuse something on a table; allow takes it back.
func (e *env) refuse(table, what string) {
	e.t.Helper()
	if e.db.Postgres {
		e.exec(e.t.(*testing.T), `CREATE FUNCTION no_`+table+`() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no'; END $$ LANGUAGE plpgsql`)
		e.exec(e.t.(*testing.T), `CREATE TRIGGER no_`+table+` BEFORE `+what+` ON `+table+` FOR EACH ROW EXECUTE FUNCTION no_`+table+`()`)
		return
	}
	e.exec(e.t.(*testing.T), `CREATE TRIGGER no_`+table+` BEFORE `+what+` ON `+table+` BEGIN SELECT RAISE(ABORT, 'no'); END`)
}

func (e *env) allow(table string) {
	e.t.Helper()
	q := "DROP TRIGGER no_" + table
	if e.db.Postgres {
		q += " ON " + table
	}
	e.exec(e.t.(*testing.T), q)
}

// The page shows what went to the citizen, and its files; not what staff wrote
// to somebody else about the same matter.
func TestThePublicPageShowsOnlyWhatWentToTheCitizen(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		e.set.Undo = 0
		k := e.writes(e.mail, "ada@posta.example", "buca")
		plan, err := e.KeepFile(t.Context(), "piano.pdf", strings.NewReader("%PDF-1.4 il piano"))
		if err != nil {
			t.Fatal(err)
		}
		toAda := k.reply("Per Ada.")
		toAda.Files = []FileRef{plan}
		e.mustReply(toAda)
		other := k.reply("Per la ditta, sul conto di Ada.")
		other.To, other.SeenInID = []Recipient{{Address: "ditta@impresa.example", Confirmed: true}}, k.m.ID
		other.Files = []FileRef{plan}
		e.mustReply(other)
		both := k.reply("Per la ditta e Ada.")
		both.To, both.Cc = other.To, []Recipient{{IdentityID: k.id.ID}}
		e.mustReply(both)
		e.deliver(e.mail)
		e.tx(func(ctx context.Context, tx *db.Tx) error {
			for i, to := range []string{"Ada <ada@posta.example>", "Ditta <notada@posta.example>"} {
				m := &Message{
					ID: db.NewID(e.clock), CaseID: k.c.ID, CitizenID: k.c.CitizenID, Channel: "mail", Direction: Out, Origin: FromExternal, Kind: "message",
					Recipients: to, Text: fmt.Sprint("dal programma di posta ", i), Version: 1, At: tx.Now,
				}
				if _, err := tx.NewInsert().Model(m).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		p, err := e.StatusPage(t.Context(), k.c.Ref(), k.c.Secret)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range p.Messages {
			first, _, _ := strings.Cut(m.Text, "\n")
			got = append(got, first)
		}
		if want := []string{"buca", "Per Ada.", "Per la ditta e Ada.", "dal programma di posta 0"}; !slices.Equal(got, want) {
			t.Errorf("the page shows %q, want %q", got, want)
		}
		ours := p.Messages[1].Files
		if len(ours) != 1 || ours[0].Name != "piano.pdf" || ours[0].ID == 0 {
			t.Fatalf("%+v", ours)
		}
		_, f, err := e.PublicFile(t.Context(), k.c.Ref(), k.c.Secret, ours[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if b, err := io.ReadAll(f); err != nil || string(b) != "%PDF-1.4 il piano" {
			t.Errorf("%q %v", b, err)
		}
		var theirs int64
		if err := e.db.Read.NewRaw("SELECT p.id FROM parts AS p JOIN messages AS m ON m.id = p.message_id WHERE m.text LIKE 'Per la ditta, sul%'").Scan(t.Context(), &theirs); err != nil {
			t.Fatal(err)
		}
		for what, id := range map[string]int64{"of another's message": theirs, "none": 0, "unknown": 4711} {
			if _, _, err := e.PublicFile(t.Context(), k.c.Ref(), k.c.Secret, id); err != ErrSecret {
				t.Errorf("a file %s: %v", what, err)
			}
		}
		if _, _, err := e.PublicFile(t.Context(), k.c.Ref(), "WRONG", ours[0].ID); err != ErrSecret {
			t.Error("a file with a wrong secret:", err)
		}
	})
}
