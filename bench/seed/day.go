package seed

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/mail/mailgen"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// live lives the window, hour by hour: mail comes and is filed, staff answers
// and takes notes, what is answered is delivered; and at the end of a story the
// case is brought to where it stays.
func (l *life) live(ctx context.Context) error {
	began := l.db.Clock.Now()
	for from := time.Duration(0); from < window; from += hour {
		manual(l.db).Advance(hour)
		steps := l.stepsBetween(from, from+hour)
		if err := l.arrivals(ctx, began, steps); err != nil {
			return err
		}
		if err := l.work(ctx, steps); err != nil {
			return err
		}
		if err := l.deliver(ctx); err != nil {
			return err
		}
		if err := l.endings(ctx, steps); err != nil {
			return err
		}
		if _, err := l.desk.RaiseNobodys(ctx); err != nil {
			return err
		}
	}
	_, err := l.in.Seal(ctx)
	return err
}

// arrivals takes in the mails of an hour and finds the cases of new stories.
func (l *life) arrivals(ctx context.Context, began clock.Instant, steps []due) error {
	b := channels.Batch{Stream: "INBOX", Cursor: []byte("{}")}
	first := map[string]*story{}
	for _, d := range steps {
		if d.s.steps[d.k].kind != writes {
			continue
		}
		when := at(began, d.s.steps[d.k].at)
		raw, meta := l.gen.Message(l.letter(d, when))
		if d.k == 0 {
			first[meta.MessageID] = d.s
		}
		d.s.last = meta
		l.uid++
		b.Items = append(b.Items, channels.Raw{
			DedupKey: "INBOX/1/" + strconv.Itoa(l.uid), ContentType: mail.TypeMessage, Body: raw, Size: int64(len(raw)), ReceivedAt: when,
			Meta: map[string]string{mail.MetaFolder: "INBOX", mail.MetaUIDValidity: "1", mail.MetaUID: strconv.Itoa(l.uid), mail.MetaFlags: ""},
		})
	}
	if len(b.Items) == 0 {
		return nil
	}
	if err := l.in.Accept(ctx, l.house.row.ID, b); err != nil {
		return err
	}
	for n := 1; n > 0; {
		var err error
		if n, err = l.in.Ingest(ctx, l.house.row.ID); err != nil {
			return err
		}
	}
	return l.findCases(ctx, first)
}

// letter is what the citizen writes now.
func (l *life) letter(d due, when clock.Instant) mailgen.Options {
	o := mailgen.Options{From: d.s.who, Date: when.Time(), HTML: l.chance.IntN(2) == 0}
	if l.chance.IntN(7) == 0 {
		o.PDF = 1
	}
	if l.chance.IntN(7) == 0 {
		o.JPEG = 1
	}
	if d.k > 0 {
		o.Subject, o.InReplyTo, o.References, o.Quoted = "Re: "+d.s.last.Subject, d.s.last.MessageID, d.s.last.References, d.s.last.Text
		if len(o.References) > 8 {
			o.References = o.References[len(o.References)-8:]
		}
	}
	return o
}

func (l *life) findCases(ctx context.Context, first map[string]*story) error {
	if len(first) == 0 {
		return nil
	}
	var ids []string
	for id := range first {
		ids = append(ids, id)
	}
	var rows []struct {
		ExternalID string
		CaseID     int64
	}
	err := l.db.Read.NewRaw("SELECT external_id, case_id FROM messages WHERE external_id IN (?) AND external_id <> ''", bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	if len(rows) != len(first) {
		return fmt.Errorf("%d of %d new cases were opened", len(rows), len(first))
	}
	for _, r := range rows {
		first[r.ExternalID].caseID = r.CaseID
	}
	return nil
}

// work is what staff writes in an hour.
func (l *life) work(ctx context.Context, steps []due) error {
	for _, d := range steps {
		if d.s.steps[d.k].kind == writes || d.s.caseID == 0 {
			continue
		}
		c, err := l.in.CaseByID(ctx, l.staff, d.s.caseID)
		if err != nil {
			return err
		}
		if d.s.steps[d.k].kind == notes {
			_, err = l.in.Note(ctx, l.staff, inbox.NoteCommand{CaseID: c.ID, Text: l.pick(notesOfStaff)})
		} else {
			err = l.answer(ctx, c, d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *life) answer(ctx context.Context, c *inbox.Case, d due) error {
	o, err := l.in.Options(ctx, l.staff, c.ID)
	if err != nil {
		return err
	}
	if o.Default < 0 {
		return errors.New("a case cannot be answered")
	}
	if d.s.fails && d.k == len(d.s.steps)-1 {
		l.house.mail.fails[d.s.who.Address] = true
	}
	_, err = l.in.Reply(ctx, l.staff, inbox.ReplyCommand{
		CaseID: c.ID, SeenInID: c.LastInID, AccountID: l.house.row.ID,
		To: []inbox.Recipient{{IdentityID: o.List[o.Default].Identity.ID}}, Text: l.reply(d.s), Undo: inbox.AtOnce,
	})
	return err
}

func (l *life) deliver(ctx context.Context) error {
	defer clear(l.house.mail.fails)
	for more := true; more; {
		var err error
		if more, _, err = l.in.DeliverDue(ctx, l.house.row.ID); err != nil {
			return err
		}
	}
	return nil
}

// endings brings the cases whose last message is behind them to where they stay,
// and gives some of them to somebody, a kind, and a term.
func (l *life) endings(ctx context.Context, steps []due) error {
	for _, d := range steps {
		if d.k != len(d.s.steps)-1 {
			continue
		}
		if err := l.end(ctx, d.s); err != nil {
			return err
		}
	}
	return nil
}

func (l *life) end(ctx context.Context, s *story) error {
	c, err := l.in.CaseByID(ctx, l.staff, s.caseID)
	if err != nil {
		return err
	}
	if l.chance.IntN(20) == 0 {
		if c, err = l.in.SetKind(ctx, l.staff, c.ID, c.Version, inbox.Complaint); err != nil {
			return err
		}
	}
	if c.AssigneeID == 0 && l.chance.IntN(2) == 0 {
		if c, err = l.assign(ctx, c); err != nil {
			return err
		}
	}
	switch s.end {
	case staysWaiting:
		_, err = l.in.SetStatus(ctx, l.staff, c.ID, c.Version, inbox.Waiting)
	case staysSnoozed:
		_, err = l.in.Snooze(ctx, l.staff, c.ID, c.Version, l.db.Clock.Now().Add(700*24*time.Hour))
	case staysClosed:
		_, err = l.in.Close(ctx, l.staff, c.ID, c.Version, 0, "Risolto")
	}
	return err
}

// assign gives a case to a member of its office, to the measured operator now
// and then.
func (l *life) assign(ctx context.Context, c *inbox.Case) (*inbox.Case, error) {
	dir, err := l.router.Directory(ctx)
	if err != nil {
		return nil, err
	}
	who := dir.InOffice(c.OfficeID)
	return l.in.Assign(ctx, l.staff, c.ID, c.Version, who[l.chance.IntN(len(who))].ID)
}
