package bench

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"filodiretto/app"
	"filodiretto/bench/rig"
)

// clients is how many operators answer at the same time.
const clients = 8

// reply measures answers from eight clients of the API until all of them are in
// the SMTP server and recorded as accepted. Each answers the newest message of a
// case, without the seconds in which it can be undone.
func reply(ctx context.Context, s *session) ([]Figure, error) {
	n := s.size(500, 40)
	r, err := s.rig()
	if err != nil {
		return nil, err
	}
	stages := newStages(s.log.Handler())
	a, err := s.program(ctx, r, rig.Setup{}, stages.logger())
	if err != nil {
		return nil, err
	}
	// nothing but the answers shall go out
	if _, err := a.DB.Write.NewRaw("DELETE FROM rules").Exec(ctx); err != nil {
		return nil, err
	}
	letters := distinct(n)
	if err := deliver(r, letters); err != nil {
		return nil, err
	}
	if err := a.Start(ctx); err != nil {
		return nil, err
	}
	if err := awaitFiled(ctx, a, n); err != nil {
		return nil, err
	}
	api, err := s.api(ctx, a)
	if err != nil {
		return nil, err
	}
	waiting, err := openCases(ctx, api, n)
	if err != nil {
		return nil, err
	}
	return s.replies(ctx, r, a, api, waiting)
}

// openCase is a case with how its citizen is answered.
type openCase struct {
	rig.Case
	way rig.Way
}

func (s *session) replies(ctx context.Context, r *rig.Rig, a *app.App, api *rig.API, waiting []openCase) ([]Figure, error) {
	n := len(waiting)
	used := startUse()
	defer s.profile("reply")()
	from := now()
	times := make([]time.Duration, n)
	var next atomic.Int64
	group, gctx := errgroup.WithContext(ctx)
	for range clients {
		group.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				began := now()
				c := waiting[i]
				if err := api.Reply(gctx, c.Case, c.way, "", "Buongiorno,\n\nla squadra passa domani mattina.\n\nCordiali saluti"); err != nil {
					return fmt.Errorf("answer %s: %w", c.Ref, err)
				}
				times[i] = now().Sub(began)
			}
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	posted := now().Sub(from)
	if _, err := r.Sink.Await(ctx, n); err != nil {
		return nil, err
	}
	if err := awaitAccepted(ctx, a, n); err != nil {
		return nil, err
	}
	took := now().Sub(from)
	return []Figure{{Name: "reply", Value: perSecond(n, took), Unit: "msg/s", N: n, More: map[string]any{
		"clients": clients, "post_ms": spreadOf(times), "posted_after_s": round(posted.Seconds()), "seconds": round(took.Seconds()),
		"received": r.Sink.Count(), "smtp_sessions": r.Sink.Sessions(), "use": used.since(took),
	}}}, nil
}

// distinct are mails of n people, none of which answers another.
func distinct(n int) []rig.Letter {
	var out []rig.Letter
	seen := map[string]bool{}
	for _, l := range rig.Letters(letterSeed, 3*n) {
		if l.Meta.InReplyTo == "" && !seen[l.Meta.From.Address] && len(out) < n {
			seen[l.Meta.From.Address] = true
			out = append(out, l)
		}
	}
	return out
}

// api is a client of the running program.
func (s *session) api(ctx context.Context, a *app.App) (*rig.API, error) {
	token, err := rig.Token(ctx, a.Router)
	if err != nil {
		return nil, err
	}
	return &rig.API{Base: "http://" + a.Addr(), Token: token, HTTP: httpClient()}, nil
}

// httpClient keeps a connection for each client open, as browsers do.
func httpClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
}

func openCases(ctx context.Context, api *rig.API, n int) (out []openCase, err error) {
	for cursor := ""; len(out) < n; {
		list, next, err := api.Cases(ctx, "office", cursor, 200)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			way, ok, err := api.Ways(ctx, c)
			if err != nil || !ok {
				return nil, fmt.Errorf("case %s cannot be answered: %w", c.Ref, err)
			}
			out = append(out, openCase{c, way})
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if len(out) < n {
		return nil, fmt.Errorf("there are %d cases of %d", len(out), n)
	}
	return out[:n], nil
}

// awaitAccepted waits until n deliveries are recorded as accepted.
func awaitAccepted(ctx context.Context, a *app.App, n int) error {
	return poll(ctx, func() (bool, error) {
		var done int
		err := a.DB.Read.NewRaw("SELECT count(*) FROM deliveries WHERE state = 'accepted'").Scan(ctx, &done)
		return done >= n, err
	})
}
