package mail

import (
	"context"

	"filodiretto/channels"
)

// Variant is how the mailboxes of another channel differ from ordinary ones.
type Variant struct {
	// Header is written into every message, as name and value in ASCII.
	Header [][2]string
	// MaxBytes is the largest message that is given to the server, in bytes as
	// it is sent; 0 is no limit but the server's own.
	MaxBytes int64
	// Plain leaves out what marks mail of robots and what brings answers back
	// to a plus-address: certified mail bears neither (PEC reference section 9).
	Plain bool
	// Parse reads a raw item in the place of this package's, nil for that; its
	// version is ParserVersion then.
	Parse         func(channels.Raw, OwnAddresses) ([]channels.Item, error)
	ParserVersion int
}

// Box is an opened mailbox.
type Box interface {
	channels.Parser
	channels.Receiver
	channels.Sender
	channels.Prober
	channels.Concurrent
	channels.Paced
	channels.Reconciler
	// Fullness asks the server how full the mailbox is.
	Fullness(ctx context.Context) (Fullness, error)
}

// Open opens an ordinary mailbox, read in whatever way its settings say. The
// settings are those of Driver.Fields.
func Open(a channels.Account, deps channels.Deps, v Variant) (channels.Channel, error) {
	m, err := newMailbox(a, deps)
	if err != nil {
		return nil, err
	}
	m.variant = v
	switch m.set.reading {
	case readingPOP3:
		return &popBox{common: m, m: m, turn: make(chan struct{}, 1), tries: map[string]int{}}, nil
	case readingHanded:
		return &handedBox{common: m, m: m}, nil
	default:
		return m, nil
	}
}

// OpenVariant opens a mailbox that is read over IMAP, for a channel that is built on
// this one.
func OpenVariant(a channels.Account, deps channels.Deps, v Variant) (Box, error) {
	m, err := newMailbox(a, deps)
	if err != nil {
		return nil, err
	}
	m.variant = v
	return m, nil
}

// Own are the addresses by which a mailbox's own mail is known.
func Own(a channels.Account, deps channels.Deps) (OwnAddresses, error) {
	set, err := readSettings(a)
	if err != nil {
		return OwnAddresses{}, err
	}
	return set.own(deps), nil
}
