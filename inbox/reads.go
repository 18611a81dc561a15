package inbox

import (
	"context"
	"maps"
	"sync"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

const readAgain = 10 * time.Minute

type readKey struct{ operator, citizen, caseID int64 }

// reads remembers what was lately noted as read, so that a page that is drawn
// again writes nothing. After a restart a reading is noted once more.
type reads struct {
	mu   sync.Mutex
	seen map[readKey]clock.Instant
}

// first reports whether the reading should be noted, and remembers it.
func (r *reads) first(k readKey, now clock.Instant) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[readKey]clock.Instant{}
	}
	if at, ok := r.seen[k]; ok && now.Sub(at) < readAgain {
		return false
	}
	if len(r.seen) > 10_000 {
		for k, at := range r.seen {
			if now.Sub(at) >= readAgain {
				delete(r.seen, k)
			}
		}
	}
	r.seen[k] = now
	return true
}

// forget makes the next reading be noted again, after one could not be.
func (r *reads) forget(k readKey) {
	r.mu.Lock()
	delete(r.seen, k)
	r.mu.Unlock()
}

// forgetCase makes the next reading of a case be noted again, whoever reads it: what
// has come meanwhile was seen by nobody.
func (r *reads) forgetCase(id int64) {
	r.mu.Lock()
	maps.DeleteFunc(r.seen, func(k readKey, _ clock.Instant) bool { return k.caseID == id })
	r.mu.Unlock()
}

// read is one reading of a person's data: of their file, or of one case.
type read struct {
	kind                        string // "citizen.read", "case.read"
	citizenID, caseID, officeID int64
}

// noteRead appends that an operator read a person's data, once in ten minutes
// for the same thing: who looked at what must be told to whoever asks.
func (in *Inbox) noteRead(ctx context.Context, v Viewer, kind string, citizenID, caseID, officeID int64) error {
	return in.noteReads(ctx, v, read{kind, citizenID, caseID, officeID})
}

// noteReads is noteRead for what is read together: one commit for all of it.
func (in *Inbox) noteReads(ctx context.Context, v Viewer, list ...read) error {
	if v.System || v.OperatorID == 0 {
		return nil
	}
	var keys []readKey
	var news []read
	for _, r := range list {
		if k := (readKey{v.OperatorID, r.citizenID, r.caseID}); in.reads.first(k, in.clock.Now()) {
			keys, news = append(keys, k), append(news, r)
		}
	}
	if len(news) == 0 {
		return nil
	}
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		events := make([]Event, len(news))
		for i, r := range news {
			e := v.event(NewEvent(tx, in.clock, r.kind, nil))
			e.CitizenID, e.CaseID, e.OfficeID = r.citizenID, r.caseID, r.officeID
			events[i] = e
			if r.kind == "case.read" {
				if err := sawCopied(ctx, tx, v, r); err != nil {
					return err
				}
			}
		}
		return AppendEvents(ctx, tx, events...)
	})
	if err != nil {
		for _, k := range keys {
			in.reads.forget(k)
		}
	}
	return err
}
