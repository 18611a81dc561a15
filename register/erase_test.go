package register

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
)

// plain is ordinary mail of Luca's with a file, which no choice makes due.
func (e *env) plain(id, file string) *inbox.Message {
	e.t.Helper()
	return e.arrives(e.mail, fmt.Appendf(nil, "From: Luca Neri <luca@mail.example>\r\nTo: urp@pontelieto.example\r\nSubject: Istanza\r\nMessage-ID: <%s@mail.example>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=\"zz\"\r\n\r\n--zz\r\n\r\nChiedo. %s\r\n--zz\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"istanza.pdf\"\r\n\r\n%s\r\n--zz--\r\n", id, id, file))
}

func (e *env) erase(m *inbox.Message) error {
	return e.inbox.Erase(e.t.Context(), e.sara, m.ID, inbox.EraseAsked, "lo ha chiesto")
}

// TestTheRegisterKeeps: nobody erases what is in the register, was, or waits for its
// number (DPR 445/2000 art. 53; mail rule 81b); what somebody found not to belong there
// may be erased, and is not due again whatever becomes of its case.
func TestTheRegisterKeeps(t *testing.T) {
	set := ownSettings()
	set.Kinds = []string{"records_access"}
	eachDB(t, set, func(t *testing.T, e *env) {
		kept := func(why string, m *inbox.Message) {
			t.Helper()
			look, err := e.inbox.LookErase(t.Context(), e.sara, m.ID)
			must(t, err)
			if look.Refused != "in_register" {
				t.Errorf("%s: the page says %q", why, look.Refused)
			}
			wantCode(t, e.erase(m), "message", "in_register")
			again := new(inbox.Message)
			must(t, e.db.Read.NewSelect().Model(again).Where("m.id = ?", m.ID).Scan(t.Context()))
			if again.Text != m.Text || again.ErasedAt != 0 {
				t.Errorf("%s: %+v", why, again)
			}
		}
		m := e.letter("Richiesta di copia")
		kept("due by its channel", m)
		out := e.answer(m, true)
		kept("an answer that is due", out)
		x := e.mustEnter(m)
		kept("registered", m)
		_, err := e.Annul(t.Context(), e.sara, x.ID, "Registrata due volte", "Provvedimento 3/2026")
		must(t, err)
		_, err = e.Decide(t.Context(), e.giulia, m.ID, NotNeeded, "Annullata", e.standing(m).Version)
		must(t, err)
		kept("annulled: the number tells of it", m)

		istanza := e.plain("p1", "uno")
		_, err = e.Decide(t.Context(), e.giulia, istanza.ID, Due, "", 0)
		must(t, err)
		kept("due by somebody's word", istanza)
		_, err = e.Decide(t.Context(), e.giulia, istanza.ID, NotNeeded, "Pubblicità", 1)
		must(t, err)
		must(t, e.erase(istanza))
		_, err = e.inbox.SetKind(t.Context(), e.giulia, istanza.CaseID, 0, inbox.RecordsAccess)
		must(t, err)
		other := e.plain("p2", "due")
		must(t, e.erase(other))
		_, err = e.inbox.SetKind(t.Context(), e.giulia, other.CaseID, 0, inbox.RecordsAccess)
		must(t, err)
		for _, m := range []*inbox.Message{istanza, other} {
			if s := e.standing(m); s.State != NotNeeded {
				t.Errorf("what is erased is due: %+v", s)
			}
			if _, err := e.Decide(t.Context(), e.giulia, m.ID, Due, "", e.standing(m).Version); !errors.Is(err, inbox.ErrNotFound) {
				t.Error("somebody wants it registered:", err)
			}
		}
		if list, _, err := e.DueList(t.Context(), e.giulia, 0, 10); err != nil || len(list) != 1 || list[0].ID != out.ID {
			t.Error(list, err)
		}
		e.sound()
	})
}

// TestWhatTheRegisterHasStays: a file that is in the register stays when another message
// with the same file is erased, also where no register is kept any more.
func TestWhatTheRegisterHasStays(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		file := strings.Repeat("0123456789abcdef0123456789abcdef\r\n", 5000) // too large for a row
		m, twin := e.plain("p1", file), e.plain("p2", file)
		_, err := e.Decide(t.Context(), e.giulia, m.ID, Due, "", 0)
		must(t, err)
		x := e.mustEnter(m)
		must(t, e.erase(twin))
		for range 5 {
			e.manual.Advance(2 * time.Hour)
			_, err := e.inbox.FinishErasing(t.Context())
			must(t, err)
		}
		v, err := e.View(t.Context(), e.giulia, x.ID)
		must(t, err)
		opened := 0
		for _, d := range v.Documents {
			body, _, err := e.inbox.RawMessage(t.Context(), e.giulia, m.ID)
			must(t, err)
			if d.What == Attachment {
				_, f, err := e.inbox.OpenPart(t.Context(), e.giulia, d.OfID)
				must(t, err)
				body, err = io.ReadAll(f)
				must(t, errors.Join(err, f.Close()))
			}
			h := sha256.Sum256(body)
			if hex.EncodeToString(h[:]) != d.SHA256 {
				t.Errorf("%s has other bytes", d.Name)
			}
			opened++
		}
		if opened != 2 {
			t.Errorf("%d documents", opened)
		}
		e.sound()
		off := NewRule(Settings{})
		if kept, err := off.Keeps(t.Context(), e.db.Read, m.ID); err != nil || !kept {
			t.Error("where no register is kept any more:", kept, err)
		}
	})
}

// TestEnteredOrErased: of a head who erases and an operator who registers at the same
// moment one is first, and the other is told.
func TestEnteredOrErased(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		for i := range 12 {
			m := e.plain(fmt.Sprint("p", i), "uno")
			var entered, erased error
			together(2, func(which int) {
				if which == i%2 {
					_, entered = e.Enter(t.Context(), e.giulia, Command{MessageID: m.ID, Class: "VI.3"})
				} else {
					erased = e.erase(m)
				}
			})
			switch {
			case entered == nil && erased == nil, entered != nil && erased != nil:
				t.Errorf("both or neither: %v, %v", entered, erased)
			case entered == nil:
				wantCode(t, erased, "message", "in_register")
			case !errors.Is(entered, inbox.ErrNotFound):
				t.Error("registering what was erased:", entered)
			}
			if n := e.number("SELECT count(*) FROM messages AS m JOIN register_states AS rs ON rs.message_id = m.id WHERE m.erased_at > 0 AND rs.state = 'registered'"); n != 0 {
				t.Errorf("%d are registered without contents", n)
			}
		}
		e.sound()
	})
}
