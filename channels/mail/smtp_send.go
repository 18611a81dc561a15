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
	if err := m.throttle(); err != nil {
		return channels.Receipt{}, err
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

// throttle keeps to the provider's limit (rule 69) without holding a worker:
// it tells when the account may send again.
func (m *mailbox) throttle() error {
	if m.rate == nil {
		return nil
	}
	now := m.clock.Now().Time()
	r := m.rate.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	r.CancelAt(now)
	return &channels.Error{
		Class: channels.RetryAfter, Scope: channels.ScopeAccount, After: wait,
		Text: "the account's limit of messages a minute is reached",
	}
}
