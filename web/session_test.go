package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"filodiretto/inbox"
	"filodiretto/internal/password"
	"filodiretto/router"
)

// second is another process on the same database, with what it remembers of
// offices and people read before the test changes them.
func (e *siteTown) second() *siteTown {
	e.t.Helper()
	o := &apiTown{t: e.t, db: e.db, manual: e.manual, inbox: e.inbox, log: e.log, logMu: e.logMu, offices: e.offices, people: e.people, tokens: e.tokens}
	o.router = router.New(e.db, e.deps.Log, time.UTC)
	deps := e.deps
	deps.Router = o.router
	site, err := New(deps)
	if err != nil {
		e.t.Fatal(err)
	}
	o.site = site
	s := &siteTown{apiTown: o}
	s.serve()
	if _, err := o.router.Directory(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return s
}

// at is the browser at another process behind the same name.
func (b *browser) at(e *siteTown) *browser {
	jar := *b
	jar.e = e
	return &jar
}

// saveAs stores an operator's form with changes to it.
func (e *siteTown) saveAs(b *browser, login string, roles []string, more ...string) *seen {
	e.t.Helper()
	o := e.operatorBy(login)
	form := []string{"name", o.Name, "login", o.Login, "lang", "it"}
	for _, r := range roles {
		form = append(form, "role", r)
	}
	return b.post("/admin/operators/"+formatID(o.ID), append(form, more...)...).to("/admin/operators")
}

func TestWhatEndsTheSessionsOfAnOperator(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		other := e.second()
		urp, trib := formatID(e.offices["urp"]), formatID(e.offices["tributi"])
		admin := e.as("admin")
		both := []string{urp + ":front_office", trib + ":back_office"}
		e.saveAs(admin, "giulia", both, "active", "1")
		for _, x := range []struct {
			what string
			role []string
			more []string
			ends bool
		}{
			{"the same again", both, []string{"active", "1"}, false},
			{"a role more", append(both, urp+":reception"), []string{"active", "1"}, false},
			{"a role less", both[:1], []string{"active", "1"}, true},
			{"a new password", both[:1], []string{"active", "1", "password", testPassword}, true},
			{"disabled", both[:1], nil, true},
		} {
			here, there := e.as("giulia"), other.as("giulia")
			e.saveAs(admin, "giulia", x.role, x.more...)
			for where, b := range map[string]*browser{"here": here, "in another process": there, "in the other than it began": here.at(other)} {
				if a := b.get("/help"); (a.Code == http.StatusSeeOther) != x.ends {
					t.Errorf("%s, %s: %d", x.what, where, a.Code)
				}
			}
		}
		e.as("sara").get("/help").want(http.StatusOK) // nobody else is shown out
		if _, _, err := other.router.ViewerByToken(t.Context(), e.tokens["giulia"]); err == nil {
			t.Error("the token of somebody who is disabled still works in another process")
		}
	})
}

// TestAShownOutSessionCannotBeWrittenBack: a request that was under way when the
// sessions ended leaves its session behind, and nobody gets in with it.
func TestAShownOutSessionCannotBeWrittenBack(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		st, ctx := store{e.db}, t.Context()
		giulia := e.people["giulia"].OperatorID
		write := func() {
			t.Helper()
			b, err := scs.GobCodec{}.Encode(e.manual.Now().Time().Add(time.Hour), map[string]any{operatorKey: giulia, beganKey: testMorning.UnixMicro()})
			if err != nil {
				t.Fatal(err)
			}
			if err := st.CommitCtx(ctx, "word", b, e.manual.Now().Time().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		found := func() bool {
			t.Helper()
			_, ok, err := st.FindCtx(ctx, "word")
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		write()
		if !found() {
			t.Fatal("a session that goes on is not found")
		}
		e.manual.Advance(time.Second)
		if err := e.router.SetPassword(ctx, inbox.Viewer{OperatorID: giulia}, giulia, "x"); err != nil {
			t.Fatal(err)
		}
		if found() {
			t.Error("a new password left the session")
		}
		if write(); found() {
			t.Error("the session came back")
		}
	})
}

// TestABetterHashShowsNobodyOut: logging in may store the same password anew.
func TestABetterHashShowsNobodyOut(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		first := e.as("giulia")
		weak, err := password.NewHasher(password.Params{MemoryKiB: 8, Passes: 2, Lanes: 1}, 1).Hash(t.Context(), testPassword)
		if err != nil {
			t.Fatal(err)
		}
		id := e.people["giulia"].OperatorID
		if _, err := e.db.Write.NewRaw("UPDATE operators SET password = ? WHERE id = ?", weak, id).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.as("giulia")
		var now string
		if err := e.db.Read.NewRaw("SELECT password FROM operators WHERE id = ?", id).Scan(t.Context(), &now); err != nil || now == weak {
			t.Error("it was not hashed anew", err)
		}
		first.get("/help").want(http.StatusOK)
	})
}

// TestAnOpenPageEndsWithItsSession at once, not at the next beat.
func TestAnOpenPageEndsWithItsSession(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.router.Hub = e.hub
		giulia, sara := e.as("giulia").listen(), e.as("sara").listen()
		e.saveAs(e.as("admin"), "giulia", []string{formatID(e.offices["urp"]) + ":front_office"}, "active", "1", "password", otherPassword)
		if !giulia.ended() {
			t.Error("the stream goes on")
		}
		e.letter(e.mail, "Lucia <lucia@posta.example>", "Ponteggio", "Vorrei montare un ponteggio.")
		sara.await("event: case")
	})
}

// A page that stays open when its session ended is its writer's: whoever logs in next
// in the same browser keeps, sends and sees nothing through it.
func TestAPageIsItsOwnOperators(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia <lucia@posta.example>", "Siepe", "È da potare")
		ref := e.ref(e.people["giulia"])
		b := e.as("giulia")
		page := b.get("/cases?case="+ref+"&compose=reply").want(http.StatusOK, `data-me="`+formatID(e.people["giulia"].OperatorID)+`"`)
		draft := []string{"compose", "reply", "channel", page.field("channel"), "seen", page.field("seen"), "base", page.field("base"), "text", "Parole di Sara"}
		me, other := formatID(e.people["giulia"].OperatorID), formatID(e.people["sara"].OperatorID)
		if got := b.fragment("/shell/health").want(http.StatusOK).Header.Get("X-Operator"); got != me {
			t.Errorf("the page does not learn who is logged in: %q", got)
		}
		b.post("/cases/"+ref+"/draft", append(draft, "me", other)...).want(http.StatusUnauthorized)
		b.get("/cases?case="+ref, "HX-Request", "true", "X-Operator", other).want(http.StatusUnauthorized).without("Siepe")
		for _, what := range []string{"draft", "reply"} {
			r := b.request("POST", "/cases/"+ref+"/"+what, strings.NewReader(url.Values{"compose": {"reply"}, "text": {"Parole di Sara"}}.Encode()), "Content-Type", "application/x-www-form-urlencoded", "X-Operator", other)
			b.do(r).want(http.StatusUnauthorized)
		}
		b.get("/cases?case=" + ref + "&compose=reply").want(http.StatusOK).without("Parole di Sara")
		b.post("/cases/"+ref+"/draft", append(draft, "me", me)...).want(http.StatusOK)
		b.get("/cases?case="+ref+"&compose=reply").want(http.StatusOK, "Parole di Sara")
	})
}
