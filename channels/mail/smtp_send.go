package mail

import (
	"context"

	"filodiretto/channels"
)

// Send delivers a message to one recipient over SMTP. Acceptance by the server
// is not arrival: bounces come as mail.
func (m *mailbox) Send(ctx context.Context, out *channels.Outgoing) (channels.Receipt, error) {
	l, err := m.compose(out)
	if err != nil {
		return channels.Receipt{}, err
	}
	if out.Keep != nil {
		if err := out.Keep(ctx, l); err != nil {
			return channels.Receipt{}, &channels.Error{Class: channels.RetryBackoff, Text: "what was to be sent could not be kept", Err: err}
		}
	}
	ok, err := m.pool.send(ctx, l)
	if err != nil {
		return channels.Receipt{}, err
	}
	if m.sent != nil {
		m.sent.add(l)
	}
	return channels.Receipt{ExternalIDs: []string{out.ExternalID}, Code: ok.String()}, nil
}

// Pace is the provider's limit, and what other providers bear (rule 69).
func (m *mailbox) Pace() channels.Pace {
	return channels.Pace{Account: m.set.perMinute, Domain: m.set.perDomain}
}
