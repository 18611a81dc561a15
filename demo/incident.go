package demo

import (
	"context"
	"fmt"
	"time"

	"filodiretto/inbox"
)

// planIncidents spreads over the months what every town hall sees now and then.
func (h *history) planIncidents() {
	ago := func(days float64) func(func(context.Context) error) {
		at := wakingHours(h.rng, h.until.Add(-time.Duration(days*24*float64(time.Hour))))
		return func(do func(context.Context) error) { h.agenda.plan(min(at, h.until-1), do) }
	}
	for _, d := range []float64{140, 96, 61, 33, 12, 6.4, 2.6} {
		ago(d)(h.newsletter)
	}
	for _, d := range []float64{88, 1.3} {
		ago(d)(h.noSender)
	}
	for _, d := range []float64{120, 70, 25, 2.4, 1.1} {
		ago(d)(h.wrongAddress)
	}
	for _, d := range []float64{100, 40, 20} {
		ago(d)(h.emptyQuarantine)
	}
	for _, x := range []struct {
		days   float64
		matter string
	}{{31.5, "reclamo"}, {28.5, "suggerimento"}, {28.2, "residenza"}, {32.4, "scia"}, {27.6, "tari_rettifica"}, {11.2, "buca"}} {
		ago(x.days)(h.leftLying(x.matter))
	}
	for _, x := range []struct {
		days   float64
		matter string
	}{{6.3, "sala_civica"}, {4.1, "certificato"}, {3.2, "residenza"}, {5.5, "rateizzazione"}, {8.4, "suolo"}} {
		ago(x.days)(h.waitedFor(x.matter))
	}
	ago(48)(h.wrongMerge)
	ago(0.9)(h.putAside)
	ago(90)(h.notTheSame)
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
// that the answer comes back.
func (h *history) wrongAddress(ctx context.Context) error {
	rng := h.rng
	c := h.folk.all()[20+rng.IntN(60)]
	m := h.lib.matter("sala_civica")
	s := &story{w: h.world, c: c, m: m, t: m.on("counter")[0], channel: "counter", marks: map[string]string{}, box: urpBox}
	got, err := h.in.RecordVisit(ctx, h.staff["davide"], inbox.Visit{
		AccountID: h.account(counterDesk), Key: fmt.Sprintf("demo-%x", rng.Uint64()), At: h.clock.Now(), Person: c.Name(), Phone: c.Phone,
		Email: c.Key + "@posta.exmaple", Kind: inbox.CaseKind(s.m.Kind), Text: s.say(pick(rng, s.t.Visits)) + " Vuole la risposta per e-mail.", Subject: s.say(pick(rng, s.t.Subjects)),
	})
	if err != nil {
		return fmt.Errorf("demo: a visit: %w", err)
	}
	s.caseID = got.ID
	h.stories[s] = true
	s.plan(s.at().Add(40*time.Minute), s.look)
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

// wrongMerge joins two people and takes it back an hour later: the daughter had
// written from her mother's telephone.
func (h *history) wrongMerge(ctx context.Context) error {
	open, err := h.openProposals(ctx, span)
	if err != nil {
		return err
	}
	if len(open) == 0 { // nobody to mistake today
		h.agenda.plan(h.clock.Now().Add(24*time.Hour), h.wrongMerge)
		return nil
	}
	m, err := h.in.AcceptProposal(ctx, h.staff["davide"], open[0])
	if expected(err) {
		h.agenda.plan(h.clock.Now().Add(24*time.Hour), h.wrongMerge)
		return nil
	}
	if err != nil {
		return fmt.Errorf("demo: a merge: %w", err)
	}
	h.agenda.plan(h.clock.Now().Add(50*time.Minute), func(ctx context.Context) error {
		if err := h.in.UndoMerge(ctx, h.staff["paolo"], m.ID); err != nil && !expected(err) {
			return fmt.Errorf("demo: undo a merge: %w", err)
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
