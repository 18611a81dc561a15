package inbox

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// contact is a citizen who wrote: the case, who wrote, and the message.
type contact struct {
	c  *Case
	id *Identity
	m  *Message
}

// writes makes a citizen write to an account for the first time, as the ingest
// would file it.
func (e *env) writes(acc Account, value, text string) contact {
	e.t.Helper()
	var k contact
	err := e.db.Tx(e.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		z := &Citizen{ID: db.NewID(e.clock), Name: "Lucia Ferrante", NameSource: acc.Kind, Lang: "it", Version: 1, CreatedAt: tx.Now}
		z.RootID = z.ID
		k.id = &Identity{
			ID: db.NewID(e.clock), CitizenID: z.ID, Kind: addressKind(acc.Kind), Value: value, Display: "Lucia Ferrante", Status: "active",
			Source: acc.Kind, FirstSeen: tx.Now, LastSeen: tx.Now,
		}
		if acc.Kind == "telegram" {
			k.id.Proof = Confirmed
		}
		n, err := takeNumbers(ctx, tx, 2026, 1)
		if err != nil {
			return err
		}
		k.c = &Case{
			ID: db.NewID(e.clock), Year: 2026, Number: n, Secret: "ABCDEFGHJK", CitizenID: z.ID, Person: z.Name, OfficeID: e.urp, Kind: Request, Status: Open,
			Subject: "Buca in via Garibaldi", Channel: acc.Kind, AccountID: acc.ID, Unread: true, Version: 1, CreatedAt: tx.Now,
		}
		if err := insertAll(ctx, tx, []*Citizen{z}); err != nil {
			return err
		}
		if err := insertAll(ctx, tx, []*Identity{k.id}); err != nil {
			return err
		}
		if err := insertAll(ctx, tx, []*Case{k.c}); err != nil {
			return err
		}
		k.m, err = e.file(ctx, tx, k.c, k.id, acc, text)
		return err
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return k
}

// again makes the citizen write once more on the same case.
func (e *env) again(k *contact, acc Account, text string) {
	e.t.Helper()
	err := e.db.Tx(e.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		var err error
		k.m, err = e.file(ctx, tx, k.c, k.id, acc, text)
		return err
	})
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e *env) file(ctx context.Context, tx *db.Tx, c *Case, id *Identity, acc Account, text string) (*Message, error) {
	m := &Message{
		ID: db.NewID(e.clock), CaseID: c.ID, CitizenID: id.CitizenID, IdentityID: id.ID, AccountID: acc.ID, Channel: acc.Kind, Direction: In, Origin: FromCitizen,
		Kind: "message", ExternalID: id.Value + "." + text + "@example.org", Sender: id.Value, Recipients: "URP <urp@comune.example>, Vigile <vigile@comune.example>",
		Subject: "R: Buca in via Garibaldi", Text: text, Lang: "it", Version: 1, At: tx.Now, SentAt: tx.Now,
	}
	if acc.Kind == "telegram" {
		m.ThreadKey, m.ExternalID, m.Subject = id.Value, id.Value+":"+text, ""
	}
	if err := insertAll(ctx, tx, []*Message{m}); err != nil {
		return nil, err
	}
	_, err := tx.NewRaw("UPDATE cases SET last_in_id = ?, last_in_at = ?, last_message_id = ?, last_at = ?, account_id = ?, thread_key = ?, unread = TRUE, version = version + 1 WHERE id = ?",
		m.ID, m.At, m.ID, m.At, acc.ID, m.ThreadKey, c.ID).Exec(ctx)
	if err != nil {
		return nil, err
	}
	return m, tx.NewSelect().Model(c).WherePK().Scan(ctx)
}

// reply is an answer of Giulia's to the last message, at once.
func (k contact) reply(text string) ReplyCommand {
	return ReplyCommand{CaseID: k.c.ID, SeenInID: k.m.ID, AccountID: k.m.AccountID, To: []Recipient{{IdentityID: k.id.ID}}, Text: text, Undo: AtOnce}
}

func (e *env) mustReply(cmd ReplyCommand) *Reply {
	e.t.Helper()
	r, err := e.Reply(e.t.Context(), e.giulia, cmd)
	if err != nil {
		e.t.Fatal(err)
	}
	return r
}

func (e *env) theCase(id int64) *Case {
	e.t.Helper()
	c := new(Case)
	if err := e.db.Read.NewSelect().Model(c).Where("c.id = ?", id).Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return c
}

func (e *env) delivery(id int64) *Delivery {
	e.t.Helper()
	d := new(Delivery)
	if err := e.db.Read.NewSelect().Model(d).Where("d.id = ?", id).Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return d
}

func (e *env) identity(id int64) *Identity {
	e.t.Helper()
	i, err := findIdentity(e.t.Context(), e.db.Read, id)
	if err != nil {
		e.t.Fatal(err)
	}
	return i
}

// happened are the kinds of the events of a case, oldest first.
func (e *env) happened(caseID int64) []string {
	e.t.Helper()
	var out []string
	if err := e.db.Read.NewRaw("SELECT kind FROM events WHERE case_id = ? AND case_id > 0 ORDER BY id", caseID).Scan(e.t.Context(), &out); err != nil {
		e.t.Fatal(err)
	}
	return out
}

// states are the states in the delivery events, oldest first.
func (e *env) states(deliveryID int64) []State {
	e.t.Helper()
	var out []State
	if err := e.db.Read.NewRaw("SELECT state FROM delivery_events WHERE delivery_id = ? ORDER BY id", deliveryID).Scan(e.t.Context(), &out); err != nil {
		e.t.Fatal(err)
	}
	return out
}

// deliver works an account until nothing is due.
func (e *env) deliver(acc Account) clock.Instant {
	e.t.Helper()
	for {
		more, next, err := e.DeliverDue(e.t.Context(), acc.ID)
		if err != nil {
			e.t.Fatal(err)
		}
		if !more {
			return next
		}
	}
}

// sender puts a channel into an account and returns it.
func (e *env) sender(acc Account) *fakeSender {
	s := &fakeSender{tried: map[int64]int{}}
	e.chans.put(acc, s)
	return s
}

// fakeSender is a channel in memory that fails as it is told.
type fakeSender struct {
	mu    sync.Mutex
	got   []channels.Outgoing // that arrived, whatever was answered
	tried map[int64]int       // tries by delivery
	// answer says what becomes of a message: arrived tells whether the citizen
	// gets it, err what we are told. nil lets everything arrive.
	answer func(o *channels.Outgoing, try int) (arrived bool, r channels.Receipt, err error)
	width  int
	takes  time.Duration
}

func (s *fakeSender) Parse(channels.Raw) ([]channels.Item, error) {
	return nil, errors.New("nothing comes in here")
}
func (s *fakeSender) ParserVersion() int { return 1 }
func (s *fakeSender) Concurrency() int   { return max(1, s.width) }

func (s *fakeSender) Send(_ context.Context, o *channels.Outgoing) (channels.Receipt, error) {
	if s.takes > 0 {
		time.Sleep(s.takes) // a benchmark's slow server; no test waits here
	}
	s.mu.Lock()
	s.tried[o.DeliveryID]++
	try, answer := s.tried[o.DeliveryID], s.answer
	s.mu.Unlock()
	arrived, r, err := true, channels.Receipt{Code: "250 2.0.0"}, error(nil)
	if answer != nil {
		arrived, r, err = answer(o, try)
	}
	if arrived {
		s.mu.Lock()
		s.got = append(s.got, *o)
		s.mu.Unlock()
	}
	return r, err
}

func (s *fakeSender) arrived() []channels.Outgoing {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]channels.Outgoing(nil), s.got...)
}

// refuse makes every send fail in a class.
func (s *fakeSender) refuse(e *channels.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = func(*channels.Outgoing, int) (bool, channels.Receipt, error) { return false, channels.Receipt{}, e }
}

func (s *fakeSender) accept() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = nil
}

func wantCode(t *testing.T, err error, field, code string) {
	t.Helper()
	var inv *InvalidError
	if !errors.As(err, &inv) || inv.Field != field || inv.Code != code {
		t.Fatalf("want %s: %s, got %v", field, code, err)
	}
}

func (e *env) count(t *testing.T, table string) int {
	t.Helper()
	n, err := e.db.Read.NewSelect().Table(table).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}
