package inbox

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"filodiretto/internal/db"
)

// What is wrong with the database, or was lost to others at the same rows each time that it
// was tried, is no message's fault: it waits and does not go to quarantine (mail rule 23).
func TestABusyDatabaseIsNoFaultOfAMessage(t *testing.T) {
	for _, x := range []struct {
		err  error
		want bool
	}{
		{&pgconn.PgError{Code: "40P01"}, true},
		{&pgconn.PgError{Code: "40001"}, true},
		{db.ErrStale, true},
		{&pgconn.PgError{Code: "23514"}, false},
		{errors.New("a row"), false},
	} {
		if got := isOutage(fmt.Errorf("file: write: %w", x.err)); got != x.want {
			t.Errorf("%v: %v", x.err, got)
		}
	}
}
