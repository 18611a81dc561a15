package inbox

import (
	"context"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// lastLook finds what must not be sent any more: too old, taken back, or to
// somebody who does not want it or is not there. A zero outcome means "send".
func (in *Inbox) lastLook(ctx context.Context, tx *db.Tx, jobs []*job) ([]outcome, error) {
	var people, messages []int64
	for _, j := range jobs {
		messages = append(messages, j.d.MessageID)
		if j.d.IdentityID > 0 {
			people = append(people, j.d.IdentityID)
		}
	}
	byID := map[int64]*Identity{}
	if len(people) > 0 {
		var rows []*Identity
		if err := tx.NewSelect().Model(&rows).Where("i.id IN (?)", bun.List(people)).Scan(ctx); err != nil {
			return nil, err
		}
		for _, i := range rows {
			byID[i.ID] = i
		}
	}
	var erased []int64
	if err := tx.NewRaw("SELECT id FROM messages WHERE id IN (?) AND erased_at > 0", bun.List(messages)).Scan(ctx, &erased); err != nil {
		return nil, err
	}
	gone := set(erased)
	out := make([]outcome, len(jobs))
	for i, j := range jobs {
		out[i] = lookAt(j, byID[j.d.IdentityID], gone[j.d.MessageID], tx.Now)
	}
	return out, nil
}

// lookAt decides about one delivery. A citizen who opted out still gets answers
// to what they write and to what they ask of a bot, but nothing that a robot
// sends of its own accord.
func lookAt(j *job, id *Identity, erased bool, now clock.Instant) outcome {
	o := outcome{job: j, source: "queue"}
	switch {
	case erased:
		o.state, o.code = Cancelled, "erased"
	case now >= j.d.ExpiresAt:
		o.state, o.code = Expired, "too_old"
	case id == nil:
		return outcome{}
	default:
		o.code = id.Barred(isProactive(j.m), now)
		switch o.code {
		case "":
			return outcome{}
		case "opted_out":
			o.state = Suppressed
		case "blocked":
			o.state, o.class = Blocked, channels.RecipientBlocked
		default: // "removed", "withdrawn", "gone", "bad"
			o.state, o.class = Failed, channels.RecipientGone
		}
	}
	return o
}
