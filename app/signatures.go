package app

import (
	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/config"
)

// Believe tells the channels whose signatures count and whom to ask for the keys
// of domains. Call it before the accounts are opened.
func (a *Accounts) Believe(s config.Signatures) {
	a.deps.Trust, a.deps.Lookup = s.Trust, a.keysOf(s.DKIM)
}

// keysOf gives the way to ask for keys; nil where nobody is asked.
func (a *Accounts) keysOf(server string) channels.TextLookup {
	switch server {
	case config.DKIMOff, "":
		return nil
	case config.DKIMSystem:
		server = ""
	}
	return mail.Lookup(server, a.deps.Clock)
}
