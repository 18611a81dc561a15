package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/inbox"
	"filodiretto/internal/db"
)

type reconcileCommand struct {
	configured
	Timeout time.Duration `default:"5m" help:"How long one account may take."`
	Show    int           `default:"20" help:"How many differences to name for each folder."`
}

// Help is shown by `filodiretto reconcile --help`.
func (reconcileCommand) Help() string {
	return `Proves that nothing was lost: for every folder of every mailbox it compares the numbers (UIDs; over POP3 the unique ids) of the messages that the provider holds with the originals kept here. Where mail is handed over there is nothing to compare: the server that hands it over keeps what was not taken. What arrived in the last moments counts as waiting; what somebody deleted at the provider and is kept here is told and is no fault. Nothing is changed. Ends with 1 when a message is missing here.

Examples:
  filodiretto reconcile
  filodiretto reconcile --show 1000 > differences.txt`
}

// Run compares.
func (c *reconcileCommand) Run(ctx context.Context, s *shell) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	d, err := openDatabase(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.Close()
	list := fileAccounts(cfg)
	pages, err := pageAccounts(ctx, d, cfg)
	if err != nil {
		return err
	}
	wrong, compared := 0, 0
	for _, a := range append(list, pages...) {
		ch, err := openChannel(a)
		if err != nil {
			return fmt.Errorf("account %s: %w", a.Key, err)
		}
		r, ok := ch.(channels.Reconciler)
		if !ok {
			if mail.OnlyHanded(a.Settings) {
				s.say("none   %s: its mail is handed over, and there is no list to compare: what was not taken is in the queue of the server that hands it over", a.Key)
			}
			continue
		}
		compared++
		n, err := c.account(ctx, s, d, a.Key, r)
		if err != nil {
			s.say("WRONG  %s: %s", a.Key, remedied(err))
			n = 1
		}
		wrong += n
	}
	switch {
	case compared == 0:
		s.say("no account can be compared: only mailboxes can")
	case wrong > 0:
		return &foundError{wrong}
	}
	return nil
}

func (c *reconcileCommand) account(ctx context.Context, s *shell, d *db.DB, key string, r channels.Reconciler) (wrong int, err error) {
	ctx, stop := context.WithTimeout(ctx, c.Timeout)
	defer stop()
	var row inbox.Account
	if err := d.Read.NewSelect().Model(&row).Where("a.key = ?", key).Scan(ctx); err != nil {
		return 0, errors.New("the database does not know it yet: start `filodiretto serve` once")
	}
	cursor := func(stream string) ([]byte, error) {
		var all [][]byte
		err := d.Read.NewRaw("SELECT cursor FROM cursors WHERE account_id = ? AND stream = ?", row.ID, stream).Scan(ctx, &all)
		if err != nil || len(all) == 0 {
			return nil, err
		}
		return all[0], nil
	}
	held, err := r.Held(ctx, cursor)
	if err != nil {
		return 0, err
	}
	for _, h := range held {
		at, err := cursor(h.Stream)
		if err != nil {
			return wrong, err
		}
		n, err := c.stream(ctx, s, d, row, r, h, at)
		if err != nil {
			return wrong, err
		}
		wrong += n
	}
	return wrong, nil
}

// stillMissing leaves out what has left the provider meanwhile, or is on its way.
func stillMissing(ctx context.Context, r channels.Reconciler, stream string, cursor []byte, keys []string) ([]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	list, err := r.Describe(ctx, stream, cursor, keys)
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = x.Key
	}
	return out, err
}

// stream compares one folder and counts what is missing here.
func (c *reconcileCommand) stream(ctx context.Context, s *shell, d *db.DB, row inbox.Account, r channels.Reconciler, h channels.Held, cursor []byte) (int, error) {
	name := row.Key + " " + h.Stream
	if h.Renumbered {
		s.say("WRONG  %s: the provider numbers its messages anew: start `filodiretto serve`, which reads them again, and compare after that", name)
		return 1, nil
	}
	diff, err := inbox.CompareHeld(ctx, d, row.ID, h)
	if err != nil {
		return 0, err
	}
	if diff.Missing, err = stillMissing(ctx, r, h.Stream, cursor, diff.Missing); err != nil {
		return 0, err
	}
	for _, k := range diff.Missing[:min(len(diff.Missing), c.Show)] {
		s.say("MISSING  %s: message %s", name, k[len(h.Prefix):])
	}
	if missing := len(diff.Missing); missing > 0 {
		s.say("WRONG  %s: %d of %d messages at the provider are not here: the running program compares each day and fetches them; to have it now, press “Compare now” on the channel's page of comparisons", name, missing, len(h.Keys))
		return missing, nil
	}
	s.say("ok     %s: %d messages are at the provider and here; %d waiting; %d no longer at the provider; %d from earlier numberings", name, len(h.Keys), h.Waiting, diff.Gone, diff.Older)
	return 0, nil
}
