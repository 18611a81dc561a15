package app

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels/telegram/standin"
	"filodiretto/inbox"
	"filodiretto/queue"
)

// room is a town with a town hall that is open round the clock, with two services.
type chatRoom struct {
	*town
	site         *queue.Site
	cards, certs int64
	counter      int64
	anna         inbox.Viewer
	lucia        standin.User
}

func newChatRoom(w *town) *chatRoom {
	w.t.Helper()
	ctx, all := w.t.Context(), inbox.Viewer{System: true}
	c := &chatRoom{town: w, lucia: standin.User{ID: 5550001234, First: "Lucia", Last: "Ferrante", Username: "lucia_f", Lang: "it"}}
	office := w.urp.Offices[0]
	var err error
	c.site, err = w.Queue.SaveSite(ctx, all, queue.SiteEdit{Key: "municipio", Name: "Municipio", Address: "piazza Roma 1"})
	week := map[int]queue.Ranges{}
	for d := 1; d <= 7; d++ {
		week[d] = queue.Ranges{{From: 0, To: 24 * 60}}
	}
	w.no(err)
	_, err = w.Queue.SaveHours(ctx, all, c.site.ID, 0, week)
	w.no(err)
	today := queue.DayOf(w.DB.Clock.Now(), w.Config.Municipality.Location)
	for i := range 2 { // also on the holidays of whoever runs the tests
		_, err = w.Queue.SaveDay(ctx, all, c.site.ID, 0, queue.SpecialDay{SiteID: c.site.ID, Day: today.Add(i), Intervals: queue.Ranges{{From: 0, To: 24 * 60}}})
		w.no(err)
	}
	g, err := w.Queue.SaveGroup(ctx, all, queue.Group{SiteID: c.site.ID, Key: "anagrafe", Names: queue.Names{"it": "Anagrafe"}, Series: "A"})
	w.no(err)
	service := func(key, name string) int64 {
		id, err := w.Queue.SaveService(ctx, all, queue.Service{SiteID: c.site.ID, GroupID: g, Key: key, Names: queue.Names{"it": name}, OfficeID: office, Minutes: 10, Kiosk: true, Remote: true})
		w.no(err)
		return id
	}
	c.cards, c.certs = service("cie", "Carta d'identità"), service("certificati", "Certificati")
	_, err = w.Queue.SaveErrand(ctx, all, c.site.ID, queue.Errand{
		ServiceID: c.cards, Key: "cie-rilascio", Names: queue.Names{"it": "Prima carta o rinnovo"}, Documents: queue.Papers{"it": {"una foto tessera", "la carta scaduta"}},
	})
	w.no(err)
	c.counter, err = w.Queue.SaveCounter(ctx, all, queue.CounterEdit{
		Counter: queue.Counter{SiteID: c.site.ID, Key: "5", Name: "Sportello 5", Kind: "desk", OfficeID: office}, Skills: []queue.Skill{{ServiceID: c.cards}, {ServiceID: c.certs}},
	})
	w.no(err)
	c.anna = inbox.Viewer{OperatorID: w.operatorID(), Name: "Anna", Offices: []int64{office}, FrontDesk: true}
	w.bot.AddUser(c.lucia)
	return c
}

func (w *town) no(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// operatorID makes an operator.
func (w *town) operatorID() int64 {
	w.t.Helper()
	id := int64(4242)
	_, err := w.DB.Write.ExecContext(w.t.Context(), "INSERT INTO operators (id, login, name, password, created_at) VALUES (4242, 'anna', 'Anna', '', 1)")
	w.no(err)
	return id
}

// shows waits until the bot's newest message to Lucia holds all words, new or edited.
func (c *chatRoom) shows(words ...string) standin.Sent {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
	defer cancel()
	last := ""
	got, err := c.bot.AwaitShown(ctx, func(s standin.Sent) bool {
		if s.ChatID != c.lucia.ID {
			return false
		}
		last = s.Text
		return !slices.ContainsFunc(words, func(x string) bool { return !strings.Contains(s.Text, x) })
	})
	if err != nil {
		c.t.Fatalf("waited for %q, it said %q: %v", words, last, err)
	}
	return got
}

// press presses the button with a label under a message.
func (c *chatRoom) press(m standin.Sent, label string) string {
	c.t.Helper()
	for _, row := range m.Buttons {
		for _, b := range row {
			if b.Text == label {
				_, err := c.bot.Press(c.lucia, m.MessageID, b.Data)
				c.no(err)
				return b.Data
			}
		}
	}
	c.t.Fatalf("no button %q under %q: %v", label, m.Text, m.Buttons)
	return ""
}

func (c *chatRoom) count(query string, args ...any) (n int) {
	c.t.Helper()
	c.no(c.DB.Read.NewRaw(query, args...).Scan(c.t.Context(), &n))
	return n
}

// taken takes a number for an identity card.
func (c *chatRoom) taken() standin.Sent {
	c.t.Helper()
	c.bot.Say(c.lucia, "/numero")
	c.press(c.shows("Per che cosa vieni?"), "Carta d'identità")
	c.press(c.shows("Di preciso"), "Prima carta o rinnovo")
	c.press(c.shows("una foto tessera", "Prima di te: nessuno"), "Prendi il numero")
	return c.shows("il tuo numero è A1", "una foto tessera")
}

// unserved waits until n cards say that nobody serves. The program looks too, and one
// of the two may have seen the room a moment earlier.
func (c *chatRoom) unserved(n int) {
	c.t.Helper()
	ctx, stop := context.WithTimeout(c.t.Context(), 20*time.Second)
	defer stop()
	for have := -1; have != n; have = c.count("SELECT count(*) FROM cards WHERE closed_at = 0 AND topic > 0 AND sign LIKE '% -1'") {
		if _, err := c.Chats.Refresh(ctx); err != nil {
			c.t.Fatalf("%d cards say that nobody serves: %v", have, err)
		}
	}
}

// TestTicketInTheChat is the whole wait in a chat: the number is taken, followed, put
// off, called and served; no case is opened, and people are still reached by words.
func TestTicketInTheChat(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		ctx := t.Context()
		c := newChatRoom(w)
		card := c.taken()
		if n := c.count("SELECT count(*) FROM cases"); n != 0 {
			t.Error(n, "cases were opened by taking a number")
		}
		ticket := c.ticketOf(1)
		if ticket.Origin != queue.OnTelegram || ticket.CitizenID == 0 || ticket.PresentAt != 0 || ticket.Procedure != "cie-rilascio" {
			t.Errorf("%+v", ticket)
		}
		code := c.code()
		w.bot.Say(c.lucia, "99"+code)
		c.shows("Il codice non è quello")
		w.bot.Say(c.lucia, code[:2]+" "+code[2:])
		here := c.shows("Ora sappiamo che sei qui")
		c.press(here, "Fai passare 3")
		passed := c.shows("passano avanti in 3")
		c.press(passed, "Sono in ritardo")
		c.press(c.shows("Di quanto sei in ritardo?"), "10 minuti")
		late := c.shows("ti aspettiamo dalle")
		if late.MessageID != passed.MessageID {
			t.Error("what is pressed changes the message that it is pressed on")
		}
		w.bot.Say(c.lucia, "Buongiorno, una domanda sulla mensa")
		w.awaitCases(1)
		w.bot.Say(c.lucia, "/coda")
		again := c.shows("A1 · Carta d'identità", "Nessuno sportello è aperto per questo servizio", "Il posto resta tuo")
		if again.MessageID == card.MessageID {
			t.Error("the number is shown where it was asked for")
		}
		_, err := w.Queue.StaffHere(ctx, c.anna, queue.Act{StepID: c.step(ticket.ID).ID})
		c.no(err)
		c.unserved(1)
		_, err = w.Queue.Open(ctx, c.anna, c.counter, 0)
		c.no(err)
		c.unserved(0)
		called, err := w.Queue.CallNext(ctx, c.anna, queue.At{CounterID: c.counter})
		c.no(err)
		c.shows("Sportello 5", "A1")
		_, err = w.Chats.Refresh(ctx)
		c.no(err)
		c.shows("Tocca a te: Sportello 5")
		act := queue.Act{StepID: called.Step.ID}
		_, err = w.Queue.Start(ctx, c.anna, act)
		c.no(err)
		_, err = w.Queue.Finish(ctx, c.anna, queue.Finish{Act: act})
		c.no(err)
		_, err = w.Chats.Refresh(ctx)
		c.no(err)
		c.shows("Visita conclusa")
		if n := c.count("SELECT count(*) FROM cards WHERE closed_at = 0 AND topic > 0"); n != 0 {
			t.Error(n, "cards are open after the visit")
		}
		story, _, err := w.Inbox.PersonStory(ctx, w.urp, ticket.CitizenID, inbox.StoryFilter{Limit: 100}, "")
		c.no(err)
		var told []string
		for _, e := range story {
			if e.Message != nil {
				told = append(told, e.Message.Kind+" "+e.Message.Text)
			}
		}
		for _, want := range []string{"command /numero", "button Prendi il numero", "button Fai passare 3", "message Buongiorno, una domanda sulla mensa"} {
			if !slices.Contains(told, want) {
				t.Errorf("the person's story lacks %q: %q", want, told)
			}
		}
	})
}

// TestPressTwice: the same press arrives twice, and a second finger presses the same
// rendering: one number, one act.
func TestPressTwice(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		c := newChatRoom(w)
		w.bot.Say(c.lucia, "Prendi un numero!")
		c.press(c.shows("Per che cosa vieni?"), "Certificati")
		offer := c.shows("Certificati", "Prima di te: nessuno")
		for range 3 {
			c.press(offer, "Prendi il numero")
		}
		w.bot.Redeliver(3)
		c.shows("il tuo numero è A1")
		now := c.barrier()
		if n := c.count("SELECT count(*) FROM tickets"); n != 1 {
			t.Fatal(n, "tickets")
		}
		c.press(now, "Fai passare 3")
		c.press(now, "Fai passare 3")
		w.bot.Redeliver(2)
		c.barrier()
		if s := c.step(c.ticketOf(1).ID); s.LetPass != 3 {
			t.Error("let pass", s.LetPass)
		}
		w.bot.Say(c.lucia, "/numero")
		c.press(c.shows("Per che cosa vieni?"), "Certificati")
		c.press(c.offer(), "Prendi il numero")
		c.shows("Hai già un numero", "A1")
		if n := c.count("SELECT count(*) FROM tickets"); n != 1 {
			t.Error(n, "tickets of one person for one service")
		}
	})
}

// offer waits until a number is offered.
func (c *chatRoom) offer() standin.Sent {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
	defer cancel()
	got, err := c.bot.AwaitShown(ctx, func(s standin.Sent) bool {
		return s.ChatID == c.lucia.ID && len(s.Buttons) > 0 && s.Buttons[0][0].Text == "Prendi il numero"
	})
	c.no(err)
	return got
}

// barrier asks for the numbers and waits for the answer: turns are answered in their
// order, so that all before it were. It gives the card of the number.
func (c *chatRoom) barrier() standin.Sent {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
	defer cancel()
	n := c.newest().N
	c.bot.Say(c.lucia, "/coda")
	mine := standin.To(c.lucia)
	got, err := c.bot.AwaitSent(ctx, n, func(s standin.Sent) bool { return mine(s) && len(s.Buttons) > 0 }) // news of the room may come between
	c.no(err)
	return got
}

func (c *chatRoom) newest() standin.Sent {
	all := c.bot.Sent(0)
	return all[len(all)-1]
}

func (c *chatRoom) ticketOf(number int) *queue.Ticket {
	c.t.Helper()
	out := new(queue.Ticket)
	c.no(c.DB.Read.NewSelect().Model(out).Where("t.number = ?", number).Scan(c.t.Context()))
	return out
}

func (c *chatRoom) step(ticket int64) *queue.Step {
	c.t.Helper()
	out := new(queue.Step)
	c.no(c.DB.Read.NewSelect().Model(out).Where("s.ticket_id = ?", ticket).OrderExpr("s.ord DESC").Limit(1).Scan(c.t.Context()))
	return out
}

// code is what the displays show.
func (c *chatRoom) code() string {
	c.t.Helper()
	d, err := c.Queue.DisplayState(c.t.Context(), c.site.ID, -1)
	c.no(err)
	return d.Code
}
