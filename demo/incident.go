package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// planIncidents spreads over the months what every town hall sees now and then.
// What citizens do may happen at any hour, what staff do only in theirs; and what
// a visitor should find is there on whatever day the history ends.
func (h *history) planIncidents() {
	before := func(days float64) clock.Instant { return h.until.Add(-time.Duration(days * 24 * float64(time.Hour))) }
	citizens := func(days float64, do func(context.Context) error) {
		h.agenda.plan(min(wakingHours(h.rng, before(days)), h.until-1), do)
	}
	staff := func(days float64, do func(context.Context) error) {
		h.agenda.plan(lastOfficeHours(h.rng, before(days)), do)
	}
	for _, d := range []float64{140, 96, 61, 33, 12, 6.4, 2.6} {
		citizens(d, h.newsletter)
	}
	for _, d := range []float64{88, 1.3} {
		citizens(d, h.noSender)
	}
	for _, d := range []float64{120, 70, 25, 2.4, 0.1} {
		staff(d, h.wrongAddress)
	}
	for _, d := range []float64{100, 40, 20} {
		staff(d, h.emptyQuarantine)
	}
	for _, x := range []struct {
		days   float64
		matter string
	}{{31.5, "reclamo"}, {28.5, "suggerimento"}, {28.2, "residenza"}, {32.4, "scia"}, {27.6, "tari_rettifica"}, {11.2, "buca"}} {
		citizens(x.days, h.leftLying(x.matter))
	}
	for _, x := range []struct {
		days   float64
		matter string
	}{{6.3, "sala_civica"}, {4.1, "certificato"}, {7.2, "residenza"}, {5.5, "rateizzazione"}, {8.4, "suolo"}} {
		citizens(x.days, h.waitedFor(x.matter))
	}
	staff(48, h.wrongMerge)
	staff(0.9, h.putAside)
	staff(90, h.notTheSame)
}

// newsletter is mail that no person wrote and that belongs to no case.
func (w *world) newsletter(context.Context) error {
	w.letters++
	now := w.clock.Now().Time().In(rome)
	return w.office.deliver(urpBox, fmt.Appendf(nil, "Return-Path: <bounce@offerte.example>\r\nDate: %s\r\nFrom: Forniture Ufficio <news@offerte.example>\r\nTo: <%s>\r\n"+
		"Subject: Toner e risme: offerta di %s\r\nMessage-ID: <news-%d@offerte.example>\r\nList-Id: <news.offerte.example>\r\nPrecedence: bulk\r\n"+
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGentile cliente,\r\nsolo questa settimana risme A4 a prezzo ridotto.\r\nPer non ricevere altri messaggi usi il link in fondo.\r\n",
		now.Format(time.RFC1123Z), urpBox, months[now.Month()-1], w.letters))
}

// noSender is a mail that says nothing of who wrote it.
func (h *history) noSender(context.Context) error {
	h.letters++
	return h.office.deliver(urpBox, fmt.Appendf(nil, "Date: %s\r\nTo: <%s>\r\nSubject: Scansione\r\nMessage-ID: <scan-%d@ufficio.example>\r\n"+
		"Content-Type: text/plain; charset=utf-8\r\n\r\nDocumento inviato dalla fotocopiatrice del piano terra.\r\n",
		h.clock.Now().Time().In(rome).Format(time.RFC1123Z), urpBox, h.letters))
}

// wrongAddress is a visit at which the mail address was typed with a slip, so
// that the answer, which leaves a little later, comes back.
func (h *history) wrongAddress(ctx context.Context) error {
	rng, v := h.rng, h.staff["davide"]
	c := h.folk.all()[20+10*h.slips+rng.IntN(10)] // each time somebody else's
	h.slips++
	m := h.lib.matter("sala_civica")
	s := &story{w: h.world, c: c, m: m, t: m.on("counter")[0], channel: "counter", marks: map[string]string{"operatore": "Davide"}, box: urpBox}
	got, err := h.in.RecordVisit(ctx, v, inbox.Visit{
		AccountID: h.account(counterDesk), Key: fmt.Sprintf("demo-%x", rng.Uint64()), At: h.clock.Now(), Person: c.Name(), Phone: c.Phone,
		Email: c.Key + "@posta.exmaple", Kind: inbox.CaseKind(s.m.Kind), Text: s.say(pick(rng, s.t.Visits)) + " Vuole la risposta per e-mail.", Subject: s.say(pick(rng, s.t.Subjects)),
		OfficeID: h.accounts[counterDesk].OfficeID,
	})
	if err != nil {
		return fmt.Errorf("demo: a visit: %w", err)
	}
	s.caseID = got.ID
	h.stories[s] = true
	s.plan(s.at().Add(time.Duration(8+rng.IntN(20))*time.Minute), func(ctx context.Context) error {
		s.turns++
		o, err := h.in.Options(ctx, v, s.caseID)
		if err != nil {
			return fmt.Errorf("demo: ways to answer: %w", err)
		}
		i := slices.IndexFunc(o.List, func(x inbox.Option) bool { return x.Account.Kind == "mail" })
		if i < 0 {
			return fmt.Errorf("demo: case %d cannot be answered by mail", s.caseID)
		}
		_, err = h.in.Reply(ctx, v, inbox.ReplyCommand{
			CaseID: s.caseID, SeenInID: o.SeenInID, SeenID: o.SeenID, AccountID: o.List[i].Account.ID, Subject: o.Subject,
			To:   []inbox.Recipient{{IdentityID: o.List[i].Identity.ID, Confirmed: true}},
			Text: "Buongiorno " + c.Name() + ",\n\n" + s.say(pick(rng, s.t.Answers)) + "\n\nCordiali saluti\n" + v.Name,
		})
		if err != nil {
			return fmt.Errorf("demo: an answer: %w", err)
		}
		return nil
	})
	return nil
}

// emptyQuarantine is somebody who looks through it.
func (h *history) emptyQuarantine(ctx context.Context) error {
	v := h.staff["giulia"]
	list, err := h.in.QuarantineList(ctx, v, 0, 50)
	if err != nil {
		return fmt.Errorf("demo: quarantine: %w", err)
	}
	for _, q := range list {
		if err := h.in.Reject(ctx, v, q.ID, "Pubblicità, nessuna richiesta."); err != nil && !expected(err) {
			return fmt.Errorf("demo: quarantine: %w", err)
		}
	}
	return nil
}

// tidy is the weekly look at the proposals: some are plainly one person.
func (h *history) tidy(ctx context.Context) error {
	open, err := h.openProposals(ctx, 14*24*time.Hour)
	if err != nil {
		return err
	}
	v := h.staff["sara"]
	for i, id := range open {
		if i%6 == 5 { // the rest waits for who tries the demo
			continue
		}
		if _, err := h.in.AcceptProposal(ctx, v, id); err != nil && !expected(err) {
			return fmt.Errorf("demo: a proposal: %w", err)
		}
	}
	return nil
}

// openProposals are those not older than given, the oldest first; not those
// whose two people have become one by another way.
func (w *world) openProposals(ctx context.Context, age time.Duration) ([]int64, error) {
	var ids []int64
	err := w.db.Read.NewRaw(`SELECT p.id FROM proposals AS p JOIN citizens AS a ON a.id = p.a_id JOIN citizens AS b ON b.id = p.b_id
		WHERE p.state = 'open' AND p.created_at > ? AND a.root_id <> b.root_id ORDER BY p.created_at, p.id LIMIT 40`, w.clock.Now().Add(-age)).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("demo: proposals: %w", err)
	}
	return ids, nil
}

// wrongMerge joins two people who share a telephone and takes it back an hour
// later: mother and daughter, who came one after the other.
func (h *history) wrongMerge(ctx context.Context) error {
	var people []int64
	for i, person := range []string{"Ornella Zanetti", "Emma Zanetti"} {
		got, err := h.in.RecordVisit(ctx, h.staff["nadia"], inbox.Visit{
			AccountID: h.account(counterDesk), Key: fmt.Sprintf("demo-%x", h.rng.Uint64()), At: h.clock.Now(), Person: person, Phone: "0376 555 148",
			Kind: inbox.Information, Subject: "Carta d’identità elettronica", Closed: true, Outcome: "answered",
			Text: []string{"Chiede che cosa serve per rinnovare la carta.", "Chiede l’orario per la carta d’identità: passa domani, dopo la madre."}[i],
		})
		if err != nil {
			return fmt.Errorf("demo: a visit: %w", err)
		}
		people = append(people, got.CitizenID)
	}
	var proposal int64
	err := h.db.Read.NewRaw("SELECT id FROM proposals WHERE state = 'open' AND a_id = ? AND b_id = ?", min(people[0], people[1]), max(people[0], people[1])).Scan(ctx, &proposal)
	if err != nil {
		return fmt.Errorf("demo: the same telephone proposes nobody: %w", err)
	}
	m, err := h.in.AcceptProposal(ctx, h.staff["davide"], proposal)
	if err != nil {
		return fmt.Errorf("demo: a merge: %w", err)
	}
	h.agenda.plan(h.clock.Now().Add(50*time.Minute), func(ctx context.Context) error {
		if err := h.in.UndoMerge(ctx, h.staff["paolo"], m.ID); err != nil {
			return fmt.Errorf("demo: undo a merge: %w", err)
		}
		if err := h.in.NotSame(ctx, h.staff["paolo"], people[0], people[1]); err != nil {
			return fmt.Errorf("demo: not the same: %w", err)
		}
		return nil
	})
	return nil
}

// notTheSame refuses a proposal for good.
func (h *history) notTheSame(ctx context.Context) error {
	open, err := h.openProposals(ctx, span)
	if err != nil || len(open) == 0 {
		return err
	}
	if err := h.in.RefuseProposal(ctx, h.staff["giulia"], open[0]); err != nil && !expected(err) {
		return fmt.Errorf("demo: a proposal: %w", err)
	}
	return nil
}

// leftLying is a matter that nobody has come to, until its term is near or past.
func (h *history) leftLying(key string) func(context.Context) error {
	return func(ctx context.Context) error {
		c := h.someone("mail")
		if c == nil {
			return nil
		}
		s, err := h.begin(ctx, c, h.lib.matter(key), "mail")
		if err != nil {
			return err
		}
		s.plan(h.pace.later(h.rng, s.at().Add(12*24*time.Hour)), s.chase)
		return nil
	}
}

// waitedFor is a matter in which staff asked something and the citizen says
// nothing.
func (h *history) waitedFor(key string) func(context.Context) error {
	return func(ctx context.Context) error {
		c := h.someone("mail")
		if c == nil {
			return nil
		}
		s, err := h.begin(ctx, c, h.lib.matter(key), "mail")
		if err != nil {
			return err
		}
		s.echoes = 3 // has no more to say
		s.plan(officeHours(h.rng, s.at().Add(90*time.Minute)), func(ctx context.Context) error {
			k, err := s.colleague(ctx)
			if err != nil || k == nil {
				return err
			}
			text := "per andare avanti ci serve la copia firmata della domanda, anche in foto. Ce la può mandare in risposta a questo messaggio?"
			if len(s.t.Questions) > 0 {
				text = pick(h.rng, s.t.Questions)
			}
			_, err = k.reply(ctx, text, true)
			return err
		})
		return nil
	}
}

// clearUp is the monthly look at what was left open for no reason: a "thank you"
// that came as a case of its own, a request that was dealt with by voice.
func (h *history) clearUp(ctx context.Context) error {
	var ids []int64
	err := h.db.Read.NewRaw("SELECT id FROM cases WHERE status = 'open' AND last_at < ? ORDER BY id LIMIT 20", h.clock.Now().Add(-36*24*time.Hour)).Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("demo: what was left open: %w", err)
	}
	for _, id := range ids {
		k, err := (&story{w: h.world, caseID: id, marks: map[string]string{}}).colleague(ctx)
		if err != nil {
			return err
		}
		if k == nil {
			continue
		}
		if _, err := h.in.Close(ctx, k.v, id, 0, 0, "Nessun'altra azione necessaria"); err != nil && !expected(err) {
			return fmt.Errorf("demo: close a case: %w", err)
		}
	}
	return nil
}

// telephone deals with the answers that did not arrive: somebody calls, writes
// it down, and takes the mark away. Those of the last days still wait for it.
func (h *history) telephone(ctx context.Context) error {
	var ids []int64
	err := h.db.Read.NewRaw("SELECT id FROM cases WHERE failed AND last_at < ? ORDER BY id LIMIT 20", h.clock.Now().Add(-3*24*time.Hour)).Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("demo: failed deliveries: %w", err)
	}
	for _, id := range ids {
		k, err := (&story{w: h.world, caseID: id, marks: map[string]string{}}).colleague(ctx)
		if err != nil {
			return err
		}
		if k == nil {
			continue
		}
		if _, err := h.in.Note(ctx, k.v, inbox.NoteCommand{CaseID: id, Text: "La risposta non è arrivata: letta al telefono. Indirizzo da correggere alla prossima visita."}); err != nil && !expected(err) {
			return fmt.Errorf("demo: a note: %w", err)
		}
		if _, err := h.in.DealWithFailure(ctx, k.v, id); err != nil && !expected(err) {
			return fmt.Errorf("demo: deal with a failure: %w", err)
		}
	}
	return nil
}

// putAside is what people leave for the next days.
func (h *history) putAside(ctx context.Context) error {
	var ids []int64
	err := h.db.Read.NewRaw("SELECT id FROM cases WHERE status = 'open' AND assignee_id > 0 ORDER BY last_at DESC LIMIT 4").Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("demo: put cases aside: %w", err)
	}
	for i, id := range ids {
		until := officeHours(h.rng, h.clock.Now().Add(time.Duration(2+2*i)*24*time.Hour))
		if _, err := h.in.Snooze(ctx, inbox.Viewer{System: true}, id, 0, until); err != nil && !expected(err) {
			return fmt.Errorf("demo: put cases aside: %w", err)
		}
	}
	return nil
}
