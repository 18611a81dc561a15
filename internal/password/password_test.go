package password

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// quick keeps tests light; the form of the hash is the same.
var quick = Params{MemoryKiB: 8, Passes: 1, Lanes: 1}

func TestHashAndVerify(t *testing.T) {
	h := NewHasher(quick, 2)
	one, err := h.Hash(t.Context(), "cavallo batteria graffetta")
	if err != nil {
		t.Fatal(err)
	}
	two, _ := h.Hash(t.Context(), "cavallo batteria graffetta")
	if one == two {
		t.Error("no salt: the same password hashes alike")
	}
	if !strings.HasPrefix(one, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Errorf("form %s", one)
	}
	for _, c := range []struct {
		password string
		want     bool
	}{{"cavallo batteria graffetta", true}, {"Cavallo batteria graffetta", false}, {"", false}, {"cavallo batteria graffetta ", false}} {
		if ok, err := h.Verify(t.Context(), c.password, one); ok != c.want || err != nil {
			t.Errorf("Verify(%q) = %v, %v", c.password, ok, err)
		}
	}
	if err := h.VerifyNobody(t.Context(), "x"); err != nil {
		t.Errorf("VerifyNobody: %v", err)
	}
}

func TestComposedAndDecomposedLettersAreOne(t *testing.T) {
	h := NewHasher(quick, 1)
	encoded, err := h.Hash(t.Context(), "perch\u00e9 no, dopotutto")
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := h.Verify(t.Context(), "perche\u0301 no, dopotutto", encoded); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

// TestKnownHash reads a hash that the reference implementation made:
// echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 (its test.c).
func TestKnownHash(t *testing.T) {
	const known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	h := NewHasher(Recommended, 1)
	if ok, err := h.Verify(t.Context(), "password", known); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if !h.Stale(known) {
		t.Error("two passes and a short salt are not stale")
	}
}

func TestStale(t *testing.T) {
	h := NewHasher(quick, 1)
	encoded, err := h.Hash(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	if h.Stale(encoded) || !NewHasher(Recommended, 1).Stale(encoded) || !h.Stale("") {
		t.Error("Stale does not tell today's parameters from others")
	}
}

func TestMalformed(t *testing.T) {
	h := NewHasher(quick, 1)
	good, err := h.Hash(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "x", good[1:], good + "$", good[:len(good)-1], strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, "m=8", "m=4294967295", 1),
		strings.Replace(good, "t=1", "t=0", 1), strings.Replace(good, "p=1", "p=0", 1), strings.Replace(good, "t=1", "t=99999", 1),
		strings.Replace(good, "p=1", "p=1,x=2", 1), strings.Replace(good, "m=8", "m=+8", 1),
	} {
		if ok, err := h.Verify(t.Context(), "x", bad); ok || !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v, %v", bad, ok, err)
		}
	}
}

func TestStormWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHasher(quick, 2)
		h.slots <- struct{}{}
		h.slots <- struct{}{} // both slots are busy
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var done, given sync.Map
		for i := range 5 {
			wg.Go(func() {
				if _, err := h.Hash(t.Context(), "x"); err == nil {
					done.Store(i, true)
				}
			})
		}
		wg.Go(func() {
			_, err := h.Hash(ctx, "x")
			given.Store("err", err)
		})
		synctest.Wait()
		if n := size(&done); n != 0 {
			t.Errorf("%d hashes ran beyond the limit", n)
		}
		cancel()
		synctest.Wait()
		if err, _ := given.Load("err"); err == nil || !errors.Is(err.(error), context.Canceled) {
			t.Errorf("who gave up got %v", err)
		}
		<-h.slots
		wg.Wait()
		if n := size(&done); n != 5 {
			t.Errorf("%d of 5 finished when a slot was free", n)
		}
	})
}

func size(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

func FuzzDecode(f *testing.F) {
	h := NewHasher(quick, 1)
	good, err := h.Hash(f.Context(), "x")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Fuzz(func(t *testing.T, s string) {
		p, salt, sum, err := decode(s)
		if err == nil && encode(p, salt, sum) != s {
			t.Errorf("%q reads as %q", s, encode(p, salt, sum))
		}
		if err == nil && (p.MemoryKiB > maxMemory || p.Passes > maxPasses) {
			t.Errorf("asks for %+v", p)
		}
	})
}

func BenchmarkHash(b *testing.B) {
	h := NewHasher(Recommended, 1)
	for b.Loop() {
		if _, err := h.Hash(b.Context(), "cavallo batteria graffetta"); err != nil {
			b.Fatal(err)
		}
	}
}
