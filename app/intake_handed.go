package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/mail/lmtp"
	"filodiretto/inbox"
)

// handed takes over mail for the mailboxes (mail rule 81c).
type handed struct{ app *App }

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
	// Where mail has another way in, what is handed over must not hide that this fails.
	due := mail.OnlyHanded(settings) && h.app.DB.Clock.Now().Sub(a.LastOkAt) >= aliveEvery
	return lmtp.Box{ID: a.ID, Keeper: &keeper{h.app.Inbox, a.ID, due}}
}

// keeper stores what is handed over for one mailbox.
type keeper struct {
	in      *inbox.Inbox
	account int64
	due     bool // a message is to be noted as a sign of life
}

// Take commits one message.
func (k *keeper) Take(ctx context.Context, via string, it channels.Raw) error {
	_, err := k.in.Take(ctx, k.account, via, it)
	if err == nil && k.due {
		_ = k.in.Alive(ctx, k.account) // the message is stored: the next one will do
	}
	return err
}

// Store keeps a large body.
func (k *keeper) Store(ctx context.Context, r io.Reader) (string, int64, error) {
	return k.in.Store(ctx, r)
}
