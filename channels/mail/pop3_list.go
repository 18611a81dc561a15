package mail

import (
	"strconv"
	"strings"

	"filodiretto/channels"
)

// listPOP3 gives what the mailbox holds, in the order of arrival, and apart what
// has no usable id. A server without unique ids cannot be read: nobody
// could say which message is new.
func (m *mailbox) listPOP3(c *popConn) (list, nameless []popEntry, err error) {
	var uids, sizes []string
	err = c.do(func() (err error) {
		if uids, err = c.list("UIDL"); err == nil {
			sizes, err = c.list("LIST")
		}
		return err
	})
	if isRefusal(err) && uids == nil {
		return nil, nil, channels.Errorf(channels.RetryBackoff, "UIDL", "the POP3 server %s gives messages no unique ids (UIDL), so that nobody can tell which are new: read this mailbox over IMAP, or let the mail be handed over", m.set.pop3.addr())
	}
	if err != nil {
		return nil, nil, m.popError("list the messages of", err)
	}
	size := make(map[int]int64, len(sizes))
	for _, line := range sizes {
		word, rest, _ := strings.Cut(line, " ")
		rest, _, _ = strings.Cut(rest, " ")
		n, err := strconv.Atoi(word)
		octets, err2 := strconv.ParseInt(rest, 10, 64)
		if err == nil && err2 == nil && octets >= 0 {
			size[n] = octets
		}
	}
	for _, line := range uids {
		word, uid, _ := strings.Cut(line, " ")
		n, err := strconv.Atoi(word)
		switch {
		case err != nil || n < 1:
			nameless = append(nameless, popEntry{0, unnamed + word, -1})
		case !goodUID(uid):
			nameless = append(nameless, popEntry{n, unnamed + word, size[n]})
		default:
			list = append(list, popEntry{n, uid, size[n]})
		}
	}
	return list, nameless, nil
}

// goodUID reports whether an id is one that RFC 1939 allows, or a longer one.
func goodUID(uid string) bool {
	for i := range len(uid) {
		if uid[i] < '!' || uid[i] > '~' {
			return false
		}
	}
	return uid != "" && len(uid) <= 255
}
