package inbox

import (
	"context"
	"fmt"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/internal/together"
)

// mailbox is a further mailbox of an office, that answers to an address.
func (e *env) mailbox(office int64, name, address string) Account {
	e.t.Helper()
	acc := Account{
		ID: db.NewID(e.clock), Key: "mail-" + name, Kind: "mail", Name: "Posta " + name, OfficeID: office, Origin: "file", Enabled: true,
		Settings: fmt.Sprintf(`{"address":%q}`, address), CreatedAt: e.clock.Now(),
	}
	if _, err := e.db.Write.NewInsert().Model(&acc).Exec(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	ch, _, _ := e.chans.Channel(e.mail.ID)
	e.chans.put(acc, ch)
	return acc
}

// office is a further office with one operator in it.
func (e *env) office(key string, reserved bool) Viewer {
	e.t.Helper()
	v := Viewer{OperatorID: db.NewID(e.clock), Name: key, Offices: []int64{db.NewID(e.clock)}}
	e.tx(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewRaw("INSERT INTO offices (id, key, name, level, reserved, created_at) VALUES (?, ?, ?, 'back', ?, ?)", v.Offices[0], key, key, reserved, tx.Now).Exec(ctx)
		if err == nil {
			_, err = tx.NewRaw("INSERT INTO operators (id, login, name, password, created_at) VALUES (?, ?, ?, '', ?)", v.OperatorID, key, key, tx.Now).Exec(ctx)
		}
		if err == nil {
			_, err = tx.NewRaw("INSERT INTO operator_roles (operator_id, office_id, role) VALUES (?, ?, 'back_office')", v.OperatorID, v.Offices[0]).Exec(ctx)
		}
		return err
	})
	return v
}

// toAll is a mail to the mailboxes of URP and Tributi, as the n-th of them got it.
func toAll(n int) string {
	return fmt.Sprintf("Received: by mx%d\r\n", n) + letter("Ada <ada@posta.example>", "a27@posta.example", "Per tutti", "A tutti gli uffici.",
		"Cc: Tributi <tributi+tari@comune.pontelieto.example>")
}

func (e *env) inView(v Viewer, vw View) []*Case {
	e.t.Helper()
	p, err := e.List(e.t.Context(), v, vw, "", 50)
	if err != nil {
		e.t.Fatal(err)
	}
	counts, err := e.Counts(e.t.Context(), v)
	if err != nil {
		e.t.Fatal(err)
	}
	if n, counted := counts[vw]; counted && n != len(p.Cases) {
		e.t.Errorf("%s: %d in the list, %d counted", vw, len(p.Cases), n)
	}
	return p.Cases
}

func (e *env) seen(v Viewer, id int64) *CaseView {
	e.t.Helper()
	cv, err := e.ViewCase(e.t.Context(), v, id)
	if err != nil {
		e.t.Fatal(err)
	}
	return cv
}

// told are the events of a kind on a case that the viewer is told.
func (cv *CaseView) told(kind string) (n int) {
	for _, x := range cv.Entries {
		if x.Event != nil && x.Event.Kind == kind {
			n++
		}
	}
	return n
}

// The office whose mailbox took the mail later finds the case among those that came to
// it too, the case says so, and the open pages of that office are told.
func TestRule27TheSecondOfficeFindsIt(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		trib := e.mailbox(e.trib, "tributi", "tributi@comune.pontelieto.example")
		second := e.mailbox(e.urp, "info", "info@comune.pontelieto.example")
		events, stop := e.hub.Subscribe(func(x live.Event) bool { return x.Kind == "copied" })
		defer stop()
		e.arrive(e.mail, toAll(0))
		c := e.allCases()[0]
		e.manual.Advance(12 * time.Minute)
		e.arrive(trib, toAll(1), toAll(2)) // and once more, with other bytes
		e.arrive(second, toAll(3))
		if x := <-events; x.ID != c.ID {
			t.Errorf("told of another case: %+v", x)
		}
		if got := e.inView(e.elena, ViewCopied); len(got) != 1 || got[0].ID != c.ID {
			t.Fatalf("Tributi does not find it: %+v", got)
		}
		if got := e.inView(e.giulia, ViewCopied); len(got) != 0 {
			t.Errorf("it is URP's own: %+v", got)
		}
		both := Viewer{OperatorID: e.elena.OperatorID, Offices: []int64{e.urp, e.trib}}
		if got := e.inView(both, ViewCopied); len(got) != 0 {
			t.Errorf("who belongs to both has it already: %+v", got)
		}
		if came, err := e.CameToo(t.Context(), e.elena, c); err != nil || !came {
			t.Error("an open page would drop the row:", err)
		}
		cv := e.seen(e.elena, c.ID)
		also := cv.Entries[0].Message.Also
		if len(also) != 1 || also[0].AccountID != trib.ID || also[0].OfficeID != e.trib || also[0].At != e.manual.Now() {
			t.Errorf("by which mailboxes it came: %+v", also) // info@ is not named: for URP's own people
		}
		if also = e.seen(e.giulia, c.ID).Entries[0].Message.Also; len(also) != 2 || also[1].AccountID != second.ID {
			t.Errorf("URP sees its own second mailbox: %+v", also)
		}
		if n := cv.told(eventCopied); n != 1 {
			t.Errorf("told %d times", n)
		}
		m, _, err := e.MessageWithParts(t.Context(), e.elena, c.LastInID)
		if err != nil || len(m.Also) != 1 {
			t.Error("the message alone:", m.Also, err)
		}
		list, _, err := e.CaseMessages(t.Context(), e.elena, c, "", 10)
		if err != nil || len(list[0].Message.Also) != 1 {
			t.Error("the case's messages:", err)
		}
	})
}

// A case that somebody of the office has opened leaves the view by itself when it is
// closed, put aside or taken over, comes back when it is live, and never again once it
// was the office's own.
func TestRule27TheViewFollowsTheCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		trib := e.mailbox(e.trib, "tributi", "tributi@comune.pontelieto.example")
		e.arrive(e.mail, toAll(0))
		e.arrive(trib, toAll(1))
		id := e.allCases()[0].ID
		stands := func(what string, want int) {
			t.Helper()
			if n := len(e.inView(e.elena, ViewCopied)); n != want {
				t.Errorf("%s: %d", what, n)
			}
		}
		do := func(_ *Case, err error) {
			t.Helper()
			must(t, err)
		}
		stands("live", 1)
		e.seen(e.elena, id)
		stands("live and seen", 1)
		do(e.Close(t.Context(), e.giulia, id, 0, 0, "answered"))
		stands("closed", 0)
		do(e.SetStatus(t.Context(), e.giulia, id, 0, Waiting))
		stands("reopened", 1)
		do(e.Snooze(t.Context(), e.giulia, id, 0, e.manual.Now().Add(time.Hour)))
		stands("put aside", 0)
		e.manual.Advance(2 * time.Hour)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a28@posta.example", "Re: Per tutti", "Ancora.", "References: <a27@posta.example>"))
		stands("written to", 1)
		if c := e.inView(e.elena, ViewCopied)[0]; c.LastAt != e.manual.Now() || e.number("SELECT count(*) FROM case_offices WHERE listed_at = ?", c.LastAt) != 1 {
			t.Error("its place in the list is not that of the case")
		}
		give := func(office int64) {
			t.Helper()
			do(e.Change(t.Context(), Viewer{System: true}, id, 0, func(_ context.Context, _ *db.Tx, c *Case) ([]Event, error) {
				c.OfficeID = office
				return nil, nil
			}))
		}
		give(e.trib)
		stands("the office's own", 0)
		if n := len(e.inView(e.elena, ViewOffice)); n != 1 {
			t.Error("it is not among the office's own:", n)
		}
		give(e.urp)
		stands("given away again", 0)
	})
}

// What the owner has closed, put aside or merged stays in the view until somebody of the
// office that got it too opens it, and is there again when more comes to their mailbox.
func TestRule27WhatNobodyOfTheOfficeSawStays(t *testing.T) {
	ways := map[string]func(e *env, id int64) error{
		"closed": func(e *env, id int64) error {
			_, err := e.Close(e.t.Context(), e.giulia, id, 0, 0, "answered")
			return err
		},
		"put aside": func(e *env, id int64) error {
			_, err := e.Snooze(e.t.Context(), e.giulia, id, 0, e.manual.Now().Add(time.Hour))
			return err
		},
		"merged": func(e *env, id int64) error {
			e.arrive(e.mail, letter("Ada <ada@posta.example>", "d27@posta.example", "Tutt'altro", "Un lampione."))
			var into int64
			for _, c := range e.allCases() {
				if c.ID != id {
					into = c.ID
				}
			}
			_, err := e.MergeCase(e.t.Context(), e.giulia, id, into)
			return err
		},
	}
	for what, end := range ways {
		t.Run(what, func(t *testing.T) {
			eachDB(t, func(t *testing.T, e *env) {
				realMail(e)
				trib := e.mailbox(e.trib, "tributi", "tributi@comune.pontelieto.example")
				e.arrive(e.mail, toAll(0))
				e.arrive(trib, toAll(1))
				c := e.allCases()[0]
				stands := func(when string, want int) {
					t.Helper()
					if n := len(e.inView(e.elena, ViewCopied)); n != want {
						t.Errorf("%s: %d", when, n)
					}
					if came, err := e.CameToo(t.Context(), e.elena, c); err != nil || came != (want == 1) {
						t.Errorf("%s: an open page has the row: %v, %v", when, came, err)
					}
				}
				must(t, end(e, c.ID))
				stands("ended by the owner", 1)
				e.seen(e.giulia, c.ID)
				stands("read by the owner's people", 1)
				e.seen(e.elena, c.ID)
				stands("read by who got it too", 0)
				e.arrive(e.mailbox(e.trib, "tari", "tari@comune.pontelieto.example"), toAll(2))
				stands("come to a further mailbox of theirs", 1)
				e.seen(e.elena, c.ID) // within the minutes in which a reading is noted once
				stands("read again", 0)
			})
		})
	}
}

// Who reads a case into which another one was put has read that one.
func TestRule27WhoReadsTheMergedCaseHasSeenIt(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		trib := e.mailbox(e.trib, "tributi", "tributi@comune.pontelieto.example")
		e.arrive(e.mail, toAll(0))
		e.arrive(trib, toAll(1))
		id := e.allCases()[0].ID
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "d27@posta.example", "Tutt'altro", "Un lampione."))
		into := e.inView(e.giulia, ViewOffice)[0]
		if into.ID == id {
			into = e.inView(e.giulia, ViewOffice)[1]
		}
		_, err := e.MergeCase(t.Context(), e.giulia, id, into.ID)
		must(t, err)
		front := e.elena
		front.FrontDesk = true
		e.seen(front, into.ID)
		if got := e.inView(e.elena, ViewCopied); len(got) != 0 {
			t.Error("it stands there still:", len(got))
		}
	})
}

// A mailbox that the mail does not name is told of to its own office alone.
func TestRule27ABlindCopyIsToldToItsOfficeAlone(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.mail.Settings = `{"address":"urp@comune.pontelieto.example"}`
		ch, _, _ := e.chans.Channel(e.mail.ID)
		e.chans.put(e.mail, ch)
		trib := e.mailbox(e.trib, "tributi", "tributi@comune.pontelieto.example")
		l := letter("Ada <ada@posta.example>", "b27@posta.example", "Reclamo", "Sul vostro sportello.")
		e.arrive(e.mail, l)
		e.arrive(trib, "Received: by mx\r\n"+l)
		c := e.allCases()[0]
		if got := e.inView(e.elena, ViewCopied); len(got) != 1 {
			t.Error("the office that got it does not find it")
		}
		for _, x := range []struct {
			v    Viewer
			want int
		}{{e.giulia, 0}, {e.elena, 1}} {
			cv := e.seen(x.v, c.ID)
			if n := len(cv.Entries[0].Message.Also); n != x.want {
				t.Errorf("%s is told of %d mailboxes", x.v.Name, n)
			}
			if n := cv.told(eventCopiedBlind) + cv.told(eventCopied); n != x.want {
				t.Errorf("%s is told %d events", x.v.Name, n)
			}
		}
	})
}

// An office whose cases are for its members alone shares none by a copy, in whichever
// order the mails come: each side has a case of its own, and nothing tells of the other.
func TestRule27AReservedOfficeSharesNothing(t *testing.T) {
	for _, first := range []string{"reserved", "open"} {
		t.Run(first, func(t *testing.T) {
			eachDB(t, func(t *testing.T, e *env) {
				realMail(e)
				social := e.office("sociali", true)
				boxes := []Account{e.mailbox(social.Offices[0], "sociali", "sociali@comune.pontelieto.example"), e.mail}
				if first == "open" {
					boxes[0], boxes[1] = boxes[1], boxes[0]
				}
				trib := e.mailbox(e.trib, "tributi", "tributi@comune.pontelieto.example")
				e.arrive(boxes[0], toAll(0))
				e.arrive(boxes[1], toAll(1))
				e.arrive(trib, toAll(2))
				e.arrive(boxes[0], toAll(3)) // each once more, with other bytes
				e.arrive(boxes[1], toAll(4))
				e.arrive(trib, toAll(5))
				all := e.allCases()
				if len(all) != 2 || e.number("SELECT count(*) FROM messages") != 2 || e.number("SELECT count(*) FROM copies") != 6 {
					t.Fatalf("one case for each side: %d, %d messages", len(all), e.number("SELECT count(*) FROM messages"))
				}
				own, other := all[0], all[1]
				if own.OfficeID != social.Offices[0] {
					own, other = other, own
				}
				for _, v := range []Viewer{e.giulia, e.elena} {
					if _, err := e.CaseByID(t.Context(), v, own.ID); err == nil {
						t.Error(v.Name, "sees the reserved case")
					}
					cv := e.seen(v, other.ID)
					for _, a := range cv.Entries[0].Message.Also {
						if a.OfficeID == social.Offices[0] {
							t.Error(v.Name, "is told of the reserved mailbox")
						}
					}
					if hasNote(cv.Entries[0].Message, SameIDNote) {
						t.Error("the same text is not another one")
					}
				}
				if _, err := e.CaseByID(t.Context(), social, other.ID); err == nil {
					t.Error("the reserved office got a hand in the other case")
				}
				if n := len(e.inView(e.elena, ViewCopied)); n != 1 {
					t.Error("the other offices share theirs as ever:", n)
				}
				if n := len(e.inView(social, ViewCopied)); n != 0 {
					t.Error("the reserved office has its own:", n)
				}
			})
		})
	}
}

// A mail that comes twice to one mailbox, or to two of one office, is no other office's,
// whatever office the router gave it to.
func TestRule27ARoutedMailIsNotShared(t *testing.T) {
	for _, reserved := range []bool{false, true} {
		eachDB(t, func(t *testing.T, e *env) {
			realMail(e)
			other := e.office("altro", reserved)
			e.route.decide = func(Facts) Decision { return Decision{Office: other.Offices[0]} }
			e.arrive(e.mail, toAll(0), toAll(1))
			e.arrive(e.mailbox(e.urp, "info", "info@comune.pontelieto.example"), toAll(2))
			if n := e.number("SELECT count(*) FROM cases"); n != 1 {
				t.Errorf("%d cases", n)
			}
			if n := e.number("SELECT count(*) FROM case_offices"); n != 0 {
				t.Errorf("%d offices got a hand", n)
			}
		})
	}
}

// However a case changes while the copy comes, it stands in the view until it is seen.
func TestRule27ACopyThatComesWhileTheCaseIsClosed(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		trib := e.mailbox(e.trib, "tributi", "tributi@comune.pontelieto.example")
		for i := range 12 {
			l := letter("Ada <ada@posta.example>", fmt.Sprintf("r%d@posta.example", i), "Per tutti", "A tutti.")
			e.arrive(e.mail, l)
			c := e.inView(e.giulia, ViewOffice)[0]
			uid++
			err := e.Accept(t.Context(), trib.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{{
				DedupKey: fmt.Sprintf("INBOX/1/%d", uid), ContentType: mail.TypeMessage, Body: []byte("Received: by mx\r\n" + l), ReceivedAt: e.manual.Now(), Meta: map[string]string{"uid": fmt.Sprint(uid)},
			}}})
			must(t, err)
			err = together.Do(
				func() error { _, err := e.Ingest(t.Context(), trib.ID); return err },
				func() error { _, err := e.Close(t.Context(), e.giulia, c.ID, 0, 0, "answered"); return err },
			)
			must(t, err)
		}
		if n := e.number("SELECT count(*) FROM case_offices WHERE copied_at <> 0"); n != 12 {
			t.Errorf("%d of 12 copies let the office see", n)
		}
		got := e.inView(e.elena, ViewCopied)
		if len(got) != 12 {
			t.Errorf("%d of 12 that nobody of the office saw stand in the view", len(got))
		}
		for _, c := range got {
			_, err := e.SetStatus(t.Context(), e.giulia, c.ID, 0, Waiting)
			must(t, err)
			err = together.Do(
				func() error { _, err := e.ViewCase(t.Context(), e.elena, c.ID); return err },
				func() error { _, err := e.Close(t.Context(), e.giulia, c.ID, 0, 0, "answered"); return err },
			)
			must(t, err)
		}
		if got := e.inView(e.elena, ViewCopied); len(got) != 0 {
			t.Errorf("%d seen and closed cases stand in the view", len(got))
		}
	})
}
