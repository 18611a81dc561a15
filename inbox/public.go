package inbox

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
)

// PublicCase is what a citizen sees of a case with its number and secret: no
// names of operators, no notes, no other person's words.
type PublicCase struct {
	Ref        string
	Subject    string
	Kind       CaseKind
	Status     Status
	Outcome    string
	OfficeID   int64
	DueAt      clock.Instant
	CreatedAt  clock.Instant
	TakenAt    clock.Instant // first time that somebody was put in charge or answered
	AnsweredAt clock.Instant
	ClosedAt   clock.Instant
	Messages   []PublicMessage
	// MayReply offers to write on this very page; AnswerTo is the kind of channel
	// on which an answer would come, empty when the citizen left no address.
	MayReply bool
	AnswerTo string
}

// PublicMessage is one thing said between the citizen and the Comune.
type PublicMessage struct {
	FromCitizen bool
	Channel     string
	Text        string
	At          clock.Instant
	Files       []PublicFile
	State       State // of our message: the best of its deliveries
}

// PublicFile is a file of a message. ID is 0 for one that is named only: what
// the citizen sent is not given out again to whoever has the secret.
type PublicFile struct {
	ID   int64
	Name string
	Size int64
}

// ErrSecret says that number and secret do not fit. It is the same for a case
// that does not exist.
var ErrSecret = ErrNotFound

// StatusPage reads a case for its citizen. The secret is compared in constant
// time; upper and lower case and blanks do not matter.
func (in *Inbox) StatusPage(ctx context.Context, ref, secretWord string) (*PublicCase, error) {
	c, err := in.caseOfSecret(ctx, in.db.Read, ref, secretWord)
	if err != nil {
		return nil, err
	}
	c, ids, err := publicCases(ctx, in.db.Read, c)
	if err != nil {
		return nil, fmt.Errorf("status page: %w", err)
	}
	p := &PublicCase{
		Ref: c.Ref(), Subject: c.Subject, Kind: c.Kind, Status: c.Status, Outcome: c.Outcome, OfficeID: c.OfficeID,
		DueAt: c.DueAt, CreatedAt: c.CreatedAt, ClosedAt: c.ClosedAt,
	}
	if err := in.publicMessages(ctx, c, ids, p); err != nil {
		return nil, fmt.Errorf("status page: %w", err)
	}
	if err := in.pageWays(ctx, c, p); err != nil {
		return nil, fmt.Errorf("status page: %w", err)
	}
	return p, in.takenAt(ctx, c, p)
}

// caseOfSecret finds the case of a number, if the word is its secret.
func (in *Inbox) caseOfSecret(ctx context.Context, idb bun.IDB, ref, secretWord string) (*Case, error) {
	year, number, ok := ParseRef(strings.TrimSpace(ref))
	c := new(Case)
	if ok {
		err := idb.NewSelect().Model(c).Where("c.year = ? AND c.number = ?", year, number).Scan(ctx)
		if err != nil && notFound(err) != ErrNotFound {
			return nil, fmt.Errorf("find the case of a secret: %w", err)
		}
	}
	said := strings.ToUpper(strings.Join(strings.Fields(strings.ReplaceAll(secretWord, "-", "")), ""))
	if subtle.ConstantTimeCompare([]byte(said), []byte(c.Secret)) != 1 || c.ID == 0 {
		return nil, ErrSecret
	}
	return c, nil
}

// publicCases are the case where the citizen's messages are answered now, and
// all the cases whose messages stand there. Only those of the same person
// count: cases that were put together while two persons were taken for one
// show nobody's words to the other once that is undone.
func publicCases(ctx context.Context, idb bun.IDB, c *Case) (top *Case, ids []int64, err error) {
	root, err := findRoot(ctx, idb, c.CitizenID)
	if err != nil {
		return nil, nil, err
	}
	const same = "c.citizen_id IN (SELECT z.id FROM citizens AS z WHERE z.root_id = ?)"
	for range mostMerges {
		if c.MergedInto == 0 {
			break
		}
		into := new(Case)
		err := idb.NewSelect().Model(into).Where("c.id = ?", c.MergedInto).Where(same, root).Scan(ctx)
		if err = notFound(err); err == ErrNotFound {
			break
		} else if err != nil {
			return nil, nil, err
		}
		c = into
	}
	ids = []int64{c.ID}
	for from := ids; len(from) > 0; {
		var more []int64
		err := idb.NewSelect().TableExpr("cases AS c").Column("c.id").Where("c.merged_into IN (?) AND c.merged_into > 0", bun.List(from)).Where(same, root).Scan(ctx, &more)
		if err != nil {
			return nil, nil, err
		}
		ids, from = append(ids, more...), more
	}
	return c, ids, nil
}

func (in *Inbox) takenAt(ctx context.Context, c *Case, p *PublicCase) error {
	if c.AssigneeID != 0 {
		err := in.db.Read.NewRaw("SELECT COALESCE(min(at), 0) FROM events WHERE case_id = ? AND case_id > 0 AND kind = 'case.assigned'", c.ID).Scan(ctx, &p.TakenAt)
		if err != nil {
			return err
		}
		if p.TakenAt.IsZero() {
			p.TakenAt = c.CreatedAt
		}
	}
	if p.TakenAt.IsZero() {
		p.TakenAt = p.AnsweredAt
	}
	return nil
}
