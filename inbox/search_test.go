package inbox

import (
	"slices"
	"strings"
	"testing"

	"filodiretto/internal/textfold"
)

// searched parses with the choices of the program and gives the subjects found.
func (e *env) searched(v Viewer, query string) []string {
	e.t.Helper()
	choices := SearchChoices()
	choices[textfold.OpOffice] = []textfold.Choice{{Value: "urp", It: []string{"URP"}}, {Value: "tributi", It: []string{"Ufficio tributi"}}}
	q, problems := textfold.Parse(query, textfold.Options{Today: textfold.DayOf(e.manual.Now().Time()), Choices: choices})
	if len(problems) > 0 {
		e.t.Errorf("%s: %v", query, problems)
	}
	f, err := e.Search(e.t.Context(), v, q, 50)
	if err != nil {
		e.t.Fatalf("%s: %v", query, err)
	}
	out := make([]string, len(f.Hits))
	for i, h := range f.Hits {
		out[i] = h.Case.Subject
	}
	slices.Sort(out)
	return out
}

// TestSearchOperatorsFindWhatTheySay goes through every operator and state, each
// with a case that fits and others that do not.
func TestSearchOperatorsFindWhatTheySay(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		realCounter(e)
		buca := e.opened("Ada Rossi <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca davanti alla mensa.")
		nido := e.opened("Eva Neri <eva@posta.example>", "e1@posta.example", "Nido", "Quando esce la graduatoria?")
		tari := e.opened("Ugo Verdi <ugo@posta.example>", "u1@posta.example", "Tari", "Ho pagato due volte.")
		if _, err := e.RecordVisit(t.Context(), e.giulia, Visit{AccountID: e.counter.ID, Key: "k1", Person: "Ida", Subject: "Visita", Text: "Chiede un modulo."}); err != nil {
			t.Fatal(err)
		}
		day := func(n int) int64 { return int64(e.manual.Now()) + int64(n)*24*3600*1_000_000 }
		e.exec(t, "UPDATE cases SET status = 'waiting', due_at = ?, procedure = 'segnalazione-disservizio', assignee_id = ? WHERE id = ?", day(1), e.giulia.OperatorID, buca.ID)
		e.exec(t, "UPDATE cases SET status = 'snoozed', due_at = ?, assignee_id = 77, unread = ? WHERE id = ?", day(20), false, nido.ID)
		e.exec(t, "UPDATE cases SET due_at = ?, failed = ?, kind = 'complaint' WHERE id = ?", day(-1), true, tari.ID)
		e.mustReply(ReplyCommand{CaseID: nido.ID, SeenInID: nido.LastInID, AccountID: e.mail.ID, To: []Recipient{{IdentityID: e.identityOf(nido)}}, Text: "A maggio.", Undo: AtOnce})
		for query, want := range map[string]string{
			"canale:posta":                     "Buca Nido Tari",
			"canale:e-mail -da:neri":           "Buca Tari",
			"channel:counter":                  "Visita",
			"canale:pec":                       "",
			"canale:telefono":                  "",
			"stato:aperta":                     "Tari Visita",
			"stato:in attesa":                  "Buca",
			`stato:"in attesa"`:                "Buca",
			"stato:attesa stato:posticipata":   "Buca Nido",
			"-stato:attesa -stato:posticipata": "Tari Visita",
			"stato:scaduta":                    "Tari",
			"stato:fallita":                    "Tari",
			"stato:unita":                      "",
			"status:closed":                    "",
			"scadenza:domani":                  "Buca",
			"scadenza:oggi":                    "",
			"due:week":                         "Buca",
			"scadenza:scaduta":                 "Tari",
			"scadenza:<18/11/2026":             "Tari",
			"scadenza:<=18/11/2026":            "Buca Tari",
			"due:>2026-11-18":                  "Nido",
			"scadenza:12/2026":                 "Nido",
			"scadenza:nessuna":                 "Visita",
			"da:ada":                           "Buca",
			"da:ada@posta.example":             "Buca",
			"a:eva":                            "Nido",
			"to:eva@posta.example":             "Nido",
			"a:ada":                            "",
			"a:mail":                           "Buca Nido Tari",
			"ufficio:urp":                      "Buca Nido Tari Visita",
			"ufficio:trib":                     "",
			"assegnato:me":                     "Buca",
			"assegnato:nessuno":                "Tari Visita",
			"assegnato:77":                     "Nido",
			"tipo:reclamo":                     "Tari",
			"procedimento:disservizio":         "Buca",
			"numero:2":                         "Nido",
			"numero:2026/000003":               "Tari",
			"con:allegato":                     "",
			"prima:17/11/2026":                 "",
			"dopo:17/11/2026":                  "Buca Nido Tari Visita",
		} {
			if got := strings.Join(e.searched(e.giulia, query), " "); got != want {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
			if got := e.searched(e.elena, query); len(got) != 0 {
				t.Errorf("%s: another office found %v", query, got)
			}
		}
	})
}

// TestAWordThatIsLeftOutLeavesOut: filters alone, and nothing but exclusions,
// heed "-word" and "-"a phrase"" in every message of a case.
func TestAWordThatIsLeftOutLeavesOut(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.opened("Ada Rossi <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca davanti alla mensa.")
		e.arrive(e.mail, letter("Ada Rossi <ada@posta.example>", "a2@posta.example", "Re: Buca", "Il lampione è ancora spento.", "In-Reply-To: <a1@posta.example>"))
		e.opened("Eva Neri <eva@posta.example>", "e1@posta.example", "Nido", "La mensa della scuola media.")
		e.opened("Ugo Verdi <ugo@posta.example>", "u1@posta.example", "Tari", "La media della scuola.")
		for query, want := range map[string]string{
			"stato:aperta -mensa":                   "Tari",
			"stato:aperta -mense":                   "Tari",
			"-mensa":                                "Tari",
			"-lampione":                             "Nido Tari",
			"canale:posta -lampione -graduatoria":   "Nido Tari",
			`stato:aperta -"scuola media"`:          "Buca Tari",
			`-"media della scuola" -"scuola media"`: "Buca",
			`-"ancora spento" -tari`:                "Nido",
			"stato:chiusa -mensa":                   "",
			"stato:aperta -mensa -buca -media":      "",
			"mensa -buca":                           "Nido",
			"mensa -stato:aperta":                   "",
		} {
			if got := strings.Join(e.searched(e.giulia, query), " "); got != want {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
	})
}

// TestTheWalkGoesOnBehindWhatIsLeftOut: more cases than one step that are all
// left out do not hide the one behind them.
func TestTheWalkGoesOnBehindWhatIsLeftOut(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.opened("Ada <ada@posta.example>", "a0@posta.example", "Vecchia", "Un lampione.")
		var many []string
		for i := range walkStep + 20 {
			id := string(rune('a'+i%26)) + strings.Repeat("x", i/26)
			many = append(many, letter("P <"+id+"@posta.example>", id+"@posta.example", "Mensa "+id, "La mensa."))
		}
		e.arrive(e.mail, many...)
		if got := strings.Join(e.searched(e.giulia, "stato:aperta -mensa"), " "); got != "Vecchia" {
			t.Errorf("%q", got)
		}
	})
}

// identityOf is the address from which a case's last message came.
func (e *env) identityOf(c *Case) int64 {
	e.t.Helper()
	return int64(e.number("SELECT identity_id FROM messages WHERE id = ?", c.LastInID))
}
