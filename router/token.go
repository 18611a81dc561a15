package router

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/secret"
)

// Scope says what a program may do with a token. A token for writing reads, one for
// administration does everything; one for the intake can hand mail over and see
// nothing at all.
type Scope string

// The scopes. A token never gives more than its operator may do.
const (
	ScopeIntake Scope = "intake"
	ScopeRead   Scope = "read"
	ScopeWrite  Scope = "write"
	ScopeAdmin  Scope = "admin"
)

// Scopes are all scopes, from the least.
var Scopes = []Scope{ScopeIntake, ScopeRead, ScopeWrite, ScopeAdmin}

// TokenPrefix begins every token, so that one that leaked is recognised in a
// text and found by scanners.
const TokenPrefix = "fd_"

// tokenLength is that of a whole token: the prefix and 32 bytes in base64url.
const tokenLength = len(TokenPrefix) + 43

// usedEvery is how often the use of a token is written down at most.
const usedEvery = time.Minute

// Token lets a program act as an operator. The word itself is shown once, when
// it is made; only its hash is kept.
type Token struct {
	bun.BaseModel `bun:"table:api_tokens,alias:tk"`

	ID         int64 `bun:",pk"`
	OperatorID int64
	Name       string
	Hash       string
	Scopes     string // separated by spaces
	CreatedAt  clock.Instant
	ExpiresAt  clock.Instant // 0 for never
	LastUsedAt clock.Instant // exact to a minute
	RevokedAt  clock.Instant
}

// May reports whether the token has the scope, or one that holds it.
func (t *Token) May(s Scope) bool {
	for _, have := range strings.Fields(t.Scopes) {
		if s == ScopeIntake && Scope(have) != s && Scope(have) != ScopeAdmin {
			continue // who reads and answers mail does not write it in citizens' names
		}
		if slices.Index(Scopes, Scope(have)) >= slices.Index(Scopes, s) {
			return true
		}
	}
	return false
}

// Good reports whether the token is accepted at the instant.
func (t *Token) Good(now clock.Instant) bool {
	return t.RevokedAt.IsZero() && (t.ExpiresAt.IsZero() || now < t.ExpiresAt)
}

// CreateToken makes a token for the viewer, with the scopes given, until the
// instant (0 for no end). Only an administrator may give the scopes admin and intake. The
// word is returned once and cannot be read again. InvalidError on "name",
// "scopes", "expires_at".
func (r *Router) CreateToken(ctx context.Context, v inbox.Viewer, name string, scopes []Scope, expires clock.Instant) (word string, t *Token, err error) {
	name = strings.TrimSpace(name)
	if v.OperatorID == 0 {
		return "", nil, inbox.ErrForbidden
	}
	if err := r.checkToken(v, name, scopes, expires); err != nil {
		return "", nil, err
	}
	words := make([]string, 0, len(scopes))
	for _, s := range Scopes {
		if slices.Contains(scopes, s) {
			words = append(words, string(s))
		}
	}
	word = TokenPrefix + secret.Token(32)
	t = &Token{OperatorID: v.OperatorID, Name: name, Hash: secret.HashToken(word), Scopes: strings.Join(words, " "), ExpiresAt: expires}
	err = r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		t.ID, t.CreatedAt = db.NewID(r.clock), tx.Now
		if _, err := tx.NewInsert().Model(t).Exec(ctx); err != nil {
			return fmt.Errorf("store a token: %w", err)
		}
		return r.event(ctx, tx, v, "token.created", 0, map[string]any{"token": t.ID, "scopes": words, "expires": expires})
	})
	return word, t, err
}

func (r *Router) checkToken(v inbox.Viewer, name string, scopes []Scope, expires clock.Instant) error {
	switch {
	case name == "":
		return &inbox.InvalidError{Field: "name", Code: "required"}
	case len(name) > 200:
		return &inbox.InvalidError{Field: "name", Code: "too_long"}
	case len(scopes) == 0:
		return &inbox.InvalidError{Field: "scopes", Code: "required"}
	case slices.ContainsFunc(scopes, func(s Scope) bool { return !slices.Contains(Scopes, s) }):
		return &inbox.InvalidError{Field: "scopes", Code: "unknown"}
	case (slices.Contains(scopes, ScopeAdmin) || slices.Contains(scopes, ScopeIntake)) && !v.Admin:
		return &inbox.InvalidError{Field: "scopes", Code: "not_yours"}
	case !expires.IsZero() && expires <= r.clock.Now():
		return &inbox.InvalidError{Field: "expires_at", Code: "past"}
	}
	return nil
}

// Tokens are the viewer's own tokens, or everybody's for an administrator,
// newest first, with those that are over.
func (r *Router) Tokens(ctx context.Context, v inbox.Viewer) ([]Token, error) {
	var out []Token
	q := r.db.Read.NewSelect().Model(&out).OrderExpr("tk.id DESC")
	if !v.Admin && !v.System {
		q = q.Where("tk.operator_id = ?", v.OperatorID)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the tokens: %w", err)
	}
	return out, nil
}

// RevokeToken ends a token at once: an operator's own, or anybody's for an
// administrator. Revoking twice is no error.
func (r *Router) RevokeToken(ctx context.Context, v inbox.Viewer, id int64) error {
	return r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		t := new(Token)
		if err := tx.NewSelect().Model(t).Where("tk.id = ?", id).Scan(ctx); err != nil {
			return noRow(err)
		}
		if t.OperatorID != v.OperatorID && !v.Admin && !v.System {
			return inbox.ErrNotFound
		}
		if !t.RevokedAt.IsZero() {
			return nil
		}
		if _, err := tx.NewRaw("UPDATE api_tokens SET revoked_at = ? WHERE id = ?", tx.Now, id).Exec(ctx); err != nil {
			return fmt.Errorf("revoke a token: %w", err)
		}
		return r.event(ctx, tx, v, "token.revoked", 0, map[string]any{"token": id, "operator": t.OperatorID})
	})
}

// ViewerByToken finds who acts with a token: its operator as they are now.
// inbox.ErrNotFound for a word that is no token, one that is over or revoked,
// and one whose operator may not work any more.
func (r *Router) ViewerByToken(ctx context.Context, word string) (inbox.Viewer, *Token, error) {
	if len(word) != tokenLength || !strings.HasPrefix(word, TokenPrefix) {
		return inbox.Viewer{}, nil, inbox.ErrNotFound
	}
	t, err := db.AskOne[Token](ctx, r.db, "SELECT tk.* FROM api_tokens AS tk JOIN operators AS op ON op.id = tk.operator_id WHERE tk.hash = ? AND op.disabled_at = 0", []any{secret.HashToken(word)})
	if err != nil {
		return inbox.Viewer{}, nil, noRow(err)
	}
	now := r.clock.Now()
	if !t.Good(now) {
		return inbox.Viewer{}, nil, inbox.ErrNotFound
	}
	dir, err := r.Directory(ctx)
	if err != nil {
		return inbox.Viewer{}, nil, err
	}
	v, ok := dir.Viewer(t.OperatorID)
	if !ok {
		return inbox.Viewer{}, nil, inbox.ErrNotFound
	}
	r.noteUse(ctx, t, now)
	return v, t, nil
}

// usePatience is how long a request waits for the database's writer to note the
// use of its token.
const usePatience = 250 * time.Millisecond

// noteUse writes down that a token is used, once a minute and process. It is
// only good to know: no request fails because of it.
func (r *Router) noteUse(ctx context.Context, t *Token, now clock.Instant) {
	if now.Sub(t.LastUsedAt) < usedEvery || !r.used.first(t.ID, now) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, usePatience)
	defer cancel()
	_, err := r.db.Write.NewRaw("UPDATE api_tokens SET last_used_at = ? WHERE id = ? AND last_used_at < ?", now, t.ID, now).Exec(ctx)
	if err != nil {
		r.log.WarnContext(ctx, "the use of a token was not noted", "token", t.ID, "error", db.SafeError(err))
	}
}

// uses remembers when the use of each token was last written down.
type uses struct {
	mu sync.Mutex
	at map[int64]clock.Instant
}

func (u *uses) first(id int64, now clock.Instant) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if at, ok := u.at[id]; ok && now.Sub(at) < usedEvery {
		return false
	}
	if u.at == nil {
		u.at = map[int64]clock.Instant{}
	}
	u.at[id] = now
	return true
}
