package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/mail/lmtp"
	"filodiretto/inbox"
)

// handed takes over mail for the mailboxes (mail rule 81c).
type handed struct {
	app *App

	mu      sync.Mutex
	intakes map[int64]*intake // by account: they know when Alive was last noted
}

// find gives the mailbox of a normalised address. What it needs is only a row, so
// that mail is also taken for a mailbox that is paused or whose settings are
// wrong: it waits here, where it shows, rather than going back to the citizen.
func (h *handed) find(ctx context.Context, address string) (lmtp.Box, bool, error) {
	list, err := h.app.Inbox.MailAccounts(ctx)
	if err != nil {
		return lmtp.Box{}, false, err
	}
	alias := -1
	for i := range list {
		settings, err := settingsOf(&list[i])
		if err != nil {
			return lmtp.Box{}, false, err
		}
		switch ok, main := mail.Belongs(settings, address); {
		case main:
			return h.box(&list[i], settings), true, nil
		case ok && alias < 0:
			alias = i
		}
	}
	if alias < 0 {
		return lmtp.Box{}, false, nil
	}
	settings, err := settingsOf(&list[alias])
	return h.box(&list[alias], settings), err == nil, err
}

func settingsOf(a *inbox.Account) (map[string]string, error) {
	out := map[string]string{}
	if err := json.Unmarshal([]byte(cmp.Or(a.Settings, "{}")), &out); err != nil {
		return nil, fmt.Errorf("settings of account %d: %w", a.ID, err)
	}
	return out, nil
}

func (h *handed) box(a *inbox.Account, settings map[string]string) lmtp.Box {
	return lmtp.Box{ID: a.ID, Keeper: &keeper{intake: h.intake(a.ID), only: mail.OnlyHanded(settings)}}
}

// intake is the one of the account, so that of many messages one is noted as a
// sign of life.
func (h *handed) intake(account int64) *intake {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := h.intakes[account]
	if k == nil {
		k = &intake{in: h.app.Inbox, account: account, clock: h.app.DB.Clock}
		if h.intakes == nil {
			h.intakes = map[int64]*intake{}
		}
		h.intakes[account] = k
	}
	return k
}

// keeper stores what is handed over for one mailbox.
type keeper struct {
	*intake
	// only says that the mailbox has no other way in, so that what is handed over
	// is its sign of life. Elsewhere it must not hide that reading fails.
	only bool
}

// Take commits one message.
func (k *keeper) Take(ctx context.Context, via string, it channels.Raw) error {
	_, err := k.in.Take(ctx, k.account, via, it)
	if err == nil && k.only {
		k.Alive(ctx)
	}
	return err
}
