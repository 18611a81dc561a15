package bench

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"filodiretto/bench/rig"
	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/crowd"
)

// phones is a square full of people who follow their numbers on their telephones,
// all from one process: how long until a call has reached every one of them, and
// what the process holds then. Each has a number of its own in one room, so that
// every call changes what all of them show.
func phones(ctx context.Context, s *session) ([]Figure, error) {
	r, err := s.rig()
	if err != nil {
		return nil, err
	}
	people, calls := s.size(5000, 100), s.size(20, 3)
	counter, paths, err := s.crowdedRoom(ctx, r, people+calls+2)
	if err != nil {
		return nil, err
	}
	p, err := s.start(ctx, r, rig.Setup{})
	if err != nil {
		return nil, err
	}
	staff, err := logIn(ctx, "http://"+p.Addr, rig.Everywhere, rig.Password)
	if err != nil {
		return nil, err
	}
	if err := staff.post(ctx, fmt.Sprintf("/counter/%d/open", counter), nil); err != nil {
		return nil, err
	}
	opening, done := context.WithTimeout(ctx, time.Minute)
	all, err := crowd.Dial(opening, "http://"+p.Addr, paths[calls+2:]) // those before are called
	done()
	if err != nil {
		return nil, err
	}
	defer all.Close()
	var took []time.Duration
	from, used := now(), time.Duration(0)
	for i := range calls + 1 {
		if i == 1 { // the first call may meet the answer to the opening, and is not counted
			from = now()
			if used, err = p.CPU(); err != nil {
				return nil, err
			}
		}
		got, err := callAll(ctx, all, staff, counter, i)
		if err != nil {
			return nil, fmt.Errorf("call %d reached %d of %d telephones: %w", i, len(got), people, err)
		}
		if i > 0 {
			took = append(took, got...)
		}
	}
	after, err := p.CPU()
	if err != nil {
		return nil, err
	}
	held, most, err := p.Memory()
	if err != nil {
		return nil, err
	}
	slices.Sort(took)
	more := map[string]any{
		"phones": people, "calls": calls, "p50_ms": round(ms(took[len(took)/2])), "max_ms": round(ms(took[len(took)-1])),
		"cpu_ms_a_call": round(ms(after-used) / float64(calls)), "seconds": round(now().Sub(from).Seconds()), "load": load(),
	}
	return []Figure{
		{Name: "phones_fanout_p95_ms", Value: ms(took[len(took)*95/100]), Unit: "ms", N: len(took), More: more},
		{Name: "phones_rss_mib", Value: float64(held) / mib, Unit: "MiB", N: people, More: map[string]any{"most_mib": round(float64(most) / mib)}},
	}, p.Stop()
}

// callAll calls the next as the page of the counter does, and waits until every
// telephone was told. Whoever is at the counter is put through first.
func callAll(ctx context.Context, all *crowd.Phones, staff *browser, counter int64, i int) ([]time.Duration, error) {
	ctx, done := context.WithTimeout(ctx, 30*time.Second)
	defer done()
	if i > 0 {
		if err := staff.sendAway(ctx, counter); err != nil {
			return nil, err
		}
	}
	return all.Reach(ctx, `"ahead":`, func() error {
		return staff.post(ctx, fmt.Sprintf("/counter/%d/next", counter), url.Values{"key": {fmt.Sprint("call-", i)}})
	})
}

// crowdedRoom makes a site with one counter and n numbers in it, and gives the
// counter and the addresses that telephones follow.
func (s *session) crowdedRoom(ctx context.Context, r *rig.Rig, n int) (counter int64, paths []string, err error) {
	a, err := s.program(ctx, r, rig.Setup{}, s.log)
	if err != nil {
		return 0, nil, err
	}
	v, err := rig.Viewer(ctx, a.Router, rig.Everywhere)
	if err != nil {
		return 0, nil, err
	}
	site, service, counter, err := makeRoom(ctx, a.Queue, v.Offices[0])
	if err != nil {
		return 0, nil, fmt.Errorf("make a room: %w", err)
	}
	paths = make([]string, n)
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(64)
	for i := range paths {
		group.Go(func() error {
			got, err := a.Queue.IssueTicket(gctx, inbox.Viewer{System: true}, queue.NewTicket{SiteID: site, ServiceID: service, Key: fmt.Sprint("phone-", i)})
			if err == nil {
				paths[got.Ticket.Number-1] = "/p/t/" + got.Secret + "/events"
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return 0, nil, fmt.Errorf("give %d numbers: %w", n, err)
	}
	return counter, paths, a.Stop()
}

// makeRoom is a site that is always open.
func makeRoom(ctx context.Context, q *queue.Queue, office int64) (site, service, counter int64, err error) {
	all := inbox.Viewer{System: true}
	st, err := q.SaveSite(ctx, all, queue.SiteEdit{Key: "piazza", Name: "Piazza"})
	if err != nil {
		return 0, 0, 0, err
	}
	week := map[int]queue.Ranges{}
	for day := 1; day <= 7; day++ {
		week[day] = queue.Ranges{{From: 0, To: 24 * 60}}
	}
	if _, err := q.SaveHours(ctx, all, st.ID, 0, week); err != nil {
		return 0, 0, 0, err
	}
	group, err := q.SaveGroup(ctx, all, queue.Group{SiteID: st.ID, Key: "tutto", Names: queue.Names{"it": "Tutto"}, Series: "A"})
	if err != nil {
		return 0, 0, 0, err
	}
	service, err = q.SaveService(ctx, all, queue.Service{SiteID: st.ID, GroupID: group, Key: "tutto", Names: queue.Names{"it": "Tutto"}, OfficeID: office, Minutes: 5, Kiosk: true, Remote: true})
	if err != nil {
		return 0, 0, 0, err
	}
	counter, err = q.SaveCounter(ctx, all, queue.CounterEdit{
		Counter: queue.Counter{SiteID: st.ID, Key: "1", Name: "Sportello 1", Kind: "desk", OfficeID: office}, Skills: []queue.Skill{{ServiceID: service}},
	})
	return st.ID, service, counter, err
}

// post sends a form as a page does.
func (b *browser) post(ctx context.Context, path string, form url.Values) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Cookie", b.cookie)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := b.http.Do(req)
	if err != nil {
		return fmt.Errorf("post %s: %w", path, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("post %s: status %d", path, resp.StatusCode)
	}
	return nil
}

// sendAway marks whoever was called as not there, with what the page says of them.
func (b *browser) sendAway(ctx context.Context, counter int64) error {
	path := fmt.Sprintf("/counter/%d", counter)
	body, err := b.page(ctx, path)
	if err != nil {
		return err
	}
	form := url.Values{"verb": {"no_show"}}
	for _, name := range []string{"step", "version", "key"} {
		_, rest, ok := bytes.Cut(body, []byte(`<input type="hidden" name="`+name+`" value="`))
		value, _, _ := bytes.Cut(rest, []byte(`"`))
		if !ok {
			return fmt.Errorf("get %s: nobody is at the counter", path)
		}
		form.Set(name, string(value))
	}
	return b.post(ctx, path+"/act", form)
}
