package crash

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"filodiretto/app"
	"filodiretto/bench/rig"
	"filodiretto/channels/mail/mailgen"
)

// posters is how many operators answer at the same time.
const posters = 3

// prepare makes the town's staff, rules and a token, before the first life.
func prepare(ctx context.Context, r *rig.Rig, setup rig.Setup, log *slog.Logger) (token string, err error) {
	cfg, err := r.Config(setup)
	if err != nil {
		return "", err
	}
	a, err := app.New(ctx, cfg, log)
	if err != nil {
		return "", err
	}
	defer func() {
		if serr := a.Stop(); err == nil {
			err = serr
		}
	}()
	if err := rig.Staff(ctx, a.Router, a.Hasher); err != nil {
		return "", err
	}
	return rig.Token(ctx, a.Router)
}

// feed lets mail arrive in small bursts until ctx ends.
func (w *world) feed(ctx context.Context) error {
	g := mailgen.New(w.Seed)
	for ctx.Err() == nil {
		var burst [][]byte
		var ids []string
		for range 1 + w.arrive.IntN(12) {
			raw, m := g.Next()
			burst, ids = append(burst, raw), append(ids, m.MessageID)
		}
		w.mu.Lock() // first, so that none that is there is unknown
		w.mails = append(w.mails, ids...)
		w.mu.Unlock()
		if err := w.rig.Deliver(burst...); err != nil {
			return fmt.Errorf("crash: %w", err)
		}
		pause(ctx, time.Duration(w.arrive.IntN(200))*time.Millisecond)
	}
	return nil
}

// post answers cases until town ends. An answer that was begun is posted until
// the API says yes or no, with one idempotency key, as a good program does: a
// connection that breaks says nothing about what was done.
func (w *world) post(town, posting context.Context, who int) {
	chance := rand.New(rand.NewPCG(w.Seed, uint64(100+who)))
	for n := 0; town.Err() == nil; n++ {
		c, way, ok := w.pick(town, chance)
		if !ok {
			pause(town, 30*time.Millisecond)
			continue
		}
		mark := fmt.Sprintf("Rif-interno-%d-%06d", who, n)
		w.note(mark, false)
		err := w.insist(posting, c, way, mark)
		w.mu.Lock()
		if err == nil {
			w.replies[mark] = true
		} else {
			w.refused++
		}
		w.mu.Unlock()
		pause(town, time.Duration(chance.IntN(60))*time.Millisecond)
	}
}

func (w *world) note(mark string, done bool) {
	w.mu.Lock()
	w.replies[mark] = done
	w.mu.Unlock()
}

func (w *world) api() *rig.API {
	w.mu.Lock()
	defer w.mu.Unlock()
	return &rig.API{Base: "http://" + w.addr, Token: w.token, HTTP: http.DefaultClient}
}

// pick takes one of the newest cases that can be answered.
func (w *world) pick(ctx context.Context, chance *rand.Rand) (c rig.Case, way rig.Way, ok bool) {
	a := w.api()
	list, _, err := a.Cases(ctx, "office", "", 50)
	if err != nil || len(list) == 0 {
		return c, way, false
	}
	c = list[chance.IntN(len(list))]
	way, ok, err = a.Ways(ctx, c)
	return c, way, ok && err == nil
}

// insist posts until there is an answer. 409 says that something newer came,
// which is a "no" like other answers of 4xx; "in progress" is not.
func (w *world) insist(ctx context.Context, c rig.Case, way rig.Way, mark string) error {
	for ctx.Err() == nil {
		err := w.api().Reply(ctx, c, way, mark, "Buongiorno,\n\nabbiamo preso in carico la sua richiesta.\n\n"+mark+"\n")
		var status *rig.StatusError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &status) && status.Status/100 == 4 && !status.Again():
			return err
		}
		pause(ctx, 20*time.Millisecond)
	}
	return ctx.Err()
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
