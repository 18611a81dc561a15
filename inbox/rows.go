package inbox

import (
	"database/sql"
	"errors"
)

// notFound turns "no rows" into ErrNotFound and leaves other errors as they are.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
