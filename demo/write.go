package demo

import (
	"context"
	"fmt"
	"strings"

	"filodiretto/inbox"
)

// write sends a mail of the citizen. first says that it opens the matter and
// may carry files.
func (s *story) write(ctx context.Context, text string, first bool) error {
	w := s.w
	body := s.say(text)
	w.letters++
	address := s.c.Mail[0]
	if s.marks["indirizzo"] == "" {
		s.marks["indirizzo"] = address
		if len(s.c.Mail) > 1 && chance(w.rng, 30) { // sometimes from the other address
			s.marks["indirizzo"] = s.c.Mail[1]
		}
	}
	address = s.marks["indirizzo"]
	l := &letter{
		From: address, Name: s.c.Name(), To: s.box, Subject: s.subject, Text: s.dress(body, first), HTML: chance(w.rng, 50),
		ID: fmt.Sprintf("%x.%d@%s", w.rng.Uint64(), w.letters, address[strings.LastIndexByte(address, '@')+1:]), At: w.clock.Now(),
	}
	if !first {
		s.answering(l)
	}
	if first && s.m != nil {
		l.Files = s.files()
	}
	s.lastID = l.ID
	s.refs = append(s.refs, l.ID)
	return w.post(ctx, s.c, l)
}

// answering makes a letter an answer to the last one that the town wrote.
func (s *story) answering(l *letter) {
	last, ok := s.w.diary.lastFromTown(s.c.Key)
	if !ok {
		return
	}
	l.InReplyTo, l.References = last.ID, last.References
	if last.Box != "" {
		l.To = last.Box
	}
	l.Subject = "Re: " + strings.TrimPrefix(last.Subject, "Re: ")
	quote := strings.Split(last.Text, "\n")
	if len(quote) > 14 {
		quote = quote[:14]
	}
	l.Text += "\n\nIl " + italianDate(last.At.Time().In(rome)) + ", " + last.From + " ha scritto:\n> " + strings.Join(quote, "\n> ") + "\n"
}

// post gives a letter to the post office and notes it in the citizen's diary.
func (w *world) post(_ context.Context, c *citizen, l *letter) error {
	if !l.Automatic {
		p := page{Citizen: c.Key, Channel: "mail", Mine: true, At: l.At, ID: l.ID, From: l.From, To: l.To, Subject: l.Subject, Text: l.Text}
		for _, f := range l.Files {
			p.Files = append(p.Files, f.Name)
		}
		w.diary.add(p)
	}
	return w.office.deliver(l.To, l.write())
}

// dress puts greeting and signature around a text, as this citizen does.
func (s *story) dress(body string, first bool) string {
	c, rng := s.c, s.w.rng
	sign := c.Name()
	if first && s.m != nil && s.m.Personal && !strings.Contains(body, c.Phone) && chance(rng, 45) {
		sign += "\ntel. " + c.Phone
	}
	if first && s.m != nil && s.m.Personal && !strings.Contains(body, c.CF) && chance(rng, 15) {
		sign += "\nC.F. " + c.CF
	}
	switch c.Manner {
	case "formal":
		return "Spett.le Comune di Pontelieto,\n\n" + body + "\n\nDistinti saluti\n\n" + sign + "\n" + c.Street + "\n"
	case "old":
		return "Gentili signori,\n\n" + body + "\n\nResto in attesa e porgo i migliori saluti.\n" + sign + "\n" + c.Street + ", Pontelieto\n"
	case "hurried":
		return hurried(body) + "\n\ngrazie\n" + sign + "\n"
	}
	return pick(rng, []string{"Buongiorno", "Buonasera", "Salve", "Buongiorno"}) + ",\n" + body + "\n\n" +
		pick(rng, []string{"Grazie", "Grazie e buona giornata", "Cordiali saluti", "Un saluto"}) + "\n" + sign + "\n"
}

// files are what is enclosed in a first letter.
func (s *story) files() []enclosure {
	rng := s.w.rng
	var out []enclosure
	if (s.m.Photo || s.t.Photo) && chance(rng, 55) {
		for range 1 + rng.IntN(2) {
			out = append(out, enclosure{fmt.Sprintf("IMG_%04d.jpg", rng.IntN(10000)), "image/jpeg", picture(rng, s.m.Office == "ambiente")})
		}
	}
	if (s.m.PDF || s.t.PDF) && chance(rng, 55) {
		name := pick(rng, []string{"avviso.pdf", "modulo.pdf", "documento firmato.pdf", "allegato.pdf"})
		out = append(out, enclosure{name, "application/pdf", document(s.subject + " " + fmt.Sprint(rng.IntN(1e6)))})
	}
	return out
}

// chat sends a Telegram message of the citizen.
func (s *story) chat(_ context.Context, text string, first bool) error {
	w, u := s.w, s.c.Telegram
	body := s.say(text)
	if s.c.Manner == "hurried" {
		body = hurried(body)
	}
	if first && s.m != nil && s.m.Personal && chance(w.rng, 30) {
		body += "\n" + s.c.Name() + ", " + s.c.Phone
	}
	var files []string
	switch {
	case first && s.m != nil && (s.m.Photo || s.t.Photo) && chance(w.rng, 45):
		pictures := [][]byte{picture(w.rng, s.m.Office == "ambiente")}
		for range w.rng.IntN(3) { // more than one is an album
			pictures = append(pictures, picture(w.rng, s.m.Office == "ambiente"))
		}
		s.told = w.bot.SendAlbum(u, body, pictures...)[0]
		for range pictures {
			files = append(files, "foto.jpg")
		}
	default:
		s.told = w.bot.Say(u, body)
	}
	s.lastID = s.told.Key()
	w.diary.add(page{Citizen: s.c.Key, Channel: "telegram", Mine: true, At: w.clock.Now(), ID: s.lastID, Text: body, Files: files})
	return nil
}

// come is a visit to the counter, or a call, typed in by reception.
func (s *story) come(ctx context.Context) error {
	w, rng := s.w, s.w.rng
	desk := w.staff[pick(rng, []string{"nadia", "nadia", "davide"})]
	v := inbox.Visit{
		AccountID: w.account(counterDesk), Key: fmt.Sprintf("demo-%x", rng.Uint64()), At: w.clock.Now(),
		Person: s.c.Name(), Kind: inbox.CaseKind(s.m.Kind), Text: s.say(pick(rng, s.t.Visits)), Subject: s.say(pick(rng, s.t.Subjects)),
	}
	if s.channel == "phone" {
		v.AccountID = w.account(phoneDesk)
		if v.Phone = s.c.Phone; chance(rng, 12) {
			v.Person, v.Phone = "", ""
		}
	} else if s.m.Personal || chance(rng, 40) {
		if v.Phone = s.c.Phone; chance(rng, 55) {
			v.CF, v.DocumentSeen = s.c.CF, true
		}
		if chance(rng, 35) {
			v.Address = s.c.Street
		}
		if len(s.c.Mail) > 0 && chance(rng, 20) {
			v.Email = s.c.Mail[0]
		}
	}
	if v.Phone != "" && chance(rng, 65) { // reception looks people up
		id, err := w.knownBy(ctx, v.Phone)
		if err != nil {
			return err
		}
		v.CitizenID = id
	}
	if chance(rng, 55) {
		v.Closed, v.Outcome = true, s.say(pick(rng, s.t.Outcomes))
	}
	c, err := w.in.RecordVisit(ctx, desk, v)
	if err != nil {
		return fmt.Errorf("demo: a visit: %w", err)
	}
	s.caseID = c.ID
	if v.Closed {
		s.closed = w.clock.Now()
	}
	return nil
}

// knownBy finds the record that has a telephone number; 0 when there is none.
func (w *world) knownBy(ctx context.Context, phone string) (int64, error) {
	var id int64
	err := w.db.Read.NewRaw("SELECT COALESCE(min(citizen_id), 0) FROM identities WHERE kind = 'phone' AND value = ? AND removed_at = 0", "+39"+strings.ReplaceAll(phone, " ", "")).Scan(ctx, &id)
	if err != nil {
		return 0, fmt.Errorf("demo: look a visitor up: %w", err)
	}
	return id, nil
}
