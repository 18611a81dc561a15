package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"filodiretto/bench/rig"
	"filodiretto/channels/mail/mailgen"
	"filodiretto/internal/clock"
	"filodiretto/web/assets"
)

// How mail arrives in the measurement: five a second for a minute.
const (
	arriveEvery = 200 * time.Millisecond
	arriveFor   = time.Minute
)

// arrival measures how long a mail takes from its delivery into the mailbox to
// its row in an open page: Dovecot tells, the program fetches, commits, reads,
// files and routes it, the page's stream says that something changed, and the
// page fetches the row, with the pauses that its script makes.
func arrival(ctx context.Context, s *session) ([]Figure, error) {
	r, err := s.rig()
	if err != nil {
		return nil, err
	}
	if err := s.staffed(ctx, r); err != nil {
		return nil, err
	}
	x, err := s.siteOn(ctx, r)
	if err != nil {
		return nil, err
	}
	how, err := readScript(ctx, x.browser)
	if err != nil {
		return nil, err
	}
	p := &openPage{browser: x.browser, script: how, told: map[string]clock.Instant{}, marks: map[string]arrived{}, changed: make(chan struct{}, 1)}
	page, stop := context.WithCancel(ctx)
	defer stop()
	group, gctx := errgroup.WithContext(page)
	listening := make(chan struct{})
	group.Go(func() error { return p.listen(gctx, listening) })
	group.Go(func() error { return p.fetchRows(gctx) })
	select {
	case <-listening:
	case <-gctx.Done():
		return nil, group.Wait()
	}
	f, err := s.arrivals(gctx, r, p)
	if err != nil {
		return nil, errors.Join(err, group.Wait())
	}
	stop()
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return nil, err
	}
	return []Figure{f}, nil
}

// arrivals delivers and waits. The first mail wakes the mailbox up and is not
// counted.
func (s *session) arrivals(ctx context.Context, r *rig.Rig, p *openPage) (Figure, error) {
	g := mailgen.New(letterSeed)
	if _, _, err := p.deliver(ctx, r, g, 1); err != nil {
		return Figure{}, err
	}
	defer s.profile("arrival")()
	used, from := startUse(), now()
	told, shown, err := p.deliver(ctx, r, g, s.size(int(arriveFor/arriveEvery), 15))
	if err != nil {
		return Figure{}, err
	}
	sp := spreadOf(shown)
	return Figure{Name: "arrival_p95_ms", Value: sp.P95, Unit: "ms", N: len(shown), More: map[string]any{
		"row_in_page": sp, "page_told": spreadOf(told), "use": used.since(now().Sub(from)), "row_requests": p.asked,
		"every_ms": arriveEvery.Milliseconds(), "script_calm_ms": p.script.calm.Milliseconds(), "script_busy_ms": p.script.busy.Milliseconds(),
	}}, nil
}

// staffed makes the staff of a rig with a program that is stopped again.
func (s *session) staffed(ctx context.Context, r *rig.Rig) error {
	a, err := s.program(ctx, r, rig.Setup{}, s.log)
	if err != nil {
		return err
	}
	return a.Stop()
}

// openPage is a list of cases open in a browser.
type openPage struct {
	browser *browser
	script  script
	asked   int

	mu      sync.Mutex
	waiting []string                 // numbers that were announced
	told    map[string]clock.Instant // when a number was first announced
	marks   map[string]arrived       // by the mark in a mail's subject
	changed chan struct{}
}

// arrived is when a mail's case was announced, and when its row was there.
type arrived struct{ told, shown clock.Instant }

var markInRow = regexp.MustCompile(`arrivo-\d+`)

// deliver delivers n mails evenly and gives how long each took to be announced
// and to be shown.
func (p *openPage) deliver(ctx context.Context, r *rig.Rig, g *mailgen.Gen, n int) (told, shown []time.Duration, err error) {
	sent := make([]clock.Instant, n)
	marks := make([]string, n)
	t := time.NewTicker(arriveEvery)
	defer t.Stop()
	for i := range n {
		select {
		case <-t.C:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
		marks[i] = fmt.Sprintf("arrivo-%d%06d", n, i)
		raw, _ := g.Message(mailgen.Options{Subject: "Segnalazione " + marks[i], HTML: i%2 == 0, JPEG: i % 10 / 9})
		sent[i] = now()
		if err := r.Deliver(raw); err != nil {
			return nil, nil, err
		}
	}
	for i, mark := range marks {
		a, err := p.await(ctx, mark)
		if err != nil {
			return nil, nil, fmt.Errorf("mail %d of %d is not in the page: %w", i+1, n, err)
		}
		told, shown = append(told, a.told.Sub(sent[i])), append(shown, a.shown.Sub(sent[i]))
	}
	return told, shown, nil
}

// await waits until the row of a mail is in the page.
func (p *openPage) await(ctx context.Context, mark string) (arrived, error) {
	ctx, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	t := time.NewTicker(5 * time.Millisecond)
	defer t.Stop()
	for {
		p.mu.Lock()
		a, ok := p.marks[mark]
		p.mu.Unlock()
		if ok {
			return a, nil
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return a, ctx.Err()
		}
	}
}

// script is how the page's script asks for rows that changed: after a round it
// pauses, for longer when many had changed.
type script struct {
	calm, busy time.Duration
	many       int // more than these are a busy round
}

// readScript reads the script's own numbers.
func readScript(ctx context.Context, b *browser) (c script, err error) {
	text, err := b.page(ctx, assets.URL("js/live.js"))
	if err != nil {
		return c, err
	}
	number := func(name string) (n int) {
		m := regexp.MustCompile(`(?m)^const ` + name + ` = (\d+);`).FindSubmatch(text)
		if m == nil {
			err = fmt.Errorf("the page's script has no number called %s", name)
			return 0
		}
		n, _ = strconv.Atoi(string(m[1]))
		return n
	}
	c = script{many: number("many")}
	c.calm, c.busy = time.Duration(number("calm"))*time.Millisecond, time.Duration(number("crowded"))*time.Millisecond
	return c, err
}

// pause is how long the script waits after a round with so many rows.
func (c script) pause(rows int) time.Duration {
	if rows > c.many {
		return c.busy
	}
	return c.calm
}

// listen follows the page's stream and notes which cases changed.
func (p *openPage) listen(ctx context.Context, listening chan<- struct{}) error {
	resp, err := p.browser.open(ctx, "/live", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the page's stream answers with status %d", resp.StatusCode)
	}
	lines := bufio.NewScanner(resp.Body)
	event := ""
	for lines.Scan() {
		switch name, value, _ := strings.Cut(lines.Text(), ": "); name {
		case "retry":
			close(listening)
		case "event":
			event = value
		case "data":
			if event == "case" {
				if err := p.note(value); err != nil {
					return err
				}
			}
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("the page's stream ended: %w", lines.Err())
}

func (p *openPage) note(data string) error {
	var d struct{ Number string }
	if err := json.Unmarshal([]byte(data), &d); err != nil {
		return fmt.Errorf("an event of the page's stream: %w", err)
	}
	p.mu.Lock()
	p.waiting = append(p.waiting, d.Number)
	if _, ok := p.told[d.Number]; !ok {
		p.told[d.Number] = now()
	}
	p.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default:
	}
	return nil
}

// fetchRows asks for the rows that changed, as the page's script does: at once,
// then after a pause.
func (p *openPage) fetchRows(ctx context.Context) error {
	for {
		select {
		case <-p.changed:
		case <-ctx.Done():
			return ctx.Err()
		}
		p.mu.Lock()
		numbers := p.waiting
		p.waiting = nil
		p.mu.Unlock()
		pause := time.NewTimer(p.script.pause(len(numbers)))
		for _, number := range numbers {
			// the script shows no row of what is beyond its limit, only that
			// something arrived; the measurement asks all the same
			if err := p.row(ctx, number); err != nil {
				pause.Stop()
				return err
			}
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *openPage) row(ctx context.Context, number string) error {
	path := "/cases/row?" + url.Values{"view": {"office"}, "number": {number}}.Encode()
	status, body, err := p.browser.get(ctx, path, map[string]string{"HX-Request": "true"})
	if err != nil {
		return err
	}
	p.asked++
	if status == http.StatusNoContent {
		return nil
	}
	mark := markInRow.FindString(string(body))
	if status != http.StatusOK || mark == "" {
		return fmt.Errorf("%s: status %d, no row with a mark in it", path, status)
	}
	at := now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.marks[mark]; !ok {
		p.marks[mark] = arrived{p.told[number], at}
	}
	return nil
}
