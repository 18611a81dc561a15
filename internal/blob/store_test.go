package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"filodiretto/internal/clock"
	"filodiretto/internal/secret"
)

func sumOf(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// stores are all that must behave alike. FILODIRETTO_TEST_S3 may name a
// bucket of a real service, "s3://key:secret@host/bucket/PREFIX?region=R", in
// which PREFIX stands for a new name each time; without it the S3 store talks
// to the fake of fake_test.go.
func stores(t *testing.T) map[string]Store {
	t.Helper()
	dir, err := Open("dir:" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	address := strings.Replace(os.Getenv("FILODIRETTO_TEST_S3"), "PREFIX", secret.Token(6), 1)
	if address == "" {
		server := httptest.NewServer(newFakeS3("bucket"))
		t.Cleanup(server.Close)
		address = "s3://AK:SK@" + strings.TrimPrefix(server.URL, "http://") + "/bucket/some/prefix?insecure=true&region=it-1"
	}
	s3, err := Open(address)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]Store{"dir": dir, "s3": s3}
}

func put(t *testing.T, s Store, body []byte) string {
	t.Helper()
	sum, size, err := s.Put(t.Context(), bytes.NewReader(body))
	if err != nil || sum != sumOf(body) || size != int64(len(body)) {
		t.Fatalf("Put gave %s, %d, %v", sum, size, err)
	}
	return sum
}

func read(t *testing.T, s Store, sum string) []byte {
	t.Helper()
	r, err := s.Open(t.Context(), sum)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return body
}

func list(t *testing.T, s Store) map[string]Info {
	t.Helper()
	all := map[string]Info{}
	if err := s.Walk(t.Context(), func(i Info) error { all[i.Sum] = i; return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestStore(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			if err := s.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			bodies := [][]byte{nil, []byte("a"), bytes.Repeat([]byte("delibera "), 40_000)}
			for _, body := range bodies {
				sum := put(t, s, body)
				if got := read(t, s, sum); !bytes.Equal(got, body) {
					t.Fatalf("%d bytes came back as %d", len(body), len(got))
				}
				if put(t, s, body) != sum {
					t.Error("the same bytes got another name")
				}
			}
			all := list(t, s)
			if len(all) != len(bodies) {
				t.Errorf("%d blobs, want %d", len(all), len(bodies))
			}
			for _, body := range bodies {
				info, ok := all[sumOf(body)]
				if age := (clock.System{}).Now().Sub(info.Modified); !ok || info.Size != int64(len(body)) || age < -5e9 || age > 3600e9 {
					t.Errorf("Walk tells %+v", info)
				}
			}
			checkDiscard(t, s, bodies[1])
		})
	}
}

// checkDiscard: what was discarded is out of the way and not lost, until it is
// purged; what came back in whatever way is not purged with it.
func checkDiscard(t *testing.T, s Store, body []byte) {
	t.Helper()
	ctx, sum := t.Context(), sumOf(body)
	do := func(what func(context.Context, string) error) {
		t.Helper()
		for range 2 { // the second time nothing is there
			if err := what(ctx, sum); err != nil {
				t.Fatal(err)
			}
		}
	}
	state := func(want string, seen, aside int) {
		t.Helper()
		has, err := s.Has(ctx, sum)
		if got := len(list(t, s)); got != seen || len(discarded(t, s)) != aside || !has || err != nil {
			t.Errorf("%s: %d seen, %d discarded, %v %v", want, got, len(discarded(t, s)), has, err)
		}
	}
	do(s.Purge)
	state("purge before discard", 3, 0)
	do(s.Discard)
	state("discarded", 2, 1)
	if got := read(t, s, sum); !bytes.Equal(got, body) {
		t.Error("a discarded blob cannot be opened")
	}
	state("opened", 3, 0)
	do(s.Discard)
	do(s.Restore)
	state("restored", 3, 0)
	do(s.Discard)
	put(t, s, body)
	state("put anew", 3, 1)
	do(s.Purge)
	state("purged beside the new one", 3, 0)
	do(s.Discard)
	do(s.Purge)
	if has, err := s.Has(ctx, sum); has || err != nil {
		t.Errorf("after Purge: %v, %v", has, err)
	}
	if _, err := s.Open(ctx, sum); !errors.Is(err, ErrNotFound) {
		t.Errorf("Open after Purge: %v", err)
	}
	do(s.Discard)
	do(s.Restore)
	if len(list(t, s)) != 2 {
		t.Error("Purge took more than one")
	}
}

func discarded(t *testing.T, s Store) map[string]Info {
	t.Helper()
	all := map[string]Info{}
	if err := s.WalkDiscarded(t.Context(), func(i Info) error { all[i.Sum] = i; return nil }); err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if age := (clock.System{}).Now().Sub(i.Modified); age < -5e9 || age > 3600e9 {
			t.Errorf("discarded at %v", i.Modified.Time())
		}
	}
	return all
}

func TestSeek(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789"), 10_000)
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			r, err := s.Open(t.Context(), put(t, s, body))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if end, err := r.Seek(0, io.SeekEnd); end != int64(len(body)) || err != nil {
				t.Errorf("the end is at %d, %v", end, err)
			}
			if _, err := r.Seek(54_321, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			if rest, err := io.ReadAll(r); err != nil || !bytes.Equal(rest, body[54_321:]) {
				t.Errorf("from the middle: %d bytes, %v", len(rest), err)
			}
			if _, err := r.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			if all, err := io.ReadAll(r); err != nil || !bytes.Equal(all, body) {
				t.Errorf("once more from the start: %d bytes, %v", len(all), err)
			}
		})
	}
}

func TestNamesAreChecked(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			for _, bad := range []string{
				"", "a", "../../../etc/passwd", strings.Repeat("A", 64), strings.Repeat("g", 64), strings.Repeat("a", 63),
				"../" + strings.Repeat("a", 61), strings.Repeat("a", 32) + "/" + strings.Repeat("a", 31),
			} {
				_, openErr := s.Open(t.Context(), bad)
				_, hasErr := s.Has(t.Context(), bad)
				for _, err := range []error{openErr, hasErr, s.Discard(t.Context(), bad), s.Restore(t.Context(), bad), s.Purge(t.Context(), bad)} {
					if !errors.Is(err, ErrName) {
						t.Errorf("%q: %v", bad, err)
					}
				}
			}
		})
	}
}

func TestFailedReaderLeavesNothing(t *testing.T) {
	broken := errors.New("connection reset")
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			half := io.MultiReader(strings.NewReader(strings.Repeat("x", 100_000)), iotest.ErrReader(broken))
			if sum, _, err := s.Put(t.Context(), half); !errors.Is(err, broken) || sum != "" {
				t.Errorf("%q, %v", sum, err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, _, err := s.Put(ctx, strings.NewReader("x")); !errors.Is(err, context.Canceled) {
				t.Errorf("with a context that ended: %v", err)
			}
			if all := list(t, s); len(all) != 0 {
				t.Errorf("left: %v", all)
			}
		})
	}
}

func TestPutsOfTheSameAtOnce(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			var wg sync.WaitGroup
			for i := range 16 {
				body := bytes.Repeat([]byte{byte(i % 4)}, 100_000)
				wg.Go(func() {
					sum, _, err := s.Put(t.Context(), iotest.HalfReader(bytes.NewReader(body)))
					if err != nil || sum != sumOf(body) {
						t.Errorf("%s, %v", sum, err)
						return
					}
					r, err := s.Open(t.Context(), sum)
					if err != nil {
						t.Errorf("open: %v", err)
						return
					}
					defer r.Close()
					if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, body) {
						t.Errorf("read back %d bytes, %v", len(got), err)
					}
				})
			}
			wg.Wait()
			if all := list(t, s); len(all) != 4 {
				t.Errorf("%d blobs of 4", len(all))
			}
		})
	}
}

func TestWalkStops(t *testing.T) {
	enough := errors.New("enough")
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			put(t, s, []byte("a"))
			put(t, s, []byte("b"))
			calls := 0
			err := s.Walk(t.Context(), func(Info) error { calls++; return enough })
			if calls != 1 || !errors.Is(err, enough) {
				t.Errorf("%d calls, %v", calls, err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := s.Walk(ctx, func(Info) error { return nil }); !errors.Is(err, context.Canceled) {
				t.Errorf("with a context that ended: %v", err)
			}
		})
	}
}

func TestS3NamesWhatIsWrong(t *testing.T) {
	server := httptest.NewServer(newFakeS3("other"))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	for _, c := range []struct{ address, want string }{
		{"s3://AK:hunter2@" + host + "/bucket?insecure=true&region=x", "bucket does not exist"},
		{"s3://XX:hunter2@" + host + "/other?insecure=true&region=x", "check"},
	} {
		s, err := Open(c.address)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Check: %v", err)
		}
		if _, err := s.Has(t.Context(), sumOf(nil)); err == nil {
			t.Error("a bucket that cannot be used says that a blob is simply not there")
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, bad := range []string{"", "x", "ftp://h", "dir:", "s3://hunter2", "s3://AK:hunter2@host", "s3://AK:hun%ter2@h/b", "s3://AK:hunter2@h/b?regoin=x", "s3://AK:hunter2@h:x/b"} {
		s, err := Open(bad)
		if err == nil {
			t.Errorf("%q opens as %T", bad, s)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
}
