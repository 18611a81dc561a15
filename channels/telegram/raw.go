package telegram

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// head is the little of an update that is looked at before it is committed.
type head struct {
	ID       *int64    `json:"update_id"`
	Message  *headOf   `json:"message"`
	Edited   *headOf   `json:"edited_message"`
	Callback *callback `json:"callback_query"`
	Member   *headOf   `json:"my_chat_member"`
}

type headOf struct {
	ID       int64 `json:"message_id"`
	Date     int64 `json:"date"`
	EditDate int64 `json:"edit_date"`
	Chat     struct {
		ID int64 `json:"id"`
	} `json:"chat"`
}

type callback struct {
	ID string `json:"id"`
}

// readHead never fails: what cannot be read is committed under the hash of
// its bytes, for Parse to say what is wrong with it.
func readHead(body []byte) head {
	var h head
	if _, err := tolerant(body, &h); err != nil {
		return head{}
	}
	return h
}

// raw makes the item to commit. now is its time where the platform says none.
func (h head) raw(body []byte, now clock.Instant) channels.Raw {
	return channels.Raw{
		DedupKey:    h.key(body),
		ContentType: "application/json",
		Body:        bytes.Clone(body),
		Size:        int64(len(body)),
		ReceivedAt:  h.receivedAt(now),
	}
}

// key is the same for every delivery of an update. The number alone would do
// from day to day, but after a week of silence numbers begin anew at random
// and could meet an old one: what the update is about is part of the key
// (channels 0.3, 1.2).
func (h head) key(body []byte) string {
	if h.ID == nil {
		sum := sha256.Sum256(body)
		return "sha256:" + hex.EncodeToString(sum[:])
	}
	key := strconv.FormatInt(*h.ID, 10)
	version := func(m *headOf) string {
		return "/" + strconv.FormatInt(m.Chat.ID, 10) + ":" + strconv.FormatInt(m.ID, 10) + ":" + strconv.FormatInt(max(m.EditDate, m.Date), 10)
	}
	switch {
	case h.Message != nil:
		return key + version(h.Message)
	case h.Edited != nil:
		return key + version(h.Edited)
	case h.Callback != nil:
		sum := sha256.Sum256([]byte(h.Callback.ID))
		return key + "/press:" + hex.EncodeToString(sum[:8])
	case h.Member != nil:
		return key + version(h.Member)
	}
	sum := sha256.Sum256(body)
	return key + "/" + hex.EncodeToString(sum[:8])
}

// receivedAt is the platform's time of the message, version or change; the
// date inside a press is that of the message with the button and says nothing.
// A time of the future is not believed.
func (h head) receivedAt(now clock.Instant) clock.Instant {
	var t clock.Instant
	for _, m := range []*headOf{h.Message, h.Edited, h.Member} {
		if m != nil {
			t = moment(max(m.EditDate, m.Date))
		}
	}
	if t == 0 || t.Sub(now) > time.Minute {
		return now
	}
	return t
}

// hostOf is the host of an address, or a word when there is none to see.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return "an unreadable address"
	}
	return u.Hostname()
}
