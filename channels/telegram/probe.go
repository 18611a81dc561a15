package telegram

import (
	"context"

	"filodiretto/channels"
)

// Probe asks the platform who the bot is and whether it can be polled. It
// changes nothing; it does not poll, which would end a running Receive.
func (c *Channel) Probe(ctx context.Context) error {
	var who me
	if err := c.api.ask(ctx, "getMe", struct{}{}, &who); err != nil {
		return err
	}
	if !who.IsBot {
		return channels.Errorf(channels.AuthBroken, "", "the token is not a bot's")
	}
	_, err := c.webhook(ctx)
	return err
}
