package bench

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"filodiretto/bench/rig"
	"filodiretto/internal/db"
)

// letterCheck says what became of the mails.
type letterCheck struct {
	Filed       int `json:"filed"`
	Quarantined int `json:"quarantined"`
	Lost        int `json:"lost"`
	Doubled     int `json:"doubled"`
	Misthreaded int `json:"misthreaded"` // not in the case of the mail they answer, or in a stranger's
	Replies     int `json:"replies"`
	Cases       int `json:"cases"`
}

func (c letterCheck) err() error {
	if c.Lost+c.Doubled+c.Misthreaded > 0 {
		return fmt.Errorf("%d mails lost, %d doubled, %d in a wrong case", c.Lost, c.Doubled, c.Misthreaded)
	}
	return nil
}

// checkLetters looks for every mail in the database. The mails were delivered in
// order to an empty folder, so that the UID of each is its place plus one.
func checkLetters(ctx context.Context, d *db.DB, letters []rig.Letter) (letterCheck, error) {
	var c letterCheck
	cases, err := casesOf(ctx, d)
	if err != nil {
		return c, err
	}
	held, err := quarantinedUIDs(ctx, d)
	if err != nil {
		return c, err
	}
	for i, l := range letters {
		n := len(cases[l.Meta.MessageID])
		c.Filed += min(n, 1)
		c.Quarantined += min(held[i+1], 1)
		switch n += held[i+1]; {
		case n == 0:
			c.Lost++
		case n > 1:
			c.Doubled++
		}
	}
	c.thread(letters, cases)
	return c, nil
}

// thread holds the cases against what the writer of the mails knows: the mails
// of one thread are all in one case, and no case has mails of two.
func (c *letterCheck) thread(letters []rig.Letter, cases map[string][]int64) {
	root := map[string]string{} // by Message-ID: the first mail of its thread
	caseOf := map[string]int64{}
	threadOf := map[int64]string{}
	for _, l := range letters {
		id := l.Meta.MessageID
		root[id] = id
		if first, ok := root[l.Meta.InReplyTo]; ok {
			c.Replies++
			root[id] = first
		}
		for _, k := range cases[id] {
			if have, ok := caseOf[root[id]]; ok && have != k {
				c.Misthreaded++
			} else if other, ok := threadOf[k]; ok && other != root[id] {
				c.Misthreaded++
			}
			caseOf[root[id]], threadOf[k] = k, root[id]
		}
	}
	c.Cases = len(threadOf)
}

// casesOf are the cases of the citizens' messages, by Message-ID.
func casesOf(ctx context.Context, d *db.DB) (map[string][]int64, error) {
	var rows []struct {
		ExternalID string
		CaseID     int64
	}
	err := d.Read.NewRaw("SELECT external_id, COALESCE(case_id, 0) AS case_id FROM messages WHERE direction = 'in'").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("read the messages: %w", err)
	}
	out := make(map[string][]int64, len(rows))
	for _, r := range rows {
		out[r.ExternalID] = append(out[r.ExternalID], r.CaseID)
	}
	return out, nil
}

// quarantinedUIDs counts the items in quarantine by the UID of their mail.
func quarantinedUIDs(ctx context.Context, d *db.DB) (map[int]int, error) {
	var keys []string
	err := d.Read.NewRaw("SELECT r.dedup_key FROM quarantine AS q JOIN raws AS r ON r.id = q.raw_id").Scan(ctx, &keys)
	if err != nil {
		return nil, fmt.Errorf("read the quarantine: %w", err)
	}
	out := map[int]int{}
	for _, k := range keys {
		uid, err := strconv.Atoi(k[strings.LastIndexByte(k, '/')+1:])
		if err != nil {
			return nil, fmt.Errorf("read the quarantine: the key of a mail ends in no number: %w", err)
		}
		out[uid]++
	}
	return out, nil
}
