package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"filodiretto/internal/db"
)

// mostKey is the longest idempotency key, in characters.
const mostKey = 200

// once does a request under its idempotency key. The key, all that the command
// changes and the answer are committed together: after a crash either all of it
// is there or nothing, and the same request sent again is answered alike or done.
// A request that fails leaves its key free.
func (a *api) once(q *apiCall, key string) (*apiAnswer, error) {
	if len(key) > mostKey {
		return nil, &apiError{status: http.StatusUnprocessableEntity, code: "too_long", field: "Idempotency-Key", detail: "The key is longer than 200 characters.", remedy: "Use a shorter one, such as a UUID."}
	}
	row := keyRow{q.OperatorID, key}
	if !a.doing.begin(row) {
		return nil, errInProgress
	}
	defer a.doing.end(row)
	hash, base := a.hash(q), q.ctx
	if ans, err := a.former(base, row, hash); ans != nil || err != nil {
		return ans, err
	}
	var ans *apiAnswer
	taken := true
	err := a.DB.Whole(base, db.Whole{
		Begin: func(ctx context.Context, tx *db.Tx) (err error) {
			if taken, err = takeKey(ctx, tx, row, hash); err == nil && !taken {
				err = errTaken
			}
			return err
		},
		End: func(ctx context.Context, tx *db.Tx, refused error) error {
			if refused != nil { // what was done before the refusal stays, as without a key
				return freeKey(ctx, tx, row)
			}
			return keepAnswer(ctx, tx, row, ans)
		},
	}, func(ctx context.Context) (err error) {
		q.ctx, q.after = ctx, nil
		ans, err = q.run()
		return err
	})
	if !taken { // another process was quicker
		return a.former(base, row, hash)
	}
	if err != nil {
		return nil, err
	}
	return ans, nil
}

// errTaken says that another process has done the request with this key.
var errTaken = errors.New("the key is taken")

var errInProgress = &apiError{
	status: http.StatusConflict, code: "in_progress", detail: "A request with this idempotency key is being done.",
	remedy: "Send it again after a moment; it will be answered as the first one.", retryAfter: time.Second,
}

// former is the answer that a key was given before; nil when it is new.
func (a *api) former(ctx context.Context, row keyRow, hash string) (*apiAnswer, error) {
	var rows []struct {
		RequestHash string
		Status      int
		Body        []byte
	}
	err := a.DB.Ask(ctx, "SELECT request_hash, status, body FROM idempotency_keys WHERE operator_id = ? AND key = ?", []any{row.operator, row.key}, &rows)
	switch {
	case err != nil:
		return nil, fmt.Errorf("look for an idempotency key: %w", err)
	case len(rows) == 0:
		return nil, nil
	case rows[0].RequestHash != hash:
		return nil, &apiError{status: http.StatusUnprocessableEntity, code: "key_reused", field: "Idempotency-Key", detail: "The key was used for another request.", remedy: "Use a new key for each command."}
	}
	ans := &apiAnswer{replayed: true}
	if err := json.Unmarshal(rows[0].Body, ans); err != nil {
		return nil, fmt.Errorf("read a former answer: %w", err)
	}
	return ans, nil
}

// takeKey writes the key down. On PostgreSQL it waits for another process that
// has just done so; false means that that one did the request.
func takeKey(ctx context.Context, tx *db.Tx, row keyRow, hash string) (bool, error) {
	res, err := tx.NewRaw("INSERT INTO idempotency_keys (operator_id, key, request_hash, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		row.operator, row.key, hash, tx.Now).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func freeKey(ctx context.Context, tx *db.Tx, row keyRow) error {
	_, err := tx.NewRaw("DELETE FROM idempotency_keys WHERE operator_id = ? AND key = ?", row.operator, row.key).Exec(ctx)
	return err
}

func keepAnswer(ctx context.Context, tx *db.Tx, row keyRow, ans *apiAnswer) error {
	b, err := jsonBytes(ans)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw("UPDATE idempotency_keys SET status = ?, body = ? WHERE operator_id = ? AND key = ?", ans.Status, b, row.operator, row.key).Exec(ctx)
	return err
}

// hash tells requests apart: the same key must come with the same one. It is
// keyed, because a body may hold a password.
func (a *api) hash(q *apiCall) string {
	h := hmac.New(sha256.New, a.Box.Key("idempotency"))
	fmt.Fprintf(h, "%s %s\n", q.r.Method, q.r.URL.RequestURI())
	h.Write(q.body)
	return hex.EncodeToString(h.Sum(nil))
}

type keyRow struct {
	operator int64
	key      string
}

// inProgress knows which keys this process is working on.
type inProgress struct {
	mu   sync.Mutex
	keys map[keyRow]struct{}
}

func newInProgress() *inProgress { return &inProgress{keys: map[keyRow]struct{}{}} }

func (p *inProgress) begin(row keyRow) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, busy := p.keys[row]; busy {
		return false
	}
	p.keys[row] = struct{}{}
	return true
}

func (p *inProgress) end(row keyRow) {
	p.mu.Lock()
	delete(p.keys, row)
	p.mu.Unlock()
}
