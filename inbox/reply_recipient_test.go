package inbox

import (
	"errors"
	"strings"
	"testing"

	"filodiretto/internal/db"
)

func TestRecipientsAreConfirmed(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		stranger := e.writes(e.mail, "mario@example.org", "altra")
		try := func(cc Recipient) error {
			cmd := k.reply("x")
			cmd.Cc = []Recipient{cc}
			_, err := e.Reply(t.Context(), e.giulia, cmd)
			return err
		}
		var unseen *UnseenError
		for _, cc := range []Recipient{{Address: "nuovo@example.org"}, {Address: "mario@example.org"}, {IdentityID: stranger.id.ID}} {
			err := try(cc)
			if !errors.As(err, &unseen) || !errors.Is(err, ErrInvalid) || len(unseen.Recipients) != 1 {
				t.Fatal("whom the case has never seen needs a confirmation", cc, err)
			}
			if strings.Contains(err.Error(), "@") {
				t.Fatal("no address in an error", err)
			}
		}
		if err := try(Recipient{Address: "Vigile@Comune.example"}); err != nil {
			t.Fatal("who was in the message's headers is known", err)
		}
		if err := try(Recipient{Address: "nuovo@example.org", Confirmed: true}); err != nil {
			t.Fatal(err)
		}
		if err := try(Recipient{Address: "nuovo@example.org"}); err != nil {
			t.Fatal("once confirmed it is known", err)
		}
		if err := try(Recipient{Address: "igile@comune.example"}); !errors.As(err, &unseen) {
			t.Fatal("a part of a known address is another address", err)
		}
	})
}

func TestReplyAcrossOffices(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		e.exec(t, "UPDATE cases SET office_id = ? WHERE id = ?", e.trib, k.c.ID)
		r, err := e.Reply(t.Context(), e.elena, k.reply("x"))
		if err != nil || r.Message.Sender != "Comune di Pontelieto - Ufficio tributi" {
			t.Fatal("who handles the case answers from where the citizen wrote", err)
		}
		other := Account{ID: db.NewID(e.clock), Key: "pm", Kind: "mail", Name: "Polizia", OfficeID: e.urp, Origin: "file", Settings: "{}", Enabled: true}
		if _, err := e.db.Write.NewInsert().Model(&other).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.sender(other)
		cmd := k.reply("y")
		cmd.AccountID = other.ID
		_, err = e.Reply(t.Context(), e.elena, cmd)
		wantCode(t, err, "account", "other_office")
		both := e.elena
		both.Offices = []int64{e.trib, e.urp}
		if _, err := e.Reply(t.Context(), both, cmd); err != nil {
			t.Fatal("but from the operator's own mailbox", err)
		}
		if _, err := e.Reply(t.Context(), e.giulia, cmd); !errors.Is(err, ErrForbidden) {
			t.Fatal("the front office sees another office's case and does not answer for it", err)
		}
	})
}

func TestTelegramBotCannotBegin(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.tg)
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		chat := e.writes(e.tg, "501", "ciao")
		e.exec(t, "UPDATE messages SET thread_key = '' WHERE id = ?", chat.m.ID)
		cmd := k.reply("x")
		cmd.AccountID, cmd.To = e.tg.ID, []Recipient{{IdentityID: chat.id.ID, Confirmed: true}}
		_, err := e.Reply(t.Context(), e.giulia, cmd)
		wantCode(t, err, "to", "never_wrote_here")
		cmd.To = append(cmd.To, cmd.To[0])
		_, err = e.Reply(t.Context(), e.giulia, cmd)
		wantCode(t, err, "to", "one_only")
	})
}
