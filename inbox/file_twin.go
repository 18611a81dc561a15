package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/channels/pec"
)

// twin is an ordinary mail with the very words of a certified one: whoever sent or
// got a certified letter has the message inside it, and may send it on.
type twin struct {
	caseID int64
	sender string
}

// certified reports whether a provider vouches for an item as certified mail.
func certified(it *channels.Item) bool {
	return it.Certified != nil && it.Certified.Kind == pec.KindEnvelope && it.Certified.Proven()
}

// certifiedKey is what makes a certified message the same one in each of our
// mailboxes: the id that the provider gave to its envelope and signed, with what is
// inside. The message inside may come as ordinary mail too, before or after, and is
// another thing: it proves nothing, and must not stand in the place of what does.
func certifiedKey(it *channels.Item) string {
	return "cert:" + cmp.Or(it.Certified.ID, it.ExternalID) + ":" + it.BodyHash
}

// plainKey is what makes an ordinary mail the same one (mail rules 24, 26, 27). The hash
// covers From: what somebody else sends on as their own is no copy.
func plainKey(it *channels.Item) string { return "mail:" + it.ExternalID + ":" + it.BodyHash }

// doubtedKey is that of an ordinary mail which our own mail server does not take for
// its sender's. It must not stand in the place of the true one, which may come later:
// what the two have in common, whoever has seen the letter can send.
func doubtedKey(it *channels.Item) string { return "doubted:" + plainKey(it) }

// knownAs is the message of which an item is a copy. A doubted mail is one of the true
// mail that was there first, or of a doubted one.
func (f *filing) knownAs(r *reading, it *channels.Item) (int64, bool) {
	key := f.messageKey(r, it)
	id, ok := f.known[f.keyFor(key)]
	if !ok && key == doubtedKey(it) {
		id, ok = f.known[f.keyFor(plainKey(it))]
	}
	return id, ok
}

// remember notes under which keys a message is known. An ordinary mail that comes
// after the certified one with its words, by the same sender, is a copy of it; by
// another sender it is not, or somebody could certify another's words in advance and
// have their mail taken for a copy.
func (f *filing) remember(key string, it *channels.Item, m *Message) {
	keys := []string{key}
	if certified(it) && !slices.Contains(it.Notes, "pec_sender_differs") && it.ExternalID != "" {
		keys = append(keys, plainKey(it))
	}
	for _, k := range keys {
		k = f.keyFor(k)
		if _, taken := f.known[k]; !taken {
			f.known[k] = m.ID
			f.keys = append(f.keys, &messageKey{Key: k, MessageID: m.ID})
		}
	}
	if f.acc.Kind == "mail" && !certified(it) && !untrusted(it) {
		f.twins[plainKey(it)] = twin{m.CaseID, it.From.Value}
	}
}

// loadTwins finds the ordinary mails that came before with the words of the batch's
// certified ones.
func (f *filing) loadTwins(ctx context.Context) error {
	f.twins = map[string]twin{}
	var keys []string
	f.eachItem(func(_ *reading, it *channels.Item) {
		if certified(it) {
			keys = append(keys, plainKey(it))
		}
	})
	if len(keys) == 0 {
		return nil
	}
	var rows []struct {
		Key, Value, Sender, Notes string
		CaseID                    int64
	}
	err := f.tx.NewRaw(`SELECT mk.key, i.value, m.sender, m.notes, COALESCE(m.case_id, 0) AS case_id FROM message_keys AS mk JOIN messages AS m ON m.id = mk.message_id
		JOIN identities AS i ON i.id = m.identity_id WHERE mk.key IN (?) AND m.direction = 'in'`, bun.List(keys)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("ordinary mails with the words of certified ones: %w", err)
	}
	for _, r := range rows {
		if (&Message{Sender: r.Sender, Notes: r.Notes}).doubted() {
			continue // a forgery that came first draws nothing to its case
		}
		f.twins[r.Key] = twin{r.CaseID, r.Value}
	}
	return nil
}

// sameWords is why a certified mail belongs to a case: the same sender's ordinary
// mail with its very words is there.
const sameWords = "same_words"

// caseOfTwin is the case in which the ordinary mail with the words of a certified one
// is, if its sender has the same address; nil for none.
func (f *filing) caseOfTwin(it *channels.Item) *Case {
	if !certified(it) {
		return nil
	}
	if t, ok := f.twins[plainKey(it)]; ok && t.sender == it.From.Value {
		return f.cases[t.caseID]
	}
	return nil
}

// doubted reports whether our own mail server, or the signature of a provider, speaks
// against a message being its sender's.
func (m *Message) doubted() bool {
	s := m.Standing()
	return s == StandsDoubted || s == StandsUnclear || forged(&channels.Item{Certified: m.CertifiedBy()})
}
