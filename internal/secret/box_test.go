package secret

import (
	"bytes"
	"errors"
	"testing"
)

func testBox(t testing.TB, fill ...byte) *Box {
	t.Helper()
	var keys [][]byte
	for _, b := range fill {
		keys = append(keys, bytes.Repeat([]byte{b}, KeySize))
	}
	box, err := NewBox(keys[0], keys[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func TestSealOpen(t *testing.T) {
	box := testBox(t, 1)
	place := Place("channel_account", 7, "settings")
	for _, plain := range [][]byte{nil, []byte("a"), bytes.Repeat([]byte("segreto "), 10000)} {
		sealed := box.Seal(plain, place)
		got, err := box.Open(sealed, place)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes come back as %d, %v", len(plain), len(got), err)
		}
		if again := box.Seal(plain, place); bytes.Equal(sealed, again) {
			t.Error("the same text seals to the same bytes: the nonce repeats")
		}
		if len(plain) > 1 && bytes.Contains(sealed, plain[:8]) {
			t.Error("the sealed value holds the text")
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	box := testBox(t, 1)
	place := Place("operator", 1, "totp")
	sealed := box.Seal([]byte("secret"), place)
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 0x40
		if got, err := box.Open(bad, place); err == nil || got != nil {
			t.Fatalf("byte %d changed, and it opens", i)
		}
		if _, err := box.Open(sealed[:i], place); !errors.Is(err, ErrSealed) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	for _, elsewhere := range []string{Place("operator", 2, "totp"), Place("operator", 1, "note"), Place("account", 1, "totp"), ""} {
		if _, err := box.Open(sealed, elsewhere); !errors.Is(err, ErrSealed) {
			t.Errorf("opens at %q: %v", elsewhere, err)
		}
	}
}

func TestRotation(t *testing.T) {
	old, rotated, foreign := testBox(t, 1), testBox(t, 2, 1), testBox(t, 3)
	sealed := old.Seal([]byte("secret"), "p")
	if got, err := rotated.Open(sealed, "p"); err != nil || string(got) != "secret" {
		t.Errorf("rotated key does not open: %v", err)
	}
	if !rotated.Stale(sealed) || old.Stale(sealed) {
		t.Error("Stale does not tell old from current")
	}
	if fresh := rotated.Seal([]byte("x"), "p"); rotated.Stale(fresh) {
		t.Error("the rotated box seals under the old key")
	} else if _, err := old.Open(fresh, "p"); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("want ErrUnknownKey, got %v", err)
	}
	if _, err := foreign.Open(sealed, "p"); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("want ErrUnknownKey, got %v", err)
	}
}

func TestDerivedKeys(t *testing.T) {
	box := testBox(t, 1)
	a, b := box.Key("session"), box.Key("status link")
	if len(a) != KeySize || bytes.Equal(a, b) || !bytes.Equal(a, testBox(t, 1).Key("session")) {
		t.Error("keys are not stable and distinct by purpose")
	}
	if bytes.Equal(a, testBox(t, 2).Key("session")) || bytes.Equal(a, derive(box.keys[0].master, "seal")) {
		t.Error("keys do not depend on the master key, or repeat the sealing key")
	}
	for _, n := range []int{0, 16, 31, 33} {
		if _, err := NewBox(make([]byte, n)); err == nil {
			t.Errorf("a master key of %d bytes is taken", n)
		}
	}
}

func FuzzOpen(f *testing.F) {
	box := testBox(f, 1)
	f.Add([]byte{}, "p")
	f.Add(box.Seal([]byte("x"), "p"), "p")
	f.Add(box.Seal(nil, "p")[:20], "p")
	f.Fuzz(func(t *testing.T, sealed []byte, place string) {
		if plain, err := box.Open(sealed, place); (err == nil) != (plain != nil || len(sealed) == sealedMin) {
			t.Errorf("plain %v with error %v", plain, err)
		}
	})
}
