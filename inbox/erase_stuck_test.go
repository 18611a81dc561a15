package inbox

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"filodiretto/internal/blob"
)

// stuckStore is a store that cannot put one file aside.
type stuckStore struct {
	blob.Store
	sum string
}

func (s stuckStore) Discard(ctx context.Context, sum string) error {
	if sum == s.sum {
		return errors.ErrUnsupported
	}
	return s.Store.Discard(ctx, sum)
}

// A file that cannot be taken away is said, and keeps nothing else in the store.
func TestAnErasedFileThatIsStuckKeepsNoOther(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		x := newErasure(t, e)
		store, sum := e.blobs, ""
		for _, who := range []string{"ada", "bea"} {
			file := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte(who+" 0123456789\n"), 9000)...)
			e.arrive(e.mail, parcelOf(who+"@posta.example", who+"@posta.example", "Modulo", "Ecco.", "modulo.pdf", file))
			if who == "ada" {
				must(t, e.db.Read.NewRaw("SELECT sha256 FROM parts WHERE size > 100000").Scan(t.Context(), &sum))
				e.blobs = stuckStore{store, sum}
			}
			must(t, e.Erase(t.Context(), e.giulia, e.lastIn(t).ID, EraseAsked, "x"))
			e.manual.Advance(erasedFor)
		}
		if _, err := e.FinishErasing(t.Context()); !errors.Is(err, errors.ErrUnsupported) {
			t.Error("nobody is told:", err)
		}
		var left []string
		must(t, e.db.Read.NewRaw("SELECT what FROM erasing WHERE aside_at = 0").Scan(t.Context(), &left))
		if len(left) != 1 || left[0] != sum {
			t.Error("not aside:", strings.Join(left, " "))
		}
		e.blobs = store
		_, err := e.FinishErasing(t.Context())
		must(t, err)
		x.finished()
	})
}
