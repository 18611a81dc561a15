package queue

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"filodiretto/internal/clock"
	"filodiretto/internal/secret"
)

// waitsAlready refuses a second open ticket of one person for one service (queue 5,
// point 6; queue 3, row 38). All records that are one person by a merge count.
func (r *room) waitsAlready(ctx context.Context, n *NewTicket) error {
	if n.CitizenID == 0 && n.Holder == "" {
		return nil
	}
	for _, k := range r.tickets { // those of this turn, which no query finds
		if k.row.EndedAt == 0 && (n.CitizenID != 0 && k.row.CitizenID == n.CitizenID || n.Holder != "" && k.row.Holder == holderHash(n.Holder)) {
			for _, s := range r.ofTicket[k.row.ID] {
				if s.ServiceID == n.ServiceID && s.Open() && s.State != Transferred {
					return &RefusedError{AlreadyWaiting, k.row.ID}
				}
			}
		}
	}
	var id int64
	err := r.tx.NewRaw(`SELECT s.ticket_id FROM tickets AS t JOIN steps AS s ON s.ticket_id = t.id
		WHERE t.site_id = ? AND t.ended_at = 0 AND s.service_id = ? AND s.state IN ('booked','waiting','called','serving','held')
		AND (t.holder = ? AND t.holder <> '' OR t.citizen_id > 0 AND t.citizen_id IN
			(SELECT z.id FROM citizens AS z WHERE z.root_id = (SELECT root_id FROM citizens WHERE id = ?)))
		ORDER BY s.id LIMIT 1`, r.h.Site.ID, n.ServiceID, holderHash(n.Holder), n.CitizenID).Scan(ctx, &id)
	switch notFound(err) {
	case nil:
		if k := r.tickets[id]; k != nil && k.row.EndedAt != 0 {
			return nil
		}
		return &RefusedError{AlreadyWaiting, id}
	case ErrNotFound:
		return nil
	}
	return fmt.Errorf("look for another ticket: %w", err)
}

// hasRoom refuses when the service or the room takes no more.
func (r *room) hasRoom(ctx context.Context, n *NewTicket) error {
	for _, id := range append([]int64{n.ServiceID}, n.More...) {
		most := r.h.Service(id).PerDay
		if most == 0 {
			continue
		}
		count, err := r.takenToday(ctx, id)
		if err != nil {
			return err
		}
		if count >= most {
			return refuse(ServiceFull)
		}
	}
	if most := r.h.Set.MostWait; most > 0 {
		waiting, err := r.waitingNow(ctx)
		if err != nil {
			return err
		}
		if waiting >= most {
			return refuse(RoomFull)
		}
	}
	return nil
}

// takenToday counts the tickets of today for a service, of this turn too.
func (r *room) takenToday(ctx context.Context, service int64) (int, error) {
	if n, known := r.counted[service]; known {
		return n + r.taken[service], nil
	}
	var n int
	err := r.tx.NewRaw(`SELECT count(*) FROM tickets AS t JOIN steps AS s ON s.ticket_id = t.id AND s.service_id = ? AND s.state <> 'cancelled'
		WHERE t.site_id = ? AND t.series = ? AND t.day = ?`, service, r.h.Site.ID, r.h.Group(r.h.Service(service).GroupID).Series, r.today).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("count the day's tickets: %w", err)
	}
	r.counted[service] = n
	return n + r.taken[service], nil
}

// waitingNow counts who waits, of this turn too. Those who only ended in this turn
// are counted still.
func (r *room) waitingNow(ctx context.Context) (int, error) {
	if r.waiting < 0 {
		if err := r.tx.NewRaw("SELECT count(*) FROM steps WHERE site_id = ? AND state = 'waiting'", r.h.Site.ID).Scan(ctx, &r.waiting); err != nil {
			return 0, fmt.Errorf("count who waits: %w", err)
		}
	}
	n := r.waiting
	for _, k := range r.steps {
		if k.stored == 0 && k.row.State == Waiting {
			n++
		}
	}
	return n, nil
}

// secretOf makes the secret of a ticket from its key, so that a repeated request
// gets the same one although only its hash is kept.
func (q *Queue) secretOf(site int64, key string) string {
	m := hmac.New(sha256.New, q.key)
	fmt.Fprintf(m, "ticket\x00%d\x00%s", site, key)
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:16])
}

func hashSecret(s string) string { return secret.HashToken(s) }

// holderHash hides what stands for a browser or a chat.
func holderHash(holder string) string {
	if holder == "" {
		return ""
	}
	return secret.HashToken("holder\x00" + holder)
}

// codeLen is how many digits a code of presence has.
const codeLen = 4

// presenceCode is the code that the displays of a site show at an instant. It holds
// for CodeMin minutes and as long again, so that nobody types a code that has just
// gone.
func presenceCode(s *Session, set SiteSettings, at clock.Instant) string {
	return codeOf(s, int64(at.Sub(s.OpenedAt)/minutes(set.CodeMin)))
}

func codeOf(s *Session, window int64) string {
	m := hmac.New(sha256.New, []byte(s.Seed))
	fmt.Fprintf(m, "%d\x00%s\x00%d", s.SiteID, s.Day, window)
	return fmt.Sprintf("%0*d", codeLen, binary.BigEndian.Uint32(m.Sum(nil))%10_000)
}

// checkCode compares a code with those that hold now.
func (r *room) checkCode(code string) error {
	s := r.session
	if s == nil {
		return refuse(WrongCode)
	}
	window := int64(r.now.Sub(s.OpenedAt) / minutes(r.h.Set.CodeMin))
	if secret.Equal(code, codeOf(s, window)) || secret.Equal(code, codeOf(s, window-1)) {
		return nil
	}
	return refuse(WrongCode)
}
