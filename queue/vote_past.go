package queue

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"filodiretto/internal/db"
)

// PastVote is a vote that was given before this program counted.
type PastVote struct {
	VoteFacts
	Wait   time.Duration // below 0 where nobody waited; sets VoteFacts.WaitBand
	Face   Face
	Reason string // of a red face, "" when none was given
}

// PutPast writes votes that were given before, as they come out of an urn: their ids
// are drawn, as those of all votes, so that nothing leads back to the order in which
// people voted.
func (v *Votes) PutPast(ctx context.Context, votes []PastVote) error {
	if len(votes) == 0 {
		return nil
	}
	rows := make([]*voteRow, len(votes))
	for i, p := range votes {
		if p.Face < Red || p.Face > Green || p.Reason != "" && (p.Face != Red || !slices.Contains(VoteReasons, p.Reason)) {
			return invalid("face", "unknown")
		}
		rows[i] = &voteRow{ID: rand.Int64N(math.MaxInt64-1) + 1, VoteFacts: p.VoteFacts, Face: p.Face, Reason: p.Reason}
		if p.Wait >= 0 {
			rows[i].WaitBand = waitBand(p.Wait.Minutes())
		}
	}
	return v.q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return fmt.Errorf("put votes in: %w", err)
		}
		return nil
	})
}
