package queue

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/secret"
)

// Votes asks people how it went, with three faces ("Mettiamoci la faccia",
// italian-pa section 8). A vote is tied to facts of the visit or case and never to
// a person or an operator: no row, event or log leads from one to the other. Make
// it with NewVotes.
//
//	TabletInvitation, PhoneInvitation, InviteVisits, InviteCases  ask
//	LookVote, Vote, GiveReason                                    answer
//	Numbers, Month                                                tell, but never of few
type Votes struct {
	q    *Queue
	tell Notices
	url  string
	set  VoteSettings
}

// VoteSettings are the municipality's choices.
type VoteSettings struct {
	Least      int     // groups of fewer votes are not told apart; 5
	LeastShare int     // no shares are told of fewer; 30
	Alarm      float64 // a share of negative votes above it is told; 0.2
	OpenDays   int     // how long somebody may vote; 14
	AskDays    int     // nobody is written to more often; 30
}

// DefaultVoteSettings are used for what is not said.
func DefaultVoteSettings() VoteSettings {
	return VoteSettings{Least: 5, LeastShare: 30, Alarm: 0.2, OpenDays: 14, AskDays: 30}
}

// NewVotes makes the service. Zero settings are taken from DefaultVoteSettings.
func NewVotes(q *Queue, n Notices, publicURL string, set VoteSettings) *Votes {
	d := DefaultVoteSettings()
	for _, x := range []struct{ to, from *int }{{&set.Least, &d.Least}, {&set.LeastShare, &d.LeastShare}, {&set.OpenDays, &d.OpenDays}, {&set.AskDays, &d.AskDays}} {
		if *x.to <= 0 {
			*x.to = *x.from
		}
	}
	if set.Alarm <= 0 {
		set.Alarm = d.Alarm
	}
	return &Votes{q: q, tell: n, url: strings.TrimSuffix(publicURL, "/"), set: set}
}

// Face is what somebody pressed.
type Face int

// The faces.
const (
	Red    Face = 1
	Yellow Face = 2
	Green  Face = 3
)

// VoteReasons are why somebody was not satisfied, in the order in which they are
// offered (italian-pa section 8).
var VoteReasons = []string{"waiting", "operator", "come_back", "outcome", "unclear", "other"}

// VoteFacts is what is known of a visit or case, and nothing of who it was about.
type VoteFacts struct {
	SiteID   int64
	OfficeID int64
	Service  string // key of the service, or of the procedure of a case
	Channel  string // "counter", "phone", "web", "mail", "telegram", ...
	WaitBand string // see WaitBands; "" where nobody waited
	Promise  string // "kept", "broken", "" where nothing was promised
	Day      Day    // of the visit, or on which the case was closed
}

// WaitBands are the bands of waiting, in minutes, at whose upper end each ends.
var WaitBands = []string{"0-5", "5-15", "15-30", "30-60", "60+"}

// waitBand is the band of a wait in minutes.
func waitBand(minutes float64) string {
	for i, most := range []float64{5, 15, 30, 60} {
		if minutes <= most {
			return WaitBands[i]
		}
	}
	return WaitBands[len(WaitBands)-1]
}

type voteInvitation struct {
	bun.BaseModel `bun:"table:vote_invitations,alias:vi"`

	Hash string `bun:",pk"`
	VoteFacts
	UntilDay Day
}

type voteRow struct {
	bun.BaseModel `bun:"table:votes,alias:vo"`

	ID int64 `bun:",pk"`
	VoteFacts
	Face        Face
	Reason      string
	ReasonHash  string
	ReasonUntil clock.Instant
}

// reasonFor is how long the page of a red face may add the reason.
const reasonFor = 5

// LookVote gives the facts that the page shows. ErrNotFound for an invitation that
// is wrong, over or used.
func (v *Votes) LookVote(ctx context.Context, token string) (*VoteFacts, error) {
	row := new(voteInvitation)
	err := v.q.db.Read.NewSelect().Model(row).Where("vi.hash = ? AND vi.until_day >= ?", secret.HashToken(token), v.today()).Scan(ctx)
	if err != nil {
		return nil, notFound(err)
	}
	return &row.VoteFacts, nil
}

func (v *Votes) today() Day { return DayOf(v.q.clock.Now(), v.q.zone) }

// Vote counts a face. The invitation is deleted with it, so that a second press
// finds nothing (ErrNotFound). After a red face, more is a word with which the page
// may give a reason; the vote counts also without one.
func (v *Votes) Vote(ctx context.Context, token string, face Face) (more string, err error) {
	if face < Red || face > Green {
		return "", invalid("face", "unknown")
	}
	for range 3 { // an id that is taken already is drawn again
		if more, err = v.vote(ctx, token, face); !db.IsUnique(err) {
			break
		}
	}
	return more, err
}

func (v *Votes) vote(ctx context.Context, token string, face Face) (more string, err error) {
	err = v.q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		row := new(voteInvitation)
		err := tx.NewRaw(`DELETE FROM vote_invitations WHERE hash = ? AND until_day >= ?
			RETURNING hash, site_id, office_id, service, channel, wait_band, promise, day, until_day`, secret.HashToken(token), v.today()).Scan(ctx, row)
		if err != nil {
			return notFound(err)
		}
		vote := &voteRow{ID: rand.Int64N(math.MaxInt64-1) + 1, VoteFacts: row.VoteFacts, Face: face}
		if more = ""; face == Red {
			more = secret.Token(32)
			vote.ReasonHash, vote.ReasonUntil = secret.HashToken(more), tx.Now.Add(minutes(reasonFor))
		}
		if _, err := tx.NewInsert().Model(vote).Exec(ctx); err != nil {
			return fmt.Errorf("vote: %w", err)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return more, nil
}

// GiveReason adds why to a red face, once and within a few minutes.
func (v *Votes) GiveReason(ctx context.Context, more, reason string) error {
	if !slices.Contains(VoteReasons, reason) {
		return invalid("reason", "unknown")
	}
	res, err := v.q.db.Write.NewRaw("UPDATE votes SET reason = ?, reason_hash = '', reason_until = 0 WHERE reason_hash = ? AND reason_hash <> '' AND reason_until > ?",
		reason, secret.HashToken(more), v.q.clock.Now()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("reason of a vote: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return orError(err, ErrNotFound)
	}
	return nil
}

// TidyVotes forgets invitations that nobody used, words that were not used for a
// reason, and who was asked long ago. It is a chore for every few minutes.
func (v *Votes) TidyVotes(ctx context.Context) error {
	today := v.today()
	for _, x := range []struct {
		query string
		arg   any
	}{
		{"UPDATE votes SET reason_hash = '', reason_until = 0 WHERE reason_hash <> '' AND reason_until <= ?", v.q.clock.Now()},
		{"DELETE FROM vote_invitations WHERE until_day < ?", today},
		{"DELETE FROM vote_asked WHERE day < ?", today.Add(-v.set.OpenDays - v.set.AskDays)},
	} {
		if _, err := v.q.db.Write.NewRaw(x.query, x.arg).Exec(ctx); err != nil {
			return fmt.Errorf("tidy votes: %w", err)
		}
	}
	return nil
}

// asked marks a step or case as asked; ok is false when it was before.
func asked(ctx context.Context, tx *db.Tx, kind string, id int64, day Day) (ok bool, err error) {
	res, err := tx.NewRaw("INSERT INTO vote_asked (kind, ref_id, day) VALUES (?, ?, ?) ON CONFLICT (kind, ref_id) DO NOTHING", kind, id, day).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("ask for a vote: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// invite writes an invitation.
func (v *Votes) invite(ctx context.Context, tx *db.Tx, token string, f VoteFacts) error {
	row := &voteInvitation{Hash: secret.HashToken(token), VoteFacts: f, UntilDay: v.today().Add(v.set.OpenDays)}
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("ask for a vote: %w", err)
	}
	return nil
}

var errAsked = errors.New("queue: asked before")
