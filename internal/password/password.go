// Package password keeps the operators' passwords: argon2id hashes in the PHC
// string form (RFC 9106), and which passwords are refused as too weak.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Params say how much work a hash is.
type Params struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// Recommended is the second choice of RFC 9106 section 4 (64 MiB, 3 passes)
// with one lane instead of four, as the cores are shared with other work.
var Recommended = Params{MemoryKiB: 64 << 10, Passes: 3, Lanes: 1}

// The sizes of salt and hash in bytes, and what a stored hash may ask for at
// most: a row that somebody tampered with must not eat the machine's memory.
const (
	saltSize  = 16
	hashSize  = 32
	maxMemory = 1 << 20 // KiB
	maxPasses = 20
	maxLanes  = 16
)

// ErrMalformed means that a stored hash is not in the PHC form of argon2id.
var ErrMalformed = errors.New("stored password hash is malformed")

// Hasher makes and checks hashes, a few at once: each takes Params.MemoryKiB,
// and a storm of logins must wait instead of eating the machine's memory.
type Hasher struct {
	params Params
	slots  chan struct{}
	decoy  string
}

// NewHasher makes hashes with p, at most atOnce of them at the same time.
func NewHasher(p Params, atOnce int) *Hasher {
	h := &Hasher{params: p, slots: make(chan struct{}, max(1, atOnce))}
	h.decoy = encode(p, make([]byte, saltSize), make([]byte, hashSize))
	return h
}

// Hash gives the PHC string of a password with a fresh salt. It fails only
// when ctx ends while it waits for its turn.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	sum, err := h.sum(ctx, h.params, password, salt, hashSize)
	if err != nil {
		return "", err
	}
	return encode(h.params, salt, sum), nil
}

// Verify reports whether password is the one that was hashed. The error is
// ErrMalformed, or that ctx ended first: it never means a wrong password.
func (h *Hasher) Verify(ctx context.Context, password, encoded string) (bool, error) {
	p, salt, want, err := decode(encoded)
	if err != nil {
		return false, err
	}
	got, err := h.sum(ctx, p, password, salt, uint32(len(want)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// VerifyNobody takes as long as Verify and says no, for a user name that does
// not exist: the time of the answer must not tell who works here.
func (h *Hasher) VerifyNobody(ctx context.Context, password string) error {
	_, err := h.Verify(ctx, password, h.decoy)
	return err
}

// Stale reports whether a hash was made with other parameters than today's and
// should be made again at the next login.
func (h *Hasher) Stale(encoded string) bool {
	p, salt, sum, err := decode(encoded)
	return err != nil || p != h.params || len(salt) != saltSize || len(sum) != hashSize
}

// sum waits for a slot and computes. A keyboard may send "è" as one letter or
// as two: both are the same password.
func (h *Hasher) sum(ctx context.Context, p Params, password string, salt []byte, size uint32) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
	defer func() { <-h.slots }()
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, p.Passes, p.MemoryKiB, p.Lanes, size), nil
}

// encode writes $argon2id$v=19$m=65536,t=3,p=1$salt$hash.
func encode(p Params, salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.MemoryKiB, p.Passes, p.Lanes, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

func decode(encoded string) (p Params, salt, sum []byte, err error) {
	fail := func() (Params, []byte, []byte, error) { return Params{}, nil, nil, ErrMalformed }
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return fail()
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Lanes); err != nil {
		return fail()
	}
	if p.Lanes < 1 || p.Lanes > maxLanes || p.Passes < 1 || p.Passes > maxPasses || p.MemoryKiB < 8 || p.MemoryKiB > maxMemory {
		return fail()
	}
	b64 := base64.RawStdEncoding.Strict()
	salt, saltErr := b64.DecodeString(parts[4])
	sum, sumErr := b64.DecodeString(parts[5])
	if saltErr != nil || sumErr != nil || len(salt) < 8 || len(salt) > 64 || len(sum) < 16 || len(sum) > 64 ||
		encode(p, salt, sum) != encoded {
		return fail()
	}
	return p, salt, sum, nil
}
