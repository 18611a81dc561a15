package crash

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"
)

// Report is what became of everything. Lost and Doubled must be 0.
type Report struct {
	Kills     int `json:"kills"`
	InIngest  int `json:"kills_with_mail_unread"` // a kill broke in while raw items waited
	InSend    int `json:"kills_while_sending"`    // ... while deliveries were on their way
	WithQueue int `json:"kills_with_mail_queued"` // ... while answers waited to be sent

	Mails       int `json:"mails"`
	Messages    int `json:"messages"`
	Quarantined int `json:"quarantined"`
	Replies     int `json:"replies"` // that the API said were queued
	Refused     int `json:"refused"` // something newer was there
	Receipts    int `json:"receipts"`
	Sent        int `json:"sent"`    // messages in the SMTP server
	Unknown     int `json:"unknown"` // deliveries that a person must look at
	UnknownSent int `json:"unknown_and_sent"`

	Lost    int      `json:"lost"`
	Doubled int      `json:"doubled"`
	Faults  []string `json:"faults,omitempty"` // the first few, in words
}

func (r *Report) lose(what string)   { r.Lost++; r.fault("lost: " + what) }
func (r *Report) double(what string) { r.Doubled++; r.fault("doubled: " + what) }

func (r *Report) fault(what string) {
	if len(r.Faults) < 20 {
		r.Faults = append(r.Faults, what)
	}
}

// count looks for every mail and every answer, in the database and in the SMTP
// server.
func (w *world) count(ctx context.Context, rep *Report) error {
	for _, step := range []func(context.Context, *Report) error{w.countMails, w.countReplies, w.countSent, w.countReceipts} {
		if err := step(ctx, rep); err != nil {
			return fmt.Errorf("crash: count: %w", err)
		}
	}
	return nil
}

// countMails: every mail is one message or one item in quarantine.
func (w *world) countMails(ctx context.Context, rep *Report) error {
	var ids []string
	if err := w.db.Read.NewRaw("SELECT external_id FROM messages WHERE direction = 'in'").Scan(ctx, &ids); err != nil {
		return err
	}
	have := map[string]int{}
	for _, id := range ids {
		have[id]++
	}
	var raws []struct{ Body []byte }
	if err := w.db.Read.NewRaw("SELECT r.body FROM quarantine AS q JOIN raws AS r ON r.id = q.raw_id").Scan(ctx, &raws); err != nil {
		return err
	}
	for _, r := range raws {
		have[messageID(r.Body)]++
	}
	rep.Mails, rep.Messages, rep.Quarantined, rep.Refused = len(w.mails), len(ids), len(raws), w.refused
	for _, id := range w.mails {
		switch n := have[id]; {
		case n == 0:
			rep.lose("the mail " + id)
		case n > 1:
			rep.double(fmt.Sprintf("the mail %s: %d times", id, n))
		}
		delete(have, id)
	}
	for id, n := range have {
		rep.double(fmt.Sprintf("%d messages of no mail: %s", n, id))
	}
	return nil
}

// countReplies: what the API said yes to is there, and nothing twice.
func (w *world) countReplies(ctx context.Context, rep *Report) error {
	var texts []string
	if err := w.db.Read.NewRaw("SELECT text FROM messages WHERE direction = 'out' AND origin = 'operator'").Scan(ctx, &texts); err != nil {
		return err
	}
	have := map[string]int{}
	for _, t := range texts {
		have[markIn(t)]++
	}
	for _, mark := range slices.Sorted(maps.Keys(w.replies)) {
		done := w.replies[mark]
		switch n := have[mark]; {
		case done && n == 0:
			rep.lose("the answer " + mark + ", of which the API had said that it was queued")
		case n > 1:
			rep.double(fmt.Sprintf("the answer %s: %d times", mark, n))
		}
		if done {
			rep.Replies++
		}
	}
	return nil
}

func markIn(text string) string {
	i := strings.Index(text, "Rif-interno-")
	if i < 0 {
		return ""
	}
	return strings.Fields(text[i:])[0]
}

// countSent: what is recorded as accepted is in the SMTP server once, what is
// unknown at most once, and nothing else is.
func (w *world) countSent(ctx context.Context, rep *Report) error {
	var rows []struct{ ExternalID, State string }
	err := w.db.Read.NewRaw("SELECT m.external_id, d.state FROM deliveries AS d JOIN messages AS m ON m.id = d.message_id").Scan(ctx, &rows)
	if err != nil {
		return err
	}
	sent := map[string]int{}
	for _, m := range w.rig.Sink.Messages() {
		sent[messageID(m.Data)]++
		rep.Sent++
	}
	for _, r := range rows {
		n := sent[r.ExternalID]
		delete(sent, r.ExternalID)
		switch {
		case n > 1:
			rep.double(fmt.Sprintf("sent %d times: %s (%s)", n, r.ExternalID, r.State))
		case r.State == "accepted" && n == 0:
			rep.lose("recorded as accepted and never sent: " + r.ExternalID)
		case r.State == "unknown":
			rep.Unknown++
			rep.UnknownSent += n
		case r.State == "queued" || r.State == "sending":
			rep.lose("still " + r.State + ": " + r.ExternalID)
		case r.State != "accepted" && n > 0:
			rep.double("sent, but recorded as " + r.State + ": " + r.ExternalID)
		}
	}
	for id, n := range sent {
		rep.lose(fmt.Sprintf("%d sent of which the database does not know: %s", n, id))
	}
	return nil
}

// countReceipts: a case has one automatic receipt at most.
func (w *world) countReceipts(ctx context.Context, rep *Report) error {
	var rows []struct {
		CaseID int64
		N      int
	}
	err := w.db.Read.NewRaw("SELECT case_id, count(*) AS n FROM messages WHERE direction = 'out' AND origin = 'automation' AND notes LIKE 'event:receipt%' GROUP BY case_id").Scan(ctx, &rows)
	for _, r := range rows {
		rep.Receipts++
		if r.N > 1 {
			rep.double(fmt.Sprintf("%d receipts of case %d", r.N, r.CaseID))
		}
	}
	return err
}

func messageID(raw []byte) string {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "unreadable: " + err.Error()
	}
	return strings.Trim(m.Header.Get("Message-ID"), "<> ")
}
