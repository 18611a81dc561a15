package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"time"

	"filodiretto/bench/rig"
	"filodiretto/channels/mail/mailgen"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

const (
	// outage is how long the program was away.
	outage = 5 * time.Hour
	// liveEvery is how often a mail arrives while the backlog is read.
	liveEvery = 200 * time.Millisecond
	// lookEvery is how often the page's list is asked for, as somebody at it does.
	lookEvery = 40 * time.Millisecond
)

var liveMark = regexp.MustCompile(`dalvivo-\d+`)

// catchup measures an outage: 10,000 mails wait in Dovecot when the program, a
// process of its own, starts. While it reads them, live mail is delivered five
// times a second, and each is looked for in the list of a person's page. Counted
// are those that were delivered before the backlog was done; at the end every mail
// must be there once.
func catchup(ctx context.Context, s *session) ([]Figure, error) {
	letters := rig.Letters(letterSeed, s.size(10_000, 1_000))
	r, err := s.rig()
	if err != nil {
		return nil, err
	}
	if err := s.staffed(ctx, r); err != nil {
		return nil, err
	}
	raws := make([][]byte, len(letters))
	for i := range letters {
		raws[i] = letters[i].Raw
	}
	if err := r.DeliverOver(outage, raws...); err != nil {
		return nil, err
	}
	if _, _, _, err := r.Dovecot.Messages(rig.Mailbox, "INBOX"); err != nil { // numbers are given, as a server does over days
		return nil, err
	}
	from := now()
	p, err := s.start(ctx, r, rig.Setup{})
	if err != nil {
		return nil, err
	}
	b, err := logIn(ctx, "http://"+p.Addr, rig.Everywhere, rig.Password)
	if err != nil {
		return nil, err
	}
	look, err := openDatabase(ctx, r)
	if err != nil {
		return nil, err
	}
	defer look.Close()
	l := &liveMail{rig: r, browser: b, gen: mailgen.New(letterSeed + 1), sent: map[string]clock.Instant{}, shown: map[string]time.Duration{}}
	done, err := l.run(ctx, look, len(letters))
	if err != nil {
		return nil, err
	}
	took := done.Sub(from)
	spent, err := p.CPU()
	if err != nil {
		return nil, err
	}
	if err := awaitFiledIn(ctx, look, len(letters)+l.number); err != nil {
		return nil, err
	}
	if err := l.allThere(ctx, look, len(letters)); err != nil {
		return nil, err
	}
	sp := spreadOf(l.times())
	return []Figure{{Name: "catchup_live_p95_ms", Value: sp.P95, Unit: "ms", N: sp.N, More: map[string]any{
		"shown": sp, "backlog": len(letters), "backlog_s": round(took.Seconds()), "cpu_s": round(spent.Seconds()), "looks": l.looks, "held": l.held, "load": load(),
	}}}, p.Stop()
}

// liveMail delivers mails and looks for them in a list.
type liveMail struct {
	rig     *rig.Rig
	browser *browser
	gen     *mailgen.Gen
	sent    map[string]clock.Instant
	shown   map[string]time.Duration // by the mark in the subject
	looks   int
	number  int // delivered
	held    int // of them in quarantine, where no list shows them
}

// run delivers and looks until the backlog is filed and all that was delivered
// until then is shown. It gives when the backlog was done.
func (l *liveMail) run(ctx context.Context, look *db.DB, backlog int) (done clock.Instant, err error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var next, asked clock.Instant
	for {
		now := now()
		if done.IsZero() && now >= next {
			next = now.Add(liveEvery)
			if err := l.deliver(); err != nil {
				return 0, err
			}
		}
		if err := l.look(ctx); err != nil {
			return 0, err
		}
		if done.IsZero() && now.Sub(asked) > liveEvery {
			asked = now
			var filed int
			if err := look.Read.NewRaw("SELECT count(*) FROM raws WHERE state <> 'pending'").Scan(ctx, &filed); err != nil {
				return 0, err
			}
			if filed >= backlog+len(l.shown) {
				done = now
			}
		}
		if !done.IsZero() {
			if err := l.leaveHeld(ctx, look); err != nil {
				return 0, err
			}
		}
		if !done.IsZero() && len(l.shown) == len(l.sent) {
			return done, nil
		}
		if !done.IsZero() && now.Sub(done) > time.Minute {
			return 0, l.unseen(ctx, look, done)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return 0, fmt.Errorf("%d of %d live mails were not shown: %w", len(l.sent)-len(l.shown), len(l.sent), ctx.Err())
		}
	}
}

func (l *liveMail) deliver() error {
	mark := fmt.Sprintf("dalvivo-%06d", l.number)
	l.number++
	raw, _ := l.gen.Message(mailgen.Options{Subject: "Segnalazione " + mark, HTML: l.number%2 == 0})
	l.sent[mark] = now()
	return l.rig.Deliver(raw)
}

// leaveHeld waits no longer for those that the program holds for a person.
func (l *liveMail) leaveHeld(ctx context.Context, look *db.DB) error {
	var subjects []string
	if err := look.Read.NewRaw("SELECT subject FROM quarantine WHERE subject LIKE '%dalvivo-%'").Scan(ctx, &subjects); err != nil {
		return err
	}
	for _, s := range subjects {
		if mark := liveMark.FindString(s); mark != "" {
			if _, waits := l.sent[mark]; waits {
				delete(l.sent, mark)
				delete(l.shown, mark)
				l.held++
			}
		}
	}
	return nil
}

// look fetches the list as the page has it and notes what is new in it.
func (l *liveMail) look(ctx context.Context) error {
	body, err := l.browser.piece(ctx, "/cases?"+url.Values{"view": {"office"}}.Encode(), "rows")
	if err != nil {
		return err
	}
	l.looks++
	at := now()
	for _, mark := range liveMark.FindAllString(string(body), -1) {
		if sent, ours := l.sent[mark]; ours {
			if _, known := l.shown[mark]; !known {
				l.shown[mark] = at.Sub(sent)
			}
		}
	}
	return nil
}

// unseen says what became of the mails that no list showed.
func (l *liveMail) unseen(ctx context.Context, look *db.DB, done clock.Instant) error {
	err := fmt.Errorf("a minute after the backlog %d of %d live mails were not shown", len(l.sent)-len(l.shown), len(l.sent))
	for mark, sent := range l.sent {
		if _, ok := l.shown[mark]; ok {
			continue
		}
		var rows []struct{ Status, CaseSubject, Subject string }
		scan := look.Read.NewRaw(`SELECT c.status, c.subject AS case_subject, m.subject FROM messages AS m JOIN cases AS c ON c.id = m.case_id
			WHERE m.subject LIKE ?`, "%"+mark+"%").Scan(ctx, &rows)
		err = errors.Join(err, fmt.Errorf("%s, sent %v before the backlog was done: %+v", mark, done.Sub(sent), rows), scan)
	}
	return err
}

func (l *liveMail) times() []time.Duration {
	var out []time.Duration
	for _, d := range l.shown {
		out = append(out, d)
	}
	return out
}

// allThere counts the raw items: each mail once.
func (l *liveMail) allThere(ctx context.Context, look *db.DB, backlog int) error {
	var n int
	if err := look.Read.NewRaw("SELECT count(*) FROM raws").Scan(ctx, &n); err != nil {
		return err
	}
	if want := backlog + l.number; n != want {
		return fmt.Errorf("%d raw items of %d mails", n, want)
	}
	return nil
}
