package crash

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"filodiretto/bench/rig"
	"filodiretto/channels/mail/mailgen"
	"filodiretto/channels/pec/standin"
	"filodiretto/internal/clock"
	"filodiretto/internal/testserver"
)

const (
	certifiedBox  = "protocollo@pec.comune.pontelieto.example"
	certifiedPass = "segreta-della-pec"
)

// certified is a town whose certified mailbox is at a provider's, which takes what
// it is given and writes receipts a moment later.
type certified struct {
	*world
	provider *standin.Provider
	sink     *testserver.Sink

	mu       sync.Mutex
	given    map[string][]string // Message-ID -> SHA-256 of each mail that the provider was given
	receipts int                 // that the provider has written
	late     *rand.Rand
	fault    error
}

// RunCertified is Run with certified mail: it kills the program while letters are
// taken in, answers are given to the provider, and receipts are read.
func RunCertified(ctx context.Context, o Options) (rep *Report, err error) {
	r, err := rig.New(o.Kind)
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := r.Close(); err == nil {
			err = cerr
		}
	}()
	c := &certified{world: newWorld(o, r), given: map[string][]string{}, late: rand.New(rand.NewPCG(o.Seed, 3))}
	if err := c.found(); err != nil {
		return nil, fmt.Errorf("crash: %w", err)
	}
	defer c.sink.Stop()
	c.feeds, c.due = c.write, c.arrived
	rep = &Report{}
	err = c.whole(ctx, rep, func() error { return c.reckon(ctx, rep) })
	return rep, err
}

// found makes the provider, the mailbox and its account.
func (c *certified) found() error {
	now := clock.System{}.Now()
	authority, err := standin.NewAuthority(now)
	if err != nil {
		return err
	}
	signer, err := authority.Certify("Gestore di prova", "gestore.example", now.Time().AddDate(-1, 0, 0), now.Time().AddDate(1, 0, 0))
	if err != nil {
		return err
	}
	c.provider = &standin.Provider{Name: "Gestore di prova", Domain: "gestore.example", Signer: signer}
	if err := c.rig.Dovecot.Account(certifiedBox, certifiedPass); err != nil {
		return err
	}
	if c.sink, err = testserver.StartSMTPSink(testserver.SinkOptions{Forget: true, User: certifiedBox, Password: certifiedPass, Deliver: c.take}); err != nil {
		return err
	}
	pem := filepath.Join(c.rig.Dir, "autorita.pem")
	if err := os.WriteFile(pem, authority.PEM(), 0o600); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(c.rig.Dovecot.Addr())
	if err != nil {
		return err
	}
	smtpHost, smtpPort, err := net.SplitHostPort(c.sink.Addr())
	if err != nil {
		return err
	}
	c.setup.More = fmt.Sprintf(`
[[channel]]
id = "pec"
kind = "pec"
office = "urp"
name = "PEC"
address = %q
imap_host = %q
imap_port = %s
imap_security = "plain-local"
imap_password = %q
smtp_host = %q
smtp_port = %s
smtp_security = "plain-local"
rate_per_minute = 0
authorities_file = %q
`, certifiedBox, host, port, certifiedPass, smtpHost, smtpPort, pem)
	return nil
}

// take is the provider's access point: it keeps what it is given, and the receipts
// come a moment later.
func (c *certified) take(from, to string, data []byte) error {
	posts, err := c.provider.Submit(certifiedBox, from, []string{to}, data, clock.System{}.Now())
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.given[messageID(data)] = append(c.given[messageID(data)], hex.EncodeToString(sum[:]))
	for _, p := range posts {
		if p.Box != certifiedBox {
			continue
		}
		c.receipts++
		time.AfterFunc(time.Duration(c.late.IntN(400))*time.Millisecond, func() { c.post(p.Raw) })
	}
	return nil
}

// post puts a receipt into the mailbox.
func (c *certified) post(raw []byte) {
	err := c.rig.Dovecot.Deliver(certifiedBox, "INBOX", raw)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fault == nil {
		c.fault = err
	}
}

// write lets citizens' certified letters arrive until ctx ends.
func (c *certified) write(ctx context.Context) error {
	g := mailgen.New(c.Seed)
	for n := 0; ctx.Err() == nil; {
		var burst [][]byte
		var ids []string
		for range 1 + c.arrive.IntN(6) {
			n++
			letter, _ := g.Next()
			raw, err := c.provider.Envelope(fmt.Sprintf("cittadino%d@pec.example", n%40), certifiedBox, letter, clock.System{}.Now())
			if err != nil {
				return fmt.Errorf("crash: %w", err)
			}
			burst, ids = append(burst, raw), append(ids, messageID(raw))
		}
		c.world.mu.Lock() // first, so that none that is there is unknown
		c.mails = append(c.mails, ids...)
		c.world.mu.Unlock()
		if err := c.rig.Dovecot.Deliver(certifiedBox, "INBOX", burst...); err != nil {
			return fmt.Errorf("crash: %w", err)
		}
		pause(ctx, time.Duration(c.arrive.IntN(300))*time.Millisecond)
	}
	return nil
}

// arrived is how much the program must have taken in when all is done: the letters,
// and two receipts for each mail that the provider was given.
func (c *certified) arrived() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.mails) + c.receipts
}

// reckon looks whether each letter is one message, each answer left once and is
// kept byte for byte, and each that left is delivered by its own receipts.
func (c *certified) reckon(ctx context.Context, rep *Report) error {
	if c.fault != nil {
		return fmt.Errorf("crash: a receipt could not be put into the mailbox: %w", c.fault)
	}
	for _, step := range []func(context.Context, *Report) error{c.countMails, c.countReplies, c.countReceipts, c.countGiven, c.countKept} {
		if err := step(ctx, rep); err != nil {
			return fmt.Errorf("crash: count: %w", err)
		}
	}
	return nil
}

// countGiven: what the provider was given is delivered, in whatever doubt it was
// meanwhile, by two receipts that are kept once; nothing was given twice.
func (c *certified) countGiven(ctx context.Context, rep *Report) error {
	var rows []struct {
		ExternalID, State string
		Receipts          int
	}
	err := c.db.Read.NewRaw(`SELECT m.external_id, d.state, (SELECT count(*) FROM receipts AS rc WHERE rc.delivery_id = d.id AND rc.proven) AS receipts
		FROM deliveries AS d JOIN messages AS m ON m.id = d.message_id`).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	left := map[string]int{}
	for id, sums := range c.given {
		left[id] = len(sums)
		rep.Sent += len(sums)
	}
	for _, r := range rows {
		n := left[r.ExternalID]
		delete(left, r.ExternalID)
		switch {
		case n > 1:
			rep.double(fmt.Sprintf("given to the provider %d times: %s (%s)", n, r.ExternalID, r.State))
		case n == 1 && r.State != "delivered":
			rep.lose(fmt.Sprintf("delivered by the provider, and %s here: %s", r.State, r.ExternalID))
		case n == 1 && r.Receipts != 2:
			rep.lose(fmt.Sprintf("%d receipts of two: %s", r.Receipts, r.ExternalID))
		case n == 0 && r.State == "unknown":
			rep.Unknown++
		case n == 0:
			rep.lose(fmt.Sprintf("recorded as %s and never given to the provider: %s", r.State, r.ExternalID))
		}
	}
	for id := range left {
		rep.lose("the provider has what the database does not know: " + id)
	}
	var loose int
	if err := c.db.Read.NewRaw("SELECT count(*) FROM receipts WHERE message_id = 0").Scan(ctx, &loose); err != nil {
		return err
	}
	if loose > 0 {
		rep.lose(fmt.Sprintf("%d receipts belong to nothing", loose))
	}
	return nil
}

// countKept: the very bytes that the provider was given are kept.
func (c *certified) countKept(ctx context.Context, rep *Report) error {
	var sums []string
	if err := c.db.Read.NewRaw("SELECT sha256 FROM sent_mails").Scan(ctx, &sums); err != nil {
		return err
	}
	kept := map[string]bool{}
	for _, s := range sums {
		kept[s] = true
	}
	for id, given := range c.given {
		for _, s := range given {
			if !kept[s] {
				rep.lose("the bytes of " + id)
			}
		}
	}
	return nil
}
