package router

import (
	"context"
	"fmt"
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/textfold"
)

// Trial is what the rules would have done with a case that is there already.
type Trial struct {
	CaseID   int64
	Ref      string
	Subject  string
	Was      int64 // office where it stands today
	Office   int64 // office where the rules would send it
	Kind     inbox.CaseKind
	Priority int
	Assignee bool // it would be given to a person
	Receipt  bool
	Register bool // its messages would have to be registered
	Rules    []int64
}

// TryRules sends the first messages of the cases opened since an instant through
// the rules given, or through those in force when nil, and changes nothing. Only
// cases that the viewer's offices own are shown to who is no administrator.
func (r *Router) TryRules(ctx context.Context, v inbox.Viewer, rules []Rule, since clock.Instant, limit int) ([]Trial, error) {
	dir, err := r.mayRule(ctx, v)
	if err != nil {
		return nil, err
	}
	if rules == nil {
		if rules, err = r.Rules(ctx); err != nil {
			return nil, err
		}
	}
	set := &ruleSet{}
	for _, rule := range rules {
		if rule.Enabled {
			set.rules = append(set.rules, compile(rule, dir))
		}
	}
	var rows []struct {
		ID, OfficeID, AccountID, CaseOffice int64
		Year                                int
		Number                              int64
		Subject, Text, Channel, AccountKey  string
		Sender, Lang                        string
		CaseSubject                         string
		Parts                               int
		At                                  clock.Instant
	}
	err = r.db.Read.NewRaw(`SELECT c.id, c.year, c.number, c.subject AS case_subject, c.office_id AS case_office, m.subject, m.text, m.channel, m.lang, m.parts, m.at,
			m.account_id, a.key AS account_key, a.office_id, COALESCE(i.value, '') AS sender
		FROM cases AS c JOIN messages AS m ON m.id = (SELECT f.id FROM messages AS f WHERE f.case_id = c.id AND f.direction = 'in' ORDER BY f.at, f.id LIMIT 1)
		JOIN accounts AS a ON a.id = m.account_id LEFT JOIN identities AS i ON i.id = m.identity_id
		WHERE c.created_at >= ? ORDER BY c.id DESC LIMIT ?`, since, max(1, min(limit, 5000))).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("try the rules: %w", err)
	}
	var out []Trial
	for _, x := range rows {
		d, turn := set.decide(r.zone, inbox.Facts{
			AccountID: x.AccountID, AccountKey: x.AccountKey, Office: x.OfficeID, Channel: x.Channel, Sender: x.Sender,
			Subject: x.Subject, Text: x.Text, Words: textfold.Words(x.Subject + "\n" + x.Text), Kind: inbox.Request, At: x.At, Lang: x.Lang, Files: x.Parts,
		})
		t := Trial{
			CaseID: x.ID, Ref: inbox.CaseRef(x.Year, x.Number), Subject: x.CaseSubject, Was: x.CaseOffice, Office: d.Office,
			Kind: d.Kind, Priority: d.Priority, Assignee: turn || d.Assignee != 0, Receipt: d.Receipt, Register: d.Register != 0, Rules: d.Rules,
		}
		if t.Office == 0 {
			t.Office = x.OfficeID
		}
		if !v.Member(x.CaseOffice) { // an administrator learns where it goes, not what it says
			t.Subject = ""
		}
		if v.Admin || v.System || slices.Contains(v.Offices, x.CaseOffice) {
			out = append(out, t)
		}
	}
	return out, nil
}
