package inbox

import (
	"context"
	"fmt"

	"filodiretto/internal/db"
)

// takeNumbers reserves n case numbers of a year and returns the first. They are
// given within the transaction that opens the cases, so none is left out.
func takeNumbers(ctx context.Context, tx *db.Tx, year, n int) (int64, error) {
	var last int64
	err := tx.NewRaw(`INSERT INTO case_numbers (year, last) VALUES (?, ?)
		ON CONFLICT (year) DO UPDATE SET last = case_numbers.last + excluded.last RETURNING last`, year, n).Scan(ctx, &last)
	if err != nil {
		return 0, fmt.Errorf("take case numbers: %w", err)
	}
	return last - int64(n) + 1, nil
}
