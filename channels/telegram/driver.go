// Package telegram is the channel of one Telegram bot: long polling in,
// Bot API calls out (reference/channels.md section 1, cited here as
// "channels 1.x"). The client is our own; the folder standin holds an honest
// imitation of the platform for tests and for the demo.
package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// Kind is the driver's kind in the configuration, and the kind of its addresses.
const Kind = "telegram"

// Channel is one bot, opened.
type Channel struct {
	api   *client
	log   *slog.Logger
	clock clock.Clock
	pace  *pacer
	set   settings
	// good is when the platform last answered a poll; it outlives a Receive
	// that was ended and called again, so that the 12 hours of channels 1.2
	// are counted whole.
	good atomic.Int64 // a clock.Instant
	// pause waits for d or until ctx ends; tests replace it.
	pause func(ctx context.Context, d time.Duration) error
}

// settings are the account's settings, read.
type settings struct {
	token       string
	base        string // api_url without the final slash
	pollTimeout time.Duration
	maxFile     int64 // bytes that Fetch may download
	maxUpload   int64 // bytes that Send may upload
	perSecond   int   // messages of the whole bot
}

// What Channel can do, checked by the compiler.
var (
	_ channels.Channel    = (*Channel)(nil)
	_ channels.Sender     = (*Channel)(nil)
	_ channels.Receiver   = (*Channel)(nil)
	_ channels.Fetcher    = (*Channel)(nil)
	_ channels.Prober     = (*Channel)(nil)
	_ channels.Concurrent = (*Channel)(nil)
)

// open makes the channel without reaching the network. All faults of the
// settings are told at once.
func open(a channels.Account, d channels.Deps) (channels.Channel, error) {
	set, err := readSettings(a.Settings)
	if err != nil {
		return nil, fmt.Errorf("telegram account %q: %w", a.Key, err)
	}
	log := d.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	now := d.Clock
	if now == nil {
		now = clock.System{}
	}
	return &Channel{
		api:   newClient(set.base, set.token, d.Transport),
		log:   log.With("account", a.ID),
		clock: now,
		pace:  newPacer(set.perSecond),
		set:   set,
		pause: pause,
	}, nil
}

// Concurrency is how many messages may be on their way at once. At the 30
// messages a second that Telegram tolerates, eight calls of up to a quarter of
// a second are enough.
func (c *Channel) Concurrency() int { return sendsAtOnce }

const sendsAtOnce = 8

// tokenForm is what BotFather gives (channels 1.1). It holds no character
// that is written otherwise in a URL, which makes redaction exact.
var tokenForm = regexp.MustCompile(`^[0-9]{1,20}:[A-Za-z0-9_-]{20,100}$`)

func readSettings(s map[string]string) (settings, error) {
	var set settings
	var faults []error
	value := func(name string) string {
		if v := strings.TrimSpace(s[name]); v != "" {
			return v
		}
		return defaultOf(name)
	}
	number := func(name string, low, high int64) int64 {
		n, err := strconv.ParseInt(value(name), 10, 64)
		if err != nil || n < low || n > high {
			faults = append(faults, fmt.Errorf("%s must be a whole number from %d to %d", name, low, high))
		}
		return n
	}
	set.token = value("token")
	if !tokenForm.MatchString(set.token) {
		faults = append(faults, errors.New("token must look like 123456789:AAE..., as BotFather gives it"))
	}
	base, err := readBase(value("api_url"))
	if err != nil {
		faults = append(faults, err)
	}
	set.base = base
	set.pollTimeout, err = time.ParseDuration(value("poll_timeout"))
	if err != nil || set.pollTimeout < time.Second || set.pollTimeout > 50*time.Second {
		faults = append(faults, errors.New(`poll_timeout must be from "1s" to "50s": the platform allows no more`))
	}
	set.maxFile = number("max_file_mb", 1, 2000) << 20
	set.maxUpload = number("max_upload_mb", 1, 2000) << 20
	set.perSecond = int(number("messages_per_second", 1, 1000))
	return set, errors.Join(faults...)
}

// readBase checks the address of the Bot API server. A user name in it would
// end up in texts, and the token must not travel in clear to the public server.
func readBase(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return "", errors.New("api_url must be an address like https://api.telegram.org")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("api_url must have no user name, no ? and no #")
	case u.Scheme == "http" && strings.HasSuffix(strings.ToLower(u.Hostname()), "telegram.org"):
		return "", errors.New("api_url must begin with https:// for Telegram's own server")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// pause waits for d or until ctx ends, and then gives its error.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
