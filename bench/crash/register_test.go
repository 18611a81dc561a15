package crash

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"filodiretto/app"
	"filodiretto/bench/rig"
	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// The town of this test: so many letters, of which each gets its number by one of so
// many clerks, while the program dies so often.
const (
	registerLetters = 240
	registerClerks  = 8
	registerKills   = 10
)

const registerConfig = "\n[register]\nmode = \"builtin\"\nadministration = \"c_x000\"\narea = \"AB12CD3\"\n"

// TestTheRegisterSurvivesKills kills the released program while eight clerks register
// letters through the API. Every letter ends with exactly one number, and the numbers
// are 1, 2, 3, … without a gap, whatever was under way.
func TestTheRegisterSurvivesKills(t *testing.T) {
	program, err := rig.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range rig.Kinds {
		t.Run(string(kind), func(t *testing.T) { newKilledRegister(t, program, kind).run() })
	}
}

type killedRegister struct {
	t       *testing.T
	rig     *rig.Rig
	program string
	token   string
	app     *db.DB
	letters []int64

	mu   sync.Mutex
	addr string
	next int
}

func newKilledRegister(t *testing.T, program string, kind rig.Kind) *killedRegister {
	t.Helper()
	ctx, log, setup := t.Context(), slog.New(slog.DiscardHandler), rig.Setup{More: registerConfig}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	r, err := rig.New(kind)
	must(err)
	t.Cleanup(func() { must(r.Close()) })
	k := &killedRegister{t: t, rig: r, program: program}
	k.token, err = prepare(ctx, r, setup, log)
	must(err)
	cfg, err := r.Config(setup)
	must(err)
	a, err := app.New(ctx, cfg, log)
	must(err)
	must(a.Accounts.Load(ctx))
	var account int64
	must(a.DB.Read.NewRaw("SELECT id FROM accounts WHERE kind = 'mail' ORDER BY id LIMIT 1").Scan(ctx, &account))
	b := channels.Batch{Stream: "test"}
	for i := range registerLetters {
		b.Items = append(b.Items, channels.Raw{
			DedupKey: fmt.Sprintf("letter/%d", i), ContentType: mail.TypeMessage, ReceivedAt: clock.System{}.Now(),
			Body: fmt.Appendf(nil, "From: Anna %d <anna%d@posta.example>\r\nTo: <urp@comune.example>\r\nSubject: Istanza %d\r\nMessage-ID: <l%d@posta.example>\r\n\r\nChiedo.\r\n", i, i, i, i),
		})
	}
	must(a.Inbox.Accept(ctx, account, b))
	_, err = a.Inbox.Ingest(ctx, account)
	must(err)
	must(a.DB.Read.NewRaw("SELECT id FROM messages WHERE subject LIKE 'Istanza %' ORDER BY id").Scan(ctx, &k.letters))
	must(a.Stop())
	if len(k.letters) != registerLetters {
		t.Fatalf("%d letters of %d", len(k.letters), registerLetters)
	}
	k.app, err = db.Open(ctx, r.Database.URL, clock.System{}, db.Options{})
	must(err)
	t.Cleanup(func() { k.app.Close() })
	return k
}

func (k *killedRegister) run() {
	k.t.Helper()
	ctx, stop := context.WithTimeout(k.t.Context(), 4*time.Minute)
	defer stop()
	var clerks sync.WaitGroup
	for range registerClerks {
		clerks.Go(func() { k.clerk(ctx) })
	}
	chance, midway := rand.New(rand.NewPCG(11, 7)), 0
	for range registerKills {
		p := k.start(ctx)
		before := k.registered()
		k.await(ctx, before+2+chance.IntN(8)) // then the others are in the middle of it
		p.Kill()
		<-p.Ended()
		if now := k.registered(); now > before && now < registerLetters {
			midway++
		}
	}
	p := k.start(ctx)
	clerks.Wait()
	if err := p.Stop(); err != nil {
		k.t.Error(err)
	}
	k.count(midway)
}

func (k *killedRegister) start(ctx context.Context) *rig.Process {
	k.t.Helper()
	p, err := k.rig.Start(k.program, rig.Setup{More: registerConfig})
	if err == nil {
		err = p.AwaitReady(ctx)
	}
	if err != nil {
		k.t.Fatal(err)
	}
	k.mu.Lock()
	k.addr = p.Addr // only now is the port the program's own: before, others may have it
	k.mu.Unlock()
	return p
}

// clerk registers one letter after the other. A connection that breaks says nothing
// about what was done: the same request goes out again under its key.
func (k *killedRegister) clerk(ctx context.Context) {
	for {
		k.mu.Lock()
		n := k.next
		k.next++
		k.mu.Unlock()
		if n >= len(k.letters) {
			return
		}
		for ctx.Err() == nil {
			err := k.enter(ctx, k.letters[n])
			var refused *rig.StatusError
			if err == nil {
				break
			}
			if errors.As(err, &refused) && refused.Status/100 == 4 && !refused.Again() {
				k.t.Errorf("letter %d: %v", n, err)
				return
			}
			pause(ctx, 5*time.Millisecond)
		}
	}
}

func (k *killedRegister) enter(ctx context.Context, letter int64) error {
	k.mu.Lock()
	addr := k.addr
	k.mu.Unlock()
	a := &rig.API{Base: "http://" + addr, Token: k.token, HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	return a.Post(ctx, fmt.Sprintf("/messages/%d/register", letter), fmt.Sprintf("letter-%d", letter), map[string]any{"class": "I.8"}, nil)
}

func (k *killedRegister) registered() (n int) {
	k.t.Helper()
	if err := k.app.Read.NewRaw("SELECT count(*) FROM register_entries").Scan(k.t.Context(), &n); err != nil {
		k.t.Fatal(err)
	}
	return n
}

// await waits until so many letters have their number, or all have.
func (k *killedRegister) await(ctx context.Context, n int) {
	k.t.Helper()
	for k.registered() < min(n, registerLetters) {
		if ctx.Err() != nil {
			k.t.Fatal(ctx.Err())
		}
		pause(ctx, time.Millisecond)
	}
}

// count holds the register against what was asked of it.
func (k *killedRegister) count(midway int) {
	k.t.Helper()
	var x struct{ Entries, Messages, Numbers, Lowest, Highest, Standings, Lines int }
	err := k.app.Read.NewRaw(`SELECT count(*) AS entries, count(DISTINCT message_id) AS messages, count(DISTINCT number) AS numbers, min(number) AS lowest, max(number) AS highest,
		(SELECT count(*) FROM register_states WHERE state = 'registered') AS standings, (SELECT max(seq) FROM register_heads) AS lines FROM register_entries`).Scan(k.t.Context(), &x)
	if err != nil {
		k.t.Fatal(err)
	}
	n := registerLetters
	if x.Entries != n || x.Messages != n || x.Numbers != n || x.Lowest != 1 || x.Highest != n || x.Standings != n || x.Lines != 2*n {
		k.t.Errorf("%+v, want %d of each", x, n)
	}
	cfg, err := k.rig.Config(rig.Setup{More: registerConfig})
	if err != nil {
		k.t.Fatal(err)
	}
	a, err := app.New(k.t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = a.Stop() }()
	if c, err := a.Register.Check(k.t.Context()); err != nil || c.Fault != nil || c.Entries != n {
		k.t.Errorf("%+v %v", c, err)
	}
	if midway < 3 {
		k.t.Errorf("only %d of %d kills came while somebody registered: too little to mean anything", midway, registerKills)
	}
	k.t.Logf("%d numbers without a gap; %d of %d kills came while somebody registered", n, midway, registerKills)
}
