package inbox

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

func TestReplyByMail(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		if _, err := e.SaveDraft(t.Context(), e.giulia, Draft{CaseID: k.c.ID, Kind: ReplyDraft, Body: "Buongiorno"}); err != nil {
			t.Fatal(err)
		}
		cmd := k.reply("Domani mandiamo la squadra.")
		cmd.Waiting, cmd.Undo = true, 0
		r := e.mustReply(cmd)
		if want := e.manual.Now().Add(10 * time.Second); r.UndoUntil != want || r.Deliveries[0].NextAt != want {
			t.Fatal("the undo time is the first instant of the delivery", r.UndoUntil, r.Deliveries[0].NextAt)
		}
		c := e.theCase(k.c.ID)
		if c.Status != Waiting || c.AssigneeID != e.giulia.OperatorID || c.Unread || c.LastMessageID != r.Message.ID || c.LastInID != k.m.ID || c.Version != k.c.Version+1 {
			t.Fatalf("case after the answer: %+v", c)
		}
		if d, err := e.Draft(t.Context(), e.giulia, k.c.ID, ReplyDraft); err != nil || d.Version != 0 || d.Body != "" {
			t.Fatal("the draft goes with the answer", d, err)
		}
		if got := e.happened(k.c.ID); !slices.Equal(got, []string{"message.sent", "case.assigned", "case.status"}) {
			t.Fatal(got)
		}
		if next := e.deliver(e.mail); next != r.UndoUntil || len(s.arrived()) != 0 {
			t.Fatal("nothing leaves within the undo time", next, s.arrived())
		}
		e.manual.Advance(10 * time.Second)
		if next := e.deliver(e.mail); next != 0 {
			t.Fatal("nothing is left", next)
		}
		checkMail(t, e, k, r, s)
		if d := e.delivery(r.Deliveries[0].ID); d.State != Accepted || d.Code != "250 2.0.0" || d.Attempts != 1 || d.Holder != "" {
			t.Fatalf("%+v", d)
		}
		if got := e.states(r.Deliveries[0].ID); !slices.Equal(got, []State{Accepted}) {
			t.Fatal(got)
		}
	})
}

func checkMail(t *testing.T, e *env, k contact, r *Reply, s *fakeSender) {
	t.Helper()
	got := s.arrived()
	if len(got) != 1 {
		t.Fatal(got)
	}
	o := got[0]
	token := e.sign.SubjectToken(k.c.Year, k.c.Number)
	if o.Subject != "Re: Buca in via Garibaldi ["+token+"]" {
		t.Error("the subject follows the message answered:", o.Subject)
	}
	if n, ok := e.sign.ParseMessageID(o.ExternalID); !ok || n != r.Message.ID {
		t.Error("the Message-ID is ours and fixed:", o.ExternalID)
	}
	if id, ok := e.sign.ParseReplyDetail(o.ReplyToken); !ok || id != k.c.ID {
		t.Error("the reply address names the case:", o.ReplyToken)
	}
	if o.AnswerTo != k.m.ExternalID || !slices.Equal(o.References, []string{k.m.ExternalID}) {
		t.Error("references:", o.AnswerTo, o.References)
	}
	if o.To.Value != "lucia@example.org" || len(o.ToAll) != 1 || len(o.CcAll) != 0 || o.FromName != "Comune di Pontelieto - URP" || o.Automatic {
		t.Errorf("%+v", o)
	}
	if !strings.HasPrefix(o.Text, "Domani mandiamo la squadra.\n\n") || !strings.Contains(o.Text, k.c.Ref()) || !strings.Contains(o.HTML, "<p>Domani mandiamo la squadra.</p>") {
		t.Error(o.Text, o.HTML)
	}
	if r.Message.Written() != "Domani mandiamo la squadra." {
		t.Error("the operator's own words:", r.Message.Written())
	}
}

func TestReplyReferencesGrow(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		first := e.mustReply(k.reply("uno"))
		e.manual.Advance(time.Minute)
		e.again(&k, e.mail, "due")
		e.manual.Advance(time.Minute)
		e.mustReply(k.reply("due"))
		e.deliver(e.mail)
		o := s.arrived()[1]
		want := []string{"lucia@example.org.una@example.org", first.Message.ExternalID, "lucia@example.org.due@example.org"}
		if !slices.Equal(o.References, want) || o.AnswerTo != want[2] {
			t.Fatal(o.References, o.AnswerTo)
		}
		if strings.Contains(o.Text, "sent") {
			t.Fatal(o.Text)
		}
	})
}

func TestReferencesAreBounded(t *testing.T) {
	var mails []mailRef
	for i := range 100 {
		mails = append(mails, mailRef{ID: int64(i + 1), ExternalID: "m" + string(rune('A'+i%26)) + string(rune('a'+i/26)), At: clock.Instant(i + 1)})
	}
	refs := references(mails, &Message{ID: 90, At: 90}, mails[88].ExternalID)
	if len(refs) != mostReferences || refs[0] != mails[0].ExternalID || refs[len(refs)-1] != mails[88].ExternalID {
		t.Fatal(refs)
	}
	if slices.Contains(refs, mails[89].ExternalID) || slices.Contains(refs, mails[95].ExternalID) {
		t.Fatal("neither itself nor what came after it", refs)
	}
}

func TestReplyByTelegram(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.tg)
		s.answer = func(*channels.Outgoing, int) (bool, channels.Receipt, error) {
			return true, channels.Receipt{ExternalIDs: []string{"501:7", "501:8"}, Delivered: true, Notes: []string{"split:2"}}, nil
		}
		k := e.writes(e.tg, "501", "una")
		r := e.mustReply(k.reply("Ciao"))
		e.deliver(e.tg)
		o := s.arrived()[0]
		if o.ThreadKey != "501" || o.Subject != "" || o.HTML != "" || o.ReplyToken != "" || o.AnswerTo != "501:una" || !strings.Contains(o.Text, "/p/case?") {
			t.Fatalf("%+v", o)
		}
		d := e.delivery(r.Deliveries[0].ID)
		m, err := e.Message(t.Context(), e.giulia, r.Message.ID)
		if err != nil || d.State != Delivered || d.ProviderIDs != "501:7 501:8" || m.ExternalID != "501:7" {
			t.Fatalf("%v %+v %+v", err, d, m)
		}
		e.mustReply(k.reply("Ancora"))
		e.deliver(e.tg)
		if o := s.arrived()[1]; o.Text != "Ancora" {
			t.Fatal("in a chat only the first answer has closing lines:", o.Text)
		}
	})
}

func TestReplyStopsOnNewerMessage(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		cmd := k.reply("Rispondo alla prima")
		e.manual.Advance(time.Minute)
		e.again(&k, e.mail, "due")
		_, err := e.Reply(t.Context(), e.giulia, cmd)
		var newer *NewerError
		if !errors.As(err, &newer) || !errors.Is(err, ErrChanged) || len(newer.Messages) != 1 || newer.Messages[0].ID != k.m.ID {
			t.Fatal("a newer message stops the answer and is shown", err)
		}
		if n := e.count(t, "deliveries"); n != 0 {
			t.Fatal("nothing was queued", n)
		}
		cmd.Override = true
		if r := e.mustReply(cmd); r.Message.AnswersID != k.m.ID {
			t.Fatal("who sends all the same answers the newest")
		}
	})
}

// Two operators answer at the same time: the second is stopped before sending
// (inbox.md section 8, test 9).
func TestSecondOperatorIsStopped(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		marco := e.giulia
		marco.OperatorID++
		cmd := k.reply("Risposta")
		cmd.SeenID = k.c.LastMessageID
		done := make(chan error, 2)
		for _, v := range []Viewer{e.giulia, marco} {
			go func() {
				_, err := e.Reply(t.Context(), v, cmd)
				done <- err
			}()
		}
		a, b := <-done, <-done
		if (a == nil) == (b == nil) {
			t.Fatal("one answer goes out and one is stopped:", a, b)
		}
		var newer *NewerError
		if err := errors.Join(a, b); !errors.As(err, &newer) || newer.Messages[0].Direction != Out {
			t.Fatal(err)
		}
		if n := e.count(t, "deliveries"); n != 1 {
			t.Fatal(n)
		}
	})
}

func TestReplyChecks(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		e.sender(e.tg)
		k := e.writes(e.mail, "lucia@example.org", "una")
		other := e.writes(e.tg, "777", "x")
		for _, c := range []struct {
			name, field, code string
			change            func(*ReplyCommand)
		}{
			{"no text", "text", "empty", func(c *ReplyCommand) { c.Text = " \n" }},
			{"long text", "text", "too_long", func(c *ReplyCommand) { c.Text = strings.Repeat("è", mostText+1) }},
			{"long subject", "subject", "too_long", func(c *ReplyCommand) { c.Subject = strings.Repeat("è", mostSubject+1) }},
			{"nobody", "to", "missing", func(c *ReplyCommand) { c.To = nil }},
			{"no account", "account", "missing", func(c *ReplyCommand) { c.AccountID = 0 }},
			{"unknown account", "account", "account_off", func(c *ReplyCommand) { c.AccountID = 99 }},
			{"a counter sends nothing", "account", "account_off", func(c *ReplyCommand) { c.AccountID = e.counter.ID }},
			{"another channel's identity", "to.0.identity", "other_channel", func(c *ReplyCommand) { c.To[0].IdentityID = other.id.ID }},
			{"bad address", "cc.0.address", "bad_address", func(c *ReplyCommand) { c.Cc = []Recipient{{Address: "x@@y"}} }},
			{"named twice", "cc.0.address", "twice", func(c *ReplyCommand) { c.Cc = []Recipient{{Address: "LUCIA@example.org"}} }},
			{"too many", "to", "too_many", func(c *ReplyCommand) { c.Cc = make([]Recipient, mostRecipients) }},
			{"unknown file", "files", "unknown", func(c *ReplyCommand) { c.Files = []FileRef{{SHA256: strings.Repeat("0", 64), Name: "a"}} }},
			{"no file name", "files", "unknown", func(c *ReplyCommand) { c.Files = []FileRef{{SHA256: "../../etc/passwd"}} }},
			{"a message of nobody", "seen_in", "unknown", func(c *ReplyCommand) { c.SeenInID = other.m.ID }},
		} {
			cmd := k.reply("testo")
			cmd.To = slices.Clone(cmd.To)
			c.change(&cmd)
			if c.name == "a counter sends nothing" {
				e.chans.put(e.counter, nil)
			}
			_, err := e.Reply(t.Context(), e.giulia, cmd)
			if c.name == "a message of nobody" {
				if !errors.Is(err, ErrChanged) {
					t.Fatal(c.name, err)
				}
				continue
			}
			t.Log(c.name)
			if c.name == "a counter sends nothing" {
				c.code = "cannot_send"
			}
			wantCode(t, err, c.field, c.code)
		}
		if n := e.count(t, "messages"); n != 2 {
			t.Fatal("no refused answer leaves a row", n)
		}
		if _, err := e.Reply(t.Context(), e.elena, k.reply("x")); !errors.Is(err, ErrNotFound) {
			t.Fatal("another office's case is not there", err)
		}
		if _, err := e.Reply(t.Context(), Viewer{}, k.reply("x")); !errors.Is(err, ErrForbidden) {
			t.Fatal(err)
		}
	})
}

func TestReplyTextIsCleaned(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "{{.Secret}} \u202e")
		cmd := k.reply("riga\r\nuna\x00 {{x}} {case_number}\xff")
		cmd.Subject = "Oggetto\r\nBcc: tutti@example.org"
		e.mustReply(cmd)
		e.deliver(e.mail)
		o := s.arrived()[0]
		if !strings.HasPrefix(o.Text, "riga\nuna {{x}} {case_number}\uFFFD\n") || strings.ContainsAny(o.Subject, "\r\n") {
			t.Fatalf("%q %q", o.Text, o.Subject)
		}
	})
}
